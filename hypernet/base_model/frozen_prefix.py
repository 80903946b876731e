"""What the frozen base makes of all that comes before the adapter acts, computed once.

For the text before, that is its keys and values; for what the adapter acts on, the hidden states
entering the first adapted layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from cachetools import LRUCache
from torch.nn.utils.rnn import pad_sequence

from hypernet.base_model.kv_cache import AfterPrefix, Segment
from hypernet.base_model.reading import Run, positions_behind, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from hypernet.base_model.chat import Sample
    from hypernet.base_model.decoder import Delta, Forward


SIDE_BY_SIDE = 64
"""Tokens, padding included, that a pass takes hardly longer for than for a few."""


@dataclass(frozen=True)
class PrecomputedSample:
    """A sample up to a layer, the first adapted one or the first whose adapter is trained.

    `hidden_TD` covers what the adapter acts on; `past` has the keys and values of all that comes
    before, from that layer on.
    """

    sample: Sample
    hidden_TD: Tensor
    past: Segment


class Pasts:
    """Inputs that were read behind texts, by their token ids; the least recently used go first.

    What is read is the same, to the bit, whether anything is kept or not.
    """

    def __init__(self, budget_bytes: int = 0) -> None:
        self._kept: LRUCache[tuple[tuple[int, ...], tuple[int, ...]], Segment] = LRUCache(
            budget_bytes, getsizeof=lambda segment: segment.nbytes
        )

    def read(
        self, base: Forward, prefix_ids: Sequence[int], inputs: Sequence[Sequence[int]]
    ) -> list[Segment]:
        """Keys and values of all layers for a text and, behind it, each of the inputs."""
        text, read_, found = tuple(prefix_ids), dict[tuple[int, ...], Segment](), []
        for ids in map(tuple, inputs):
            segment = self._kept.get((text, ids), read_.get(ids))
            if segment is None:
                if not read_.get(()):
                    read_[()] = self._text(base, text)
                segment = read_[ids] = read(base, Run(ids, read_[()]))
                self._keep((text, ids), segment)
            found.append(segment)
        return found

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def _text(self, base: Forward, ids: tuple[int, ...]) -> Segment:
        known = self._kept.get((ids, ()))
        return self._keep((ids, ()), read(base, Run(ids))) if known is None else known

    def _keep(self, key: tuple[tuple[int, ...], tuple[int, ...]], segment: Segment) -> Segment:
        if segment.nbytes <= self._kept.maxsize:
            self._kept[key] = segment
        return segment


def compute(
    base: Forward,
    first_layer: int,
    prefix_ids: Sequence[int],
    samples: Sequence[Sample],
    delta: Delta | None = None,
    pasts: Pasts | None = None,
) -> list[PrecomputedSample]:
    """Read one prefix and, behind it, each of the samples, up to a layer.

    Args:
        base: the frozen base.
        first_layer: where to stop.
        prefix_ids: a text before all of them.
        samples: what is read behind it.
        delta: the adapter that acts below that layer, and stays as it is; None: none does.
        pasts: keeps the text and the inputs for who reads them again.
    """
    inputs = [sample.input_ids for sample in samples]
    read_ = (pasts or Pasts()).read(base, prefix_ids, inputs)
    return _acted_on_together(base, first_layer, read_, samples, delta)


@torch.inference_mode()
def _acted_on_together(
    base: Forward,
    first_layer: int,
    pasts: Sequence[Segment],
    samples: Sequence[Sample],
    delta: Delta | None,
) -> list[PrecomputedSample]:
    """Samples whose inputs have been read, up to a layer.

    Short ones go side by side: a pass takes as long as reading the weights does.
    """
    states: dict[int, Tensor] = {}
    for group in _short_groups([len(sample.acted_ids) for sample in samples]):
        below = [pasts[n].below(first_layer) for n in group]
        rows = [torch.tensor(samples[n].acted_ids, device=base.device) for n in group]
        x_BTD = base.embed(pad_sequence(rows, batch_first=True))
        if first_layer > 0:  # the layers of another family cannot be run with none of them
            cache, past_B = _side_by_side(below, range(first_layer))
            positions_BT, mask_BTS = positions_behind(
                past_B, max(past_B), x_BTD.shape[1], base.device
            )
            x_BTD = base.run(x_BTD, positions_BT, cache, mask_BTS, delta, range(first_layer))
        for n, row, x_TD in zip(group, rows, x_BTD, strict=True):
            states[n] = x_TD[: len(row)]
    return [
        PrecomputedSample(sample, states[n], past.above(first_layer))
        for n, (past, sample) in enumerate(zip(pasts, samples, strict=True))
    ]


def _short_groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of runs by length, so many together that padded they are `SIDE_BY_SIDE` at most."""
    group: list[int] = []
    for n in sorted(range(len(lengths)), key=lambda n: lengths[n]):
        if group and (len(group) + 1) * lengths[n] > SIDE_BY_SIDE:
            yield group
            group = []
        group.append(n)
    if group:
        yield group


def _side_by_side(pasts: Sequence[Segment], layers: range) -> tuple[AfterPrefix, list[int]]:
    """Pasts of these layers, padded, and each one's length."""
    lengths = [past.length for past in pasts]
    pads = [(0, 0, 0, max(lengths) - length) for length in lengths]
    k_BLGPd = torch.stack([F.pad(p.k_LGTd, by) for p, by in zip(pasts, pads, strict=True)])
    v_BLGPd = torch.stack([F.pad(p.v_LGTd, by) for p, by in zip(pasts, pads, strict=True)])
    kept = {layer: (k_BLGPd[:, i], v_BLGPd[:, i]) for i, layer in enumerate(layers)}
    return AfterPrefix(kept), lengths


def answer_logits(
    base: Forward, first_layer: int, batch: Sequence[PrecomputedSample], delta: Delta | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Run the adapted layers over a batch of samples.

    Returns:
        logits [N, V] at every answer token, the answer ids [N], and each one's row [N].
    """
    x_BTD = pad_sequence([one.hidden_TD for one in batch], batch_first=True)
    layers = range(first_layer, base.config.layers)
    cache, lengths = _side_by_side([one.past for one in batch], layers)
    positions_BT, mask_BTS = positions_behind(lengths, max(lengths), x_BTD.shape[1], base.device)
    x_BTD = base.run(x_BTD, positions_BT, cache, mask_BTS, delta, layers)
    rows_N, columns_N, ids_N = _answers(batch)
    logits_NV = base.logits(x_BTD[rows_N, columns_N])
    return logits_NV, ids_N.to(base.device), rows_N.to(base.device)


def answer_losses(
    base: Forward,
    first_layer: int,
    batch: Sequence[PrecomputedSample],
    delta: Delta | None,
    smoothing: float = 0.0,
) -> Tensor:
    """Mean cross entropy of each row's answer tokens, [B]."""
    logits_NV, ids_N, rows_N = answer_logits(base, first_layer, batch, delta)
    losses_N = F.cross_entropy(
        logits_NV.float(), ids_N, reduction="none", label_smoothing=smoothing
    )
    sums_B = torch.zeros(len(batch), device=losses_N.device).index_add(0, rows_N, losses_N)
    counts_B = torch.tensor([len(r.sample.answer_ids) for r in batch], device=losses_N.device)
    return sums_B / counts_B


def _answers(batch: Sequence[PrecomputedSample]) -> tuple[Tensor, Tensor, Tensor]:
    rows: list[int] = []
    columns: list[int] = []
    ids: list[int] = []
    for row, one in enumerate(batch):
        sample = one.sample
        first = len(sample.invocation_ids) - 1
        rows += [row] * len(sample.answer_ids)
        columns += range(first, first + len(sample.answer_ids))
        ids += sample.answer_ids
    return torch.tensor(rows), torch.tensor(columns), torch.tensor(ids)
