"""The hypernetwork: what was read of a task in, LoRA A and B for every adapted linear out.

The form is a diagonal between learned A and B
(as in Zhyper, 2025): delta W = A · diag(1 + g(task)) · B. The 1 is the multi-task component, g the
generated difference; g of a task of which nothing was read is trained too.

Letters: B rows, L adapted layers, M linears of a layer, T tokens, I inputs, O outputs, r rank.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from hypernet.adapters.adapter import Adapter
from hypernet.base_model.allocator import page_out
from hypernet.hypernetwork.card import BadHypernetworkError
from hypernet.hypernetwork.config import NetworkConfig
from hypernet.hypernetwork.task_encoder import Condition, TaskEncoder
from hypernet.mapped import mapped_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.adapters.adapter import Factors


FACTORS = ("a.", "b.")
"""What the names of the factors' parameters begin with."""


class HyperNetwork(nn.Module):
    """Writes adapters.

    Args:
        config: its shape.
        drawn: whether A and B begin as training has them; else they are yet to be filled.
    """

    def __init__(self, config: NetworkConfig, *, drawn: bool = True) -> None:
        super().__init__()
        self.config = config
        self._basis: tuple[int, Factors] | None = None
        c = config
        self.a = nn.ParameterDict(
            {
                _key(name): nn.Parameter(
                    torch.randn(c.layers, i, c.rank) / i**0.5
                    if drawn
                    else torch.empty(c.layers, i, c.rank)
                )
                for name, i, _ in c.sizes
            }
        )
        start = torch.zeros if drawn else torch.empty
        self.b = nn.ParameterDict(
            {_key(name): nn.Parameter(start(c.layers, c.rank, o)) for name, _, o in c.sizes}
        )
        self.task = TaskEncoder(c)
        self.head = nn.Linear(c.hidden, c.layers * len(c.sizes) * c.rank)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def gains(self, condition: Condition) -> Tensor:
        """1 + g(task): [B, L, M, r]."""
        shape = (-1, self.config.layers, len(self.config.sizes), self.config.rank)
        gains: Tensor = 1 + self.head(self.task(condition)).view(shape)
        return gains

    @torch.no_grad()
    def generate(self, condition: Condition, digest: str) -> Adapter:
        """The adapter of a condition of one row: its gains on the factors that all share."""
        gains_LMr = self.gains(condition)[0]
        first = self.config.first_layer
        gains = {
            (first + layer, name): gains_LMr[layer, m]
            for m, (name, _, _) in enumerate(self.config.sizes)
            for layer in range(self.config.layers)
        }
        return Adapter(
            digest=digest,
            rank=self.config.rank,
            basis=self.basis(),
            gains=gains,
            paths=self.config.templates,
            invocation=self.config.invocation,
        )

    def basis(self) -> Factors:
        """A [I, r] and B [r, O] of every adapted linear: the same mapping for every adapter."""
        # A copied or moved network has its factors elsewhere, and needs a mapping of its own.
        place = next(self.parameters()).data_ptr()
        if self._basis is None or self._basis[0] != place:
            first = self.config.first_layer
            factors = {
                (first + layer, name): (
                    self.a[_key(name)][layer].detach(),
                    self.b[_key(name)][layer].detach(),
                )
                for name, _, _ in self.config.sizes
                for layer in range(self.config.layers)
            }
            self._basis = (place, factors)
        return self._basis[1]

    @torch.no_grad()
    def fix_gains(self) -> None:
        """Give every task the gains that a task of which nothing was read has."""
        null_O = self.head(self.task(Condition.null(self.config).to(self.head.bias.device)))[0]
        self.head.weight.zero_()
        self.head.bias.copy_(null_O)

    def delta(self, gains_BLMr: Tensor, groups: Mapping[str, tuple[str, ...]]) -> TrainingDelta:
        """The differentiable addition for rows that each have their own task.

        Args:
            gains_BLMr: from `gains`.
            groups: the base's own, `Shape.groups`.
        """
        return TrainingDelta(self, gains_BLMr, groups)


class TrainingDelta:
    """x · A · diag(gains) · B per row, without writing each row's adapter out.

    The factors are taken apart into layers once: the gradient of a tensor of which one layer is
    taken is as large as all of them, and would be written for each layer anew.
    """

    def __init__(
        self, network: HyperNetwork, gains_BLMr: Tensor, groups: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.network, self.gains_BLMr, self.groups = network, gains_BLMr, groups
        self.linears = [name for name, _, _ in network.config.sizes]
        self._layers: dict[tuple[str, torch.dtype], _GroupLayers] = {}

    def __call__(self, layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
        """The addition to the output of a group of linears, [B, T, O]."""
        row, dtype = layer - self.network.config.first_layer, x_BTI.dtype
        if row < 0:
            return None
        if (group, dtype) not in self._layers:
            self._layers[group, dtype] = self._taken_apart(group, dtype)
        layers = self._layers[group, dtype]
        reduced_BTs = x_BTI @ layers.a_Is[row] * layers.gains_B1s[row]
        parts = reduced_BTs.chunk(len(layers.b_rO), -1)
        return torch.cat(
            [part @ b_rO[row] for part, b_rO in zip(parts, layers.b_rO, strict=True)], -1
        )

    def _taken_apart(self, group: str, dtype: torch.dtype) -> _GroupLayers:
        names = self.groups[group]
        keys = [_key(name) for name in names]
        # One product for all linears that read the same input.
        a_LIs = torch.cat([self.network.a[key] for key in keys], 2).to(dtype)
        first = self.linears.index(names[0])
        gains_BLs = self.gains_BLMr[:, :, first : first + len(names)].flatten(2)
        return _GroupLayers(
            a_LIs.unbind(),
            [self.network.b[key].to(dtype).unbind() for key in keys],
            gains_BLs.to(dtype)[:, :, None].unbind(1),
        )


@dataclass(frozen=True)
class _GroupLayers:
    """Factors and gains of the linears of a group, s ranks in all, layer by layer."""

    a_Is: Sequence[Tensor]
    b_rO: Sequence[Sequence[Tensor]]
    gains_B1s: Sequence[Tensor]


def save_network(network: HyperNetwork, file: Path, extra: dict[str, Tensor] | None = None) -> None:
    """Write weights in bfloat16 (statistics in float32) and the shape as metadata."""
    statistics = {name for name, _ in network.named_buffers()}
    halved = {
        name: (t if name in statistics else t.to(torch.bfloat16)).contiguous()
        for name, t in network.state_dict().items()
    }
    config = json.dumps(asdict(network.config))
    save_file(halved | (extra or {}), str(file), {"format": "pt", "config": config})


def load_network(file: Path, *, widen: bool = True) -> tuple[HyperNetwork, dict[str, Tensor]]:
    """Read what `save_network` wrote: the network in float32 and the extra tensors.

    Args:
        file: the weights.
        widen: whether A and B become float32 too, as training needs them. Else they stay in
            bfloat16 and in the file, from which they are read when an adapter is put to use.

    Raises:
        BadHypernetworkError: the file is damaged, or a tensor is missing or misshapen.
    """
    try:
        with safe_open(str(file), "pt") as stored:
            raw = json.loads(stored.metadata()["config"])
        tensors = mapped_tensors(file)
        raw["sizes"] = tuple((str(n), int(i), int(o)) for n, i, o in raw["sizes"])
        raw["paths"] = tuple(str(path) for path in raw.get("paths", ()))
        raw["invocation"] = tuple(int(token) for token in raw.get("invocation", ()))
        config = NetworkConfig(**raw)
        if config.paths and len(config.paths) != len(config.sizes):
            raise ValueError("not every linear has a path")
        if not config.first_layer <= config.reads_at < config.first_layer + config.layers:
            raise ValueError(f"it reads at layer {config.reads_at}, which is not adapted")
        network = HyperNetwork(config, drawn=False)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise BadHypernetworkError(
            f"{file.name} is damaged or holds no hypernetwork: {error}"
        ) from error
    stored_own = {name: tensors.pop(name) for name in network.state_dict() if name in tensors}
    own = {
        name: tensor if name.startswith(FACTORS) and not widen
        # A copy, also of what is float32 already: else the file would stay mapped for it.
        else tensor.to(torch.float32, copy=True)
        for name, tensor in stored_own.items()
    }  # fmt: skip
    page_out(stored_own.values())
    try:
        network.load_state_dict(own, assign=True)
    except RuntimeError as error:
        raise BadHypernetworkError(
            f"{file.name} does not hold the network its config describes"
        ) from error
    return network.eval(), tensors


def _key(linear: str) -> str:
    """A linear's name as that of a parameter, which may hold no full stop."""
    return linear.replace(".", "/")
