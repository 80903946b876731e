"""The curves of a hypernetwork, and how far what they say is off for tasks they have not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hypernet.evaluation.scores import interval
from hypernet.hypernetwork.reliability import KINDS, LEVELS, Curve
from hypernet.learning.judges.blend import Blend, fitted
from hypernet.learning.judges.calibration import USUAL, Calibration, calibrated, expected_error
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.reliability.asking import Row
    from hypernet.hypernetwork.reliability import Kind, Level
    from hypernet.learning.judges.blend import Judge, Judged, Shares

    Sure = tuple[float, bool]
    """A confidence, and whether the answer was right."""
    ByTask = Mapping[str, Sequence[Sure]]

FEWEST_TASKS = 8
"""Fewer make no curve."""
PARTS = 5
"""A curve is tried on a fifth of the tasks at a time, fitted to the others."""
RESAMPLES, SEED = 2000, 20240501


def fitted_curves(rows: Sequence[Row]) -> dict[tuple[Level, Kind], Curve]:
    """The curve of each level and kind that enough tasks have."""
    groups = {(level, kind): _of(rows, level, kind) for level in LEVELS for kind in KINDS}
    return {
        (level, kind): _curve(kind, own)
        for (level, kind), own in groups.items()
        if len({row.task for row in own}) >= FEWEST_TASKS
    }


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """The report: by level and kind, each kind over all levels, and `ece_0`."""
    report: dict[str, Any] = {}
    before: dict[Kind, dict[str, list[Sure]]] = {kind: {} for kind in KINDS}
    after: dict[Kind, dict[str, list[Sure]]] = {kind: {} for kind in KINDS}
    curves = fitted_curves(rows)
    for level in LEVELS:
        for kind in KINDS:
            own = _of(rows, level, kind)
            if not own:
                continue
            raw = _by_task(own, None, kind)
            # Without a curve a confidence stays what it is.
            found = _left_out(own, kind) if (level, kind) in curves else raw
            before[kind] |= {f"{level} {task}": each for task, each in raw.items()}
            after[kind] |= {f"{level} {task}": each for task, each in found.items()}
            curve = curves.get((level, kind))
            report.setdefault(level, {})[kind] = {
                "curve": None if curve is None else curve.to_dict(kind),
                **_compared(raw, found),
            }
    report["all"] = {kind: _compared(before[kind], after[kind]) for kind in KINDS if before[kind]}
    if "labels" in report["all"]:
        report["ece_0"] = report["all"]["labels"]["ece_after"]
    return report


def calibrated_pairs(row: Row, curve: Curve | None, kind: Kind) -> list[Sure]:
    """The confidences of a row's answers under a curve, or as they were."""
    found: list[Sure] = []
    for each in row.answers:
        sure, hit = each["confidence"], each["right"]
        if curve is not None and kind == "labels":
            shares = Blend(model=curve.power, words=curve.words)(_said(each))
            label = max(shares, key=lambda label: shares[label])
            sure, hit = shares[label], as_read(label) == each["wanted"]
        elif curve is not None:
            sure = Calibration(curve.offset, curve.slope)(sure)
        found.append((sure, hit))
    return found


def _of(rows: Sequence[Row], level: Level, kind: Kind) -> list[Row]:
    return [row for row in rows if (row.level, row.kind) == (level, kind) and row.answers]


def _curve(kind: Kind, rows: Sequence[Row]) -> Curve:
    """The curve that fits, or confidences as they are where that does better on other tasks."""
    pairs, tasks = _by_task(rows, None, kind), sorted({row.task for row in rows})
    own = _fitted(kind, rows)
    tried: dict[str, list[Sure]] = {}
    for part in range(PARTS):
        held = set(tasks[part::PARTS])
        curve = _fitted(kind, [row for row in rows if row.task not in held])
        tried |= _by_task([row for row in rows if row.task in held], curve, kind)
    # Few tasks that are alike make a curve that is worse than none for the next one.
    if _squared_error(tried) >= _squared_error(pairs):
        own = replace(own, power=1.0, words=0.0, offset=USUAL.offset, slope=USUAL.slope)
    answered = _by_task(rows, own, kind).values()
    return replace(own, accuracy=round(_accuracy(answered), 4))


def _fitted(kind: Kind, rows: Sequence[Row]) -> Curve:
    pairs = _by_task(rows, None, kind)
    accuracy = _accuracy(pairs.values())
    counts = sum(map(len, pairs.values())), len(pairs)
    if kind == "labels":
        judges: list[Judge] = ["model"]
        if all("words" in each for row in rows for each in row.answers):
            judges.append("words")
        blend = fitted([each for row in rows for each in _judged(row)], *judges)
        power, words = round(blend.model, 4), round(blend.words, 4)
        return Curve(accuracy, *counts, power=power, words=words)
    curve = calibrated([each for own in pairs.values() for each in own], USUAL)
    offset, slope = round(curve.offset, 4), round(curve.slope, 4)
    return Curve(accuracy, *counts, offset=offset, slope=slope)


def _squared_error(by_task: ByTask) -> float:
    return float(np.mean([(sure - hit) ** 2 for own in by_task.values() for sure, hit in own]))


def _judged(row: Row) -> list[Judged]:
    """Its answers as `fitted` takes them; where the right one is no label, no power tells."""
    return [
        (_said(each), each["wanted"])
        for each in row.answers
        if each["wanted"] in {as_read(label) for label in each["shares"]}
    ]


def _said(answer: Mapping[str, Any]) -> Shares:
    """What each judge said of an answer."""
    said: dict[Judge, Mapping[str, float]] = {"model": answer["shares"]}
    if "words" in answer:
        said["words"] = answer["words"]
    return said


def _accuracy(by_task: Iterable[Sequence[Sure]]) -> float:
    """The mean over tasks."""
    return float(np.mean([np.mean([right for _, right in own]) for own in by_task]))


def _left_out(rows: Sequence[Row], kind: Kind) -> dict[str, list[Sure]]:
    """Each task's answers under the curve of all other tasks."""
    found: dict[str, list[Sure]] = {}
    for task in sorted({row.task for row in rows}):
        curve = _curve(kind, [row for row in rows if row.task != task])
        found |= _by_task([row for row in rows if row.task == task], curve, kind)
    return found


def _by_task(rows: Sequence[Row], curve: Curve | None, kind: Kind) -> dict[str, list[Sure]]:
    found: dict[str, list[Sure]] = {}
    for row in rows:
        found.setdefault(row.task, []).extend(calibrated_pairs(row, curve, kind))
    return found


def _compared(before: ByTask, after: ByTask) -> dict[str, Any]:
    pairs = [each for own in before.values() for each in own]
    accuracies = [float(np.mean([right for _, right in own])) for own in before.values()]
    gains = [
        float(np.mean([right for _, right in after[task]])) - accuracy
        for task, accuracy in zip(before, accuracies, strict=True)
    ]
    return {
        "tasks": len(before),
        "answers": len(pairs),
        "accuracy": round(float(np.mean(accuracies)), 4),
        "accuracy_gain": {name: round(value, 4) for name, value in interval(gains).items()},
        "accuracy_spread": round(float(np.std(accuracies)), 4),
        "confidence_before": round(float(np.mean([sure for sure, _ in pairs])), 4),
        "ece_before": _error(before),
        "ece_after": _error(after),
    }


def _error(by_task: ByTask) -> dict[str, float]:
    """The expected calibration error, and 95 % of it by resampling tasks."""
    own = list(by_task.values())
    rng = np.random.default_rng(SEED)
    drawn = [
        expected_error(
            [each for place in rng.integers(0, len(own), len(own)) for each in own[place]]
        )
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    whole = expected_error([each for each_own in own for each in each_own])
    return {"ece": round(whole, 4), "low": round(float(low), 4), "high": round(float(high), 4)}
