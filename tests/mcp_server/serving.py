"""The HTTP application in this process: plain requests to it, and MCP clients of it."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import httpx2
import uvicorn
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from prometheus_client.parser import text_string_to_metric_families
from support import Caller

from mcp_server.http.application import build_app
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp_server.app.application import Application
    from mcp_server.http.tokens import Tokens


def bearer(token: str | None) -> dict[str, str]:
    """The header that carries a token."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def requests_to(
    app: Application, tokens: Tokens | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """A plain HTTP client of the application, without a socket."""
    server = build_server(app)
    transport = httpx2.ASGITransport(build_app(server, app, tokens))
    async with (
        server.session_manager.run(),
        httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client,
    ):
        yield client


@asynccontextmanager
async def listening(app: Application, tokens: Tokens | None = None) -> AsyncIterator[str]:
    """The application on a free port of this machine; gives its address."""
    asgi = build_app(build_server(app), app, tokens)
    server = uvicorn.Server(uvicorn.Config(asgi, log_config=None, timeout_graceful_shutdown=1))
    with socket.create_server(("127.0.0.1", 0)) as served:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [served])
            while not server.started:
                await anyio.lowlevel.checkpoint()
            try:
                yield f"http://127.0.0.1:{served.getsockname()[1]}"
            finally:
                server.should_exit = True


@asynccontextmanager
async def connected_to(
    address: str, token: str | None = None, era: str = "auto", transport: str = "http"
) -> AsyncIterator[Caller]:
    """An MCP client of a listening application."""
    if transport == "sse":
        wire = sse_client(f"{address}/sse", headers=bearer(token))
        async with Client(wire, mode="legacy") as client:
            yield Caller(client)
    else:
        async with (
            httpx2.AsyncClient(headers=bearer(token), timeout=30) as http,
            Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=era) as client,
        ):
            yield Caller(client)


async def counted(client: httpx2.AsyncClient, **headers: str) -> dict[str, float]:
    """Every sample of /metrics by its name and labels."""
    text = (await client.get("/metrics", headers=headers)).text
    return {
        sample.name
        + "".join(
            f" {label}={value}" for label, value in sorted(sample.labels.items())
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
