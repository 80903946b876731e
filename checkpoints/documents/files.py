"""Finding and opening documents below the folders that are allowed, and nowhere else.

Every path is resolved first, so neither `..` nor a symbolic link leads out of an allowed folder.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checkpoints.documents.limits import DocumentError, DocumentLimits
from checkpoints.documents.parsing import KNOWN
from checkpoints.documents.paths import above, as_kept, as_path, normal, own_end, within
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


class PassedOverError(DocumentError):
    """Files of a folder that are of kinds that are not read."""


@dataclass(frozen=True)
class DocumentFile:
    """A file that may be read: where it lies, below which allowed folder, and its name there."""

    path: Path
    root: Path
    name: str


def find_documents(
    path: str, roots: Sequence[Path], limits: DocumentLimits
) -> list[DocumentFile | DocumentError]:
    """The file at `path`, or those in that folder and below of a kind that can be read, by name.

    `path` is absolute, or relative to an allowed folder, or a `file://` address; its names may be
    in another Unicode form than the file system's. In a folder, hidden entries and links that lead
    outside are left out, the links as errors in the list; files of other kinds are counted in one
    error at its end.

    Raises:
        DocumentError: nothing is there, it is outside of `roots`, or it holds too many files.
    """
    root, resolved = _resolved(path, roots)
    names = _Names(root, roots)
    if not resolved.is_dir():
        return [DocumentFile(resolved, root, names.of(resolved))]
    found: list[DocumentFile | DocumentError] = []
    passed: Counter[str] = Counter()
    unopened: list[OSError] = []
    for entry in _walk(resolved, passed, unopened):
        name = names.of(entry)
        try:
            target = entry.resolve(strict=True)
        except (OSError, RuntimeError):  # or the link leads round in a circle
            found.append(DocumentError(name, "is a link that leads nowhere; mend or remove it"))
            continue
        if entry.is_symlink() and (target.is_dir() or not target.is_relative_to(root)):
            problem = "is a link to a folder or out of the allowed one; name what it points to"
            found.append(DocumentError(name, problem))
        elif target.is_file():
            found.append(DocumentFile(target, root, name))
        else:
            found.append(DocumentError(name, "is not an ordinary file; remove it or leave it"))
        if len(found) > limits.files:
            raise DocumentError(
                path, f"over {limits.files} files, the limit; remember its folders one by one"
            )
    for error in unopened:
        problem = f"{error.strerror or 'cannot be opened'}; make the folder readable and retry"
        found.append(DocumentError(names.of(Path(error.filename)), problem))
    if passed:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in passed.most_common(10))
        problem = f"{passed.total()} files of other kinds are not read: {kinds}"
        found.append(PassedOverError(names.of(resolved), problem))
    return found


def read_bytes(file: DocumentFile, limits: DocumentLimits) -> bytes:
    """The file's bytes.

    Raises:
        DocumentError: over the size limit, unreadable, or no longer where it was.
    """
    # Without waiting for the other end of a pipe, and without following a link put there since.
    flags = os.O_RDONLY | sum(getattr(os, f, 0) for f in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))
    try:
        with os.fdopen(os.open(file.path, flags), "rb") as opened:
            status = os.fstat(opened.fileno())
            moved = file.path.resolve(strict=True)
            same = os.path.samestat(status, moved.stat()) and moved.is_relative_to(file.root)
            if not stat.S_ISREG(status.st_mode) or not same:
                raise DocumentError(file.name, "is not an ordinary file; name another")
            data = opened.read(limits.file_bytes + 1)
            after = os.fstat(opened.fileno())
    except OSError as error:
        problem = error.strerror or "cannot be opened"
        raise DocumentError(file.name, f"{problem}; make it readable and retry") from error
    if len(data) > limits.file_bytes:
        raise DocumentError(
            file.name, f"{status.st_size} bytes, the limit is {limits.file_bytes}; split the file"
        )
    if (after.st_size, after.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
        raise DocumentError(file.name, "was changed while it was read; call again when it is whole")
    return data


def _resolved(text: str, roots: Sequence[Path]) -> tuple[Path, Path]:
    """The allowed folder that a path is in, and where it truly lies."""
    path = as_path(text)
    try:
        whole = [kept.resolve(strict=True) for root in roots if (kept := _kept(root)) is not None]
        # A name as `remember` and `recall` show it begins with the allowed folder's own name, or
        # with as much of its path as tells it from others.
        tries = [
            (root, base / path)
            for root in whole
            for base in (root, root.parent, above(root, own_end(root, _namesakes(root, whole))))
        ]
        for root, candidate in tries:
            resolved = candidate.resolve()
            if resolved.is_relative_to(root) and resolved.exists():
                return root, resolved
        for root, candidate in tries:
            below = within(candidate, root)
            kept = None if below is None else as_kept(root, below)
            if kept is not None and (resolved := kept.resolve()).is_relative_to(root):
                return root, resolved
    except (OSError, ValueError, RuntimeError) as error:
        raise DocumentError(text, "is not a path that can be opened; check it") from error
    raise DocumentError(
        text, "there is no such file or folder below the allowed folders; check the path"
    )


def _kept(root: Path) -> Path | None:
    """An allowed folder as the file system has its name; None where it is not."""
    found = root if root.is_dir() else as_kept(Path(root.anchor), root.parts[1:])
    return found if found is not None and found.is_dir() else None


def _walk(folder: Path, passed: Counter[str], unopened: list[OSError]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=unopened.append):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS
        )
        yield from (Path(parent, f) for f in folders if os.path.islink(os.path.join(parent, f)))
        for name in sorted(names):
            kind = Path(name).suffix.lower()
            if name.startswith("."):
                continue
            if kind in KNOWN:
                yield Path(parent, name)
            else:
                passed[beginning(_clean(kind), 20) or "without an ending"] += 1


class _Names:
    """What the files of an allowed folder are called: by its own name and their place in it.

    Where an earlier allowed folder of the same name has a file in the same place, this one's is
    called by more of its path: they are two sources.
    """

    def __init__(self, root: Path, roots: Sequence[Path]) -> None:
        whole = [kept.resolve() for each in roots if (kept := _kept(each)) is not None]
        self._root = root
        self._before = _namesakes(root, whole)
        self._longer = own_end(root, self._before)

    def of(self, path: Path) -> str:
        """The name of a file or folder."""
        parts = path.relative_to(self._root).parts
        taken = any(_holds(each, parts) for each in self._before)
        return _clean("/".join((*(self._longer if taken else self._longer[-1:]), *parts)))


def _namesakes(root: Path, roots: Sequence[Path]) -> list[Path]:
    """The allowed folders before one that have its name."""
    before = roots[: roots.index(root)]
    return [each for each in before if normal(each.name) == normal(root.name)]


def _holds(folder: Path, parts: tuple[str, ...]) -> bool:
    try:
        return as_kept(folder, parts) is not None
    except OSError:  # what cannot be looked at is no source
        return False


def _clean(name: str) -> str:
    # Bytes of a name that are no UTF-8 arrive as lone surrogates, which no database or wire takes.
    name = normal(name)
    return name.encode(errors="surrogateescape").decode(errors="replace")
