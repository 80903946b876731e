"""hypernet-mcp over HTTP: starting it, killing it, and asking it what it holds."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from mcp.client import Client
from mcp.types import TextResourceContents
from prometheus_client.parser import text_string_to_metric_families

from examples.agent.errors import ExampleError
from examples.serving.processes import Program, free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prometheus_client.samples import Sample

# A model may have to be converted at the first start.
READY_SECONDS = 300.0
REQUEST_SECONDS = 30.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Counts:
    """What one life of the server counted."""

    steps: int
    """Recorded; replayed ones are not counted again."""
    running: int
    """Calls that run now."""


class MemoryServer:
    """The server at one address, over several lives."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._program: Program | None = None
        self._http = httpx2.Client(base_url=self.address, timeout=REQUEST_SECONDS)

    @property
    def address(self) -> str:
        """Where it listens, in all of its lives."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def v1(self) -> str:
        """The address for clients of OpenAI's API."""
        return f"{self.address}/v1"

    @property
    def mcp(self) -> str:
        """The address for MCP clients."""
        return f"{self.address}/mcp"

    def start(self, show: Callable[[str], None]) -> None:
        """Start it and wait until its model is loaded.

        Raises:
            ExampleError: it ended, or its model cannot be loaded.
        """
        database = self._folder / "memory.db"
        command = [sys.executable, "-m", "mcp_server", "--transport", "http"]
        command += ["--port", str(self._port), "--database", str(database)]
        # An empty setting is an unset one.
        env = {**os.environ, "HYPERNET_MCP_TOKENS": "", "HYPERNET_MCP_CHECKPOINT_EVERY": "3"}
        self._program = Program(command, env, self._folder / "hypernet-mcp.log")
        ends = time.monotonic() + READY_SECONDS
        while (health := self._health()).get("model") != "ready":
            if not self._program.running:
                raise ExampleError(f"hypernet-mcp ended{self._program.last_words()}")
            if health.get("model") == "failed" or time.monotonic() > ends:
                raise ExampleError(
                    f"hypernet-mcp has no model{self._program.last_words()}; "
                    "`hypernet-mcp doctor` says what is missing"
                )
            show(f"starting hypernet-mcp: {health.get('model', 'not listening yet')}")
            time.sleep(POLL_SECONDS)

    def kill(self) -> int:
        """End it as a crash would, and give its pid.

        Raises:
            ExampleError: it had ended by itself.
        """
        if self._program is None or not self._program.running:
            raise ExampleError("hypernet-mcp ended before it was killed")
        self._program.kill()
        return self._program.pid

    def stop(self) -> None:
        """End it if it runs."""
        if self._program is not None:
            self._program.stop()
        self._http.close()

    def counts(self) -> Counts:
        """What this life counted.

        Raises:
            ExampleError: it does not answer.
        """
        sums = {"hypernet_mcp_steps_total": 0.0, "hypernet_mcp_calls_running": 0.0}
        for sample in self._samples():
            if sample.name in sums:
                sums[sample.name] += sample.value
        return Counts(*(int(value) for value in sums.values()))

    def calls(self, tool: str) -> dict[str, int]:
        """How many calls of a tool this life ended, by outcome; of `/v1` its APIs are tools.

        Raises:
            ExampleError: it does not answer.
        """
        return {
            sample.labels["outcome"]: int(sample.value)
            for sample in self._samples()
            if sample.name == "hypernet_mcp_calls_total" and sample.labels["tool"] == tool
        }

    def steps(self, session: str) -> list[dict[str, Any]]:
        """The steps of a session, whole, by number."""
        return anyio.run(_read_steps, self.mcp, session)

    def last_session(self) -> dict[str, Any]:
        """The session that was created last.

        Raises:
            ExampleError: there is none.
        """
        sessions = anyio.run(_read_one, self.mcp, "memory://sessions")["sessions"]
        if not sessions:
            raise ExampleError("hypernet-mcp holds no session: the workflow never opened one")
        session: dict[str, Any] = sessions[0]
        return session

    def _samples(self) -> list[Sample]:
        try:
            text = self._http.get("/metrics").raise_for_status().text
        except httpx2.HTTPError as error:
            raise ExampleError(f"hypernet-mcp does not answer: {error}") from error
        families = text_string_to_metric_families(text)
        return [sample for family in families for sample in family.samples]

    def _health(self) -> dict[str, Any]:
        try:
            health: dict[str, Any] = self._http.get("/healthz").json()
        except (httpx2.HTTPError, ValueError):
            return {}
        return health


async def read_resource(client: Client, uri: str) -> dict[str, Any]:
    """What the server holds under an address.

    Raises:
        MCPError: the server refused.
    """
    (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, TextResourceContents)  # noqa: S101  # the server's are all JSON
    read: dict[str, Any] = json.loads(contents.text)
    return read


async def _read_steps(address: str, session: str) -> list[dict[str, Any]]:
    async with Client(address) as client:
        held = await read_resource(client, f"memory://sessions/{session}")
        numbers = range(1, held["steps"] + 1)
        return [
            await read_resource(client, f"memory://sessions/{session}/steps/{n}") for n in numbers
        ]


async def _read_one(address: str, uri: str) -> dict[str, Any]:
    async with Client(address) as client:
        return await read_resource(client, uri)
