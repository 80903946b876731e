"""The decode step's weights on disk: laid out once per base model, then read from the cache folder.

Takes a GGUF file's own blocks where the base comes from one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from hypernet.base_model.conversion import make_cache
from hypernet.base_model.llama import Llama
from hypernet.engine.cpu import weights
from hypernet.engine.cpu.weights import HEAD
from hypernet.files import replacing
from hypernet.progress import silent

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.cpu.decoder import CpuDecoder
    from hypernet.progress import Progress

LAYOUT = 1
"""Raised when the tiles are laid out otherwise, so that old files are made anew."""


def decoder_for(
    base: BaseModel, rows: int, cache: Path, progress: Progress = silent
) -> CpuDecoder | None:
    """A decoder for a base on a CPU; None where its sizes or its device do not suit."""
    llama = base.forward
    if not isinstance(llama, Llama) or not weights.fits(llama.config) or llama.device.type != "cpu":
        return None
    tensors = load(base, cache, progress)
    progress(0.97, "compiling the decode step (once)")
    from hypernet.engine.cpu.decoder import CpuDecoder

    decoder = CpuDecoder(llama, tensors, rows)
    decoder.warm(llama)
    return decoder


def load(base: BaseModel, cache: Path, progress: Progress = silent) -> dict[str, NDArray[Any]]:
    """The laid-out weights by name, from the cache folder or made now and kept there."""
    from safetensors.numpy import load_file, save

    file = cache / "decode" / f"{base.fingerprint}-{LAYOUT}.safetensors"
    if file.is_file():
        return load_file(str(file))
    progress(0.9, "laying out the weights for decoding (once)")
    tensors = _made(base)
    make_cache(file.parent)
    with replacing(file, shared=True) as stream:  # several processes may lay out the same base
        stream.write(save(tensors))
    return tensors


def _made(base: BaseModel) -> dict[str, NDArray[Any]]:
    llama = base.forward
    assert isinstance(llama, Llama)  # noqa: S101  # for the type checker: who calls has looked
    if base.source.location.endswith(".gguf"):
        from gguf import GGUFReader

        reader = GGUFReader(base.source.location)
        try:
            return weights.from_gguf(llama.config, {t.name: t for t in reader.tensors})
        except ValueError:
            pass  # blocks of other types: quantised from what they stand for

    def weight(path: str) -> Any:
        tensor = llama.head_VD if path == HEAD else llama.weights[f"{path}.weight"]
        return tensor.to(torch.float32).numpy()

    return weights.of_weights(llama.config, weight)
