"""Many inputs in one call: each a step of its own, and what holds when some cannot be had."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import KNOWN, connected
from test_running import Gate

from hypernet.engine.echo import EchoEngine
from hypernet.engine.interface import EngineClosedError, Ticket
from mcp_server.schema import limits
from mcp_server.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

SHARED = ("output", "confidence", "needs_review", "stop_reason", "replayed")


class Clock:
    """The time that deadlines are measured by, which goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("mcp_server.app.deadline.time", made)
    return made


async def test_every_input_becomes_the_step_that_run_step_makes_of_it(make_app: MakeApp, era: str):
    inputs = ["all is good", "this is bad", "so good"]
    async with connected(make_app(), era) as call:
        one = await call.begin(labels=["good", "bad"])
        alone = [
            await call("run_step", session_id=one, input=text, ask_below=0.9) for text in inputs
        ]
        many = await call.begin(labels=["good", "bad"])
        result = await call("run_steps", session_id=many, inputs=inputs, ask_below=0.9)
        status = await call("status", session_id=many)
    assert [each["step"] for each in result["steps"]] == [1, 2, 3]
    for line, step, text in zip(result["steps"], alone, inputs, strict=True):
        expected = {name: step[name] for name in SHARED if step[name] not in (None, False)}
        confidence = round(step["confidence"], 3)
        assert line == expected | {
            "n": step["step"], "input": text, "step": step["step"], "confidence": confidence,
        }  # fmt: skip
    assert result["task"] == KNOWN
    assert (result["session_id"], result["left"], result["note"]) == (many, 0, None)
    assert status["sessions"][0]["steps"] == 3


async def test_a_line_says_where_an_example_answered(make_app: MakeApp):
    shown = [{"input": "rain", "output": "wet"}]
    async with connected(make_app()) as call:
        session = await call.begin(examples=shown)
        result = await call("run_steps", session_id=session, inputs=["rain", "sun"])
    assert [each.get("answered_by") for each in result["steps"]] == ["example", None]
    assert [each["output"] for each in result["steps"]] == ["wet", "sun"]


async def test_progress_counts_the_inputs_and_only_rises(make_app: MakeApp):
    heard: list[tuple[float, float | None, str | None]] = []
    heard_of_what_was_done = [f"input {n} of 3: done" for n in (1, 2, 3)]

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append((done, total, message))

    async with connected(make_app()) as call:
        session = await call.begin()
        arguments = {"session_id": session, "inputs": ["one", "two", "three"], "step_key": "k"}
        await call.client.call_tool("run_steps", arguments, progress_callback=hear)
        again = len(heard)
        await call.client.call_tool("run_steps", arguments, progress_callback=hear)
    assert [message for _, _, message in heard[:again]] == [
        "input 1 of 3: one", "input 1 of 3: done", "input 2 of 3: two", "input 2 of 3: done",
        "input 3 of 3: three", "input 3 of 3: done",
    ]  # fmt: skip
    assert [message for _, _, message in heard[again:]] == heard_of_what_was_done
    for part in (heard[:again], heard[again:]):
        assert [done for done, _, _ in part] == sorted({done for done, _, _ in part})
        assert part[-1][:2] == (1.0, 1.0)


async def test_an_input_that_is_refused_says_why_and_stops_no_other(make_app: MakeApp):
    long = "word " * 60
    async with connected(make_app(EchoEngine(window=100))) as call:
        session = await call.begin()
        arguments = {"session_id": session, "max_tokens": 50}
        result = await call("run_steps", inputs=["one", long, "two"], **arguments)
        alone = await call.refused("run_step", input=long, **arguments)
        nothing = await call.refused("run_steps", inputs=[long] * 5, **arguments)
        status = await call("status", session_id=session)
    assert [each.get("output") for each in result["steps"]] == ["one", None, "two"]
    assert [each.get("step") for each in result["steps"]] == [1, None, 2]
    assert result["steps"][1] == {"n": 2, "input": long[:40], "error": alone}
    assert result["left"] == 0
    assert result["note"] == "no step of 1, see error; mend and send these alone"
    told = "; ".join(f"inputs[{n}]: {alone}" for n in range(3))
    assert nothing == f"{told}; and 2 more; no step was recorded"
    assert status["sessions"][0]["steps"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": []}, "inputs: must not be empty"),
        ({"inputs": ["a", " "]}, "inputs[1]: must not be empty"),
        ({"inputs": ["a", "b\x00"]}, "inputs[1]: must not hold NUL characters"),
        ({"inputs": ["a"] * (limits.INPUTS + 1)}, "inputs: 101 entries, the limit is 100"),
        ({"inputs": ["a" * 20_000] * 51}, "inputs: 1020000 characters together, the limit is 1"),
        ({"inputs": "a"}, "inputs: should be a list"),
        ({"inputs": ["a", 1]}, "inputs[1]: should be text"),
        ({"inputs": ["a"], "step_key": "k" * 191}, "step_key: 191 characters, the limit is 190"),
        ({"inputs": ["a"], "step_key": ""}, "step_key: must not be empty"),
        ({"inputs": ["a"], "ask_below": 2}, "ask_below: 2.0 is not between 0.0 and 1.0"),
        ({"inputs": ["a"], "max_tokens": 0}, "max_tokens: 0 is not between 1 and 2048"),
        ({"inputs": ["a"], "max_seconds": 0}, "max_seconds: 0 is not between 1 and 3600"),
        ({"inputs": ["a"], "labels": ["a", "b"]}, "labels is no argument; nothing was changed"),
        ({"inputs": ["a"], "task": "Another."}, "task is no argument; nothing was changed"),
    ],
)
async def test_a_bad_list_is_refused_whole_and_runs_nothing(
    make_app: MakeApp, arguments: dict[str, Any], message: str
):
    async with connected(make_app()) as call:
        session = await call.begin()
        refusal = await call.refused("run_steps", session_id=session, **arguments)
        status = await call("status", session_id=session)
    assert refusal.startswith(message)
    assert status["sessions"][0]["steps"] == 0


async def test_the_same_call_runs_no_input_twice_and_goes_on_where_the_last_one_ended(
    make_app: MakeApp, clock: Clock
):
    inputs = ["one", "two", "three", "four"]

    async def end_soon(done: float, total: float | None, message: str | None) -> None:
        if message == "input 2 of 4: done":
            clock.now += 45

    async with connected(make_app()) as call:
        session = await call.begin()
        arguments = {"session_id": session, "inputs": inputs, "step_key": "monday"}
        first = await call.client.call_tool("run_steps", arguments, progress_callback=end_soon)
        second = await call("run_steps", **arguments)
        third = await call("run_steps", **arguments)
    assert not first.is_error
    assert first.structured_content is not None
    done = first.structured_content
    assert [each["output"] for each in done["steps"]] == ["one", "two"]
    assert done["left"] == 2
    assert done["note"] == (
        "the time was over: 2 left, the last ones of the list; send the same call again"
    )
    assert [each.get("replayed", False) for each in second["steps"]] == [True, True, False, False]
    assert [each["step"] for each in second["steps"]] == [1, 2, 3, 4]
    assert (second["left"], second["note"]) == (0, None)
    assert all(each.get("replayed") for each in third["steps"])


async def test_no_step_is_begun_that_the_time_would_likely_cut(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
):
    quick = Ticket.result
    monkeypatch.setattr(Ticket, "result", lambda self: replace(quick(self), decode_ms=30_000.0))
    async with connected(make_app()) as call:
        session = await call.begin()
        result = await call("run_steps", session_id=session, inputs=["one", "two", "three"])
    assert [each["output"] for each in result["steps"]] == ["one"]
    assert result["note"] == (
        "the time that was left was too short for another step: 2 left, the last ones of the list; "
        "send these again"
    )


async def test_without_a_key_the_inputs_that_are_left_are_to_be_sent(
    make_app: MakeApp, clock: Clock
):
    async def end_soon(done: float, total: float | None, message: str | None) -> None:
        if message == "input 1 of 2: done":
            clock.now += 45

    async with connected(make_app()) as call:
        session = await call.begin()
        arguments = {"session_id": session, "inputs": ["one", "two"]}
        result = await call.client.call_tool("run_steps", arguments, progress_callback=end_soon)
    assert result.structured_content is not None
    assert result.structured_content["note"] == (
        "the time was over: 1 left, the last ones of the list; send these again"
    )


@pytest.mark.parametrize("inputs", [["x", "one", "two"], ["one", "x", "y"], ["x"]])
async def test_a_list_that_differs_in_what_was_sent_before_is_refused_and_runs_nothing(
    make_app: MakeApp, inputs: list[str]
):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_steps", session_id=session, inputs=["one", "two"], step_key="monday")
        message = await call.refused(
            "run_steps", session_id=session, inputs=inputs, step_key="monday"
        )
        longer = await call(
            "run_steps", session_id=session, inputs=["one", "two", "three"], step_key="monday"
        )
    place = inputs.index("x")
    assert message.startswith(
        f"step_key: inputs[{place}] has the key 'monday/{place + 1}', which belongs to step "
        f"{place + 1}, which was sent with another input; nothing ran"
    )
    assert message.endswith("Give this list a key of its own")
    assert [each["step"] for each in longer["steps"]] == [1, 2, 3]


async def test_more_tokens_for_one_that_was_cut_leave_those_that_ended_as_they_are(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session = await call.begin()
        key = {"session_id": session, "step_key": "k"}
        await call("run_step", **(key | {"step_key": "k/1"}), input="one", max_tokens=5)
        result = await call("run_steps", **key, inputs=["one", "two"], max_tokens=50)
        less = await call.refused(
            "run_steps", session_id=session, step_key="k", inputs=["one"], max_tokens=0
        )
    assert [each.get("replayed", False) for each in result["steps"]] == [True, False]
    assert less.startswith("max_tokens: 0")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (EngineClosedError("the engine is closed"), "the engine is closed: 2 left"),
        (RuntimeError("unheard of"), "internal error; the server's log has the details"),
    ],
)
async def test_a_fault_that_is_no_input_s_stops_the_list_and_keeps_what_is_done(
    make_app: MakeApp, fault: Exception, told: str
):
    def fail(n: int) -> None:
        seen.append(n)
        if len(seen) == 2:
            raise fault

    seen: list[int] = []
    async with connected(make_app(EchoEngine(before_token=fail))) as call:
        session = await call.begin()
        result = await call("run_steps", session_id=session, inputs=["one", "two", "three"])
    assert [each["output"] for each in result["steps"]] == ["one"]
    assert result["left"] == 2
    assert result["note"].startswith(told)
    assert result["note"].endswith("2 left, the last ones of the list; send these again")


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("set_task", {"task": "Say it backwards."}, "another call changed the session's task"),
        ("restore_memory", {}, "another call took the session back"),
    ],
)
async def test_another_call_that_changes_the_session_stops_the_list(
    make_app: MakeApp, tool: str, arguments: dict[str, Any], told: str
):
    async with connected(make_app()) as call:
        session = await call.begin()
        point = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
        own = {"checkpoint_id": point} if tool == "restore_memory" else {"session_id": session}

        async def change(done: float, total: float | None, message: str | None) -> None:
            if message == "input 2 of 4: done":
                await call(tool, **own, **arguments)

        result = await call.client.call_tool(
            "run_steps",
            {"session_id": session, "inputs": ["one", "two", "three", "four"]},
            progress_callback=change,
        )
    assert result.structured_content is not None
    done = result.structured_content
    assert len(done["steps"]) == 3
    assert done["left"] == 1
    assert done["note"].startswith(told)


async def test_a_step_cancelled_elsewhere_ends_the_call_with_what_is_done(make_app: MakeApp):
    gate = Gate()
    app = make_app(gate.engine)
    results: list[dict[str, Any]] = []
    async with connected(app) as call, anyio.create_task_group() as tasks:
        session = await call.begin()

        async def run() -> None:
            arguments = {"session_id": session, "inputs": ["one", "a b c d", "two"]}
            results.append(await call("run_steps", **arguments))

        tasks.start_soon(run)
        await gate.held()
        (step,) = app.running.now(None)
        await app.running.cancel(None, session, step.id)
        gate.go.set()
    (result,) = results
    assert [each["output"] for each in result["steps"]] == ["one"]
    assert result["left"] == 2
    assert result["note"].startswith("a step was cancelled: 2 left, the last ones")


async def test_outputs_share_what_a_host_shows_and_the_longest_are_cut_and_marked(
    make_app: MakeApp,
):
    most = limits.OUTPUTS_SHOWN
    inputs = ["a" * (most // 4), "short", "b" * most, "c" * most]
    async with connected(make_app()) as call:
        session = await call.begin()
        result = await call("run_steps", session_id=session, inputs=inputs)
        lines = result["steps"]
        (whole,) = (await call.client.read_resource(lines[2]["resource"])).contents
    cut = (most - most // 4 - 5) // 2
    assert [len(each["output"]) for each in lines] == [most // 4, 5, cut, cut]
    assert ["output_truncated" in each for each in lines] == [False, False, True, True]
    assert ["resource" in each for each in lines] == [False, False, True, True]
    assert result["note"] == f"outputs over {cut} characters are shortened; resource has the whole"
    assert "b" * most in whole.text


async def test_a_list_of_doubtful_answers_says_what_helps(make_app: MakeApp):
    inputs = [f"number {n}" for n in range(6)]
    async with connected(make_app(EchoEngine(sure=0.5))) as call:
        session = await call.begin()
        given = {"session_id": session, "inputs": inputs}
        doubtful = await call("run_steps", **given, ask_below=0.8, step_key="k")
        sure = await call("run_steps", **given, ask_below=0.4)
        few = await call("run_steps", session_id=session, inputs=inputs[:5], ask_below=0.8)
    assert doubtful["note"].startswith(
        "look at step 1, 2, 3, 4, 5, 6: less sure than ask_below; 6 of 6 answers are doubtful: "
        "correct wrong ones with correct_step, or give set_task more examples, then run these "
        "again under another step_key. The model does not compare numbers"
    )
    assert sure["note"] is None
    assert few["note"] == "look at step 13, 14, 15, 16, 17: less sure than ask_below"


async def test_a_list_says_how_long_its_weights_were_trained_before_which_step(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mcp_server.jobs.answers.many.TRAINING_TOLD", 1e-9)
    async with connected(make_app()) as call:
        session = await call.begin()
        given = {"session_id": session, "inputs": ["one", "two"], "step_key": "k"}
        before = await call("set_task", task="Another task.", session_id=session)
        made = await call("run_steps", **given)
        again = await call("run_steps", **given)
        await call("correct_step", session_id=session, outputs={"1": "uno", "2": "dos"})
        trained = await call("run_steps", session_id=session, inputs=["one", "three", "four"])
    assert before["adapter"] is not None
    assert (made["note"], again["note"]) == (None, None)
    assert trained["note"] == "before step 3 the weights were trained anew: 0 s"


async def test_the_form_that_a_call_asks_for_is_each_step_s(make_app: MakeApp):
    form = {"output_schema": {"type": "object"}}
    async with connected(make_app()) as call:
        session = await call.begin()
        alone = await call.refused("run_step", session_id=session, input="one", **form)
        many = await call.refused("run_steps", session_id=session, inputs=["one"], **form)
        both = await call.refused(
            "run_steps", session_id=session, inputs=["one"], copy=True, **form
        )
    assert many == alone == "output_schema: the echo engine answers by rule and keeps to none"
    assert both == "copy: give either output_schema or copy"


async def test_every_step_of_a_list_is_counted(make_app: MakeApp):
    app = make_app()
    app.metrics = Metrics()
    async with connected(app) as call:
        session = await call.begin()
        arguments = {"session_id": session, "inputs": ["one", "two"], "step_key": "k"}
        await call("run_steps", **arguments)
        await call("run_steps", **arguments)  # replayed: not counted again
    counted = [
        line for line in app.metrics.text().decode().splitlines()
        if line.startswith("hypernet_mcp_steps_total{")
    ]  # fmt: skip
    assert [line.rsplit(" ", 1)[1] for line in counted] == ["2.0"]
