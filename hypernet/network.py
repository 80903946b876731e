"""The hypernetwork: a task's vector in, LoRA A and B for every adapted linear out.

Knows nothing of text, prompts or training loops. The form is a diagonal between learned A and B
(as in Zhyper, 2025): delta W = A · diag(1 + g(task)) · B. The 1 is the multi-task component, g the
generated difference; g of the null task is trained too (by dropping the condition).

Letters: B rows, C condition size, L adapted layers, M linears of a layer, I inputs, O outputs,
r rank, T tokens.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from hypernet.adapter import Adapter
from hypernet.engine.llama import LINEARS

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from hypernet.engine.llama import LlamaConfig


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a hypernetwork."""

    condition: int
    hidden: int
    rank: int
    first_layer: int
    layers: int
    sizes: tuple[tuple[str, int, int], ...]

    @classmethod
    def for_base(
        cls, base: LlamaConfig, *, condition: int, hidden: int, rank: int, first_layer: int
    ) -> NetworkConfig:
        """All linears of the base's layers from `first_layer` on."""
        sizes = tuple((name, *size) for name, size in base.linear_sizes().items())
        return cls(condition, hidden, rank, first_layer, base.layers - first_layer, sizes)


class HyperNetwork(nn.Module):
    """Writes adapters."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        c = config
        self.register_buffer("mean_C", torch.zeros(c.condition))
        self.register_buffer("scale_C", torch.ones(c.condition))
        self.a = nn.ParameterDict(
            {
                name: nn.Parameter(torch.randn(c.layers, i, c.rank) / i**0.5)
                for name, i, _ in c.sizes
            }
        )
        self.b = nn.ParameterDict(
            {name: nn.Parameter(torch.zeros(c.layers, c.rank, o)) for name, _, o in c.sizes}
        )
        self.trunk = nn.Sequential(
            nn.Linear(c.condition, c.hidden), nn.GELU(), nn.Linear(c.hidden, c.hidden), nn.GELU()
        )
        self.head = nn.Linear(c.hidden, c.layers * len(c.sizes) * c.rank)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def standardise(self, vectors_BC: Tensor) -> Tensor:
        """Encoder vectors as conditions; the zero condition is the null task."""
        mean_C, scale_C = self.get_buffer("mean_C"), self.get_buffer("scale_C")
        return (vectors_BC - mean_C) / scale_C

    def gains(self, condition_BC: Tensor) -> Tensor:
        """1 + g(task): [B, L, M, r]."""
        shape = (-1, self.config.layers, len(self.config.sizes), self.config.rank)
        gains: Tensor = 1 + self.head(self.trunk(condition_BC)).view(shape)
        return gains

    @torch.no_grad()
    def generate(self, condition_C: Tensor, digest: str) -> Adapter:
        """The adapter of one condition, in float32."""
        gains_LMr = self.gains(condition_C[None])[0]
        factors = {}
        for m, (name, _, _) in enumerate(self.config.sizes):
            scaled_LIr = self.a[name] * gains_LMr[:, m, None, :]
            for layer in range(self.config.layers):
                key = (self.config.first_layer + layer, name)
                factors[key] = (scaled_LIr[layer].clone(), self.b[name][layer].detach().clone())
        return Adapter(digest=digest, rank=self.config.rank, factors=factors)

    def delta(self, gains_BLMr: Tensor) -> TrainingDelta:
        """The differentiable addition for rows that each have their own task."""
        return TrainingDelta(self, gains_BLMr)


class TrainingDelta:
    """x · A · diag(gains) · B per row, without writing each row's adapter out."""

    def __init__(self, network: HyperNetwork, gains_BLMr: Tensor) -> None:
        self.network, self.gains_BLMr = network, gains_BLMr

    def __call__(self, layer: int, linear: str, x_BTI: Tensor) -> Tensor:
        """The addition to a linear's output, [B, T, O]."""
        row = layer - self.network.config.first_layer
        a_Ir = self.network.a[linear][row].to(x_BTI.dtype)
        b_rO = self.network.b[linear][row].to(x_BTI.dtype)
        gains_B1r = self.gains_BLMr[:, row, LINEARS.index(linear), None, :].to(x_BTI.dtype)
        added_BTO: Tensor = (x_BTI @ a_Ir * gains_B1r) @ b_rO
        return added_BTO


def save_network(network: HyperNetwork, file: Path, extra: dict[str, Tensor] | None = None) -> None:
    """Write weights in bfloat16 (statistics in float32) and the shape as metadata."""
    halved = {
        name: t.to(torch.bfloat16).contiguous() if not name.endswith("_C") else t.contiguous()
        for name, t in network.state_dict().items()
    }
    config = json.dumps(asdict(network.config))
    save_file(halved | (extra or {}), str(file), {"format": "pt", "config": config})


def load_network(file: Path) -> tuple[HyperNetwork, dict[str, Tensor]]:
    """Read what `save_network` wrote: the network in float32 and the extra tensors.

    Raises:
        ValueError: the file is damaged, or a tensor is missing or misshapen.
    """
    try:
        with safe_open(str(file), "pt") as stored:
            raw = json.loads(stored.metadata()["config"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118  # not a dict
        raw["sizes"] = tuple((str(n), int(i), int(o)) for n, i, o in raw["sizes"])
        network = HyperNetwork(NetworkConfig(**raw))
    except (SafetensorError, KeyError, TypeError) as error:
        raise ValueError(f"{file.name} is damaged or holds no hypernetwork: {error}") from error
    own = {
        name: tensors.pop(name).float() for name in list(network.state_dict()) if name in tensors
    }
    try:
        network.load_state_dict(own)
    except RuntimeError as error:
        raise ValueError(f"{file.name} does not hold the network its config describes") from error
    return network.eval(), tensors
