"""The figures of the rows: ratios of interventions with intervals over jobs, and plots."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.agents.arms import ARMS
from hypernet.evaluation.scores import interval, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Row = dict[str, Any]
    Key = tuple[str, int, int]

EARLY, LATE, LAST = range(2, 6), range(9, 13), 12
LEARNED = range(10, 20)
"""Jobs 11 to 20, by their numbers from 0."""


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """The keys of the report, over all agents and for each."""
    found: dict[str, Any] = {"all": _figures(rows)} if rows else {}
    for agent in sorted({row["agent"] for row in rows}):
        found[agent] = _figures([row for row in rows if row["agent"] == agent])
    return found


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    there = [arm for arm in ARMS if any(row["arm"] == arm for row in rows)]
    found: dict[str, Any] = {"arms": {arm: _of_arm(_of(rows, arm)) for arm in there}}
    found["named_vs_routing"] = _ratio(rows, "named", "routing")
    found["named_vs_shown"] = _ratio(rows, "named", "shown")
    found["text_vs_routing"] = _ratio(rows, "text", "routing")
    late = [row for row in rows if row["job"] in LEARNED]
    found["learning_vs_routing"] = _ratio(late, "learning", "routing")
    found["late_minus_early"] = _late_minus_early(_of(rows, "named"))
    found["late_minus_early_rag"] = _late_minus_early(_of(rows, "everything"))
    found["tokens_vs_rag"] = _tokens(rows)
    ours = [
        row["saturation"] for row in rows if row["arm"] not in ("everything", "routing", "shown")
    ]
    found["worst_saturation"] = max(ours, default=None)
    return {key: value for key, value in found.items() if value is not None}


def _of_arm(rows: Sequence[Row]) -> dict[str, Any]:
    jobs = _by_job(rows, lambda row: row["intervention"])
    return {
        "interventions_a_job": interval(list(jobs.values())),
        "right": float(np.mean([row["right"] for row in rows])),
        "asked": float(np.mean([row["asked"] for row in rows])),
        "prompt_tokens": float(np.mean([row["prompt_tokens"] for row in rows])),
        "seconds": float(np.median([row["seconds"] for row in rows])),
        "jobs": len(jobs),
        "by_kind": {
            kind: round(float(np.mean([r["right"] for r in rows if r["kind"] == kind])), 3)
            for kind in sorted({row["kind"] for row in rows})
        },
        "by_position": [
            round(float(np.mean([r["right"] for r in rows if r["position"] == place])), 3)
            for place in sorted({row["position"] for row in rows})
        ],
    }


def _of(rows: Sequence[Row], arm: str) -> list[Row]:
    return [row for row in rows if row["arm"] == arm]


def _by_job(rows: Sequence[Row], value: Callable[[Row], float]) -> dict[Key, float]:
    sums: dict[Key, float] = defaultdict(float)
    for row in rows:
        sums[row["agent"], row["seed"], row["job"]] += value(row)
    return dict(sums)


def _ratio(rows: Sequence[Row], above: str, below: str) -> dict[str, float] | None:
    """Interventions of an arm over those of another, on the jobs that both ran."""
    one, two = (_by_job(_of(rows, arm), lambda row: row["intervention"]) for arm in (above, below))
    both = sorted(one.keys() & two.keys())
    if not both:
        return None
    ratio = ratio_interval([one[key] for key in both], [two[key] for key in both])
    return None if ratio is None else {**ratio, "jobs": len(both)}


def _late_minus_early(rows: Sequence[Row]) -> dict[str, float] | None:
    """Share of right answers at the late positions less that at the early ones, by job."""
    by_job: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        by_job[row["agent"], row["seed"], row["job"]].append(row)
    if not by_job:
        return None
    return interval([_share(job, LATE) - _share(job, EARLY) for job in by_job.values()])


def _share(rows: Sequence[Row], positions: range) -> float:
    return float(np.mean([row["right"] for row in rows if row["position"] in positions]))


def _tokens(rows: Sequence[Row]) -> float | None:
    """Prompt tokens of the last step: ours over those of everything in the prompt."""
    ours, theirs = (
        [row["prompt_tokens"] for row in _of(rows, arm) if row["position"] == LAST]
        for arm in ("named", "everything")
    )
    return float(np.mean(ours) / np.mean(theirs)) if ours and theirs else None


def plots(rows: Sequence[Row], folder: Path) -> None:
    """Interventions a job, accuracy and prompt tokens by position, each by arm."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import MaxNLocator

    folder.mkdir(parents=True, exist_ok=True)
    there = [arm for arm in ARMS if _of(rows, arm)]
    shown: dict[str, tuple[str, str, Callable[[Row], float]]] = {
        "interventions": (
            "job",
            "interventions in 12 steps",
            lambda row: 12 * row["intervention"],
        ),
        "accuracy": ("position", "share of right answers", lambda row: row["right"]),
        "tokens": ("position", "prompt tokens", lambda row: row["prompt_tokens"]),
    }
    for name, (axis, label, value) in shown.items():
        figure, axes = plt.subplots(figsize=(7, 4))
        for arm in there:
            own = _of(rows, arm)
            places = sorted({row[axis] for row in own})
            means = [np.mean([value(row) for row in own if row[axis] == each]) for each in places]
            axes.plot([each + (axis == "job") for each in places], means, label=arm, marker=".")
        axes.set_xlabel(axis)
        axes.set_ylabel(label)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
        figure.tight_layout()
        figure.savefig(folder / f"agents-{name}.png", dpi=120)
        plt.close(figure)
