"""The hypernetwork: conditions in, adapters out, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import ActiveFrom, logits_of

from hypernet.network import HyperNetwork, NetworkConfig, load_network, save_network

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.models import BaseModel

CONDITION, IDS = 12, list(range(40, 70))


@pytest.fixture
def fresh(base: BaseModel) -> HyperNetwork:
    torch.manual_seed(3)
    return HyperNetwork(
        NetworkConfig.for_base(
            base.llama.config, condition=CONDITION, hidden=16, rank=4, first_layer=2
        )
    )


@pytest.fixture
def network(fresh: HyperNetwork) -> HyperNetwork:
    """As after training: B and the head are no longer zero."""
    torch.manual_seed(4)
    with torch.no_grad():
        for parameter in (*fresh.b.parameters(), *fresh.head.parameters()):
            parameter.copy_(torch.randn_like(parameter) * 0.3)
        fresh.get_buffer("mean_C").copy_(torch.randn(CONDITION))
    return fresh.eval()


def conditions(count: int) -> torch.Tensor:
    return torch.randn(count, CONDITION, generator=torch.Generator().manual_seed(5))


def test_a_generated_adapter_adds_what_the_training_delta_adds(
    network: HyperNetwork, base: BaseModel
) -> None:
    condition_BC = conditions(3)
    with torch.no_grad():
        delta = network.delta(network.gains(condition_BC))
        for layer in (2, 3):
            for linear, (inputs, _) in base.llama.config.linear_sizes().items():
                x_BTI = torch.randn(3, 5, inputs)
                trained_BTO = delta(layer, linear, x_BTI)
                for row in range(3):
                    generated = ActiveFrom(network.generate(condition_BC[row], "x"))
                    served_1TO = generated(layer, linear, x_BTI[row : row + 1])
                    torch.testing.assert_close(
                        served_1TO, trained_BTO[row : row + 1], atol=1e-5, rtol=1e-4
                    )
                assert trained_BTO.abs().max() > 0.1


def test_the_adapter_covers_every_linear_from_the_first_adapted_layer_on(
    network: HyperNetwork, base: BaseModel
) -> None:
    adapter = network.generate(conditions(1)[0], "the digest")
    linears = base.llama.config.linear_sizes()
    assert set(adapter.factors) == {(layer, name) for layer in (2, 3) for name in linears}
    assert (adapter.digest, adapter.rank) == ("the digest", 4)
    for (_, name), (a_Ir, b_rO) in adapter.factors.items():
        assert (*a_Ir.shape, *b_rO.shape) == (linears[name][0], 4, 4, linears[name][1])


def test_different_conditions_give_different_adapters(
    network: HyperNetwork, base: BaseModel
) -> None:
    logits = [
        logits_of(base.llama, IDS, ActiveFrom(network.generate(c, "x"))) for c in conditions(2)
    ]
    assert (logits[0] - logits[1]).abs().max() > 1e-2


def test_at_initialisation_the_adapter_adds_nothing_and_gradients_reach_b(
    fresh: HyperNetwork, base: BaseModel
) -> None:
    adapter = fresh.generate(conditions(1)[0], "x")
    assert torch.equal(
        logits_of(base.llama, IDS, ActiveFrom(adapter)), logits_of(base.llama, IDS, None)
    )
    delta = fresh.delta(fresh.gains(conditions(2)))
    delta(2, "q_proj", torch.randn(2, 3, 32)).sum().backward()
    gradient = fresh.b["q_proj"].grad
    assert gradient is not None
    assert gradient[0].abs().max() > 0
    assert gradient[1].abs().max() == 0  # the layer that was not run


def test_gradients_reach_the_head_once_b_has_moved(network: HyperNetwork) -> None:
    delta = network.delta(network.gains(conditions(2)))
    delta(3, "down_proj", torch.randn(2, 3, 64)).sum().backward()
    assert network.head.weight.grad is not None
    assert network.head.weight.grad.abs().max() > 0


def test_a_null_condition_is_the_mean_of_the_training_vectors(network: HyperNetwork) -> None:
    mean_C = network.get_buffer("mean_C")
    assert torch.equal(network.standardise(mean_C[None]), torch.zeros(1, CONDITION))


def test_a_saved_network_writes_bit_identical_adapters_each_time_it_is_loaded(
    network: HyperNetwork, tmp_path: Path
) -> None:
    file = tmp_path / "network.safetensors"
    anchors = torch.randn(6, CONDITION)
    save_network(network, file, {"anchors_NC": anchors})

    (one, extra), (two, _) = load_network(file), load_network(file)

    assert torch.equal(extra["anchors_NC"], anchors)
    assert one.config == network.config
    assert torch.equal(one.get_buffer("mean_C"), network.get_buffer("mean_C"))
    condition_C = conditions(1)[0]
    first, second = one.generate(condition_C, "x"), two.generate(condition_C, "x")
    original = network.generate(condition_C, "x")
    for key, factors in first.factors.items():
        for mine, other, before in zip(
            factors, second.factors[key], original.factors[key], strict=True
        ):
            assert torch.equal(mine, other)
            torch.testing.assert_close(mine, before, atol=0.05, rtol=0.05)  # stored in bfloat16


@pytest.mark.parametrize("keep", [0, 6, 300, -1])
def test_a_cut_off_file_is_refused(keep: int, network: HyperNetwork, tmp_path: Path) -> None:
    file = tmp_path / "network.safetensors"
    save_network(network, file)
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"network\.safetensors"):
        load_network(file)


def test_a_file_that_holds_another_network_than_it_says_is_refused(
    network: HyperNetwork, tmp_path: Path
) -> None:
    file = tmp_path / "network.safetensors"
    save_network(network, file)
    tensors = load_file(str(file))
    config = json.dumps(asdict(network.config))
    bad: list[tuple[dict[str, torch.Tensor], dict[str, str]]] = [
        ({k: v for k, v in tensors.items() if k != "a.q_proj"}, {"config": config}),
        (tensors | {"a.q_proj": torch.zeros(2, 2, 2)}, {"config": config}),
        (tensors, {}),
        (tensors, {"config": "{}"}),
        (tensors, {"config": "[]"}),
        (tensors, {"config": "{"}),
    ]
    for stored, metadata in bad:
        save_file(stored, str(file), metadata)
        with pytest.raises(ValueError):
            load_network(file)
