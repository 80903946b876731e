"""Real processes: asked to end in the middle of work, they end, and what was committed is there."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from held import Held
from mcp import Client
from support import Caller

from checkpoints import Store
from mcp_server.jobs.documents.ingest import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.crash]

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking")
WAYS = ["eof", "gone", pytest.param("sigterm", marks=POSIX), pytest.param("sigint", marks=POSIX)]
INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "0"},
}


class Piped:
    """A held server on stdio, spoken to in lines."""

    def __init__(self, held: Held) -> None:
        self.process = subprocess.Popen(
            held.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=held.environment,
        )
        self.call(1, "initialize", **INITIALIZE)
        self.send("notifications/initialized")

    def send(self, method: str, number: int | None = None, **params: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        line = json.dumps(message if number is None else message | {"id": number})
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def call(self, number: int, method: str, **params: Any) -> dict[str, Any]:
        self.send(method, number, **params)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if (answer := json.loads(line)).get("id") == number:
                return dict(answer["result"])
        raise AssertionError("the server has ended")

    def begin(self, number: int) -> str:
        arguments = {"task": "Repeat."}
        result = self.call(number, "tools/call", name="set_task", arguments=arguments)
        return str(result["structuredContent"]["session_id"])

    def end(self, way: str) -> int:
        """Tell it to end, or be gone without reading what it still says; its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if way == "gone":
            self.process.stdout.close()
        if way in ("eof", "gone"):
            self.process.stdin.close()
        else:
            self.process.send_signal(getattr(signal, way.upper()))
        return self.process.wait(20)


@pytest.fixture
def piped() -> Iterator[list[Piped]]:
    made: list[Piped] = []
    yield made
    for each in made:
        each.process.kill()
        each.process.wait()
        for pipe in (each.process.stdin, each.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.mark.parametrize("way", WAYS)
async def test_a_server_that_generates_ends_and_keeps_the_steps_before(
    tmp_path: Path, piped: list[Piped], way: str
):
    held = Held(tmp_path / "held", "generating")
    piped.append(Piped(held))
    session = piped[0].begin(2)
    step = {"session_id": session, "input": "a b"}
    piped[0].call(3, "tools/call", name="run_step", arguments=step)
    step = {"session_id": session, "input": "a b c d e f"}
    piped[0].send("tools/call", 4, name="run_step", arguments=step)
    await held.reached()
    assert piped[0].end(way) == 0
    with Store.open(held.database) as store:
        assert [each.output for each in store.steps(session)] == ["a b"]
        assert store.maintenance.verify() == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_server_that_still_loads_ends(tmp_path: Path, piped: list[Piped], way: str):
    held = Held(tmp_path / "held", "loading")
    piped.append(Piped(held))
    piped[0].send("tools/call", 2, name="set_task", arguments={"task": "Repeat."})
    await held.reached()
    assert piped[0].end(way) == 0


@pytest.mark.parametrize("way", WAYS)
async def test_a_server_that_stores_a_folder_ends_and_keeps_the_batches_before(
    tmp_path: Path, piped: list[Piped], way: str
):
    held = Held(tmp_path / "held", "storing")
    for n in range(2 * BATCH):
        (held.folder / f"{n}.md").write_text(f"Fact {n} of the matter.")
    piped.append(Piped(held))
    session = piped[0].begin(2)
    arguments = {"session_id": session, "paths": [str(held.folder)]}
    piped[0].send("tools/call", 3, name="remember", arguments=arguments)
    await held.reached()
    assert piped[0].end(way) == 0
    with Store.open(held.database) as store:
        assert store.session(session).items == BATCH
        assert store.maintenance.verify() == []


@POSIX
async def test_an_http_server_that_generates_ends_and_keeps_the_steps_before(tmp_path: Path):
    held = Held(tmp_path / "held", "generating")
    with held.serving() as (process, address):
        async with Client(f"{address}/mcp") as client:
            session = await Caller(client).begin("Repeat.")
            await client.call_tool("run_step", {"session_id": session, "input": "a b"})
        async with anyio.create_task_group() as group:
            group.start_soon(_run_held_step, address, session)
            await held.reached()
            process.send_signal(signal.SIGTERM)
            code = await anyio.to_thread.run_sync(lambda: process.wait(20))
            group.cancel_scope.cancel()
    assert code == 0
    with Store.open(held.database) as store:
        assert [each.output for each in store.steps(session)] == ["a b"]
        assert store.maintenance.verify() == []


async def _run_held_step(address: str, session: str) -> None:
    with contextlib.suppress(Exception):  # the server ends in the middle of it
        async with Client(f"{address}/mcp", mode="legacy") as client:
            step = {"session_id": session, "input": "a b c d e f"}
            await client.call_tool("run_step", step)
