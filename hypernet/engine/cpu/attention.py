"""Attention in compiled code: a head's query, key and value into place, and what the query finds.

Letters as in `arguments`; S tokens kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from hypernet.engine.cpu.scalars import COMPILED, exp, narrow, widen

if TYPE_CHECKING:
    from hypernet.engine.cpu.arguments import Model

_f = np.float32


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def place(
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


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def attend(q: Any, k: Any, v: Any, length: int, scores: Any, y: Any) -> None:
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
        scores[s] = exp(scores[s] - highest)
        whole += scores[s]
    for i in range(size):
        y[i] = _f(0)
    for s in range(length):
        share = scores[s] / whole
        for i in range(size):
            y[i] += share * widen(v[s, i])
