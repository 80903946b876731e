"""The demo's agent against a server that answers by the book, or does not."""

from __future__ import annotations

from typing import Any, cast

import anyio
import pytest
from competitive_fakes import QUALITY, RIVALS, FakeDisplay, FakeLink, row, status, step_result

from examples.agent.errors import ExampleError
from examples.competitive_intel.agent import KILL_AFTER, Agent, Run, agrees, make_row
from examples.competitive_intel.plan import make_plan

STEP = make_plan(RIVALS).steps[KILL_AFTER - 1]


def agent(run: Run, **answers: dict[str, Any]) -> tuple[Agent, FakeLink, FakeDisplay]:
    link, display = FakeLink(**answers), FakeDisplay()
    return Agent(cast("Any", link), display, run, 60.0, poll_seconds=0.0), link, display


def session(steps: int, checkpoint: str | None) -> dict[str, Any]:
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
    one, _, _ = agent(Run(session="s", checkpoints={"c3": 3, "c6": 6}), status=session(7, "c6"))
    assert anyio.run(one.find_checkpoint) == 6


def test_without_a_checkpoint_every_step_is_sent_again() -> None:
    """A server that checkpoints less often has none yet."""
    one, _, _ = agent(Run(session="s"), status=session(7, None))
    assert anyio.run(one.find_checkpoint) == 0


@pytest.mark.parametrize(
    ("answer", "message"),
    [(session(6, "c6"), "6 survived the kill"), (session(7, "c9"), "never announced")],
)
def test_a_session_that_does_not_continue_the_job_ends_the_demo(
    answer: dict[str, Any], message: str
) -> None:
    """An acknowledged step is never lost."""
    one, _, _ = agent(Run(session="s", checkpoints={"c6": 6}), status=answer)
    with pytest.raises(ExampleError, match=message):
        anyio.run(one.find_checkpoint)


def test_the_named_tasks_are_saved_first_and_the_first_one_opens_the_session_once_learned() -> None:
    """Its adapter is written when the session opens, and the step does not set it again."""
    plan = make_plan(RIVALS)
    adapter = {"cached": False, "generation_ms": 3.0}
    run = Run()
    one, link, display = agent(
        run,
        save_task={},
        status=status(["intel-area"]),
        set_task={"session_id": "s", "adapter": adapter, "quality": QUALITY},
        remember={"stored": 1},
        run_step=step_result(1, "web", replayed=False),
    )
    anyio.run(one.begin, plan)
    anyio.run(one.take, plan.steps[0])
    tools = [tool for tool, _ in link.calls]
    assert tools == [*["save_task"] * 4, "status", "set_task", *["remember"] * 6, "run_step"]
    saved = [sent["name"] for tool, sent in link.calls if tool == "save_task"]
    assert saved == ["intel-area", "intel-licence", "intel-python", "intel-maturity"]
    (task,) = [sent for tool, sent in link.calls if tool == "set_task"]
    assert (task["name"], "task" in task, "examples" in task) == ("intel-area", False, False)
    assert run.session == "s"
    assert run.remembered == 6
    assert run.learned == {"intel-area": QUALITY}
    assert any("prompted 3, both 16; both serves" in line for line in display.lines)
    assert display.rows[0].adapter_cached is False
    assert display.rows[0].answered_by == "both"
    assert display.rows[0].confidence == 0.75


def test_a_task_is_waited_for_once_and_the_wait_says_what_is_learned() -> None:
    """A later step of the same task finds it as it was."""
    plan = make_plan(RIVALS)
    licences = [step for step in plan.steps if step.kind == "licence"]
    run = Run(session="s")
    one, link, display = agent(
        run,
        status=status(["intel-licence"], "intel-area: held-out part 1 of 4"),
        set_task={"session_id": "s", "adapter": None, "quality": QUALITY},
        run_step=step_result(licences[0].number, "yes", replayed=False),
    )
    anyio.run(one.take, licences[0])
    link.answers["run_step"] = step_result(licences[1].number, "yes", replayed=False)
    anyio.run(one.take, licences[1])
    assert [tool for tool, _ in link.calls].count("status") == 1
    assert any("learning intel-area: held-out part 1" in line for line in display.lines)


def test_a_task_that_is_not_learned_is_named_and_does_not_hold_up_the_job() -> None:
    """Its steps run as its examples alone shape it."""
    step = make_plan(RIVALS).steps[0]
    run = Run(session="s")
    one, _, display = agent(
        run,
        status=status([]),
        set_task={"session_id": "s", "adapter": None, "quality": None},
        run_step=step_result(1, "web", replayed=False),
    )
    anyio.run(one.take, step)
    assert run.learned == {"intel-area": None}
    assert any(line.startswith("intel-area is not learned") for line in display.lines)


def test_a_task_without_a_name_is_sent_with_its_examples() -> None:
    """Sentences are not measured: their weights are trained when the task comes."""
    step = next(step for step in make_plan(RIVALS).steps if step.kind == "summary")
    one, link, _ = agent(
        Run(session="s"),
        set_task={"session_id": "s", "adapter": None, "quality": None},
        run_step=step_result(step.number, "A summary.", replayed=False),
    )
    anyio.run(one.take, step)
    assert [tool for tool, _ in link.calls] == ["set_task", "run_step"]
    assert len(link.calls[0][1]["examples"]) >= 8


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
