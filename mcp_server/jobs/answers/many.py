"""Running a session's task on many inputs in one call, each as a step of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checkpoints import MemoryFault
from checkpoints.text.graphemes import beginning
from hypernet.engine.interface import EngineError, PromptTooLongError
from mcp_server.app.deadline import TimeOverError
from mcp_server.app.loader import LoadError
from mcp_server.app.principal import principal
from mcp_server.app.progress import CallProgress
from mcp_server.app.threads import in_thread
from mcp_server.jobs.keys import difference
from mcp_server.jobs.present import TEXT_SHOWN, step_result, task_text
from mcp_server.schema import limits, results
from mcp_server.schema.limits import InputError
from mcp_server.telemetry.faults import internal_error
from mcp_server.telemetry.running import StepCancelledError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checkpoints import StepRecord
    from mcp_server.app.deadline import Deadline
    from mcp_server.jobs.step import Session
    from mcp_server.schema.calls import StepCall

# No step is begun in less time than this many of the last one: what is cut stays so.
SPARE_STEPS = 2.0
ERROR_SHOWN = 500
INPUT_SHOWN = 40
REASONS_SHOWN = 3
# Of fewer answers it says nothing of the task that half of them are doubtful.
FEWEST_TO_JUDGE = 6
MILLISECONDS = 1000.0
TRAINING_TOLD = 1.0
"""Seconds; less is an adapter that was written."""
NOT_MEANT = (
    "The model does not compare numbers, calculate or count: let it extract them, and do that "
    "yourself"
)


@dataclass
class Ran:
    """What came of the inputs that were begun, in their order, and why the others were not."""

    task: str = ""
    """What the last of the steps ran under."""
    found: list[results.StepResult | str] = field(default_factory=list)
    """Of each input its step, or why it came to none."""
    stopped: str | None = None

    @property
    def steps(self) -> list[results.StepResult]:
        """Those that came to one."""
        return [each for each in self.found if isinstance(each, results.StepResult)]

    @property
    def refusals(self) -> dict[int, str]:
        """Why the others did not, by the input's place."""
        return {n: each for n, each in enumerate(self.found) if isinstance(each, str)}


async def run_many(
    session: Session, calls: Sequence[StepCall], deadline: Deadline, progress: CallProgress
) -> Ran:
    """Run steps one after the other, as long as there is time.

    An input that is refused stops no other; what is no fault of the input stops the list.

    Raises:
        InputError: a key belongs to something else, or no input came to a step; nothing ran.
        MemoryFault, EngineError, LoadError, TimeOverError, StepCancelledError: before the first
            step was recorded.
    """
    with deadline.enforced(progress):
        await in_thread(lambda: _check_keys(session, calls))
    ran, last, lasted = Ran(), None, 0.0
    for number, call in enumerate(calls):
        if deadline.left < SPARE_STEPS * lasted:
            ran.stopped = "the time that was left was too short for another step"
            break
        try:
            answer = await session.run_step(call, deadline, _part(progress, number, len(calls)))
        except (InputError, PromptTooLongError) as error:
            ran.found.append(beginning(str(error), ERROR_SHOWN))
            continue
        except Exception as error:
            if not ran.found:
                raise
            ran.stopped = _why(error)
            break
        assert answer.appended is not None  # noqa: S101  # for the type checker: a session's is recorded
        step = step_result(session.id, answer.appended)
        ran.task = task_text(answer.appended.step.task) or ""
        ran.found.append(step)
        await progress.report(
            "generating", (number + 1) / len(calls), f"input {number + 1} of {len(calls)}: done"
        )
        if not step.replayed:
            lasted = (step.timings.prefill_ms + step.timings.decode_ms) / MILLISECONDS
            if session.app.metrics is not None:
                session.app.metrics.step(step.model_dump(), principal())
            if changed := _changed(last, answer.appended.step):
                ran.stopped = changed
                break
            last = answer.appended.step
    if not ran.steps:
        raise InputError(_none_came_to_a_step(ran))
    return ran


def _check_keys(session: Session, calls: Sequence[StepCall]) -> None:
    """Refuse a list of which a part was sent with something else, before any of it runs.

    Raises:
        InputError: names the input and what differs.
    """
    for number, call in enumerate(calls):
        if call.step_key is None:
            return
        _, setting, recorded = session.find(call)
        differs = None if recorded is None else difference(call, setting, recorded.step)
        if differs is not None:
            raise InputError(
                f"step_key: inputs[{number}] has the key {call.step_key!r}, which {differs}. Give "
                "this list a key of its own"
            )


def _part(whole: CallProgress, number: int, count: int) -> CallProgress:
    """The progress of one step as its part of the whole."""

    async def send(done: float, total: float, message: str) -> None:
        fraction = (number + done / total) / count
        await whole.report("generating", fraction, f"input {number + 1} of {count}: {message}")

    return CallProgress(send, "loading", "refining", "storing", "generating")


def _why(error: Exception) -> str:
    """Why a list stopped, in words for its caller."""
    match error:
        case TimeOverError():
            return "the time was over"
        case StepCancelledError():
            return "a step was cancelled"
        case MemoryFault() | EngineError() | LoadError():
            return beginning(str(error), ERROR_SHOWN)
    return internal_error("tool run_steps", error)


def _changed(last: StepRecord | None, step: StepRecord) -> str | None:
    """What another call did to the session between two steps of a list; None: nothing."""
    if last is None:
        return None
    if step.n <= last.n:
        return f"another call took the session back before step {step.n}"
    if step.task != last.task:
        return f"another call changed the session's task before step {step.n}"
    return None


def _none_came_to_a_step(ran: Ran) -> str:
    told = [f"inputs[{number}]: {why}" for number, why in ran.refusals.items()]
    more = len(told) - REASONS_SHOWN
    return "; ".join(
        [
            *told[:REASONS_SHOWN],
            *([f"and {more} more"] if more > 0 else []),
            *([f"then {ran.stopped}"] if ran.stopped else []),
            "no step was recorded",
        ]
    )


def steps_result(session_id: str, ran: Ran, calls: Sequence[StepCall]) -> results.StepsResult:
    """Many steps as the wire shows them, their outputs together within `limits.OUTPUTS_SHOWN`."""
    most = _shared([len(step.output) for step in ran.steps], limits.OUTPUTS_SHOWN)
    return results.StepsResult(
        session_id=session_id,
        task=beginning(ran.task, TEXT_SHOWN),
        steps=[_line(n, calls[n - 1], each, most) for n, each in enumerate(ran.found, start=1)],
        left=len(calls) - len(ran.found),
        note="; ".join(_notes(ran, calls, most)) or None,
    )


def _shared(lengths: Sequence[int], budget: int) -> int:
    """The most that each may have where all are to have no more than the budget."""
    for number, length in enumerate(sorted(lengths)):
        waiting = len(lengths) - number
        if length * waiting > budget:
            return budget // waiting
        budget -= length
    return max(lengths, default=0)


def _line(n: int, call: StepCall, found: results.StepResult | str, most: int) -> results.StepLine:
    asked = beginning(call.input, INPUT_SHOWN)
    if isinstance(found, str):
        return results.StepLine(n=n, input=asked, error=found)
    cut = len(found.output) > most
    return results.StepLine(
        n=n,
        input=asked,
        step=found.step,
        output=beginning(found.output, most),
        output_truncated=cut,
        resource=found.resource if cut else None,
        confidence=None if found.confidence is None else round(found.confidence, 3),
        needs_review=found.needs_review,
        stop_reason=found.stop_reason,
        answered_by=None if found.answered_by == "model" else found.answered_by,
        replayed=found.replayed,
    )


def _notes(ran: Ran, calls: Sequence[StepCall], most: int) -> Iterator[str]:
    """What to send for the inputs that have no whole answer, and where long ones are whole."""
    keyed = calls[0].step_key is not None
    if left := len(calls) - len(ran.found):
        again = "the same call" if keyed else "these"
        yield f"{ran.stopped}: {left} left, the last ones of the list; send {again} again"
    elif ran.stopped:
        yield ran.stopped
    if ran.refusals:
        own = ", under another step_key" if keyed else ""
        yield f"no step of {len(ran.refusals)}, see error; mend and send these alone{own}"
    if cut := [str(step.step) for step in ran.steps if step.stop_reason == "time"]:
        own = " under another step_key" if keyed else ""
        yield f"the time cut the answer of step {', '.join(cut)}; send its input again{own}"
    if doubtful := [str(step.step) for step in ran.steps if step.needs_review]:
        yield f"look at step {', '.join(doubtful)}: less sure than ask_below"
    if len(doubtful) * 2 >= len(ran.steps) >= FEWEST_TO_JUDGE:
        again = " under another step_key" if keyed else ""
        yield (
            f"{len(doubtful)} of {len(ran.steps)} answers are doubtful: correct wrong ones with "
            f"correct_step, or give set_task more examples, then run these again{again}. "
            f"{NOT_MEANT}"
        )
    for step in ran.steps:
        seconds = step.timings.generation_ms / MILLISECONDS
        if seconds >= TRAINING_TOLD and not step.replayed:
            yield f"before step {step.step} the weights were trained anew: {seconds:.0f} s"
    if any(len(step.output) > most for step in ran.steps):
        yield f"outputs over {most} characters are shortened; resource has the whole"
