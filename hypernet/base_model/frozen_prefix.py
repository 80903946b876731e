"""What comes before the adapted layers, computed once: it is the frozen base's and never changes.

For a sample that is the hidden states entering the first adapted layer; for a prefix, the keys and
values of the adapted layers.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils.rnn import pad_sequence

from hypernet.base_model.kv_cache import AfterPrefix, Recorder
from hypernet.base_model.samples import by_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.base_model.decoder import Delta, Forward
    from hypernet.base_model.samples import Sample

ROWS = 32


@dataclass(frozen=True)
class Prefix:
    """Keys and values [L, G, P, d] of the adapted layers for one prefix."""

    k_LGPd: Tensor
    v_LGPd: Tensor


@dataclass(frozen=True)
class PrecomputedSample:
    """A sample up to the first adapted layer: hidden [T, D] covers step and answer but its last."""

    sample: Sample
    hidden_TD: Tensor
    prefix: Prefix


@torch.inference_mode()
def compute(
    base: Forward, first_layer: int, prefix_ids: Sequence[int], samples: Sequence[Sample]
) -> list[PrecomputedSample]:
    """Read one prefix and, behind it, each of its samples, up to the first adapted layer."""
    ids_1P = torch.tensor([list(prefix_ids)], device=base.device)
    recorder = Recorder()
    positions_1P = torch.arange(ids_1P.shape[1], device=base.device)[None]
    base.run(base.embed(ids_1P), positions_1P, recorder, None)
    length = ids_1P.shape[1]
    above = recorder.segment(first=first_layer)
    prefix = Prefix(above.k_LGTd, above.v_LGTd)
    computed = []
    for batch in by_length(samples, ROWS):
        rows = [torch.tensor([*s.step_ids, *s.answer_ids[:-1]]) for s in batch]
        ids_BT = pad_sequence(rows, batch_first=True).to(base.device)
        x_BTD = base.embed(ids_BT)
        if first_layer > 0:  # the layers of another family cannot be run with none of them
            cache = AfterPrefix(
                {i: (k.expand(len(batch), -1, -1, -1), v.expand(len(batch), -1, -1, -1))
                 for i, (k, v) in recorder.layers.items() if i < first_layer}
            )  # fmt: skip
            positions_BT, mask_BTS = positions_behind(
                [length] * len(batch), length, ids_BT.shape[1], base.device
            )
            before = range(first_layer)
            x_BTD = base.run(x_BTD, positions_BT, cache, mask_BTS, None, before)
        computed += [
            PrecomputedSample(s, x_BTD[i, : len(rows[i])].clone(), prefix)
            for i, s in enumerate(batch)
        ]
    return computed


def backward_friendly(device: torch.device | str) -> AbstractContextManager[None]:
    """The form of attention to train with: on CPUs the plain one is faster backwards by a third."""
    on_cpu = torch.device(device).type == "cpu"
    return sdpa_kernel(SDPBackend.MATH) if on_cpu else nullcontext()


def answer_logits(
    base: Forward, first_layer: int, batch: Sequence[PrecomputedSample], delta: Delta | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Run the adapted layers over a batch of samples.

    Returns:
        logits [N, V] at every answer token, the answer ids [N], and each one's row [N].
    """
    device = base.device
    x_BTD = pad_sequence([r.hidden_TD for r in batch], batch_first=True).to(device)
    lengths = [r.prefix.k_LGPd.shape[2] for r in batch]
    widest = max(lengths)
    pad = [(0, 0, 0, widest - n) for n in lengths]
    k_BLGPd = torch.stack([F.pad(r.prefix.k_LGPd, p) for r, p in zip(batch, pad, strict=True)]).to(
        device
    )
    v_BLGPd = torch.stack([F.pad(r.prefix.v_LGPd, p) for r, p in zip(batch, pad, strict=True)]).to(
        device
    )
    layers = range(first_layer, base.config.layers)
    cache = AfterPrefix({layer: (k_BLGPd[:, i], v_BLGPd[:, i]) for i, layer in enumerate(layers)})
    positions_BT, mask_BTS = positions_behind(lengths, widest, x_BTD.shape[1], device)
    x_BTD = base.run(x_BTD, positions_BT, cache, mask_BTS, delta, layers)
    rows_N, columns_N, ids_N = _answers(batch)
    logits_NV = base.logits(x_BTD[rows_N, columns_N])
    return logits_NV, ids_N.to(device), rows_N.to(device)


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
        first = len(sample.step_ids) - 1
        rows += [row] * len(sample.answer_ids)
        columns += range(first, first + len(sample.answer_ids))
        ids += sample.answer_ids
    return torch.tensor(rows), torch.tensor(columns), torch.tensor(ids)


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
