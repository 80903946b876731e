"""Every call of a client passes here once: the limit on calls, the log's line, the counters.

Knows nothing of what the calls do; it reads their results as clients do.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import anyio
from mcp.types import CallToolResult, TextContent

from mcp_server import logs
from mcp_server.access import principal
from mcp_server.outcome import following

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

    from mcp_server.application import Application
    from mcp_server.outcome import Outcome

LOG = logging.getLogger(__name__)
METHODS = ("tools/call", "resources/read", "prompts/get", "completion/complete")
TEXT_SHOWN = 500
# What is needed to look at a busy server.
ALWAYS = "status"


def watched(app: Application, tools: frozenset[str]) -> ServerMiddleware[Any]:
    """The middleware that watches the calls of one server. `tools` are the names it has."""
    running: Counter[str | None] = Counter()
    most = app.settings.calls

    async def watch(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
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
        with following() as outcome:
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
                outcome.kind = outcome.kind or type(error).__name__
                raise
            finally:
                running[who] -= limited
                if not running[who]:
                    del running[who]
                seconds = time.perf_counter() - began
                _count(app, name, state, seconds, result, outcome)
                _log(app, ctx, name, state, seconds, result, outcome)

    return watch


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


def _count(
    app: Application,
    name: str,
    state: str,
    seconds: float,
    result: HandlerResult,
    outcome: Outcome,
) -> None:
    metrics = app.metrics
    if metrics is None:
        return
    metrics.running.dec()
    metrics.calls.labels(tool=name, outcome=state).inc()
    metrics.call_seconds.labels(tool=name).observe(seconds)
    if state == "error":
        metrics.errors.labels(kind=outcome.kind or "unknown").inc()
    told = _structure(result)
    if name == "run_step" and told:
        metrics.step(told)
    elif name == "set_task" and told.get("adapter"):
        metrics.adapter(cached=told["adapter"]["cached"])
    elif name == "checkpoint_memory" and told:
        metrics.checkpoints.inc()


def _log(
    app: Application,
    ctx: ServerRequestContext[Any, Any],
    name: str,
    state: str,
    seconds: float,
    result: HandlerResult,
    outcome: Outcome,
) -> None:
    if not LOG.isEnabledFor(logging.INFO):
        return
    arguments = (ctx.params or {}).get("arguments")
    arguments = arguments if isinstance(arguments, dict) else {}
    told = _structure(result)
    tokens = told.get("tokens")
    fields = {
        "tool": name,
        "session": logs.short(told.get("session_id", arguments.get("session_id"))),
        "principal": principal(),
        "ms": round(1000 * seconds, 1),
        "outcome": state,
        "error": outcome.kind,
        "prompt_tokens": tokens["prompt"] if isinstance(tokens, dict) else None,
        "generated_tokens": tokens["generated"] if isinstance(tokens, dict) else None,
    }
    if app.settings.log_text:
        fields["error_text"] = outcome.text
        fields["input"] = str(arguments["input"])[:TEXT_SHOWN] if "input" in arguments else None
        fields["output"] = str(told["output"])[:TEXT_SHOWN] if "output" in told else None
    LOG.info("call", extra={"fields": fields})
