"""Calls that take long: progress, giving up, and the time that a call may take."""

from __future__ import annotations

import itertools
import re
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio import from_thread
from anyio.lowlevel import checkpoint
from support import KNOWN, connected

from hypernet.adapters.cache import AdapterCache
from hypernet.adapters.plan import REFINE_FROM
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.engine.interface import Request, Ticket
from hypernet.hypernetwork.embedding import Embedder
from hypernet.runtime import Runtime
from mcp_server.app.deadline import DEFAULT_SECONDS
from mcp_server.jobs.answers.answering import ENGINE_GRACE
from mcp_server.jobs.documents.ingest import BATCH, GRACE_SHARE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from hypernet.hypernetwork.embedding import Embedding
    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

ENOUGH = [{"input": f"in {n}", "output": f"out {n}"} for n in range(REFINE_FROM)]
# Three batches of pieces.
DOCUMENTS = [f"Fact {n} of the matter." for n in range(63)] + ["word " * 400 * BATCH]


class Clock:
    """The time of `mcp_server.app.deadline`, which stops until a test ends it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.scopes: dict[anyio.CancelScope, float] = {}

    def monotonic(self) -> float:
        return self.now

    def current_time(self) -> float:
        return self.now

    def CancelScope(self, deadline: float) -> anyio.CancelScope:  # noqa: N802  # replaces anyio's
        assert deadline > self.now
        scope = anyio.CancelScope()
        self.scopes[scope] = deadline
        return scope

    def end(self) -> None:
        """Soon after a call's usual time: who ends by itself has a little longer than that."""
        self.now += DEFAULT_SECONDS + min(ENGINE_GRACE, GRACE_SHARE * DEFAULT_SECONDS) / 2
        for scope in [s for s, deadline in self.scopes.items() if deadline <= self.now]:
            del self.scopes[scope]
            scope.cancel()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("mcp_server.app.deadline.time", made)
    monkeypatch.setattr("mcp_server.app.deadline.anyio", made)
    return made


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """When set, the engine takes every request's time to be over."""
    over = threading.Event()
    monkeypatch.setattr(Ticket, "late", property(lambda _: over.is_set()))
    return over


def echo(engine: EchoEngine | None = None, source: EchoSource | None = None) -> Runtime:
    library = AdapterCache(source or EchoSource(known=(KNOWN,)))
    return Runtime(engine or EchoEngine(), library, {}, Embedder("echo", echo_embeddings))


def end_time_at(clock: Clock, word: str) -> Callable[..., Awaitable[None]]:
    """A listener to progress that ends the time when it hears a word."""

    async def hear(done: float, total: float | None, message: str | None) -> None:
        if word in str(message):
            clock.end()

    return hear


def loading_until(go: threading.Event) -> Callable[..., Runtime]:
    """A way to load that is at 40 % until then."""

    def load(options: object, progress: Callable[[float, str], None]) -> Runtime:
        progress(0.4, "reading the weights")
        assert go.wait(20)
        return echo()

    return load


async def test_progress_strictly_increases_over_all_that_one_step_waits_for(
    make_app: MakeApp, era: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mcp_server.app.loader.POLL_SECONDS", 0.002)
    first = make_app()
    async with connected(first, era) as call:
        session = await call.begin(examples=ENOUGH)
    first.close()
    heard = {0.3: threading.Event(), 0.9: threading.Event()}
    spoken = threading.Semaphore(1)  # what is there at once is reported at once
    paced = EchoEngine(before_token=lambda n: spoken.acquire(timeout=20))

    def load(options: object, progress: Callable[[float, str], None]) -> Runtime:
        for share, event in heard.items():
            progress(share, "reading the weights")
            assert event.wait(20)
        return echo(paced)

    reported: list[tuple[float, float | None, str]] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        reported.append((done, total, str(message)))
        for share, event in heard.items():
            if f"loading the model, {100 * share:.0f} %" in reported[-1][2]:
                event.set()
        if done >= 3:
            spoken.release()

    async with connected(make_app(load=load), era) as call:
        arguments = {"session_id": session, "input": "one two three", "documents": DOCUMENTS}
        result = await call.client.call_tool("run_step", arguments, progress_callback=hear)
    assert not result.is_error, result.content
    amounts = [done for done, _, _ in reported]
    assert all(before < after for before, after in itertools.pairwise(amounts))
    assert {total for _, total, _ in reported} == {4.0}
    assert amounts[-1] < 4
    stages = [int(done) for done in amounts]
    assert set(stages) == {0, 1, 2, 3}
    assert [text for done, _, text in reported if done >= 3] == ["one", "one two", "one two three"]


async def test_a_cancelled_step_stops_at_the_next_token_and_records_nothing(
    make_app: MakeApp, era: str
):
    heard, released = anyio.Event(), threading.Event()
    tokens: list[int] = []

    def hold(n: int) -> None:
        tokens.append(n)
        assert n < 2 or released.wait(20)

    async def hear(done: float, total: float | None, message: str | None) -> None:
        if message == "a b":
            heard.set()

    app = make_app(engine=EchoEngine(rows=1, before_token=hold))
    async with connected(app, era) as call:
        session = await call.begin()
        step = partial(
            call.client.call_tool,
            "run_step",
            {"session_id": session, "input": "a b c d e f"},
            progress_callback=hear,
        )
        async with anyio.create_task_group() as group:
            group.start_soon(step)
            await heard.wait()
            group.cancel_scope.cancel()
        await call("status")  # answered after the server has heard of the cancellation
        released.set()
        with anyio.fail_after(10):
            after = await call("run_step", session_id=session, input="next")
    assert tokens == [0, 1, 2, 0]
    assert after["step"] == 1


async def test_a_step_whose_time_is_over_returns_and_records_what_there_is(
    make_app: MakeApp, era: str, late: threading.Event
):
    def hold(n: int) -> None:
        if n == 2:
            late.set()

    async with connected(make_app(engine=EchoEngine(before_token=hold)), era) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": "a b c d", "step_key": "k"}
        step = await call("run_step", **arguments, max_seconds=7)
        late.clear()
        again = await call("run_step", **arguments)
    assert (step["output"], step["stop_reason"], step["step"]) == ("a b", "time", 1)
    assert again == step | {"replayed": True}


async def test_the_engine_is_given_what_is_left_of_the_calls_time(make_app: MakeApp, clock: Clock):
    asked: list[Request] = []

    class Noting(EchoEngine):
        def submit(self, request: Request) -> Ticket:
            asked.append(request)
            return super().submit(request)

        def measure(self, *texts: Any) -> tuple[int, int]:
            clock.now += 1  # what comes before the model takes its time
            return super().measure(*texts)

    async with connected(make_app(engine=Noting())) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="a", max_seconds=100)
        await call("run_step", session_id=session, input="a")
    limits = [request.max_seconds or 0 for request in asked]
    assert 90 < limits[0] < 100
    assert 35 < limits[1] < 45


@pytest.mark.parametrize("labels", [None, ["a", "b"]])
async def test_time_that_is_over_before_the_first_token_is_an_error_and_the_key_stays_free(
    make_app: MakeApp, late: threading.Event, labels: list[str] | None
):
    def late_at_first(n: int) -> None:
        if n == 0:
            late.clear() if late.is_set() else late.set()

    engine = EchoEngine(before_token=late_at_first)
    async with connected(make_app(engine=engine)) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": "a b", "labels": labels, "step_key": "k"}
        message = await call.refused("run_step", **arguments)
        step = await call("run_step", **arguments)
    assert message == (
        "max_seconds: the 45 s of this call are over while waiting for the model. No step was "
        "recorded; what was begun goes on: call again with the same step_key"
    )
    assert (step["step"], step["replayed"]) == (1, False)


async def test_the_error_of_time_that_is_over_says_what_the_engine_waits_for(
    make_app: MakeApp, late: threading.Event
):
    class Away(EchoEngine):
        def submit(self, request: Request) -> Ticket:
            ticket = super().submit(request)
            ticket.trouble = "the server cannot be reached"
            return ticket

    def late_at_first(n: int) -> None:
        late.clear() if late.is_set() else late.set()

    async with connected(make_app(engine=Away(before_token=late_at_first))) as call:
        session = await call.begin()
        message = await call.refused("run_step", session_id=session, input="a b")
    assert (
        "waiting for the model. The last try ended so: the server cannot be reached. No" in message
    )


async def test_files_that_are_stored_in_part_or_not_reached_in_time_are_named_and_the_call_goes_on(
    make_app: MakeApp, clock: Clock, tmp_path: Path
):
    (tmp_path / "a.txt").write_text(" ".join(f"fact{n}" for n in range(12_000)))
    (tmp_path / "b.md").write_text("The lease ends in May.")
    async with connected(make_app(documents=(tmp_path,))) as call:
        session = await call.begin()
        arguments = {"session_id": session, "paths": ["."]}
        result = await call.client.call_tool(
            "remember", arguments, progress_callback=end_time_at(clock, "pieces stored so far")
        )
        first = result.structured_content
        again = await call("remember", **arguments)
    assert first is not None
    assert (first["files"], first["stored"], first["failed_count"]) == (0, BATCH, 2)
    assert [each["name"].split("/")[-1] for each in first["failed"]] == ["a.txt", "b.md"]
    started, unreached = (each["problem"] for each in first["failed"])
    assert started.startswith(f"{BATCH} of its ")
    assert "pieces stored in time; call again with the same arguments to go on" in started
    assert unreached.startswith("not reached in time; call again with the same arguments")
    assert (again["files"], again["duplicates"], again["failed"]) == (2, BATCH, [])


async def test_time_that_is_over_while_the_model_loads_says_how_far_it_is(
    make_app: MakeApp, era: str, clock: Clock
):
    go = threading.Event()
    async with connected(make_app(load=loading_until(go)), era) as call:
        hear = end_time_at(clock, "reading the weights")
        result = await call.client.call_tool("set_task", {"task": KNOWN}, progress_callback=hear)
        status = await call("status")
        go.set()
        task = await call("set_task", task=KNOWN)
    (block,) = result.content
    assert result.is_error
    assert block.type == "text"
    assert "over while still loading the model, 40 %: reading the weights. No session" in block.text
    assert status["sessions"] == []
    assert task["fit"]["level"] == "known"


async def test_time_that_is_over_while_memory_is_searched_cuts_the_step(
    make_app: MakeApp, clock: Clock
):
    go = threading.Event()

    def embed(texts: Sequence[str]) -> list[Embedding]:
        if list(texts) == ["which lease"]:
            from_thread.run_sync(clock.end)
            assert go.wait(20)
        return echo_embeddings(texts)

    def load(options: object, progress: object) -> Runtime:
        return Runtime(EchoEngine(), None, {}, Embedder("held", embed))

    async with connected(make_app(load=load)) as call:
        session = await call.begin()
        await call("remember", session_id=session, text="The lease ends in May.")
        message = await call.refused("run_step", session_id=session, input="which lease")
        go.set()
        status = await call("status", session_id=session)
    assert message.startswith("max_seconds: the 45 s of this call are over while")
    assert status["sessions"][0]["steps"] == 0


async def test_time_that_is_over_while_another_step_runs_leaves_that_one_alone(
    make_app: MakeApp, clock: Clock
):
    reached, released = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        if n == 1:
            reached.set()
            assert released.wait(20)

    refused: list[str] = []
    done: list[dict[str, Any]] = []
    async with connected(make_app(engine=EchoEngine(before_token=hold))) as call:
        session = await call.begin()

        async def first() -> None:
            done.append(await call("run_step", session_id=session, input="a b c"))

        async def second() -> None:
            refused.append(await call.refused("run_step", session_id=session, input="d"))
            released.set()

        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await anyio.to_thread.run_sync(reached.wait)
            group.start_soon(second)
            await anyio.wait_all_tasks_blocked()
            clock.end()
        step = await call("run_step", session_id=session, input="d")
    assert "are over while waiting for its turn" in refused[0]
    assert (done[0]["output"], step["step"]) == ("a b c", 2)


async def test_time_that_is_over_between_documents_loses_none_of_them(
    make_app: MakeApp, era: str, clock: Clock
):
    async with connected(make_app(), era) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": "fact", "documents": DOCUMENTS}
        result = await call.client.call_tool(
            "run_step", arguments, progress_callback=end_time_at(clock, "pieces stored")
        )
        kept = (await call("status", session_id=session))["sessions"][0]
        step = await call("run_step", **arguments)
    assert result.is_error
    assert f"over while {BATCH} of" in str(result.content)
    assert kept["items"] >= BATCH
    assert (kept["steps"], step["step"]) == (0, 1)


async def test_remembering_goes_on_from_where_the_time_was_over(
    make_app: MakeApp, era: str, clock: Clock
):
    async with connected(make_app(), era) as call:
        session = await call.begin()
        arguments = {"session_id": session, "documents": DOCUMENTS}
        result = await call.client.call_tool(
            "remember", arguments, progress_callback=end_time_at(clock, "pieces stored")
        )
        kept = (await call("status", session_id=session))["sessions"][0]["items"]
        again = await call("remember", **arguments)
    assert result.is_error
    # The client hears of a batch while the next one may be under way.
    told = re.search(r"are over while (\d+) of 368 pieces stored", str(result.content))
    assert told is not None
    assert int(told[1]) % BATCH == 0
    assert "What was stored stays" in str(result.content)
    assert again["duplicates"] >= kept >= BATCH


async def test_a_search_does_not_wait_for_the_model_longer_than_its_time(
    make_app: MakeApp, clock: Clock
):
    go = threading.Event()
    app = make_app(load=loading_until(go))
    session = app.store().create_session().id
    async with connected(app) as call:
        arguments = {"session_id": session, "query": "fact"}
        hear = end_time_at(clock, "reading the weights")
        result = await call.client.call_tool("recall", arguments, progress_callback=hear)
        go.set()
        found = await call("recall", **arguments)
    assert "over while still loading the model, 40 %" in str(result.content)
    assert "call again" in str(result.content)
    assert found["excerpts"] == []


async def test_a_refinement_goes_on_when_the_time_is_over_and_the_next_call_has_it(
    make_app: MakeApp, clock: Clock
):
    released = threading.Event()
    refinements: list[int] = []

    class Held(EchoSource):
        def refine(self, task: Any, start: Any, *, in_prompt: bool, progress: Any) -> Any:
            refinements.append(1)

            def held(fraction: float, message: str) -> None:
                progress(fraction, message)
                assert released.wait(20)

            return super().refine(task, start, in_prompt=in_prompt, progress=held)

    arguments = {"task": KNOWN, "examples": ENOUGH}
    app = make_app(load=lambda options, progress: echo(source=Held(known=(KNOWN,))))
    async with connected(app) as call:
        result = await call.client.call_tool(
            "set_task", arguments, progress_callback=end_time_at(clock, "refining")
        )
        released.set()
        task = await call("set_task", **arguments)
    assert f"refining on the examples, 1 of {REFINE_FROM} steps" in str(result.content)
    assert "refined" in task["adapter"]["digest"]
    assert refinements == [1]


@pytest.mark.parametrize("seconds", [0, -5, 3601])
@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("set_task", {"task": KNOWN}),
        ("run_step", {"input": "x"}),
        ("remember", {"text": "x"}),
        ("recall", {"query": "x"}),
    ],
)
async def test_a_time_out_of_bounds_is_refused(
    make_app: MakeApp, tool: str, given: dict[str, str], seconds: int
):
    async with connected(make_app()) as call:
        session = await call.begin()
        message = await call.refused(tool, session_id=session, **given, max_seconds=seconds)
    assert message == f"max_seconds: {seconds} is not between 1 and 3600"


async def test_a_call_given_up_before_the_model_had_it_leaves_no_request_behind(
    make_app: MakeApp, era: str
):
    reached, released = threading.Event(), threading.Event()
    tickets: list[Ticket] = []

    class Slow(EchoEngine):
        def submit(self, request: Request) -> Ticket:
            tickets.append(super().submit(request))
            reached.set()
            assert released.wait(20)
            return tickets[-1]

    async with connected(make_app(engine=Slow()), era) as call:
        session = await call.begin()
        async with anyio.create_task_group() as group:
            arguments = {"session_id": session, "input": "a b c"}
            group.start_soon(lambda: call.client.call_tool("run_step", arguments))
            await anyio.to_thread.run_sync(reached.wait)
            group.cancel_scope.cancel()
            released.set()
        with anyio.fail_after(10):
            while not tickets[0].cancelled.is_set():
                await checkpoint()


@pytest.mark.parametrize(
    ("tokens", "doing"), [(0, "waiting for the model"), (1, "the model was writing")]
)
async def test_a_step_does_not_wait_for_an_engine_that_ignores_the_time(
    make_app: MakeApp, era: str, monkeypatch: pytest.MonkeyPatch, tokens: int, doing: str
):
    monkeypatch.setattr("mcp_server.jobs.answers.answering.ENGINE_GRACE", 0.1)
    released = threading.Event()

    class Deaf(EchoEngine):
        def submit(self, request: Request) -> Ticket:
            held = replace(request, max_seconds=None)
            return super().submit(held)

    def hold(written: int) -> None:
        if written == tokens:
            released.wait(20)

    engine = Deaf(before_token=hold)
    async with connected(make_app(engine=engine), era) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": "a b", "step_key": "k"}
        message = await call.refused("run_step", **arguments, max_seconds=1)
        released.set()
        step = await call("run_step", **arguments)
    assert message.startswith(f"max_seconds: the 1 s of this call are over while {doing}.")
    assert (step["step"], step["replayed"]) == (1, False)
