"""Several continuations of one text, read in a single pass: each token sees its own line alone.

A pass over few tokens takes as long as reading the base's weights does, so what can be read at once
is. Letters as in `hypernet/base_model/decoder.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.base_model.decoder import Delta

START = -1
"""In the place of a token: the end of the text that the branches come behind."""


class Branches:
    """Runs of tokens, each behind another one's last token or behind the text itself."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.depths: list[int] = []
        """How many tokens lie between each one and the text's end."""
        self.acting: list[bool] = []
        """Whether an adapter acts on each token."""
        self._before: list[int] = []

    def add(self, ids: Sequence[int], *, after: int = START, acts: bool = True) -> int:
        """Add a run; its last token's place.

        Args:
            ids: one at least.
            after: the place of the token that it follows.
            acts: whether an adapter acts on it.
        """
        for token in ids:
            self.ids.append(token)
            self.depths.append(0 if after == START else self.depths[after] + 1)
            self.acting.append(acts)
            self._before.append(after)
            after = len(self.ids) - 1
        return after

    def seen(self, earlier: int) -> Tensor:
        """Which of `earlier` tokens of the text and of the branches each token sees, [T, S]."""
        count = len(self.ids)
        own_TT = torch.eye(count, dtype=torch.bool)
        for token, before in enumerate(self._before):
            if before != START:
                own_TT[token] |= own_TT[before]
        return torch.cat([torch.ones(count, earlier, dtype=torch.bool), own_TT], 1)


class ActingOn:
    """What adapters add, on some of the tokens alone: the others are the base's."""

    def __init__(self, delta: Delta, acting: Sequence[bool]) -> None:
        """`acting` says of each token of a pass whether they act on it."""
        self._delta = delta
        self._tokens = [place for place, acts in enumerate(acting) if acts]

    def __call__(self, layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
        """The addition to the output of fused linears, [B, T, O]."""
        added = self._delta(layer, group, x_BTI[:, self._tokens])
        if added is None:
            return None
        whole = added.new_zeros(*x_BTI.shape[:2], added.shape[-1])
        whole[:, self._tokens] = added
        return whole


def acting_on(delta: Delta | None, acting: Sequence[bool]) -> Delta | None:
    """What adapters add to a pass, as simply as it can be said."""
    if delta is None or not any(acting):
        return None
    return delta if all(acting) else ActingOn(delta, acting)
