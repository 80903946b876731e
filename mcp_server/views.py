"""Records and plans as the wire shows them. Knows nothing of how they came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mcp_server import results

if TYPE_CHECKING:
    from checkpoints import CheckpointRecord, Hit, SessionRecord, StepRecord
    from hypernet.engine.base import Generation
    from hypernet.plan import Plan, UsedMode
    from hypernet.runtime import Runtime
    from mcp_server.prompt import Prompt


def task_result(session_id: str, plan: Plan, runtime: Runtime) -> results.TaskResult:
    """What `set_task` tells of a plan."""
    if plan.entry is None:
        return results.TaskResult(
            session_id=session_id,
            mode=plan.mode,
            adapter=None,
            fit=None,
            note="no hypernetwork for this base: steps run with the task in the prompt",
        )
    entry, fit = plan.entry, plan.entry.fit
    note: str | None = None
    if fit.level == "unknown" and not plan.task.examples:
        note = "far from every training task: steps use the multi-task adapter and the task's text"
    return results.TaskResult(
        session_id=session_id,
        mode=plan.mode,
        adapter=results.AdapterResult(
            digest=entry.adapter.digest,
            rank=entry.adapter.rank,
            bytes=entry.adapter.nbytes,
            generation_ms=round(entry.generation_ms, 2),
            cached=entry.cached,
            parent=entry.parent,
        ),
        fit=results.FitResult(
            level=fit.level, similarity=round(fit.similarity, 4), nearest=list(fit.nearest)
        ),
        note=note or runtime.about.get("note"),
    )


def step_details(plan: Plan, prompt: Prompt, generation: Generation) -> dict[str, Any]:
    """The part of a step's result that is recorded beside its text."""
    entry, tokens = plan.entry, generation.tokens
    confidence = generation.confidence
    return {
        "confidence": dict(confidence) if confidence else None,
        "stop_reason": generation.stop_reason,
        "fit": entry.fit.level if entry else None,
        "adapter_cached": bool(entry and entry.cached),
        "tokens": {
            "prefix": tokens.prefix,
            "prefix_reused": tokens.prefix_reused,
            "prompt": tokens.prompt,
            "retrieved": prompt.retrieved_tokens,
            "generated": tokens.generated,
        },
        "saturation": round(prompt.saturation, 4),
        "timings": {
            "generation_ms": round(entry.generation_ms, 2) if entry else 0.0,
            "prefill_ms": round(generation.prefill_ms, 2),
            "decode_ms": round(generation.decode_ms, 2),
        },
        "retrieved": [excerpt_result(hit).model_dump() for hit in prompt.excerpts],
    }


def step_result(
    session_id: str, step: StepRecord, checkpoint: CheckpointRecord | None, *, replayed: bool
) -> results.StepResult:
    """A recorded step as the wire shows it."""
    return results.StepResult(
        session_id=session_id,
        step=step.n,
        output=step.output,
        mode=cast("UsedMode", step.mode),
        adapter_digest=step.adapter_digest,
        checkpoint=None if checkpoint is None else checkpoint_result(checkpoint),
        replayed=replayed,
        **step.result,
    )


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


def excerpt_result(hit: Hit) -> results.ExcerptResult:
    """A hit as the wire shows it."""
    return results.ExcerptResult(
        text=hit.text,
        source=hit.source,
        created_at=hit.created_at,
        score=round(hit.score, 4),
        step=hit.step,
    )


def session_result(record: SessionRecord) -> results.SessionResult:
    """A session as the wire shows it."""
    return results.SessionResult(
        session_id=record.id,
        steps=record.steps,
        items=record.items,
        task=record.task["task"]["description"] if record.task else None,
        last_checkpoint=record.last_checkpoint,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )
