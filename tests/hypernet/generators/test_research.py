from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from hypernet.training.generators.research import cases as research_cases
from hypernet.training.generators.research import tasks as research
from hypernet.training.generators.research import words as research_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.training.generators.common import Drawn, GeneratedTask

TASKS = {task.name: task for task in research.tasks()}
each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def draws(task: GeneratedTask, count: int = 300, seed: int = 1) -> list[Drawn]:
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    return [task.draw(rng) for _ in range(count)]


def in_order(steps: Sequence[str]) -> bool:
    """Whether each reference points to an earlier step."""
    return all(
        int(number) <= place
        for place, step in enumerate(steps)
        for number in re.findall(r"#(\d)", step)
    )


@each_task
def test_no_slot_or_alternative_is_left_in_the_text(task: GeneratedTask) -> None:
    found = draws(task)
    assert not any(m in text for d in found for text in (d.input, d.output) for m in "{}[]|")


@each_task
def test_every_label_is_drawn_about_equally_often(task: GeneratedTask) -> None:
    if task.labels:
        counts = [sum(d.output == label for d in draws(task, 900)) for label in task.labels]
        assert sum(counts) == 900
        assert min(counts) > 0.55 * 900 / len(counts)


def test_the_answer_about_a_life_follows_from_the_years() -> None:
    rng = random.Random(6)  # noqa: S311  # sampling, not secrets
    for _ in range(200):
        case = research_cases._lifetime(rng)
        born, died = map(int, re.findall(r"\b\d{4}\b", case.facts[0]))
        year = int(re.findall(r"\b\d{4}\b", case.facts[1])[-1])
        assert case.yes == (born <= year <= died)


def test_the_answer_about_an_age_follows_from_the_years() -> None:
    rng = random.Random(7)  # noqa: S311  # sampling, not secrets
    for _ in range(200):
        case = research_cases._of_age(rng)
        limit = int(re.findall(r"\b\d{2}\b", case.facts[0])[0])
        born, year = (int(re.findall(r"\b\d{4}\b", t)[0]) for t in (case.facts[1], case.question))
        assert case.yes == (year - born >= limit)


def test_the_answer_about_a_density_follows_from_the_number() -> None:
    rng = random.Random(8)  # noqa: S311  # sampling, not secrets
    for _ in range(300):
        case = research_cases._material(rng)
        if "density" in case.facts[1]:
            density = float(re.findall(r"\d+\.?\d*(?= g/cm3)", case.facts[1])[0])
            assert case.yes == ((density < 1) == ("float" in case.question))


def test_comparisons_answer_both_kinds_of_question_by_the_two_numbers() -> None:
    rng = random.Random(9)  # noqa: S311  # sampling, not secrets
    for kind in research_words.COMPARISONS:
        assert not set(kind.yes_if_more) & set(kind.yes_if_less)
    for _ in range(300):
        case = research_cases._compared(rng)
        if match := re.search(r"meters tall|shorter than|taller than", case.question):
            numbers = [int(re.findall(r"\b\d+\b", fact)[-1]) for fact in case.facts]
            assert case.yes == ((numbers[0] > numbers[1]) == ("taller" in match.group()))


def test_an_open_case_lacks_a_fact_that_stood_in_the_text() -> None:
    rng = random.Random(10)  # noqa: S311  # sampling, not secrets
    for _ in range(100):
        case = research._open_case(rng)
        assert case.private


def test_every_plan_refers_only_to_earlier_steps_and_uses_them() -> None:
    for drawn in draws(TASKS["research_decomposition"]):
        steps = drawn.output.split(" ; ")
        assert 2 <= len(steps) <= 4
        assert in_order(steps)
        assert "#" in steps[-1]


def test_a_plan_is_called_invalid_just_when_a_step_comes_too_early() -> None:
    for drawn in draws(TASKS["research_plan_valid"]):
        assert in_order(drawn.input.split(" ; ")) == (drawn.output == "valid")


def test_a_claim_without_information_names_an_outcome_that_the_abstract_does_not() -> None:
    outcomes = research_words.STUDY_SLOTS["outcome"]
    for drawn in draws(TASKS["research_claim"]):
        counts = [drawn.input.lower().count(outcome.lower()) for outcome in outcomes]
        told_twice = any(count >= 2 for count in counts)
        assert told_twice == (drawn.output != "not enough info")


def test_the_last_step_compares_dates_in_the_direction_of_the_question() -> None:
    for drawn in draws(TASKS["research_decomposition"], 2000):
        last = drawn.output.split(" ; ")[-1]
        if match := re.search(
            r"more recent than|newer invention|older than|earlier invention", drawn.input
        ):
            later = match.group().startswith(("more recent", "newer"))
            assert later == ("after" in last or "later" in last)


def test_a_plan_names_the_things_of_its_question() -> None:
    for drawn in draws(TASKS["research_decomposition"], 500):
        for name in research_words.STEP_SLOTS["person"] + research_words.STEP_SLOTS["invention"]:
            assert (name in drawn.output) <= (name.lower() in drawn.input.lower())
