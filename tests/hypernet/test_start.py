"""The network that a run begins with: anew, or with another's weights in their places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import (
    FIRST_LAYER,
    logits_of,
    same_bits,
    task_row,
    tiny_network,
    tiny_reader,
    write_rows,
)

from hypernet.adapters.refine import delta_of
from hypernet.engine.torch.slots import SlotPool
from hypernet.hypernetwork.network import load_network, save_network
from hypernet.hypernetwork.task_encoder import Condition
from hypernet.task import Task
from hypernet.training.config import Source, TrainConfig
from hypernet.training.frozen_states import FrozenStates
from hypernet.training.pool import training_pool
from hypernet.training.start import find_start, start_network
from hypernet.training.task_files import read_source

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.network import HyperNetwork

IDS = list(range(40, 70))
TASK = Task("Answer with B.")


@pytest.fixture
def smaller(base: BaseModel, encoder: Encoder, tmp_path: Path) -> tuple[HyperNetwork, Path]:
    """A network as after training that adapts half of the layers, and its folder."""
    folder = tmp_path / "smaller"
    folder.mkdir()
    save_network(tiny_network(base, encoder.size), folder / "hypernetwork.safetensors")
    network, _ = load_network(folder / "hypernetwork.safetensors")  # as stored, in bfloat16
    return network, folder


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    file = write_rows(tmp_path / "tasks.jsonl", [task_row(n) for n in range(3)])
    return TrainConfig("t", (Source(str(file)),), hidden=16)


def begun(config: TrainConfig, base: BaseModel, encoder: Encoder) -> tuple[HyperNetwork, int]:
    """The network that a run begins with, and the layer that it reads tasks at."""
    start = find_start(config, base)
    reader = replace(tiny_reader(base, encoder), read_layer=start.read_layer)
    states = FrozenStates(reader, start.first_layer, 2**30)
    tasks = [(task, config.train[0]) for task in read_source(config.train[0])]
    pool = training_pool(tasks, config, reader.chat)
    return start_network(start, config, states, pool).eval(), start.read_layer


def our_logits(base: BaseModel, adapter: Adapter) -> torch.Tensor:
    forward = base.forward
    pool = SlotPool(forward.config, 3, adapter.rank, forward.dtype, forward.device)
    return logits_of(forward, IDS, pool.delta([pool.acquire(adapter)]))


@pytest.mark.parametrize(
    ("changes", "layers", "rank"),
    [
        ({}, {2, 3}, 4),
        ({"adapted_share": 1.0}, {0, 1, 2, 3}, 4),
        ({"adapted_share": 0.75, "rank": 6}, {1, 2, 3}, 6),
        ({"rank": 9}, {2, 3}, 9),
    ],
)
def test_with_more_layers_or_rank_a_run_begins_with_the_same_logits(
    changes: dict[str, float],
    layers: set[int],
    rank: int,
    smaller: tuple[HyperNetwork, Path],
    config: TrainConfig,
    base: BaseModel,
    encoder: Encoder,
) -> None:
    old, folder = smaller
    network, read_layer = begun(replace(config, start=str(folder), **changes), base, encoder)
    assert read_layer == network.config.reads_at == FIRST_LAYER
    reader = tiny_reader(base, encoder)
    vector_C, states_TD = reader.encoder([TASK.description])[0], reader.texts(["Answer with B."])[0]
    condition = replace(
        Condition.null(old.config),
        vector_BC=vector_C[None],
        states_BTD=states_TD[None],
        text_mask_BT=torch.ones(1, len(states_TD), dtype=torch.bool),
    )
    before, after = old.generate(condition, "old"), network.generate(condition, "new")
    assert {layer for layer, _ in after.factors} == layers
    assert after.rank == rank
    assert before.invocation == ()
    assert after.invocation == tuple(reader.chat.invocation_ids())
    expected = our_logits(base, before)
    torch.testing.assert_close(our_logits(base, after), expected, atol=1e-4, rtol=1e-4)
    assert (expected - logits_of(base.forward, IDS)).abs().max() > 0.1
    delta = network.delta(network.gains(condition), base.forward.config.groups)
    trained = delta_of(after.factors, base.forward.config)
    with torch.no_grad():
        torch.testing.assert_close(
            logits_of(base.forward, IDS, delta), logits_of(base.forward, IDS, trained)
        )


def test_anew_all_layers_can_be_adapted_while_tasks_are_read_at_half_the_depth(
    config: TrainConfig, base: BaseModel, encoder: Encoder, tmp_path: Path
) -> None:
    network, read_layer = begun(
        replace(config, adapted_share=1.0, read_share=0.5, rank=4), base, encoder
    )
    assert (network.config.first_layer, network.config.layers, read_layer) == (0, 4, 2)
    save_network(network, tmp_path / "network.safetensors")
    again, _ = load_network(tmp_path / "network.safetensors")
    assert again.config == network.config
    assert again.config.reads_at == 2
    null = Condition.null(network.config)
    assert same_bits(again.generate(null, "x"), load_network(tmp_path / "network.safetensors")[0]
                     .generate(null, "x"))  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"adapted_share": 0.25}, "start: its first adapted layer is 2, the run's 3"),
        ({"rank": 3}, "start: its rank is 4, the run's 3"),
        ({"read_share": 0.75}, "start: it reads tasks at layer 2, the run at 3"),
        ({"start": "shipped"}, "start: no hypernetwork is shipped for"),
    ],
)
def test_what_does_not_hold_the_weights_to_go_on_from_is_refused(
    changes: dict[str, float],
    message: str,
    smaller: tuple[HyperNetwork, Path],
    config: TrainConfig,
    base: BaseModel,
) -> None:
    with pytest.raises(ValueError, match=message):
        find_start(replace(config, **({"start": str(smaller[1])} | changes)), base)
