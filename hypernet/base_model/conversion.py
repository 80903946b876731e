"""Conversion of GGUF files to safetensors: made once, kept in the user's cache.

Torch and transformers are imported on use.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypernet.base_model.sources import ModelNotFoundError
from hypernet.model_files import FETCH, check_gguf, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypernet.progress import Progress

# Raised when a conversion writes something else, so that old conversions are made anew.
CONVERSION = 1


def converted_folder(gguf: Path, cache: Path) -> Path:
    """Where a GGUF file's conversion is kept.

    Raises:
        ModelNotFoundError: there is no such file.
    """
    if not gguf.is_file():
        raise ModelNotFoundError(f"{gguf} does not exist: check the model path in the settings")
    identity = f"{CONVERSION} {gguf.name} {gguf.stat().st_size}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return cache / "models" / f"{gguf.stem.lower()}-{key}"


def converted(gguf: Path, cache: Path, progress: Progress) -> Path:
    """The folder of a GGUF file's conversion, which is made where it is not there yet.

    Raises:
        ModelNotFoundError: there is no such file, or no room for it in the cache.
        BrokenModelError: the file is damaged.
    """
    target = converted_folder(gguf, cache)
    if target.is_dir():
        _arrange(target)
        return target
    make_cache(target.parent)
    # Built beside its place and moved there whole: an interrupted conversion leaves nothing half.
    with _scratch(target.parent) as scratch:
        convert(gguf, scratch, progress)
        with contextlib.suppress(OSError):  # another process was first: its result is the same
            os.replace(scratch, target)  # Path.replace refuses folders on Windows
    return target


def make_cache(folder: Path) -> None:
    """Make a folder of the cache, if it is not there.

    Raises:
        ModelNotFoundError: that cannot be; names the setting.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelNotFoundError(
            f"{folder} cannot be made ({error.strerror}): check HYPERNET_MCP_CACHE or --cache"
        ) from error


def convert(gguf: Path, folder: Path, progress: Progress) -> None:
    """Write a GGUF file's tokenizer, weights (in bfloat16) and config into a folder.

    Raises:
        BrokenModelError: the file is cut off, damaged, or holds what transformers cannot read.
    """
    check_gguf(gguf, tables=False)  # transformers reads them
    with reading(str(gguf), f"is cut off or damaged, or cannot be converted: {FETCH}"):
        _convert(gguf, folder, progress)


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
    _arrange(folder)
    config = {k: v for k, v in model.config.to_dict().items() if k != "quantization_config"}
    config |= {"architectures": [type(model).__name__], "dtype": "bfloat16"}
    (folder / "config.json").write_text(json.dumps(config, indent=2, default=str) + "\n")


def _arrange(folder: Path) -> None:
    """Put the weights in an order in which they can be used as they lie in the file.

    Done when they are converted; those that were before there was an order are written anew once.
    """
    from hypernet.base_model.llama import reading_order
    from hypernet.mapped import arrange

    # It saves memory and time, no more: what is damaged is told when it is read.
    with contextlib.suppress(OSError, LookupError, TypeError, ValueError, AttributeError):
        arrange(folder / "model.safetensors", reading_order)


@contextlib.contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".converting-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
