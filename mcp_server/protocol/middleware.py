"""Every call of an MCP client passes here once, to be limited, counted and logged.

Results are read as clients read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent

from mcp_server.app.principal import principal
from mcp_server.telemetry.calls import BusyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

    from mcp_server.app.application import Application

METHODS = ("tools/call", "resources/read", "prompts/get", "completion/complete")
# What is needed to look at a busy server.
ALWAYS = "status"


def call_middleware(app: Application, tools: frozenset[str]) -> ServerMiddleware[Any]:
    """Middleware that limits, counts and logs the calls of one server with these `tools`."""

    async def counted(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method not in METHODS or ctx.request_id is None:
            return await call_next(ctx)
        name = _name(ctx, tools)
        limited = ctx.method == "tools/call" and name != ALWAYS
        arguments = (ctx.params or {}).get("arguments")
        arguments = arguments if isinstance(arguments, dict) else {}
        try:
            with app.calls.run(
                name, principal(), arguments, limited=limited, wrapper=MCPError
            ) as call:
                result = await call_next(ctx)
                call.state = "error" if _is_error(result) else "ok"
                call.content = _structure(result)
                return result
        except BusyError as error:
            return CallToolResult(
                content=[TextContent(type="text", text=str(error))], is_error=True
            )

    return counted


def _name(ctx: ServerRequestContext[Any, Any], tools: frozenset[str]) -> str:
    if ctx.method != "tools/call":
        return ctx.method
    name = (ctx.params or {}).get("name")
    return name if isinstance(name, str) and name in tools else "unknown"


def _is_error(result: HandlerResult) -> bool:
    return isinstance(result, dict) and result.get("isError") is True


def _structure(result: HandlerResult) -> Mapping[str, Any]:
    """The structured content of a result, which has the form of the wire here."""
    content = result.get("structuredContent") if isinstance(result, dict) else None
    return content if isinstance(content, dict) and not _is_error(result) else {}
