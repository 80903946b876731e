"""Calls that take long as tasks of the protocol: answered at once, asked for later.

The extension `io.modelcontextprotocol/tasks` (2026-07-28), for clients that announce it with a
call; nothing is other than before for all others. A call becomes a task where its long part begins,
so what is refused is refused at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER, decode_header_value
from mcp.types import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    SERVER_INFO_META_KEY,
    RequestParams,
    Result,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, Field

from checkpoints.text.graphemes import beginning
from mcp_server.app.principal import principal
from mcp_server.schema.limits import MAX_SECONDS
from mcp_server.work.long_work import UnknownWorkError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

    from mcp_server.app.application import Application
    from mcp_server.work.work import Work

TASKS = "io.modelcontextprotocol/tasks"
# The tools that may take long, and the argument that says for which session or saved task.
LONG = {"set_task": "session_id", "remember": "session_id", "save_task": "name"}
POLL_MS = 1000
SHOWN = 100


class TaskParams(RequestParams):
    """What all methods of tasks take."""

    task_id: str


class UpdateParams(TaskParams):
    """What answers questions of a task, which ours never ask."""

    input_responses: dict[str, Any] = Field(default_factory=dict)


class TaskResult(Result):
    """A task as it is now: `result` once it is completed, `error` once it failed."""

    result_type: Literal["task", "complete"] = "complete"
    task_id: str
    status: str
    status_message: str | None
    created_at: str
    last_updated_at: str
    ttl_ms: int
    poll_interval_ms: int
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


class TasksExtension(Extension):
    """The methods by which a client asks for its tasks; it gets its own ones only."""

    identifier = TASKS

    def __init__(self, app: Application) -> None:
        self._app = app

    def methods(self) -> Sequence[MethodBinding]:
        """`tasks/get`, `tasks/update` and `tasks/cancel`."""
        modern = frozenset(MODERN_PROTOCOL_VERSIONS)
        return [
            MethodBinding("tasks/get", TaskParams, self._get, modern),
            MethodBinding("tasks/update", UpdateParams, self._update, modern),
            MethodBinding("tasks/cancel", TaskParams, self._cancel, modern),
        ]

    async def _get(self, ctx: ServerRequestContext[Any, Any], params: TaskParams) -> HandlerResult:
        return self._shown(self._find(ctx, params))

    async def _update(
        self, ctx: ServerRequestContext[Any, Any], params: UpdateParams
    ) -> HandlerResult:
        self._find(ctx, params)
        return {}

    async def _cancel(
        self, ctx: ServerRequestContext[Any, Any], params: TaskParams
    ) -> HandlerResult:
        self._app.long_work.cancel(self._find(ctx, params))
        return {}

    def _find(self, ctx: ServerRequestContext[Any, Any], params: TaskParams) -> Work:
        """The task that a request is about.

        Raises:
            MCPError: the client did not announce the extension (-32021), its routing header names
                another task (-32020), or there is no such task of its principal (-32602).
        """
        require_client_extension(ctx, TASKS)
        if ctx.request is not None:
            named = decode_header_value(ctx.request.headers.get(MCP_NAME_HEADER))
            if named != params.task_id:
                raise MCPError(HEADER_MISMATCH, f"{MCP_NAME_HEADER} header: must be the taskId")
        try:
            return self._app.long_work.find(params.task_id, principal())
        except UnknownWorkError as error:
            raise MCPError(
                INVALID_PARAMS,
                f"taskId: there is no task {beginning(params.task_id, SHOWN)!r}, or no more: they "
                "are kept for their ttlMs and end with the server; what was stored stays, so send "
                "the call again",
            ) from error

    def _shown(self, work: Work) -> TaskResult:
        return task_result(work, self._app.long_work.kept_ms(work))


def long_work_middleware(
    app: Application, stamp: Callable[[], Mapping[str, Any]]
) -> ServerMiddleware[Any]:
    """Middleware that notes calls that may take long and lets them run on as tasks.

    Before what counts calls, so that one counts for as long as it runs. `stamp` says what this
    server is, for results that are made here.
    """

    async def noted(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        _refuse_notifications(ctx)
        sent = ctx.params or {}
        tool, arguments = sent.get("name"), sent.get("arguments")
        if ctx.method != "tools/call" or tool not in LONG or ctx.request_id is None:
            return await call_next(ctx)
        arguments = arguments if isinstance(arguments, dict) else {}
        subject = arguments.get(LONG[tool])
        work = app.long_work.work(
            tool,
            principal(),
            subject if isinstance(subject, str) else "",
            asks_later=announced(ctx),
            seconds=MAX_SECONDS[1] if arguments.get("max_seconds") is None else None,
        )
        if not work.asks_later:
            with app.long_work.running(work):
                return await call_next(ctx)
        answer: HandlerResult = await app.long_work.run(work, lambda: call_next(ctx))
        if answer is not None:
            return answer
        created = task_result(work, app.long_work.kept_ms(work), created=True)
        created.meta = {SERVER_INFO_META_KEY: dict(stamp())}
        return created

    return noted


def announced(ctx: ServerRequestContext[Any, Any]) -> bool:
    """Whether the client takes a task for an answer to this request."""
    given = ctx.session.client_capabilities
    extensions = (given.extensions if given else None) or {}
    return ctx.protocol_version in MODERN_PROTOCOL_VERSIONS and TASKS in extensions


def task_result(work: Work, kept_ms: int, *, created: bool = False) -> TaskResult:
    """A task for the wire; `created` is how a call is answered with one, without its outcome."""
    result = TaskResult(
        result_type="task" if created else "complete",
        task_id=work.id,
        status="working" if created else work.status,
        status_message=work.message,
        created_at=work.began.isoformat(),
        last_updated_at=work.updated.isoformat(),
        ttl_ms=kept_ms,
        poll_interval_ms=POLL_MS,
    )
    if created or work.status == "working":
        return result
    if work.status == "completed":
        answer = work.answer
        as_sent = isinstance(answer, BaseModel)
        result.result = answer.model_dump(**WIRE) if as_sent else answer
        result.status_message = None
    elif work.status == "failed":
        result.error = error_of(work.error)
        result.status_message = str(result.error["message"])
    else:
        result.status_message = "cancelled; what was stored stays"
    return result


WIRE: dict[str, Any] = {"by_alias": True, "mode": "json", "exclude_none": True}


def error_of(error: Exception | None) -> dict[str, Any]:
    """The protocol's error that a call ended with."""
    if isinstance(error, MCPError):
        return error.error.model_dump(**WIRE)
    return {"code": INTERNAL_ERROR, "message": "internal error"}


def _refuse_notifications(ctx: ServerRequestContext[Any, Any]) -> None:
    """Refuse news of tasks to who does not know them; to others they are not offered."""
    asked = (ctx.params or {}).get("notifications")
    if ctx.method == "subscriptions/listen" and isinstance(asked, dict) and asked.get("taskIds"):
        require_client_extension(ctx, TASKS)
