"""What a decode step is given: the base, the adapters and the buffers, as tuples of arrays.

Letters: R sequences, L layers, D hidden size, d head size, N a matrix's outputs, T its tiles of 64
outputs, V vocabulary, r adapter rank.
"""

from __future__ import annotations

from typing import Any, NamedTuple


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
