"""Development losses of a hypernetwork under several arms, on the same instances.

Arms: `base` (input only), `prompted` (task text in the prompt, base weights), `null` (the
multi-task component), `shuffled` (another task's adapter), `matched`, and with the task text as
prefix too `hybrid_null`, `hybrid_shuffled`, `hybrid`, `examples` (the adapter also written from
examples) and `examples_shuffled` (own text, another task's examples).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.base_model.frozen_prefix import answer_logits
from hypernet.hypernetwork.task_encoder import Condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.base_model.decoder import Forward
    from hypernet.base_model.frozen_prefix import PrecomputedSample
    from hypernet.hypernetwork.network import HyperNetwork
    from hypernet.training.corpus import ReadyTask

BATCH = 16
ARMS = {
    "base": False, "null": False, "shuffled": False, "matched": False,
    "prompted": True, "hybrid_null": True, "hybrid_shuffled": True, "hybrid": True,
    "examples": True, "examples_shuffled": True,
}  # fmt: skip
"""Each arm, and whether the task's text is in the prompt."""


def dev_losses(
    network: HyperNetwork,
    base: Forward,
    first_layer: int,
    tasks: Sequence[ReadyTask],
    arms: Sequence[str] = tuple(ARMS),
) -> dict[str, float]:
    """Mean over tasks of each arm's answer loss, and as `ARM_exact` of its exact answers."""
    per_task = task_losses(network, base, first_layer, tasks, arms)
    count = len(tasks)
    losses = {arm: sum(loss for loss, _ in per_task[arm]) / count for arm in arms}
    return losses | {f"{arm}_exact": sum(e for _, e in per_task[arm]) / count for arm in arms}


@torch.no_grad()
def task_losses(
    network: HyperNetwork,
    base: Forward,
    first_layer: int,
    tasks: Sequence[ReadyTask],
    arms: Sequence[str] = tuple(ARMS),
) -> dict[str, list[tuple[float, float]]]:
    """Each arm's mean answer loss and share of exact (greedy) answers, per task."""
    was_training = network.training
    network.eval()
    found: dict[str, list[tuple[float, float]]] = {arm: [] for arm in arms}
    for number, task in enumerate(tasks):
        # Half the list away is another category: tasks of one category are together in files.
        other = tasks[(number + max(1, len(tasks) // 2)) % len(tasks)]
        plain = [r for r in task.samples if r.sample.wording is None]
        prefixed = [r for r in task.samples if r.sample.wording is not None]
        for arm in arms:
            samples = prefixed if ARMS[arm] else plain
            condition = _condition(network, arm, task, other)
            found[arm].append(_score(network, base, first_layer, samples, condition))
    network.train(was_training)
    return found


def _condition(
    network: HyperNetwork, arm: str, task: ReadyTask, other: ReadyTask
) -> Condition | None:
    if arm in ("base", "prompted"):
        return None
    if arm in ("null", "hybrid_null"):
        return Condition.null(network.config)
    if arm in ("shuffled", "hybrid_shuffled"):
        return Condition.of([other.reading(None)])
    if arm == "examples":
        return Condition.of([task.reading(None, task.pool)])
    if arm == "examples_shuffled":
        return Condition.of([task.reading(None, other.pool)])
    return Condition.of([task.reading(None)])


def _score(
    network: HyperNetwork,
    base: Forward,
    first_layer: int,
    samples: Sequence[PrecomputedSample],
    condition: Condition | None,
) -> tuple[float, float]:
    total, exact = 0.0, 0
    gains_1LMr = None if condition is None else network.gains(condition.to(base.device))
    for start in range(0, len(samples), BATCH):
        batch = samples[start : start + BATCH]
        delta = None
        if gains_1LMr is not None:
            gains_BLMr = gains_1LMr.expand(len(batch), -1, -1, -1)
            delta = network.delta(gains_BLMr, base.config.groups)
        logits_NV, ids_N, rows_N = answer_logits(base, first_layer, batch, delta)
        losses_N = F.cross_entropy(logits_NV.float(), ids_N, reduction="none").cpu()
        right_N = (logits_NV.argmax(-1) == ids_N).cpu()
        for row in range(len(batch)):
            of_row_N = rows_N.cpu() == row
            total += float(losses_N[of_row_N].mean())
            exact += bool(right_N[of_row_N].all())
    return total / len(samples), exact / len(samples)
