"""Thresholds of the fit gate, from the cosine between texts and the training tasks.

`known` is set so that few development tasks (none of them trained) pass for known; `near` so that
few nonsense texts pass for near. Knows nothing of networks.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.encoder import Encoder
    from hypernet.training.config import TrainConfig
    from hypernet.training.data import TaskData

UNSEEN_CALLED_KNOWN = 0.05
NONSENSE_CALLED_NEAR = 0.05
NONSENSE = 500
HELD_OUT_WORDINGS = 4


def calibrate(
    anchors_NC: Tensor,
    encoder: Encoder,
    config: TrainConfig,
    trained: Sequence[TaskData],
    unseen: Sequence[TaskData],
    all_wordings: Sequence[TaskData],
) -> dict[str, float]:
    """The thresholds, and what they let through.

    Args:
        anchors_NC: unit vectors of the training tasks.
        encoder: text to unit vector.
        config: says how many paraphrases training saw.
        trained: the training tasks.
        unseen: the development tasks.
        all_wordings: the training tasks with every paraphrase, those beyond training included.
    """
    names = {task.name for task in trained}
    held_out = [
        text
        for task in all_wordings
        if task.name in names
        for text in task.paraphrases[config.max_paraphrases :][:HELD_OUT_WORDINGS]
    ]
    unseen_texts = [task.task.description for task in unseen]
    unseen_texts += [text for task in unseen for text in task.paraphrases[:HELD_OUT_WORDINGS]]
    nonsense_texts = nonsense(trained, NONSENSE, config.seed)
    unseen_N = _nearest(anchors_NC, encoder, unseen_texts)
    nonsense_N = _nearest(anchors_NC, encoder, nonsense_texts)
    known = float(torch.quantile(unseen_N, 1 - UNSEEN_CALLED_KNOWN))
    near = min(known, float(torch.quantile(nonsense_N, 1 - NONSENSE_CALLED_NEAR)))
    report = {
        "known": round(known, 4),
        "near": round(near, 4),
        "unseen_called_known": _share(unseen_N >= known),
        "unseen_called_unknown": _share(unseen_N < near),
        "nonsense_called_unknown": _share(nonsense_N < near),
    }
    if held_out:
        held_out_N = _nearest(anchors_NC, encoder, held_out)
        report["new_wordings_called_known"] = _share(held_out_N >= known)
    return report


def nonsense(tasks: Sequence[TaskData], count: int, seed: int) -> list[str]:
    """Texts that describe no task: random words of the tasks' inputs, and random letters."""
    rng = random.Random(f"nonsense-{seed}")  # noqa: S311  # sampling, not secrets
    words = sorted({w for t in tasks for i in t.instances[:20] for w in i.input.split()})
    texts = [" ".join(rng.choices(words, k=rng.randint(3, 15))) for _ in range(count * 4 // 5)]
    letters = "abcdefghijklmnopqrstuvwxyz  "
    return texts + ["".join(rng.choices(letters, k=rng.randint(8, 60))) for _ in range(count // 5)]


def _nearest(anchors_NC: Tensor, encoder: Encoder, texts: Sequence[str]) -> Tensor:
    return (encoder(texts) @ anchors_NC.T).max(1).values


def _share(true_N: Tensor) -> float:
    return round(float(true_N.float().mean()), 4)
