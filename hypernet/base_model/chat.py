"""The chat markup around a step: what comes before the user's text and what after it.

Taken from the tokenizer's own template, without the system prompt that some templates add by
themselves.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

_USER = "\N{SYMBOL FOR START OF TEXT}user\N{SYMBOL FOR END OF TEXT}"
_SYSTEM = "\N{SYMBOL FOR START OF TEXT}system\N{SYMBOL FOR END OF TEXT}"


@dataclass(frozen=True)
class ChatFormat:
    """Token ids around a single user turn.

    Only `head` and `tail` may hold control tokens: the same characters in a user's text are read
    as the plain text they are.
    """

    tokenizer: Any
    plain: Any
    head: str
    tail: str

    @classmethod
    def of(cls, tokenizer: Any) -> ChatFormat:
        """Read the template of a transformers tokenizer; none means plain text."""
        plain = copy.deepcopy(tokenizer.backend_tokenizer)
        plain.encode_special_tokens = True
        if not tokenizer.chat_template:
            return cls(tokenizer, plain, tokenizer.bos_token or "", "\n")
        head, tail = _render(tokenizer).split(_USER)
        return cls(tokenizer, plain, head, tail)

    def prefix_ids(self, task_text: str) -> list[int]:
        """Ids of everything before the step's own text."""
        return self._markup(self.head) + self._text(task_text)

    def input_ids(self, text: str) -> list[int]:
        """Ids of the step's own text."""
        return self._text(text)

    def invocation_ids(self) -> list[int]:
        """Ids of the markup between a step's own text and its answer: here adapters set in."""
        return self._markup(self.tail)

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

    def _markup(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False))


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


def _apply(tokenizer: Any, messages: list[dict[str, str]]) -> str:
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
