"""A few gradient steps on a task's own examples, from an adapter already written.

The base and the lower layers' part of the adapter stay as they are, so what comes below and before
what is trained is computed once.
"""

from __future__ import annotations

import hashlib
import math
import random
from typing import TYPE_CHECKING

import torch
from torch.optim.adam import adam

from hypernet.adapters.adapter import Adapter
from hypernet.adapters.cache import (
    MOST_ANSWER_TOKENS,
    MOST_STEP_TOKENS,
    NoneShortEnoughError,
    Refinement,
    refining,
)
from hypernet.adapters.interruptible import Interruptible
from hypernet.adapters.stacked import Stacked, side_by_side
from hypernet.base_model import frozen_prefix
from hypernet.base_model.chat import Sample
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from hypernet.adapters.adapter import Factors
    from hypernet.base_model.chat import ChatFormat
    from hypernet.base_model.decoder import Delta, Forward, Shape
    from hypernet.base_model.frozen_prefix import Pasts, PrecomputedSample
    from hypernet.progress import Progress
    from hypernet.task import Task

FEWEST_STEPS, MOST_STEPS, STEPS_EACH = 16, 48, 2
BATCH, MICRO_BATCH, RATE = 8, 8, 1e-3
TRAINED_SHARE = 1 / 3
"""Of the base's layers, the top ones whose part of the adapter is trained."""
# Long ones in more parts: what runs beside them waits for a piece of a part.
MICRO_TOKENS = 1024
LABEL_SMOOTHING = 0.1


def refine(
    base: Forward,
    chat: ChatFormat,
    start: Adapter,
    task: Task,
    *,
    steps: int | None = None,
    batch: int = BATCH,
    rate: float = RATE,
    share: float = TRAINED_SHARE,
    in_prompt: bool = True,
    progress: Progress = silent,
    between: Callable[[], None] | None = None,
) -> Adapter:
    """Train an adapter further on the task's examples.

    Args:
        base: the frozen base.
        chat: its chat markup.
        start: the adapter to go on from; it is left as it is.
        task: gives the examples and, in the prompt, its text.
        steps: gradient steps; None is `steps_for` so many examples.
        batch: most examples in a step.
        rate: Adam's step size, falling linearly to a tenth.
        share: of the base's layers, the top ones whose part of the adapter is trained.
        in_prompt: whether the task's text comes before each input, as it will when steps run.
        progress: called after each step, with the loss that it began from in the message.
        between: called between pieces of work of some milliseconds, where it may wait; it has no
            effect on the result. What it raises ends the work.

    Raises:
        ValueError: the task has no example within the token limits.
    """
    (adapter,) = refine_together(
        base, chat, [(start, task)], steps=steps, batch=batch, rate=rate, share=share,
        in_prompt=in_prompt, progress=progress, between=between,
    )  # fmt: skip
    return adapter


def refine_together(
    base: Forward,
    chat: ChatFormat,
    starts: Sequence[tuple[Adapter, Task]],
    *,
    steps: int | None = None,
    batch: int = BATCH,
    rate: float = RATE,
    share: float = TRAINED_SHARE,
    in_prompt: bool = True,
    pasts: Pasts | None = None,
    progress: Progress = silent,
    between: Callable[[], None] | None = None,
) -> list[Adapter]:
    """Train several adapters of one shape, each on its own task's examples, in the same passes.

    Each is what as many steps of `refine` make of it, but for rounding: those of the one with most
    examples. `pasts` keeps what is read of the inputs, for other adapters of the same ones; the
    other arguments and errors are those of `refine`.

    Raises:
        ValueError: also where the adapters are of unlike shape.
    """
    if len({(frozenset(start.factors), start.rank) for start, _ in starts}) > 1:
        raise ValueError("starts: adapters of unlike shape cannot be trained together")
    if steps is None:
        steps = steps_for(max(len(task.examples) for _, task in starts))
    if between is not None:
        base = Interruptible(base, between)
    first_layer = _first_trained(base.config, starts[0][0], share)
    computed = [
        _computed(base, chat, start, task, first_layer, pasts, in_prompt=in_prompt)
        for start, task in starts
    ]
    upper = [
        {key: ab for key, ab in start.factors.items() if key[0] >= first_layer}
        for start, _ in starts
    ]
    stacked = Stacked.of(upper)
    optimiser = Adam(stacked.tensors)
    drawn = [
        _batches(samples, batch, random.Random(start.digest))  # noqa: S311  # sampling, not secrets
        for (start, _), samples in zip(starts, computed, strict=True)
    ]
    losses: list[list[float]] = []
    with torch.enable_grad():
        for step in range(steps):
            batches = [next(batches) for batches in drawn]
            losses.append(_step(base, first_layer, batches, stacked))
            optimiser.step(rate * (1 - 0.9 * step / steps))
            mean = sum(losses[-1]) / len(starts)
            progress((step + 1) / steps, refining(step + 1, steps, mean))
    how = (steps, batch, rate, share)
    return [
        Adapter(
            digest=refined_digest(start, task, how, in_prompt=in_prompt),
            rank=start.rank,
            basis={**start.factors, **stacked.of_one(n)},
            parent=start.digest,
            paths=start.paths,
            invocation=start.invocation,
            refinement=Refinement(steps, len(computed[n]), losses[0][n], losses[-1][n]),
        )
        for n, (start, task) in enumerate(starts)
    ]


def steps_for(examples: int) -> int:
    """Gradient steps for so many examples: each is used sixteen times, within bounds."""
    return min(max(FEWEST_STEPS, STEPS_EACH * examples), MOST_STEPS)


def _computed(
    base: Forward,
    chat: ChatFormat,
    start: Adapter,
    task: Task,
    first_layer: int,
    pasts: Pasts | None,
    *,
    in_prompt: bool,
) -> list[PrecomputedSample]:
    """A task's examples up to the first layer that is trained."""
    samples = _samples(chat, task)
    if not samples:
        raise NoneShortEnoughError
    if not start.invocation:
        samples = [sample.with_input_acted_on() for sample in samples]
    text = task.without_examples().prefix_text() if in_prompt else ""
    below = {key: ab for key, ab in start.factors.items() if key[0] < first_layer}
    fixed = delta_of(below, base.config) if below else None
    prefix_ids = chat.prefix_ids(text)
    return frozen_prefix.compute(base, first_layer, prefix_ids, samples, fixed, pasts)


class Adam:
    """Adam as `torch.optim` computes it, without its class.

    That imports torch's compiler when it is first made, for more than a second and 80 MB.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self.tensors = tensors
        self._means = [torch.zeros_like(t, requires_grad=False) for t in tensors]
        self._squares = [torch.zeros_like(t, requires_grad=False) for t in tensors]
        self._steps = [torch.tensor(0.0) for _ in tensors]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move each tensor against its gradient, which is then forgotten."""
        there = [n for n, tensor in enumerate(self.tensors) if tensor.grad is not None]

        def of_those(values: Sequence[Tensor]) -> list[Tensor]:
            return [values[n] for n in there]

        gradients = [grad for t in of_those(self.tensors) if (grad := t.grad) is not None]
        adam(
            of_those(self.tensors), gradients, of_those(self._means), of_those(self._squares), [],
            of_those(self._steps), amsgrad=False, beta1=0.9, beta2=0.999, lr=rate, weight_decay=0,
            eps=1e-8, maximize=False,
        )  # fmt: skip
        for tensor in self.tensors:
            tensor.grad = None


def fresh(
    config: Shape, first_layer: int, rank: int, seed: int, invocation: tuple[int, ...] = ()
) -> Adapter:
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
    digest = f"fresh-{seed}-{rank}"
    return Adapter(
        digest=digest, rank=rank, basis=factors, paths=config.paths, invocation=invocation
    )


def delta_of(factors: Factors, config: Shape) -> Delta:
    """What an adapter's factors add to each group of linears, differentiable in them."""
    sizes, groups = config.linear_sizes(), config.groups

    def delta(layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
        pairs = [factors.get((layer, name)) for name in groups[group]]
        if all(pair is None for pair in pairs):
            return None
        return torch.cat(
            [
                x_BTI.new_zeros(*x_BTI.shape[:-1], sizes[name][1])
                if pair is None
                else x_BTI @ pair[0].to(x_BTI.dtype) @ pair[1].to(x_BTI.dtype)
                for name, pair in zip(groups[group], pairs, strict=True)
            ],
            -1,
        )

    return delta


def _first_trained(config: Shape, start: Adapter, share: float) -> int:
    """The lowest layer that is trained: of those adapted, one at least."""
    adapted = [layer for layer, _ in start.factors]
    first = config.layers - math.ceil(share * config.layers)
    return min(max(first, min(adapted)), max(adapted))


def _samples(chat: ChatFormat, task: Task) -> list[Sample]:
    samples, invocation = [], tuple(chat.invocation_ids())
    for example in task.examples:
        ids, answer = chat.input_ids(example.input), chat.answer_ids(example.output)
        fits = len(ids) + len(invocation) <= MOST_STEP_TOKENS
        if fits and len(answer) <= MOST_ANSWER_TOKENS:
            samples.append(Sample(tuple(ids), invocation, tuple(answer)))
    return samples


def _batches(
    computed: list[PrecomputedSample], size: int, rng: random.Random
) -> Iterator[list[PrecomputedSample]]:
    """Endless batches; each example is used once, in a new order, before any is used again."""
    left: list[PrecomputedSample] = []
    while True:
        if len(left) < min(size, len(computed)):
            order = list(computed)
            rng.shuffle(order)
            left += order
        yield left[:size]
        left = left[size:]


def _step(
    base: Forward,
    first_layer: int,
    batches: Sequence[Sequence[PrecomputedSample]],
    stacked: Stacked,
) -> list[float]:
    """Accumulate gradients over a batch of each adapter, give back their mean losses."""
    totals = [0.0] * len(batches)
    for rows, weights in side_by_side(batches, MICRO_BATCH, MICRO_TOKENS):
        delta = stacked.delta(base.config, base.dtype)
        losses_B = frozen_prefix.answer_losses(base, first_layer, rows, delta, LABEL_SMOOTHING)
        weighed_B = losses_B * torch.tensor(weights, device=losses_B.device)
        weighed_B.sum().backward()  # type: ignore[no-untyped-call]  # untyped upstream
        for n, total_R in enumerate(weighed_B.detach().view(len(batches), -1)):
            totals[n] += float(total_R.sum())
    return totals


def refined_digest(
    start: Adapter,
    task: Task,
    how: tuple[float, ...] | None = None,
    *,
    in_prompt: bool = True,
) -> str:
    """The identity of what `refine` makes of an adapter by steps, batch, rate and share."""
    how = how or (steps_for(len(task.examples)), BATCH, RATE, TRAINED_SHARE)
    # The text too: the digest of a fresh start does not depend on the task.
    text = task.without_examples().prefix_text() if in_prompt else None
    examples = [(e.input, e.output) for e in task.examples]
    what = repr((start.digest, text, examples, how))
    return hashlib.sha256(what.encode()).hexdigest()[:24]
