"""Training a hypernetwork end to end through the frozen base: one flat, resumable loop.

Everything random is drawn from (seed, step), so a run that was stopped
and resumed takes the same steps as one that was not.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hypernet.base_model import frozen_prefix
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import base_source, encoder_source
from hypernet.hypernetwork.card import WEIGHTS_FILE, find_weights
from hypernet.hypernetwork.conditioning import ConditionReader
from hypernet.hypernetwork.config import NetworkConfig
from hypernet.hypernetwork.encoder import Encoder
from hypernet.hypernetwork.network import HyperNetwork, load_network, save_network
from hypernet.hypernetwork.task_encoder import Condition
from hypernet.progress import silent
from hypernet.training.corpus import ReadyTask, prepare
from hypernet.training.data import read_source, write_tasks
from hypernet.training.finish import BEST_FILE, anchors, finish, selected, watched
from hypernet.training.losses import dev_losses
from hypernet.training.state import resume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.base_model.frozen_prefix import PrecomputedSample
    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.conditioning import TaskReading
    from hypernet.progress import Progress
    from hypernet.training.config import Source, TrainConfig
    from hypernet.training.data import TaskData

HELD_OUT_FILE = "held-out.jsonl"
LOG_EVERY = 10
SAVE_EVERY = 50


def train(config: TrainConfig, folder: Path, cache: Path, progress: Progress = silent) -> Path:
    """Train, or go on where an earlier run in the same folder stopped.

    Args:
        config: the run's settings.
        folder: where state, log and the finished weights go.
        cache: the user's cache folder, for converted models.
        progress: takes the fraction of the run's steps that are done, and a line.

    Returns:
        The folder with `hypernetwork.safetensors`, `card.json` and, of what was held out of the
        training tasks, the task file `held-out.jsonl`.

    Raises:
        ValueError: a source holds no usable task, or the hypernetwork to start from does not fit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = load_base(base_source(config.base), cache, device=config.device)
    encoder = Encoder.load(encoder_source(config.encoder))
    reader = ConditionReader(
        base.forward,
        ChatFormat.of(base.tokenizer),
        encoder,
        config.first_layer(base.forward.config.layers),
    )
    train_tasks, dev_tasks = gather(config, progress)
    trained_names = {task.name for task, _ in train_tasks}
    if held_out := [task for task, _ in dev_tasks if task.name in trained_names]:
        write_tasks(folder / HELD_OUT_FILE, held_out)  # what `hypernet evaluate` may ask
    train_set = prepare(
        train_tasks, config, base, reader, folder / "lower-train", progress, dev=False
    )
    dev_set = prepare(dev_tasks, config, base, reader, folder / "lower-dev", progress, dev=True)
    if not train_set:
        raise ValueError("train: no instance of any task is within max_step and max_answer")

    torch.manual_seed(config.seed)
    network = _network(config, base, reader, train_set).to(config.device)
    optimiser = _optimiser(network, config)
    state = resume(folder / "state.pt", network, optimiser)
    if config.start is not None and state.step == 0:
        state.average(network)

    first_step, started = state.step, time.monotonic()
    running = 0.0
    for step in range(state.step, config.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * _schedule(step, config)
        rng = random.Random(f"{config.seed}-{step}")  # noqa: S311  # sampling, not secrets
        loss = _step(network, base, reader.first_layer, train_set, config, rng)
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        running = loss if running == 0.0 else 0.9 * running + 0.1 * loss

        done = step + 1
        if done % LOG_EVERY == 0:
            rate = (time.monotonic() - started) / (done - first_step)
            left = rate * (config.steps - done) / 60
            progress(
                done / config.steps,
                f"step {done}/{config.steps} loss {running:.3f} {rate:.2f} s/step"
                f" {left:.0f} min left",
            )
        if dev_set and (done % config.evaluate_every == 0 or done == config.steps):
            found = dev_losses(network, base.forward, reader.first_layer, dev_set, watched(config))
            state.add(done, running, found, network)
            figures = " ".join(f"{name} {value:.3f}" for name, value in found.items())
            progress(done / config.steps, f"step {done} dev {figures}")
            score = sum(found[arm] for arm in selected(config))
            if score < state.best:
                state.best = score
                save_network(network, folder / BEST_FILE, anchors(train_set))
        if done % SAVE_EVERY == 0 or done == config.steps:
            state.save(folder / "state.pt", done, network, optimiser)

    if not dev_set:
        save_network(network, folder / BEST_FILE, anchors(train_set))
    tasks = [task for task, _ in train_tasks]
    return finish(config, folder, base, reader, tasks, train_set, dev_set, state)


def gather(
    config: TrainConfig, progress: Progress = silent
) -> tuple[list[tuple[TaskData, Source]], list[tuple[TaskData, Source]]]:
    """The tasks to train on and those to select on, without what licences forbid.

    Raises:
        ValueError, FileNotFoundError: a source cannot be read; of one that is missing, the setting.
    """
    for kind, sources in (("train", config.train), ("dev", config.dev)):
        for number, source in enumerate(sources):
            for setting in ("tasks", "wordings"):
                place = getattr(source, setting)
                if place and not Path(place).exists():
                    raise FileNotFoundError(f"{kind}[{number}].{setting}: {place} does not exist")
    train_tasks: list[tuple[TaskData, Source]] = []
    dev_tasks = [(t, source) for source in config.dev for t in read_source(source)]
    left_out = 0
    for source in config.train:
        for task in read_source(source):
            if task.restricted and not config.allow_restricted:
                left_out += 1
            elif source.held_out:
                kept, dev = task.split(source.held_out)
                train_tasks.append((kept, source))
                dev_tasks.append((dev, source))
            else:
                train_tasks.append((task, source))
    progress(0.0, f"{len(train_tasks)} training tasks ({left_out} left out for their licence)")
    return train_tasks, dev_tasks


def _network(
    config: TrainConfig, base: BaseModel, reader: ConditionReader, train_set: Sequence[ReadyTask]
) -> HyperNetwork:
    """A new network with training's statistics, or the one to go on from."""
    if config.start is not None:
        started_from = find_weights(base.name, None if config.start == "shipped" else config.start)
        if started_from is None:
            raise ValueError(f"start: no hypernetwork is shipped for {base.name}; leave start out")
        network, _ = load_network(started_from / WEIGHTS_FILE)
        if network.config.first_layer != reader.first_layer:
            raise ValueError(
                f"start: its first adapted layer is {network.config.first_layer}, "
                f"the run's {reader.first_layer}; set adapted_share to match"
            )
        if (difference := network.config.difference(base.forward.config)) is not None:
            raise ValueError(f"start: {difference}")
        return network.train()
    network = HyperNetwork(
        NetworkConfig.for_base(
            base.forward.config,
            condition=reader.encoder.size,
            hidden=config.hidden,
            rank=config.rank,
            first_layer=reader.first_layer,
        )
    )
    network.task.set_statistics(
        [vector_C for task in train_set for vector_C, _ in task.texts.values()],
        [states_TD for task in train_set for _, states_TD in task.texts.values()],
        [task.reading(None, task.pool).examples_E2D for task in train_set],
    )
    return network


def _step(
    network: HyperNetwork,
    base: BaseModel,
    first_layer: int,
    corpus: Sequence[ReadyTask],
    config: TrainConfig,
    rng: random.Random,
) -> float:
    """One batch of different tasks: accumulate gradients, give back the mean loss."""
    picked = []
    for task in draw_tasks(corpus, config.batch, rng):
        sample = rng.choice(task.samples)
        picked.append((sample, reading_for(task, sample, config, rng)))
    # Samples of one kind and length side by side: padding costs as much as text.
    picked.sort(key=lambda p: (p[0].sample.wording is not None, len(p[0].hidden_TD)))
    noise = torch.Generator().manual_seed(rng.getrandbits(40))
    torch.manual_seed(rng.getrandbits(40))  # dropout draws from torch's own
    total = 0.0
    with frozen_prefix.backward_friendly(config.device):
        for start in range(0, len(picked), config.micro_batch):
            micro = picked[start : start + config.micro_batch]
            condition = Condition.of([reading for _, reading in micro])
            condition = _noisy(condition, network, config.condition_noise, noise)
            gains_BLMr = network.gains(condition.to(config.device))
            delta = network.delta(gains_BLMr, base.forward.config.groups)
            samples_B = [sample for sample, _ in micro]
            losses_B = frozen_prefix.answer_losses(
                base.forward, first_layer, samples_B, delta, config.label_smoothing
            )
            loss = losses_B.sum() / len(picked)
            loss.backward()  # type: ignore[no-untyped-call]  # untyped upstream
            total += float(loss.detach())
    return total


def draw_tasks(corpus: Sequence[ReadyTask], count: int, rng: random.Random) -> list[ReadyTask]:
    """Tasks of a batch, each at most once: a source first, by its share, then one of its tasks."""
    left: dict[Source, list[ReadyTask]] = {}
    for task in corpus:
        left.setdefault(task.source, []).append(task)
    chosen = []
    for _ in range(min(count, len(corpus))):
        sources = [source for source, tasks in left.items() if tasks]
        tasks = left[rng.choices(sources, weights=[s.share for s in sources])[0]]
        chosen.append(tasks.pop(rng.randrange(len(tasks))))
    return chosen


def reading_for(
    task: ReadyTask, computed: PrecomputedSample, config: TrainConfig, rng: random.Random
) -> TaskReading:
    """What a sample's condition has of the task: nothing, the text, examples, or both.

    Where the prompt has examples there were some to read: the condition has both, or nothing.
    """
    wording = computed.sample.wording
    if wording is None:
        wording = rng.choice(list(task.texts))
    kind = rng.random()
    if not config.conditioned or kind < config.nothing_read:
        return task.reading(wording, with_text=False)
    in_prompt = bool(computed.sample.examples)
    if in_prompt or kind > 1 - config.examples_read:
        possible = task.examples_for(computed.sample)
        count = min(len(possible), rng.randint(1, config.most_examples))
        with_text = in_prompt or rng.random() >= config.examples_alone
        return task.reading(wording, rng.sample(possible, count), with_text=with_text)
    return task.reading(wording)


def _noisy(
    condition: Condition, network: HyperNetwork, noise: float, generator: torch.Generator
) -> Condition:
    """The condition with noise in units of its own spread over training."""
    scale_C = network.task.get_buffer("vector_scale").cpu()
    drawn_BC = torch.randn(condition.vector_BC.shape, generator=generator)
    return replace(condition, vector_BC=condition.vector_BC + noise * scale_C * drawn_BC)


def _optimiser(network: HyperNetwork, config: TrainConfig) -> torch.optim.Optimizer:
    factors = [*network.a.parameters(), *network.b.parameters()]
    conditioned = [*network.task.parameters(), *network.head.parameters()]
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
