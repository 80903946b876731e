"""Which way serves: the best on the held-out examples, and the one that serves if none beats it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypernet.learning.blend import fitted, right_left_out
from hypernet.learning.calibration import USUAL, calibrated
from hypernet.learning.quality import Figure, Quality
from hypernet.learning.ways import MODEL_WAYS
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypernet.learning.blend import Judged
    from hypernet.learning.measure import HeldOut
    from hypernet.learning.ways import ModelWay, Way

W = TypeVar("W", "ModelWay", "Way")
# Of ways that are alike, the one that learned most is likelier to gain from the next example.
PREFERENCE: tuple[Way, ...] = ("both", *reversed(MODEL_WAYS), "words")


def choose(held: HeldOut, before: Way | None = None) -> Quality:
    """The quality of a version of a task.

    Args:
        held: what every way answered to the same examples.
        before: the way that has served up to now: it goes on unless another one did better.
    """
    figures: dict[Way, Figure] = {way: _figure(held.right(way)) for way in held.answers}
    answered = {way: sum(each is not None for each in held.answers[way]) for way in figures}
    plan = _best([way for way in MODEL_WAYS if way in figures], figures, before, answered)
    if "words" not in figures:
        pairs = zip(held.answers[plan], held.right(plan), strict=True)
        sure = [(a.confidence, right) for a, right in pairs if a and a.confidence is not None]
        calibration = calibrated(sure, USUAL)
        return Quality(figures, plan, plan, len(held.examples), calibration=calibration)
    judged = _judged(held, plan)
    candidates: list[Way] = [plan, "words"]
    if judged:
        figures["both"] = _figure(right_left_out(judged))
        candidates.append("both")
    serving = _best(candidates, figures, before, {**answered, "both": answered[plan]})
    blend = fitted(judged, model=serving != "words", words=serving in ("words", "both"))
    return Quality(figures, serving, plan, len(held.examples), blend=blend)


def _best(
    ways: Sequence[W],
    figures: Mapping[Way, Figure],
    before: Way | None,
    answered: Mapping[Way, int],
) -> W:
    order = sorted(ways, key=lambda way: (way != before, PREFERENCE.index(way)))
    # The first of the best. One that could not answer at all may do worse than be wrong.
    return max(order, key=lambda way: (figures[way].right, answered[way]))


def _figure(right: Sequence[bool]) -> Figure:
    return Figure(sum(right), len(right))


def _judged(held: HeldOut, plan: Way) -> list[Judged]:
    """Both judges' shares of each held-out example's labels, where the model could answer."""
    return [
        (model.shares, words.shares, as_read(example.output))
        for model, words, example in zip(
            held.answers[plan], held.answers["words"], held.examples, strict=True
        )
        if model and words and model.shares and words.shares
    ]
