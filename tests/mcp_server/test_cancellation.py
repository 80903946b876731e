"""Real processes: clients that give up or vanish in the middle of a step, on every transport."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from held import Held
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from support import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.crash]

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "0"},
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path / "held", "generating")


@asynccontextmanager
async def client_of(held: Held, transport: str, era: str) -> AsyncIterator[Caller]:
    if transport == "stdio":
        command, *args = held.command
        server = StdioServerParameters(command=command, args=args, env=held.environment)
        async with Client(server, mode=era) as client:
            yield Caller(client)
        return
    with held.serving() as (_, address):
        url = f"{address}/mcp"
        reached = sse_client(f"{address}/sse") if transport == "sse" else url
        async with Client(reached, mode=era) as client:
            yield Caller(client)


def message(method: str, number: int | None = None, **params: Any) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return message if number is None else message | {"id": number}


def step_of(session: str) -> dict[str, Any]:
    arguments = {"session_id": session, "input": "a b c d e f", "step_key": "k"}
    return message("tools/call", 2, name="run_step", arguments=arguments)


async def first_data(lines: AsyncIterator[str]) -> str:
    """The data of the first event: where to post to."""
    async for line in lines:
        if line.startswith("data: "):
            return line.removeprefix("data: ").strip()
    raise AssertionError("no event came")


@pytest.mark.parametrize(
    ("transport", "era"),
    [
        ("stdio", "auto"),
        ("stdio", "legacy"),
        ("http", "auto"),
        ("http", "legacy"),
        ("sse", "legacy"),
    ],
)
async def test_a_cancelled_step_stops_at_the_next_token(held: Held, transport: str, era: str):
    async with client_of(held, transport, era) as call:
        session = await call.begin("Repeat.")
        async with anyio.create_task_group() as group:
            arguments = {"session_id": session, "input": "a b c d e f"}
            group.start_soon(lambda: call.client.call_tool("run_step", arguments))
            await held.reached()
            group.cancel_scope.cancel()
        ended = await held.ended()
        held.go()
        status = (await call("status", session_id=session))["sessions"][0]
        step = await call("run_step", session_id=session, input="next one please")
    assert ended == {"stop_reason": "cancelled", "generated": 2}
    assert status["steps"] == 0
    assert (step["step"], step["output"]) == (1, "next one please")


async def test_a_client_that_vanishes_from_an_http_session_finds_its_step_finished(held: Held):
    with held.serving() as (_, address):
        url = f"{address}/mcp"
        async with Client(url, mode="legacy") as client:
            session = await Caller(client).begin("Repeat.")
        async with httpx2.AsyncClient(headers=ACCEPT) as http:
            begun = await http.post(url, json=message("initialize", 1, **INITIALIZE))
            http.headers["Mcp-Session-Id"] = begun.headers["Mcp-Session-Id"]
            await http.post(url, json=message("notifications/initialized"))
            async with http.stream("POST", url, json=step_of(session)):
                await held.reached()
        held.go()
        ended = await held.ended()
        async with Client(url) as client:
            replay = await Caller(client)(
                "run_step", session_id=session, input="a b c d e f", step_key="k"
            )
            whole = await client.read_resource(replay["resource"])
    assert ended == {"stop_reason": "end", "generated": 6}
    assert (replay["replayed"], replay["output"]) == (True, "a b c d e f")
    assert json.loads(whole.contents[0].text)["output"] == "a b c d e f"  # type: ignore[union-attr]  # JSON text


async def test_a_client_that_vanishes_from_an_sse_connection_gives_its_step_up(held: Held):
    with held.serving() as (_, address):
        async with Client(f"{address}/mcp") as client:
            session = await Caller(client).begin("Repeat.")
        async with (
            httpx2.AsyncClient() as http,
            http.stream("GET", f"{address}/sse") as events,
        ):
            lines = events.aiter_lines()  # kept: its end would be the connection's
            place = await first_data(lines)
            for each in (
                message("initialize", 1, **INITIALIZE),
                message("notifications/initialized"),
                step_of(session),
            ):
                await http.post(f"{address}{place}", json=each)
            await held.reached()
        ended = await held.ended()
        held.go()
        async with Client(f"{address}/mcp") as client:
            step = await Caller(client)("run_step", session_id=session, input="a b c", step_key="k")
    assert ended == {"stop_reason": "cancelled", "generated": 2}
    assert (step["step"], step["replayed"]) == (1, False)
