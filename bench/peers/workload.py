"""What all engines are given: texts of an exact number of tokens, and the adapters of many tasks.

Everything follows from a number, so that each round can have texts and tasks of its own that no
engine has seen.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.peers import Call
from hypernet.task import Task

if TYPE_CHECKING:
    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.chat import ChatFormat
    from hypernet.base_model.loading import BaseModel

QUESTION = "Describe the old harbour of a small town and the people who work there."
ASKS = (
    "Decide which team should answer",
    "Summarise in one sentence",
    "List all amounts of money in",
    "Say whether the tone is friendly or angry in",
    "Name the governing law of",
    "Extract the dates from",
    "Rewrite in plain words",
    "Point out what is missing in",
)
THINGS = (
    "the customer's letter", "the contract's clause", "the quarterly report",
    "the review of a product", "the bug report", "the discharge letter", "the minutes of a meeting",
)  # fmt: skip
WHO = ("The supplier", "Our auditor", "The tenant", "A second reader", "The board", "Its director")
DID = ("accepted", "questioned", "delayed", "signed", "returned", "described", "paid for")
WHAT = (
    "the revised offer", "an invoice of {n} euros", "the delivery of {n} parts", "article {n}",
    "the repair of pump {n}", "a report on the winter season", "the terms of the loan",
)  # fmt: skip
WHEN = ("on the {d}th of March", "within {d} days", "after the second notice", "without any delay")


def task(number: int) -> Task:
    """A task that has no other number's description."""
    ask, thing = ASKS[number % len(ASKS)], THINGS[number // len(ASKS) % len(THINGS)]
    return Task(f"{ask} {thing} that the office received today as number {number}.")


def renamed(adapter: Adapter, name: object) -> Adapter:
    """The same weights as an adapter that no engine has installed yet."""
    return replace(adapter, digest=f"{adapter.digest}-{name}")


def endless(base: BaseModel) -> BaseModel:
    """The base with an end token that it never says, so that every answer has its full length.

    Raises:
        ValueError: the tokenizer has no added token to spare.
    """
    tokenizer = copy.deepcopy(base.tokenizer)
    used = set(tokenizer.all_special_tokens)
    spare = [str(t) for t in tokenizer.added_tokens_decoder.values() if str(t) not in used]
    if not spare:
        raise ValueError("the tokenizer has no unused token that could stand for the end")
    tokenizer.eos_token = spare[-1]
    return replace(base, tokenizer=tokenizer)


@dataclass(frozen=True)
class Workload:
    """Texts and calls for one tokenizer."""

    chat: ChatFormat

    def question(self, adapter: Adapter | None) -> Call:
        """A plain question with a long answer."""
        return self._call("", QUESTION, adapter)

    def call(self, tokens: int, seed: int, adapter: Adapter | None, prefix: str = "") -> Call:
        """A call whose prompt, its markup and prefix included, has exactly `tokens` tokens."""
        head = len(self.chat.prefix_ids(prefix)) + len(self.chat.step_ids(""))
        return self._call(prefix, self.text(tokens - head, seed), adapter)

    def text(self, tokens: int, seed: int) -> str:
        """Prose of exactly `tokens` tokens, another one for each seed.

        Raises:
            ValueError: no text was found that has exactly as many.
        """
        rng = random.Random(seed)  # noqa: S311  # texts, not secrets
        words: list[str] = []
        while self.chat.count(" ".join(words)) <= tokens:
            words += _sentence(rng).split()
        few, many = 0, len(words)
        while many - few > 1:
            middle = (few + many) // 2
            if self.chat.count(" ".join(words[:middle])) <= tokens:
                few = middle
            else:
                many = middle
        text = " ".join(words[:few])
        while self.chat.count(text) < tokens:
            text += " and"
        if self.chat.count(text) != tokens:
            raise ValueError(f"no text of exactly {tokens} tokens was found")
        return text

    def _call(self, prefix: str, text: str, adapter: Adapter | None) -> Call:
        ids = [tuple(self.chat.prefix_ids(prefix)), tuple(self.chat.step_ids(text))]
        return Call(prefix, text, adapter, *ids)


def _sentence(rng: random.Random) -> str:
    parts: list[Any] = [rng.choice(of) for of in (WHO, DID, WHAT, WHEN)]
    return " ".join(parts).format(n=rng.randint(11, 9999), d=rng.randint(4, 19)) + "."
