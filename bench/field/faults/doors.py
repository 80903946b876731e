"""The doors that users come by: an MCP client on stdio or HTTP, plain HTTP, and the shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

BIN = Path(sys.executable).parent
SERVER = str(BIN / "hypernet-mcp")
START_SECONDS = 60


@dataclass(frozen=True)
class Door:
    """A client of a running server, and the folder in which the server has all that it has."""

    client: Client
    folder: Path

    @property
    def database(self) -> Path:
        """Where the server's database lies."""
        return self.folder / "memory.db"

    @property
    def papers(self) -> Path:
        """A folder that `remember` may read from."""
        return self.folder / "papers"

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """A tool's structured result.

        Raises:
            AssertionError: the tool refused.
        """
        result = await self.client.call_tool(tool, arguments)
        check(not result.is_error, f"{tool} refused: {_text(result)}")
        return dict(result.structured_content or {})

    async def refused(self, tool: str, **arguments: Any) -> str:
        """The text by which a tool refuses.

        Raises:
            AssertionError: it did not.
        """
        result = await self.client.call_tool(tool, arguments)
        check(result.is_error, f"{tool} did not refuse: {result.structured_content}")
        return _text(result)

    async def session(self, **arguments: Any) -> str:
        """The handle of a new session."""
        return str(
            (await self.call("set_task", **{"task": "Repeat it.", **arguments}))["session_id"]
        )

    async def texts(self, session: str, query: str, **filters: Any) -> list[str]:
        """What recall finds, text by text."""
        found = await self.call("recall", session_id=session, query=query, **filters)
        return [excerpt["text"] for excerpt in found["excerpts"]]


def check(holds: bool, problem: str) -> None:
    """Fail a case.

    Raises:
        AssertionError: with the problem.
    """
    if not holds:
        raise AssertionError(problem)


@asynccontextmanager
async def opened(way: str, folder: Path, engine: str = "echo") -> AsyncIterator[Door]:
    """A server of its own in a folder, and a client that comes by `stdio` or `http`."""
    if way == "stdio":
        server = StdioServerParameters(command=SERVER, env=environment(folder, engine))
        with (folder / "log").open("w") as log:
            async with Client(stdio_client(server, log)) as client:
                yield Door(client, folder)
    else:
        with listening(folder, engine) as address:
            async with (
                httpx2.AsyncClient(timeout=120) as http,
                Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
            ):
                yield Door(client, folder)


@contextmanager
def listening(folder: Path, engine: str = "echo", **settings: str) -> Iterator[str]:
    """The address of a server of its own on a free port."""
    log = folder / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [SERVER, "--transport", "http", "--port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=environment(folder, engine, **settings),
        )
    try:
        until = time.monotonic() + START_SECONDS
        while not (found := re.search(r"on (http://127\.0\.0\.1:\d+)", log.read_text())):
            check(process.poll() is None and time.monotonic() < until, log.read_text()[-1000:])
            time.sleep(0.05)
        yield found[1]
    finally:
        process.terminate()
        process.wait(30)


def environment(folder: Path, engine: str, **settings: str) -> dict[str, str]:
    """This process's environment, with the server's settings for a folder of its own."""
    (folder / "papers").mkdir(exist_ok=True)
    own = {k: v for k, v in os.environ.items() if not k.startswith("HYPERNET_MCP_")}
    return own | {
        "HYPERNET_MCP_DATABASE": str(folder / "memory.db"),
        "HYPERNET_MCP_DOCUMENTS": str(folder / "papers"),
        "HYPERNET_MCP_ENGINE": engine,
        **settings,
    }


def shell(
    command: str, *arguments: str, env: Mapping[str, str] | None = None, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run one of the project's commands."""
    return subprocess.run(
        [str(BIN / command), *arguments],
        input=given,
        capture_output=True,
        env=dict(os.environ if env is None else env),
        timeout=300,
        check=False,
    )


def _text(result: Any) -> str:
    return "".join(block.text for block in result.content if block.type == "text")
