"""Scores of answers, intervals over tasks, and the report made of them.

ROUGE-L is that of Super-NaturalInstructions (stemmed words of a to z and 0 to 9; a text without
such words scores 0). Intervals come from a bootstrap over tasks: instances of one task are not
independent of each other.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hypernet.evaluation.arms import CONTRASTS, RATIOS, pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hypernet.evaluation.arms import Arm

    Figures = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]

RESAMPLES = 5000
SEED = 20240501
SCORES = {"rouge_l": "contrasts", "exact": "contrasts_exact", "label_accuracy": "contrasts_label"}
MISSING = "rouge-score is not installed: pip install 'hypernet-mcp[evaluate]'"


def rouge_l(answer: str, outputs: Sequence[str]) -> float:
    """ROUGE-L F1 against the accepted output that fits best, 0 to 1.

    Raises:
        ModuleNotFoundError: rouge-score is not installed; says what helps.
    """
    return max(float(scorer().score(output, answer)["rougeL"].fmeasure) for output in outputs)


def exact(answer: str, outputs: Sequence[str]) -> bool:
    """Whether the answer is an accepted output, but for case, outer space and a last full stop."""
    return plain(answer) in {plain(output) for output in outputs}


def plain(text: str) -> str:
    """A text as `exact` compares it."""
    return text.strip().casefold().removesuffix(".").rstrip()


def interval(values: Sequence[float]) -> dict[str, float]:
    """Mean over tasks and its 95 % bootstrap interval; of one task it is a point.

    Args:
        values: one per task; for a contrast, each task's own difference.

    Returns:
        `mean`, `low` and `high`.
    """
    values_N = np.asarray(values, dtype=np.float64)
    means_R = values_N[_resamples(len(values_N))].mean(1)
    low, high = np.quantile(means_R, [0.025, 0.975])
    return {"mean": float(values_N.mean()), "low": float(low), "high": float(high)}


def ratio_interval(above: Sequence[float], below: Sequence[float]) -> dict[str, float] | None:
    """Ratio of two means over the same tasks with its interval; None when it is not defined.

    Returns:
        `ratio`, `low` and `high`.
    """
    above_N, below_N = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    rows_RN = _resamples(len(above_N))
    below_R = below_N[rows_RN].mean(1)
    if below_N.mean() == 0 or not below_R.all():
        return None
    low, high = np.quantile(above_N[rows_RN].mean(1) / below_R, [0.025, 0.975])
    ratio = float(above_N.mean() / below_N.mean())
    return {"ratio": ratio, "low": float(low), "high": float(high)}


@cache
def scorer() -> Any:
    """The scorer of rouge-score.

    Raises:
        ModuleNotFoundError: it is not installed; says what helps.
    """
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(MISSING) from error
    return RougeScorer(["rougeL"], use_stemmer=True)


def _resamples(count: int) -> Any:
    """The rows [R, N] of each resample; the same for all arms, so that contrasts are paired."""
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))


def report_of(
    cells: Figures, arms: Sequence[Arm], per_task: int, scales: Mapping[str, float]
) -> dict[str, Any]:
    """The report's figures: arms, contrasts, ratios and tasks.

    Args:
        cells: each arm's figures by seed and task.
        arms: the arms that ran.
        per_task: instances per task and seed.
        scales: each arm's own scale.
    """
    seeds = list(cells)
    names = list(cells[seeds[0]])
    table = _Table(cells, seeds, names)
    report: dict[str, Any] = {
        "tasks": len(names),
        "per_task_instances": per_task,
        "seeds": [int(seed) for seed in seeds],
        "arms": {arm.name: _arm_figures(table, arm.name, scales[arm.name]) for arm in arms},
    }
    for score, title in SCORES.items():
        report[title] = {
            f"{a}-{b}": found
            for kinds in CONTRASTS
            for a, b in pairs(arms, *kinds)
            if (found := table.contrast(a, b, score)) is not None
        }
    report["ratios"] = {
        f"{'' if score == 'rouge_l' else score + ' '}{a}/{b}": ratio_interval(
            table.by_task(a, score), table.by_task(b, score)
        )
        for score, *kinds in RATIOS
        for a, b in pairs(arms, *kinds)
    }
    report["per_task"] = {
        name: {
            arm.name: {score: table.of_task(arm.name, name, score) for score in SCORES}
            for arm in arms
        }
        for name in names
    }
    return report


class _Table:
    """Figures by arm, task and seed. A score that a task does not have is None there."""

    def __init__(self, cells: Figures, seeds: Sequence[str], names: Sequence[str]) -> None:
        self.cells, self.seeds, self.names = cells, seeds, names

    def get(self, arm: str, name: str, score: str, seed: str) -> float | None:
        cell = self.cells[seed][name][arm]
        if score == "prompt_tokens":
            return float(cell["prefix_tokens"] + cell["new_tokens"])
        value: float | None = cell[score]
        return value

    def of_task(self, arm: str, name: str, score: str) -> float | None:
        """Mean over the seeds."""
        return _mean_of(self.get(arm, name, score, seed) for seed in self.seeds)

    def by_task(self, arm: str, score: str) -> list[float]:
        """One value per task that has the score."""
        found = (self.of_task(arm, name, score) for name in self.names)
        return [value for value in found if value is not None]

    def contrast(self, a: str, b: str, score: str) -> dict[str, Any] | None:
        """The paired difference over tasks, and each seed's; None where no task has the score."""
        differences = _differences(self.by_task(a, score), self.by_task(b, score))
        if not differences:
            return None
        per_seed = []
        for seed in self.seeds:
            one = _Table(self.cells, [seed], self.names)
            per_seed.append(_mean_of(_differences(one.by_task(a, score), one.by_task(b, score))))
        return {**interval(differences), "per_seed": per_seed}


def _arm_figures(table: _Table, arm: str, scale: float) -> dict[str, Any]:
    means = ("label_accuracy", "prompt_tokens", "prefix_tokens", "new_tokens")
    rouge, right = (interval(table.by_task(arm, score)) for score in ("rouge_l", "exact"))
    seconds = (
        table.get(arm, n, "seconds", seed) or 0.0 for n in table.names for seed in table.seeds
    )
    return {
        "rouge_l": rouge["mean"],
        "rouge_l_low": rouge["low"],
        "rouge_l_high": rouge["high"],
        "exact": right["mean"],
        "exact_low": right["low"],
        "exact_high": right["high"],
        **{name: _mean_of(table.by_task(arm, name)) for name in means},
        "examples_used": _mean_of(table.by_task(arm, "examples_used")),
        "scale": scale,
        "seconds": sum(seconds),
    }


def _differences(a: Sequence[float], b: Sequence[float]) -> list[float]:
    return [x - y for x, y in zip(a, b, strict=True)]


def _mean_of(values: Iterable[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return float(np.mean(present)) if present else None
