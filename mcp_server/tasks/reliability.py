"""What other tasks say of one that was not measured: how sure its answers are, and how good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.adapters.plan import BY_FIT, enough_to_refine, used_mode
from hypernet.copying import copies
from hypernet.learning.answers import Answer, Form
from hypernet.learning.judges.blend import Blend
from hypernet.learning.judges.calibration import Calibration
from hypernet.learning.judges.words import answerable
from hypernet.learning.serve import words_of
from mcp_server.schema import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypernet.adapters.plan import Mode, Plan
    from hypernet.engine.interface import Capabilities
    from hypernet.hypernetwork.reliability import Kind, Level, Reliability
    from hypernet.learning.judges.words import WordsModel
    from hypernet.runtime import Runtime
    from hypernet.task import Task

TRAINED_ON = 8
"""So many examples each development task was trained on."""


def level_of(plan: Plan) -> Level | None:
    """Whose curves hold for answers under a plan; None: development tasks ran otherwise.

    They ran in the mode that follows the fit, trained ones with the task in the prompt too.
    """
    if plan.entry is None:
        return None
    level = plan.entry.fit.level
    if plan.mode != BY_FIT[level]:
        return None
    if plan.entry.refinement is None:
        return level
    return "trained" if plan.mode == "hybrid" else None


def heard_words(runtime: Runtime, plan: Plan) -> WordsModel | None:
    """The classifier that is heard beside trained weights; None where none is.

    It is from as many examples on as the development tasks had.
    """
    task, curve = plan.task, runtime.reliability.curve("trained", "labels")
    if level_of(plan) != "trained" or curve is None or not curve.words:
        return None
    if runtime.embedder is None or len(task.examples) < TRAINED_ON or not answerable(task):
        return None
    return words_of(task, runtime.embedder) if task.labels else None


def by_curve(
    reliability: Reliability,
    plan: Plan,
    answer: Answer,
    kind: Kind | None,
    words: Mapping[str, float] | None = None,
) -> Answer:
    """A model's answer with the confidence that its curve gives it, or as it is where none does.

    Args:
        reliability: the hypernetwork's curves.
        plan: what it was answered under.
        answer: a whole one.
        kind: of the answer; None: of a kind that was not measured.
        words: what a classifier of words says of the same labels, if it is heard.
    """
    level = level_of(plan)
    curve = None if level is None or kind is None else reliability.curve(level, kind)
    if curve is None:
        return answer
    if kind != "labels":
        sure = answer.confidence
        calibrated = None if sure is None else Calibration(curve.offset, curve.slope)(sure)
        return Answer(answer.output, calibrated)
    if answer.shares is None or answer.output not in answer.shares:
        return answer
    if words is not None:
        both = Blend(model=curve.power, words=curve.words)
        return Answer.likeliest(both({"model": answer.shares, "words": words}))
    shares = Blend(model=curve.power)({"model": answer.shares})
    return Answer(answer.output, shares[answer.output], shares)


def kind_of(*, structured: bool, labels: bool, copied: bool) -> Kind | None:
    """What an answer is; of structured ones no development task has told anything."""
    if structured:
        return None
    return "labels" if labels else "copied" if copied else "free"


def expected_kind(task: Task, form: Form, capabilities: Capabilities) -> Kind | None:
    """What the answers of a task will be."""
    return kind_of(
        structured=form.output_schema is not None,
        labels=bool(task.labels),
        copied=capabilities.copy and (copies(task) if form.copy is None else form.copy),
    )


def expected_level(task: Task, mode: Mode, runtime: Runtime) -> Level | None:
    """What `level_of` will be of a task that no step asks for now: its adapter is not written."""
    if runtime.library is None:
        return None
    level = runtime.library.source.fit(task).level
    used = used_mode(level, mode, runtime.engine.capabilities)
    if used != BY_FIT[level]:
        return None
    if not enough_to_refine(task):
        return level
    return "trained" if used == "hybrid" else None


def estimate(
    level: Level | None, task: Task, form: Form, runtime: Runtime
) -> named.EstimateResult | None:
    """How good a task's answers will be by such tasks; None: nothing tells."""
    kind = expected_kind(task, form, runtime.engine.capabilities)
    if level is None or kind is None:
        return None
    curve = runtime.reliability.curve(level, kind)
    if curve is None:
        return None
    return named.EstimateResult(
        expected_accuracy=round(curve.accuracy, 3),
        fit=level,
        answers=kind,
        tasks=curve.tasks,
        asked=curve.answers,
    )
