"""One token for every sequence of a batch, by one function that all threads run together.

Each thread takes its share of every matrix's output columns (its heads, in attention); what all
must see goes through shared buffers with a barrier behind it. What is cheap (norms, the adapters'
inner products) every thread computes for itself. All sums are in float32 and in an order that does
not depend on the other sequences.

numba keeps the compiled code, and makes it anew when this file changes, not when one of those that
it imports does: touch this file after a change there.

Letters as in `arguments`; H heads, G key-value heads, S tokens kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from hypernet.engine.cpu.attention import attend, place
from hypernet.engine.cpu.barrier import meet, share
from hypernet.engine.cpu.linear import expand, multiply, reduce, scale, tiles_of
from hypernet.engine.cpu.scalars import COMPILED, exp, widen
from hypernet.engine.cpu.weights import GROUP, TILE

if TYPE_CHECKING:
    from hypernet.engine.cpu.arguments import Adapters, Model, Work

_f = np.float32


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def decode(
    part: int, parts: int, model: Model, adapters: Adapters, cos: Any, sin: Any, k_cache: Any,
    v_cache: Any, tokens: Any, lengths: Any, slots: Any, work: Work,
) -> None:  # fmt: skip
    """One thread's part of a step; `work.logits` [R, V] is whole when all have returned.

    Args:
        part: which thread this is, of `parts`.
        parts: how many there are.
        model: the base.
        adapters: the slot pool.
        cos: [window, d/2], of the rotary embedding; so `sin`.
        sin: see `cos`.
        k_cache: [L, rows, G, S, d], written at each row's length; so `v_cache`.
        v_cache: see `k_cache`.
        tokens: int64 [R], each row's newest token.
        lengths: int64 [R], tokens each row has in the cache.
        slots: int64 [R], each row's adapter; 0 is none.
        work: buffers.
    """
    rows, hidden = tokens.shape[0], model.norm.shape[0]
    heads, kv_heads, size = model.heads, model.kv_heads, k_cache.shape[4]
    rank = adapters.qkv.b.shape[1]
    x, qkv = work.x, work.qkv
    private, sums = work.inner[part], work.sums[part]
    head_tiles = size // TILE
    first, last = share(heads + 2 * kv_heads, part, parts)
    units_first, units_last = share(rows * heads, part, parts)
    o_first, o_last = share(model.o.q.shape[1], part, parts)
    wide = model.down.q.shape[2] * GROUP
    wide_first, wide_last = share(wide // TILE, part, parts)
    down_first, down_last = share(model.down.q.shape[1], part, parts)
    starts = np.array([0, heads * size, (heads + kv_heads) * size, (heads + 2 * kv_heads) * size])
    ends, halves = np.array([0, hidden]), np.array([0, wide, 2 * wide])
    # Of these inputs, by tiles, this thread computes the adapters' inner products.
    in_first, in_last = share(tiles_of(hidden), part, parts)
    at_first, at_last = share(tiles_of(heads * size), part, parts)
    scaled, blocks = work.scaled[part], np.empty(rows, np.int64)
    reduced, reduced_down = work.reduced[0], work.reduced[1]

    for row in range(rows):
        for i in range(o_first * TILE, min(o_last * TILE, hidden)):
            x[row, i] = widen(model.embed[tokens[row], i])
    meet(work.counter, parts)

    for layer in range(model.norm1.shape[0]):
        adapted = False
        for row in range(rows):
            blocks[row] = adapters.block[slots[row], layer]
            adapted |= blocks[row] >= 0

        _normalise(x, model.norm1[layer], model.eps, private, rows)
        if adapted:
            reduce(adapters.qkv, blocks, private, in_first, in_last, reduced, rows)
        multiply(model.qkv, layer, private, hidden, sums, qkv, first * head_tiles,
                  last * head_tiles, rows)  # fmt: skip
        if adapted:
            meet(work.counter, parts)
            scale(reduced, tiles_of(hidden), adapters, layer, slots, 0, 3 * rank, scaled)
            expand(adapters.qkv, blocks, scaled, qkv, starts, first * size, last * size, rows)
        for row in range(rows):
            for head in range(first, last):
                place(row, head, layer, model, qkv, cos, sin, lengths[row], k_cache, v_cache)
        meet(work.counter, parts)

        for unit in range(units_first, units_last):
            row, head = unit // heads, unit % heads
            group = head // (heads // kv_heads)
            attend(
                qkv[row, head * size : (head + 1) * size],
                k_cache[layer, row, group], v_cache[layer, row, group], lengths[row] + 1,
                work.scores[part], work.attended[row, head * size : (head + 1) * size],
            )  # fmt: skip
        meet(work.counter, parts)

        if adapted:
            reduce(adapters.o, blocks, work.attended, at_first, at_last, reduced, rows)
        multiply(model.o, layer, work.attended, heads * size, sums, work.wide, o_first, o_last,
                  rows)  # fmt: skip
        if adapted:
            meet(work.counter, parts)
            scale(reduced, tiles_of(heads * size), adapters, layer, slots, 3 * rank, rank, scaled)
            expand(adapters.o, blocks, scaled, work.wide, ends, o_first * TILE, o_last * TILE,
                    rows)  # fmt: skip
        for row in range(rows):
            for i in range(o_first * TILE, min(o_last * TILE, hidden)):
                x[row, i] += work.wide[row, i]
        meet(work.counter, parts)

        _normalise(x, model.norm2[layer], model.eps, private, rows)
        if adapted:
            reduce(adapters.gate_up, blocks, private, in_first, in_last, reduced, rows)
        multiply(model.gate_up, layer, private, hidden, sums, work.wide, wide_first, wide_last,
                  rows)  # fmt: skip
        multiply(model.gate_up, layer, private, hidden, sums, work.wide,
                  wide // TILE + wide_first, wide // TILE + wide_last, rows)  # fmt: skip
        if adapted:
            meet(work.counter, parts)
            scale(reduced, tiles_of(hidden), adapters, layer, slots, 4 * rank, 2 * rank, scaled)
            for start in (wide_first * TILE, wide + wide_first * TILE):
                end = start + (wide_last - wide_first) * TILE
                expand(adapters.gate_up, blocks, scaled, work.wide, halves, start, end, rows)
        for row in range(rows):
            for i in range(wide_first * TILE, wide_last * TILE):
                gate = work.wide[row, i]
                work.active[row, i] = gate / (_f(1) + exp(-gate)) * work.wide[row, wide + i]
        if adapted:  # of what this thread has just computed; the others still read `reduced`
            reduce(adapters.down, blocks, work.active, wide_first, wide_last, reduced_down, rows)
        meet(work.counter, parts)

        multiply(model.down, layer, work.active, wide, sums, work.wide, down_first, down_last,
                  rows)  # fmt: skip
        if adapted:
            scale(reduced_down, tiles_of(wide), adapters, layer, slots, 6 * rank, rank, scaled)
            expand(adapters.down, blocks, scaled, work.wide, ends, down_first * TILE,
                    down_last * TILE, rows)  # fmt: skip
        for row in range(rows):
            for i in range(down_first * TILE, min(down_last * TILE, hidden)):
                x[row, i] += work.wide[row, i]
        meet(work.counter, parts)

    _normalise(x, model.norm, model.eps, private, rows)
    vocabulary_first, vocabulary_last = share(model.head.q.shape[1], part, parts)
    multiply(model.head, 0, private, hidden, sums, work.logits, vocabulary_first,
              vocabulary_last, rows)  # fmt: skip
    meet(work.counter, parts)


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _normalise(x: Any, weight: Any, eps: Any, y: Any, rows: int) -> None:
    """y[:rows] = RMSNorm of x[:rows]."""
    size = weight.shape[0]
    for row in range(rows):
        total = _f(0)
        for i in range(size):
            total += x[row, i] * x[row, i]
        factor = _f(1) / np.sqrt(total / _f(size) + eps)
        for i in range(size):
            y[row, i] = x[row, i] * factor * weight[i]
