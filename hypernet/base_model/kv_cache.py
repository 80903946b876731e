"""KV caches: one for rows that grow token by token, one that puts a fixed prefix before new tokens.

Letters as in `decoder.py`; L is layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from hypernet.base_model.allocator import lazy_zeros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from hypernet.base_model.decoder import Cache, Shape


FIRST, KEPT = 256, 1024
"""Tokens a row has room for at first, and at most while nothing runs."""


@dataclass(frozen=True)
class Segment:
    """Keys and values of one run of tokens: [L, G, T, d] each."""

    k_LGTd: Tensor
    v_LGTd: Tensor

    @property
    def length(self) -> int:
        """Tokens held."""
        return self.k_LGTd.shape[2]

    def first(self, tokens: int) -> Segment:
        """The beginning, as a view."""
        return Segment(self.k_LGTd[:, :, :tokens], self.v_LGTd[:, :, :tokens])

    def above(self, layer: int) -> Segment:
        """The layers from this one on, as a view."""
        return Segment(self.k_LGTd[layer:], self.v_LGTd[layer:])

    def below(self, layer: int) -> Segment:
        """The layers under this one, as a view."""
        return Segment(self.k_LGTd[:layer], self.v_LGTd[:layer])

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return 2 * self.k_LGTd.numel() * self.k_LGTd.element_size()


class Recorder:
    """Keeps what every layer adds, so that a freshly read text can become a `Segment`."""

    def __init__(self) -> None:
        self.layers: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, layer: int, k_BGTd: Tensor, v_BGTd: Tensor) -> tuple[Tensor, Tensor]:
        """Record and return the new keys and values."""
        self.layers[layer] = (k_BGTd, v_BGTd)
        return k_BGTd, v_BGTd

    def segment(self, row: int = 0, *, first: int = 0) -> Segment:
        """A copy of the recorded keys and values of one row, of the layers from `first` on."""
        pairs = [self.layers[layer] for layer in sorted(self.layers) if layer >= first]
        return Segment(
            torch.stack([k[row] for k, _ in pairs]), torch.stack([v[row] for _, v in pairs])
        )


class AfterPrefix:
    """Puts constant keys and values [B, G, P, d] of each layer before the new tokens' own."""

    def __init__(self, prefix: dict[int, tuple[Tensor, Tensor]]) -> None:
        self.prefix = prefix

    def extend(self, layer: int, k_BGTd: Tensor, v_BGTd: Tensor) -> tuple[Tensor, Tensor]:
        """Prefix and new tokens together."""
        k, v = self.prefix[layer]
        return torch.cat([k, k_BGTd], 2), torch.cat([v, v_BGTd], 2)


@dataclass(frozen=True)
class SideBySide:
    """Runs of tokens one behind the other in one row, each with a cache of its own.

    What stands behind the last of them is padding: nothing looks at it, nor does it at anything.
    """

    caches: Sequence[Cache]
    lengths: Sequence[int]
    masks: Sequence[Tensor | None]
    """[1, T, S] of each run; None where it stands behind nothing."""

    def extend(self, layer: int, k_1GTd: Tensor, v_1GTd: Tensor) -> tuple[Tensor, Tensor]:
        """Not for runs together: each sees other tokens.

        Raises:
            TypeError: always; see `runs`.
        """
        raise TypeError("runs side by side have no keys and values in common")

    def runs(
        self, layer: int, q_1HTd: Tensor, k_1GTd: Tensor, v_1GTd: Tensor
    ) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor | None]]:
        """Of each run its new queries, all keys and values that it may see, and its mask."""
        start = 0
        for cache, length, mask in zip(self.caches, self.lengths, self.masks, strict=True):
            own = slice(start, start + length)
            k, v = cache.extend(layer, k_1GTd[:, :, own], v_1GTd[:, :, own])
            yield q_1HTd[:, :, own], k, v, mask
            start += length


class RowCache:
    """Keys and values of the running rows, kept dense: rows 0..n-1 are in use.

    Storage is [L, R, G, S, d]; it grows by doubling up to the model's window.
    """

    def __init__(self, config: Shape, rows: int, dtype: torch.dtype, device: torch.device) -> None:
        self.config, self.rows = config, rows
        self.dtype, self.device = dtype, device
        self.length_R = [0] * rows
        self.k, self.v = self._storage(FIRST), self._storage(FIRST)

    @property
    def capacity(self) -> int:
        """Tokens a row has room for now."""
        return self.k.shape[3]

    def reserve(self, tokens: int) -> None:
        """Make room for rows of this many tokens."""
        capacity = self.capacity
        if tokens <= capacity:
            return
        while capacity < tokens:
            capacity *= 2
        old_k, old_v = self.k, self.v
        self.k, self.v = self._storage(capacity), self._storage(capacity)
        for row, length in enumerate(self.length_R):
            if length:  # the others hold nothing, and take no memory yet
                self.k[:, row, :, : old_k.shape[3]] = old_k[:, row]
                self.v[:, row, :, : old_v.shape[3]] = old_v[:, row]

    def shrink(self) -> None:
        """Give back what long texts took; nothing may be in use."""
        if self.capacity > KEPT:
            self.k, self.v = self._storage(FIRST), self._storage(FIRST)

    def put(self, row: int, segment: Segment | None) -> None:
        """Start a row with what a prefix left, or empty."""
        length = 0 if segment is None else segment.length
        self.reserve(length)
        if segment is not None:
            self.k[:, row, :, :length] = segment.k_LGTd
            self.v[:, row, :, :length] = segment.v_LGTd
        self._wipe(row, length)
        self.length_R[row] = length

    def take(self, row: int) -> Segment:
        """A copy of what a row holds."""
        length = self.length_R[row]
        return Segment(self.k[:, row, :, :length].clone(), self.v[:, row, :, :length].clone())

    def grow(self, rows: range, new: int) -> None:
        """Count tokens that were written behind some rows."""
        for row in rows:
            self.length_R[row] += new

    def move(self, source: int, target: int) -> None:
        """Let the row at `source` take the place of `target`."""
        length = self.length_R[source]
        self.k[:, target, :, :length] = self.k[:, source, :, :length]
        self.v[:, target, :, :length] = self.v[:, source, :, :length]
        self._wipe(target, length)
        self.length_R[target] = length

    def view(self, rows: range, new: int) -> RowView:
        """A cache over some rows for one pass that adds `new` tokens to each."""
        self.reserve(max(self.length_R[r] for r in rows) + new)
        return RowView(self, rows, new)

    def _wipe(self, row: int, start: int) -> None:
        # What another request left there is masked, but a masked NaN is still NaN.
        self.k[:, row, :, start:] = 0
        self.v[:, row, :, start:] = 0

    def _storage(self, capacity: int) -> Tensor:
        c = self.config
        shape = (c.layers, self.rows, c.kv_heads, capacity, c.head_dim)
        return lazy_zeros(shape, self.dtype, self.device)


class RowView:
    """One pass's access to a run of rows: writes at each row's end, shows up to the longest."""

    def __init__(self, cache: RowCache, rows: range, new: int) -> None:
        self.cache, self.rows, self.new = cache, rows, new
        start_B = torch.tensor([cache.length_R[r] for r in rows], device=cache.device)
        self.positions_BT = start_B[:, None] + torch.arange(new, device=cache.device)
        self.visible = max(cache.length_R[r] for r in rows) + new
        seen_S = torch.arange(self.visible, device=cache.device)
        self.mask_BTS = seen_S[None, None] <= self.positions_BT[..., None]
        self._row_B1 = torch.tensor(list(rows), device=cache.device)[:, None]

    def extend(self, layer: int, k_BGTd: Tensor, v_BGTd: Tensor) -> tuple[Tensor, Tensor]:
        """Write the new tokens behind each row's own; show all rows up to the longest."""
        k, v = self.cache.k[layer], self.cache.v[layer]
        k[self._row_B1, :, self.positions_BT] = k_BGTd.transpose(1, 2)
        v[self._row_B1, :, self.positions_BT] = v_BGTd.transpose(1, 2)
        window = slice(self.rows.start, self.rows.stop)
        return k[window, :, : self.visible], v[window, :, : self.visible]

    def commit(self) -> None:
        """Count the new tokens as part of their rows."""
        self.cache.grow(self.rows, self.new)
