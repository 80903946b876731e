"""Owns what a CPU decode step needs: the quantised weights, the threads, and the buffers.

The compiled function is `decode.decode`; all threads run it together.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from hypernet.base_model.kv_cache import RowCache
from hypernet.engine.cpu.arguments import Adapters, Bank, Matrix, Model, Work
from hypernet.engine.cpu.decode import decode
from hypernet.engine.cpu.threads import ThreadCount
from hypernet.engine.cpu.weights import GROUP, HEAD, TILE
from hypernet.engine.torch.slots import RANKS, SlotPool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from hypernet.base_model.llama import Llama


APART = 16
"""Floats between rows: rows a power of two apart would fight for the same cache lines."""


class CpuDecoder:
    """Decode steps for up to `rows` sequences. To be called from one thread at a time."""

    def __init__(
        self,
        llama: Llama,
        tensors: Mapping[str, NDArray[Any]],
        rows: int,
        threads: int | None = None,
    ) -> None:
        c = llama.config
        self.vocab, self.rows = c.vocab, rows
        self.threads = threads or torch.get_num_threads()
        matrix = {
            name: Matrix(*(tensors[f"{name}.{part}"] for part in "qdm"))
            for name in ("qkv", "o", "gate_up", "down", HEAD)
        }
        self.model = Model(
            embed=stored(llama.weights["model.embed_tokens.weight"]),
            norm1=_floats(llama.stacked("input_layernorm.weight")),
            norm2=_floats(llama.stacked("post_attention_layernorm.weight")),
            norm=_floats(llama.weights["model.norm.weight"]),
            qkv_bias=_floats(llama.stacked_bias("qkv")),
            q_norm=_floats(llama.stacked("self_attn.q_norm.weight")),
            k_norm=_floats(llama.stacked("self_attn.k_norm.weight")),
            qkv=matrix["qkv"],
            o=matrix["o"],
            gate_up=matrix["gate_up"],
            down=matrix["down"],
            head=matrix[HEAD],
            heads=c.heads,
            kv_heads=c.kv_heads,
            eps=np.float32(c.norm_eps),
        )
        angles = torch.arange(c.window)[:, None].float() * llama.inverse_frequency.cpu()
        self.cos = (angles.cos() * c.rope_scale).numpy()
        self.sin = (angles.sin() * c.rope_scale).numpy()
        self._count = ThreadCount(self.threads)
        self._counter = np.zeros(1, np.int64)
        self._scores = np.zeros((self.threads, 0), np.float32)
        self._buffers: dict[str, NDArray[Any]] = {}
        self._others = ThreadPoolExecutor(
            max(1, self.threads - 1), thread_name_prefix="hypernet-decode"
        )

    def step(
        self, cache: RowCache, pool: SlotPool, tokens: Sequence[int], slots: Sequence[int]
    ) -> Tensor:
        """Logits [R, V], in float32, after one more token of the first rows of the cache.

        The caller has made room for the tokens and counts them afterwards. The result is
        overwritten by the next step.
        """
        work = self._work(len(tokens), cache.capacity, pool.rank)
        qkv, o, gate_up, down = (Bank(stored(a), stored(b)) for a, b in pool.factors.values())
        adapters = Adapters(
            qkv, o, gate_up, down, block=pool.block_SL.numpy(), gains=pool.gains_SLr.numpy()
        )
        parts, began, ran = self._count.now, time.perf_counter(), time.thread_time()
        self._counter[0] = 0
        arguments: tuple[Any, ...] = (
            parts, self.model, adapters, self.cos, self.sin, stored(cache.k),
            stored(cache.v), np.array(tokens, np.int64),
            np.array(cache.length_R[: len(tokens)], np.int64), np.array(slots, np.int64), work,
        )  # fmt: skip
        others = [self._others.submit(decode, part, *arguments) for part in range(1, parts)]
        decode(0, *arguments)
        for other in others:
            other.result()
        self._count.saw(time.perf_counter() - began, time.thread_time() - ran)
        return torch.from_numpy(work.logits[: len(tokens), : self.vocab])

    def warm(self, llama: Llama) -> None:
        """Compile what is not compiled yet, by a step on a row of its own."""
        cache = RowCache(llama.config, 1, llama.dtype, llama.device)
        pool = SlotPool(llama.config, 1, RANKS, llama.dtype, llama.device)
        self.step(cache, pool, [0], [0])
        self._buffers = {}  # made anew for the rank in use

    def close(self) -> None:
        """Stop the threads."""
        self._others.shutdown()

    def _work(self, rows: int, capacity: int, rank: int) -> Work:
        """Buffers for this many rows, made once for the most."""
        if self._scores.shape[1] < capacity:
            self._scores = np.zeros((self.threads, capacity), np.float32)
        if not self._buffers:
            hidden = self.model.norm.shape[0]
            tiles = {name: matrix.q.shape[1] * TILE for name, matrix in
                     (("qkv", self.model.qkv), ("o", self.model.o), ("wide", self.model.gate_up),
                      ("head", self.model.head))}  # fmt: skip
            attended = self.model.o.q.shape[2] * GROUP
            active = self.model.down.q.shape[2] * GROUP
            shapes = {
                "x": (self.rows, hidden),
                "attended": (self.rows, attended),
                "active": (self.rows, active),
                "qkv": (self.rows, tiles["qkv"]),
                "wide": (self.rows, max(tiles["wide"], tiles["o"])),
                "inner": (self.threads, self.rows, hidden),
                "sums": (self.threads, self.rows, max(hidden, attended, active) // GROUP),
                "reduced": (2, -(-max(hidden, attended, active) // TILE), self.rows, 3 * rank),
                "scaled": (self.threads, self.rows, 3 * rank),
                "logits": (self.rows, tiles["head"]),
            }
            self._buffers = {
                name: np.zeros((*shape[:-1], shape[-1] + APART), np.float32)
                for name, shape in shapes.items()
            }
        return Work(counter=self._counter, scores=self._scores, **self._buffers)


def stored(tensor: Tensor) -> NDArray[Any]:
    """A tensor's memory as the kernels read it: bfloat16 as uint16, float32 as it is."""
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.uint16).numpy()
    return tensor.numpy()


def _floats(tensor: Tensor | None) -> NDArray[np.float32]:
    """Float32; of no rows where the model has no such weight."""
    return np.zeros((0, 0), np.float32) if tensor is None else tensor.float().numpy()
