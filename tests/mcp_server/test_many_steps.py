"""Many inputs in one call: each a step of its own, and what holds when some cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import connected
from test_running import Gate

from hypernet.engine.echo import EchoEngine
from mcp_server.schema import limits
from mcp_server.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

SHARED = ("output", "confidence", "needs_review", "stop_reason", "replayed")


class Clock:
    """The time that deadlines and steps are measured by, which goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in ("mcp_server.app.deadline", "mcp_server.jobs.answers.many"):
        monkeypatch.setattr(f"{module}.time", made)
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
    for line, step in zip(result["steps"], alone, strict=True):
        assert {name: line[name] for name in SHARED} == {name: step[name] for name in SHARED}
    assert [each["error"] for each in result["steps"]] == [None] * 3
    assert (result["session_id"], result["left"], result["note"]) == (many, 0, None)
    assert status["sessions"][0]["steps"] == 3


async def test_progress_counts_the_inputs_and_only_rises(make_app: MakeApp):
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append((done, total, message))

    async with connected(make_app()) as call:
        session = await call.begin()
        arguments = {"session_id": session, "inputs": ["one", "two", "three"]}
        await call.client.call_tool("run_steps", arguments, progress_callback=hear)
    assert [message for _, _, message in heard] == [
        "input 1 of 3: one", "input 2 of 3: two", "input 3 of 3: three",
    ]  # fmt: skip
    assert [done for done, _, _ in heard] == sorted({done for done, _, _ in heard})
    assert all(done < total for done, total, _ in heard if total is not None)


async def test_an_input_that_is_refused_says_why_and_stops_no_other(make_app: MakeApp):
    long = "word " * 60
    async with connected(make_app(EchoEngine(window=100))) as call:
        session = await call.begin()
        arguments = {"session_id": session, "max_tokens": 50}
        result = await call("run_steps", inputs=["one", long, "two"], **arguments)
        alone = await call.refused("run_step", input=long, **arguments)
        nothing = await call.refused("run_steps", inputs=[long, long], **arguments)
        status = await call("status", session_id=session)
    assert [each["output"] for each in result["steps"]] == ["one", None, "two"]
    assert [each["step"] for each in result["steps"]] == [1, None, 2]
    assert result["steps"][1]["error"] == alone
    assert (result["left"], result["note"]) == (0, "inputs that came to no step, see error: 1")
    assert nothing == alone  # a call that did nothing reads like none that did
    assert status["sessions"][0]["steps"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": []}, "inputs: must not be empty"),
        ({"inputs": ["a", " "]}, "inputs[1]: must not be empty"),
        ({"inputs": ["a", "b\x00"]}, "inputs[1]: must not hold NUL characters"),
        ({"inputs": ["a"] * (limits.INPUTS + 1)}, "inputs: 101 entries, the limit is 100"),
        ({"inputs": "a"}, "inputs: should be a list"),
        ({"inputs": ["a", 1]}, "inputs[1]: should be text"),
        ({"inputs": ["a"], "step_key": "k" * 191}, "step_key: 191 characters, the limit is 190"),
        ({"inputs": ["a"], "step_key": ""}, "step_key: must not be empty"),
        ({"inputs": ["a"], "ask_below": 2}, "ask_below: 2.0 is not between 0.0 and 1.0"),
        ({"inputs": ["a"], "max_tokens": 0}, "max_tokens: 0 is not between 1 and 2048"),
        ({"inputs": ["a"], "max_seconds": 0}, "max_seconds: 0 is not between 1 and 3600"),
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
        if str(message).startswith("input 2 of"):
            clock.now += 30  # of 45

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
        "the time was over; inputs not begun, the last ones: 2; send the same call again"
    )
    assert [each["replayed"] for each in second["steps"]] == [True, True, False, False]
    assert [each["step"] for each in second["steps"]] == [1, 2, 3, 4]
    assert (second["left"], second["note"]) == (0, None)
    assert all(each["replayed"] for each in third["steps"])


async def test_without_a_key_the_inputs_that_are_left_are_to_be_sent(
    make_app: MakeApp, clock: Clock
):
    async def end_soon(done: float, total: float | None, message: str | None) -> None:
        clock.now += 30

    async with connected(make_app()) as call:
        session = await call.begin()
        arguments = {"session_id": session, "inputs": ["one", "two"]}
        result = await call.client.call_tool("run_steps", arguments, progress_callback=end_soon)
    assert result.structured_content is not None
    assert result.structured_content["note"] == (
        "the time was over; inputs not begun, the last ones: 1; send these again"
    )


async def test_a_key_that_belongs_to_another_list_is_refused(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_steps", session_id=session, inputs=["one"], step_key="monday")
        message = await call.refused(
            "run_steps", session_id=session, inputs=["other"], step_key="monday"
        )
    assert message.startswith("step_key: 'monday/1' belongs to step 1")


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
    assert result["note"].startswith("a step was cancelled; inputs not begun, the last ones: 2")


async def test_long_outputs_share_what_a_host_shows_and_the_note_says_where_they_are_whole(
    make_app: MakeApp,
):
    text = "a" * (limits.OUTPUTS_SHOWN // 2 + 1)
    async with connected(make_app()) as call:
        session = await call.begin()
        result = await call("run_steps", session_id=session, inputs=["short", text])
        uri = result["note"].split("read ")[1].split(" ")[0]
        (whole,) = (await call.client.read_resource(uri)).contents
    assert [len(each["output"]) for each in result["steps"]] == [5, limits.OUTPUTS_SHOWN // 2]
    assert result["note"].startswith("outputs shortened to 24000 characters: 1")
    assert text in whole.text


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
