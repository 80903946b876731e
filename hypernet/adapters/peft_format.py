"""Adapters as PEFT has them: a LoRA config and tensors, in a directory.

Configs are read and written through PEFT itself, so that a field which it adds is known here too:
whatever differs from a plain LoRA is refused by its name. PEFT is imported on use.
"""

from __future__ import annotations

import json
import re
import time
import warnings
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import regex
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as serialise

from hypernet.adapters.adapter import PEFT_PREFIX, Adapter
from hypernet.base_model.loading import fingerprint_of
from hypernet.files import replacing
from hypernet.model_files import BrokenModelError, check_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from peft import LoraConfig
    from torch import Tensor

    from hypernet.base_model.decoder import Shape
    from hypernet.engine.interface import Adapter as AnyAdapter

CONFIG_FILE, WEIGHTS_FILE = "adapter_config.json", "adapter_model.safetensors"
MAX_RANK = 256
MOST_INVOCATION = 64
LARGEST = 1e300
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
# A name in a config is a pattern of up to this length, tried for up to this many seconds.
PATTERN_CHARS, PATTERN_SECONDS = 1000, 1.0
# What a config may hold freely: it names things, is of training alone, or is read below: the scale,
# and the modules that are adapted.
FREE = frozenset({
    "task_type", "peft_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision",
    "inference_mode", "r", "lora_alpha", "lora_dropout", "use_rslora", "fan_in_fan_out",
    "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern",
    "init_lora_weights", "loftq_config", "eva_config", "corda_config", "lora_ga_config",
    "megatron_core", "qalora_group_size", "runtime_config", "ensure_weight_tying",
    "alora_invocation_tokens",
})  # fmt: skip
# How A and B may have started: ways that leave the base's own weights alone.
PLAIN_STARTS = (True, False, None, "gaussian", "eva", "orthogonal", "mica")
CONVERT = (
    "save it with PEFT's `save_pretrained(..., path_initial_model_for_weight_conversion=...)`, "
    "which makes it plain LoRA"
)
RETRAIN = "train it again as plain LoRA"
INSTEAD = {
    "use_dora": "train it again with use_dora off",
    "rank_pattern": "train it again with one rank for all modules",
    "alpha_pattern": "train it again with one alpha for all modules",
    "lora_bias": "train it again with lora_bias off",
    "bias": "train it again with bias none",
    "layer_replication": "it is for a deeper model than this base: merge it there with PEFT",
    "modules_to_save": "it replaces whole modules of the base: merge it with PEFT into a base of "
    "its own",
    "trainable_token_indices": "it changes the base's embeddings: merge it with PEFT into a base "
    "of its own",
    "target_parameters": "it adapts parameters that are no linears: train it again without",
}


class BadAdapterError(ValueError):
    """An adapter's files are missing, damaged, not plain LoRA, or do not fit the base."""


def save_peft(adapter: AnyAdapter, folder: Path, base_model: str) -> None:
    """Write `adapter_config.json` and `adapter_model.safetensors` as plain PEFT reads them."""
    from peft import LoraConfig

    config = LoraConfig(**adapter.peft_config(), base_model_name_or_path=base_model).to_dict()
    named = {k: sorted(v) if isinstance(v, set) else v for k, v in config.items()}
    text = json.dumps(named, indent=2, sort_keys=True) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / WEIGHTS_FILE) as stream:
        stream.write(serialise(adapter.peft_tensors(), {"digest": adapter.digest}))
    with replacing(folder / CONFIG_FILE) as stream:
        stream.write(text.encode())


def load_peft(folder: Path, shape: Shape, base_name: str | None = None) -> Adapter:
    """Read a PEFT LoRA directory; see `from_peft`.

    Raises:
        BadAdapterError: as `from_peft`; also for files that are missing or damaged, and for
            anything but safetensors.
    """
    config_file, weights_file = folder / CONFIG_FILE, folder / WEIGHTS_FILE
    for file in (config_file, weights_file):
        if not file.is_file():
            raise BadAdapterError(f"{file.name} is missing (only safetensors adapters are read)")
    _whole(config_file)
    try:
        config: Any = json.loads(config_file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise BadAdapterError(f"{CONFIG_FILE} is damaged: {error}") from error
    if not isinstance(config, dict):
        raise BadAdapterError(f"{CONFIG_FILE}: peft_type must be LORA")
    _config(config, base_name)  # before a large file is read
    _whole(weights_file)
    try:
        tensors = load_file(str(weights_file))
    except SafetensorError as error:
        raise BadAdapterError(f"{WEIGHTS_FILE} is damaged: {error}") from error
    return from_peft(config, tensors, shape, base_name)


def _whole(file: Path) -> None:
    try:
        check_file(file)
    except BrokenModelError as error:
        raise BadAdapterError(str(error)) from error


def from_peft(
    config: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    shape: Shape,
    base_name: str | None = None,
) -> Adapter:
    """The adapter of a PEFT config and its tensors; the digest is that of their bytes.

    Args:
        config: as `adapter_config.json` has it.
        tensors: by PEFT's names.
        shape: the base's linears.
        base_name: what the config's base must be called, but for its owner and for case; None
            takes any.

    Raises:
        BadAdapterError: names the tensor or field that is missing, misshapen, too large in rank,
            not finite, for another base, or of a form that is not plain LoRA.
    """
    own = _config(config, base_name)
    rank, scale = own.r, _scale(own)
    every = [shape.path(n, linear) for n in range(shape.layers) for linear in shape.linear_sizes()]
    adapted = _adapted(own, every)
    left = dict(tensors)
    factors: dict[tuple[int, str], tuple[Tensor, Tensor]] = {}
    for layer in range(shape.layers):
        for linear, (inputs, outputs) in shape.linear_sizes().items():
            module = shape.path(layer, linear)
            path = PEFT_PREFIX + module
            a_rI = left.pop(f"{path}.lora_A.weight", None)
            b_Or = left.pop(f"{path}.lora_B.weight", None)
            if a_rI is None and b_Or is None:
                continue
            if module not in adapted:
                raise BadAdapterError(
                    f"{CONFIG_FILE}: {module} is not among the modules it adapts (target_modules, "
                    f"exclude_modules, layers_to_transform), but {WEIGHTS_FILE} has its tensors"
                )
            a_rI = _factor(f"{path}.lora_A", a_rI, (rank, inputs))
            b_Or = _factor(f"{path}.lora_B", b_Or, (outputs, rank), scale)
            factors[layer, linear] = (a_rI.T.contiguous(), b_Or.T.contiguous())
    if left or not factors:
        odd = next(iter(left), "no LoRA tensor at all")
        raise BadAdapterError(f"{WEIGHTS_FILE}: {odd} does not fit the base model")
    named = {f"{key} {i}": t for key, ab in factors.items() for i, t in enumerate(ab)}
    return Adapter(
        digest=fingerprint_of(named),
        rank=rank,
        basis=factors,
        paths=shape.paths,
        invocation=tuple(own.alora_invocation_tokens or ()),
    )


def _config(config: Mapping[str, Any], base_name: str | None) -> LoraConfig:
    """The config as PEFT reads it, with PEFT's defaults.

    Raises:
        BadAdapterError: the config is not of a plain LoRA on this base.
    """
    if config.get("peft_type") != "LORA":
        raise BadAdapterError(f"{CONFIG_FILE}: peft_type must be LORA")
    rank = config.get("r")
    if type(rank) is not int or not 1 <= rank <= MAX_RANK:
        raise BadAdapterError(f"{CONFIG_FILE}: r is {rank!r}, allowed are 1 to {MAX_RANK}")
    own = _plain_config(config)
    if type(own.lora_alpha) not in (int, float) or not abs(own.lora_alpha) < LARGEST:
        shown = str(own.lora_alpha)[:100]
        raise BadAdapterError(f"{CONFIG_FILE}: lora_alpha is {shown}, not a finite number")
    tokens: Any = config.get("alora_invocation_tokens")
    if tokens is not None and not _are_tokens(tokens):
        raise BadAdapterError(
            f"{CONFIG_FILE}: alora_invocation_tokens must be 1 to {MOST_INVOCATION} token ids"
        )
    trained_on = config.get("base_model_name_or_path")
    if (
        base_name
        and isinstance(trained_on, str)
        and _last(trained_on) not in ("", _last(base_name))
    ):
        raise BadAdapterError(
            f"{CONFIG_FILE}: base_model_name_or_path is {trained_on!r}, but this base is "
            f"{base_name!r}: load that base, or take any (--any-base) if they are the same weights"
        )
    return own


def _are_tokens(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MOST_INVOCATION
        and all(type(one) is int and 0 <= one < 2**31 for one in value)
    )


def _scale(own: LoraConfig) -> float:
    """What PEFT multiplies A·B by."""
    root: float = own.r**0.5 if own.use_rslora else own.r
    return float(own.lora_alpha) / root


def _adapted(own: LoraConfig, paths: Sequence[str]) -> set[str]:
    """Those of the modules that PEFT adapts, by its own rule.

    Raises:
        BadAdapterError: the config names no modules, or in a way that cannot be read.
    """
    from peft.tuners.tuners_utils import check_target_module_exists

    if own.target_modules is None:
        raise BadAdapterError(f"{CONFIG_FILE}: target_modules is missing")
    layers_pattern: Any = own.layers_pattern or []
    for name in [layers_pattern] if isinstance(layers_pattern, str) else layers_pattern:
        if not re.fullmatch(r"[\w.-]{1,100}", str(name)):
            shown = str(name)[:100]
            raise BadAdapterError(f"{CONFIG_FILE}: layers_pattern has {shown!r}, which is no name")
    # Patterns become the modules that they match, so that PEFT itself runs none from the file.
    if isinstance(own.target_modules, str):
        own.target_modules = (
            set(paths)
            if own.target_modules.lower() == "all-linear"
            else _matching("target_modules", own.target_modules, paths)
        )
    if isinstance(own.exclude_modules, str):
        own.exclude_modules = _matching("exclude_modules", own.exclude_modules, paths)
    try:
        return {path for path in paths if check_target_module_exists(own, path) is True}
    except TypeError as error:  # a number where names are to be, or the other way round
        raise BadAdapterError(f"{CONFIG_FILE} is damaged: {error}") from error


def _matching(field: str, pattern: str, paths: Sequence[str]) -> set[str]:
    """The modules that a pattern from a config matches, within a second."""
    if len(pattern) > PATTERN_CHARS:
        raise BadAdapterError(
            f"{CONFIG_FILE}: {field} has {len(pattern)} characters, {PATTERN_CHARS} are allowed"
        )
    end = time.monotonic() + PATTERN_SECONDS
    try:
        compiled = regex.compile(pattern)
        return {
            path
            for path in paths
            if compiled.fullmatch(path, timeout=max(0.001, end - time.monotonic()))
        }
    except (regex.error, TimeoutError, RecursionError) as error:
        raise BadAdapterError(f"{CONFIG_FILE}: {field} is no usable pattern: {error}") from error


def _plain_config(config: Mapping[str, Any]) -> LoraConfig:
    """PEFT's reading; whatever changes what the tensors mean is refused, by PEFT's own fields."""
    start = config.get("init_lora_weights", True)
    if not any(start is plain or start == plain for plain in PLAIN_STARTS):
        raise BadAdapterError(
            f"{CONFIG_FILE}: init_lora_weights is {start!r}, which changes the base's own weights: "
            f"{CONVERT}"
        )
    from peft import LoraConfig

    known = {field.name for field in fields(LoraConfig)}
    # One way to start may need a library that is not there, and is of no matter for the tensors.
    given = {k: v for k, v in config.items() if k in known and k != "init_lora_weights"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain, own = LoraConfig(), LoraConfig(**given)
    except Exception as error:  # PEFT raises what its checks happen to
        raise BadAdapterError(f"{CONFIG_FILE} is damaged: {error}") from error
    for name, value in config.items():
        if name in FREE or not value:
            continue
        if name not in known:
            raise BadAdapterError(
                f"{CONFIG_FILE}: {name} is set, which this version of PEFT does not know: "
                "pip install -U peft"
            )
        if getattr(own, name) != getattr(plain, name):
            instead = INSTEAD.get(name, RETRAIN)
            raise BadAdapterError(
                f"{CONFIG_FILE}: {name} is set; only plain LoRA is read: {instead}"
            )
    return own


def _factor(name: str, tensor: Tensor | None, shape: tuple[int, int], scale: float = 1.0) -> Tensor:
    """The tensor as float32, in which PEFT computes whatever the file has, times the scale."""
    if tensor is None:
        raise BadAdapterError(f"{name} is missing")
    if tuple(tensor.shape) != shape:
        raise BadAdapterError(f"{name} has shape {tuple(tensor.shape)}, expected {shape}")
    if tensor.dtype not in DTYPES:
        allowed = ", ".join(str(dtype).removeprefix("torch.") for dtype in DTYPES)
        raise BadAdapterError(f"{name} is {tensor.dtype}, allowed are {allowed}")
    kept = tensor.float() * scale
    if not bool(torch.isfinite(kept).all()):
        raise BadAdapterError(f"{name} holds values that are not finite numbers")
    return kept


def _last(name: str) -> str:
    """A model's name without its owner or folder, for comparison."""
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1].casefold()
