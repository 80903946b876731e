"""Every call passes here once, by whatever door: the limit, the log's line, the counters."""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from checkpoints.text.graphemes import beginning
from mcp_server.telemetry import logs
from mcp_server.telemetry.outcome import Outcome, call_outcome, cause_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mcp_server.telemetry.faults import DatabaseFaults
    from mcp_server.telemetry.metrics import Metrics

LOG = logging.getLogger(__name__)
TEXT_SHOWN = 500
# These change no session.
LOOKING = frozenset(
    {"status", "recall", "resources/read", "prompts/get", "completion/complete", "models"}
)
SESSION_CHARS = 64


class BusyError(Exception):
    """A principal has as many calls running as it may; says what to do."""


@dataclass
class Call:
    """A call that runs. Whoever answers it sets `state`, ok or error, and `content`.

    `content` is the structured result, `arguments` what was asked; of both the log shows some.
    """

    name: str
    principal: str | None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    state: str = "error"
    content: Mapping[str, Any] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)
    seconds: float = 0.0


class Calls:
    """The calls of one process. For one thread, the event loop's."""

    def __init__(
        self,
        most: int,
        faults: DatabaseFaults,
        metrics: Callable[[], Metrics | None],
        changed: Callable[[str, str | None], None],
        *,
        log_text: bool,
    ) -> None:
        """`most` may run at once for each principal; `log_text`: users' texts may be logged.

        `changed` takes a session in which a call ended, and whose call it was.
        """
        self._most, self._faults, self._metrics, self._log_text = most, faults, metrics, log_text
        self._changed = changed
        self._running: Counter[str | None] = Counter()

    @contextmanager
    def run(
        self,
        name: str,
        who: str | None,
        arguments: Mapping[str, Any],
        *,
        limited: bool = True,
        wrapper: type[Exception] | tuple[()] = (),
    ) -> Iterator[Call]:
        """Limit, count and log what runs inside.

        `wrapper` is a kind of error that only carries another to the client.

        Raises:
            BusyError: the limit is reached, and nothing ran.
        """
        metrics = self._metrics()
        if limited and self._running[who] >= self._most:
            if metrics is not None:
                metrics.refused.labels(limit="calls").inc()
            raise BusyError(
                f"calls: {self._most} of yours are running, the limit; wait for one to end and "
                "send this again"
            )
        self._running[who] += limited
        began = time.perf_counter()
        with call_outcome() as outcome:
            call = Call(name, who, arguments, outcome=outcome)
            try:
                if metrics is not None:
                    metrics.running.inc()
                yield call
            except anyio.get_cancelled_exc_class():
                call.state = "cancelled"
                raise
            except Exception as error:
                call.state = "error"
                if outcome.kind is None:
                    outcome.set(cause_of(error, wrapper))
                raise
            finally:
                self._running[who] -= limited
                if not self._running[who]:
                    del self._running[who]
                call.seconds = time.perf_counter() - began
                if metrics is not None:
                    _count(metrics, call)
                if call.state == "error":
                    self._faults.note(outcome.text)
                if name not in LOOKING:
                    for session_id in _sessions(call):
                        self._changed(session_id, who)
                if LOG.isEnabledFor(logging.INFO):
                    _log(call, self._log_text)


def _sessions(call: Call) -> set[str]:
    """The sessions that a call named or returned."""
    restored = call.content.get("session")
    named = (
        call.arguments.get("session_id"),
        call.content.get("session_id"),
        restored.get("session_id") if isinstance(restored, dict) else None,
    )
    return {each for each in named if isinstance(each, str) and len(each) <= SESSION_CHARS}


def _count(metrics: Metrics, call: Call) -> None:
    metrics.running.dec()
    metrics.calls.labels(tool=call.name, outcome=call.state).inc()
    metrics.call_seconds.labels(tool=call.name).observe(call.seconds)
    who = metrics.principal(call.principal)
    metrics.principal_calls.labels(principal=who, outcome=call.state).inc()
    if call.state == "error":
        metrics.errors.labels(kind=call.outcome.kind or "unknown").inc()
    if not call.content:
        return
    if call.name == "set_task":
        metrics.task(call.content)
    elif call.name == "correct_step":
        metrics.correction(call.content, call.principal)
    elif call.name == "checkpoint_memory":
        metrics.checkpoints.inc()
    elif "saturation" in call.content:  # a step, or an answer that was not recorded
        metrics.step(call.content, call.principal)


def _log(call: Call, text: bool) -> None:
    arguments, content = call.arguments, call.content
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
            None if content.get("output") is None else beginning(str(content["output"]), TEXT_SHOWN)
        )
    LOG.info("call", extra={"fields": fields})
