"""The weights that a run went on from beside those it made, task by task, on what it held back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypernet.hypernetwork.card import WEIGHTS_FILE
from hypernet.hypernetwork.network import load_network
from hypernet.training.judging.losses import task_losses
from hypernet.training.pool import source_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypernet.training.pool import DevTask
    from hypernet.training.run import Run

COMPARED = ("matched", "hybrid")
"""The adapter without and with the task's text in the prompt."""


def comparison(
    run: Run, after: Mapping[str, Sequence[tuple[float, float]]]
) -> list[dict[str, Any]]:
    """Shares of exact answers of each development task, before and after the run.

    `own` is false for tasks that the run mixed in from those of the weights it went on from.

    Args:
        run: knows what it went on from; without that, or without development tasks, there is
            nothing to compare.
        after: what `task_losses` gave for the finished weights.
    """
    if run.start.folder is None or not run.dev:
        return []
    own = {source_name(source) for source in (*run.config.train, *run.config.dev)}
    old, _ = load_network(run.start.folder / WEIGHTS_FILE)
    tasks = run.dev if old.config.invocation else [_acted_on_inputs(task) for task in run.dev]
    before = task_losses(old, run.states, tasks, COMPARED)
    return [
        {
            "task": task.data.name,
            "own": task.source in own,
            "instances": len(task.samples),
            **{f"{arm}_before": before[arm][number][1] for arm in COMPARED},
            **{arm: after[arm][number][1] for arm in COMPARED},
        }
        for number, task in enumerate(run.dev)
    ]


def _acted_on_inputs(task: DevTask) -> DevTask:
    """The task for weights from before adapters acted on answers alone."""
    return replace(task, samples=tuple(one.with_input_acted_on() for one in task.samples))
