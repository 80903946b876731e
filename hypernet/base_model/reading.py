"""Reading texts with the frozen base alone: one run of tokens, or many that share their products.

Letters as in `decoder.py`; P tokens before, L layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.base_model.kv_cache import Segment, SideBySide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from hypernet.base_model.decoder import Cache, Forward

PASS = 512
"""Tokens of a pass over runs side by side, padding included.

Always as many, or a multiple: products of matrices add up in another order at other sizes, and
what is read of a text must not depend, to the bit, on what is read beside it.
"""


@dataclass(frozen=True)
class Run:
    """Tokens to read, and what they stand behind; None: nothing."""

    ids: Sequence[int]
    past: Segment | None = None


class Behind:
    """Lets new tokens look back at a past, if any, and keeps what there is of both."""

    def __init__(self, past: Segment | None) -> None:
        self.past = past
        self.layers: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, layer: int, k_1GTd: Tensor, v_1GTd: Tensor) -> tuple[Tensor, Tensor]:
        """Past and new tokens together."""
        if self.past is not None:
            k_1GTd = torch.cat([self.past.k_LGTd[layer][None], k_1GTd], 2)
            v_1GTd = torch.cat([self.past.v_LGTd[layer][None], v_1GTd], 2)
        self.layers[layer] = k_1GTd, v_1GTd
        return k_1GTd, v_1GTd

    def whole(self) -> Segment:
        """Past and new tokens in one, of all layers: a copy where there are new ones."""
        if self.past is not None and not self.layers:
            return self.past
        pairs = [self.layers[layer] for layer in sorted(self.layers)]
        return Segment(torch.stack([k[0] for k, _ in pairs]), torch.stack([v[0] for _, v in pairs]))


@dataclass(frozen=True)
class Reading:
    """What reading a run gave."""

    states_TD: Tensor
    """Of its own tokens, entering the layer that was asked for."""
    cache: Behind

    def segment(self) -> Segment:
        """Keys and values of the past and, behind it, the run, of all layers."""
        return self.cache.whole()


@torch.inference_mode()
def read(base: Forward, run: Run) -> Segment:
    """Read one run by itself, without padding; one without tokens leaves its past as it is."""
    cache = Behind(run.past)
    if run.ids or run.past is None:
        ids_1T, positions_1T, mask_1TS = _placed(run, base.device)
        base.run(base.embed(ids_1T), positions_1T, cache, mask_1TS)
    return cache.whole()


@torch.inference_mode()
def read_together(
    base: Forward, runs: Sequence[Run], layer: int, *, above: bool = True
) -> list[Reading]:
    """Read many runs of tokens, each by itself but in common passes.

    A short text's products take hardly less time than those of ten such texts.

    Args:
        base: the frozen base.
        runs: what to read; one without tokens leaves its past as it is.
        layer: the states entering it are given back.
        above: whether the layers from there on are run too. Without them there are no segments.
    """
    nothing_TD = torch.empty(0, base.config.hidden, dtype=base.dtype, device=base.device)
    found = {n: Reading(nothing_TD, Behind(run.past)) for n, run in enumerate(runs)}
    for numbers in _passes([len(run.ids) for run in runs], together=base.takes_side_by_side):
        readings = _read_pass(base, [runs[n] for n in numbers], layer, above=above)
        found.update(zip(numbers, readings, strict=True))
    return [found[n] for n in range(len(runs))]


def _passes(lengths: Sequence[int], *, together: bool) -> Iterator[list[int]]:
    """Numbers of the runs that each pass has, the longest first."""
    chosen, room = list[int](), 0
    for n in sorted(filter(lengths.__getitem__, range(len(lengths))), key=lambda n: -lengths[n]):
        if chosen and (lengths[n] > room or not together):
            yield chosen
            chosen = []
        if not chosen:
            room = _padded(lengths[n])
        chosen.append(n)
        room -= lengths[n]
    if chosen:
        yield chosen


def _padded(tokens: int) -> int:
    return -(-tokens // PASS) * PASS


def _read_pass(base: Forward, runs: Sequence[Run], layer: int, *, above: bool) -> list[Reading]:
    caches = [Behind(run.past) for run in runs]
    lengths = [len(run.ids) for run in runs]
    cache: Cache
    if base.takes_side_by_side:
        ids_1T, positions_1T, cache = _side_by_side(runs, caches, base.device)
        mask_1TS = None
    else:
        ((ids_1T, positions_1T, mask_1TS),) = (_placed(run, base.device) for run in runs)
        (cache,) = caches
    x_1TD = base.embed(ids_1T)
    if layer > 0:  # the layers of another family cannot be run with none of them
        x_1TD = base.run(x_1TD, positions_1T, cache, mask_1TS, layers=range(layer))
    if above:
        higher = range(layer, base.config.layers)
        base.run(x_1TD, positions_1T, cache, mask_1TS, layers=higher)
    states = x_1TD[0, : sum(lengths)].split_with_sizes(lengths)
    return [Reading(x_TD.clone(), one) for x_TD, one in zip(states, caches, strict=True)]


def _side_by_side(
    runs: Sequence[Run], caches: Sequence[Behind], device: torch.device
) -> tuple[Tensor, Tensor, SideBySide]:
    """Token ids and positions [1, T] of runs one behind the other, padded, and their cache."""
    ids, positions, masks = zip(*(_placed(run, device) for run in runs), strict=True)
    lengths = [len(run.ids) for run in runs]
    padding = (0, _padded(sum(lengths)) - sum(lengths))
    ids_1T, positions_1T = (F.pad(torch.cat(parts, 1), padding) for parts in (ids, positions))
    return ids_1T, positions_1T, SideBySide(caches, lengths, masks)


def _placed(run: Run, device: torch.device) -> tuple[Tensor, Tensor, Tensor | None]:
    """A run's ids and positions [1, T], and its mask [1, T, S] where it stands behind something."""
    ids_1T = torch.tensor([list(run.ids)], device=device)
    if run.past is None:
        return ids_1T, torch.arange(len(run.ids), device=device)[None], None
    length = run.past.length
    return ids_1T, *positions_behind([length], length, len(run.ids), device)


def positions_behind(
    lengths: Sequence[int], widest: int, new: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Positions [B, T] and mask [B, T, P + T] of new tokens behind right-padded prefixes."""
    length_B = torch.tensor(lengths, device=device)
    step_T = torch.arange(new, device=device)
    in_prefix_BP = torch.arange(widest, device=device) < length_B[:, None]
    causal_TT = step_T[None] <= step_T[:, None]
    mask_BTS = torch.cat(
        [
            in_prefix_BP[:, None].expand(-1, new, -1),
            causal_TT[None].expand(len(lengths), -1, -1),
        ],
        2,
    )
    return length_B[:, None] + step_T, mask_BTS
