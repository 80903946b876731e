"""Wiring: one MCP server object for every transport, over the process's one application."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Literal

from mcp_server import __version__
from mcp_server.protocol.completions import register_completions
from mcp_server.protocol.errors import PlainServer
from mcp_server.protocol.middleware import watched
from mcp_server.protocol.prompts import register_prompts
from mcp_server.protocol.resources import CACHE_HINTS, register_resources
from mcp_server.protocol.tools import all_tools

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from mcp.server import MCPServer

    from mcp_server.app.application import Application

Transport = Literal["stdio", "http", "streamable-http", "sse"]

ANSWER_FIRST_SECONDS = 0.2

INSTRUCTIONS = """\
Gives each step of a long job its own weights and keeps the job's memory out of your context.
1. set_task with what the coming steps are for; keep the session_id.
2. run_step for each input; give labels when the answer is one of a few; give a step_key so that a
   retry never runs twice. Call set_task again when the kind of work changes.
3. remember long material instead of pasting it: steps retrieve what fits, recall searches it.
After a crash go on with the same session_id: acknowledged steps are there.
A call takes max_seconds at most, 45 unless you say otherwise: then a step returns what it has, or
an error says what to send again.
"""


def build_server(app: Application) -> MCPServer[None]:
    """The server with all tools, ready to run on any transport."""

    @contextlib.asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        # Entered once per connection on SSE: what must exist once belongs to the application.
        # A moment later: what it imports would compete with the answer to `initialize`.
        loading = threading.Timer(ANSWER_FIRST_SECONDS, app.loader.start)
        loading.daemon = True
        loading.start()
        try:
            yield
        finally:
            loading.cancel()

    tools = all_tools(app)
    with _without_rich():
        mcp = PlainServer(
            "hypernet-mcp",
            title="hypernet-mcp",
            version=__version__,
            instructions=INSTRUCTIONS,
            lifespan=lifespan,
            log_level="WARNING",
            tools=tools,
            middleware=[watched(app, frozenset(tool.name for tool in tools))],
            cache_hints=CACHE_HINTS,
        )
    register_resources(mcp, app)
    register_prompts(mcp, app)
    register_completions(mcp, app)
    return mcp


@contextlib.contextmanager
def _without_rich() -> Iterator[None]:
    """Spare the handshake the import of rich, a tenth of it.

    The SDK's constructor imports rich for a log handler, and goes without where it is missing; what
    is logged goes through `logs` anyway.
    """
    missing = object()
    there = sys.modules.get("rich.console", missing)
    sys.modules["rich.console"] = None  # type: ignore[assignment]  # Python's own way to say: none
    try:
        yield
    finally:
        if there is missing:
            del sys.modules["rich.console"]
        else:
            sys.modules["rich.console"] = there  # type: ignore[assignment]  # what was there before


def run(app: Application, transport: Transport) -> None:
    """Serve until the client hangs up (stdio) or the process is told to stop (HTTP)."""
    mcp = build_server(app)
    if transport == "stdio":
        mcp.run("stdio")
        return
    # Here and not above: on stdio nobody waits for it.
    from mcp_server.http.serve import serve

    serve(mcp, app)
