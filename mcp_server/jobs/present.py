"""Records and plans as the wire shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from checkpoints import alone, text_digest
from checkpoints.text.graphemes import beginning
from hypernet.engine.interface import confidence_of
from mcp_server.schema import results
from mcp_server.schema.uris import step_uri

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checkpoints import (
        Appended,
        CheckpointRecord,
        Excerpt,
        Hit,
        Quarantined,
        SessionRecord,
        StepRecord,
    )
    from checkpoints.documents import DocumentError
    from hypernet.adapters.plan import Plan, UsedMode
    from hypernet.copying import Copy
    from hypernet.engine.interface import Generation
    from hypernet.learning.answers import Answer
    from mcp_server.jobs.context import Part, Prompt
    from mcp_server.jobs.documents.ingest import Indexed
    from mcp_server.schema.calls import QuarantineCall, RevokeCall, StepCall
    from mcp_server.tasks.serving import Prepared, Settled

# Of what a session may hold any number of: older HTTP clients refuse events over 1 MiB.
ENTRIES_SHOWN = 100
TEXT_SHOWN = 200
_SOURCES_SHOWN = 10
# Where a step's record keeps what was asked for, beside its result.
ASKED = "asked"
# And where what became of the earlier turns that a call brought.
HISTORY = "history"
# And where what it takes, beside the session's memory, to make the prompt again.
SENT = "sent"


@dataclass(frozen=True)
class Outcome:
    """What a step came to: the answer, the model's generation behind it, and what was copied."""

    settled: Settled
    generation: Generation
    copy: Copy | None = None


def step_details(
    call: StepCall, prepared: Prepared, prompt: Prompt, outcome: Outcome
) -> dict[str, Any]:
    """The part of a step's result that is recorded beside its text."""
    plan, generation, copy = prepared.plan, outcome.generation, outcome.copy
    entry, tokens, answer = plan.entry, generation.tokens, outcome.settled.answer
    acting = None if plan.adapter is None else entry
    span = None if copy is None else copy.span(answer.output)
    review = review_reason(call, prepared, answer)
    brought = {
        "turns": len(prompt.history),
        "tokens": prompt.history_tokens,
        "left_out": prompt.turns_left_out,
    }
    return {
        **({HISTORY: brought} if call.history else {}),
        **_sent(plan, prompt),
        "span": None if span is None else {"start": span[0], "end": span[1]},
        "confidence": answer.confidence,
        "shares": None if answer.shares is None else dict(answer.shares),
        "answered_by": outcome.settled.by,
        "needs_review": review is not None,
        "review_reason": review,
        "stop_reason": generation.stop_reason,
        "fit": entry.fit.level if entry else None,
        "adapter_cached": None if acting is None else acting.cached,
        "tokens": {
            "prefix": tokens.prefix,
            "prefix_reused": tokens.prefix_reused,
            "prompt": tokens.prompt,
            "retrieved": prompt.part("retrieved").tokens,
            "memory": prompt.memory_tokens,
            "generated": tokens.generated,
        },
        "saturation": round(prompt.saturation, 4),
        "timings": {
            "generation_ms": round(acting.generation_ms, 2) if acting else 0.0,
            "prefill_ms": round(generation.prefill_ms, 2),
            "decode_ms": round(generation.decode_ms, 2),
        },
        "retrieved": [excerpt_result(e).model_dump() for e in prompt.part("retrieved").excerpts],
        "context": [part_result(part).model_dump() for part in prompt.parts],
        "prompt_sha256": prompt.sha256,
    }


def _sent(plan: Plan, prompt: Prompt) -> dict[str, Any]:
    """Of the prompt what a record of the memory in it does not tell: the task's text, the turns."""
    found: dict[str, Any] = {}
    if prompt.prefix:
        shown = len(plan.task.examples) if plan.shows_examples else 0
        found |= {"prefix_sha256": text_digest(prompt.prefix), "examples": shown}
    if prompt.history:
        found["turns"] = [{"user": turn.user, "answer": turn.answer} for turn in prompt.history]
    return {SENT: found} if found else {}


def review_reason(call: StepCall, prepared: Prepared, answer: Answer) -> str | None:
    """Why a person should look at an answer; None: no reason."""
    own = None if prepared.named is None else prepared.named.version.definition.ask_below
    below = own if call.ask_below is None else call.ask_below
    if not below:
        return None
    if answer.confidence is None:
        return f"how sure the answer is is not known, and ask_below is {below:g}"
    if answer.confidence >= below:
        return None
    return f"confidence {answer.confidence:.2f} is under ask_below {below:g}"


def step_result(session_id: str, appended: Appended) -> results.StepResult:
    """A recorded step as the wire shows it."""
    step, checkpoint = appended.step, appended.checkpoint
    return results.StepResult(
        session_id=session_id,
        step=step.n,
        output=step.output,
        resource=step_uri(session_id, step.n),
        mode=cast("UsedMode", step.mode),
        adapter_digest=step.adapter_digest,
        checkpoint=None if checkpoint is None else checkpoint_result(checkpoint),
        replayed=appended.replayed,
        **observed(step),
    )


def observed(step: StepRecord) -> dict[str, Any]:
    """What was observed of a step, without what was asked for, brought or sent, kept beside it.

    In the form of today: earlier releases recorded the labels' shares as the confidence, and of
    prompted steps whether an adapter was cached that did not act.
    """
    return observed_of(step.output, step.mode, step.result)


def observed_of(output: str, mode: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an answer and its details."""
    found = {name: value for name, value in details.items() if name not in (ASKED, HISTORY, SENT)}
    if isinstance(found.get("confidence"), dict):
        confidence, shares = confidence_of(output, found["confidence"])
        found |= {"confidence": confidence, "shares": shares}
    if mode == "prompted" and "adapter_cached" in found:
        found["adapter_cached"] = None
    return found


def checkpoint_result(record: CheckpointRecord) -> results.CheckpointResult:
    """A checkpoint as the wire shows it."""
    return results.CheckpointResult(
        checkpoint_id=record.id,
        session_id=record.session_id,
        step=record.step,
        parent=record.parent,
        label=record.label,
        items=record.items,
        bytes=record.bytes,
    )


def excerpt_result(excerpt: Excerpt) -> results.ExcerptResult:
    """An excerpt as the wire shows it."""
    return results.ExcerptResult(
        text=excerpt.text,
        source=excerpt.source,
        place=excerpt.place,
        created_at=excerpt.created_at,
        score=round(excerpt.score, 4),
        step=excerpt.step,
        input=excerpt.input,
        origin=excerpt.origin,
        pinned=excerpt.pinned,
        item_ids=list(excerpt.item_ids),
        pieces=[
            results.PieceResult(item_id=p.item_id, start=p.start, end=p.end, place=p.place)
            for p in excerpt.pieces
        ],
    )


def item_result(hit: Hit) -> results.ExcerptResult:
    """A single memory item in a list: the beginning of its text."""
    whole = excerpt_result(alone(hit))
    return whole.model_copy(update={"text": beginning(whole.text, TEXT_SHOWN)})


def part_result(part: Part) -> results.PartResult:
    """A part of a prompt's memory as the wire shows it, without its text."""
    return results.PartResult(
        part=part.name,
        tokens=part.tokens,
        budget=part.budget,
        steps=[step.n for step in part.steps],
        item_ids=[item_id for excerpt in part.excerpts for item_id in excerpt.item_ids],
        left_out=part.left_out,
    )


def remember_result(session_id: str, done: Indexed) -> results.RememberResult:
    """What was indexed as the wire shows it."""
    return results.RememberResult(
        session_id=session_id,
        stored=done.stored,
        duplicates=done.duplicates,
        superseded=done.superseded,
        item_ids=list(done.item_ids),
        files=done.files,
        failed=[_problem(error) for error in done.failed[:ENTRIES_SHOWN]],
        failed_count=len(done.failed),
        partly=[*map(_problem, done.partly[:ENTRIES_SHOWN]), *_unlisted(done.partly)],
        note=_note_on_hidden(done.hidden),
    )


def _note_on_hidden(sources: Sequence[str]) -> str | None:
    if not sources:
        return None
    names = ", ".join(repr(beginning(each, TEXT_SHOWN)) for each in sources[:_SOURCES_SHOWN])
    more = len(sources) - _SOURCES_SHOWN
    return (
        f"in quarantine: {names}{f' and {more} more' if more > 0 else ''}; what is stored from "
        "there is in no search and no prompt until it is released"
    )


def _problem(error: DocumentError) -> results.FailedFileResult:
    return results.FailedFileResult(name=error.name, problem=error.problem)


def _unlisted(errors: Sequence[DocumentError]) -> list[results.FailedFileResult]:
    """A last entry that says how many more there are."""
    more = len(errors) - ENTRIES_SHOWN
    problem = f"{more} more parts are left out; remember fewer files at once to see them"
    return [results.FailedFileResult(name="…", problem=problem)] if more > 0 else []


def quarantined_result(record: Quarantined) -> results.QuarantinedResult:
    """A quarantine as the wire shows it."""
    return results.QuarantinedResult(
        text=None if record.text is None else beginning(record.text, TEXT_SHOWN),
        source=record.source,
        reason=record.reason,
        created_at=record.created_at,
        item_ids=list(record.item_ids[:ENTRIES_SHOWN]),
        steps=list(record.steps[:ENTRIES_SHOWN]),
    )


def with_reason(note: str | None, call: QuarantineCall | RevokeCall) -> str | None:
    """A note, and that the reason was not kept where something is let back in."""
    if not call.release or call.reason is None:
        return note
    return f"{note + '; ' if note else ''}a release keeps no reason"


def task_text(task: object) -> str | None:
    """What a recorded task is for; an imported session may hold what it likes."""
    text = task.get("description") if isinstance(task, dict) else None
    return text if isinstance(text, str) else None


def session_result(
    record: SessionRecord, checkpoint: CheckpointRecord | None
) -> results.SessionResult:
    """A session as the wire shows it; `checkpoint` is its last one."""
    return results.SessionResult(
        session_id=record.id,
        steps=record.steps,
        items=record.items,
        task=task_text((record.task or {}).get("task")),
        last_checkpoint=None if checkpoint is None else checkpoint.id,
        last_checkpoint_step=None if checkpoint is None else checkpoint.step,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def session_line(session: results.SessionResult) -> results.SessionResult:
    """A session in a list: the beginning of its task."""
    task = session.task
    return session.model_copy(
        update={"task": None if task is None else beginning(task, TEXT_SHOWN)}
    )
