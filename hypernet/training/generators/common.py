"""What every generator gives: tasks whose instances are drawn, right by construction.

Knows nothing of models or training.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hypernet.task import Task
from hypernet.training.data import Instance, TaskData

if TYPE_CHECKING:
    from collections.abc import Callable

LICENCE = "generated"
MOST_TRIES = 20


class Drawn(NamedTuple):
    """One instance."""

    input: str
    output: str


@dataclass(frozen=True)
class GeneratedTask:
    """A task with its wordings and the way to draw instances of it."""

    name: str
    wordings: tuple[str, ...]
    draw: Callable[[random.Random], Drawn]
    labels: tuple[str, ...] = ()

    def data(self, count: int, seed: int) -> TaskData:
        """So many instances with different inputs; the same seed gives the same ones.

        Raises:
            ValueError: the generator repeats itself so much that it cannot give as many.
        """
        rng = random.Random(f"{self.name}-{seed}")  # noqa: S311  # sampling, not secrets
        found: dict[str, str] = {}
        for _ in range(count * MOST_TRIES):
            if len(found) == count:
                break
            drawn = self.draw(rng)
            found.setdefault(drawn.input, drawn.output)
        else:
            raise ValueError(f"{self.name}: only {len(found)} different inputs of {count}")
        return TaskData(
            name=self.name,
            task=Task(self.wordings[0], self.labels),
            instances=tuple(Instance(text, (answer,)) for text, answer in found.items()),
            license=LICENCE,
            paraphrases=self.wordings[1:],
        )
