"""Running a session's task on many inputs in one call, each as a step of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkpoints import MemoryFault
from checkpoints.text.graphemes import beginning
from hypernet.engine.interface import EngineError
from mcp_server.app.deadline import TimeOverError
from mcp_server.app.principal import principal
from mcp_server.app.progress import CallProgress
from mcp_server.jobs.present import step_result
from mcp_server.schema import limits, results
from mcp_server.schema.limits import InputError
from mcp_server.schema.uris import step_uri
from mcp_server.telemetry.running import StepCancelledError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_server.app.deadline import Deadline
    from mcp_server.jobs.step import Session
    from mcp_server.schema.calls import StepCall

# No step is begun in less time than this many of the last one: what is cut would stay so.
SPARE_STEPS = 2.0


@dataclass(frozen=True)
class Ran:
    """What came of the inputs that were begun, in their order, and why the others were not."""

    found: tuple[results.StepResult | Exception, ...]
    stopped: str | None = None


async def run_many(
    session: Session, calls: Sequence[StepCall], deadline: Deadline, progress: CallProgress
) -> Ran:
    """Run steps one after the other, as long as there is time; one that is refused stops no other.

    Raises:
        MemoryFault, EngineError, InputError, LoadError, TimeOverError, StepCancelledError: as of
            `Session.run_step`, of the first input, where none of them came to a step.
    """
    found: list[results.StepResult | Exception] = []
    stop: Exception | None = None
    lasted = 0.0
    for number, call in enumerate(calls):
        if deadline.left < SPARE_STEPS * lasted:
            stop = deadline.error(progress)
            break
        began = time.monotonic()
        try:
            answer = await session.run_step(call, deadline, _part(progress, number, len(calls)))
        except (TimeOverError, StepCancelledError) as error:
            stop = error
            break
        except (InputError, EngineError, MemoryFault) as error:
            found.append(error)
            continue
        lasted = time.monotonic() - began
        assert answer.appended is not None  # noqa: S101  # for the type checker: a session's is recorded
        step = step_result(session.id, answer.appended)
        found.append(step)
        if session.app.metrics is not None:
            session.app.metrics.step(step.model_dump(), principal())
    failed = [each for each in (*found, stop) if isinstance(each, Exception)]
    if failed and all(isinstance(each, Exception) for each in found):
        raise failed[0]
    return Ran(tuple(found), None if stop is None else _why(stop))


def _part(whole: CallProgress, number: int, count: int) -> CallProgress:
    """The progress of one step as its part of the whole."""

    async def send(done: float, total: float, message: str) -> None:
        fraction = (number + done / total) / count
        await whole.report("generating", fraction, f"input {number + 1} of {count}: {message}")

    return CallProgress(send, "loading", "refining", "storing", "generating")


def _why(stop: Exception) -> str:
    return "a step was cancelled" if isinstance(stop, StepCancelledError) else "the time was over"


def steps_result(session_id: str, ran: Ran, calls: Sequence[StepCall]) -> results.StepsResult:
    """Many steps as the wire shows them, their outputs together within `limits.OUTPUTS_SHOWN`."""
    most = limits.OUTPUTS_SHOWN // len(calls)
    return results.StepsResult(
        session_id=session_id,
        steps=[_line(each, most) for each in ran.found],
        left=len(calls) - len(ran.found),
        note=_note(session_id, ran, calls, most),
    )


def _line(found: results.StepResult | Exception, most: int) -> results.StepLine:
    if isinstance(found, Exception):
        return results.StepLine(error=str(found))
    shared = results.StepLine.model_fields.keys() & results.StepResult.model_fields.keys()
    line = results.StepLine(**{name: getattr(found, name) for name in shared})
    return line.model_copy(update={"output": beginning(found.output, most)})


def _note(session_id: str, ran: Ran, calls: Sequence[StepCall], most: int) -> str | None:
    """What to send for the inputs that have no step, and where long outputs are whole."""
    notes = []
    if left := len(calls) - len(ran.found):
        again = "these" if calls[0].step_key is None else "the same call"
        notes.append(f"{ran.stopped}; inputs not begun, the last ones: {left}; send {again} again")
    if refused := sum(isinstance(each, Exception) for each in ran.found):
        notes.append(f"inputs that came to no step, see error: {refused}")
    long = [e for e in ran.found if isinstance(e, results.StepResult) and len(e.output) > most]
    if long:
        notes.append(
            f"outputs shortened to {most} characters: {len(long)}; for the whole read "
            f"{step_uri(session_id, long[0].step)} and so on"
        )
    return "; ".join(notes) or None
