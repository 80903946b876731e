"""The hypernetwork: what was read of a task in, LoRA A and B for every adapted linear out.

The form is a diagonal between learned A and B
(as in Zhyper, 2025): delta W = A · diag(1 + g(task)) · B. The 1 is the multi-task component, g the
generated difference; g of a task of which nothing was read is trained too.

Letters: B rows, C the encoder's vector, D the base's hidden size, T tokens of the task's text,
E examples, H the network's own width, Q queries, L adapted layers, M linears of a layer, I inputs,
O outputs, r rank.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from hypernet.adapters.adapter import Adapter
from hypernet.base_model.llama import PATHS
from hypernet.hypernetwork.card import BadHypernetworkError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.adapters.adapter import Factors
    from hypernet.base_model.decoder import Shape
    from hypernet.hypernetwork.conditioning import TaskReading

QUERIES, HEADS = 4, 4
DROPOUT = 0.1


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a hypernetwork."""

    condition: int
    states: int
    hidden: int
    rank: int
    first_layer: int
    layers: int
    sizes: tuple[tuple[str, int, int], ...]
    """Name, inputs and outputs of each adapted linear of a layer."""
    paths: tuple[str, ...] = ()
    """Where each of them is in the base, as `Shape.paths` has it. A file without any is from
    before there were others than the Llama family's."""

    @classmethod
    def for_base(
        cls, base: Shape, *, condition: int, hidden: int, rank: int, first_layer: int
    ) -> NetworkConfig:
        """All linears of the base's layers from `first_layer` on."""
        sizes = tuple((name, *size) for name, size in base.linear_sizes().items())
        paths = tuple(base.paths[name] for name, _, _ in sizes)
        layers = base.layers - first_layer
        return cls(condition, base.hidden, hidden, rank, first_layer, layers, sizes, paths)

    @property
    def templates(self) -> Mapping[str, str]:
        """Each linear's path with the layer left open."""
        if not self.paths:
            return PATHS
        return {name: path for (name, _, _), path in zip(self.sizes, self.paths, strict=True)}

    def difference(self, base: Shape) -> str | None:
        """Why a network of this shape is not for a base, in words; None when it is."""
        if self.states != base.hidden:
            return f"made for a base of hidden size {self.states}, this one's is {base.hidden}"
        if self.first_layer + self.layers != base.layers:
            layers = self.first_layer + self.layers
            return f"made for a base of {layers} layers, this one has {base.layers}"
        sizes = base.linear_sizes()
        for name, *size in self.sizes:
            if sizes.get(name) != tuple(size) or self.templates.get(name) != base.paths[name]:
                return f"made for a base with linears {name} of {size}, which this one lacks"
        return None


@dataclass(frozen=True)
class Condition:
    """What was read of the tasks of a batch of rows. A row may lack its text or its examples."""

    vector_BC: Tensor
    states_BTD: Tensor
    text_mask_BT: Tensor
    """True where a token was read; a row without any has no text."""
    examples_BE2D: Tensor
    example_mask_BE: Tensor
    """True where an example was read."""

    @classmethod
    def of(cls, readings: Sequence[TaskReading]) -> Condition:
        """Readings side by side, padded. One with no token states is one without text."""
        device = readings[0].vector_C.device
        return cls(
            torch.stack([r.vector_C.float() for r in readings]),
            pad_sequence([r.states_TD.float() for r in readings], batch_first=True),
            _first([len(r.states_TD) for r in readings], device),
            pad_sequence([r.examples_E2D.float() for r in readings], batch_first=True),
            _first([len(r.examples_E2D) for r in readings], device),
        )

    @classmethod
    def null(cls, config: NetworkConfig, rows: int = 1) -> Condition:
        """Nothing read: what gives the multi-task component."""
        return cls(
            torch.zeros(rows, config.condition),
            torch.zeros(rows, 0, config.states),
            torch.zeros(rows, 0, dtype=torch.bool),
            torch.zeros(rows, 0, 2, config.states),
            torch.zeros(rows, 0, dtype=torch.bool),
        )

    def to(self, device: torch.device | str) -> Condition:
        """The same on a device."""
        return Condition(
            self.vector_BC.to(device),
            self.states_BTD.to(device),
            self.text_mask_BT.to(device),
            self.examples_BE2D.to(device),
            self.example_mask_BE.to(device),
        )


class TaskEncoder(nn.Module):
    """A condition as one vector per row: text as a whole, its tokens, and the mean of examples."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        c = config
        for name, shape in (("vector", c.condition), ("state", c.states)):
            self.register_buffer(f"{name}_mean", torch.zeros(shape))
            self.register_buffer(f"{name}_scale", torch.ones(shape))
        self.register_buffer("example_mean", torch.zeros(2, c.states))
        self.register_buffer("example_scale", torch.ones(2, c.states))
        self.vector = nn.Linear(c.condition, c.hidden)
        self.queries_QH = nn.Parameter(torch.randn(QUERIES, c.hidden) / c.hidden**0.5)
        self.keys, self.values = nn.Linear(c.states, c.hidden), nn.Linear(c.states, c.hidden)
        self.attended = nn.Linear(QUERIES * c.hidden, c.hidden)
        self.example = nn.Sequential(
            nn.Linear(2 * c.states, c.hidden), nn.GELU(), nn.Linear(c.hidden, c.hidden)
        )
        self.trunk = nn.Sequential(
            nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(c.hidden, c.hidden), nn.GELU()
        )

    def forward(self, condition: Condition) -> Tensor:
        """[B, H]; a row of which nothing was read gives the same for every task."""
        has_text_B1 = condition.text_mask_BT.any(1, keepdim=True)
        vector_BC = self.standard("vector", condition.vector_BC)
        text_BH = self.vector(vector_BC) + self._tokens(condition)
        both_BH = torch.where(has_text_B1, text_BH, 0.0) + self._examples(condition)
        h_BH: Tensor = self.trunk(both_BH)
        return h_BH

    @torch.no_grad()
    def set_statistics(
        self, vectors: Sequence[Tensor], states: Sequence[Tensor], examples: Sequence[Tensor]
    ) -> None:
        """Centre and scale of training's vectors [C], token states [T, D], examples [E, 2, D]."""
        read = {
            "vector": torch.stack(list(vectors)),
            "state": torch.cat(list(states)),
            "example": torch.cat(list(examples)),
        }
        for name, rows in read.items():
            if len(rows) < 2:
                continue  # there is no spread to scale by
            if name != "vector":
                rows = F.layer_norm(rows.float(), rows.shape[-1:])
            self.get_buffer(f"{name}_mean").copy_(rows.mean(0))
            self.get_buffer(f"{name}_scale").copy_(rows.std(0) + 1e-4)

    def standard(self, name: str, x: Tensor) -> Tensor:
        """Centred and scaled as training's conditions were; states are layer-normalised first."""
        if name != "vector":
            x = F.layer_norm(x, x.shape[-1:])
        mean, scale = self.get_buffer(f"{name}_mean"), self.get_buffer(f"{name}_scale")
        return (x - mean) / scale

    def _tokens(self, condition: Condition) -> Tensor:
        rows, tokens = condition.text_mask_BT.shape
        width = self.queries_QH.shape[1]
        if tokens == 0:
            return self.queries_QH.new_zeros(rows, width)
        x_BTD = self.standard("state", condition.states_BTD)
        q = self.queries_QH.expand(rows, -1, -1)
        # A row without text would have nothing to attend to: it reads padding, and is left out.
        seen_BT = condition.text_mask_BT | ~condition.text_mask_BT.any(1, keepdim=True)
        y_BHQd = F.scaled_dot_product_attention(
            _heads(q), _heads(self.keys(x_BTD)), _heads(self.values(x_BTD)), seen_BT[:, None, None]
        )
        attended_BH: Tensor = self.attended(y_BHQd.transpose(1, 2).reshape(rows, -1))
        return attended_BH

    def _examples(self, condition: Condition) -> Tensor:
        rows, count = condition.example_mask_BE.shape
        if count == 0:
            return self.queries_QH.new_zeros(rows, self.queries_QH.shape[1])
        each_BEH = self.example(self.standard("example", condition.examples_BE2D).flatten(2))
        mask_BE1 = condition.example_mask_BE[..., None].to(each_BEH.dtype)
        mean_BH: Tensor = (each_BEH * mask_BE1).sum(1) / mask_BE1.sum(1).clamp(min=1)
        return mean_BH


class HyperNetwork(nn.Module):
    """Writes adapters."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self._basis: tuple[int, Factors] | None = None
        c = config
        self.a = nn.ParameterDict(
            {
                _key(name): nn.Parameter(torch.randn(c.layers, i, c.rank) / i**0.5)
                for name, i, _ in c.sizes
            }
        )
        self.b = nn.ParameterDict(
            {_key(name): nn.Parameter(torch.zeros(c.layers, c.rank, o)) for name, _, o in c.sizes}
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
    """x · A · diag(gains) · B per row, without writing each row's adapter out."""

    def __init__(
        self, network: HyperNetwork, gains_BLMr: Tensor, groups: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.network, self.gains_BLMr, self.groups = network, gains_BLMr, groups
        self.linears = [name for name, _, _ in network.config.sizes]

    def __call__(self, layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
        """The addition to the output of a group of linears, [B, T, O]."""
        row, names = layer - self.network.config.first_layer, self.groups[group]
        if row < 0:
            return None
        keys = [_key(name) for name in names]
        # One product for all linears that read the same input.
        a_Is = torch.cat([self.network.a[key][row] for key in keys], 1).to(x_BTI.dtype)
        first = self.linears.index(names[0])
        gains_B1s = self.gains_BLMr[:, row, first : first + len(names)].flatten(1)[:, None]
        reduced_BTs = x_BTI @ a_Is * gains_B1s.to(x_BTI.dtype)
        parts = reduced_BTs.chunk(len(names), -1)
        return torch.cat(
            [
                part @ self.network.b[key][row].to(x_BTI.dtype)
                for key, part in zip(keys, parts, strict=True)
            ],
            -1,
        )


def save_network(network: HyperNetwork, file: Path, extra: dict[str, Tensor] | None = None) -> None:
    """Write weights in bfloat16 (statistics in float32) and the shape as metadata."""
    statistics = {name for name, _ in network.named_buffers()}
    halved = {
        name: (t if name in statistics else t.to(torch.bfloat16)).contiguous()
        for name, t in network.state_dict().items()
    }
    config = json.dumps(asdict(network.config))
    save_file(halved | (extra or {}), str(file), {"format": "pt", "config": config})


def load_network(file: Path) -> tuple[HyperNetwork, dict[str, Tensor]]:
    """Read what `save_network` wrote: the network in float32 and the extra tensors.

    Raises:
        BadHypernetworkError: the file is damaged, or a tensor is missing or misshapen.
    """
    try:
        with safe_open(str(file), "pt") as stored:
            raw = json.loads(stored.metadata()["config"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118  # not a dict
        raw["sizes"] = tuple((str(n), int(i), int(o)) for n, i, o in raw["sizes"])
        raw["paths"] = tuple(str(path) for path in raw.get("paths", ()))
        config = NetworkConfig(**raw)
        if config.paths and len(config.paths) != len(config.sizes):
            raise ValueError("not every linear has a path")
        network = HyperNetwork(config)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise BadHypernetworkError(
            f"{file.name} is damaged or holds no hypernetwork: {error}"
        ) from error
    own = {
        name: tensors.pop(name).float() for name in list(network.state_dict()) if name in tensors
    }
    try:
        network.load_state_dict(own)
    except RuntimeError as error:
        raise BadHypernetworkError(
            f"{file.name} does not hold the network its config describes"
        ) from error
    return network.eval(), tensors


def _heads(x_BTH: Tensor) -> Tensor:
    rows, tokens, _ = x_BTH.shape
    return x_BTH.view(rows, tokens, HEADS, -1).transpose(1, 2)


def _key(linear: str) -> str:
    """A linear's name as that of a parameter, which may hold no full stop."""
    return linear.replace(".", "/")


def _first(counts: Sequence[int], device: torch.device) -> Tensor:
    """True in as many first columns of each row as it counts."""
    columns = torch.arange(max(counts), device=device)
    return columns < torch.tensor(counts, device=device)[:, None]
