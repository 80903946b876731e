"""The chat markup around a step, and an input with its answer, as token ids.

Taken from the tokenizer's own template, without the system prompt that some templates add by
themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypernet.kept import KeptTokenizer, own_backend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.task import Turn

_USER = "\N{SYMBOL FOR START OF TEXT}user\N{SYMBOL FOR END OF TEXT}"
_ANSWER = "\N{SYMBOL FOR START OF TEXT}answer\N{SYMBOL FOR END OF TEXT}"
_NEXT = "\N{SYMBOL FOR START OF TEXT}next\N{SYMBOL FOR END OF TEXT}"
_SYSTEM = "\N{SYMBOL FOR START OF TEXT}system\N{SYMBOL FOR END OF TEXT}"


@dataclass(frozen=True)
class Markup:
    """What a template puts around a user's text, as text and as token ids.

    `head` before the first one, `tail` between the last one and its answer; between earlier ones
    and their answers `answer`, and `between` behind these answers, up to the next user's text.
    """

    head: str
    tail: str
    answer: str
    between: str
    head_ids: Sequence[int]
    tail_ids: Sequence[int]
    answer_ids: Sequence[int]
    between_ids: Sequence[int]

    @classmethod
    def of(cls, tokenizer: Any) -> Markup:
        """Read the template of a transformers tokenizer; none means plain text."""
        if tokenizer.chat_template:
            head, tail = _render(tokenizer).split(_USER)
            answer, between = _around_answer(tokenizer) or (tail, f"{tokenizer.eos_token}{head}")
        else:
            head, tail = tokenizer.bos_token or "", "\n"
            answer, between = tail, "\n"
        texts = (head, tail, answer, between)
        ids = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
        return cls(*texts, *ids)


@dataclass(frozen=True)
class ChatFormat:
    """Token ids around a user turn and those before it.

    Only the markup may hold control tokens: the same characters in a user's text are read as the
    plain text they are.
    """

    tokenizer: Any
    plain: Any
    markup: Markup

    @classmethod
    def of(cls, tokenizer: Any) -> ChatFormat:
        """Of a transformers tokenizer, or of what is kept of one."""
        if isinstance(tokenizer, KeptTokenizer):
            return cls(tokenizer, tokenizer.plain, Markup(**tokenizer.facts["markup"]))
        plain = own_backend(tokenizer)
        plain.encode_special_tokens = True
        return cls(tokenizer, plain, Markup.of(tokenizer))

    @property
    def head(self) -> str:
        """The markup before a user's text."""
        return self.markup.head

    @property
    def tail(self) -> str:
        """The markup behind it, up to where an answer begins."""
        return self.markup.tail

    def prefix_ids(self, task_text: str, history: Sequence[Turn] = ()) -> list[int]:
        """Ids of everything before the step's own text, behind those of the history."""
        return [*(() if history else self.markup.head_ids), *self._text(task_text)]

    def history_ids(self, turns: Sequence[Turn]) -> list[int]:
        """Ids of earlier turns, up to where the next user's text begins.

        Those of the first turns alone are their beginning.
        """
        markup = self.markup
        ids = [*markup.head_ids] if turns else []
        for turn in turns:
            ids += [*self._text(turn.user), *markup.answer_ids]
            ids += [*self._text(turn.answer), *markup.between_ids]
        return ids

    def input_ids(self, text: str) -> list[int]:
        """Ids of the step's own text."""
        return self._text(text)

    def invocation_ids(self) -> list[int]:
        """Ids of the markup between a step's own text and its answer: here adapters set in."""
        return list(self.markup.tail_ids)

    def step_ids(self, text: str) -> list[int]:
        """Ids of the step's own text up to where the answer begins."""
        return [*self.input_ids(text), *self.invocation_ids()]

    def answer_ids(self, text: str) -> list[int]:
        """Ids of an answer, its end mark included."""
        return [*self._text(text), int(self.tokenizer.eos_token_id)]

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._text(text))

    def _text(self, text: str) -> list[int]:
        return list(self.plain.encode(text, add_special_tokens=False).ids)


def _render(tokenizer: Any) -> str:
    user = {"role": "user", "content": _USER}
    alone = _apply(tokenizer, [user])
    system = {"role": "system", "content": _SYSTEM}
    try:
        opening = tokenizer.apply_chat_template([system], tokenize=False)
        whole = _apply(tokenizer, [system, user])
    except Exception:  # templates raise what they like when they refuse a system turn
        return alone
    if not whole.startswith(opening):
        return alone
    # What an explicit system turn adds is cut off again, and with it the template's own default.
    bos = tokenizer.bos_token or ""
    cut = whole[len(opening) :]
    return bos + cut if bos and opening.startswith(bos) and not cut.startswith(bos) else cut


def _around_answer(tokenizer: Any) -> tuple[str, str] | None:
    """What stands before and behind an earlier answer; None where the template has it otherwise."""
    turns = [("user", _USER), ("assistant", _ANSWER), ("user", _NEXT)]
    try:
        whole = _apply(tokenizer, [{"role": role, "content": text} for role, text in turns])
        before, rest = whole.split(_USER)[1].split(_ANSWER)
        return before, rest.split(_NEXT)[0]
    except Exception:  # as above; or a template that does not show each of them once
        return None


def _apply(tokenizer: Any, messages: list[dict[str, str]]) -> str:
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


@dataclass(frozen=True)
class Sample:
    """One training example as token ids.

    The base alone reads the input; the adapter acts on what follows it.
    """

    input_ids: tuple[int, ...]
    invocation_ids: tuple[int, ...]
    """The chat markup between input and answer."""
    answer_ids: tuple[int, ...]

    @property
    def acted_ids(self) -> tuple[int, ...]:
        """What the adapter acts on: the markup, and the answer but its last token."""
        return (*self.invocation_ids, *self.answer_ids[:-1])

    def with_input_acted_on(self) -> Sample:
        """The same where the adapter acts on the input too."""
        return Sample((), (*self.input_ids, *self.invocation_ids), self.answer_ids)
