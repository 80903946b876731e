"""What is learned and what is asked afterwards: examples and other inputs of given tasks."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hypernet.task import Example
from hypernet.training.task_files import read_any

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

    Examples and what is asked are of separate halves of a task's instances, as long as the examples
    do not take more than that; without examples all of them may be asked.

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
            task = _described(data)
            halves = _halves(shuffled, labelled=bool(task.labels))
            for count in counts:
                enough = 0 < count <= len(halves[0])
                own, others = halves if enough else (shuffled[:count], shuffled[count:])
                asked = tuple(others[:ask])
                if 2 * len(asked) >= ask:
                    yield Case(data.name, seed, replace(task, examples=tuple(own[:count])), asked)


def _halves(instances: Sequence[Example], *, labelled: bool) -> tuple[list[Example], list[Example]]:
    """Those to learn from and those that are asked, each label spread over both.

    Of one pool, a label that the examples happen to have much of would be rare among the rest.
    """
    before: Counter[str] = Counter()
    halves: tuple[list[Example], list[Example]] = ([], [])
    for one in instances:
        kind = one.output if labelled else ""
        halves[before[kind] % 2].append(one)
        before[kind] += 1
    return halves


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
