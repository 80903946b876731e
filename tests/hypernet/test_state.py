"""What a training run keeps of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from tiny_models import tiny_network

from hypernet.training.state import RunState, resume

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel


def test_the_mean_is_that_of_all_evaluated_weights_across_a_restart(
    base: BaseModel, tmp_path: Path
) -> None:
    network = tiny_network(base, 8)
    optimiser = torch.optim.AdamW(network.parameters())
    state, seen = RunState(), []
    for step in (10, 20, 30):
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(torch.randn_like(parameter))
        seen.append({name: p.detach().clone() for name, p in network.named_parameters()})
        state.add(step, 0.5, {"matched": 1.0 / step}, network)
        state.save(tmp_path / "state.pt", step, network, optimiser)
        state = resume(tmp_path / "state.pt", network, optimiser)
    assert [row["step"] for row in state.history] == [10, 20, 30]
    assert state.step == 30
    for name, mean in state.mean.items():
        torch.testing.assert_close(mean, sum(weights[name] for weights in seen) / 3)


def test_a_run_that_has_not_begun_starts_at_the_first_step(base: BaseModel, tmp_path: Path) -> None:
    network = tiny_network(base, 8)
    before = {name: p.clone() for name, p in network.named_parameters()}
    state = resume(tmp_path / "state.pt", network, torch.optim.AdamW(network.parameters()))
    assert (state.step, state.history, state.mean) == (0, [], {})
    assert all(torch.equal(p, before[name]) for name, p in network.named_parameters())
