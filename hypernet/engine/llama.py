"""The forward pass of Llama-family decoders in plain torch, with a low-rank delta per row.

One pass serves and trains. Knows nothing of requests, sampling, tokenizers or hypernetworks.

Dimension letters: B rows, T new tokens, S all visible tokens, D hidden size, H query heads,
G key-value heads, d head size, V vocabulary, O a linear's outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
SUPPORTED = ("llama", "mistral", "qwen2", "qwen3")


class UnsupportedModelError(ValueError):
    """The base model's config asks for something this forward pass does not do."""


class Delta(Protocol):
    """What adapters add to a linear's output."""

    def __call__(self, layer: int, linear: str, x_BTD: Tensor, /) -> Tensor | None:
        """The addition, [B, T, O], or None where nothing is adapted."""
        ...


class Cache(Protocol):
    """Keys and values of the tokens before, per layer."""

    def extend(self, layer: int, k_BGTd: Tensor, v_BGTd: Tensor) -> tuple[Tensor, Tensor]:
        """Add the new tokens' keys and values; give back all visible ones, [B, G, S, d] each."""
        ...


@dataclass(frozen=True)
class LlamaConfig:
    """The sizes that the forward pass needs."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    window: int
    rope_theta: float
    norm_eps: float

    @classmethod
    def from_hf(cls, config: Mapping[str, Any]) -> LlamaConfig:
        """Read a `config.json`.

        Raises:
            UnsupportedModelError: another architecture, activation or rope variant.
        """
        kind = config.get("model_type")
        if kind not in SUPPORTED:
            raise UnsupportedModelError(
                f"model_type {kind!r} is not supported; supported: {', '.join(SUPPORTED)}"
            )
        if "auto_map" in config:
            raise UnsupportedModelError("config.json asks for remote code (auto_map): refused")
        if config.get("hidden_act", "silu") != "silu":
            raise UnsupportedModelError(f"hidden_act {config['hidden_act']!r} is not supported")
        rope = dict(config.get("rope_scaling") or {}) | dict(config.get("rope_parameters") or {})
        rope_type = rope.get("rope_type", rope.get("type", "default"))
        if rope_type != "default":
            raise UnsupportedModelError(f"rope type {rope_type!r} is not supported yet")
        if config.get("use_sliding_window") or (
            kind == "mistral" and config.get("sliding_window") is not None
        ):
            raise UnsupportedModelError("sliding-window attention is not supported yet")
        heads = int(config["num_attention_heads"])
        return cls(
            layers=int(config["num_hidden_layers"]),
            hidden=int(config["hidden_size"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=int(config.get("head_dim") or config["hidden_size"] // heads),
            intermediate=int(config["intermediate_size"]),
            vocab=int(config["vocab_size"]),
            window=int(config["max_position_embeddings"]),
            rope_theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0),
            norm_eps=float(config["rms_norm_eps"]),
        )

    def linear_sizes(self) -> dict[str, tuple[int, int]]:
        """(inputs, outputs) of each linear of a layer."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        return {
            "q_proj": (self.hidden, q),
            "k_proj": (self.hidden, kv),
            "v_proj": (self.hidden, kv),
            "o_proj": (q, self.hidden),
            "gate_proj": (self.hidden, self.intermediate),
            "up_proj": (self.hidden, self.intermediate),
            "down_proj": (self.intermediate, self.hidden),
        }


def linear_path(layer: int, linear: str) -> str:
    """The name that transformers and PEFT give a linear, without `.weight`."""
    block = "mlp" if linear in ("gate_proj", "up_proj", "down_proj") else "self_attn"
    return f"model.layers.{layer}.{block}.{linear}"


class Llama:
    """Frozen weights and the forward pass over any run of layers."""

    def __init__(self, config: LlamaConfig, weights: Mapping[str, Tensor]) -> None:
        self.config = config
        self.weights = {name: tensor.requires_grad_(False) for name, tensor in weights.items()}
        self.head_VD = self.weights.get("lm_head.weight", self.weights["model.embed_tokens.weight"])
        self.dtype, self.device = self.head_VD.dtype, self.head_VD.device
        half = torch.arange(0, config.head_dim, 2, dtype=torch.float32, device=self.device)
        self.inverse_frequency = config.rope_theta ** (-half / config.head_dim)

    def embed(self, ids_BT: Tensor) -> Tensor:
        """Token ids to hidden states [B, T, D]."""
        return F.embedding(ids_BT, self.weights["model.embed_tokens.weight"])

    def run(
        self,
        x_BTD: Tensor,
        positions_BT: Tensor,
        cache: Cache,
        mask_BTS: Tensor | None,
        delta: Delta | None = None,
        layers: range | None = None,
    ) -> Tensor:
        """Hidden states through some layers (all unless said).

        Args:
            x_BTD: hidden states before the first of the layers.
            positions_BT: absolute positions, for the rotary embedding.
            cache: holds what the new tokens may look back at.
            mask_BTS: True where token t may see s; None means causal with no earlier tokens.
            delta: the adapters; None runs the base alone.
            layers: which layers, in order.
        """
        angles_BTf = positions_BT[..., None].float() * self.inverse_frequency
        rope = torch.cat([angles_BTf, angles_BTf], -1)[:, None]
        cos, sin = rope.cos().to(self.dtype), rope.sin().to(self.dtype)
        mask = None if mask_BTS is None else mask_BTS[:, None]
        for layer in layers if layers is not None else range(self.config.layers):
            x_BTD = x_BTD + self._attend(layer, x_BTD, cos, sin, cache, mask, delta)
            x_BTD = x_BTD + self._feed(layer, x_BTD, delta)
        return x_BTD

    def logits(self, x_ND: Tensor) -> Tensor:
        """Next-token logits [..., V] of final hidden states."""
        return F.linear(self._norm("model.norm.weight", x_ND), self.head_VD)

    def _attend(
        self,
        layer: int,
        x_BTD: Tensor,
        cos: Tensor,
        sin: Tensor,
        cache: Cache,
        mask: Tensor | None,
        delta: Delta | None,
    ) -> Tensor:
        path = f"model.layers.{layer}"
        h = self._norm(f"{path}.input_layernorm.weight", x_BTD)
        q = self._heads(self._linear(layer, "q_proj", h, delta))
        k = self._heads(self._linear(layer, "k_proj", h, delta))
        v = self._heads(self._linear(layer, "v_proj", h, delta))
        if f"{path}.self_attn.q_norm.weight" in self.weights:
            q = self._norm(f"{path}.self_attn.q_norm.weight", q)
            k = self._norm(f"{path}.self_attn.k_norm.weight", k)
        keys, values = cache.extend(layer, _rotate(k, cos, sin), v)
        y = F.scaled_dot_product_attention(
            _rotate(q, cos, sin), keys, values, mask, is_causal=mask is None, enable_gqa=True
        )
        return self._linear(layer, "o_proj", y.transpose(1, 2).flatten(2), delta)

    def _feed(self, layer: int, x_BTD: Tensor, delta: Delta | None) -> Tensor:
        h = self._norm(f"model.layers.{layer}.post_attention_layernorm.weight", x_BTD)
        gate = F.silu(self._linear(layer, "gate_proj", h, delta))
        return self._linear(
            layer, "down_proj", gate * self._linear(layer, "up_proj", h, delta), delta
        )

    def _linear(self, layer: int, linear: str, x_BTD: Tensor, delta: Delta | None) -> Tensor:
        path = linear_path(layer, linear)
        y = F.linear(x_BTD, self.weights[f"{path}.weight"], self.weights.get(f"{path}.bias"))
        added = delta(layer, linear, x_BTD) if delta is not None else None
        return y if added is None else y + added

    def _norm(self, name: str, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weights[name], self.config.norm_eps)

    def _heads(self, x_BTE: Tensor) -> Tensor:
        rows, tokens, _ = x_BTE.shape
        return x_BTE.view(rows, tokens, -1, self.config.head_dim).transpose(1, 2)


def _rotate(x_BHTd: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x_BHTd.chunk(2, -1)
    return x_BHTd * cos + torch.cat([-right, left], -1) * sin
