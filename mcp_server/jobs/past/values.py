"""A recorded step's prompt, part by part, and whether its record says that it is the very one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PromptPartName = Literal["turns", "task", "pinned", "retrieved", "recent", "input"]
State = Literal["here", "quarantined", "replaced", "deleted"]


@dataclass(frozen=True)
class Block:
    """A stretch of a part: an excerpt, an earlier step, or one side of an earlier turn.

    `title` says where it is from. `step` is the number of the step that it is of; of an excerpt
    there are `item_ids` and, of one that was found, the `score`. `state`: what became of it since.
    """

    text: str
    title: str
    step: int | None = None
    item_ids: tuple[int, ...] = ()
    score: float | None = None
    pinned: bool = False
    state: State = "here"


@dataclass(frozen=True)
class PromptPart:
    """A part of a prompt: its text as it stood there, and what it is made of.

    `tokens` None: not recorded; `budget` is the most that it could have. `left_out` counts what had
    no room. `missing` says in words what of it is not to be had any more.
    """

    name: PromptPartName
    text: str
    tokens: int | None = None
    budget: int | None = None
    blocks: tuple[Block, ...] = ()
    left_out: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class PastPrompt:
    """The prompt of a recorded step, made again from what the step recorded.

    `parts` are in the order in which the model read them, without empty ones of which nothing was
    left out; `whole` is the task's text, the memory in its fence and the input, as one. `same`: the
    recorded hash says that it is the very prompt; None: none was recorded.
    `changed` says in words why it is not, or may not be. `read` is False where no model read it:
    the answer came from elsewhere.
    """

    parts: tuple[PromptPart, ...]
    whole: str
    same: bool | None
    changed: tuple[str, ...] = ()
    read: bool = True

    def part(self, name: PromptPartName) -> PromptPart | None:
        """The part of that name."""
        return next((part for part in self.parts if part.name == name), None)
