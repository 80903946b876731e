"""One token for every row of a batch, by one function that all threads run together.

Each thread takes its share of every matrix's output columns (its heads, in attention); what all
must see goes through shared buffers with a barrier behind it. What is cheap (norms, the adapters'
inner products) every thread computes for itself. All sums are in float32 and in an order that does
not depend on the other rows. Knows nothing of requests, slots or torch.

Letters: R rows, L layers, D hidden size, H heads, G key-value heads, d head size, S tokens kept,
N a matrix's outputs, T its tiles of 64 outputs, r adapter rank.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from hypernet.engine.cpu.vectors import (
    LANES,
    add_product,
    arrive,
    arrived,
    dot_group,
    give_way,
    narrow,
    pause,
    power_of_two,
    widen,
)
from hypernet.engine.cpu.weights import GROUP, TILE

SPINS = 2000

_dot1, _dot2, _dot4, _dot8 = dot_group(1), dot_group(2), dot_group(4), dot_group(8)
_add1, _add2, _add4, _add8 = (add_product(rows, 1) for rows in (1, 2, 4, 8))
_add1x2, _add2x2, _add4x2 = (add_product(rows, 2) for rows in (1, 2, 4))
_COMPILED: dict[str, Any] = {
    "nogil": True, "cache": True, "error_model": "numpy",
    # No flag that lets the compiler assume there are no NaNs: the engine looks for them.
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
}  # fmt: skip
_f = np.float32


class Matrix(NamedTuple):
    """Quantised weights of one linear (or several fused) in all layers; see `weights`."""

    q: Any
    """uint8 [L, T, inputs/32, 16, 64] of 4 bits, or int8 [L, T, inputs/32, 32, 64]."""
    d: Any
    """float16 as uint16 [L, T, inputs/32, 64]."""
    m: Any
    """As d; [1, 1, 1, 1] where there are no offsets."""


class Model(NamedTuple):
    """What of the base a decode step reads."""

    embed: Any
    """[V, D], bfloat16 as uint16, or float32."""
    norm1: Any
    norm2: Any
    norm: Any
    qkv_bias: Any
    """[L, N] or [0, 0]."""
    q_norm: Any
    """[L, d] or [0, 0]; so `k_norm`."""
    k_norm: Any
    qkv: Matrix
    o: Matrix
    gate_up: Matrix
    down: Matrix
    head: Matrix
    heads: int
    kv_heads: int
    eps: Any


class Bank(NamedTuple):
    """Adapter factors by block (one layer of one set of factors), fused as the matrices are."""

    a: Any
    """[blocks, inputs, linears * r]."""
    b: Any
    """[blocks, r, outputs]; an output belongs to one linear."""


class Adapters(NamedTuple):
    """The slot pool as a decode step sees it."""

    qkv: Bank
    o: Bank
    gate_up: Bank
    down: Bank
    block: Any
    """int32 [slots, L]: where a slot's factors of a layer lie, -1 for none."""
    gains: Any
    """float32 [slots, L, 7 * r]."""


class Work(NamedTuple):
    """Buffers: shared ones [R, ...], private ones [threads, ...]."""

    counter: Any
    x: Any
    attended: Any
    active: Any
    qkv: Any
    wide: Any
    inner: Any
    sums: Any
    scores: Any
    reduced: Any
    """[2, tiles, R, 3 * r], shared: inner products with A by tiles of inputs.
    `down` has the second half."""
    scaled: Any
    logits: Any


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
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
    first, last = _share(heads + 2 * kv_heads, part, parts)
    units_first, units_last = _share(rows * heads, part, parts)
    o_first, o_last = _share(model.o.q.shape[1], part, parts)
    wide = model.down.q.shape[2] * GROUP
    wide_first, wide_last = _share(wide // TILE, part, parts)
    down_first, down_last = _share(model.down.q.shape[1], part, parts)
    starts = np.array([0, heads * size, (heads + kv_heads) * size, (heads + 2 * kv_heads) * size])
    ends, halves = np.array([0, hidden]), np.array([0, wide, 2 * wide])
    # Of these inputs, by tiles, this thread computes the adapters' inner products.
    in_first, in_last = _share(_tiles(hidden), part, parts)
    at_first, at_last = _share(_tiles(heads * size), part, parts)
    scaled, blocks = work.scaled[part], np.empty(rows, np.int64)
    reduced, reduced_down = work.reduced[0], work.reduced[1]

    for row in range(rows):
        for i in range(o_first * TILE, min(o_last * TILE, hidden)):
            x[row, i] = widen(model.embed[tokens[row], i])
    _meet(work.counter, parts)

    for layer in range(model.norm1.shape[0]):
        adapted = False
        for row in range(rows):
            blocks[row] = adapters.block[slots[row], layer]
            adapted |= blocks[row] >= 0

        _normalise(x, model.norm1[layer], model.eps, private, rows)
        if adapted:
            _reduce(adapters.qkv, blocks, private, in_first, in_last, reduced, rows)
        _multiply(model.qkv, layer, private, hidden, sums, qkv, first * head_tiles,
                  last * head_tiles, rows)  # fmt: skip
        if adapted:
            _meet(work.counter, parts)
            _scale(reduced, _tiles(hidden), adapters, layer, slots, 0, 3 * rank, scaled)
            _expand(adapters.qkv, blocks, scaled, qkv, starts, first * size, last * size, rows)
        for row in range(rows):
            for head in range(first, last):
                _place(row, head, layer, model, qkv, cos, sin, lengths[row], k_cache, v_cache)
        _meet(work.counter, parts)

        for unit in range(units_first, units_last):
            row, head = unit // heads, unit % heads
            group = head // (heads // kv_heads)
            _attend(
                qkv[row, head * size : (head + 1) * size],
                k_cache[layer, row, group], v_cache[layer, row, group], lengths[row] + 1,
                work.scores[part], work.attended[row, head * size : (head + 1) * size],
            )  # fmt: skip
        _meet(work.counter, parts)

        if adapted:
            _reduce(adapters.o, blocks, work.attended, at_first, at_last, reduced, rows)
        _multiply(model.o, layer, work.attended, heads * size, sums, work.wide, o_first, o_last,
                  rows)  # fmt: skip
        if adapted:
            _meet(work.counter, parts)
            _scale(reduced, _tiles(heads * size), adapters, layer, slots, 3 * rank, rank, scaled)
            _expand(adapters.o, blocks, scaled, work.wide, ends, o_first * TILE, o_last * TILE,
                    rows)  # fmt: skip
        for row in range(rows):
            for i in range(o_first * TILE, min(o_last * TILE, hidden)):
                x[row, i] += work.wide[row, i]
        _meet(work.counter, parts)

        _normalise(x, model.norm2[layer], model.eps, private, rows)
        if adapted:
            _reduce(adapters.gate_up, blocks, private, in_first, in_last, reduced, rows)
        _multiply(model.gate_up, layer, private, hidden, sums, work.wide, wide_first, wide_last,
                  rows)  # fmt: skip
        _multiply(model.gate_up, layer, private, hidden, sums, work.wide,
                  wide // TILE + wide_first, wide // TILE + wide_last, rows)  # fmt: skip
        if adapted:
            _meet(work.counter, parts)
            _scale(reduced, _tiles(hidden), adapters, layer, slots, 4 * rank, 2 * rank, scaled)
            for start in (wide_first * TILE, wide + wide_first * TILE):
                end = start + (wide_last - wide_first) * TILE
                _expand(adapters.gate_up, blocks, scaled, work.wide, halves, start, end, rows)
        for row in range(rows):
            for i in range(wide_first * TILE, wide_last * TILE):
                gate = work.wide[row, i]
                work.active[row, i] = gate / (_f(1) + _exp(-gate)) * work.wide[row, wide + i]
        if adapted:  # of what this thread has just computed; the others still read `reduced`
            _reduce(adapters.down, blocks, work.active, wide_first, wide_last, reduced_down, rows)
        _meet(work.counter, parts)

        _multiply(model.down, layer, work.active, wide, sums, work.wide, down_first, down_last,
                  rows)  # fmt: skip
        if adapted:
            _scale(reduced_down, _tiles(wide), adapters, layer, slots, 6 * rank, rank, scaled)
            _expand(adapters.down, blocks, scaled, work.wide, ends, down_first * TILE,
                    down_last * TILE, rows)  # fmt: skip
        for row in range(rows):
            for i in range(down_first * TILE, min(down_last * TILE, hidden)):
                x[row, i] += work.wide[row, i]
        _meet(work.counter, parts)

    _normalise(x, model.norm, model.eps, private, rows)
    vocabulary_first, vocabulary_last = _share(model.head.q.shape[1], part, parts)
    _multiply(model.head, 0, private, hidden, sums, work.logits, vocabulary_first,
              vocabulary_last, rows)  # fmt: skip
    _meet(work.counter, parts)


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _share(count: int, part: int, parts: int) -> tuple[int, int]:
    return count * part // parts, count * (part + 1) // parts


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _meet(counter: Any, parts: int) -> None:
    """Wait until every thread has come here."""
    if parts == 1:
        return
    mine = arrive(counter)
    wanted = (mine // parts + 1) * parts
    spins = 0
    while arrived(counter) < wanted:
        spins += 1
        if spins < SPINS:
            pause()
        else:  # the others may be waiting for this very core
            give_way()


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _multiply(
    matrix: Matrix, layer: int, x: Any, inputs: int, sums: Any, y: Any, first: int, last: int,
    rows: int,
) -> None:  # fmt: skip
    """y[:rows, tiles first to last] = x[:rows] times the matrix."""
    groups = inputs // GROUP
    q, d, m = matrix.q[layer], matrix.d[layer], matrix.m[min(layer, matrix.m.shape[0] - 1)]
    deep = q.shape[2]
    if m.shape[2] > 1:
        for row in range(rows):
            for group in range(groups):
                total = _f(0)
                for i in range(group * GROUP, (group + 1) * GROUP):
                    total += x[row, i]
                sums[row, group] = total
    flat_q, flat_d, offsets, flat_x = q.reshape(-1), d.reshape(-1), m.reshape(-1), x.reshape(-1)
    flat_s, flat_y = sums.reshape(-1), y.reshape(-1)
    x_step, s_step, y_step = x.shape[1], sums.shape[1], y.shape[1]
    for row in range(rows):
        for n in range(first * TILE, last * TILE):
            y[row, n] = _f(0)
    for tile in range(first, last):
        row = 0
        while row < rows:
            left = rows - row
            y_at = row * y_step + tile * TILE
            for group in range(groups):
                s_at = (tile * groups + group) * TILE
                q_at = s_at * deep
                x_at, sum_at = row * x_step + group * GROUP, row * s_step + group
                for j in range(0, TILE, LANES):
                    if left >= 8:
                        _dot8(flat_q, q_at + j, TILE, flat_d, offsets, s_at + j, flat_x, x_at,
                              x_step, flat_s, sum_at, s_step, flat_y, y_at + j, y_step)  # fmt: skip
                    elif left >= 4:
                        _dot4(flat_q, q_at + j, TILE, flat_d, offsets, s_at + j, flat_x, x_at,
                              x_step, flat_s, sum_at, s_step, flat_y, y_at + j, y_step)  # fmt: skip
                    elif left >= 2:
                        _dot2(flat_q, q_at + j, TILE, flat_d, offsets, s_at + j, flat_x, x_at,
                              x_step, flat_s, sum_at, s_step, flat_y, y_at + j, y_step)  # fmt: skip
                    else:
                        _dot1(flat_q, q_at + j, TILE, flat_d, offsets, s_at + j, flat_x, x_at,
                              x_step, flat_s, sum_at, s_step, flat_y, y_at + j, y_step)  # fmt: skip
            row += 8 if left >= 8 else 4 if left >= 4 else 2 if left >= 2 else 1


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _tiles(count: int) -> int:
    return -(-count // TILE)


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _reduce(
    bank: Bank, blocks: Any, x: Any, first: int, last: int, reduced: Any, rows: int
) -> None:
    """reduced[tile] = x · A over the inputs of a tile, for tiles first to last.

    By tiles, so that the sum does not depend on how many threads share the work.
    """
    inputs, wide = bank.a.shape[1], bank.a.shape[2]
    flat = bank.a.reshape(-1)
    for tile in range(first, last):
        at, depth = tile * TILE, min(TILE, inputs - tile * TILE)
        for row in range(rows):
            for c in range(wide):
                reduced[tile, row, c] = _f(0)
        row = 0
        while row < rows:
            count = _alike(blocks, row, rows)
            if blocks[row] >= 0:
                _add_product(count, flat, (blocks[row] * inputs + at) * wide, wide, depth, x, row,
                             at, reduced[tile], 0, wide)  # fmt: skip
            row += count


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _scale(
    reduced: Any, tiles: int, adapters: Adapters, layer: int, slots: Any, first: int, wide: int,
    scaled: Any,
) -> None:  # fmt: skip
    """scaled = the sum over tiles times each row's gains, which begin at `first`."""
    for row in range(len(slots)):
        gains = adapters.gains[slots[row], layer]
        for c in range(wide):
            scaled[row, c] = _f(0)
        for tile in range(tiles):
            for c in range(wide):
                scaled[row, c] += reduced[tile, row, c]
        for c in range(wide):
            scaled[row, c] *= gains[first + c]


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _expand(
    bank: Bank, blocks: Any, scaled: Any, y: Any, starts: Any, first: int, last: int, rows: int
) -> None:
    """y[:rows, first:last] += scaled · B, for fused linears that start at `starts`."""
    rank, wide = bank.b.shape[1], bank.b.shape[2]
    flat = bank.b.reshape(-1)
    row = 0
    while row < rows:
        count = _alike(blocks, row, rows)
        if blocks[row] >= 0:
            for linear in range(len(starts) - 1):
                low, high = max(first, starts[linear]), min(last, starts[linear + 1])
                at = blocks[row] * rank * wide
                _add_product(count, flat, at + low, wide, rank, scaled, row, linear * rank, y, low,
                             high)  # fmt: skip
        row += count


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _alike(blocks: Any, row: int, rows: int) -> int:
    """How many rows from this one on, 8, 4, 2 or 1, use the same factors."""
    count = 1
    while row + count < rows and count < 8 and blocks[row + count] == blocks[row]:
        count += 1
    return 8 if count == 8 else 4 if count >= 4 else 2 if count >= 2 else 1


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _add_product(
    count: int, m: Any, m_at: int, m_step: int, depth: int, x: Any, row: int, x_first: int, y: Any,
    first: int, last: int,
) -> None:  # fmt: skip
    """y[row:row + count, first:last] += x · m; the first of these columns of m is at `m_at`."""
    flat_x, flat_y, x_step, y_step = x.reshape(-1), y.reshape(-1), x.shape[1], y.shape[1]
    x_at = row * x_step + x_first
    n = first
    while n < last:
        at, y_at = m_at + n - first, row * y_step + n
        wide = count < 8 and n + 2 * LANES <= last
        if count == 8:
            _add8(m, at, m_step, depth, flat_x, x_at, x_step, flat_y, y_at, y_step)
        elif count == 4 and wide:
            _add4x2(m, at, m_step, depth, flat_x, x_at, x_step, flat_y, y_at, y_step)
        elif count == 4:
            _add4(m, at, m_step, depth, flat_x, x_at, x_step, flat_y, y_at, y_step)
        elif count == 2 and wide:
            _add2x2(m, at, m_step, depth, flat_x, x_at, x_step, flat_y, y_at, y_step)
        elif count == 2:
            _add2(m, at, m_step, depth, flat_x, x_at, x_step, flat_y, y_at, y_step)
        elif wide:
            _add1x2(m, at, m_step, depth, flat_x, x_at, x_step, flat_y, y_at, y_step)
        else:
            _add1(m, at, m_step, depth, flat_x, x_at, x_step, flat_y, y_at, y_step)
        n += 2 * LANES if wide else LANES


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _place(
    row: int, head: int, layer: int, model: Model, qkv: Any, cos: Any, sin: Any, position: int,
    k_cache: Any, v_cache: Any,
) -> None:  # fmt: skip
    """Finish a head: bias, norm, rotation; keys and values go into the cache."""
    size, heads, kv_heads = k_cache.shape[4], model.heads, model.kv_heads
    y = qkv[row, head * size : (head + 1) * size]
    if model.qkv_bias.shape[0] > 0:
        for i in range(size):
            y[i] += model.qkv_bias[layer, head * size + i]
    if head >= heads + kv_heads:
        target = v_cache[layer, row, head - heads - kv_heads, position]
        for i in range(size):
            target[i] = narrow(target, y[i])
        return
    if model.q_norm.shape[0] > 0:
        weight = model.q_norm[layer] if head < heads else model.k_norm[layer]
        total = _f(0)
        for i in range(size):
            total += y[i] * y[i]
        factor = _f(1) / np.sqrt(total / _f(size) + model.eps)
        for i in range(size):
            y[i] *= factor * weight[i]
    half = size // 2
    for i in range(half):
        left, right = y[i], y[half + i]
        y[i] = left * cos[position, i] - right * sin[position, i]
        y[half + i] = right * cos[position, i] + left * sin[position, i]
    if head >= heads:
        target = k_cache[layer, row, head - heads, position]
        for i in range(size):
            target[i] = narrow(target, y[i])


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _attend(q: Any, k: Any, v: Any, length: int, scores: Any, y: Any) -> None:
    """y = softmax(q · k) · v over the first `length` tokens of one head."""
    size = q.shape[0]
    scale = _f(1) / np.sqrt(_f(size))
    highest = _f(-np.inf)
    for s in range(length):
        total = _f(0)
        for i in range(size):
            total += q[i] * widen(k[s, i])
        scores[s] = total * scale
        highest = max(highest, scores[s])
    whole = _f(0)
    for s in range(length):
        scores[s] = _exp(scores[s] - highest)
        whole += scores[s]
    for i in range(size):
        y[i] = _f(0)
    for s in range(length):
        share = scores[s] / whole
        for i in range(size):
            y[i] += share * widen(v[s, i])


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _normalise(x: Any, weight: Any, eps: Any, y: Any, rows: int) -> None:
    size = weight.shape[0]
    for row in range(rows):
        total = _f(0)
        for i in range(size):
            total += x[row, i] * x[row, i]
        factor = _f(1) / np.sqrt(total / _f(size) + eps)
        for i in range(size):
            y[row, i] = x[row, i] * factor * weight[i]


@njit(**_COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _exp(x: Any) -> Any:
    """e to the x, good to float32's last bits; the compiler can run many at once, unlike libm's.

    2^n times the Taylor series of e^t, t within ±ln(2)/2.
    """
    x = min(max(x, _f(-87.0)), _f(88.0))
    n = np.floor(x * _f(1.44269504) + _f(0.5))
    t = (x - n * _f(0.693359375)) + n * _f(2.12194440e-4)
    series = _f(1.0 / 5040)
    for c in (1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0):
        series = series * t + _f(c)
    return series * power_of_two(np.int32(n))
