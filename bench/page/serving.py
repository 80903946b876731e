"""A reader of a database as a process, and the tools of a server that runs."""

from __future__ import annotations

import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2
from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp.client.extension import ClientExtension
from mcp.client.streamable_http import streamable_http_client
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID

from bench.page.made import caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path


@contextmanager
def viewed(database: Path) -> Iterator[str]:
    """`hypernet-mcp view` on a database; its address."""
    command = [sys.executable, "-m", "mcp_server", "--database", str(database), "view"]
    with subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield next(word for word in line.split() if word.startswith("http://")).rstrip("/")
        finally:
            process.kill()


@contextmanager
def tools_of(address: str, token: str | None = None) -> Iterator[Callable[..., dict[str, Any]]]:
    """Calls the tools of a server that runs, from a thread of its own."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_client(address, token)) as client,
    ):
        call = caller(client)
        yield lambda tool, **arguments: portal.call(partial(call, tool, **arguments))


class ShowsApps(ClientExtension):
    """What a client announces that shows documents of MCP Apps."""

    identifier = EXTENSION_ID

    def settings(self) -> dict[str, Any]:
        """Which documents it shows."""
        return {"mimeTypes": [APP_MIME_TYPE]}


@contextmanager
def resources_of(address: str) -> Iterator[Callable[[str], str]]:
    """Reads resources of a server as a client that shows MCP Apps does."""

    async def text_of(client: Client, uri: str) -> str:
        return str(getattr((await client.read_resource(uri)).contents[0], "text", ""))

    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_client(address, None)) as client,
    ):
        yield lambda uri: portal.call(text_of, client, uri)


@asynccontextmanager
async def _client(address: str, token: str | None) -> AsyncIterator[Client]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        wire = streamable_http_client(f"{address}/mcp", http_client=http)
        async with Client(wire, extensions=[ShowsApps()]) as client:
            yield client
