"""Calls that take long as tasks of the protocol: begun at once, asked for later, given up."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint
from mcp import Client
from mcp.client.extension import ClientExtension, ResultClaim
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, EmptyResult, Request, RequestParams, Result
from serving import bearer, counted, listening, requests_to
from support import KNOWN, connected

from hypernet.adapters.cache import AdapterCache
from hypernet.adapters.plan import REFINE_FROM
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.hypernetwork.embedding import Embedder
from hypernet.runtime import Runtime
from mcp_server.app.principal import PRINCIPAL
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.protocol.server import build_server
from mcp_server.work.long_work import KEPT, LongWork, UnknownWorkError
from mcp_server.work.work import WORK, WorkLimitError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TASKS = "io.modelcontextprotocol/tasks"
ENOUGH = [{"input": f"in {n}", "output": f"out {n}"} for n in range(REFINE_FROM)]
NOBODY = "00000000-0000-4000-8000-000000000000"
PAGE = (Path(__file__).parents[2] / "docs" / "calls.md").read_text(encoding="utf-8")


class TaskParams(RequestParams):
    task_id: str


class TaskRequest(Request[TaskParams, str]):
    method: str
    params: TaskParams
    name_param = "taskId"


class Unnamed(Request[TaskParams, str]):
    """Without the header that names the task."""

    method: str
    params: TaskParams


class Task(Result):
    result_type: Literal["task"] = "task"
    task_id: str
    status: str
    status_message: str | None = None
    created_at: str
    last_updated_at: str
    ttl_ms: int
    poll_interval_ms: int


class State(Result):
    result_type: str
    task_id: str
    status: str
    status_message: str | None = None
    ttl_ms: int
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


async def never(task: Task, context: object) -> CallToolResult:
    raise AssertionError("these tests ask for tasks themselves")


class SpeaksTasks(ClientExtension):
    identifier = TASKS

    def claims(self) -> list[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=Task, resolve=never)]


class Asker:
    """A client that takes tasks for answers, and asks for them."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def answered(self, tool: str, **arguments: Any) -> Task | CallToolResult:
        answer = await self.client.session.call_tool(tool, arguments, allow_claimed=True)
        assert isinstance(answer, Task | CallToolResult)
        return answer

    async def begun(self, tool: str, **arguments: Any) -> Task:
        task = await self.answered(tool, **arguments)
        assert isinstance(task, Task), task
        return task

    async def get(self, task_id: str) -> State:
        return await self.send("tasks/get", task_id, State)

    async def cancel(self, task_id: str) -> None:
        await self.send("tasks/cancel", task_id, EmptyResult)

    async def send(self, method: str, task_id: str, result: type[Any]) -> Any:
        request = TaskRequest(method=method, params=TaskParams(task_id=task_id))
        return await self.client.session.send_request(request, result)

    async def refused(self, method: str, task_id: str) -> MCPError:
        with pytest.raises(MCPError) as refusal:
            await self.send(method, task_id, EmptyResult)
        return refusal.value

    async def told(self, task_id: str, words: str) -> State:
        """Its state, once its message has these words."""
        while words not in ((state := await self.get(task_id)).status_message or ""):
            assert state.status == "working", state
            await checkpoint()
        return state

    async def ended(self, task_id: str) -> State:
        while (state := await self.get(task_id)).status == "working":
            await checkpoint()
        return state


@asynccontextmanager
async def asking(app: Application) -> AsyncIterator[Asker]:
    async with Client(build_server(app), extensions=[SpeaksTasks()]) as client:
        yield Asker(client)


@asynccontextmanager
async def asking_over_http(address: str, token: str | None = None) -> AsyncIterator[Asker]:
    import httpx2

    async with (
        httpx2.AsyncClient(headers=bearer(token), timeout=30) as http,
        Client(
            streamable_http_client(f"{address}/mcp", http_client=http), extensions=[SpeaksTasks()]
        ) as client,
    ):
        yield Asker(client)


class Held:
    """What holds a piece of the model side up until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def wait(self) -> None:
        self.begun.set()
        assert self.go.wait(20)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.go.set()


def reading_slowly(held: Held, after: int = 0) -> Callable[..., Runtime]:
    """What loads a model side that embeds so many batches and then is held up."""
    batches = iter(range(after))

    def embed(texts: Any) -> Any:
        if next(batches, None) is None:
            held.wait()
        return echo_embeddings(texts)

    def load(options: object, progress: object) -> Runtime:
        library = AdapterCache(EchoSource(known=(KNOWN,)))
        return Runtime(EchoEngine(), library, {}, Embedder("echo", embed))

    return load


class SlowSource(EchoSource):
    """Refines one step, and then is held up."""

    def __init__(self, held: Held) -> None:
        super().__init__(known=(KNOWN,))
        self.held = held

    def refine(self, task: Any, start: Any, *, in_prompt: bool, progress: Any = None) -> Any:
        progress(0.1, "refining: step 1")
        self.held.wait()
        return super().refine(task, start, in_prompt=in_prompt, progress=progress)


def refining_slowly(held: Held) -> Callable[..., Runtime]:
    def load(options: object, progress: object) -> Runtime:
        library = AdapterCache(SlowSource(held))
        return Runtime(EchoEngine(), library, {}, Embedder("echo", echo_embeddings))

    return load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five files of 64 pieces, a batch each."""
    made = tmp_path / "papers"
    made.mkdir()
    for n in range(5):
        pieces = [f"# {n} {m}\n\n" + f"Fact {n} {m} of the matter. " * 60 for m in range(64)]
        (made / f"{n}.md").write_text("\n\n".join(pieces))
    return made


def by_words(result: dict[str, Any]) -> dict[str, Any]:
    """A tool's structured content without what differs from call to call."""
    content = dict(result["structuredContent"])
    return {k: v for k, v in content.items() if k not in ("session_id", "item_ids")}


async def session_of(call: Asker) -> str:
    begun = await call.client.call_tool("set_task", {"task": KNOWN})
    return str(begun.structured_content["session_id"])


async def in_session(call: Asker) -> str:
    """A session, begun once the model is loaded."""
    answer = await call.answered("set_task", task=KNOWN)
    if isinstance(answer, Task):
        ended = await call.ended(answer.task_id)
        assert ended.result
        return str(ended.result["structuredContent"]["session_id"])
    return str(answer.structured_content["session_id"])


# What a client gets


async def test_a_folder_is_read_as_a_task_that_says_how_far_it_is_and_gives_what_the_tool_gives(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held, after=3), documents=(folder,))
    async with asking(app) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(folder)])
        assert (task.result_type, task.status) == ("task", "working")
        state = await call.told(task.task_id, "of 5 files")
        assert re.match(r"reading: [1-5] of 5 files, now \S+\.md", str(state.status_message))
        held.go.set()
        ended = await call.ended(task.task_id)
        assert (await call.get(task.task_id)).result == ended.result
    app.close()
    plain = make_app(documents=(folder,))
    async with connected(plain) as other:
        session = await other.begin()
        result = await other("remember", session_id=session, paths=[str(folder)])
    assert ended.status == "completed"
    assert ended.result
    assert (ended.result["resultType"], ended.result["isError"]) == ("complete", False)
    assert ended.result["structuredContent"]["files"] == 5
    assert by_words(ended.result) == by_words({"structuredContent": result})


async def test_a_refinement_is_a_task_whose_session_runs_steps_when_it_is_done(
    make_app: MakeApp, held: Held
):
    async with asking(make_app(load=refining_slowly(held))) as call:
        task = await call.begun("set_task", task=KNOWN, examples=ENOUGH)
        await call.told(task.task_id, "refining: step 1")
        held.go.set()
        ended = await call.ended(task.task_id)
        assert ended.result
        content = ended.result["structuredContent"]
        assert content["refined"]["steps"] == len(ENOUGH)
        step = await call.client.call_tool(
            "run_step", {"session_id": content["session_id"], "input": "so it goes on"}
        )
    assert not step.is_error


async def test_a_saved_task_is_given_once_it_has_been_learned(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mcp_server.jobs.learning.POLL_SECONDS", 0.002)
    labels = ["billing", "shipping"]
    examples = [
        {"input": f"{('money', 'parcel')[n % 2]} question {n}", "output": labels[n % 2]}
        for n in range(16)
    ]
    hold = threading.Event()
    engine = EchoEngine(before_token=lambda n: hold.wait() and None)
    app = make_app(engine)
    async with asking(app) as call:
        task = await call.begun(
            "save_task", name="tickets", task="Sort.", labels=labels, examples=examples
        )
        state = await call.told(task.task_id, "learning: ")
        (seen,) = app.working()
        hold.set()
        ended = await call.ended(task.task_id)
        again = await call.answered("save_task", name="tickets", task="Sort.", labels=labels)
        few = await call.answered("save_task", name="few", task="Sort.", examples=examples[:2])
    assert state.status == "working"
    assert (seen.tool, seen.subject, seen.later) == ("save_task", "tickets", True)
    assert ended.result
    card = ended.result["structuredContent"]["task"]
    assert (card["version"], card["examples"], card["learning"]) == (1, 16, None)
    assert card["quality"]["version"] == 1
    # Nothing is left to learn, so there is nothing to wait for.
    assert isinstance(again, CallToolResult)
    assert isinstance(few, CallToolResult)


async def test_a_call_that_waits_for_the_model_to_load_is_a_task(make_app: MakeApp, held: Held):
    def load(options: object, progress: Callable[[float, str], None]) -> Runtime:
        progress(0.4, "reading the weights")
        held.wait()
        return Runtime(
            EchoEngine(), AdapterCache(EchoSource()), {}, Embedder("echo", echo_embeddings)
        )

    async with asking(make_app(load=load)) as call:
        task = await call.begun("set_task", task=KNOWN)
        await call.told(task.task_id, "still loading the model, 40 %")
        held.go.set()
        ended = await call.ended(task.task_id)
    assert ended.status == "completed"


async def test_what_is_refused_or_short_is_answered_at_once(make_app: MakeApp, folder: Path):
    async with asking(make_app(documents=(folder,))) as call:
        session = await in_session(call)
        outside = await call.answered("remember", session_id=session, paths=["/etc/passwd"])
        unknown = await call.answered("remember", session_id="A" * 32, paths=[str(folder)])
        unbounded = await call.answered(
            "remember", session_id=session, paths=[str(folder)], max_seconds=4000
        )
        short = await call.answered("remember", session_id=session, text="Refunds take 14 days.")
        plain = await call.answered("set_task", task=KNOWN, session_id=session)
        step = await call.answered("run_step", session_id=session, input="so it is")
    for refusal, word in ((outside, "paths: "), (unknown, "session"), (unbounded, "max_seconds")):
        assert isinstance(refusal, CallToolResult)
        assert refusal.is_error
        assert word in str(refusal.content)
    for result in (short, plain, step):
        assert isinstance(result, CallToolResult)
        assert not result.is_error


async def test_a_refusal_after_the_long_part_is_a_completed_tasks_result(
    make_app: MakeApp, tmp_path: Path
):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "paper.pdf").write_bytes(b"%PDF-1.7 and no more")
    async with asking(make_app(documents=(broken,))) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(broken)])
        ended = await call.ended(task.task_id)
    assert (ended.status, ended.error) == ("completed", None)
    assert ended.result
    assert ended.result["isError"] is True
    assert "paths: " in str(ended.result["content"])


async def test_an_error_of_the_protocol_fails_the_task(
    make_app: MakeApp, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*args: Any) -> None:
        args[3].lasts()
        raise MCPError(-32603, "internal error (id 7)")

    monkeypatch.setattr("mcp_server.jobs.documents.ingest.remember", fail)
    async with asking(make_app(documents=(folder,))) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(folder)])
        ended = await call.ended(task.task_id)
    assert (ended.status, ended.result) == ("failed", None)
    assert ended.error == {"code": -32603, "message": "internal error (id 7)"}
    assert ended.status_message == "internal error (id 7)"


# Giving up, and the end


async def test_a_cancelled_folder_keeps_what_was_stored_and_the_call_goes_on_from_there(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held, after=2), documents=(folder,))
    async with asking(app) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(folder)])
        await to_thread.run_sync(held.begun.wait)
        await call.cancel(task.task_id)
        ended = await call.ended(task.task_id)
        await call.cancel(task.task_id)  # once more is no error
        held.go.set()
        again = await call.begun("remember", session_id=session, paths=[str(folder)])
        result = (await call.ended(again.task_id)).result
    assert (ended.status, ended.result) == ("cancelled", None)
    assert ended.status_message == "cancelled; what was stored stays"
    assert result
    assert result["structuredContent"]["files"] == 5
    assert result["structuredContent"]["duplicates"] >= 128


async def test_a_cancelled_refinement_begins_no_session(make_app: MakeApp, held: Held):
    app = make_app(load=refining_slowly(held))
    async with asking(app) as call:
        task = await call.begun("set_task", task=KNOWN, examples=ENOUGH)
        await to_thread.run_sync(held.begun.wait)
        await call.cancel(task.task_id)
        held.go.set()
        ended = await call.ended(task.task_id)
        status = await call.client.call_tool("status", {})
    assert ended.status == "cancelled"
    assert status.structured_content["sessions"] == []


async def test_a_caller_that_gives_up_before_there_is_a_task_ends_the_call(
    make_app: MakeApp, held: Held
):
    app = make_app(load=reading_slowly(held))
    async with asking(app) as call:
        session = await in_session(call)
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: call.answered("remember", session_id=session, text="A."))
                await to_thread.run_sync(held.begun.wait)
                scope.cancel()
        while app.working():
            await checkpoint()


async def test_a_task_ends_with_the_server_and_what_was_stored_stays(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held, after=2), documents=(folder,))
    async with asking(app) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(folder)])
        await to_thread.run_sync(held.begun.wait)
    assert app.working() == []
    held.go.set()
    app.close()
    async with asking(make_app(documents=(folder,))) as call:
        refusal = await call.refused("tasks/get", task.task_id)
        found = await call.client.call_tool("recall", {"session_id": session, "query": "Fact 0 0"})
    assert refusal.code == -32602
    assert "send the call again" in refusal.message
    assert found.structured_content["excerpts"]


# Limits


async def test_one_more_task_than_allowed_is_refused_by_the_limit_and_changes_nothing(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held), documents=(folder,), long_calls=1)
    async with asking(app) as call:
        session = await in_session(call)
        first = await call.begun("remember", session_id=session, paths=[str(folder)])
        second = await call.answered("remember", session_id=session, paths=[str(folder)])
        refined = await call.answered("set_task", task=KNOWN, examples=ENOUGH)
        status = await call.client.call_tool("status", {})
        await call.cancel(first.task_id)
        held.go.set()
        await call.ended(first.task_id)
        third = await call.begun("remember", session_id=session, paths=[str(folder)])
        await call.ended(third.task_id)
    for refusal in (second, refined):
        assert isinstance(refusal, CallToolResult)
        assert refusal.is_error
        assert "long_calls: 1 of yours run as tasks, the limit" in str(refusal.content)
    assert len(status.structured_content["sessions"]) == 1


async def test_the_time_that_a_client_gives_is_the_works_own(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held), documents=(folder,), result_seconds=100)
    async with asking(app) as call:
        session = await in_session(call)
        sent = {"session_id": session, "paths": [str(folder)]}
        given = await call.begun("remember", **sent, max_seconds=10)
        left_out = await call.begun("remember", **sent)
    assert given.ttl_ms == 1000 * (10 + 1 + 100)
    assert left_out.ttl_ms == 1000 * (3600 + 360 + 100)


async def test_a_result_is_kept_for_its_time_and_then_forgotten():
    now = 0.0
    works = LongWork(8, 100, clock=lambda: now)

    async def quick() -> str:
        work.lasts()
        return "done"

    async with works.open():
        work = works.work("remember", "alice", "s", asks_later=True, seconds=10)
        assert await works.run(work, quick) is None
        while work.forgotten_at is None:
            await checkpoint()
        now = 99.0
        assert works.find(work.id, "alice").answer == "done"
        assert works.kept_ms(work) >= 100_000
        now = 100.0
        with pytest.raises(UnknownWorkError):
            works.find(work.id, "alice")


async def test_with_as_many_tasks_as_are_kept_calls_are_answered_when_they_end():
    works = LongWork(1, 1000)

    async def quick() -> str:
        WORK.get().lasts()
        return "done"

    ids = []
    async with works.open():
        for _ in range(KEPT):
            work = works.work("remember", "alice", "s", asks_later=True)
            assert await works.run(work, quick) is None
            while work.forgotten_at is None:
                await checkpoint()
            ids.append(work.id)
        assert not works.work("remember", "alice", "s", asks_later=True).asks_later
        assert works.work("remember", "bob", "s", asks_later=True).asks_later
        assert {works.find(each, "alice").status for each in ids} == {"completed"}


async def test_the_limit_counts_for_each_principal_alone():
    refused = []
    works = LongWork(1, 1000, refused=lambda: refused.append(1))
    go = anyio.Event()

    async with works.open():
        for who in ("alice", "bob"):
            work = works.work("remember", who, "s", asks_later=True)

            async def long(work: Any = work) -> None:
                work.lasts()
                await go.wait()

            assert await works.run(work, long) is None
        third = works.work("remember", "bob", "s", asks_later=True)
        with pytest.raises(WorkLimitError):
            third.lasts()
        assert [each.principal for each in works.seen_by("bob")] == ["bob"]
        assert len(works.seen_by(None)) == 2
        go.set()
    assert refused == [1]


# Who may ask


async def test_to_a_client_that_does_not_announce_it_nothing_is_different(
    make_app: MakeApp, folder: Path, era: str
):
    async with connected(make_app(documents=(folder,)), era) as call:
        session = await call.begin()
        read = await call("remember", session_id=session, paths=[str(folder)])
        refined = await call("set_task", task=KNOWN, examples=ENOUGH)
        request = TaskRequest(method="tasks/get", params=TaskParams(task_id=NOBODY))
        with pytest.raises(MCPError) as refusal:
            await call.client.session.send_request(request, State)
        capabilities = call.client.server_capabilities.model_dump(exclude_none=True)
    assert (read["files"], read["failed"]) == (5, [])
    assert refined["refined"]["steps"] == len(ENOUGH)
    assert refusal.value.code == (-32021 if era == "auto" else -32601)
    assert (TASKS in capabilities.get("extensions", {})) is (era == "auto")


async def test_a_client_of_the_older_protocol_gets_no_task_even_if_it_asks(
    make_app: MakeApp, folder: Path
):
    server = build_server(make_app(documents=(folder,)))
    async with Client(server, mode="legacy", extensions=[SpeaksTasks()]) as client:
        call = Asker(client)
        session = await session_of(call)
        read = await call.answered("remember", session_id=session, paths=[str(folder)])
        refusal = await call.refused("tasks/get", NOBODY)
    assert isinstance(read, CallToolResult)
    assert read.structured_content["files"] == 5
    assert refusal.code == -32601


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
async def test_an_unknown_task_is_refused_as_one_that_was_forgotten(make_app: MakeApp, method: str):
    async with asking(make_app()) as call:
        refusal = await call.refused(method, NOBODY)
        missing = Request[RequestParams, str](method=method, params=RequestParams())
        with pytest.raises(MCPError) as unnamed:
            await call.client.session.send_request(missing, EmptyResult)
    assert refusal.code == -32602
    assert refusal.message.startswith(f"taskId: there is no task '{NOBODY}'")
    assert unnamed.value.code == -32602
    assert "taskId" in unnamed.value.message


async def test_an_update_of_a_task_that_asks_nothing_is_accepted(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held), documents=(folder,))
    async with asking(app) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(folder)])
        await call.send("tasks/update", task.task_id, EmptyResult)
        assert (await call.get(task.task_id)).status == "working"


async def test_news_of_tasks_is_refused_to_who_does_not_know_them(make_app: MakeApp):
    class Listen(Request[dict[str, Any], str]):
        method: str = "subscriptions/listen"
        params: dict[str, Any]

    async with connected(make_app()) as call:
        asked = Listen(params={"notifications": {"taskIds": [NOBODY]}})
        with pytest.raises(MCPError) as refusal:
            await call.client.session.send_request(asked, EmptyResult)
    assert refusal.value.code == -32021


@pytest.mark.slow
async def test_a_task_of_another_principal_does_not_exist(
    make_app: MakeApp, folder: Path, held: Held, tmp_path: Path
):
    file = tmp_path / "tokens"
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app(load=reading_slowly(held, after=1), documents=(folder,))
    async with listening(app, Tokens(file)) as address:
        async with asking_over_http(address, alice) as call:
            session = await in_session(call)
            task = await call.begun("remember", session_id=session, paths=[str(folder)])
            await call.told(task.task_id, "of 5 files")
        async with asking_over_http(address, bob) as other:
            for method in ("tasks/get", "tasks/update", "tasks/cancel"):
                refusal = await other.refused(method, task.task_id)
                absent = await other.refused(method, NOBODY)
                assert refusal.code == absent.code == -32602
                assert refusal.message.replace(task.task_id, NOBODY) == absent.message
        for who, ids in (("alice", [task.task_id]), ("bob", []), (None, [task.task_id])):
            token = PRINCIPAL.set(who)
            assert [each.id for each in app.working()] == ids
            PRINCIPAL.reset(token)
        # It goes on without its client, who comes back for it.
        held.go.set()
        async with asking_over_http(address, alice) as call:
            ended = await call.ended(task.task_id)
    assert ended.result
    assert ended.result["structuredContent"]["files"] == 5


@pytest.mark.slow
async def test_over_http_the_header_has_to_name_the_task(make_app: MakeApp, folder: Path):
    app = make_app(documents=(folder,))
    async with listening(app) as address, asking_over_http(address) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(folder)])
        without = Unnamed(method="tasks/get", params=TaskParams(task_id=task.task_id))
        with pytest.raises(MCPError) as refusal:
            await call.client.session.send_request(without, State)
        ended = await call.ended(task.task_id)
    assert refusal.value.code == -32020
    assert ended.status == "completed"


# What people see of it


async def test_running_work_is_listed_with_its_progress_however_it_was_asked_for(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held, after=2), documents=(folder,))
    async with connected(app) as call:
        session = await call.begin()
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: call("remember", session_id=session, paths=[str(folder)]))
            await to_thread.run_sync(held.begun.wait)
            (seen,) = app.working()
            held.go.set()
        assert app.working() == []
    assert (seen.tool, seen.subject, seen.later) == ("remember", session, False)
    assert 0 < seen.fraction < 1
    assert re.match(r"reading: \d of 5 files", seen.message)


async def test_what_is_learned_in_the_background_is_listed_too(make_app: MakeApp):
    hold = threading.Event()
    app = make_app(EchoEngine(before_token=lambda n: hold.wait() and None))
    examples = [{"input": f"q {n}", "output": f"a {n % 2}"} for n in range(16)]
    async with connected(app) as call:
        await call("set_task", task=KNOWN)
        await call("save_task", name="t", task="Answer.", labels=["a 0", "a 1"], examples=examples)
        while not (seen := app.working()):
            await checkpoint()
        hold.set()
        await to_thread.run_sync(app.learner.wait)
        assert app.working() == []
    assert (seen[0].tool, seen[0].subject, seen[0].later) == ("learning", "t", False)
    assert 0 <= seen[0].fraction <= 1


@pytest.mark.slow
async def test_a_task_is_counted_as_one_call_and_one_more_as_refused(
    make_app: MakeApp, folder: Path, held: Held
):
    app = make_app(load=reading_slowly(held), documents=(folder,), long_calls=1)
    async with requests_to(app) as http, asking(app) as call:
        session = await in_session(call)
        task = await call.begun("remember", session_id=session, paths=[str(folder)])
        running = await counted(http)
        await call.answered("remember", session_id=session, paths=[str(folder)])
        held.go.set()
        await call.ended(task.task_id)
        after = await counted(http)
    assert running["hypernet_mcp_calls_running"] == 1
    assert after["hypernet_mcp_calls_running"] == 0
    assert after["hypernet_mcp_calls_total outcome=ok tool=remember"] == 1
    assert after["hypernet_mcp_refused_total limit=long_calls"] == 1


@pytest.mark.slow
async def test_the_program_of_the_page_runs_as_it_stands(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mcp_server.protocol.long_work.POLL_MS", 1)
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    file = tmp_path / "program.py"
    async with listening(make_app()) as address:
        file.write_text(program.replace("http://127.0.0.1:8000", address))
        done = await anyio.run_process([sys.executable, str(file)])
    assert "'refined': {'steps': 8" in done.stdout.decode()


@pytest.mark.crash
def test_over_stdio_a_task_is_asked_for_and_the_process_ends_with_its_client(
    folder: Path, database: Path
):
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS: {}}},
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mcp_server"],
        env={
            **os.environ,
            "HYPERNET_MCP_ENGINE": "echo",
            "HYPERNET_MCP_DATABASE": str(database),
            "HYPERNET_MCP_DOCUMENTS": str(folder),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def asked(method: str, **params: Any) -> dict[str, Any]:
        assert process.stdin
        assert process.stdout
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params | {"_meta": meta}}
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        return dict(json.loads(process.stdout.readline())["result"])

    def ended(task: dict[str, Any]) -> dict[str, Any]:
        while (state := asked("tasks/get", taskId=task["taskId"]))["status"] == "working":
            assert state["resultType"] == "complete"
        return state

    def called(tool: str, **arguments: Any) -> dict[str, Any]:
        return asked("tools/call", name=tool, arguments=arguments)

    with process:
        begun = ended(called("set_task", task=KNOWN, examples=ENOUGH))["result"]
        session = begun["structuredContent"]["session_id"]
        read = ended(called("remember", session_id=session, paths=[str(folder)]))["result"]
        for file in folder.iterdir():
            file.write_text(file.read_text() + "And more.")
        running = called("remember", session_id=session, paths=[str(folder)])
        process.communicate(timeout=20)
    assert (begun["isError"], read["structuredContent"]["files"]) == (False, 5)
    assert (running["resultType"], running["status"]) == ("task", "working")
    assert process.returncode == 0
