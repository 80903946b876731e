"""The MCP tools: check the arguments, call the session or the store, return a typed result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_server.protocol.tools.adapters import revoke_adapter
from mcp_server.protocol.tools.arguments import Arguments
from mcp_server.protocol.tools.jobs import (
    checkpoint_memory,
    restore_memory,
    run_step,
    run_steps,
    set_task,
)
from mcp_server.protocol.tools.memory import (
    delete_memory,
    pin_memory,
    quarantine_memory,
    recall,
    remember,
)
from mcp_server.protocol.tools.status import status
from mcp_server.protocol.tools.tasks import correct_step, save_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.mcpserver.tools import Tool

# In the order in which a job comes to need them.
TOOLS: tuple[Tool, ...] = (
    set_task,
    run_step,
    run_steps,
    correct_step,
    save_task,
    checkpoint_memory,
    restore_memory,
    remember,
    recall,
    pin_memory,
    quarantine_memory,
    revoke_adapter,
    delete_memory,
    status,
)
# What delete_memory does cannot be taken back, and run_steps may do a hundred steps otherwise than
# was meant: an argument that they do not have ends the call.
EXACT = frozenset({delete_memory.name, run_steps.name})
# These mean something else where none of the named arguments is sent, as a misspelt one is not.
EXACT_WITHOUT = {correct_step.name: ("output", "take_back", "outputs")}
ARGUMENTS = {tool.name: tool.fn_metadata for tool in TOOLS}


def must_be_exact(tool: str, sent: Mapping[str, Any]) -> bool:
    """Whether a name that is no argument ends this call, because it may mean another one."""
    turning = EXACT_WITHOUT.get(tool)
    return tool in EXACT or (turning is not None and all(sent.get(n) is None for n in turning))


def strangers_of(tool: str, sent: Mapping[str, Any]) -> tuple[list[str], str]:
    """The names sent to a tool that are none of its arguments, and a sentence on them."""
    arguments = ARGUMENTS.get(tool)
    if not isinstance(arguments, Arguments):
        return [], ""
    strangers = arguments.strangers(sent)
    return strangers, arguments.note_on(strangers)
