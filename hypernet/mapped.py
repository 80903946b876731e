"""Safetensors files without a second copy: mapped, or read straight into their place.

Torch and numpy are imported on use.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from hypernet.files import replacing
from hypernet.model_files import LENGTH_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

METADATA, FORMAT, DIGEST = "__metadata__", "format", "sha256"
ALIGNMENT = 64
"""Bytes at a multiple of which what is written here begins: a cache line."""
TYPES = {"BF16": "bfloat16", "F16": "float16", "F32": "float32", "F64": "float64"}
PIECE = 2**20
ARRAYS = {"U8": "uint8", "I8": "int8", "U16": "uint16"}


def mapped_tensors(file: Path) -> dict[str, Tensor]:
    """A file's tensors, all views of one storage. What is written to them stays in this process.

    Raises:
        SafetensorError: the file is damaged.
    """
    import torch
    from safetensors import safe_open

    with safe_open(str(file), "pt") as stored:  # which looks whether the header tells the truth
        names = list(stored.keys())
        header, start = _header(file)
        if any(header[name]["dtype"] not in TYPES for name in names):
            return {name: stored.get_tensor(name) for name in names}
    size = file.stat().st_size
    data = torch.from_file(str(file), shared=False, size=size, dtype=torch.uint8)
    found: dict[str, Tensor] = {}
    for name in names:
        dtype = getattr(torch, TYPES[header[name]["dtype"]])
        first, end = (start + offset for offset in header[name]["data_offsets"])
        part = data[first:end] if first % dtype.itemsize == 0 else data[first:end].clone()
        found[name] = part.view(dtype).view(header[name]["shape"])
    return found


def read_arrays(file: Path) -> dict[str, NDArray[Any]] | None:
    """What `write_arrays` wrote; None where there is none or it is damaged.

    Read, not mapped: walking through mapped weights for every token takes some percent longer.
    """
    import numpy as np

    try:
        header, start = _header(file)
        given = header.pop(METADATA)[DIGEST]
        digest = _digest(header)
        size = file.stat().st_size - start
        # Not numpy's own memory, for whose large pages the system may first have to tidy up.
        room = np.frombuffer(bytearray(size + ALIGNMENT), np.uint8)
        content = room[-room.ctypes.data % ALIGNMENT :][:size]
        with file.open("rb") as stream:
            stream.seek(start)
            for first in range(0, size, PIECE):
                piece = content[first : first + PIECE].data
                if stream.readinto(piece) != len(piece):
                    return None
                digest.update(piece)
        if digest.hexdigest() != given:
            return None
        return {
            name: content[slice(*one["data_offsets"])]
            .view(ARRAYS[one["dtype"]])
            .reshape(one["shape"])
            for name, one in header.items()
        }
    except (OSError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return None


def write_arrays(
    file: Path, arrays: Mapping[str, NDArray[Any]], types: Mapping[str, str] | None = None
) -> None:
    """Write arrays as safetensors, in their order, with a digest of all that is in it.

    The first begins with a cache line, and so do those behind it as long as each fills whole ones.
    Several processes may write the same file at once.

    Args:
        file: where to.
        arrays: by name.
        types: the format's name for the type of an array that numpy has none for.
    """
    import numpy as np

    kinds = {np.dtype(kind): name for name, kind in ARRAYS.items()}
    header: dict[str, Any] = {}
    end = 0
    for name, array in arrays.items():
        kind = (types or {}).get(name) or kinds[array.dtype]
        shape, place = list(array.shape), [end, end := end + array.nbytes]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": place}
    parts = [np.ascontiguousarray(array).reshape(-1).view(np.uint8) for array in arrays.values()]
    digest = _digest(header)
    for part in parts:
        digest.update(part.data)
    whole = {METADATA: {FORMAT: "pt", DIGEST: digest.hexdigest()}, **header}
    text = json.dumps(whole).encode()
    text += b" " * (-(LENGTH_BYTES + len(text)) % ALIGNMENT)
    with replacing(file, shared=True) as stream:
        stream.write(len(text).to_bytes(LENGTH_BYTES, "little") + text)
        for part in parts:
            stream.write(part.data)


def arrange(file: Path, order: Callable[[Iterable[str]], list[str]]) -> None:
    """Write a file's tensors anew where they do not lie in this order or begin with a cache line.

    Args:
        file: of tensors of `TYPES`.
        order: puts their names in order.
    """
    header, start = _header(file)
    header.pop(METADATA, None)
    names = sorted(header, key=lambda name: header[name]["data_offsets"])
    wanted = order(names)
    kinds = {name: header[name]["dtype"] for name in names}
    if (names == wanted and start % ALIGNMENT == 0) or not set(kinds.values()) <= TYPES.keys():
        return
    import torch

    tensors = mapped_tensors(file)
    bits = {2: torch.uint16, 4: torch.int32, 8: torch.int64}
    write_arrays(
        file,
        {name: tensors[name].view(bits[tensors[name].element_size()]).numpy() for name in wanted},
        kinds,
    )


def _header(file: Path) -> tuple[dict[str, Any], int]:
    """A file's header, and where its data begins."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
        if length > file.stat().st_size:
            raise ValueError(f"{file.name} is cut off")
        header: dict[str, Any] = json.loads(stream.read(length))
    return header, LENGTH_BYTES + length


def _digest(header: Mapping[str, Any]) -> Any:
    """A digest that begins with where everything is; what is there comes next."""
    return hashlib.sha256(json.dumps(header, sort_keys=True).encode())
