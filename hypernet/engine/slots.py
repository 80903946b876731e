"""The slot pool: preallocated room for adapters, indexed per row of a batch.

Installing an adapter is a copy; slot 0 stays zero and is the base. Knows nothing of requests.
Letters as in `llama.py`; N slots, I inputs, O outputs, r rank.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

import torch

from hypernet.engine.base import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.adapter import Adapter
    from hypernet.engine.llama import LlamaConfig

BASE_SLOT = 0


class SlotPool:
    """Adapters by slot; pinned while a row uses them, else evicted least recently used."""

    def __init__(
        self,
        config: LlamaConfig,
        slots: int,
        rank: int,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self.layers, self.sizes = config.layers, config.linear_sizes()
        self.slots, self.rank, self.dtype, self.device = slots, rank, dtype, device
        self._room: dict[tuple[int, str], tuple[Tensor, Tensor]] = {}
        self._slot_of: OrderedDict[str, int] = OrderedDict()
        self._pins: Counter[int] = Counter()

    def acquire(self, adapter: Adapter | None) -> int:
        """Pin an adapter's slot, installing it first where needed.

        Raises:
            EngineError: its rank is over the pool's, it is made for another base, or every slot
                is pinned.
        """
        if adapter is None:
            return BASE_SLOT
        slot = self._slot_of.get(adapter.digest)
        if slot is None:
            slot = self._install(adapter)
        self._slot_of.move_to_end(adapter.digest)
        self._pins[slot] += 1
        return slot

    def release(self, slot: int) -> None:
        """Unpin."""
        if slot != BASE_SLOT:
            self._pins[slot] -= 1

    def delta(self, slots: Sequence[int]) -> SlotDelta | None:
        """The addition for rows that use these slots; None when all are the base."""
        if all(slot == BASE_SLOT for slot in slots):
            return None
        return SlotDelta(self._room, slots, self.device)

    def _install(self, adapter: Adapter) -> int:
        if adapter.rank > self.rank:
            raise EngineError(f"adapter: rank {adapter.rank} is over the engine's {self.rank}")
        # Checked before a slot is emptied for it.
        for (layer, linear), (a_Ir, b_rO) in adapter.factors.items():
            shapes = (*a_Ir.shape, *b_rO.shape)
            inputs, outputs = self.sizes.get(linear, (0, 0))
            if layer >= self.layers or shapes != (inputs, adapter.rank, adapter.rank, outputs):
                raise EngineError(f"adapter: layer {layer} {linear} does not fit the base model")
        slot = self._free_slot()
        for a_NIr, b_NrO in self._room.values():
            a_NIr[slot].zero_()
            b_NrO[slot].zero_()
        for key, (a_Ir, b_rO) in adapter.factors.items():
            a_NIr, b_NrO = self._room_for(key, a_Ir.shape[0], b_rO.shape[1])
            a_NIr[slot, :, : adapter.rank] = a_Ir
            b_NrO[slot, : adapter.rank] = b_rO
        self._slot_of[adapter.digest] = slot
        return slot

    def _free_slot(self) -> int:
        if len(self._slot_of) < self.slots - 1:
            return len(self._slot_of) + 1
        for digest, slot in self._slot_of.items():
            if not self._pins[slot]:
                del self._slot_of[digest]
                return slot
        raise EngineError(f"adapter: all {self.slots - 1} adapter slots are in use")

    def _room_for(self, key: tuple[int, str], inputs: int, outputs: int) -> tuple[Tensor, Tensor]:
        if key not in self._room:
            shape_a, shape_b = (self.slots, inputs, self.rank), (self.slots, self.rank, outputs)
            self._room[key] = (
                torch.zeros(shape_a, dtype=self.dtype, device=self.device),
                torch.zeros(shape_b, dtype=self.dtype, device=self.device),
            )
        return self._room[key]


class SlotDelta:
    """x @ A[slot] @ B[slot], each row with its own slot."""

    def __init__(
        self,
        room: dict[tuple[int, str], tuple[Tensor, Tensor]],
        slots: Sequence[int],
        device: torch.device,
    ) -> None:
        self.room = room
        # One adapter for all rows needs no gathering of factors.
        self.only = slots[0] if len(set(slots)) == 1 else None
        self.slot_B = torch.tensor(list(slots), device=device)

    def __call__(self, layer: int, linear: str, x_BTI: Tensor) -> Tensor | None:
        """The addition to a linear's output, [B, T, O]."""
        factors = self.room.get((layer, linear))
        if factors is None:
            return None
        a_NIr, b_NrO = factors
        if self.only is not None:
            return x_BTI @ a_NIr[self.only] @ b_NrO[self.only]
        return torch.bmm(torch.bmm(x_BTI, a_NIr[self.slot_B]), b_NrO[self.slot_B])
