"""One step of training: a batch drawn and computed, its gradients, and how far to go with them."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from hypernet.base_model import frozen_prefix
from hypernet.hypernetwork.task_encoder import Condition
from hypernet.training.pool import computed, draw, draw_tasks, in_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.hypernetwork.network import HyperNetwork
    from hypernet.training.config import TrainConfig
    from hypernet.training.frozen_states import FrozenStates
    from hypernet.training.pool import PoolTask


def take_step(
    network: HyperNetwork,
    optimiser: torch.optim.Optimizer,
    states: FrozenStates,
    pool: Sequence[PoolTask],
    config: TrainConfig,
    step: int,
) -> float:
    """Take a step, drawn from the seed and the step's number; gives back the mean loss before."""
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * _schedule(step, config)
    rng = random.Random(f"{config.seed}-{step}")  # noqa: S311  # sampling, not secrets
    loss = _gradients(network, states, pool, config, rng)
    torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return loss


def make_optimiser(network: HyperNetwork, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW, with a rate for the factors that all tasks share and one for what is conditioned."""
    factors = [*network.a.parameters(), *network.b.parameters()]
    conditioned = [*network.task.parameters(), *network.head.parameters()]
    return torch.optim.AdamW(
        [
            {"params": factors, "peak": config.lora_rate, "lr": 0.0},
            {"params": conditioned, "peak": config.trunk_rate, "lr": 0.0},
        ],
        weight_decay=config.weight_decay,
    )


def _gradients(
    network: HyperNetwork,
    states: FrozenStates,
    pool: Sequence[PoolTask],
    config: TrainConfig,
    rng: random.Random,
) -> float:
    """Accumulate gradients over one batch of different tasks, give back the mean loss."""
    tasks = draw_tasks(pool, max(1, config.batch // config.samples_each), rng)
    draws = [one for task in tasks for one in draw(task, config, rng)]
    rows = computed(draws, states)
    noise = torch.Generator().manual_seed(rng.getrandbits(40))
    torch.manual_seed(rng.getrandbits(40))  # dropout draws from torch's own
    base, total = states.base, 0.0
    for micro in in_parts(rows, config.micro_tokens):
        condition = Condition.of([reading for _, reading in micro])
        condition = _noisy(condition, network, config.condition_noise, noise)
        gains_BLMr = network.gains(condition.to(base.device))
        delta = network.delta(gains_BLMr, base.config.groups)
        samples_B = [sample for sample, _ in micro]
        losses_B = frozen_prefix.answer_losses(
            base, states.first_layer, samples_B, delta, config.label_smoothing
        )
        loss = losses_B.sum() / len(rows)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped upstream
        total += float(loss.detach())
    return total


def _noisy(
    condition: Condition, network: HyperNetwork, noise: float, generator: torch.Generator
) -> Condition:
    """The condition with noise in units of its own spread over training."""
    scale_C = network.task.get_buffer("vector_scale").cpu()
    drawn_BC = torch.randn(condition.vector_BC.shape, generator=generator)
    return replace(condition, vector_BC=condition.vector_BC + noise * scale_C * drawn_BC)


def _schedule(step: int, config: TrainConfig) -> float:
    warm = max(1, round(config.steps * config.warm_up))
    if step < warm:
        return (step + 1) / warm
    return 0.05 + 0.475 * (1 + math.cos(math.pi * (step - warm) / max(1, config.steps - warm)))
