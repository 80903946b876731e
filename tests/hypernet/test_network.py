"""The hypernetwork: what was read of tasks in, adapters out, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import ActiveFrom, furthest, logits_of, same_bits, tiny_network

from hypernet.base_model.llama import FUSED
from hypernet.hypernetwork.conditioning import TaskReading
from hypernet.hypernetwork.network import load_network, save_network
from hypernet.hypernetwork.task_encoder import Condition

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.network import HyperNetwork

CONDITION, HIDDEN, IDS = 12, 32, list(range(40, 70))


@pytest.fixture
def fresh(base: BaseModel) -> HyperNetwork:
    return tiny_network(base, CONDITION, trained=False)


@pytest.fixture
def network(base: BaseModel) -> HyperNetwork:
    return tiny_network(base, CONDITION)


def reading(seed: int, tokens: int = 7, examples: int = 0) -> TaskReading:
    draw = torch.Generator().manual_seed(seed)
    return TaskReading(
        torch.randn(CONDITION, generator=draw),
        torch.randn(tokens, HIDDEN, generator=draw),
        torch.randn(examples, 2, HIDDEN, generator=draw),
    )


def condition(*seeds: int) -> Condition:
    return Condition.of([reading(seed) for seed in seeds])


# What is written


def test_a_generated_adapter_adds_what_the_training_delta_adds(
    network: HyperNetwork, base: BaseModel
) -> None:
    read = [reading(1), reading(2, examples=3), reading(3, tokens=0, examples=1)]
    with torch.no_grad():
        delta = network.delta(network.gains(Condition.of(read)), FUSED)
        for layer in (2, 3):
            for group, names in FUSED.items():
                inputs, _ = base.forward.config.linear_sizes()[names[0]]
                x_BTI = torch.randn(3, 5, inputs)
                trained_BTO = delta(layer, group, x_BTI)
                for row in range(3):
                    one = network.generate(Condition.of([read[row]]), "x")
                    served_1TO = ActiveFrom(one)(layer, group, x_BTI[row : row + 1])
                    torch.testing.assert_close(
                        served_1TO, trained_BTO[row : row + 1], atol=1e-5, rtol=1e-4
                    )
                assert trained_BTO.abs().max() > 0.1


def test_the_adapter_covers_every_linear_from_the_first_adapted_layer_on(
    network: HyperNetwork, base: BaseModel
) -> None:
    adapter = network.generate(condition(1), "the digest")
    linears = base.forward.config.linear_sizes()
    assert set(adapter.factors) == {(layer, name) for layer in (2, 3) for name in linears}
    assert (adapter.digest, adapter.rank, adapter.parent) == ("the digest", 4, None)
    for (_, name), (a_Ir, b_rO) in adapter.factors.items():
        assert (*a_Ir.shape, *b_rO.shape) == (linears[name][0], 4, 4, linears[name][1])


def test_different_conditions_give_different_adapters(
    network: HyperNetwork, base: BaseModel
) -> None:
    logits = [
        logits_of(base.forward, IDS, ActiveFrom(network.generate(condition(seed), "x")))
        for seed in (1, 2)
    ]
    assert (logits[0] - logits[1]).abs().max() > 1e-2


def test_vector_token_states_and_examples_each_change_the_gains(network: HyperNetwork) -> None:
    one, two = reading(1, examples=2), reading(2, examples=2)
    variants = [
        one,
        replace(one, vector_C=two.vector_C),
        replace(one, states_TD=two.states_TD),
        replace(one, examples_E2D=two.examples_E2D),
        replace(one, examples_E2D=one.examples_E2D[:0]),
    ]
    gains = [network.gains(Condition.of([read])) for read in variants]
    for number, mine in enumerate(gains):
        for other in gains[:number]:
            assert (mine - other).abs().max() > 1e-3


def test_the_order_of_examples_does_not_change_the_adapter(network: HyperNetwork) -> None:
    read = reading(1, examples=5)
    turned = replace(read, examples_E2D=read.examples_E2D.flip(0))
    one, two = (network.generate(Condition.of([r]), "x") for r in (read, turned))
    assert furthest(one, two) < 1e-4


def test_a_rows_gains_do_not_depend_on_the_rows_beside_it(network: HyperNetwork) -> None:
    read = [
        reading(1, tokens=3),
        reading(2, tokens=40, examples=9),
        reading(3, tokens=0, examples=2),
        reading(4, tokens=0),
    ]
    together = network.gains(Condition.of(read))
    for row, one in enumerate(read):
        torch.testing.assert_close(
            network.gains(Condition.of([one]))[0], together[row], atol=1e-5, rtol=1e-5
        )


# What is written of nothing


def test_a_task_of_which_nothing_was_read_has_the_multi_task_gains(network: HyperNetwork) -> None:
    null = network.gains(Condition.null(network.config))
    unread = replace(reading(1), states_TD=torch.empty(0, HIDDEN))  # its vector does not count
    beside = network.gains(Condition.of([reading(2, tokens=9, examples=4), unread]))
    torch.testing.assert_close(network.gains(Condition.of([unread])), null)
    torch.testing.assert_close(beside[1:], null)
    torch.testing.assert_close(
        network.gains(Condition.null(network.config, 3)), null.expand(3, -1, -1, -1)
    )
    assert (beside[:1] - null).abs().max() > 1e-2


# Training's view


def test_at_initialisation_the_adapter_adds_nothing_and_gradients_reach_b(
    fresh: HyperNetwork, base: BaseModel
) -> None:
    adapter = fresh.generate(condition(1), "x")
    assert torch.equal(
        logits_of(base.forward, IDS, ActiveFrom(adapter)), logits_of(base.forward, IDS, None)
    )
    delta = fresh.delta(fresh.gains(condition(1, 2)), FUSED)
    delta(2, "qkv", torch.randn(2, 3, 32)).sum().backward()
    gradient = fresh.b["q_proj"].grad
    assert gradient is not None
    assert gradient[0].abs().max() > 0
    assert gradient[1].abs().max() == 0  # the layer that was not run


def test_gradients_reach_every_part_of_the_task_encoder_and_are_finite(
    network: HyperNetwork,
) -> None:
    # One row of each kind: text alone, text and examples, examples alone, nothing.
    read = [reading(1), reading(2, 3, 4), reading(3, 0, 2), reading(4, 0, 0)]
    delta = network.delta(network.gains(Condition.of(read)), FUSED)
    delta(3, "down", torch.randn(4, 3, 64)).square().sum().backward()
    for name, parameter in (*network.task.named_parameters(), *network.head.named_parameters()):
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        if name != "keys.bias":  # adds the same to every score: softmax takes it out again
            assert parameter.grad.abs().max() > 0, name


def test_statistics_centre_and_scale_what_training_read(fresh: HyperNetwork) -> None:
    read = [reading(seed, tokens=20, examples=10) for seed in range(30)]
    vectors = [3 + 2 * r.vector_C for r in read]
    states = [5 + 4 * r.states_TD for r in read]
    examples = [r.examples_E2D for r in read]
    fresh.task.set_statistics(vectors, states, examples)
    standard = {
        "vector": fresh.task.standard("vector", torch.stack(vectors)),
        "state": fresh.task.standard("state", torch.cat(states)),
        "example": fresh.task.standard("example", torch.cat(examples)),
    }
    for rows in standard.values():
        torch.testing.assert_close(rows.mean(0), torch.zeros(rows.shape[1:]), atol=1e-3, rtol=0)
        torch.testing.assert_close(rows.std(0), torch.ones(rows.shape[1:]), atol=1e-2, rtol=0)


def test_statistics_of_a_single_task_leave_a_network_of_finite_gains(fresh: HyperNetwork) -> None:
    one = reading(1, tokens=4)
    fresh.task.set_statistics([one.vector_C], [one.states_TD], [one.examples_E2D])
    assert all(torch.isfinite(buffer).all() for buffer in fresh.task.buffers())
    assert torch.isfinite(fresh.task(Condition.of([reading(2, examples=2)]))).all()


# The file


@pytest.mark.parametrize("invocation", [(), (7, 8)])
def test_a_saved_network_writes_bit_identical_adapters_each_time_it_is_loaded(
    network: HyperNetwork, tmp_path: Path, invocation: tuple[int, ...]
) -> None:
    network.config = replace(network.config, invocation=invocation)
    file = tmp_path / "network.safetensors"
    anchors = torch.randn(6, 2, CONDITION)
    save_network(network, file, {"anchors_NWC": anchors})

    (one, extra), (two, _) = load_network(file), load_network(file)

    assert torch.equal(extra["anchors_NWC"], anchors)
    assert one.config == network.config
    for name, buffer in network.named_buffers():
        assert torch.equal(one.get_buffer(name), buffer)
    read = Condition.of([reading(1, examples=2)])
    first, second = one.generate(read, "x"), two.generate(read, "x")
    original = network.generate(read, "x")
    assert same_bits(first, second)
    assert first.invocation == invocation
    for key, factors in first.factors.items():
        for mine, before in zip(factors, original.factors[key], strict=True):
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
    shape = asdict(network.config)
    config = json.dumps(shape)
    older = json.dumps({k: v for k, v in shape.items() if k != "states"})
    bad: list[tuple[dict[str, torch.Tensor], dict[str, str]]] = [
        ({k: v for k, v in tensors.items() if k != "a.q_proj"}, {"config": config}),
        (tensors | {"a.q_proj": torch.zeros(2, 2, 2)}, {"config": config}),
        (tensors, {"config": older}),
        (tensors, {}),
        (tensors, {"config": "{}"}),
        (tensors, {"config": "[]"}),
        (tensors, {"config": "{"}),
    ]
    for stored, metadata in bad:
        save_file(stored, str(file), metadata)
        with pytest.raises(ValueError):
            load_network(file)
