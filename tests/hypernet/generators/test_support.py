from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

import pytest

from hypernet.training.generators.grammar import expand
from hypernet.training.generators.support import tasks as support
from hypernet.training.generators.support import words as support_words

if TYPE_CHECKING:
    from hypernet.training.generators.common import Drawn, GeneratedTask

TASKS = {task.name: task for task in support.tasks()}
each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def draws(task: GeneratedTask, count: int = 300, seed: int = 1) -> list[Drawn]:
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    return [task.draw(rng) for _ in range(count)]


@each_task
def test_inputs_differ_enough_for_a_training_set(task: GeneratedTask) -> None:
    assert len({drawn.input for drawn in draws(task)}) >= 240
    assert len(task.data(1000, seed=3).instances) == 1000


@each_task
def test_no_slot_or_alternative_is_left_in_the_text(task: GeneratedTask) -> None:
    assert not any(mark in drawn.input for drawn in draws(task) for mark in "{}[]|")


@each_task
def test_every_label_is_drawn_about_equally_often(task: GeneratedTask) -> None:
    if task.labels:
        counts = [sum(d.output == label for d in draws(task, 900)) for label in task.labels]
        assert sum(counts) == 900
        assert min(counts) > 0.55 * 900 / len(counts)


def test_there_are_many_intents_and_each_can_be_said_in_many_ways() -> None:
    assert len(support_words.INTENTS) >= 40
    rng = random.Random(2)  # noqa: S311  # sampling, not secrets
    for skeletons in support_words.INTENTS.values():
        said = {expand(rng, rng.choice(skeletons), support_words.SLOTS) for _ in range(200)}
        assert len(said) >= 25


def test_no_request_is_said_under_two_intents_of_one_set() -> None:
    for name, task in TASKS.items():
        if name.startswith("support_intent"):
            labels: dict[str, str] = {}
            for drawn in draws(task, 3000):
                assert labels.setdefault(drawn.input, drawn.output) == drawn.output


def test_the_record_of_a_ticket_repeats_what_stands_in_it() -> None:
    for drawn in draws(TASKS["support_ticket_json"]):
        record = json.loads(drawn.output)
        assert record["customer"] in drawn.input
        assert re.search(rf"\b{record['number']}\b", drawn.input)
        assert record["department"] in TASKS["support_ticket_routing"].labels
