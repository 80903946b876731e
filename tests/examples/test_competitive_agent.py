"""The demo's agent against a server that answers by the book, or does not."""

from __future__ import annotations

from typing import Any, cast

import anyio
import pytest
from competitive_fakes import RIVALS, FakeDisplay, FakeLink, row, step_result

from examples.agent.errors import ExampleError
from examples.competitive_intel.agent import KILL_AFTER, Agent, Run, agrees, make_row
from examples.competitive_intel.plan import make_plan

STEP = make_plan(RIVALS).steps[KILL_AFTER - 1]


def agent(run: Run, **answers: dict[str, Any]) -> tuple[Agent, FakeLink, FakeDisplay]:
    link, display = FakeLink(**answers), FakeDisplay()
    return Agent(cast("Any", link), display, run), link, display


def status(steps: int, checkpoint: str | None) -> dict[str, Any]:
    return {"sessions": [{"steps": steps, "last_checkpoint": checkpoint}]}


def test_a_replayed_step_is_sent_with_its_key_and_sets_no_task() -> None:
    """Setting a task again would write to the history."""
    run = Run(session="s", rows=[row(7, output="requests")])
    one, link, display = agent(run, run_step=step_result(7, "requests", replayed=True))
    anyio.run(one.repeat, STEP)
    assert [tool for tool, _ in link.calls] == ["run_step"]
    assert link.calls[0][1]["step_key"] == STEP.key
    assert display.rows[0].replayed
    assert run.resumed_at is None


@pytest.mark.parametrize(
    ("output", "replayed", "message"),
    [("requests", False, "ran again"), ("httpx", True, "is not what it was")],
)
def test_a_step_that_ran_again_or_changed_ends_the_demo(
    output: str, replayed: bool, message: str
) -> None:
    """The kill must lose nothing and repeat nothing."""
    run = Run(session="s", rows=[row(7, output="requests")])
    one, _, _ = agent(run, run_step=step_result(7, output, replayed=replayed))
    with pytest.raises(ExampleError, match=message):
        anyio.run(one.repeat, STEP)


def test_the_last_checkpoint_is_where_the_agent_goes_on() -> None:
    """Its step is known from when it was announced."""
    one, _, _ = agent(Run(session="s", checkpoints={"c3": 3, "c6": 6}), status=status(7, "c6"))
    assert anyio.run(one.find_checkpoint) == 6


def test_without_a_checkpoint_every_step_is_sent_again() -> None:
    """A server that checkpoints less often has none yet."""
    one, _, _ = agent(Run(session="s"), status=status(7, None))
    assert anyio.run(one.find_checkpoint) == 0


@pytest.mark.parametrize(
    ("answer", "message"),
    [(status(6, "c6"), "6 survived the kill"), (status(7, "c9"), "never announced")],
)
def test_a_session_that_does_not_continue_the_job_ends_the_demo(
    answer: dict[str, Any], message: str
) -> None:
    """An acknowledged step is never lost."""
    one, _, _ = agent(Run(session="s", checkpoints={"c6": 6}), status=answer)
    with pytest.raises(ExampleError, match=message):
        anyio.run(one.find_checkpoint)


def test_the_first_task_opens_the_session_and_is_not_set_twice() -> None:
    """The first step's adapter is written when the session opens, and shown as written."""
    plan = make_plan(RIVALS)
    opened = {"session_id": "s", "adapter": {"cached": False, "generation_ms": 3.0}}
    run = Run()
    one, link, display = agent(
        run,
        set_task=opened,
        remember={"stored": 1},
        run_step=step_result(1, "web", replayed=False),
    )
    anyio.run(one.begin, plan)
    anyio.run(one.take, plan.steps[0])
    assert [tool for tool, _ in link.calls] == ["set_task", *["remember"] * 6, "run_step"]
    assert run.session == "s"
    assert run.remembered == 6
    assert display.rows[0].adapter_cached is False
    assert display.rows[0].confidence == 0.75


def test_a_step_numbered_otherwise_ends_the_demo() -> None:
    """It would belong to another history."""
    with pytest.raises(ExampleError, match="step 7 came back as step 8"):
        make_row(STEP, None, step_result(8, "x", replayed=False))


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        ("It is 3.10.", "3.10", True),
        ("3.10", "3.1", False),
        ("13.1", "3.1", False),
        ("3.8.1", "3.8", False),
        ("yes", "yes", True),
        ("yesterday", "yes", False),
    ],
)
def test_an_answer_agrees_as_a_whole_word_or_number(
    output: str, expected: str, right: bool
) -> None:
    """3.1 is not 3.10."""
    assert agrees(output, expected) is right
