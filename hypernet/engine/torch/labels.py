"""Choosing among allowed answers: exact probabilities, corrected for the model's own leaning.

A small model leans towards some answers whatever it reads. What it answers to neutral inputs is
taken off (contextual calibration: Zhao et al., "Calibrate Before Use", 2021). Letters as in
`hypernet/base_model/decoder.py`; B is labels here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.utils.rnn import pad_sequence

from hypernet.base_model.kv_cache import AfterPrefix
from hypernet.engine.interface import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.base_model.decoder import Delta, Forward
    from hypernet.base_model.kv_cache import RowCache

NEUTRAL_INPUTS = ("N/A", "[text]", "...")
PRIORS_KEPT = 256
"""How many tasks' answers to the neutral inputs are kept."""


def score(
    forward: Forward,
    cache: RowCache,
    row: int,
    delta: Delta | None,
    first_logits_V: Tensor,
    answers: Sequence[Sequence[int]],
) -> Tensor:
    """Log-probability [B] of each answer (end mark included), normalised over the answers.

    Args:
        forward: the base.
        cache: holds what the sequence has read.
        row: the sequence's row in it; left as it is.
        delta: the addition of the sequence's adapter to B rows.
        first_logits_V: the sequence's next-token logits.
        answers: token ids of each answer.

    Raises:
        EngineError: a probability is not finite.
    """
    ids_BT = pad_sequence([torch.tensor(a) for a in answers], batch_first=True).to(forward.device)
    length, new, shape = cache.length_R[row], ids_BT.shape[1] - 1, (len(answers), -1, -1, -1)
    read = AfterPrefix(
        {
            layer: (
                cache.k[layer, row, :, :length].expand(shape),
                cache.v[layer, row, :, :length].expand(shape),
            )
            for layer in range(forward.config.layers)
        }
    )
    step_T = torch.arange(new, device=forward.device)
    earlier_TS = torch.ones(new, length, dtype=torch.bool, device=forward.device)
    mask_TS = torch.cat([earlier_TS, step_T[None] <= step_T[:, None]], 1)
    x_BTD = forward.run(
        forward.embed(ids_BT[:, :-1]),
        (length + step_T).expand(len(answers), -1),
        read,
        mask_TS.expand(len(answers), -1, -1),
        delta,
    )
    totals = []
    for number, answer in enumerate(answers):  # one at a time: a row of logits is the vocabulary
        rest_TV = forward.logits(x_BTD[number, : len(answer) - 1])
        logits_TV = torch.cat([first_logits_V[None], rest_TV]).float()
        token_T = logits_TV.log_softmax(-1).gather(1, ids_BT[number, : len(answer), None])
        totals.append(token_T.sum().cpu())
    total_B = torch.stack(totals)
    if not bool(torch.isfinite(total_B).all()):
        raise EngineError("output: the logits are not finite; an adapter's values overflow")
    return total_B.log_softmax(0)


def choose(labels: Sequence[str], score_B: Tensor, prior_B: Tensor) -> tuple[str, dict[str, float]]:
    """The best label and each one's share, once the leaning is taken off."""
    share_B = torch.softmax(score_B - prior_B, 0)
    shares = dict(zip(labels, share_B.tolist(), strict=True))
    return labels[int(share_B.argmax())], shares
