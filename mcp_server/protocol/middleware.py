"""Every call of a client passes here once: the limit on calls, the log's line, the counters.

Results are read as clients read them.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent

from checkpoints.text.graphemes import beginning
from mcp_server.app.principal import principal
from mcp_server.telemetry import logs
from mcp_server.telemetry.outcome import call_outcome, cause_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

    from mcp_server.app.application import Application
    from mcp_server.telemetry.metrics import Metrics
    from mcp_server.telemetry.outcome import Outcome

LOG = logging.getLogger(__name__)
METHODS = ("tools/call", "resources/read", "prompts/get", "completion/complete")
TEXT_SHOWN = 500
# What is needed to look at a busy server.
ALWAYS = "status"


@dataclass(frozen=True)
class EndedCall:
    """A call that has ended: `state` is ok, error or cancelled; `content` its structured result."""

    name: str
    state: str
    seconds: float
    content: Mapping[str, Any]
    outcome: Outcome
    principal: str | None


def call_middleware(app: Application, tools: frozenset[str]) -> ServerMiddleware[Any]:
    """Middleware that limits, counts and logs the calls of one server with these `tools`."""
    running: Counter[str | None] = Counter()
    most = app.settings.calls

    async def counted(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method not in METHODS or ctx.request_id is None:
            return await call_next(ctx)
        name = _name(ctx, tools)
        who = principal()
        limited = ctx.method == "tools/call" and name != ALWAYS
        if limited and running[who] >= most:
            if app.metrics is not None:
                app.metrics.refused.labels(limit="calls").inc()
            return _busy(most)
        running[who] += limited
        began = time.perf_counter()
        result: HandlerResult = None
        state = "error"
        with call_outcome() as outcome:
            try:
                if app.metrics is not None:
                    app.metrics.running.inc()
                result = await call_next(ctx)
                state = "error" if _is_error(result) else "ok"
                return result
            except anyio.get_cancelled_exc_class():
                state = "cancelled"
                raise
            except Exception as error:
                if outcome.kind is None:
                    outcome.set(cause_of(error, MCPError))
                raise
            finally:
                running[who] -= limited
                if not running[who]:
                    del running[who]
                seconds = time.perf_counter() - began
                ended = EndedCall(name, state, seconds, _structure(result), outcome, who)
                if app.metrics is not None:
                    _count(app.metrics, ended)
                if state == "error":
                    app.faults.note(outcome.text)
                if LOG.isEnabledFor(logging.INFO):
                    _log(ended, ctx.params or {}, app.settings.log_text)

    return counted


def _name(ctx: ServerRequestContext[Any, Any], tools: frozenset[str]) -> str:
    if ctx.method != "tools/call":
        return ctx.method
    name = (ctx.params or {}).get("name")
    return name if isinstance(name, str) and name in tools else "unknown"


def _busy(most: int) -> CallToolResult:
    text = f"calls: {most} of yours are running, the limit; wait for one to end and send this again"
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _is_error(result: HandlerResult) -> bool:
    return isinstance(result, dict) and result.get("isError") is True


def _structure(result: HandlerResult) -> Mapping[str, Any]:
    """The structured content of a result, which has the form of the wire here."""
    content = result.get("structuredContent") if isinstance(result, dict) else None
    return content if isinstance(content, dict) and not _is_error(result) else {}


def _count(metrics: Metrics, call: EndedCall) -> None:
    metrics.running.dec()
    metrics.calls.labels(tool=call.name, outcome=call.state).inc()
    metrics.call_seconds.labels(tool=call.name).observe(call.seconds)
    who = metrics.principal(call.principal)
    metrics.principal_calls.labels(principal=who, outcome=call.state).inc()
    if call.state == "error":
        metrics.errors.labels(kind=call.outcome.kind or "unknown").inc()
    if call.name == "run_step" and call.content:
        metrics.step(call.content, call.principal)
    elif call.name == "set_task" and call.content:
        metrics.task(call.content)
    elif call.name == "correct_step" and call.content:
        metrics.correction(call.content, call.principal)
    elif call.name == "checkpoint_memory" and call.content:
        metrics.checkpoints.inc()


def _log(call: EndedCall, params: Mapping[str, Any], text: bool) -> None:
    arguments = params.get("arguments")
    arguments = arguments if isinstance(arguments, dict) else {}
    content = call.content
    tokens = content.get("tokens")
    fields = {
        "tool": call.name,
        "session": logs.short(content.get("session_id", arguments.get("session_id"))),
        "principal": call.principal,
        "ms": round(1000 * call.seconds, 1),
        "outcome": call.state,
        "error": call.outcome.kind,
        "prompt_tokens": tokens["prompt"] if isinstance(tokens, dict) else None,
        "generated_tokens": tokens["generated"] if isinstance(tokens, dict) else None,
    }
    if text:
        fields["error_text"] = call.outcome.text
        fields["input"] = (
            beginning(str(arguments["input"]), TEXT_SHOWN) if "input" in arguments else None
        )
        fields["output"] = (
            beginning(str(content["output"]), TEXT_SHOWN) if "output" in content else None
        )
    LOG.info("call", extra={"fields": fields})
