"""What was read of tasks, as a batch, and the part of the hypernetwork that makes a vector of it.

Letters: B rows, C the encoder's vector, D the base's hidden size, T tokens of the task's text,
E examples, H the network's own width, Q queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from torch import nn
from torch.nn.utils.rnn import pad_sequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.hypernetwork.conditioning import TaskReading
    from hypernet.hypernetwork.config import NetworkConfig

QUERIES, HEADS = 4, 4
DROPOUT = 0.1


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


def _heads(x_BTH: Tensor) -> Tensor:
    rows, tokens, _ = x_BTH.shape
    return x_BTH.view(rows, tokens, HEADS, -1).transpose(1, 2)


def _first(counts: Sequence[int], device: torch.device) -> Tensor:
    """True in as many first columns of each row as it counts."""
    columns = torch.arange(max(counts), device=device)
    return columns < torch.tensor(counts, device=device)[:, None]
