"""The MCP tools: check the arguments, call the session or the store, return a typed result.

Knows nothing of tensors, SQL or transports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_server.protocol.tools.jobs import job_tools
from mcp_server.protocol.tools.memory import memory_tools
from mcp_server.protocol.tools.status import status_tools
from mcp_server.protocol.tools.weights import weight_tools

if TYPE_CHECKING:
    from mcp.server.mcpserver.tools import Tool

    from mcp_server.app.application import Application


def all_tools(app: Application) -> list[Tool]:
    """Every tool, in the order in which a job comes to need them."""
    return [*job_tools(app), *memory_tools(app), *weight_tools(app), *status_tools(app)]
