"""What the engine asks of a frozen decoder: its sizes, and a forward pass with adapters per row.

Two implementations: `llama.py`, our own and fast, and `transformers_decoder.py`, transformers' own
modules. Letters: B rows, T new tokens, S all visible tokens, D hidden size,
G key-value heads, d head size, V vocabulary, O a linear's outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor


class UnsupportedModelError(ValueError):
    """The base model's config asks for something that is not done."""


class Delta(Protocol):
    """What adapters add to the output of linears."""

    def __call__(self, layer: int, group: str, x_BTD: Tensor, /) -> Tensor | None:
        """The addition to a group of linears, [B, T, O], or None where nothing is adapted."""
        ...


class Cache(Protocol):
    """Keys and values of the tokens before, per layer."""

    def extend(self, layer: int, k_BGTd: Tensor, v_BGTd: Tensor) -> tuple[Tensor, Tensor]:
        """Add the new tokens' keys and values; give back all visible ones, [B, G, S, d] each."""
        ...


class Shape(Protocol):
    """A decoder's sizes, and which of its linears an adapter may change."""

    @property
    def layers(self) -> int:
        """How many there are."""
        ...

    @property
    def hidden(self) -> int:
        """Size of a hidden state."""
        ...

    @property
    def kv_heads(self) -> int:
        """Key-value heads of a layer."""
        ...

    @property
    def head_dim(self) -> int:
        """Size of a head."""
        ...

    @property
    def vocab(self) -> int:
        """Logits per token."""
        ...

    @property
    def window(self) -> int:
        """The most tokens that a row may have."""
        ...

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Linears that read the same input run as one: the group's name, and what it joins."""
        ...

    def linear_sizes(self) -> dict[str, tuple[int, int]]:
        """(inputs, outputs) of each linear of a layer, in the order of the groups."""
        ...

    @property
    def paths(self) -> Mapping[str, str]:
        """Where each linear is, with the layer left open: `model.layers.{layer}.mlp.up_proj`."""
        ...

    def path(self, layer: int, linear: str) -> str:
        """The name that transformers and PEFT give a linear, without `.weight`."""
        ...


class Forward(Protocol):
    """A frozen decoder."""

    @property
    def exclusive(self) -> bool:
        """Whether `run` lets one thread in at a time: who waits inside keeps all others waiting."""
        ...

    @property
    def takes_side_by_side(self) -> bool:
        """Whether the cache of a run may be `kv_cache.SideBySide`."""
        ...

    @property
    def config(self) -> Shape:
        """Its sizes."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    def embed(self, ids_BT: Tensor) -> Tensor:
        """Token ids to hidden states [B, T, D]."""
        ...

    def run(
        self,
        x_BTD: Tensor,
        positions_BT: Tensor,
        cache: Cache,
        mask_BTS: Tensor | None,
        delta: Delta | None = None,
        layers: range | None = None,
    ) -> Tensor:
        """Hidden states through some layers (all unless given), [B, T, D]. Safe from any thread.

        Args:
            x_BTD: hidden states before the first of the layers.
            positions_BT: absolute positions.
            cache: holds what the new tokens may look back at.
            mask_BTS: True where token t may see s; None means causal with no earlier tokens.
            delta: the adapters; None runs the base alone.
            layers: which layers, in order, without a gap.
        """
        ...

    def logits(self, x_ND: Tensor) -> Tensor:
        """Next-token logits [..., V] of what `run` gave after the last layer."""
        ...
