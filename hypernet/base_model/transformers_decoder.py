"""Decoders other than the Llama family, through transformers' own modules: slower, same interface.

Adapters act through hooks on the linears of the layers; keys and values live in our cache. What
would not survive this in a model's config is refused, and a loaded model is compared with its own
forward pass before it is used. Letters as in `decoder.py`.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
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
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.decoder import Cache, Delta

ROPES = ("default", "linear", "llama3", "yarn")
"""Rotary embeddings that do not change with the text's length, as a kept prefix must not."""
NEEDED = ("num_attention_heads", "hidden_size", "vocab_size", "max_position_embeddings")
CHECKED_TOKENS, MOST_DIFFERENCE = 12, 0.02
"""Length of the text of the check, and the logits' difference allowed, in standard deviations."""


@dataclass(frozen=True)
class TransformersConfig:
    """Sizes of a decoder, read off its config and its modules."""

    layers: int
    hidden: int
    kv_heads: int
    head_dim: int
    vocab: int
    window: int
    sizes: Mapping[str, tuple[int, int]]
    paths: Mapping[str, str]
    """Each linear's name with the layer left open, such as `transformer.h.{layer}.attn.c_attn`."""

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Every linear by itself."""
        return {name: (name,) for name in self.sizes}

    def linear_sizes(self) -> dict[str, tuple[int, int]]:
        """(inputs, outputs) of each linear that all layers have alike."""
        return dict(self.sizes)

    def path(self, layer: int, linear: str) -> str:
        """The name that transformers and PEFT give a linear, without `.weight`."""
        return self.paths[linear].format(layer=layer)


class TransformersDecoder:
    """A frozen transformers model behind the interface of `decoder.Forward`.

    One pass runs at a time: what acts in it hangs on the model's own modules.
    """

    exclusive = True
    takes_side_by_side = False

    def __init__(self, model: Any) -> None:
        """Take a causal language model of transformers.

        Raises:
            UnsupportedModelError: it is not a plain decoder with a key-value cache.
        """
        self.model = model.eval().requires_grad_(False)
        stem, self._layers = _layers(model)
        self._stem = stem
        linears = _linears(self._layers)
        text = model.config.get_text_config()
        missing = [name for name in NEEDED if getattr(text, name, None) is None]
        if missing:
            raise UnsupportedModelError(
                f"model_type {model.config.model_type!r} is not supported: its config has no "
                f"{missing[0]}"
            )
        heads = int(text.num_attention_heads)
        self.config = TransformersConfig(
            layers=len(self._layers),
            hidden=int(text.hidden_size),
            kv_heads=int(getattr(text, "num_key_value_heads", None) or heads),
            head_dim=int(getattr(text, "head_dim", None) or text.hidden_size // heads),
            vocab=int(text.vocab_size),
            window=int(text.max_position_embeddings),
            sizes={name: _size(module) for name, module in linears[0].items()},
            paths={name: f"{stem}.{{layer}}.{name}" for name in linears[0]},
        )
        self.dtype, self.device = model.dtype, model.device
        self._delta: Delta | None = None
        self._rows = 0
        self._running = threading.Lock()
        self._layers_apart = True
        for layer, modules in enumerate(linears):
            for name, module in modules.items():
                module.register_forward_hook(self._adding(layer, name))

    @classmethod
    def load(cls, folder: Path, dtype: torch.dtype, device: str) -> TransformersDecoder:
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
        layers: range | None = None,
    ) -> Tensor:
        """Hidden states through some layers, and after the last one its norm; see `Forward.run`.

        Raises:
            UnsupportedModelError: not all layers, and this model's cannot be run apart.
        """
        chosen = layers if layers is not None else range(self.config.layers)
        if not chosen:
            return x_BTD
        if len(chosen) < self.config.layers and not self._layers_apart:
            kind = self.model.config.model_type
            raise UnsupportedModelError(
                f"model_type {kind!r} cannot have a hypernetwork: its layers cannot be run apart"
            )
        if mask_BTS is None:
            tokens = x_BTD.shape[1]
            mask_BTS = torch.ones(tokens, tokens, dtype=torch.bool, device=self.device).tril()[None]
        blocked_B1TS = torch.zeros(mask_BTS.shape, dtype=self.dtype, device=self.device)
        blocked_B1TS = blocked_B1TS.masked_fill(~mask_BTS, torch.finfo(self.dtype).min)[:, None]
        with self._running, self._only(chosen, x_BTD) as left_BTD:
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
        states_BTD: Tensor = left_BTD[0] if left_BTD else found.last_hidden_state
        return states_BTD

    @contextmanager
    def _only(self, chosen: range, x_BTD: Tensor) -> Iterator[list[Tensor]]:
        """Let the model have these layers alone, the first of which gets `x_BTD`.

        Gives a list that the last of them leaves its output in, where the range ends early.
        """
        left_BTD: list[Tensor] = []
        if len(chosen) == self.config.layers:
            yield left_BTD
            return
        parent_path, _, name = self._stem.rpartition(".")
        parent = self.model.get_submodule(parent_path)
        with ExitStack() as undo:
            if chosen.start > 0:  # what the embedding gave is not what this layer reads

                def replaced(module: nn.Module, args: Any, kwargs: Any) -> Any:
                    if args:
                        return (x_BTD, *args[1:]), kwargs
                    return args, kwargs | {"hidden_states": x_BTD}

                first = self._layers[chosen.start]
                hook = first.register_forward_pre_hook(replaced, with_kwargs=True)
                undo.callback(hook.remove)
            if chosen.stop < self.config.layers:

                def kept(module: nn.Module, args: Any, result: Any) -> None:
                    left_BTD.append(result[0] if isinstance(result, tuple) else result)

                hook = self._layers[chosen.stop - 1].register_forward_hook(kept)
                undo.callback(hook.remove)
            undo.callback(setattr, parent, name, self._layers)
            setattr(parent, name, self._layers[chosen.start : chosen.stop])
            yield left_BTD

    def logits(self, x_ND: Tensor) -> Tensor:
        """Next-token logits [..., V] of what `run` gave after the last layer."""
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

        Then the same with the second part read by two runs of layers: a model that this does not
        suit serves without hypernetworks.

        Raises:
            UnsupportedModelError: the last logits of the first reading are not the same.
        """
        positions_1T = torch.arange(CHECKED_TOKENS, device=self.device)[None]
        ids_1T = positions_1T % self.config.vocab
        kind = self.model.config.model_type
        theirs_V = self.model(input_ids=ids_1T).logits[0, -1].float()
        whole = range(self.config.layers)
        try:
            ours_V = self._in_two_parts(ids_1T, positions_1T, [whole])
        except Exception as error:  # other people's code, used in a way it may not foresee
            raise UnsupportedModelError(
                f"model_type {kind!r} is not supported: it cannot be read in parts ({error})"
            ) from error
        difference = _difference(ours_V, theirs_V)
        if not difference <= MOST_DIFFERENCE:
            raise UnsupportedModelError(
                f"model_type {kind!r} is not supported: read in parts, its logits differ by "
                f"{difference:.2f} standard deviations from its own forward pass"
            )
        middle = self.config.layers // 2
        try:
            apart_V = self._in_two_parts(ids_1T, positions_1T, [whole[:middle], whole[middle:]])
            self._layers_apart = _difference(apart_V, theirs_V) <= MOST_DIFFERENCE
        except Exception:  # as above
            self._layers_apart = False

    def _in_two_parts(self, ids_1T: Tensor, positions_1T: Tensor, runs: list[range]) -> Tensor:
        first, half = Recorder(), ids_1T.shape[1] // 2
        x_1TD = self.embed(ids_1T)
        self.run(x_1TD[:, :half], positions_1T[:, :half], first, None)
        mask_1TS = positions_1T[:, None] <= positions_1T[:, half:, None]
        read = AfterPrefix(first.layers)
        x_1TD = x_1TD[:, half:]
        for layers in runs:
            x_1TD = self.run(x_1TD, positions_1T[:, half:], read, mask_1TS, layers=layers)
        return self.logits(x_1TD[0, -1])

    def _adding(self, layer: int, name: str) -> Any:
        def add(module: nn.Module, given: tuple[Tensor, ...], result: Tensor) -> Tensor:
            if self._delta is None:
                return result
            x = given[0]
            # Some models run the batch and its tokens as one.
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


def _difference(ours_V: Tensor, theirs_V: Tensor) -> float:
    """The largest between two texts' logits, in standard deviations."""
    return float((ours_V.float() - theirs_V).abs().max() / theirs_V.std().clamp(min=1e-6))


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
