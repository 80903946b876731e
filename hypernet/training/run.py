"""What a run consists of before its first step: base, tasks, network and optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import base_source, encoder_source
from hypernet.hypernetwork.conditioning import ConditionReader
from hypernet.hypernetwork.encoder import Encoder
from hypernet.progress import silent
from hypernet.training.config import Source
from hypernet.training.frozen_states import FrozenStates
from hypernet.training.pool import development_pool, training_pool
from hypernet.training.start import find_start, start_network
from hypernet.training.step import make_optimiser
from hypernet.training.task_files import read_source

if TYPE_CHECKING:
    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.network import HyperNetwork
    from hypernet.progress import Progress
    from hypernet.training.config import TrainConfig
    from hypernet.training.data import TaskData
    from hypernet.training.pool import DevTask, PoolTask
    from hypernet.training.start import Start

MEGABYTE = 2**20
REPLAY_FILE = "replay.jsonl.gz"


@dataclass(frozen=True)
class Gathered:
    """The tasks of a run's sources."""

    train: list[tuple[TaskData, Source]]
    dev: list[tuple[TaskData, Source]]

    @property
    def held_out(self) -> list[TaskData]:
        """What was kept back of the tasks that are trained on."""
        names = {task.name for task, _ in self.train}
        return [task for task, _ in self.dev if task.name in names]


@dataclass(frozen=True)
class Run:
    """All that steps are taken with."""

    config: TrainConfig
    tasks: Gathered
    base: BaseModel
    states: FrozenStates
    start: Start
    pool: list[PoolTask]
    dev: list[DevTask]
    network: HyperNetwork
    optimiser: torch.optim.Optimizer


def gather(config: TrainConfig, progress: Progress = silent) -> Gathered:
    """The tasks to train on and those to select on, without what licences forbid.

    Raises:
        ValueError, FileNotFoundError: a source cannot be read; of one that is missing, the setting.
    """
    _check_sources(config)
    train: list[tuple[TaskData, Source]] = []
    dev = [(task, source) for source in config.dev for task in read_source(source)]
    left_out = 0
    for source in config.train:
        for task in read_source(source):
            if task.restricted and not config.allow_restricted:
                left_out += 1
            elif source.held_out:
                kept, back = task.split(source.held_out)
                train.append((kept, source))
                if back.instances:  # of a single instance nothing can be kept back
                    dev.append((back, source))
            else:
                train.append((task, source))
    progress(0.0, f"{len(train)} training tasks ({left_out} left out for their licence)")
    return Gathered(train, dev)


def replayed(config: TrainConfig, folder: Path | None, own: Gathered) -> Gathered:
    """The tasks kept beside the weights to go on from; to judge by no more than of a run's own."""
    file = None if folder is None else folder / REPLAY_FILE
    if not config.replay or file is None or not file.is_file():
        return Gathered([], [])
    others = sum(source.share for source in config.train)
    share = others * config.replay / (1 - config.replay)
    source = Source(str(file), share=share, held_out=0.2, max_step=320, max_answer=100)
    parts = [task.split(source.held_out) for task in read_source(source)]
    dev = [(back, source) for _, back in parts if back.instances]
    every = max(1, len(dev) // max(1, len(own.dev)))
    return Gathered([(kept, source) for kept, _ in parts], dev[::every][: len(own.dev)])


def _check_sources(config: TrainConfig) -> None:
    for kind, sources in (("train", config.train), ("dev", config.dev)):
        for number, source in enumerate(sources):
            for setting in ("tasks", "wordings"):
                place = getattr(source, setting)
                if place and not Path(place).exists():
                    raise FileNotFoundError(f"{kind}[{number}].{setting}: {place} does not exist")


def prepare(config: TrainConfig, cache: Path, progress: Progress = silent) -> Run:
    """Load the models, tokenise the tasks, and make the network that the first step starts from.

    Args:
        config: the run's settings.
        cache: the user's cache folder, for converted models.
        progress: takes what is being done.

    Raises:
        ValueError: a source holds no usable task, or the hypernetwork to start from does not fit.
        FileNotFoundError: a source is not there.
        ModelNotFoundError: a model is not to be had.
    """
    base = load_base(base_source(config.base), cache, device=config.device)
    encoder = Encoder.load(encoder_source(config.encoder))
    tasks = gather(config, progress)
    start = find_start(config, base)
    chat = ChatFormat.of(base.tokenizer)
    reader = ConditionReader(base.forward, chat, encoder, start.read_layer)
    states = FrozenStates(reader, start.first_layer, config.memory_mb * MEGABYTE)
    progress(0.0, "tokenising the tasks")
    old = replayed(config, start.folder, tasks)
    pool = training_pool([*tasks.train, *old.train], config, chat)
    if not pool:
        raise ValueError("train: no instance of any task is within max_step and max_answer")
    dev = development_pool([*tasks.dev, *old.dev], config, chat)
    torch.manual_seed(config.seed)
    network = start_network(start, config, states, pool).to(config.device)
    optimiser = make_optimiser(network, config)
    return Run(config, tasks, base, states, start, pool, dev, network, optimiser)
