"""A few gradient steps on a task's own examples, from an adapter already written.

The base stays frozen, and what lies below the adapted layers is computed once. Knows nothing of
hypernetworks, engines or sessions.
"""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

import torch

from hypernet.adapters.adapter import Adapter
from hypernet.base_model import frozen_prefix
from hypernet.base_model.llama import FUSED
from hypernet.training.data import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from hypernet.adapters.adapter import Factors
    from hypernet.base_model.chat import ChatFormat
    from hypernet.base_model.decoder import Delta
    from hypernet.base_model.llama import Llama, LlamaConfig
    from hypernet.task import Task

STEPS, BATCH, MICRO_BATCH, RATE = 16, 8, 8, 5e-4
LABEL_SMOOTHING = 0.1
MOST_STEP_TOKENS, MOST_ANSWER_TOKENS = 512, 192


def refine(
    llama: Llama,
    chat: ChatFormat,
    start: Adapter,
    task: Task,
    *,
    steps: int = STEPS,
    batch: int = BATCH,
    rate: float = RATE,
    in_prompt: bool = True,
    say: Callable[[int, int, float], None] = lambda done, steps, loss: None,
) -> Adapter:
    """Train an adapter further on the task's examples.

    Args:
        llama: the frozen base.
        chat: its chat markup.
        start: the adapter to go on from; it is left as it is.
        task: gives the examples and, in the prompt, its text.
        steps: gradient steps.
        batch: most examples in a step.
        rate: Adam's step size, falling linearly to a tenth.
        in_prompt: whether the task's text stands before each input, as it will when steps run.
        say: told after each step: steps done, steps in all, the loss.

    Raises:
        ValueError: the task has no example within the token limits.
    """
    first_layer = min(layer for layer, _ in start.factors)
    samples = _samples(chat, task, in_prompt=in_prompt)
    if not samples:
        raise ValueError(
            f"examples: none is within {MOST_STEP_TOKENS} input and {MOST_ANSWER_TOKENS} "
            "answer tokens"
        )
    text = task.without_examples().prefix_text() if in_prompt else ""
    ready = frozen_prefix.compute(llama, first_layer, chat.prefix_ids(text), samples)
    # Written in inference mode, such tensors could not take part in a backward pass.
    factors = {
        key: (a.detach().clone().requires_grad_(), b.detach().clone().requires_grad_())
        for key, (a, b) in start.factors.items()
    }
    optimiser = torch.optim.Adam([t for ab in factors.values() for t in ab], lr=rate)
    rng = random.Random(start.digest)  # noqa: S311  # sampling, not secrets
    batches = _batches(ready, batch, rng)
    with torch.enable_grad(), frozen_prefix.backward_friendly(llama.device):
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = rate * (1 - 0.9 * step / steps)
            loss = _step(llama, first_layer, next(batches), factors)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            say(step + 1, steps, loss)
    return Adapter(
        digest=_digest(start, task, (steps, batch, rate), in_prompt=in_prompt),
        rank=start.rank,
        basis={key: (a.detach(), b.detach()) for key, (a, b) in factors.items()},
        parent=start.digest,
    )


def fresh(config: LlamaConfig, first_layer: int, rank: int, seed: int) -> Adapter:
    """An adapter that adds nothing yet: A random, B zero (LoRA's own start)."""
    random_ = torch.Generator().manual_seed(seed)
    factors = {
        (layer, name): (
            torch.randn(inputs, rank, generator=random_) / inputs**0.5,
            torch.zeros(rank, outputs),
        )
        for layer in range(first_layer, config.layers)
        for name, (inputs, outputs) in config.linear_sizes().items()
    }
    return Adapter(digest=f"fresh-{seed}-{rank}", rank=rank, basis=factors)


def delta_of(factors: Factors, config: LlamaConfig) -> Delta:
    """What an adapter's factors add to each group of linears, differentiable in them."""
    sizes = config.linear_sizes()

    def delta(layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
        pairs = [factors.get((layer, name)) for name in FUSED[group]]
        if all(pair is None for pair in pairs):
            return None
        return torch.cat(
            [
                x_BTI.new_zeros(*x_BTI.shape[:-1], sizes[name][1])
                if pair is None
                else x_BTI @ pair[0].to(x_BTI.dtype) @ pair[1].to(x_BTI.dtype)
                for name, pair in zip(FUSED[group], pairs, strict=True)
            ],
            -1,
        )

    return delta


def _samples(chat: ChatFormat, task: Task, *, in_prompt: bool) -> list[Sample]:
    samples = []
    for example in task.examples:
        step, answer = chat.step_ids(example.input), chat.answer_ids(example.output)
        if len(step) <= MOST_STEP_TOKENS and len(answer) <= MOST_ANSWER_TOKENS:
            samples.append(Sample(0 if in_prompt else None, tuple(step), tuple(answer)))
    return samples


def _batches(
    ready: list[frozen_prefix.Ready], size: int, rng: random.Random
) -> Iterator[list[frozen_prefix.Ready]]:
    """Endless batches; each example is used once, in a new order, before any is used again."""
    left: list[frozen_prefix.Ready] = []
    while True:
        if len(left) < min(size, len(ready)):
            order = list(ready)
            rng.shuffle(order)
            left += order
        yield left[:size]
        left = left[size:]


def _step(
    llama: Llama,
    first_layer: int,
    batch: list[frozen_prefix.Ready],
    factors: Factors,
) -> float:
    """Accumulate gradients over a batch, give back its mean loss."""
    batch = sorted(batch, key=lambda r: len(r.hidden_TD))
    total = 0.0
    for start in range(0, len(batch), MICRO_BATCH):
        micro = batch[start : start + MICRO_BATCH]
        delta = delta_of(factors, llama.config)
        losses_B = frozen_prefix.answer_losses(llama, first_layer, micro, delta, LABEL_SMOOTHING)
        loss = losses_B.sum() / len(batch)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped upstream
        total += float(loss.detach())
    return total


def _digest(start: Adapter, task: Task, how: tuple[float, ...], *, in_prompt: bool) -> str:
    # The text too: the digest of a fresh start says nothing of the task.
    text = task.without_examples().prefix_text() if in_prompt else None
    examples = [(e.input, e.output) for e in task.examples]
    what = repr((start.digest, text, examples, how))
    return hashlib.sha256(what.encode()).hexdigest()[:24]
