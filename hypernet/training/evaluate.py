"""Development losses of a hypernetwork under several arms, on the same instances.

Knows nothing of training. Arms: `base` (input only), `prompted` (task text in the prompt, base
weights), `null` (the multi-task component), `shuffled` (another task's adapter), `matched`, and the
last three with the task text as prefix too (`hybrid_null`, `hybrid_shuffled`, `hybrid`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.chat import ChatFormat
from hypernet.encoder import Encoder
from hypernet.generator import WEIGHTS_FILE, find_weights
from hypernet.models import base_source, encoder_source, load_base
from hypernet.network import load_network
from hypernet.training.corpus import prepare
from hypernet.training.data import read_tasks
from hypernet.training.lower import answer_logits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from hypernet.engine.llama import Llama
    from hypernet.network import HyperNetwork
    from hypernet.training.config import TrainConfig
    from hypernet.training.lower import Ready

ROWS = 16
RESAMPLES = 5000
CONTRASTS = (
    ("matched", "base"),
    ("matched", "shuffled"),
    ("matched", "null"),
    ("matched", "prompted"),
    ("hybrid", "prompted"),
    ("hybrid", "hybrid_shuffled"),
    ("hybrid", "hybrid_null"),
)
PLAIN = ("base", "null", "shuffled", "matched")
ARMS = (*PLAIN, "prompted", "hybrid_null", "hybrid_shuffled", "hybrid")


def evaluate(
    config: TrainConfig,
    weights: str | None,
    seeds: Sequence[int],
    cache: Path,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Every arm on the config's development tasks; seeds draw the instances.

    Returns:
        `arms.<arm>` and `contrasts.<a>-<b>`, each with mean, low and high (95 %, bootstrap over
        tasks, paired), and `per_task`.
    """
    base = load_base(base_source(config.base), cache, device=config.device)
    encoder = Encoder.load(encoder_source(config.encoder))
    folder = find_weights(base.name, weights)
    if folder is None:
        raise ValueError(f"no hypernetwork for {base.name}: name one with --hypernetwork")
    network, _ = load_network(folder / WEIGHTS_FILE)
    chat = ChatFormat.of(base.tokenizer)
    paraphrases = Path(config.dev_paraphrases) if config.dev_paraphrases else None
    tasks = read_tasks(Path(config.dev_tasks), paraphrases, config.max_paraphrases)
    summed: dict[str, list[float]] = {}
    for seed in seeds:
        drawn = replace(config, seed=seed)
        dev = prepare(tasks, drawn, base, encoder, chat, None, say, dev=True)
        losses = task_losses(
            network, base.llama, network.config.first_layer, dev.ready, dev.vectors
        )
        say(f"seed {seed}: " + " ".join(f"{a} {sum(v) / len(v):.3f}" for a, v in losses.items()))
        for arm, values in losses.items():
            earlier = summed.get(arm, [0.0] * len(values))
            summed[arm] = [x + y / len(seeds) for x, y in zip(earlier, values, strict=True)]
    means = {arm: torch.tensor(values) for arm, values in summed.items()}
    return {
        "seeds": list(seeds),
        "tasks": len(dev.tasks),
        "arms": {arm: interval(values_N) for arm, values_N in means.items()},
        "contrasts": {f"{a}-{b}": interval(means[a] - means[b]) for a, b in CONTRASTS},
        "per_task": {
            task.name: {arm: values[n] for arm, values in summed.items()}
            for n, task in enumerate(dev.tasks)
        },
    }


def interval(values_N: Tensor) -> dict[str, float]:
    """Mean with its 95 % bootstrap interval over tasks."""
    random_ = torch.Generator().manual_seed(0)
    rows = torch.randint(len(values_N), (RESAMPLES, len(values_N)), generator=random_)
    means_R = values_N[rows].mean(1)
    low, high = torch.quantile(means_R, torch.tensor([0.025, 0.975])).tolist()
    return {
        "mean": round(float(values_N.mean()), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def dev_losses(
    network: HyperNetwork,
    llama: Llama,
    first_layer: int,
    ready: Sequence[Sequence[Ready]],
    vectors: Sequence[Tensor],
    arms: Sequence[str] = ARMS,
) -> dict[str, float]:
    """Mean over tasks of the mean answer loss of each arm."""
    per_task = task_losses(network, llama, first_layer, ready, vectors, arms)
    return {arm: sum(values) / len(values) for arm, values in per_task.items()}


@torch.no_grad()
def task_losses(
    network: HyperNetwork,
    llama: Llama,
    first_layer: int,
    ready: Sequence[Sequence[Ready]],
    vectors: Sequence[Tensor],
    arms: Sequence[str] = ARMS,
    wording: int = 0,
) -> dict[str, list[float]]:
    """Each arm's mean answer loss per task.

    Args:
        network: the hypernetwork under test.
        llama: the frozen base.
        first_layer: where the adapted layers begin.
        ready: per task its samples, those with a prefix and those without.
        vectors: per task the encoder's vectors of its wordings [W, C].
        arms: which arms to run.
        wording: which wording the adapter is written from.
    """
    was_training = network.training
    network.eval()
    own_NC = network.standardise(torch.stack([v[wording] for v in vectors]).to(llama.device))
    # Half the list away is another category: tasks of one category stand together in the files.
    other_NC = own_NC.roll(max(1, len(vectors) // 2), 0)
    null_NC = torch.zeros_like(own_NC)
    conditions = {
        "base": (None, False), "prompted": (None, True),
        "null": (null_NC, False), "hybrid_null": (null_NC, True),
        "shuffled": (other_NC, False), "hybrid_shuffled": (other_NC, True),
        "matched": (own_NC, False), "hybrid": (own_NC, True),
    }  # fmt: skip
    losses: dict[str, list[float]] = {arm: [] for arm in arms}
    for task, samples in enumerate(ready):
        plain = [r for r in samples if r.sample.wording is None]
        prefixed = [r for r in samples if r.sample.wording is not None]
        for arm in arms:
            condition_NC, in_prompt = conditions[arm]
            condition_C = None if condition_NC is None else condition_NC[task]
            batch = prefixed if in_prompt else plain
            losses[arm].append(_loss(network, llama, first_layer, batch, condition_C))
    network.train(was_training)
    return losses


def _loss(
    network: HyperNetwork,
    llama: Llama,
    first_layer: int,
    samples: Sequence[Ready],
    condition_C: Tensor | None,
) -> float:
    total = 0.0
    for start in range(0, len(samples), ROWS):
        batch = samples[start : start + ROWS]
        delta = None
        if condition_C is not None:
            delta = network.delta(network.gains(condition_C[None]).expand(len(batch), -1, -1, -1))
        logits_NV, ids_N, rows_N = answer_logits(llama, first_layer, batch, delta)
        losses_N = F.cross_entropy(logits_NV.float(), ids_N, reduction="none").cpu()
        for row in range(len(batch)):
            total += float(losses_N[rows_N.cpu() == row].mean())
    return total / len(samples)
