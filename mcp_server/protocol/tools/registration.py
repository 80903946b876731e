"""What all tools share: how a function becomes one, its application, its time and its progress."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations

from checkpoints import MemoryFault
from hypernet.engine.interface import EngineError
from mcp_server.app.application import Application
from mcp_server.app.deadline import Deadline, TimeOverError
from mcp_server.app.loader import LoadError
from mcp_server.app.progress import CallProgress, Stage
from mcp_server.protocol.tools import schemas
from mcp_server.protocol.tools.arguments import Arguments
from mcp_server.schema import limits
from mcp_server.schema.limits import InputError
from mcp_server.telemetry.running import StepCancelledError
from mcp_server.work.work import WORK, WorkLimitError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# Errors whose text is for the caller.
REFUSALS = (
    InputError, MemoryFault, EngineError, LoadError, TimeOverError, StepCancelledError,
    WorkLimitError,
)  # fmt: skip
AppContext = Context[Application, Any]
"""A call's context: the SDK fills it, the server's lifespan gives the application in it."""
SessionId = str
MaxSeconds = int
"""What is the same for many tools is described in `run_step` alone: clients pay for each word."""
READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)
# A call that does the same again does more; the protocol takes that for granted.
ADDS = ToolAnnotations(destructive_hint=False, open_world_hint=False)
MARKS = ToolAnnotations(destructive_hint=False, idempotent_hint=True, open_world_hint=False)
REWRITES = ToolAnnotations(destructive_hint=True, idempotent_hint=True, open_world_hint=False)


def tool(
    title: str, annotations: ToolAnnotations
) -> Callable[[Callable[..., Awaitable[Any]]], Tool]:
    """Make a function a tool: its docstring is the description, and faults keep their text."""

    def make(function: Callable[..., Awaitable[Any]]) -> Tool:
        @functools.wraps(function)
        async def call(*args: Any, **arguments: Any) -> Any:
            try:
                return await function(*args, **arguments)
            except REFUSALS as error:
                raise ToolError(str(error)) from error

        text = schemas.of_docstring(inspect.cleandoc(function.__doc__ or ""))
        made = Tool.from_function(call, title=title, description=text, annotations=annotations)
        made.parameters = schemas.of_arguments(made.parameters)
        given = made.fn_metadata
        result = given.output_schema
        made.fn_metadata = Arguments(
            arg_model=given.arg_model,
            output_schema=None if result is None else schemas.of_result(result),
            output_model=given.output_model,
            wrap_output=given.wrap_output,
        )
        return made

    return make


def application(ctx: AppContext) -> Application:
    """The process's application, which the server's lifespan gives to every call."""
    return ctx.request_context.lifespan_context


def time_limit(max_seconds: int, advice: str) -> Deadline:
    """When a call that begins now has to end; `advice` as in Deadline.

    One whose caller asks for the result later and did not say has more time.

    Raises:
        InputError: out of bounds.
    """
    limits.check_range("max_seconds", max_seconds, limits.MAX_SECONDS)
    work = WORK.get()
    if work is None or not work.asks_later:
        return Deadline(max_seconds, advice)
    work.seconds = work.seconds or max_seconds
    return Deadline(work.seconds, advice)


def asks_later() -> bool:
    """Whether the caller can be answered now and ask for the result later."""
    work = WORK.get()
    return work is not None and work.asks_later


def call_progress(ctx: AppContext, *stages: Stage) -> CallProgress:
    """The progress of a call with these stages, sent to its client or kept until it asks."""
    work = WORK.get()
    if work is None:
        return CallProgress(ctx.report_progress, *stages)

    async def send(done: float, total: float, message: str) -> None:
        work.tell(done / total, message)
        # Only what takes long tells of its progress.
        if not work.lasts():
            await ctx.report_progress(done, total, message)

    return CallProgress(send, *stages, lasts=work.lasts)
