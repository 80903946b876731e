"""A frozen decoder whose work comes in pieces, with a call between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

    from hypernet.base_model.decoder import Cache, Delta, Forward, Shape


class Interruptible:
    """Another decoder, to the same bits, that calls `between` before each group of linears.

    Where that decoder lets one run in at a time, before each layer. On a CPU also on the way back.
    """

    exclusive = False

    def __init__(self, base: Forward, between: Callable[[], None]) -> None:
        self._base, self._between = base, between

    @property
    def takes_side_by_side(self) -> bool:
        """Whether that decoder does."""
        return self._base.takes_side_by_side

    @property
    def config(self) -> Shape:
        """The decoder's sizes."""
        return self._base.config

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""
        return self._base.dtype

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self._base.device

    def embed(self, ids_BT: Tensor) -> Tensor:
        """See `Forward`."""
        return self._base.embed(ids_BT)

    def logits(self, x_ND: Tensor) -> Tensor:
        """See `Forward`."""
        self._between()
        self._also_backwards(x_ND)
        return self._base.logits(x_ND)

    def run(
        self,
        x_BTD: Tensor,
        positions_BT: Tensor,
        cache: Cache,
        mask_BTS: Tensor | None,
        delta: Delta | None = None,
        layers: range | None = None,
    ) -> Tensor:
        """See `Forward`."""
        chosen = range(self.config.layers) if layers is None else layers
        if not self._base.exclusive:
            inside = self._before_each_group(delta)
            return self._base.run(x_BTD, positions_BT, cache, mask_BTS, inside, chosen)
        for layer in chosen:
            self._between()
            self._also_backwards(x_BTD)
            alone = range(layer, layer + 1)
            x_BTD = self._base.run(x_BTD, positions_BT, cache, mask_BTS, delta, alone)
        return x_BTD

    def _before_each_group(self, delta: Delta | None) -> Delta:
        def added(layer: int, group: str, x_BTD: Tensor) -> Tensor | None:
            self._between()
            self._also_backwards(x_BTD)
            return None if delta is None else delta(layer, group, x_BTD)

        return added

    def _also_backwards(self, x: Tensor) -> None:
        # Elsewhere gradients are computed on threads of the library's own.
        if x.requires_grad and x.device.type == "cpu":
            x.register_hook(lambda _: self._between())  # type: ignore[no-untyped-call]  # untyped upstream
