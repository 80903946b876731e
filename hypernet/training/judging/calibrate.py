"""Thresholds of the fit gate, from the similarity between texts and the training tasks.

`known` is set so that few development tasks (none of them trained) pass for known; `near` so that
few nonsense texts pass for near.
"""

from __future__ import annotations

import random
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


def calibrate(
    gate: Callable[[Sequence[str]], Tensor],
    config: TrainConfig,
    trained: Sequence[TaskData],
    dev: Sequence[TaskData],
) -> dict[str, float]:
    """The thresholds, and what they let through.

    Args:
        gate: texts to their similarity [N] to the nearest training task.
        config: says how many paraphrases training saw.
        trained: the training tasks with every paraphrase, those beyond training included.
        dev: the development tasks; those of a training task's name have other wordings of it.
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
    report: dict[str, float] = {"known": 1.0, "near": round(near, 4)}
    if unseen:
        unseen_N = gate(unseen)
        known = max(near, float(torch.quantile(unseen_N, 1 - UNSEEN_CALLED_KNOWN)))
        report["known"] = round(known, 4)
        report["unseen_called_known"] = _share(unseen_N >= known)
        report["unseen_called_unknown"] = _share(unseen_N < near)
    elif new_wordings:
        # Without unseen tasks to keep out, what the new wordings reach is taken for known.
        report["known"] = round(max(near, float(torch.quantile(gate(new_wordings), 0.1))), 4)
    report["nonsense_called_unknown"] = _share(nonsense_N < near)
    if new_wordings:
        report["new_wordings_called_known"] = _share(gate(new_wordings) >= report["known"])
    return report


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
