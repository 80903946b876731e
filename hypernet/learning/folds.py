"""Which examples are held out when. A new example moves no other one to another fold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypernet.task import Example, Task

FEW = 24
"""Up to so many examples, each is held out in one of `FOLDS` turns; of more, one part is enough."""
FOLDS = 4
LEAST = 4
"""From so many different inputs on, some can be held out."""


def folds(task: Task) -> Iterator[tuple[list[Example], list[Example]]]:
    """Pairs of examples to learn from and those held out, both in the task's order.

    Of up to `FEW` examples every one is held out once; of more a fourth is, in a single turn.
    Each label is spread over the folds, and examples of one input are never on both sides.

    Raises:
        ValueError: there are fewer than `LEAST` different inputs.
    """
    place = _places(task)
    if len(place) < LEAST:
        raise ValueError(f"examples: {len(place)} different inputs, {LEAST} are needed to measure")
    for turn in range(FOLDS if len(place) <= FEW else 1):
        kept: list[Example] = []
        held: list[Example] = []
        for example in task.examples:
            (held if place[example.input] == turn else kept).append(example)
        if kept and held:
            yield kept, held


def _places(task: Task) -> dict[str, int]:
    """The fold of each input, by how many of its label came before it."""
    before: Counter[str] = Counter()
    place: dict[str, int] = {}
    first: dict[str, int] = {}  # labels begin at different folds, so that rare ones spread too
    for example in task.examples:
        if example.input in place:
            continue
        kind = example.output if task.labels else ""
        offset = first.setdefault(kind, len(first))
        place[example.input] = (before[kind] + offset) % FOLDS
        before[kind] += 1
    return place
