"""Which way serves: the best on the held-out examples, and the one that serves if none beats it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypernet.learning.judges.blend import fitted, right_left_out
from hypernet.learning.judges.calibration import USUAL, calibrated
from hypernet.learning.quality import Figure, Quality, judged_by
from hypernet.learning.ways import MODEL_WAYS
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypernet.learning.answers import Answer
    from hypernet.learning.judges.blend import Judge, Judged
    from hypernet.learning.measure import HeldOut
    from hypernet.learning.ways import ModelWay, Way

W = TypeVar("W", "ModelWay", "Way")
# Of ways that are alike, the one that costs a step least of those that hear the most examples.
PREFERENCE: tuple[Way, ...] = ("probe", "both", *reversed(MODEL_WAYS), "words")
TOGETHER: tuple[Way, ...] = ("probe", "both")
LUCK = 1
"""So many more answers must one judge have right than several together have, to come before them:
of few answers, the best of many ways is the luckiest one."""


def choose(held: HeldOut, before: Way | None = None) -> Quality:
    """The quality of a version of a task.

    Args:
        held: what every way answered to the same examples.
        before: the way that has served up to now: it goes on unless another one did better.
    """
    figures: dict[Way, Figure] = {
        way: _figure(held.right(way), held.likeness(way)) for way in held.answers if way != "probe"
    }
    answered = {way: sum(each is not None for each in held.answers[way]) for way in held.answers}
    plan = _best([way for way in MODEL_WAYS if way in figures], figures, before, answered)
    heard = _heard(held, plan)
    if set(heard) == {plan}:
        pairs = zip(held.answers[plan], held.right(plan), strict=True)
        sure = [(a.confidence, right) for a, right in pairs if a and a.confidence is not None]
        calibration = calibrated(sure, USUAL)
        return Quality(figures, plan, plan, len(held.examples), calibration=calibration)
    judged = {way: _judged(held, plan, *judges) for way, (plan, judges) in heard.items()}
    for way in TOGETHER:  # these answer by what is fitted to the other held-out answers
        if judged.get(way):
            figures[way] = _figure(right_left_out(judged[way], *heard[way][1]))
            answered[way] = len(judged[way])
    serving = _best([way for way in heard if way in figures], figures, before, answered)
    plan, judges = heard[serving]
    return Quality(
        figures,
        serving,
        plan,
        len(held.examples),
        blend=fitted(judged[serving], *judges),
        probe=held.probe if "probe" in judges else None,
    )


def _heard(held: HeldOut, plan: ModelWay) -> dict[Way, tuple[ModelWay, tuple[Judge, ...]]]:
    """The ways that may serve: under which plan the model runs, and whose shares are heard."""
    ways: dict[Way, tuple[ModelWay, tuple[Judge, ...]]] = {plan: (plan, ("model",))}
    words: tuple[Judge, ...] = ("words",) if "words" in held.answers else ()
    if words:
        with_words: ModelWay = "trained" if "trained" in held.answers else plan
        ways |= {"words": (plan, words), "both": (with_words, ("model", *words))}
    if held.probe is not None:
        ways["probe"] = (held.probed, ("model", "probe", *words))
    return ways


def _best(
    ways: Sequence[W],
    figures: Mapping[Way, Figure],
    before: Way | None,
    answered: Mapping[Way, int],
) -> W:
    order = sorted(ways, key=lambda way: (way != before, PREFERENCE.index(way)))
    measure = judged_by(figures[way] for way in ways)

    def merit(way: W) -> tuple[float, int]:
        figure = figures[way]
        luck = 0 if way in TOGETHER else LUCK
        best = figure.right - luck if measure == "right" else round(figure.likeness or 0.0, 2)
        return best, answered[way]  # one that could not answer at all may do worse than be wrong

    return max(order, key=merit)  # the first of the best


def _figure(right: Sequence[bool], likeness: float | None = None) -> Figure:
    return Figure(sum(right), len(right), likeness)


def _judged(held: HeldOut, plan: ModelWay, *judges: Judge) -> list[Judged]:
    """The judges' shares of each held-out example's labels, where all of them could answer."""
    of_judge: dict[Judge, Way] = {"model": plan, "words": "words", "probe": "probe"}
    found: list[Judged] = []
    for place, example in enumerate(held.examples):
        answers: dict[Judge, Answer | None] = {
            judge: held.answers[of_judge[judge]][place] for judge in judges
        }
        shares = {judge: each.shares for judge, each in answers.items() if each and each.shares}
        if len(shares) == len(judges):
            found.append((shares, as_read(example.output)))
    return found
