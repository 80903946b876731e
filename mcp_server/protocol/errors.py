"""What a client is told when a call fails: a plain sentence, and never how the server works inside.

A refusal keeps its text. Arguments that do not fit the schema are named one by one. Everything
else is "internal error" with an id, under which the log on stderr has the details. Knows nothing
of what the tools do.
"""

from __future__ import annotations

import logging
import secrets
import sys
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

from checkpoints import MemoryFault
from mcp_server.protocol.stdio import LINE_BYTES, bounded_lines
from mcp_server.schema.limits import InputError
from mcp_server.telemetry.outcome import note

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.shared._stream_protocols import WriteStream

LOG = logging.getLogger(__name__)
PROBLEMS_SHOWN = 5
NAME_SHOWN = 100
TOO_LONG = ErrorData(
    code=PARSE_ERROR, message=f"a message of more than {LINE_BYTES} bytes was left out unread"
)


class PlainServer(MCPServer[None]):
    """An `MCPServer` whose errors say what mends them and nothing of its inside."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.middleware.append(keep_inside)

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool.

        Raises:
            ToolError: its text is for the caller.
            MCPError: passed on.
        """
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError as error:
            note(error, ToolError)
            raise ToolError(internal(f"tool {name[:NAME_SHOWN]}", error)) from error
        except ToolError as error:
            note(error, ToolError)
            raise ToolError(_told(name, error)) from error

    async def run_stdio_async(self) -> None:
        """Serve one client on standard input and output; a line over the limit is refused."""
        wire: list[WriteStream[SessionMessage]] = []

        async def refuse() -> None:
            await wire[0].send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=TOO_LONG)))

        lines: Any = bounded_lines(sys.stdin.buffer, refuse)
        async with stdio_server(stdin=lines) as (read, write):
            wire.append(write)
            server = self._lowlevel_server
            await server.run(read, write, server.create_initialization_options())

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
            raise _of_prompt(name, error) from error


async def keep_inside(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Let no unexpected exception of any method reach the wire with its text.

    Raises:
        MCPError, ValidationError: as they are; the protocol layer words them.
    """
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except Exception as error:
        raise MCPError(INTERNAL_ERROR, internal(ctx.method[:NAME_SHOWN], error)) from error


def internal(what: str, error: BaseException) -> str:
    """Log an unexpected error with its stack; return what the client may know of it."""
    number = secrets.token_hex(4)
    LOG.error("internal error %s in %r", number, what, exc_info=error)
    return f"internal error; the server's log has the details (id {number})"


def argument_problems(error: ValidationError) -> str:
    """Which arguments do not fit the schema, and why: `examples[0].input: is missing`."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{_path(each['loc'])}: {_problem(each)}" for each in found[:PROBLEMS_SHOWN]]
    more = len(found) - len(told)
    return "; ".join([*told, *([f"and {more} more"] if more else [])])


def _told(tool: str, error: ToolError) -> str:
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return argument_problems(cause)
    if cause is None:
        return f"name: there is no tool {tool[:NAME_SHOWN]!r}; tools/list names them"
    return str(cause)  # without the prefix that the protocol layer puts before it


def _of_prompt(name: str, error: ValueError) -> MCPError:
    # The protocol layer wraps twice: its own refusals have no cause below that.
    refusal = error.__cause__
    cause = refusal.__cause__ if refusal is not None else None
    if isinstance(cause, ValidationError):
        return MCPError(INVALID_PARAMS, argument_problems(cause))
    if isinstance(cause, (InputError, MemoryFault)):
        return MCPError(INVALID_PARAMS, str(cause))
    if cause is None:
        return MCPError(INVALID_PARAMS, str(error))
    return MCPError(INTERNAL_ERROR, internal(f"prompt {name[:NAME_SHOWN]}", cause))


def _path(loc: tuple[int | str, ...]) -> str:
    parts = [f"[{p}]" if isinstance(p, int) else f".{p[:NAME_SHOWN]}" for p in loc]
    return "".join(parts).removeprefix(".") or "arguments"


def _problem(found: Any) -> str:
    if found["type"] == "missing":
        return "is missing"
    text = str(found["msg"]).removeprefix("Input ")
    return text[:1].lower() + text[1:]
