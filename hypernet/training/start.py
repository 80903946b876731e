"""The network that a run begins with: a new one, or another's, also with more layers or rank."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from hypernet.hypernetwork.card import WEIGHTS_FILE, find_weights
from hypernet.hypernetwork.config import NetworkConfig
from hypernet.hypernetwork.network import HyperNetwork, load_network
from hypernet.training.config import DEFAULT_RANK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.training.config import TrainConfig
    from hypernet.training.frozen_states import FrozenStates
    from hypernet.training.pool import PoolTask

# A centre and a spread need no more than this of the tasks, their wordings, and their examples.
MEASURED_TASKS, MEASURED_WORDINGS, MEASURED_EXAMPLES = 256, 8, 8


@dataclass(frozen=True)
class Start:
    """What a run's network is like, and the one it goes on from."""

    network: HyperNetwork | None
    folder: Path | None
    first_layer: int
    read_layer: int
    rank: int


def find_start(config: TrainConfig, base: BaseModel) -> Start:
    """The weights to go on from, if any, and what the settings make of their shape.

    Raises:
        ValueError: there are no such weights, or the settings do not fit them.
    """
    layers = base.forward.config.layers
    first, read = config.first_layer(layers), config.read_layer(layers)
    if config.start is None:
        rank = DEFAULT_RANK if config.rank is None else config.rank
        return Start(None, None, first, first if read is None else read, rank)
    folder = find_weights(base.name, None if config.start == "shipped" else config.start)
    if folder is None:
        raise ValueError(f"start: no hypernetwork is shipped for {base.name}; leave start out")
    network, _ = load_network(folder / WEIGHTS_FILE)
    old = network.config
    if (difference := old.difference(base.forward.config)) is not None:
        raise ValueError(f"start: {difference}")
    first = old.first_layer if config.adapted_share is None else first
    rank = old.rank if config.rank is None else config.rank
    if first > old.first_layer:
        raise ValueError(
            f"start: its first adapted layer is {old.first_layer}, the run's {first}; "
            "set adapted_share to at least as much, or leave it out"
        )
    if rank < old.rank:
        raise ValueError(f"start: its rank is {old.rank}, the run's {rank}; leave rank out")
    if read is not None and read != old.reads_at:
        raise ValueError(
            f"start: it reads tasks at layer {old.reads_at}, the run at {read}; "
            "leave read_share out"
        )
    return Start(network, folder, first, old.reads_at, rank)


def start_network(
    start: Start, config: TrainConfig, states: FrozenStates, pool: Sequence[PoolTask]
) -> HyperNetwork:
    """A new network with training's statistics, or the one to go on from, enlarged where needed."""
    old, base = start.network, states.base.config
    invocation = tuple(states.reader.chat.invocation_ids())
    if old is not None and (old.config.first_layer, old.config.rank) == (
        start.first_layer, start.rank,
    ):  # fmt: skip
        # One whose adapters acted on inputs too goes on as one whose adapters do not.
        old.config = replace(old.config, invocation=invocation)
        return old.train()
    network = HyperNetwork(
        NetworkConfig.for_base(
            base,
            condition=states.reader.encoder.size,
            hidden=config.hidden if old is None else old.config.hidden,
            rank=start.rank,
            first_layer=start.first_layer,
            read_layer=start.read_layer,
            invocation=invocation,
        )
    )
    if old is None:
        _set_statistics(network, states, pool)
    else:
        _put(old, network)
    return network.train()


@torch.no_grad()
def _put(old: HyperNetwork, network: HyperNetwork) -> None:
    """Put a smaller network's weights in their places; the rest adds nothing, as its B is zero."""
    network.task.load_state_dict(old.task.state_dict())
    more, rank = old.config.first_layer - network.config.first_layer, old.config.rank
    for name in network.a:
        network.a[name][more:, :, :rank] = old.a[name]
        network.b[name][more:, :rank] = old.b[name]
    shapes = [(c.layers, len(c.sizes), c.rank) for c in (network.config, old.config)]
    for side in ("weight", "bias"):
        mine, theirs = (
            getattr(of.head, side).view(*shape, -1)
            for of, shape in zip((network, old), shapes, strict=True)
        )
        mine[more:, :, :rank] = theirs


def _set_statistics(network: HyperNetwork, states: FrozenStates, pool: Sequence[PoolTask]) -> None:
    """Centre and spread of what the network will read, of tasks spread evenly over the pool."""
    count = min(MEASURED_TASKS, len(pool))
    chosen = [pool[n * len(pool) // count] for n in range(count)]
    texts = [states.text(w) for task in chosen for w in task.wordings[:MEASURED_WORDINGS]]
    shown = [states.examples(task.samples[:MEASURED_EXAMPLES]) for task in chosen]
    network.task.set_statistics(
        [read.vector_C for read in texts],
        [read.states_TD.cpu() for read in texts],
        [torch.stack(pairs).cpu() for pairs in shown],
    )
