"""What is learned and what is asked afterwards: examples and other inputs of given tasks."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hypernet.task import Example
from hypernet.training.data import read_any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hypernet.engine.interface import Engine
    from hypernet.task import Task
    from hypernet.training.data import TaskData

MOST_LABELS = 16


@dataclass(frozen=True)
class Case:
    """A task with its examples, under one draw, and other instances of it that are asked."""

    name: str
    seed: int
    task: Task
    asked: tuple[Example, ...]

    @property
    def key(self) -> str:
        """What tells it from every other case of a run."""
        return f"{self.name} {len(self.task.examples)} {self.seed}"


def cases(
    files: Sequence[Path],
    engine: Engine,
    *,
    counts: Sequence[int],
    seeds: Sequence[int],
    ask: int,
    most_tokens: int,
) -> Iterator[Case]:
    """Every task under every draw and number of examples, as far as its instances reach.

    Args:
        files: task files or folders.
        engine: counts tokens.
        counts: numbers of examples.
        seeds: one draw each.
        ask: instances asked, at most; a task with fewer than half as many left is passed over.
        most_tokens: of an input; longer ones are left out.
    """
    for data in (task for file in files for task in read_any(file)):
        pairs = _pairs(data, engine, most_tokens)
        for seed in seeds:
            order = np.random.default_rng([seed, zlib.crc32(data.name.encode())])
            shuffled = [pairs[int(place)] for place in order.permutation(len(pairs))]
            for count in counts:
                asked = tuple(shuffled[count : count + ask])
                if 2 * len(asked) >= ask:
                    task = replace(_described(data), examples=tuple(shuffled[:count]))
                    yield Case(data.name, seed, task, asked)


def _described(data: TaskData) -> Task:
    """The task with its labels where they can be chosen from."""
    few = 2 <= len(data.task.labels) <= MOST_LABELS
    return data.task if few else replace(data.task, labels=())


def _pairs(data: TaskData, engine: Engine, most_tokens: int) -> list[Example]:
    """Each input once, with its first output."""
    first: dict[str, Example] = {}
    for one in data.instances:
        if one.input.strip() and engine.count(one.input) <= most_tokens:
            first.setdefault(one.input, Example(one.input, one.outputs[0]))
    return list(first.values())
