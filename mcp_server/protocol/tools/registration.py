"""What all tools share: how they are made, how faults are told, how progress is sent.

Knows nothing of what a tool does.
"""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import Field

from checkpoints import MemoryFault
from hypernet.engine.interface import EngineError
from mcp_server.app.deadline import Deadline, TimeOverError
from mcp_server.app.loader import LoadError
from mcp_server.app.progress import Progress, Stage
from mcp_server.protocol.tools import schemas
from mcp_server.schema import limits
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp.server.mcpserver import Context

F = TypeVar("F", bound="Callable[..., Any]")
SessionId = Annotated[str, Field(description="The handle that set_task returned.")]
MaxSeconds = Annotated[
    int,
    Field(
        description="Most seconds to wait, counted from the call, "
        f"{limits.MAX_SECONDS[0]} to {limits.MAX_SECONDS[1]}."
    ),
]
READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
MARKS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def collector(made: list[Tool]) -> Callable[[str, ToolAnnotations], Callable[[F], F]]:
    """A decorator that appends functions to `made` as tools; the docstring is the description."""

    def tool(title: str, annotations: ToolAnnotations) -> Callable[[F], F]:
        def make(work: F) -> F:
            # The SDK shows a docstring as it stands in the file, indentation included.
            text = inspect.cleandoc(work.__doc__ or "")
            each = Tool.from_function(work, title=title, description=text, annotations=annotations)
            each.parameters = schemas.of_arguments(each.parameters)
            if (result := each.fn_metadata.output_schema) is not None:
                each.fn_metadata.output_schema = schemas.of_result(result)
            made.append(each)
            return work

        return make

    return tool


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Let faults that name their field and mend reach the client with their text."""
    try:
        yield
    except (InputError, MemoryFault, EngineError, LoadError, TimeOverError) as error:
        raise ToolError(str(error)) from error


def time_limit(max_seconds: int, again: str) -> Deadline:
    """When a call that begins now has to end; `again` as in Deadline.

    Raises:
        InputError: out of bounds.
    """
    limits.check_range("max_seconds", max_seconds, limits.MAX_SECONDS)
    return Deadline(max_seconds, again)


def progress(ctx: Context, *stages: Stage) -> Progress:
    """The progress of a call with these stages, sent to its client."""
    return Progress(ctx.report_progress, *stages)
