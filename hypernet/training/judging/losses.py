"""Development losses of a hypernetwork under several arms, on the same instances.

Arms: `base` (input only), `prompted` (task text in the prompt, base weights), `null` (the
multi-task component), `shuffled` (another task's adapter), `matched`, and with the task text as
prefix too `hybrid_null`, `hybrid_shuffled`, `hybrid`, `examples` (the adapter also written from
examples) and `examples_shuffled` (own text, another task's examples).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.base_model.frozen_prefix import answer_logits
from hypernet.hypernetwork.task_encoder import Condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.base_model.frozen_prefix import PrecomputedSample
    from hypernet.hypernetwork.network import HyperNetwork
    from hypernet.training.frozen_states import FrozenStates
    from hypernet.training.pool import DevTask

BATCH = 16
ARMS = {
    "base": False, "null": False, "shuffled": False, "matched": False,
    "prompted": True, "hybrid_null": True, "hybrid_shuffled": True, "hybrid": True,
    "examples": True, "examples_shuffled": True,
}  # fmt: skip
"""Each arm, and whether the task's text is in the prompt."""


def dev_losses(
    network: HyperNetwork,
    states: FrozenStates,
    tasks: Sequence[DevTask],
    arms: Sequence[str] = tuple(ARMS),
) -> dict[str, Any]:
    """Mean over tasks of each arm's answer loss, and as `ARM_exact` of its exact answers.

    `sources` has the same of each source by itself.
    """
    return means_of(task_losses(network, states, tasks, arms), tasks)


def means_of(
    per_task: dict[str, list[tuple[float, float]]], tasks: Sequence[DevTask]
) -> dict[str, Any]:
    """What `dev_losses` gives, of what `task_losses` gave."""
    sources = dict.fromkeys(task.source for task in tasks)
    return {
        **_means(per_task, range(len(tasks))),
        "sources": {
            source: _means(per_task, [n for n, t in enumerate(tasks) if t.source == source])
            for source in sources
        },
    }


def _means(
    per_task: dict[str, list[tuple[float, float]]], numbers: Sequence[int]
) -> dict[str, float]:
    count = len(numbers)
    losses = {arm: sum(of[n][0] for n in numbers) / count for arm, of in per_task.items()}
    return losses | {
        f"{arm}_exact": sum(of[n][1] for n in numbers) / count for arm, of in per_task.items()
    }


@torch.no_grad()
def task_losses(
    network: HyperNetwork,
    states: FrozenStates,
    tasks: Sequence[DevTask],
    arms: Sequence[str] = tuple(ARMS),
) -> dict[str, list[tuple[float, float]]]:
    """Each arm's mean answer loss and share of exact (greedy) answers, per task."""
    was_training = network.training
    network.eval()
    found: dict[str, list[tuple[float, float]]] = {arm: [] for arm in arms}
    for number, task in enumerate(tasks):
        # Half the list away is another category: tasks of one category are together in files.
        other = tasks[(number + max(1, len(tasks) // 2)) % len(tasks)]
        computed = {}
        if any(not ARMS[arm] for arm in arms):
            computed[False] = states.plain(task.samples)
        if any(ARMS[arm] for arm in arms):
            computed[True] = states.prefixed(task.samples, [task.wording] * len(task.samples))
        for arm in arms:
            condition = _condition(network, states, arm, task, other)
            found[arm].append(_score(network, states, computed[ARMS[arm]], condition))
    network.train(was_training)
    return found


def _condition(
    network: HyperNetwork, states: FrozenStates, arm: str, task: DevTask, other: DevTask
) -> Condition | None:
    if arm in ("base", "prompted"):
        return None
    if arm in ("null", "hybrid_null"):
        return Condition.null(network.config)
    if arm in ("shuffled", "hybrid_shuffled"):
        return Condition.of([states.reading(other.wording)])
    if arm in ("examples", "examples_shuffled"):
        shown = (task if arm == "examples" else other).examples
        return Condition.of([states.reading(task.wording, states.examples(shown))])
    return Condition.of([states.reading(task.wording)])


def _score(
    network: HyperNetwork,
    states: FrozenStates,
    samples: Sequence[PrecomputedSample],
    condition: Condition | None,
) -> tuple[float, float]:
    base = states.base
    total, exact = 0.0, 0
    gains_1LMr = None if condition is None else network.gains(condition.to(base.device))
    for start in range(0, len(samples), BATCH):
        batch = samples[start : start + BATCH]
        delta = None
        if gains_1LMr is not None:
            gains_BLMr = gains_1LMr.expand(len(batch), -1, -1, -1)
            delta = network.delta(gains_BLMr, base.config.groups)
        logits_NV, ids_N, rows_N = answer_logits(base, states.first_layer, batch, delta)
        losses_N = F.cross_entropy(logits_NV.float(), ids_N, reduction="none").cpu()
        right_N = (logits_NV.argmax(-1) == ids_N).cpu()
        for row in range(len(batch)):
            of_row_N = rows_N.cpu() == row
            total += float(losses_N[of_row_N].mean())
            exact += bool(right_N[of_row_N].all())
    return total / len(samples), exact / len(samples)
