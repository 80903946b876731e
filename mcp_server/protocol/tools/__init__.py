"""The MCP tools: check the arguments, call the session or the store, return a typed result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_server.protocol.tools.adapters import revoke_adapter
from mcp_server.protocol.tools.jobs import checkpoint_memory, restore_memory, run_step, set_task
from mcp_server.protocol.tools.memory import pin_memory, quarantine_memory, recall, remember
from mcp_server.protocol.tools.status import status

if TYPE_CHECKING:
    from mcp.server.mcpserver.tools import Tool

# In the order in which a job comes to need them.
TOOLS: tuple[Tool, ...] = (
    set_task,
    run_step,
    checkpoint_memory,
    restore_memory,
    remember,
    recall,
    pin_memory,
    quarantine_memory,
    revoke_adapter,
    status,
)
