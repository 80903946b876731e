"""The slot pool: preallocated room for adapters, indexed per row of a batch.

Installing a generated adapter is a copy of its gains: the factors are shared. Other adapters bring
factors of their own, as they are or in PEFT's layout. Slot 0 is the base.
Letters as in `decoder.py`; S here slots, P blocks (one layer of one set of factors), I inputs,
O outputs, r rank, s ranks of fused linears side by side.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from hypernet.adapters.adapter import Adapter
from hypernet.base_model.allocator import page_out
from hypernet.engine.interface import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.adapters.adapter import Factors
    from hypernet.base_model.decoder import Shape
    from hypernet.engine.interface import Adapter as AnyAdapter

BASE_SLOT = 0
NO_BLOCK = -1
RANKS = 16
"""Room is made for ranks in steps of this, which the decode step counts on."""


@dataclass
class Bank:
    """A set of factors in the pool: which block holds each layer's, and how many slots use it."""

    basis: Factors
    blocks: dict[int, int]
    users: int = 0


class SlotPool:
    """Adapters by slot; pinned while a sequence uses them, else evicted least recently used."""

    def __init__(
        self,
        config: Shape,
        slots: int,
        rank: int,
        dtype: torch.dtype,
        device: torch.device,
        banks: int = 12,
    ) -> None:
        self.shape = config
        self.layers, self.sizes, self.groups = config.layers, config.linear_sizes(), config.groups
        self.linears = tuple(self.sizes)
        self.slots, self.banks = slots, banks
        self.most_rank, self.rank = rank, -(-rank // RANKS) * RANKS
        self.block_SL = torch.full((slots, config.layers), NO_BLOCK, dtype=torch.int32)
        self.gains_SLr = torch.zeros(slots, config.layers, len(self.linears) * self.rank)
        self.factors: dict[str, tuple[Tensor, Tensor]] = {}
        """Each group's A [P, I, s] and B [P, r, O]."""
        for group, names in self.groups.items():
            inputs, outputs = self.sizes[names[0]][0], sum(self.sizes[n][1] for n in names)
            self.factors[group] = (
                torch.zeros(1, inputs, len(names) * self.rank, dtype=dtype, device=device),
                torch.zeros(1, self.rank, outputs, dtype=dtype, device=device),
            )
        self._free_blocks = [0]
        self._invocation_of: dict[int, tuple[int, ...]] = {}
        self._held: dict[int, Bank] = {}
        self._bank_of: dict[int, Bank] = {}
        self._slot_of: OrderedDict[str, int] = OrderedDict()
        self._pins: Counter[int] = Counter()

    def acquire(self, adapter: AnyAdapter | None) -> int:
        """Pin an adapter's slot, installing it first where needed.

        Raises:
            EngineError: its rank is over the pool's, it is made for another base, its PEFT layout
                is not one that is read, or every slot is pinned.
        """
        if adapter is None:
            return BASE_SLOT
        slot = self._slot_of.get(adapter.digest)
        if slot is None:
            factors = self._with_factors(adapter)
            if factors is None:
                return BASE_SLOT
            slot = self._install(adapter.digest, factors)
        self._slot_of.move_to_end(adapter.digest)
        self._pins[slot] += 1
        return slot

    def release(self, slot: int) -> None:
        """Unpin."""
        if slot != BASE_SLOT:
            self._pins[slot] -= 1

    def invocation(self, slot: int) -> tuple[int, ...]:
        """Token ids from which on a slot's adapter acts; none where it acts on the input too."""
        return self._invocation_of.get(slot, ())

    def delta(self, slots: Sequence[int]) -> SlotDelta | None:
        """The addition for rows that use these slots; None when all are the base."""
        if all(slot == BASE_SLOT for slot in slots):
            return None
        return SlotDelta(self, slots)

    def _with_factors(self, adapter: AnyAdapter) -> Adapter | None:
        """The adapter as it is kept here, by way of PEFT's layout; None where it adds nothing."""
        if isinstance(adapter, Adapter):
            return adapter
        from hypernet.adapters.peft_format import from_peft

        try:
            tensors = adapter.peft_tensors()
            return from_peft(adapter.peft_config(), tensors, self.shape) if tensors else None
        except Exception as error:  # another's adapter raises what it likes
            raise EngineError(f"adapter: {error}") from error

    def _install(self, digest: str, adapter: Adapter) -> int:
        if adapter.rank > self.most_rank:
            raise EngineError(f"adapter: rank {adapter.rank} is over the engine's {self.most_rank}")
        # Checked before a slot is emptied for it.
        for (layer, linear), (a_Ir, b_rO) in adapter.basis.items():
            shapes = (*a_Ir.shape, *b_rO.shape)
            inputs, outputs = self.sizes.get(linear, (0, 0))
            if layer >= self.layers or shapes != (inputs, adapter.rank, adapter.rank, outputs):
                raise EngineError(f"adapter: layer {layer} {linear} does not fit the base model")
        slot = self._free_slot()
        bank = self._bank(adapter)
        bank.users += 1
        self._bank_of[slot] = bank
        self._slot_of[digest] = slot
        self._invocation_of[slot] = adapter.invocation
        for layer, block in bank.blocks.items():
            self.block_SL[slot, layer] = block
        gains_Lr = torch.zeros(self.layers, len(self.linears), self.rank)
        for (layer, linear), gains_r in (adapter.gains or {}).items():
            gains_Lr[layer, self.linears.index(linear), : adapter.rank] = gains_r
        if adapter.gains is None:
            for layer, linear in adapter.basis:
                gains_Lr[layer, self.linears.index(linear), : adapter.rank] = 1
        self.gains_SLr[slot] = gains_Lr.flatten(1)
        return slot

    def _free_slot(self) -> int:
        taken = set(self._slot_of.values())
        for slot in range(1, self.slots):
            if slot not in taken:
                return slot
        return self._evict()

    def _evict(self) -> int:
        """Empty the slot that was used longest ago and is not pinned."""
        for digest, slot in self._slot_of.items():
            if not self._pins[slot]:
                del self._slot_of[digest]
                self.block_SL[slot] = NO_BLOCK
                bank = self._bank_of.pop(slot)
                bank.users -= 1
                if not bank.users:
                    self._free_blocks += bank.blocks.values()
                    del self._held[id(bank.basis)]
                return slot
        raise EngineError(f"adapter: all {self.slots - 1} adapter slots are in use")

    def _bank(self, adapter: Adapter) -> Bank:
        """The adapter's factors in the pool, copied there where they are not yet."""
        held = self._held.get(id(adapter.basis))
        if held is not None:
            return held
        while len(self._held) >= self.banks:
            self._evict()
        layers = sorted({layer for layer, _ in adapter.basis})
        if len(self._free_blocks) < len(layers):
            self._grow(len(layers) - len(self._free_blocks))
        bank = Bank(adapter.basis, {layer: self._free_blocks.pop(0) for layer in layers})
        self._held[id(bank.basis)] = bank
        for group, names in self.groups.items():
            a_PIs, b_PrO = self.factors[group]
            for layer, block in bank.blocks.items():
                a_PIs[block].zero_()
                b_PrO[block].zero_()
                column = 0
                for number, name in enumerate(names):
                    outputs = self.sizes[name][1]
                    if (layer, name) in adapter.basis:
                        a_Ir, b_rO = adapter.basis[layer, name]
                        start = number * self.rank
                        a_PIs[block, :, start : start + adapter.rank] = a_Ir
                        b_PrO[block, : adapter.rank, column : column + outputs] = b_rO
                    column += outputs
        if adapter.gains is not None:  # shared: what was copied is read no more
            page_out(tensor for pair in adapter.basis.values() for tensor in pair)
        return bank

    def _grow(self, missing: int) -> None:
        """Room for more blocks: twice as many, and twice as many again until it is enough."""
        blocks = more = len(next(iter(self.factors.values()))[0])
        while more - blocks < missing:
            more *= 2
        self.factors = {
            group: (_longer(a_PIs, more), _longer(b_PrO, more))
            for group, (a_PIs, b_PrO) in self.factors.items()
        }
        self._free_blocks += range(blocks, more)


def _longer(rows: Tensor, count: int) -> Tensor:
    """The same with zeros behind it, up to `count` rows."""
    longer = rows.new_zeros(count, *rows.shape[1:])
    longer[: len(rows)] = rows
    return longer


class SlotDelta:
    """x @ A · gains[slot] @ B, each row with its own slot."""

    def __init__(self, pool: SlotPool, slots: Sequence[int]) -> None:
        self.pool = pool
        device = next(iter(pool.factors.values()))[0].device
        self.block_LB = pool.block_SL[list(slots)].T.tolist()
        gains_BLs = pool.gains_SLr[list(slots)]
        self.gains_BLMr = gains_BLs.view(*gains_BLs.shape[:2], len(pool.linears), -1).to(device)

    def __call__(self, layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
        """The addition to the output of fused linears, [B, T, O]."""
        blocks, names = self.block_LB[layer], self.pool.groups[group]
        if all(block == NO_BLOCK for block in blocks):
            return None
        a_PIs, b_PrO = self.pool.factors[group]
        first = self.pool.linears.index(names[0])
        gains_B1s = self.gains_BLMr[:, layer, first : first + len(names)].flatten(1)[:, None]
        if len(set(blocks)) == 1:  # all share their factors
            a, b = a_PIs[blocks[0]], b_PrO[blocks[0]]
        else:  # rows of the base take any block: their gains are zero
            chosen_B = torch.tensor([max(block, 0) for block in blocks], device=x_BTI.device)
            a, b = a_PIs[chosen_B], b_PrO[chosen_B]
        reduced_BTs = x_BTI @ a * gains_B1s.to(x_BTI.dtype)
        outputs = [self.pool.sizes[name][1] for name in names]
        parts = zip(reduced_BTs.chunk(len(names), -1), b.split_with_sizes(outputs, -1), strict=True)
        return torch.cat([part_BTr @ b_rO for part_BTr, b_rO in parts], -1)
