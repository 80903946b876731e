"""The job and the tasks of the code-retrieval agent, from what is installed."""

from __future__ import annotations

import itertools
from functools import cache

import pytest

from examples.agent.errors import ExampleError
from examples.coderag import plan as planning
from examples.coderag.plan import ASKED, FUNCTION_CHARS, ROOT, STEPS, Plan, make_plan
from examples.coderag.tasks import DESCRIBED, FEWEST, MOST, SOLVED, make_tasks

pytestmark = pytest.mark.slow

TASKS = cache(make_tasks)


@cache
def job(seed: int) -> Plan:
    return make_plan(seed, TASKS())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twelve_steps_of_eight_kinds_switch_tasks_each_time(seed: int) -> None:
    """Whatever the seed draws."""
    steps = job(seed).steps
    assert [step.number for step in steps] == list(range(1, 13))
    assert tuple(step.kind for step in steps) == STEPS
    assert len(set(STEPS)) == 8
    assert all(a.task != b.task for a, b in itertools.pairwise(steps))
    assert len({step.key for step in steps}) == 12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_function_is_asked_about_twice_and_none_is_in_a_solved_example(seed: int) -> None:
    """The answers are to be new ones."""
    asked = [(step.package, step.name) for step in job(seed).steps]
    assert len(set(asked)) == len(asked)
    assert len({package for package, _ in asked}) >= 7
    solved = {name.replace("-", "_") for name in (*SOLVED, *DESCRIBED)}
    assert not solved & {name.replace("-", "_") for name in ASKED}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_asked_about_stands_in_the_code_base(seed: int) -> None:
    """With its defect and its earlier version."""
    plan = job(seed)
    for step in plan.steps:
        text = plan.files[step.source.removeprefix(f"{ROOT}/")]
        if step.kind == "defect":
            assert text.count(step.expected) >= 1
        if step.kind == "compare":
            (earlier,) = step.queries[-1].sources
            assert plan.files[earlier.removeprefix(f"{ROOT}/")].strip() not in text
        if step.kind != "summarise":
            assert f"def {step.name}(" in text
    assert len({file.partition("/")[0] for file in plan.files}) >= planning.PACKAGES


def test_equal_seeds_give_equal_jobs_and_others_do_not() -> None:
    """A run can be repeated."""
    assert make_plan(1, TASKS()) == job(1)
    assert job(1).steps != job(2).steps


def test_each_task_has_eight_to_sixteen_examples_and_those_with_labels_show_every_label() -> None:
    """From so many on the server learns a task."""
    assert make_tasks() == TASKS()
    for task in TASKS().values():
        assert FEWEST <= len(task.examples) <= MOST
        assert len({given for given, _ in task.examples}) == len(task.examples)
        outputs = {output for _, output in task.examples}
        if task.labels:
            assert outputs == set(task.labels)
        if task.copy:
            assert all(output in given for given, output in task.examples)


def test_a_function_that_is_asked_about_fits_one_piece_of_memory() -> None:
    """The reader cuts longer ones."""
    assert FUNCTION_CHARS < 500


def test_too_few_packages_are_refused_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without the development packages."""
    monkeypatch.setattr(planning, "ASKED", ("click", "no-such-package-here"))
    with pytest.raises(ExampleError, match=r"needs the sources of 8 of .*; 1 are installed"):
        make_plan(1, TASKS())
