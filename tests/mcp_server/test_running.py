"""The steps that run: seen while they do, watched by pages, and cancelled from elsewhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anyio
import openai
import pytest
from openai_clients import client_of, said
from support import connected

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.hypernetwork.embedding import Embedder
from hypernet.runtime import Runtime
from mcp_server.app.principal import PRINCIPAL
from mcp_server.telemetry.running import NotRunningError, Running, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypernet.hypernetwork.embedding import Embedding
    from mcp_server.app.application import Application
    from mcp_server.telemetry.running import News, RunningStep, Watcher

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

CHAT = {"model": "auto", "messages": said("a b c d")}


class Gate:
    """Holds an echo engine before its third word, until it is let go."""

    def __init__(self) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        self.engine = EchoEngine(before_token=self.hold, rows=1)

    def hold(self, n: int) -> None:
        if n == 2 and not self.go.is_set():
            self.reached.set()
            assert self.go.wait(30)

    async def held(self) -> None:
        await anyio.to_thread.run_sync(self.reached.wait)


async def first_text(watcher: Watcher, text: str) -> RunningStep:
    """The step that a watcher is told of, once it was told this much of its text."""
    told = ""
    async for news in watcher:
        for written in news.written:
            told += "".join(written.pieces)
            if told == text:
                return written.step
    raise AssertionError("a watcher never ends")


async def test_a_step_that_runs_is_seen_with_its_text_and_goes_when_it_ends(make_app: Maker):
    gate = Gate()
    app = make_app(gate.engine)
    async with connected(app) as call, anyio.create_task_group() as tasks:
        session = await call.begin()
        await call("run_step", session_id=session, input="one")
        with app.running.watching(None, session) as watcher, app.running.watching(None) as jobs:
            tasks.start_soon(lambda: call("run_step", session_id=session, input="a b c d"))
            step = await first_text(watcher, "a b")
            seen = [(e.session_id, e.n, e.input, e.text, e.doing()) for e in app.running.now(None)]
            on_the_list = await anext(jobs)
            gate.go.set()
            await step.ended.wait()
            last = await anext(watcher)
    assert seen == [(session, 2, "a b c d", "a b", "the model was writing")]
    assert on_the_list.written == (Written(step, new=True, start=0, pieces=()),)
    assert (last.written, last.changed) == ((), (session,))
    assert app.running.now(None) == []


async def test_a_watcher_that_comes_late_is_told_all_that_was_written(make_app: Maker):
    gate = Gate()
    app = make_app(gate.engine)
    async with connected(app) as call, anyio.create_task_group() as tasks:
        session = await call.begin()
        tasks.start_soon(lambda: call("run_step", session_id=session, input="a b c d"))
        await gate.held()
        with app.running.watching(None, session) as watcher:
            step = await first_text(watcher, "a b")
            gate.go.set()
        assert step.input == "a b c d"


async def test_labels_are_not_told_before_one_is_settled(make_app: Maker):
    heard: list[News] = []
    app = make_app()
    async with connected(app) as call:
        session = await call.begin()
        with app.running.watching(None, session) as watcher:
            await call("run_step", session_id=session, input="good", labels=["bad", "good"])
            heard.append(await anext(watcher))
    assert [news.written for news in heard] == [()]
    assert heard[0].changed == (session,)


async def test_nobody_sees_or_cancels_anothers_step(make_app: Maker):
    gate = Gate()
    app = make_app(gate.engine)
    seen: list[Any] = []
    session = app.store().visible_to("alice").create_session().id
    PRINCIPAL.set("alice")
    async with connected(app) as call, anyio.create_task_group() as tasks:
        task = "Repeat."
        with app.running.watching("alice", session) as hers:
            tasks.start_soon(
                lambda: call("run_step", session_id=session, input="a b c d", task=task)
            )
            step = await first_text(hers, "a b")
            for who in ("bob", None):
                seen += app.running.now(who)
                with pytest.raises(NotRunningError, match="does not run any more"):
                    await app.running.cancel(who, session, step.id)
            with pytest.raises(NotRunningError):
                await app.running.cancel("alice", "A" * 32, step.id)
            with app.running.watching("bob") as his, app.running.watching("bob", session) as spy:
                gate.go.set()
                await step.ended.wait()
                app.running.changed("his", "bob")
                app.running.changed(session, "bob")
                told = [(await anext(each)).changed for each in (his, spy)]
    assert seen == []
    assert told == [("his", session), (session,)]


async def test_a_step_cancelled_elsewhere_says_so_and_its_key_runs_anew(make_app: Maker):
    gate = Gate()
    app = make_app(gate.engine)
    messages: list[str] = []
    arguments = {"input": "a b c d", "step_key": "k"}
    async with connected(app) as call, anyio.create_task_group() as tasks:
        session = await call.begin()

        async def run() -> None:
            messages.append(await call.refused("run_step", session_id=session, **arguments))

        with app.running.watching(None, session) as watcher:
            tasks.start_soon(run)
            step = await first_text(watcher, "a b")
            cancelled = await app.running.cancel(None, session, step.id)
        gate.go.set()
        after = (await call("status", session_id=session))["sessions"][0]["steps"]
        with pytest.raises(NotRunningError):
            await app.running.cancel(None, session, step.id)
        again = await call("run_step", session_id=session, **arguments)
    assert cancelled
    assert messages[0].startswith("the step was cancelled on the page; no step was recorded")
    assert after == 0
    assert (again["step"], again["output"], again["replayed"]) == (1, "a b c d", False)


async def test_what_is_being_committed_is_recorded_and_not_cancelled(make_app: Maker):
    committing, go = threading.Event(), threading.Event()

    def vectors(texts: Sequence[str]) -> list[Embedding]:
        if "a b" in texts:  # the output's, when the step is kept
            committing.set()
            assert go.wait(30)
        return echo_embeddings(texts)

    def load(options: object, progress: object) -> Runtime:
        cache = AdapterCache(EchoSource())
        return Runtime(EchoEngine(), cache, {"engine": "echo"}, Embedder("echo", vectors))

    app = make_app(load=load)
    done: list[dict[str, Any]] = []
    outcomes: list[bool] = []
    async with connected(app) as call, anyio.create_task_group() as tasks:
        session = await call.begin()

        async def run() -> None:
            done.append(await call("run_step", session_id=session, input="a b"))

        async def cancel() -> None:
            step = app.running.now(None)[0]
            outcomes.append(await app.running.cancel(None, session, step.id))

        tasks.start_soon(run)
        await anyio.to_thread.run_sync(committing.wait)
        tasks.start_soon(cancel)
        await anyio.lowlevel.checkpoint()
        go.set()
    assert outcomes == [False]
    assert (done[0]["step"], done[0]["output"]) == (1, "a b")
    assert app.store().session(session).steps == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_a_step_of_v1_is_cancelled_too_and_its_client_does_not_send_it_again(
    make_app: Maker, stream: bool
):
    gate = Gate()
    app = make_app(gate.engine)
    session = app.store().create_session().id
    headers = {"X-Session-Id": session, "Idempotency-Key": "k"}
    failed: list[openai.APIError] = []
    async with client_of(app) as client, anyio.create_task_group() as tasks:

        async def run() -> None:
            try:
                answer = await client.with_options(max_retries=2).chat.completions.create(
                    **CHAT, stream=stream, extra_headers=headers
                )
                async for _ in answer:
                    pass
            except openai.APIError as error:
                failed.append(error)

        with app.running.watching(None, session) as watcher:
            tasks.start_soon(run)
            step = await first_text(watcher, "a b")
            assert await app.running.cancel(None, session, step.id)
        gate.go.set()
    assert [each.code for each in failed] == ["cancelled"]
    assert "no step was recorded" in failed[0].message
    assert "Idempotency-Key" in failed[0].message
    assert app.store().session(session).steps == 0
    async with client_of(app) as client:
        again = await client.chat.completions.create(**CHAT, extra_headers=headers)
    assert again.choices[0].message.content == "a b c d"


async def test_calls_that_only_look_wake_nobody_and_others_name_their_sessions(make_app: Maker):
    app = make_app()
    async with connected(app) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="a b")
        made = await call("checkpoint_memory", session_id=session)
        with app.running.watching(None) as watcher:
            await call("status", session_id=session)
            await call("recall", session_id=session, query="a")
            other = await call.begin("Another.")
            first = await anext(watcher)
            fork = await call("restore_memory", checkpoint_id=made["checkpoint_id"], fork=True)
            second = await anext(watcher)
            await call.refused("run_step", session_id="x" * 65, input="a")
            await call.refused("run_step", session_id=other, input="")
            third = await anext(watcher)
    assert first.changed == (other,)
    assert second.changed == (fork["session"]["session_id"],)
    assert third.changed == (other,)


async def test_more_changes_than_a_watcher_may_be_told_by_name_are_any(make_app: Maker):
    running = Running(pace=0.0)
    with running.watching("alice") as watcher:
        for number in range(1000):
            running.changed(f"session-{number}", "alice")
        many = await anext(watcher)
        running.changed("one", "alice")
        one = await anext(watcher)
    assert (many.changed, one.changed) == (None, ("one",))
