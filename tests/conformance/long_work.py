"""The tools that the suite's scenarios of long work call by name. Test-only, like `fixtures`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
from mcp import MCPError
from mcp.server.mcpserver import Context, require_client_extension
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    INTERNAL_ERROR,
    CallToolResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    TextContent,
)

from mcp_server.protocol.long_work import LONG, TASKS
from mcp_server.protocol.tools.registration import call_progress

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from mcp_server.app.application import Application

PAUSE_S = 0.05
NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def add_long_work(mcp: MCPServer[Application]) -> None:
    """Put tools on a server that take long, and let them become tasks as its own do."""
    names = ("slow_compute", "failing_job", "protocol_error_job", "test_tool_with_task")
    LONG.update(dict.fromkeys(names, "label"))

    @mcp.tool(structured_output=False)
    async def greet(name: str) -> str:
        """Never a task."""
        return f"Hello, {name}!"

    @mcp.tool(structured_output=False)
    async def slow_compute(ctx: Context[Any, Any], seconds: float = 0, label: str = "") -> str:
        """Take so many seconds."""
        call_progress(ctx, "reading").lasts()
        await anyio.sleep(seconds)
        return f"done: {label}"

    @mcp.tool(structured_output=False)
    async def failing_job(ctx: Context[Any, Any]) -> str:
        """Be refused by the tool, after a while; only as a task."""
        require_client_extension(ctx.request_context, TASKS)
        call_progress(ctx, "reading").lasts()
        await anyio.sleep(PAUSE_S)
        raise ToolError("this job always fails")

    @mcp.tool(structured_output=False)
    async def protocol_error_job(ctx: Context[Any, Any]) -> str:
        """Fail by an error of the protocol, after a while."""
        call_progress(ctx, "reading").lasts()
        await anyio.sleep(PAUSE_S)
        raise MCPError(INTERNAL_ERROR, "this job always breaks")

    @mcp.tool(structured_output=False)
    async def test_tool_with_task(
        ctx: Context[Any, Any],
    ) -> CallToolResult | InputRequiredResult:
        """Ask for a name, and only then become a task."""
        answers = ctx.input_responses or {}
        given = answers.get("user_name")
        if not isinstance(given, ElicitResult):
            asked = ElicitRequestFormParams(message="What is your name?", requested_schema=NAME)
            return InputRequiredResult(input_requests={"user_name": ElicitRequest(params=asked)})
        call_progress(ctx, "reading").lasts()
        await anyio.sleep(PAUSE_S)
        words = " ".join(map(str, (given.content or {}).values()))
        return CallToolResult(content=[TextContent(type="text", text=f"Hello, {words}!")])
