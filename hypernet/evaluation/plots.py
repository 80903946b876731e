"""The evaluation's report as a picture: scores of the arms, and the contrasts between them.

Matplotlib is imported when something is drawn.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".svg", ".png")
COLOUR, CLEAR, ZERO = "#4c72b0", "#c44e52", "#888888"


def check(file: Path) -> None:
    """Refuse early what `draw` could not do, before hours of evaluation.

    Raises:
        click.ClickException: matplotlib is not installed, or the suffix names no known form.
    """
    if file.suffix.lower() not in SUFFIXES:
        raise click.ClickException(f"{file}: the plot is written as {' or '.join(SUFFIXES)}")
    if importlib.util.find_spec("matplotlib") is None:
        raise click.ClickException(
            "matplotlib is not installed: pip install 'hypernet-mcp[evaluate]'"
        )


def draw(report: dict[str, Any], file: Path) -> None:
    """Draw ROUGE-L of each arm and, when there are any, the contrasts, with 95 % intervals.

    Raises:
        click.ClickException: as `check`.
    """
    check(file)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    arms, contrasts = report["arms"], report["contrasts"]
    rows = max(len(arms), len(contrasts), 3)
    panels = 2 if contrasts else 1
    figure = Figure(figsize=(6.5 * panels, 1.2 + 0.36 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    _bars(axes[0], arms)
    if contrasts:
        _forest(axes[1], contrasts)
    made_by = report["hypernetwork"]
    figure.suptitle(
        f"{made_by['name']} {made_by['version'][:8]}: {report['tasks']} tasks x "
        f"{report['per_task_instances']} instances x {len(report['seeds'])} seeds; "
        "95 % intervals over tasks",
        fontsize=9,
    )
    figure.savefig(str(file), dpi=150)


def _bars(axes: Any, arms: dict[str, Any]) -> None:
    scores = [arm["rouge_l"] for arm in arms.values()]
    errors = [
        [max(0.0, arm["rouge_l"] - arm["rouge_l_low"]) for arm in arms.values()],
        [max(0.0, arm["rouge_l_high"] - arm["rouge_l"]) for arm in arms.values()],
    ]
    axes.barh(range(len(arms)), scores, xerr=errors, color=COLOUR, ecolor="black", capsize=2)
    axes.set_xlim(0, 1)
    axes.set_xlabel("ROUGE-L F1")
    _label(axes, list(arms))


def _forest(axes: Any, contrasts: dict[str, Any]) -> None:
    for row, value in enumerate(contrasts.values()):
        clear = value["low"] > 0 or value["high"] < 0
        colour = CLEAR if clear else ZERO
        axes.plot([value["low"], value["high"]], [row, row], color=colour, linewidth=2)
        axes.plot([value["mean"]], [row], "o", color=colour)
    axes.axvline(0, color=ZERO, linewidth=1, linestyle="--")
    axes.set_xlabel("difference in ROUGE-L (red: the interval leaves out 0)")
    _label(axes, list(contrasts))


def _label(axes: Any, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.invert_yaxis()
