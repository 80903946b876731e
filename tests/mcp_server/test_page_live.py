"""An open page over a real socket: told what runs as it runs, and only of one's own jobs."""

from __future__ import annotations

import json
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from serving import bearer, connected_to, counted, listening

from hypernet.engine.echo import EchoEngine
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.page import live

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Event = tuple[str, dict[str, Any]]
ODD = "one <b>two</b>\u2028 \U0001f600 \u00e9 four five"


class Held:
    """Holds an echo engine before some of its words, until it is let go on from each."""

    def __init__(self, *words: int) -> None:
        self.reached = {n: threading.Event() for n in words}
        self.go = {n: threading.Event() for n in words}
        self.engine = EchoEngine(before_token=self.hold)

    def hold(self, n: int) -> None:
        if n in self.go:
            self.reached[n].set()
            assert self.go[n].wait(30)


@asynccontextmanager
async def told(
    address: str, job: str | None = None, token: str | None = None
) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of an open page."""
    path = "/events" if job is None else f"/events?job={job}"
    async with (
        httpx2.AsyncClient(headers=bearer(token), timeout=30) as http,
        http.stream("GET", f"{address}{path}") as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        yield events_of(answer.aiter_lines())


async def events_of(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def test_a_steps_text_comes_as_it_is_written_and_its_end_is_told(make_app: Maker):
    held = Held(2, 4)
    app = make_app(held.engine)
    async with listening(app) as address, connected_to(address) as call:
        session = await call.begin("Repeat.")
        async with (
            told(address, session) as events,
            told(address) as on_the_list,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(lambda: call("run_step", session_id=session, input=ODD))
            first, text = await anext(events), await anext(events)
            listed = await anext(on_the_list)
            held.go[2].set()
            more = await anext(events)
            held.go[4].set()
            ended = [await anext(events), await anext(on_the_list)]
    [step] = {first[1]["step"], text[1]["step"]}
    assert first == ("running", {"job": session, "step": step, "n": 1})
    assert (text[0], text[1]["start"]) == ("text", 0)
    assert "".join(text[1]["pieces"]) == "one <b>two</b>"
    assert (more[0], more[1]["start"]) == ("text", len(text[1]["pieces"]))
    assert "".join(more[1]["pieces"]) == " \U0001f600 \u00e9"
    assert listed == first
    assert ended == [("changed", {"job": session})] * 2


async def test_a_page_that_is_opened_late_is_told_all_that_was_written(make_app: Maker):
    held = Held(2)
    app = make_app(held.engine)
    async with (
        listening(app) as address,
        connected_to(address) as call,
        anyio.create_task_group() as tasks,
    ):
        session = await call.begin("Repeat.")
        tasks.start_soon(lambda: call("run_step", session_id=session, input="a b c"))
        await anyio.to_thread.run_sync(held.reached[2].wait)
        async with told(address, session) as events:
            seen = [await anext(events), await anext(events)]
        held.go[2].set()
    assert [name for name, _ in seen] == ["running", "text"]
    assert (seen[1][1]["start"], "".join(seen[1][1]["pieces"])) == (0, "a b")


async def test_nobody_is_told_of_anothers_jobs(make_app: Maker, tmp_path: Path):
    file = tmp_path / "tokens"
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app()
    async with (
        listening(app, Tokens(file)) as address,
        connected_to(address, alice) as hers,
        connected_to(address, bob) as his,
        told(address, token=bob) as events,
    ):
        session = await hers.begin("Repeat.")
        await hers("run_step", session_id=session, input="a b")
        await his.refused("run_step", session_id=session, input="a b")
        own = await his.begin("Repeat.")
        seen = {json.dumps(await anext(events)) for _ in range(2)}
        async with httpx2.AsyncClient() as http:
            without = await http.get(f"{address}/events")
            other = await http.get(f"{address}/events?job={session}", headers=bearer(bob))
    # Of hers he is told what he named himself: that his own call to it has ended.
    assert seen == {json.dumps(("changed", {"job": each})) for each in (session, own)}
    assert (without.status_code, other.status_code) == (401, 404)


async def test_a_page_that_is_closed_is_told_nothing_more_and_gives_its_place_back(
    make_app: Maker,
):
    app = make_app(streams=1)
    async with listening(app) as address, httpx2.AsyncClient() as http:
        async with told(address):
            refused = await http.get(f"{address}/events")
        with anyio.fail_after(30):
            while (await http.get(f"{address}/healthz")).status_code != 200 or (
                await open_streams(http, address)
            ):
                await anyio.lowlevel.checkpoint()
        async with told(address):
            pass
    assert refused.status_code == 429
    assert "open event streams" in refused.text


async def test_a_page_where_nothing_happens_gets_signs_of_life_and_asks_anew_in_time(
    make_app: Maker, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live, "SIGN_OF_LIFE_SECONDS", 0.05)
    monkeypatch.setattr(live, "LASTS_SECONDS", 0.2)
    app = make_app()
    async with listening(app) as address, httpx2.AsyncClient(timeout=30) as http:
        answer = await http.get(f"{address}/events")
    assert answer.text.startswith("retry: 500\n\n: nothing new\n\n")


async def open_streams(http: httpx2.AsyncClient, address: str) -> float:
    http.base_url = httpx2.URL(address)
    return (await counted(http))["hypernet_mcp_http_streams_open"]
