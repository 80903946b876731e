"""Thresholds of the fit gate, from the similarity between texts and the training tasks.

A task that passes for `known` runs without its text. So `known` is earned: few development tasks
that were held out whole may pass, and of those that pass the adapter alone must do as well as with
the text. `near` is set so that few nonsense texts pass for near.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from hypernet.training.config import TrainConfig
    from hypernet.training.data import TaskData

UNSEEN_CALLED_KNOWN = 0.05
NONSENSE_CALLED_NEAR = 0.05
NONSENSE = 500
HELD_OUT_WORDINGS = 4
SAME_TEXT = 0.999
"""The cosine of a text and itself, kept in half precision: no other text comes as near."""
NOTHING_KNOWN = 1.1
"""More than any cosine: where the adapter alone does worse on trained tasks too."""
FEWEST_EARNING = 5
"""So many development tasks must show how the adapter does alone."""


@dataclass(frozen=True)
class DevResult:
    """A development task: its text, and its answers' loss without and with the text.

    `trained`: its inputs are new, and it was trained on.
    """

    source: str
    text: str
    matched: float
    hybrid: float
    trained: bool = False


def calibrate(
    gate: Callable[[Sequence[str]], Tensor],
    config: TrainConfig,
    trained: Sequence[TaskData],
    dev: Sequence[TaskData],
    results: Sequence[DevResult] = (),
) -> dict[str, float]:
    """The thresholds, and what they let through.

    Where no development task was held out whole, or too few show what the adapter does alone,
    nothing is known but the trained wordings themselves; nor these, where on new inputs of trained
    tasks it does worse alone.

    Args:
        gate: texts to their similarity [N] to the nearest training task.
        config: says how many paraphrases training saw.
        trained: the training tasks with every paraphrase, those beyond training included.
        dev: the development tasks; those of a training task's name have other wordings of it.
        results: what came out on them.
    """
    names = {task.name for task in trained}
    new_wordings = [
        text
        for task in trained
        for text in task.paraphrases[config.max_paraphrases :][:HELD_OUT_WORDINGS]
    ]
    new_wordings += [text for task in dev if task.name in names for text in _texts(task)]
    unseen = [text for task in dev if task.name not in names for text in _texts(task)]
    nonsense_N = gate(nonsense(trained, NONSENSE, config.seed))
    near = float(torch.quantile(nonsense_N, 1 - NONSENSE_CALLED_NEAR))
    report: dict[str, float] = {"known": _without_more(results), "near": round(near, 4)}
    if unseen:
        unseen_N = gate(unseen)
        fewest = max(near, float(torch.quantile(unseen_N, 1 - UNSEEN_CALLED_KNOWN)))
        report["known"] = round(_earned(gate, results, fewest), 4)
        report["unseen_called_known"] = _share(unseen_N >= report["known"])
        report["unseen_called_unknown"] = _share(unseen_N < near)
    report["nonsense_called_unknown"] = _share(nonsense_N < near)
    if new_wordings:
        report["new_wordings_called_known"] = _share(gate(new_wordings) >= report["known"])
    return report


def _without_more(results: Sequence[DevResult]) -> float:
    """The threshold where nothing earns a lower one."""
    own = [one for one in results if one.trained]
    worse = len(own) >= FEWEST_EARNING and max(_costs(own).values()) > 0
    return NOTHING_KNOWN if worse else SAME_TEXT


def _costs(results: Sequence[DevResult]) -> dict[str, float]:
    """How much higher the losses without the text are than with it, by source."""
    costs: dict[str, float] = {}
    for one in results:
        costs[one.source] = costs.get(one.source, 0.0) + one.matched - one.hybrid
    return costs


def _earned(
    gate: Callable[[Sequence[str]], Tensor], results: Sequence[DevResult], fewest: float
) -> float:
    """The lowest threshold, `fewest` at least, from which on the adapter does as well alone.

    That is so when the tasks of every source that pass have, in the mean, no higher loss without
    the text than with it.
    """
    if not results:
        return _without_more(results)
    similarity_N = gate([one.text for one in results])
    order = sorted(range(len(results)), key=lambda n: float(similarity_N[n]))
    for place, number in enumerate(order):
        threshold = float(similarity_N[number])
        left = [results[n] for n in order[place:]]
        if threshold < fewest:
            continue
        if len(left) < FEWEST_EARNING:
            break
        if max(_costs(left).values()) <= 0:
            return min(threshold, SAME_TEXT)
    return _without_more(results)


def _texts(task: TaskData) -> list[str]:
    return [task.task.description, *task.paraphrases[:HELD_OUT_WORDINGS]]


def nonsense(tasks: Sequence[TaskData], count: int, seed: int) -> list[str]:
    """Texts that describe no task: random words of the tasks' inputs, and random letters."""
    rng = random.Random(f"nonsense-{seed}")  # noqa: S311  # sampling, not secrets
    words = sorted({w for t in tasks for i in t.instances[:20] for w in i.input.split()})
    texts = [" ".join(rng.choices(words, k=rng.randint(3, 15))) for _ in range(count * 4 // 5)]
    letters = "abcdefghijklmnopqrstuvwxyz  "
    return texts + ["".join(rng.choices(letters, k=rng.randint(8, 60))) for _ in range(count // 5)]


def _share(true_N: Tensor) -> float:
    return round(float(true_N.float().mean()), 4)
