"""What a client reads when a call fails: a plain sentence, and never how the server works inside.

A refusal keeps its text. Arguments that do not fit the schema are named one by one. Everything
else is "internal error" with an id, under which the log on stderr has the details.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS
from pydantic import ValidationError

from checkpoints import MemoryFault
from checkpoints.text.graphemes import beginning
from checkpoints.text.problems import problems_of
from mcp_server.schema.limits import InputError
from mcp_server.telemetry.faults import internal_error

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.server.mcpserver.exceptions import ToolError

NAME_SHOWN = 100
# How the protocol layer begins its word on a prompt's arguments, before their names.
MISSING = "Missing required arguments"


async def hide_unexpected(
    ctx: ServerRequestContext[Any, Any], call_next: CallNext
) -> HandlerResult:
    """Let no unexpected exception of any method reach the wire with its text.

    Raises:
        MCPError: as it is, or for parameters that are not the method's, which it names.
    """
    try:
        return await call_next(ctx)
    except MCPError:
        raise
    except ValidationError as error:
        raise MCPError(INVALID_PARAMS, problems_of(error, "params")) from error
    except Exception as error:
        raise MCPError(INTERNAL_ERROR, internal_error(ctx.method, error)) from error


def tool_error_text(tool: str, error: ToolError) -> str:
    """The text of a tool's refusal, without the prefix that the protocol layer puts before it."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return argument_problems(cause)
    if cause is None:
        return f"name: there is no tool {beginning(tool, NAME_SHOWN)!r}; tools/list names them"
    return str(cause)


def prompt_error(name: str, error: ValueError) -> MCPError:
    """The protocol's error for a prompt that could not be given."""
    # The protocol layer wraps twice: its own refusals have no cause below that.
    refusal = error.__cause__
    cause = refusal.__cause__ if refusal is not None else None
    if isinstance(cause, ValidationError):
        return MCPError(INVALID_PARAMS, argument_problems(cause))
    if isinstance(cause, (InputError, MemoryFault)):
        return MCPError(INVALID_PARAMS, str(cause))
    if cause is None and str(error).startswith(MISSING):
        names = sorted(re.findall(r"'(\w+)'", str(error)))
        return MCPError(INVALID_PARAMS, "; ".join(f"{name}: is missing" for name in names))
    if cause is None:
        return MCPError(INVALID_PARAMS, str(error))
    return MCPError(INTERNAL_ERROR, internal_error(f"prompt {name}", cause))


def argument_problems(error: ValidationError) -> str:
    """Which arguments do not fit the schema, and why: `examples[0].input: is missing`."""
    return problems_of(error, "arguments")
