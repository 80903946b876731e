"""What `set_task` returns: the task's weights, how well it is known, what would better it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.adapters.cache import TRAINED_ON
from hypernet.adapters.plan import ADVISED, REFINE_LABELS_FROM, enough_to_refine
from hypernet.learning.answers import Form
from mcp_server.app.principal import principal
from mcp_server.schema import results
from mcp_server.tasks.quality import quality_result
from mcp_server.tasks.reliability import estimate, level_of
from mcp_server.tasks.serving import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypernet.adapters.plan import Plan
    from hypernet.runtime import Runtime
    from hypernet.task import Task
    from mcp_server.tasks.serving import Prepared


def task_result(
    session_id: str, prepared: Prepared, runtime: Runtime, *, refined: bool
) -> results.TaskResult:
    """What `set_task` returns of a task; `refined` is whether steps on the examples were due."""
    plan, named = prepared.plan, prepared.named
    measured = None if named is None else named.learned
    form = Form() if named is None else form_of(named.version)
    fit = None if plan.entry is None else plan.entry.fit
    return results.TaskResult(
        session_id=session_id,
        name=None if named is None else named.version.task,
        version=None if named is None else named.version.number,
        quality=None if measured is None else quality_result(measured, runtime.identity),
        estimate=None
        if measured is not None
        else estimate(level_of(plan), plan.task, form, runtime),
        mode=plan.mode,
        labels=list(plan.task.labels),
        examples=len(plan.task.examples if named is None else named.version.examples),
        refined=_refinement_result(plan),
        adapter=_adapter_result(plan),
        fit=None
        if fit is None
        else results.FitResult(
            level=fit.level, similarity=round(fit.similarity, 4), nearest=list(fit.nearest)
        ),
        note="; ".join(_notes(prepared, refined=refined)) or runtime.about.get("note"),
    )


def _notes(prepared: Prepared, *, refined: bool) -> Iterator[str]:
    """What is out of the ordinary; `refined` is whether steps on the examples were due."""
    plan, named = prepared.plan, prepared.named
    fit = None if plan.entry is None else plan.entry.fit
    done = _refinement_result(plan)
    if fit is None:
        yield "no hypernetwork for this base: steps run with the task in the prompt"
    elif fit.level == "unknown" and plan.adapter is not None and not plan.task.examples:
        yield "far from every training task: steps use the multi-task adapter and the task's text"
    untrained = plan.adapter is not None and done is None and not enough_to_refine(plan.task)
    if untrained and (named is None or named.version.owner == principal()):
        yield _ask_for_examples(plan.task, None if named is None else named.version.task)
    every = len(plan.task.examples)
    if named is not None and named.learned is None and done is not None and done.examples < every:
        yield (
            f"not learned yet: so far its weights are trained on {done.examples} of its {every} "
            "examples"
        )
    if refined and plan.adapter is None:
        yield "mode prompted: the examples are in the prompt, and nothing was refined"
    elif refined and done is None:
        yield f"examples: none is within {TRAINED_ON}, and nothing was refined"


def _ask_for_examples(task: Task, name: str | None) -> str:
    """What the caller's model is asked for, in words: it can write what the weights lack."""
    given = len(task.examples)
    so_far = "no solved examples" if not given else f"{given} solved example{'s' * (given > 1)}"
    send = "set_task again with this session_id" if name is None else "save_task with add: true"
    each = ", every label among them" if task.labels else ""
    if given >= REFINE_LABELS_FROM:
        so_far, number = f"{so_far}, all of one label", "examples of the others too"
    else:
        number = f"{ADVISED} examples in all"
    return (
        f"{so_far}: many answers will be wrong. Answer some of the inputs yourself, invent more "
        f"like them{each}, and call {send} and {number}"
    )


def _adapter_result(plan: Plan) -> results.AdapterResult | None:
    if plan.adapter is None or plan.entry is None:
        return None
    return results.AdapterResult(
        digest=plan.adapter.digest,
        rank=plan.adapter.rank,
        bytes=plan.adapter.nbytes,
        generation_ms=round(plan.entry.generation_ms, 2),
        cached=plan.entry.cached,
        parent=plan.entry.parent,
    )


def _refinement_result(plan: Plan) -> results.RefinementResult | None:
    done = None if plan.adapter is None or plan.entry is None else plan.entry.refinement
    if done is None:
        return None
    return results.RefinementResult(
        steps=done.steps,
        examples=done.examples,
        first_loss=round(done.first_loss, 4),
        last_loss=round(done.last_loss, 4),
    )
