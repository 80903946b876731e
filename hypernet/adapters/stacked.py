"""Adapters of one shape that are trained in the same passes: factors stacked, rows side by side.

A pass over few tokens takes nearly as long as one over four times as many. Letters as in
`hypernet/base_model/decoder.py`; N is adapters, R the rows of each, r the rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from torch import Tensor

    from hypernet.adapters.adapter import Factors
    from hypernet.base_model.decoder import Delta, Shape
    from hypernet.base_model.frozen_prefix import PrecomputedSample


@dataclass(frozen=True)
class Stacked:
    """The factors of several adapters: A [N, I, r] and B [N, r, O] of each linear."""

    factors: Mapping[tuple[int, str], tuple[Tensor, Tensor]]

    @classmethod
    def of(cls, adapters: Sequence[Factors]) -> Stacked:
        """Copies of factors of the same linears and sizes."""

        def stacked(key: tuple[int, str], place: int) -> Tensor:
            # New ones: written in inference mode, none could take part in a backward pass.
            return torch.stack([factors[key][place] for factors in adapters]).requires_grad_()

        return cls({key: (stacked(key, 0), stacked(key, 1)) for key in adapters[0]})

    @property
    def tensors(self) -> list[Tensor]:
        """What is trained."""
        return [tensor for pair in self.factors.values() for tensor in pair]

    def of_one(self, n: int) -> dict[tuple[int, str], tuple[Tensor, Tensor]]:
        """A copy of one adapter's factors."""
        return {
            key: (a_NIr[n].detach().clone(), b_NrO[n].detach().clone())
            for key, (a_NIr, b_NrO) in self.factors.items()
        }

    def delta(self, config: Shape, dtype: torch.dtype) -> Delta:
        """What they add to rows that are N times R, differentiable in the factors."""
        sizes, groups = config.linear_sizes(), config.groups
        cast = {key: (a.to(dtype), b.to(dtype)) for key, (a, b) in self.factors.items()}
        # Linears that read the same are multiplied by their A as one.
        joined: dict[tuple[int, str], Tensor] = {}
        for layer in {layer for layer, _ in cast}:
            for group, names in groups.items():
                there = [cast[layer, name][0] for name in names if (layer, name) in cast]
                if there:
                    joined[layer, group] = torch.cat(there, 2)

        def delta(layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
            if (layer, group) not in joined:
                return None
            a_NIr = joined[layer, group]
            rows, tokens, inputs = x_BTI.shape
            ranks = [cast[layer, n][0].shape[2] for n in groups[group] if (layer, n) in cast]
            inner_NXr = x_BTI.reshape(len(a_NIr), -1, inputs) @ a_NIr
            inner = iter(inner_NXr.split_with_sizes(ranks, 2))
            parts = [
                (next(inner) @ cast[layer, name][1]).view(rows, tokens, -1)
                if (layer, name) in cast
                else x_BTI.new_zeros(rows, tokens, sizes[name][1])
                for name in groups[group]
            ]
            return parts[0] if len(parts) == 1 else torch.cat(parts, -1)

        return delta


def side_by_side(
    batches: Sequence[Sequence[PrecomputedSample]], most_rows: int, most_tokens: int
) -> Iterator[tuple[list[PrecomputedSample], list[float]]]:
    """Each adapter's batch in parts, by length: as many rows of one as of another.

    Args:
        batches: one of each adapter.
        most_rows: of one adapter in a part.
        most_tokens: of all rows of a part with their padding, where it is more than one row each.

    Yields:
        The rows, one adapter's behind another's, and what each row's loss counts: an equal share
        of its adapter's batch, and nothing where a row only fills up a shorter batch.
    """
    ordered = [sorted(batch, key=lambda one: len(one.hidden_TD)) for batch in batches]
    columns = [
        [(own[-1], 0.0) if one is None else (one, 1 / len(own))
         for own, one in zip(ordered, ones, strict=True)]
        for ones in zip_longest(*ordered)
    ]  # fmt: skip
    part: list[list[tuple[PrecomputedSample, float]]] = []
    for column in columns:
        widest = max(len(one.hidden_TD) for one, _ in column)
        padded = (len(part) + 1) * len(column) * widest
        if part and (padded > most_tokens or len(part) == most_rows):
            yield _rows(part)
            part = []
        part.append(column)
    yield _rows(part)


def _rows(
    columns: Sequence[Sequence[tuple[PrecomputedSample, float]]],
) -> tuple[list[PrecomputedSample], list[float]]:
    pairs = [pair for of_one in zip(*columns, strict=True) for pair in of_one]
    return [sample for sample, _ in pairs], [weight for _, weight in pairs]
