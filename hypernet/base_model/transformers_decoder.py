"""Decoders other than the Llama family, through transformers' own modules: slower, same interface.

Adapters act through hooks on the linears of the layers; keys and values live in our cache. What
would not survive this in a model's config is refused, and a loaded model is compared with its own
forward pass before it is used. Knows nothing of requests. Letters as in `forward.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM
from transformers.cache_utils import DynamicCache
from transformers.pytorch_utils import Conv1D

from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.kv_cache import AfterPrefix, Recorder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.decoder import Cache, Delta

ROPES = ("default", "linear", "llama3", "yarn")
"""Rotary embeddings that do not change with the text's length, as a kept prefix must not."""
NEEDED = ("num_attention_heads", "hidden_size", "vocab_size", "max_position_embeddings")
CHECKED_TOKENS, MOST_DIFFERENCE = 12, 0.02
"""Length of the text of the check, and the logits' difference allowed, in standard deviations."""


@dataclass(frozen=True)
class ModulesConfig:
    """Sizes of a decoder, read off its config and its modules."""

    layers: int
    hidden: int
    kv_heads: int
    head_dim: int
    vocab: int
    window: int
    stem: str
    """Path of the list of layers, such as `transformer.h`."""
    sizes: Mapping[str, tuple[int, int]]

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Every linear by itself."""
        return {name: (name,) for name in self.sizes}

    def linear_sizes(self) -> dict[str, tuple[int, int]]:
        """(inputs, outputs) of each linear that all layers have alike."""
        return dict(self.sizes)

    def path(self, layer: int, linear: str) -> str:
        """The name that transformers and PEFT give a linear, without `.weight`."""
        return f"{self.stem}.{layer}.{linear}"


class ModulesDecoder:
    """A frozen transformers model behind the interface of `forward.Forward`."""

    def __init__(self, model: Any) -> None:
        """Take a causal language model of transformers.

        Raises:
            UnsupportedModelError: it is not a plain decoder with a key-value cache.
        """
        self.model = model.eval().requires_grad_(False)
        stem, layers = _layers(model)
        linears = _linears(layers)
        text = model.config.get_text_config()
        missing = [name for name in NEEDED if getattr(text, name, None) is None]
        if missing:
            raise UnsupportedModelError(
                f"model_type {model.config.model_type!r} is not supported: its config has no "
                f"{missing[0]}"
            )
        heads = int(text.num_attention_heads)
        self.config = ModulesConfig(
            layers=len(layers),
            hidden=int(text.hidden_size),
            kv_heads=int(getattr(text, "num_key_value_heads", None) or heads),
            head_dim=int(getattr(text, "head_dim", None) or text.hidden_size // heads),
            vocab=int(text.vocab_size),
            window=int(text.max_position_embeddings),
            stem=stem,
            sizes={name: _size(module) for name, module in linears[0].items()},
        )
        self.dtype, self.device = model.dtype, model.device
        self._delta: Delta | None = None
        self._rows = 0
        for layer, modules in enumerate(linears):
            for name, module in modules.items():
                module.register_forward_hook(self._adding(layer, name))

    @classmethod
    def load(cls, folder: Path, dtype: torch.dtype, device: str) -> ModulesDecoder:
        """Load a model folder and compare it with its own forward pass.

        Raises:
            UnsupportedModelError: it is not a plain decoder, or the check found a difference.
        """
        model = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=dtype, use_safetensors=True, trust_remote_code=False
        )
        decoder = cls(model.to(device))
        decoder.check()
        return decoder

    def embed(self, ids_BT: Tensor) -> Tensor:
        """Token ids to what the model takes instead of them, [B, T, D]."""
        return self.model.get_input_embeddings()(ids_BT)  # type: ignore[no-any-return]  # untyped upstream

    def run(
        self,
        x_BTD: Tensor,
        positions_BT: Tensor,
        cache: Cache,
        mask_BTS: Tensor | None,
        delta: Delta | None = None,
    ) -> Tensor:
        """Hidden states through all layers and the last norm; see `forward.Forward.run`."""
        if mask_BTS is None:
            tokens = x_BTD.shape[1]
            mask_BTS = torch.ones(tokens, tokens, dtype=torch.bool, device=self.device).tril()[None]
        blocked_B1TS = torch.zeros(mask_BTS.shape, dtype=self.dtype, device=self.device)
        blocked_B1TS = blocked_B1TS.masked_fill(~mask_BTS, torch.finfo(self.dtype).min)[:, None]
        self._delta, self._rows = delta, len(x_BTD)
        try:
            found = self.model.base_model(
                inputs_embeds=x_BTD,
                position_ids=positions_BT,
                attention_mask=blocked_B1TS,
                past_key_values=_Borrowed(cache),
                use_cache=True,
            )
        finally:
            self._delta = None
        return found.last_hidden_state  # type: ignore[no-any-return]  # untyped upstream

    def logits(self, x_ND: Tensor) -> Tensor:
        """Next-token logits [..., V] of what `run` gave."""
        logits: Tensor = self.model.get_output_embeddings()(x_ND)
        config = self.model.config
        if (factor := getattr(config, "logit_scale", None)) is not None:  # as Cohere's
            logits = logits * factor
        if (divisor := getattr(config, "logits_scaling", None)) is not None:  # as Granite's
            logits = logits / divisor
        if (cap := getattr(config, "final_logit_softcapping", None)) is not None:  # as Gemma 2's
            logits = cap * torch.tanh(logits / cap)
        return logits

    @torch.inference_mode()
    def check(self) -> None:
        """Read a text in two parts through our cache, and whole through the model's own forward.

        Raises:
            UnsupportedModelError: the last logits are not the same.
        """
        positions_1T = torch.arange(CHECKED_TOKENS, device=self.device)[None]
        ids_1T = positions_1T % self.config.vocab
        kind = self.model.config.model_type
        theirs_V = self.model(input_ids=ids_1T).logits[0, -1].float()
        try:
            ours_V = self._in_two_parts(ids_1T, positions_1T).float()
        except Exception as error:  # other people's code, used in a way it may not foresee
            raise UnsupportedModelError(
                f"model_type {kind!r} is not supported: it cannot be read in parts ({error})"
            ) from error
        difference = float((ours_V - theirs_V).abs().max() / theirs_V.std().clamp(min=1e-6))
        if not difference <= MOST_DIFFERENCE:
            raise UnsupportedModelError(
                f"model_type {kind!r} is not supported: read in parts, its logits differ by "
                f"{difference:.2f} standard deviations from its own forward pass"
            )

    def _in_two_parts(self, ids_1T: Tensor, positions_1T: Tensor) -> Tensor:
        first, half = Recorder(), ids_1T.shape[1] // 2
        x_1TD = self.embed(ids_1T)
        self.run(x_1TD[:, :half], positions_1T[:, :half], first, None)
        mask_1TS = positions_1T[:, None] <= positions_1T[:, half:, None]
        read = AfterPrefix(first.layers)
        found_1TD = self.run(x_1TD[:, half:], positions_1T[:, half:], read, mask_1TS)
        return self.logits(found_1TD[0, -1])

    def _adding(self, layer: int, name: str) -> Any:
        def add(module: nn.Module, given: tuple[Tensor, ...], result: Tensor) -> Tensor:
            if self._delta is None:
                return result
            x = given[0]
            # Some models run rows and tokens as one.
            added = self._delta(layer, name, x.view(self._rows, -1, x.shape[-1]))
            return result if added is None else result + added.view(result.shape)

        return add


class _Borrowed(DynamicCache):  # type: ignore[misc]  # untyped upstream
    """Our cache in the place of transformers'."""

    def __init__(self, cache: Cache) -> None:
        super().__init__()
        self.cache = cache

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        return self.cache.extend(layer_idx, key_states, value_states)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return 0  # positions and mask are always given


def check_config(raw: Mapping[str, Any]) -> None:
    """Refuse what a `config.json` asks for and a kept prefix would not survive.

    Raises:
        UnsupportedModelError: remote code, sliding windows, or a rope that changes with length.
    """
    if "auto_map" in raw:
        raise UnsupportedModelError("config.json asks for remote code (auto_map): refused")
    kinds = set(raw.get("layer_types") or ()) - {"full_attention"}
    if kinds or (raw.get("sliding_window") is not None and raw.get("use_sliding_window", True)):
        raise UnsupportedModelError("sliding-window attention is not supported yet")
    rope = dict(raw.get("rope_scaling") or {}) | dict(raw.get("rope_parameters") or {})
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind not in ROPES:
        raise UnsupportedModelError(
            f"rope type {kind!r} is not supported; supported: {', '.join(ROPES)}"
        )


def _layers(model: Any) -> tuple[str, nn.ModuleList]:
    count = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    for path, module in model.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return path, module
    kind = model.config.model_type
    raise UnsupportedModelError(f"model_type {kind!r} is not supported: it has no list of layers")


def _linears(layers: nn.ModuleList) -> list[dict[str, nn.Module]]:
    """Of each layer, the linears that all layers have in the same size and that see every token."""
    found = [
        {name: module for name, module in layer.named_modules()
         if isinstance(module, nn.Linear | Conv1D) and "experts" not in name.split(".")}
        for layer in layers
    ]  # fmt: skip
    common = [
        name
        for name in found[0]
        if all(name in other and _size(other[name]) == _size(found[0][name]) for other in found)
    ]
    return [{name: modules[name] for name in common} for modules in found]


def _size(linear: nn.Module) -> tuple[int, int]:
    if isinstance(linear, nn.Linear):
        return linear.in_features, linear.out_features
    weight: Any = linear.weight
    return weight.shape[0], weight.shape[1]  # Conv1D keeps its weight the other way round
