"""Many generations in random company give what each gives alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import save_tiny_base, tiny_adapter, tiny_network

from bench.soak import soak
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.engine.cpu import store
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.hypernetwork.task_encoder import Condition

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.adapters.adapter import Adapter


@pytest.mark.parametrize("decoding", ["compiled", "torch"])
def test_a_request_gives_its_own_tokens_whatever_joins_leaves_or_is_evicted(
    tmp_path: Path, decoding: str
) -> None:
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2,
             "num_key_value_heads": 1, "head_dim": 64, "initializer_range": 0.2}  # fmt: skip
    folder = save_tiny_base(tmp_path / "base", **sizes)
    base = load_base(Source("settings", str(folder)), tmp_path, dtype=torch.float32)
    decoder = store.decoder_for(base, 4, tmp_path) if decoding == "compiled" else None
    engine = TorchEngine(base, rows=4, slots=6, rank=4, decoder=decoder)
    network = tiny_network(base, 8)
    adapters: list[Adapter | None] = [None]
    for seed in range(12):
        torch.manual_seed(seed)
        condition = Condition(
            torch.randn(1, 8), torch.randn(1, 5, 64), torch.ones(1, 5, dtype=torch.bool),
            torch.zeros(1, 0, 2, 64), torch.zeros(1, 0, dtype=torch.bool),
        )  # fmt: skip
        adapters.append(network.generate(condition, f"generated {seed}"))
        adapters.append(tiny_adapter(base.forward, seed))
    requests = [
        Request(
            "abc" * (1 + n % 9),
            prefix="A task.\n\n" * (n % 3),
            adapter=adapter,
            max_tokens=1 + n % 7,
        )
        for n, adapter in enumerate(adapters)
    ]
    report = soak(engine, requests, 150, seed=1)
    assert report.wrong == ()
    assert 0 < report.cancelled < 40
    engine.close()
