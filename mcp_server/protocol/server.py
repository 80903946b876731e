"""The MCP server object, one for every transport, over the process's one application."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult

from mcp_server import __version__
from mcp_server.app.application import Application
from mcp_server.protocol.apps import apps_middleware
from mcp_server.protocol.completions import register_completions
from mcp_server.protocol.errors import (
    hide_unexpected,
    prompt_error,
    tool_error_text,
)
from mcp_server.protocol.long_work import TasksExtension, long_work_middleware
from mcp_server.protocol.middleware import call_middleware
from mcp_server.protocol.prompts import register_prompts
from mcp_server.protocol.resources import CACHE_HINTS, register_resources
from mcp_server.protocol.stdio import serve_stdio
from mcp_server.protocol.tools import TOOLS, must_be_exact, strangers_of
from mcp_server.protocol.tools.arguments import told
from mcp_server.telemetry.faults import internal_error
from mcp_server.telemetry.outcome import record_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ANSWER_FIRST_SECONDS = 0.2

INSTRUCTIONS = """\
Gives each step of a long job its own weights and keeps the job's memory out of your context.
1. set_task with what the coming steps are for, labels when the answer is one of a few, and
   with 8 solved examples: the first inputs, which you answer yourself, and more like them. The
   model is small; these train it in seconds, and without them many answers are wrong. It picks
   out, sorts and rewrites what is there, and does not compare numbers, calculate or count: have it
   extract them, and do that yourself. Keep the session_id.
2. run_steps for a list of inputs, up to 100 in a call, or run_step for one; ask_below 0.8 flags the
   doubtful answers, and with a step_key a retry never runs twice. Call set_task again when the kind
   of work changes.
3. Run a dozen first (inputs that were examples may be among them: they are answered so). Tell the
   right answers of wrong ones with correct_step, all in one call, by their step numbers: the
   weights are trained on these too before the next step, some seconds. Where many are wrong or
   flagged, also set_task again with more examples. Then run the rest, and the doubtful ones again
   under another step_key.
4. remember long material instead of pasting it: steps retrieve what fits, recall searches it.
After a crash go on with the same session_id: acknowledged steps are there.
A call takes max_seconds at most, 45 unless you say otherwise: then a step returns what it has, or
an error says what to send again. `ignored` in a result names what you sent that is no argument.
"""


class HypernetServer(MCPServer[Application]):
    """An `MCPServer` whose errors say what to do and nothing of its inside."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.middleware.append(hide_unexpected)

    @property
    def stamp(self) -> dict[str, Any]:
        """What this server is, as its results say it."""
        return self._lowlevel_server.server_info_stamp

    async def run_stdio_async(self) -> None:
        """Serve one client on standard input and output; a line over the limit is refused."""
        await serve_stdio(self._lowlevel_server)

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool; its result, or its refusal, names what was sent and is no argument.

        Raises:
            ToolError: its text is for the caller.
            MCPError: passed on.
        """
        strangers, note = strangers_of(name, arguments)
        if strangers and must_be_exact(name, arguments):
            raise ToolError(f"{note}; nothing was changed")
        try:
            result = await super().call_tool(name, arguments, context)
        except UnexpectedToolError as error:
            record_error(error, ToolError)
            raise ToolError(internal_error(f"tool {name}", error)) from error
        except ToolError as error:
            record_error(error, ToolError)
            text = tool_error_text(name, error)
            raise ToolError(f"{text}; {note}" if note else text) from error
        if strangers and isinstance(result, CallToolResult):
            return told(result, strangers, note)
        return result

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Any = None
    ) -> Any:
        """Get a prompt.

        Raises:
            MCPError: no such prompt, or arguments that it does not take (-32602).
        """
        try:
            return await super().get_prompt(name, arguments, context)
        except ValueError as error:
            raise prompt_error(name, error) from error


def build_server(app: Application) -> MCPServer[Application]:
    """The server with all tools, ready to run on any transport."""

    @contextlib.asynccontextmanager
    async def lifespan(_: MCPServer[Application]) -> AsyncIterator[Application]:
        # Entered once per connection on SSE: what must exist once belongs to the application.
        # A moment later: what it imports would compete with the answer to `initialize`.
        loading = threading.Timer(ANSWER_FIRST_SECONDS, app.loader.start)
        loading.daemon = True
        loading.start()
        try:
            async with app.long_work.open():
                yield app
        finally:
            loading.cancel()

    with _without_rich():
        mcp = HypernetServer(
            "hypernet-mcp",
            title="hypernet-mcp",
            version=__version__,
            instructions=INSTRUCTIONS,
            lifespan=lifespan,
            log_level="WARNING",
            tools=list(TOOLS),
            middleware=[
                long_work_middleware(app, lambda: mcp.stamp),
                call_middleware(app, frozenset(tool.name for tool in TOOLS)),
            ],
            extensions=[TasksExtension(app)],
            cache_hints=CACHE_HINTS,
        )
    register_resources(mcp, app)
    register_prompts(mcp, app)
    register_completions(mcp, app)
    mcp.middleware.append(apps_middleware(app, lambda: mcp.stamp))
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
