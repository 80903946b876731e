"""The forward pass of Llama-family decoders in plain torch, with a low-rank delta per row.

One pass serves and trains.

Dimension letters: B rows, T new tokens, S all visible tokens, D hidden size, H query heads,
G key-value heads, d head size, V vocabulary, O a linear's outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.kv_cache import SideBySide
from hypernet.mapped import ALIGNMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from torch import Tensor

    from hypernet.base_model.decoder import Cache, Delta

PATHS = {
    "q_proj": "model.layers.{layer}.self_attn.q_proj",
    "k_proj": "model.layers.{layer}.self_attn.k_proj",
    "v_proj": "model.layers.{layer}.self_attn.v_proj",
    "o_proj": "model.layers.{layer}.self_attn.o_proj",
    "gate_proj": "model.layers.{layer}.mlp.gate_proj",
    "up_proj": "model.layers.{layer}.mlp.up_proj",
    "down_proj": "model.layers.{layer}.mlp.down_proj",
}
"""Each linear's name in transformers, without `.weight` and with the layer left open."""
FUSED = {
    "qkv": ("q_proj", "k_proj", "v_proj"),
    "o": ("o_proj",),
    "gate_up": ("gate_proj", "up_proj"),
    "down": ("down_proj",),
}
"""Linears that read the same run as one: the group's name, and what it joins in this order."""
FOLDED_TOKENS = 64
ROPES = ("linear", "llama3", "yarn")
"""Rotary embeddings that do not change with the text's length."""
SUPPORTED = ("llama", "mistral", "qwen2", "qwen3")


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
    inverse_frequencies: tuple[float, ...]
    """Of the rotary embedding, d/2 of them."""
    rope_scale: float
    """What its sine and cosine are multiplied by."""
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
        if config.get("use_sliding_window") or (
            kind == "mistral" and config.get("sliding_window") is not None
        ):
            raise UnsupportedModelError("sliding-window attention is not supported yet")
        heads = int(config["num_attention_heads"])
        head_dim = int(config.get("head_dim") or config["hidden_size"] // heads)
        frequencies, rope_scale = _rope(config, head_dim)
        return cls(
            layers=int(config["num_hidden_layers"]),
            hidden=int(config["hidden_size"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=head_dim,
            intermediate=int(config["intermediate_size"]),
            vocab=int(config["vocab_size"]),
            window=int(config["max_position_embeddings"]),
            inverse_frequencies=frequencies,
            rope_scale=rope_scale,
            norm_eps=float(config["rms_norm_eps"]),
        )

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Linears that read the same run as one."""
        return FUSED

    @property
    def paths(self) -> Mapping[str, str]:
        """Where each linear is, with the layer left open."""
        return PATHS

    def path(self, layer: int, linear: str) -> str:
        """The name that transformers and PEFT give a linear, without `.weight`."""
        return linear_path(layer, linear)

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
    return PATHS[linear].format(layer=layer)


class Llama:
    """Frozen weights and the forward pass over any run of layers.

    Args:
        config: the sizes.
        weights: by transformers' names. They are used where they lie, such as in a mapped file, if
            they need no other place or type, begin with a cache line (products take some percent
            longer else), and those that run as one lie one behind the other.
        dtype: what to compute in; None for what the weights have.
        device: where to; None for where they are.
    """

    exclusive = False
    takes_side_by_side = True

    def __init__(
        self,
        config: LlamaConfig,
        weights: Mapping[str, Tensor],
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        self.config = config
        place: dict[str, Any] = {"dtype": dtype, "device": device}
        self.weights = dict(weights)
        self._fused = [
            {group: self._fuse(layer, names, place) for group, names in FUSED.items()}
            for layer in range(config.layers)
        ]
        # Those of the fused ones are views by now, in their place and not to be copied again.
        fused = {f"{linear_path(layer, name)}.weight" for layer in range(config.layers)
                 for names in FUSED.values() for name in names}  # fmt: skip
        for name in self.weights.keys() - fused:
            self.weights[name] = _aligned(self.weights[name].to(**place)).requires_grad_(False)
        self.head_VD = self.weights.get("lm_head.weight", self.weights["model.embed_tokens.weight"])
        self.dtype, self.device = self.head_VD.dtype, self.head_VD.device
        self.inverse_frequency = torch.tensor(config.inverse_frequencies, device=self.device)

    def of_layers(self, first: int) -> list[Tensor]:
        """The tensors that the layers from `first` on compute with, to be trained."""
        fused = [t for groups in self._fused[first:] for pair in groups.values() for t in pair]
        layers = tuple(f"model.layers.{n}." for n in range(first, self.config.layers))
        norms = [t for name, t in self.weights.items()
                 if name.startswith(layers) and "norm" in name]  # fmt: skip
        return [tensor for tensor in fused if tensor is not None] + norms

    def stacked(self, name: str) -> Tensor | None:
        """One weight of all layers, [L, ...]; None where the model has none."""
        rows = [self.weights.get(f"model.layers.{i}.{name}") for i in range(self.config.layers)]
        there = [row for row in rows if row is not None]
        return torch.stack(there) if there else None

    def stacked_bias(self, group: str) -> Tensor | None:
        """The biases of fused linears in all layers, [L, O]; None where the model has none."""
        rows = [fused[group][1] for fused in self._fused]
        there = [row for row in rows if row is not None]
        return torch.stack(there) if there else None

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
        """Hidden states through some layers (all unless given).

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
        scale = self.config.rope_scale
        cos, sin = (rope.cos() * scale).to(self.dtype), (rope.sin() * scale).to(self.dtype)
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
        c = self.config
        heads = self._heads(self._linear(layer, "qkv", h, delta))
        q, k, v = heads.split_with_sizes([c.heads, c.kv_heads, c.kv_heads], 1)
        if f"{path}.self_attn.q_norm.weight" in self.weights:
            q = self._norm(f"{path}.self_attn.q_norm.weight", q)
            k = self._norm(f"{path}.self_attn.k_norm.weight", k)
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
        if isinstance(cache, SideBySide):
            y = _each_attention(q, cache.runs(layer, q, k, v))
        else:
            y = _attention(q, *cache.extend(layer, k, v), mask)
        return self._linear(layer, "o", y.transpose(1, 2).flatten(2), delta)

    def _feed(self, layer: int, x_BTD: Tensor, delta: Delta | None) -> Tensor:
        h = self._norm(f"model.layers.{layer}.post_attention_layernorm.weight", x_BTD)
        gate, up = self._linear(layer, "gate_up", h, delta).chunk(2, -1)
        return self._linear(layer, "down", F.silu(gate) * up, delta)

    def _linear(self, layer: int, group: str, x_BTD: Tensor, delta: Delta | None) -> Tensor:
        y = F.linear(x_BTD, *self._fused[layer][group])
        added = delta(layer, group, x_BTD) if delta is not None else None
        return y if added is None else y + added

    def _fuse(
        self, layer: int, names: tuple[str, ...], place: Mapping[str, Any]
    ) -> tuple[Tensor, Tensor | None]:
        """One weight and bias for linears that read the same; their own become views of it."""
        paths = [linear_path(layer, name) for name in names]
        parts = [self.weights[f"{path}.weight"] for path in paths]
        sizes = [len(part) for part in parts]
        weight = _joined(parts).to(**place).requires_grad_(False)
        for path, part in zip(paths, weight.split_with_sizes(sizes), strict=True):
            self.weights[f"{path}.weight"] = part
        biases = [self.weights.get(f"{path}.bias") for path in paths]
        if all(bias is None for bias in biases):
            return weight, None
        filled = [
            weight.new_zeros(size) if bias is None else bias.to(**place)
            for size, bias in zip(sizes, biases, strict=True)
        ]
        return weight, torch.cat(filled)

    def _norm(self, name: str, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weights[name], self.config.norm_eps)

    def _heads(self, x_BTE: Tensor) -> Tensor:
        rows, tokens, _ = x_BTE.shape
        return x_BTE.view(rows, tokens, -1, self.config.head_dim).transpose(1, 2)


def reading_order(names: Iterable[str]) -> list[str]:
    """A model's tensors in the order in which a file of them can be used where it lies.

    Linears that run as one stand one behind the other.
    """
    places = {name: n for n, name in enumerate(chain.from_iterable(FUSED.values()))}

    def place(path: str) -> tuple[str, str, int, str]:
        module, _, kind = path.rpartition(".")
        parent, _, linear = module.rpartition(".")
        return parent, kind, places.get(linear, len(places)), linear

    return sorted(names, key=place)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """Matrices of as many columns one below the other: a view where they lie so, else a copy."""
    first = parts[0]
    storage, end = first.untyped_storage().data_ptr(), first.storage_offset()
    lie_so = first.data_ptr() % ALIGNMENT == 0
    for part in parts:
        there = part.untyped_storage().data_ptr() == storage and part.storage_offset() == end
        lie_so &= there and part.is_contiguous() and part.dtype == first.dtype
        end += part.numel()
    if not lie_so:
        return torch.cat(list(parts))
    return first.as_strided((sum(map(len, parts)), first.shape[1]), first.stride())


def _aligned(tensor: Tensor) -> Tensor:
    return tensor if tensor.data_ptr() % ALIGNMENT == 0 else tensor.clone()


def _each_attention(
    q_1HTd: Tensor, runs: Iterable[tuple[Tensor, Tensor, Tensor, Tensor | None]]
) -> Tensor:
    """Attention of runs side by side, each to what it may see; 0 for the padding behind them."""
    y_1HTd, start = torch.zeros_like(q_1HTd), 0
    for q, k, v, mask_1TS in runs:
        mask = None if mask_1TS is None else mask_1TS[:, None]
        y_1HTd[:, :, start : start + q.shape[2]] = _attention(q, k, v, mask)
        start += q.shape[2]
    return y_1HTd


def _attention(q_BHTd: Tensor, k_BGSd: Tensor, v_BGSd: Tensor, mask_B1TS: Tensor | None) -> Tensor:
    rows, heads, tokens, size = q_BHTd.shape
    shared = heads // k_BGSd.shape[1]
    if mask_B1TS is None or shared == 1 or tokens > FOLDED_TOKENS:
        return _weighted(q_BHTd, k_BGSd, v_BGSd, mask_B1TS)
    # The query heads of a group one behind the other, as if they were tokens: else keys and values
    # are copied for each, and of few tokens behind many that is most of the work.
    folded = q_BHTd.reshape(rows, -1, shared * tokens, size)
    y = _weighted(folded, k_BGSd, v_BGSd, mask_B1TS.repeat(1, 1, shared, 1))
    return y.reshape(rows, heads, tokens, size)


def _weighted(q_BHTd: Tensor, k_BGSd: Tensor, v_BGSd: Tensor, mask_B1TS: Tensor | None) -> Tensor:
    """Attention; causal without a mask.

    On CPUs its plain form is faster backwards by a third. It is called by its own name: torch's
    switch of forms is one for all threads, so what is answered beside a training would come out
    with other bits.
    """
    causal = mask_B1TS is None
    if q_BHTd.requires_grad and q_BHTd.device.type == "cpu":
        plain, hidden = torch.ops.aten._scaled_dot_product_attention_math, None
        if mask_B1TS is not None:
            hidden = torch.zeros_like(mask_B1TS, dtype=q_BHTd.dtype)
            hidden = hidden.masked_fill(~mask_B1TS, -torch.inf)
        y: Tensor = plain(q_BHTd, k_BGSd, v_BGSd, hidden, 0.0, causal, enable_gqa=True)[0]
        return y
    return F.scaled_dot_product_attention(
        q_BHTd, k_BGSd, v_BGSd, mask_B1TS, is_causal=causal, enable_gqa=True
    )


def _rotate(x_BHTd: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x_BHTd.chunk(2, -1)
    return x_BHTd * cos + torch.cat([-right, left], -1) * sin


def _rope(config: Mapping[str, Any], head_dim: int) -> tuple[tuple[float, ...], float]:
    """Inverse frequencies of the rotary embedding and the factor on its sine and cosine."""
    rope = dict(config.get("rope_scaling") or {}) | dict(config.get("rope_parameters") or {})
    kind = rope.get("rope_type", rope.get("type", "default"))
    theta = float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0)
    if kind == "default":
        half = torch.arange(0, head_dim, 2, dtype=torch.float32)
        return tuple((theta ** (-half / head_dim)).tolist()), 1.0
    if kind not in ROPES:
        raise UnsupportedModelError(
            f"rope type {kind!r} is not supported; supported: default, {', '.join(ROPES)}"
        )
    from transformers import AutoConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    given = dict(config)
    try:
        own = AutoConfig.for_model(given.pop("model_type"), **given)
        frequencies, scale = ROPE_INIT_FUNCTIONS[kind](own, torch.device("cpu"))
    except (KeyError, TypeError) as error:
        raise UnsupportedModelError(
            f"config.json's rope settings are incomplete: {error}"
        ) from error
    return tuple(frequencies.tolist()), float(scale)
