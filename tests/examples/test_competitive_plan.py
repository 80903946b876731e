"""The demo's plan, from fixed facts."""

from __future__ import annotations

import itertools

import pytest
from competitive_fakes import RIVALS, facts

from examples.agent.errors import ExampleError
from examples.competitive_intel.facts import installed
from examples.competitive_intel.plan import make_plan

STRANGERS = [facts(f"package-{letter}") for letter in "abcdef"]


@pytest.fixture(params=["rivals", "strangers", "bare", "installed"])
def distributions(request: pytest.FixtureRequest) -> list:
    bare = [facts(f"p{n}", licence="", python="", status="", version="") for n in range(6)]
    known = {"rivals": RIVALS, "strangers": STRANGERS, "bare": bare}
    return known.get(request.param) or installed()


def test_fourteen_steps_of_at_least_five_kinds_switch_tasks_each_time(distributions: list) -> None:
    """Whatever is installed."""
    steps = make_plan(distributions).steps
    assert [step.number for step in steps] == list(range(1, 15))
    assert len({step.kind for step in steps}) >= 5
    assert all(a.task != b.task for a, b in itertools.pairwise(steps))


def test_step_keys_are_unique_plain_and_short(distributions: list) -> None:
    """A key that two steps share would give one the other's answer."""
    keys = [step.key for step in make_plan(distributions).steps]
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and " " not in key and len(key) <= 64 for key in keys)


def test_an_expected_answer_is_among_the_labels(distributions: list) -> None:
    """Otherwise the model could never be right."""
    for step in make_plan(distributions).steps:
        labels = step.labels or step.task.labels
        assert step.expected is None or not labels or step.expected in labels


def test_inputs_are_short(distributions: list) -> None:
    """A small model reads them."""
    assert all(len(step.input.split()) <= 80 for step in make_plan(distributions).steps)


def test_the_order_of_the_distributions_does_not_matter() -> None:
    """Nor does anything else: equal facts give equal plans."""
    assert make_plan(RIVALS) == make_plan(RIVALS[::-1]) == make_plan(list(RIVALS))


def test_rivals_are_compared_with_rivals() -> None:
    """Known competitors go before neighbours by name."""
    compared = [step for step in make_plan(RIVALS).steps if step.kind == "compare"]
    assert [step.labels for step in compared] == [("httpx", "requests"), ("click", "typer")]
    assert [step.expected for step in compared] == ["requests", "typer"]
    assert "depends on more packages" in compared[1].task.text


def test_what_is_asked_from_memory_was_remembered_and_is_not_in_the_input() -> None:
    """The answer can only come from memory."""
    plan = make_plan(RIVALS)
    remembered = {document.source: document.text for document in plan.documents}
    asked = [step for step in plan.steps if step.kind == "ask"]
    assert len(asked) == 2
    for step in asked:
        assert step.context_tokens > 0
        assert f"What {step.subject} does." in remembered[step.subject]
        assert "does" not in step.input


def test_too_few_distributions_are_refused_with_the_number() -> None:
    """Those without a summary do not count."""
    with pytest.raises(ExampleError, match=r"needs 6 with a summary; this environment has 5"):
        make_plan([*STRANGERS[:5], facts("silent", summary="")])
