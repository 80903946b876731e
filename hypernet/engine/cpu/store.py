"""The decode step's weights on disk: laid out once per base model, then read from the cache folder.

Takes a GGUF file's own blocks where the base comes from one.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from platform import machine, processor
from typing import TYPE_CHECKING, Any

import torch

from hypernet.base_model.allocator import forget_code
from hypernet.base_model.conversion import make_cache
from hypernet.base_model.llama import Llama
from hypernet.engine.cpu import weights
from hypernet.engine.cpu.weights import HEAD
from hypernet.mapped import ALIGNMENT as LINE
from hypernet.mapped import read_arrays, write_arrays
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from hypernet.base_model.decoder import Forward
    from hypernet.base_model.kv_cache import RowCache
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.cpu.decoder import CpuDecoder
    from hypernet.engine.torch.slots import SlotPool
    from hypernet.progress import Progress

MARK_DIGITS = 16
COMPILER = "libllvmlite"
LAYOUT = 1
"""Raised when the tiles are laid out otherwise, so that old files are made anew."""


class DecoderOnDemand:
    """A decoder that is made when the first token is decoded. For one thread at a time."""

    def __init__(self, make: Callable[[], CpuDecoder]) -> None:
        self._make = make
        self._made: CpuDecoder | None = None

    def step(
        self, cache: RowCache, pool: SlotPool, tokens: Sequence[int], slots: Sequence[int]
    ) -> torch.Tensor:
        """As `CpuDecoder.step`."""
        if self._made is None:
            self._made = self._make()
        return self._made.step(cache, pool, tokens, slots)

    def close(self) -> None:
        """Stop the threads, if there are any."""
        if self._made is not None:
            self._made.close()


def decoder_for(
    base: BaseModel, rows: int, cache: Path, progress: Progress = silent
) -> CpuDecoder | None:
    """A decoder for a base on a CPU; None where its sizes or its device do not suit."""
    if not _suits(base.forward):
        return None
    decoder = _made_decoder(base, rows, cache, progress)
    mark = _mark(base, cache)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    return decoder


def decoder_on_demand(
    base: BaseModel, rows: int, cache: Path, progress: Progress = silent
) -> CpuDecoder | DecoderOnDemand | None:
    """As `decoder_for`, but made at the first token where that takes no more than a moment.

    What only chooses among labels never decodes. Weights that are yet to be laid out, or code that
    is yet to be compiled, are made ready now.
    """
    if not _suits(base.forward):
        return None
    if _mark(base, cache).is_file() and _file(base, cache).is_file():
        return DecoderOnDemand(lambda: _made_decoder(base, rows, cache))
    return decoder_for(base, rows, cache, progress)


def _suits(forward: Forward) -> bool:
    return (
        isinstance(forward, Llama) and weights.fits(forward.config) and forward.device.type == "cpu"
    )


def _made_decoder(
    base: BaseModel, rows: int, cache: Path, progress: Progress = silent
) -> CpuDecoder:
    llama = base.forward
    assert isinstance(llama, Llama)  # noqa: S101  # for the type checker: who calls has looked
    progress(0.96, "loading the compiler")
    from hypernet.engine.cpu.decoder import CpuDecoder

    forget_code(COMPILER)  # half of its 70 MB are of use to its import alone
    tensors = load(base, cache, progress)
    progress(0.97, "compiling the decode step (once)")
    decoder = CpuDecoder(llama, tensors, rows)
    decoder.warm(llama)
    forget_code(COMPILER)
    return decoder


def _mark(base: BaseModel, cache: Path) -> Path:
    """The file that says that this code has been compiled here, by this compiler, for this base."""
    what = (version("numba"), machine(), processor(), base.fingerprint, base.forward.dtype)
    digest = hashlib.sha256(" ".join(map(str, what)).encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return cache / "decode" / f"compiled-{digest.hexdigest()[:MARK_DIGITS]}"


def _file(base: BaseModel, cache: Path) -> Path:
    return cache / "decode" / f"{base.fingerprint}-{LAYOUT}.safetensors"


def load(base: BaseModel, cache: Path, progress: Progress = silent) -> dict[str, NDArray[Any]]:
    """The laid-out weights by name: from the cache folder, or made now and kept there.

    A file that is damaged, or was cut off, is made anew.
    """
    file = _file(base, cache)
    if (there := read_arrays(file)) is not None:
        return there
    progress(0.9, "laying out the weights for decoding (once)")
    tensors = _made(base)
    make_cache(file.parent)
    with suppress(OSError):  # without room for it, the next start makes them again
        # Those that do not fill cache lines come last, for the others to begin with one.
        write_arrays(file, dict(sorted(tensors.items(), key=lambda one: one[1].nbytes % LINE > 0)))
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
