"""Paths as people and programs write them: in any Unicode form, or as `file://` addresses.

What a keyboard types is composed (NFC); what some file systems keep is not (NFD).
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from checkpoints.documents.limits import DocumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_THIS_MACHINE = ("", "localhost")


def as_path(text: str) -> str:
    """The path that a `file://` address names; any other text as it is.

    Raises:
        DocumentError: an address of another machine or of another kind.
    """
    if not text.lower().startswith("file:"):
        if _ADDRESS.match(text):
            raise DocumentError(
                text, "is an address on the network; only files of the allowed folders are read"
            )
        return text
    try:
        address = urlsplit(text)
        host = address.hostname or ""
    except ValueError as error:
        raise DocumentError(text, "is not an address; give the path itself") from error
    if host not in _THIS_MACHINE:
        raise DocumentError(text, f"is on the machine {host}; give a path of this one")
    # With errors as the file system has them: a name need not be UTF-8.
    plain = unquote(address.path, errors="surrogateescape")
    path = url2pathname(address.path) if os.name == "nt" else plain
    if not path:
        raise DocumentError(text, "names no file; write file:///folder/name")
    return path


def normal(text: str) -> str:
    """A name in the one form that names are compared in."""
    return unicodedata.normalize("NFC", text)


def as_kept(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """What is below a folder under a path's parts, whatever Unicode form their names are kept in.

    None where nothing is. A part that leads upwards is nothing.

    Raises:
        OSError: a folder on the way cannot be read.
    """
    for part in parts:
        if part == os.pardir:
            return None
        if not (folder / part).exists():
            if not folder.is_dir():
                return None
            wanted = normal(part)
            same = sorted(entry for entry in os.listdir(folder) if normal(entry) == wanted)
            if not same:
                return None
            part = same[0]  # the same name, as it is kept
        folder /= part
    return folder


def own_end(folder: Path, others: Sequence[Path]) -> tuple[str, ...]:
    """The last parts of a folder's path, as many as no other's ends with; its name at least."""
    parts = _whole(folder)
    for count in range(1, len(parts)):
        if all(_whole(other)[-count:] != parts[-count:] for other in others):
            return parts[-count:]
    return parts


def above(folder: Path, end: tuple[str, ...]) -> Path:
    """The folder below which a path that begins with a folder's last parts leads there."""
    return folder.parents[min(len(end), len(folder.parents)) - 1]


def _whole(folder: Path) -> tuple[str, ...]:
    """The parts of a whole path in one form, that of the root without its separator."""
    return (folder.anchor.rstrip("/\\"), *map(normal, folder.parts[1:]))


def within(path: Path, folder: Path) -> tuple[str, ...] | None:
    """The parts of a path below a folder, by its words alone; None when it is not below it."""
    parts = Path(os.path.normpath(path)).parts
    depth = len(folder.parts)
    if tuple(map(normal, parts[:depth])) != tuple(map(normal, folder.parts)):
        return None
    return parts[depth:]
