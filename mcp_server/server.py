"""Wiring: one MCP server object for every transport, over the process's one application."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal

import uvicorn
from mcp.server import MCPServer

from mcp_server import __version__
from mcp_server.tools import register

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp_server.application import Application

Transport = Literal["stdio", "streamable-http", "sse"]

INSTRUCTIONS = """\
Gives each step of a long job its own weights and keeps the job's memory out of your context.
1. set_task with what the coming steps are for; keep the session_id.
2. run_step for each input; give labels when the answer is one of a few; give a step_key so that a
   retry never runs twice. Call set_task again when the kind of work changes.
3. remember long material instead of pasting it: steps retrieve what fits, recall searches it.
After a crash go on with the same session_id: acknowledged steps are there.
"""


def build_server(app: Application) -> MCPServer[None]:
    """The server with all tools, ready to run on any transport."""

    @contextlib.asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        # Entered once per connection on SSE: what must exist once belongs to the application.
        app.loader.start()
        yield

    mcp: MCPServer[None] = MCPServer(
        "hypernet-mcp",
        title="hypernet-mcp",
        version=__version__,
        instructions=INSTRUCTIONS,
        lifespan=lifespan,
        log_level="WARNING",
    )
    register(mcp, app)
    return mcp


def run(app: Application, transport: Transport) -> None:
    """Serve until the client hangs up (stdio) or the process is told to stop (HTTP)."""
    mcp = build_server(app)
    if transport == "stdio":
        mcp.run("stdio")
        return
    host = app.settings.host
    web = mcp.sse_app(host=host) if transport == "sse" else mcp.streamable_http_app(host=host)
    # One line says where it listens; a line for every request would drown what matters.
    uvicorn.run(web, host=host, port=app.settings.port, log_level="info", access_log=False)
