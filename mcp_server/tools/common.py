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
from hypernet.engine.base import EngineError
from mcp_server.deadline import TimeOverError
from mcp_server.limits import InputError
from mcp_server.loader import LoadError
from mcp_server.progress import Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp.server.mcpserver import Context

F = TypeVar("F", bound="Callable[..., Any]")
SessionId = Annotated[str, Field(description="The handle that set_task returned.")]
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
            each.parameters = untitled(each.parameters)
            each.fn_metadata.output_schema = untitled(each.fn_metadata.output_schema)
            made.append(each)
            return work

        return make

    return tool


def untitled(schema: Any) -> Any:
    """A JSON schema without the titles that only repeat its names: every client pays for them."""
    if isinstance(schema, list):
        return [untitled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: untitled(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Let faults that name their field and mend reach the client with their text."""
    try:
        yield
    except (InputError, MemoryFault, EngineError, LoadError, TimeOverError) as error:
        raise ToolError(str(error)) from error


def progress(ctx: Context, *stages: Stage) -> Progress:
    """The progress of a call with these stages, sent to its client."""
    return Progress(ctx.report_progress, *stages)
