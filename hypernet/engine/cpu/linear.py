"""Linears in compiled code: products with quantised weights, and the adapters' additions to them.

All sums are in float32 and in an order that does not depend on the other sequences. Letters as in
`arguments`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from hypernet.engine.cpu.scalars import COMPILED
from hypernet.engine.cpu.vectors import LANES, add_product, dot_group
from hypernet.engine.cpu.weights import GROUP, TILE

if TYPE_CHECKING:
    from hypernet.engine.cpu.arguments import Adapters, Bank, Matrix

_dot1, _dot2, _dot4, _dot8 = dot_group(1), dot_group(2), dot_group(4), dot_group(8)
_add1, _add2, _add4, _add8 = (add_product(rows, 1) for rows in (1, 2, 4, 8))
_add1x2, _add2x2, _add4x2 = (add_product(rows, 2) for rows in (1, 2, 4))
_f = np.float32


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def multiply(
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


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def tiles_of(count: int) -> int:
    """Tiles that this many inputs take."""
    return -(-count // TILE)


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def reduce(bank: Bank, blocks: Any, x: Any, first: int, last: int, reduced: Any, rows: int) -> None:
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


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def scale(
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


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def expand(
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


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def _alike(blocks: Any, row: int, rows: int) -> int:
    """How many rows from this one on, 8, 4, 2 or 1, use the same factors."""
    count = 1
    while row + count < rows and count < 8 and blocks[row + count] == blocks[row]:
        count += 1
    return 8 if count == 8 else 4 if count >= 4 else 2 if count >= 2 else 1


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
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
