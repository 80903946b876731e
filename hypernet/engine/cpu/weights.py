"""Quantised weights for the decode step: from a GGUF file's own blocks, or 8 bits from others.

Tiles of 64 outputs lie one after another, in each tile groups of 32 inputs, so a thread reads its
share straight through. Letters: O outputs, I inputs, g groups of 32 inputs, L layers, T tiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hypernet.base_model.llama import FUSED, linear_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from hypernet.base_model.llama import LlamaConfig

TILE, GROUP = 64, 32
HEAD = "head"
# Lengths of one block in bytes; layouts as in the GGUF specification.
Q4_1_BYTES, Q8_0_BYTES = 20, 34


@dataclass(frozen=True)
class Groups:
    """A linear's weights in groups of 32 inputs: w = d * q + m, or d * q without `m_Og`."""

    q_Og32: NDArray[Any]
    d_Og: NDArray[np.float16]
    m_Og: NDArray[np.float16] | None


def from_q4_1(raw: NDArray[np.uint8]) -> Groups:
    """Blocks of GGUF's Q4_1, [O, bytes]: nothing is quantised anew."""
    blocks = raw.reshape(raw.shape[0], -1, Q4_1_BYTES)
    both = blocks[..., 4:]
    return Groups(
        np.concatenate([both & 15, both >> 4], -1),
        np.ascontiguousarray(blocks[..., 0:2]).view(np.float16)[..., 0],
        np.ascontiguousarray(blocks[..., 2:4]).view(np.float16)[..., 0],
    )


def from_q8_0(raw: NDArray[np.uint8]) -> Groups:
    """Blocks of GGUF's Q8_0, [O, bytes]."""
    blocks = raw.reshape(raw.shape[0], -1, Q8_0_BYTES)
    scale = np.ascontiguousarray(blocks[..., 0:2]).view(np.float16)[..., 0]
    return Groups(np.ascontiguousarray(blocks[..., 2:]).view(np.int8), scale, None)


def quantise(weights_OI: NDArray[np.float32]) -> Groups:
    """8 bits to the nearest, each group of 32 inputs by its own largest value."""
    groups = weights_OI.reshape(len(weights_OI), -1, GROUP)
    d_Og = (np.abs(groups).max(-1) / 127).astype(np.float16)
    step = np.where(d_Og > 0, d_Og, 1).astype(np.float32)[..., None]
    return Groups(np.clip(np.rint(groups / step), -127, 127).astype(np.int8), d_Og, None)


def fits(config: LlamaConfig) -> bool:
    """Whether a base's sizes suit the tiles; others decode as they prefill."""
    return (
        config.head_dim % TILE == 0
        and config.intermediate % TILE == 0
        and config.hidden % GROUP == 0
    )


def lay_out(config: LlamaConfig, linear: Callable[[str], Groups]) -> dict[str, NDArray[Any]]:
    """All matrices as the decode step reads them, by name: `qkv.q`, `qkv.d`, `qkv.m`, ...

    Args:
        config: the base's sizes.
        linear: gives the weights of a path such as `model.layers.0.mlp.up_proj`, or of `head`.
    """
    tensors: dict[str, NDArray[Any]] = {}
    for group, names in FUSED.items():
        layers = [
            _tiles([linear(linear_path(layer, name)) for name in names])
            for layer in range(config.layers)
        ]
        tensors |= {f"{group}.{part}": np.stack([t[part] for t in layers]) for part in "qdm"}
    head = _tiles([linear(HEAD)])
    return tensors | {f"{HEAD}.{part}": head[part][None] for part in "qdm"}


def of_weights(
    config: LlamaConfig, weight: Callable[[str], NDArray[np.float32]]
) -> dict[str, NDArray[Any]]:
    """`lay_out` in 8 bits of weights [O, I] that are not quantised."""
    return lay_out(config, lambda path: quantise(weight(path)))


def unrotated(rows: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows of a q or k matrix in a model file's order; GGUF pairs them for another rope."""
    size = len(rows) // heads
    return rows.reshape(heads, size // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def from_gguf(config: LlamaConfig, tensors: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """`lay_out` of a GGUF file's own blocks.

    Args:
        config: the base's sizes.
        tensors: `gguf.ReaderTensor` by name.

    Raises:
        ValueError: a tensor is neither Q4_1 nor Q8_0, or fused ones differ.
    """
    readers = {"Q4_1": from_q4_1, "Q8_0": from_q8_0}
    names = {"q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
             "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down"}  # fmt: skip

    def linear(path: str) -> Groups:
        if path == HEAD:
            name = "output.weight" if "output.weight" in tensors else "token_embd.weight"
        else:
            _, _, layer, _, kind = path.split(".")
            name = f"blk.{layer}.{names[kind]}.weight"
        tensor = tensors[name]
        if tensor.tensor_type.name not in readers:
            raise ValueError(f"{name} is of type {tensor.tensor_type.name}")
        rows = np.asarray(tensor.data)
        if path.endswith(("q_proj", "k_proj")):
            heads = config.heads if path.endswith("q_proj") else config.kv_heads
            rows = unrotated(rows, heads)
        return readers[tensor.tensor_type.name](rows)

    return lay_out(config, linear)


def _tiles(linears: list[Groups]) -> dict[str, NDArray[Any]]:
    """Fused linears of one layer as tiles; outputs are filled up to whole tiles with zeros."""
    if len({groups.m_Og is None for groups in linears}) > 1:
        raise ValueError("fused linears are quantised in different ways")
    q_Og32 = np.concatenate([groups.q_Og32 for groups in linears])
    if linears[0].m_Og is None:
        m = np.zeros((1, 1, 1), np.uint16)
        deep = q_Og32
    else:
        m = _scales(np.concatenate([g.m_Og for g in linears if g.m_Og is not None]))
        half = GROUP // 2
        deep = q_Og32[..., :half] | (q_Og32[..., half:] << 4)
    q = _padded(deep).reshape(-1, TILE, *deep.shape[1:]).transpose(0, 2, 3, 1)
    d = _scales(np.concatenate([groups.d_Og for groups in linears]))
    return {"q": np.ascontiguousarray(q), "d": d, "m": m}


def _scales(x_Og: NDArray[np.float16]) -> NDArray[np.uint16]:
    tiles = _padded(x_Og).reshape(-1, TILE, x_Og.shape[1]).transpose(0, 2, 1)
    return np.ascontiguousarray(tiles).view(np.uint16)


def _padded(rows: NDArray[Any]) -> NDArray[Any]:
    missing = -len(rows) % TILE
    return np.pad(rows, [(0, missing)] + [(0, 0)] * (rows.ndim - 1))
