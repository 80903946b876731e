"""What is wrong with a model's files, seen before a library reads them: each fault with its remedy.

Downloads that stopped half-way, Git LFS pointers in the place of what they point to, and folders
from which a file was left out look to a library like anything but that. Importing this imports no
torch; weights are not read, only where they lie.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
GGUF = b"GGUF"
LENGTH_BYTES = 8
MOST_HEADER = 100_000_000  # the format's own limit
FETCH = "fetch the file again"
# Any one of these is what a tokenizer is read from.
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
INDEX = "model.safetensors.index.json"
SHOWN_CHARS = 200


class BrokenModelError(ValueError):
    """A model's file is damaged, half there or missing; the message names it and what helps."""


def check_model(folder: Path, remedy: str = FETCH) -> None:
    """Refuse a folder that a base or an encoder cannot be loaded from; `remedy` is said with it.

    Raises:
        BrokenModelError: a file is damaged or missing.
    """
    config = read_object(folder / "config.json", remedy)
    if not isinstance(config.get("model_type"), str):
        raise BrokenModelError(f"{folder / 'config.json'} names no model_type: {remedy}")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise BrokenModelError(f"{folder} holds no *.safetensors (pickles are not read)")
    for file in weights:
        check_safetensors(file, remedy)
    if (folder / INDEX).is_file():
        parts = read_object(folder / INDEX, remedy).get("weight_map")
        names = parts.values() if isinstance(parts, dict) else ()
        for name in sorted({str(part) for part in names}):
            check_file(folder / name, remedy)
    tokenizers = [folder / name for name in TOKENIZERS if (folder / name).exists()]
    if not tokenizers:
        raise BrokenModelError(
            f"{folder} holds no tokenizer ({TOKENIZERS[0]}): copy the model's tokenizer files there"
        )
    for file in (*tokenizers, folder / "tokenizer_config.json"):
        if file.suffix == ".json" and file.exists():
            read_object(file, remedy)
        elif file in tokenizers:
            check_file(file, remedy)


def check_file(file: Path, remedy: str = FETCH) -> None:
    """Refuse a file that is not there, empty, or only points to where it would be.

    Raises:
        BrokenModelError: it is.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(len(LFS_POINTER))
    except FileNotFoundError:
        raise BrokenModelError(f"{file} is missing: {remedy}") from None
    except OSError as error:
        raise BrokenModelError(f"{file} cannot be read: {error.strerror}") from error
    if not start:
        raise BrokenModelError(f"{file} is empty: {remedy}")
    if start == LFS_POINTER:
        raise BrokenModelError(
            f"{file} is a Git LFS pointer, not the file itself: run `git lfs pull` where it was "
            "cloned, or fetch the file from where the model is published"
        )


def check_safetensors(file: Path, remedy: str = FETCH) -> None:
    """Refuse a safetensors file that is cut off or is none.

    Raises:
        BrokenModelError: as `check_file`, or its header does not fit its size.
    """
    check_file(file, remedy)
    size = file.stat().st_size
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(LENGTH_BYTES), "little")
            if length > min(MOST_HEADER, size - LENGTH_BYTES):
                raise ValueError(f"it has {size} bytes and needs {length + LENGTH_BYTES} or more")
            header = json.loads(opened.read(length))
        ends = [
            entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"
        ]
        whole = LENGTH_BYTES + length + max(ends, default=0)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise BrokenModelError(
            f"{file} is cut off or no safetensors file ({short(error)}): {remedy}"
        ) from error
    if whole != size:
        raise BrokenModelError(
            f"{file} is damaged: it has {size} bytes and should have {whole}: {remedy}"
        )


def check_gguf(file: Path, *, tables: bool = True) -> None:
    """Refuse a GGUF file that is none or, where its `tables` are read (some seconds), is cut off.

    Raises:
        BrokenModelError: as `check_file`, or what its tables name is not in it.
    """
    check_file(file)
    with file.open("rb") as opened:
        if opened.read(len(GGUF)) != GGUF:
            raise BrokenModelError(f"{file} is no GGUF file: {FETCH}")
    if not tables:
        return
    from gguf import GGUFReader

    with reading(str(file), f"is cut off or damaged: {FETCH}"):
        GGUFReader(file)


def read_object(file: Path, remedy: str = FETCH) -> dict[str, Any]:
    """A file's JSON object.

    Raises:
        BrokenModelError: as `check_file`, or it holds none.
    """
    check_file(file, remedy)
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BrokenModelError(f"{file} is damaged: it holds no JSON object: {remedy}")
    return found


@contextmanager
def reading(what: str, fault: str, *passed: type[Exception]) -> Iterator[None]:
    """Around a library that reads `what`: its errors become ours, except those `passed` on.

    Raises:
        BrokenModelError: `what` and the `fault`, with the library's error in short.
    """
    try:
        yield
    except Exception as error:  # libraries raise what they like over a damaged file
        # An error of the system, such as a full disk, is none of the file's.
        system = isinstance(error, OSError) and error.errno is not None
        if system or isinstance(error, (BrokenModelError, MemoryError, *passed)):
            raise
        raise BrokenModelError(
            f"{what} {fault} ({type(error).__name__}: {short(error)})"
        ) from error


def short(error: BaseException) -> str:
    """What an error says, on one line and not too long."""
    line = " ".join(str(error).split())
    return line if len(line) <= SHOWN_CHARS else f"{line[: SHOWN_CHARS - 1]}…"
