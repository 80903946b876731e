"""What holds for the tasks of every vertical."""

from __future__ import annotations

from importlib import import_module
from random import Random
from typing import TYPE_CHECKING

import pytest

from hypernet.training.generators import VERTICALS

if TYPE_CHECKING:
    from hypernet.training.generators.common import Drawn, GeneratedTask

TASKS = [
    task
    for vertical in VERTICALS
    for task in import_module(f"hypernet.training.generators.{vertical}.tasks").tasks()
]
DRAWN = 300
# Documents have more to vary than anything else; some tickets are short.
DIFFERENT = {"documents": 290, "support": 240}
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


def draws(task: GeneratedTask, seed: int, count: int) -> list[Drawn]:
    rng = Random(seed)  # noqa: S311  # sampling, not secrets
    return [task.draw(rng) for _ in range(count)]


def test_task_names_begin_with_their_vertical_and_differ() -> None:
    names = [task.name for task in TASKS]
    assert len(set(names)) == len(names)
    assert {name.partition("_")[0] for name in names} == set(VERTICALS)


@each_task
def test_wordings_are_at_least_26_different_ones(task: GeneratedTask) -> None:
    assert len({wording.lower() for wording in task.wordings}) == len(task.wordings) >= 26


@each_task
def test_the_same_seed_draws_the_same_and_another_seed_does_not(task: GeneratedTask) -> None:
    assert draws(task, 7, 40) == draws(task, 7, 40) != draws(task, 8, 40)


@each_task
def test_inputs_hardly_repeat_and_nothing_is_empty_or_too_long(task: GeneratedTask) -> None:
    found = draws(task, 7, DRAWN)
    least = DIFFERENT.get(task.name.partition("_")[0], 250)
    assert len({drawn.input for drawn in found}) >= least
    for drawn in found:
        assert 1 < len(drawn.input) <= 900
        assert 0 < len(drawn.output) <= 300
