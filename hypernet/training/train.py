"""Training a hypernetwork end to end through the frozen base: one flat, resumable loop.

Knows nothing of serving. Everything random is drawn from (seed, step), so a run that was stopped
and resumed takes the same steps as one that was not.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.chat import ChatFormat
from hypernet.encoder import Encoder
from hypernet.models import base_source, encoder_source, load_base
from hypernet.network import HyperNetwork, NetworkConfig, load_network, save_network
from hypernet.training import lower
from hypernet.training.calibrate import calibrate
from hypernet.training.corpus import Corpus, prepare
from hypernet.training.data import read_tasks
from hypernet.training.evaluate import dev_losses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from hypernet.engine.llama import Delta
    from hypernet.models import BaseModel
    from hypernet.training.config import TrainConfig

LOG_EVERY = 10
SAVE_EVERY = 50
WATCHED = ("shuffled", "matched", "hybrid")


def train(config: TrainConfig, folder: Path, cache: Path, say: Callable[[str], None]) -> Path:
    """Train, or go on where an earlier run in the same folder stopped.

    Args:
        config: the run's settings.
        folder: where state, log and the finished weights go.
        cache: the user's cache folder, for converted models.
        say: takes a line of progress.

    Returns:
        The folder with `hypernetwork.safetensors` and `card.json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = load_base(base_source(config.base), cache, device=config.device)
    encoder = Encoder.load(encoder_source(config.encoder))
    chat = ChatFormat.of(base.tokenizer)
    first_layer = config.first_layer(base.llama.config.layers)

    most = config.max_paraphrases
    train_tasks = read_tasks(Path(config.train_tasks), _path(config.train_paraphrases), most)
    kept = [t for t in train_tasks if config.allow_restricted or not t.restricted]
    dev_tasks = read_tasks(Path(config.dev_tasks), _path(config.dev_paraphrases), most)
    say(f"{len(kept)} training tasks ({len(train_tasks) - len(kept)} left out for their licence)")
    train_set = prepare(kept, config, base, encoder, chat, folder / "lower-train", say, dev=False)
    dev_set = prepare(dev_tasks, config, base, encoder, chat, folder / "lower-dev", say, dev=True)

    torch.manual_seed(config.seed)
    network = HyperNetwork(
        NetworkConfig.for_base(
            base.llama.config,
            condition=encoder.size,
            hidden=config.hidden,
            rank=config.rank,
            first_layer=first_layer,
        )
    )
    every_vector_NC = torch.cat(train_set.vectors)
    network.get_buffer("mean_C").copy_(every_vector_NC.mean(0))
    network.get_buffer("scale_C").copy_(every_vector_NC.std(0) + 1e-6)
    network.to(config.device)
    optimiser = _optimiser(network, config)
    state = folder / "state.pt"
    first_step, best, history = _resume(state, network, optimiser)

    started = time.monotonic()
    running = 0.0
    for step in range(first_step, config.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * _schedule(step, config)
        rng = random.Random(f"{config.seed}-{step}")  # noqa: S311  # sampling, not secrets
        loss = _step(network, base, first_layer, train_set, config, rng)
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        running = loss if running == 0.0 else 0.9 * running + 0.1 * loss

        done = step + 1
        if done % LOG_EVERY == 0:
            rate = (time.monotonic() - started) / (done - first_step)
            left = rate * (config.steps - done) / 60
            say(
                f"step {done}/{config.steps} loss {running:.3f} {rate:.2f} s/step"
                f" {left:.0f} min left"
            )
        if done % config.evaluate_every == 0 or done == config.steps:
            losses = dev_losses(
                network, base.llama, first_layer, dev_set.ready, dev_set.vectors, WATCHED
            )
            history.append({"step": done, "train": running, **losses})
            say(f"step {done} dev " + " ".join(f"{k} {v:.3f}" for k, v in losses.items()))
            score = losses["matched"] + losses["hybrid"]
            if score < best:
                best = score
                save_network(network, folder / "best.safetensors", _anchors(train_set))
        if done % SAVE_EVERY == 0 or done == config.steps:
            _save_state(state, done, best, history, network, optimiser)

    return _finish(config, folder, base, encoder, train_set, dev_set, first_layer, history)


def _step(
    network: HyperNetwork,
    base: BaseModel,
    first_layer: int,
    corpus: Corpus,
    config: TrainConfig,
    rng: random.Random,
) -> float:
    """One batch of different tasks: accumulate gradients, give back the mean loss."""
    chosen = rng.sample(range(len(corpus.tasks)), min(config.batch, len(corpus.tasks)))
    picked = [(rng.choice(corpus.ready[t]), rng.choice(list(corpus.vectors[t]))) for t in chosen]
    picked.sort(key=lambda p: len(p[0].hidden_TD) + p[0].prefix.k_LGPd.shape[2])
    noise = torch.Generator().manual_seed(rng.getrandbits(40))
    total = 0.0
    for start in range(0, len(picked), config.micro_batch):
        micro = picked[start : start + config.micro_batch]
        vectors_BC = torch.stack([v for _, v in micro])
        condition_BC = network.standardise(vectors_BC.to(config.device))
        shape = condition_BC.shape
        condition_BC = condition_BC + config.condition_noise * torch.randn(
            shape, generator=noise
        ).to(config.device)
        kept_B1 = torch.rand(shape[0], 1, generator=noise) >= config.condition_dropout
        condition_BC = condition_BC * kept_B1.to(config.device)
        delta = network.delta(network.gains(condition_BC))
        loss = answer_loss(
            base, first_layer, [r for r, _ in micro], delta, config.label_smoothing
        ).sum() / len(picked)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped upstream
        total += float(loss.detach())
    return total


def answer_loss(
    base: BaseModel,
    first_layer: int,
    batch: Sequence[lower.Ready],
    delta: Delta | None,
    smoothing: float,
) -> Tensor:
    """Mean cross entropy of each row's answer tokens, [B]."""
    logits_NV, ids_N, rows_N = lower.answer_logits(base.llama, first_layer, batch, delta)
    losses_N = F.cross_entropy(
        logits_NV.float(), ids_N, reduction="none", label_smoothing=smoothing
    )
    sums_B = torch.zeros(len(batch), device=losses_N.device).index_add(0, rows_N, losses_N)
    counts_B = torch.tensor([len(r.sample.answer_ids) for r in batch], device=losses_N.device)
    return sums_B / counts_B


def _optimiser(network: HyperNetwork, config: TrainConfig) -> torch.optim.Optimizer:
    factors = [*network.a.parameters(), *network.b.parameters()]
    conditioned = [*network.trunk.parameters(), *network.head.parameters()]
    return torch.optim.AdamW(
        [
            {"params": factors, "peak": config.lora_rate, "lr": 0.0},
            {"params": conditioned, "peak": config.trunk_rate, "lr": 0.0},
        ],
        weight_decay=config.weight_decay,
    )


def _schedule(step: int, config: TrainConfig) -> float:
    warm = max(1, round(config.steps * config.warm_up))
    if step < warm:
        return (step + 1) / warm
    return 0.05 + 0.475 * (1 + math.cos(math.pi * (step - warm) / max(1, config.steps - warm)))


def _save_state(
    file: Path,
    step: int,
    best: float,
    history: list[dict[str, float]],
    network: HyperNetwork,
    optimiser: torch.optim.Optimizer,
) -> None:
    partial = file.with_suffix(".partial")
    torch.save(
        {
            "step": step,
            "best": best,
            "history": history,
            "network": network.state_dict(),
            "optimiser": optimiser.state_dict(),
        },
        partial,
    )
    partial.replace(file)


def _resume(
    file: Path, network: HyperNetwork, optimiser: torch.optim.Optimizer
) -> tuple[int, float, list[dict[str, float]]]:
    if not file.is_file():
        return 0, math.inf, []
    state = torch.load(file, weights_only=True)
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return state["step"], state["best"], state["history"]


def _anchors(corpus: Corpus) -> dict[str, Tensor]:
    """One vector per training task, for the fit: the mean over its wordings, normalised."""
    means_NC = torch.stack([F.normalize(v.mean(0), dim=-1) for v in corpus.vectors])
    return {"anchors_NC": means_NC.half()}


def _finish(
    config: TrainConfig,
    folder: Path,
    base: BaseModel,
    encoder: Encoder,
    train_set: Corpus,
    dev_set: Corpus,
    first_layer: int,
    history: list[dict[str, float]],
) -> Path:
    network, extra = load_network(folder / "best.safetensors")
    losses = dev_losses(network, base.llama, first_layer, dev_set.ready, dev_set.vectors)
    save_network(network, folder / "hypernetwork.safetensors", extra)
    unused = read_tasks(Path(config.train_tasks), _path(config.train_paraphrases), 10**6)
    fit = calibrate(
        extra["anchors_NC"].float(), encoder, config, train_set.tasks, dev_set.tasks, unused
    )
    written = (folder / "hypernetwork.safetensors").read_bytes()
    card = {
        "name": config.name,
        "weights_sha256": hashlib.sha256(written).hexdigest(),
        "base": {"name": base.name, "fingerprint": base.fingerprint},
        "encoder": {"name": "all-MiniLM-L6-v2", "fingerprint": encoder.fingerprint},
        "network": asdict(network.config),
        "recipe": {
            k: v for k, v in asdict(config).items() if not k.endswith(("_tasks", "_paraphrases"))
        },
        "data": {
            "collection": "Super-NaturalInstructions, default train split (Apache-2.0)",
            "paraphrases": "Text-to-LoRA task descriptions (Apache-2.0)",
            "left_out": "tasks whose data licence is marked NC, ND or GPL",
            "tasks": [
                {"name": t.name, "license": t.license, "description": t.task.description[:200]}
                for t in train_set.tasks
            ],
        },
        "fit": fit,
        "development": {"losses": losses, "tasks": len(dev_set.tasks), "history": history},
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return folder


def _path(name: str | None) -> Path | None:
    return Path(name) if name else None
