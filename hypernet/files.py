"""Files that are there whole or as they were before, and files that are their owner's alone."""

from __future__ import annotations

import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from boltons.fileutils import AtomicSaver

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIVATE = 0o600
"""The mode of files that hold what a user wrote, or what was learned from it."""


def keep_private(file: Path) -> None:
    """Take a file's permissions from all but its owner, if it is there. Raises OSError."""
    with suppress(FileNotFoundError):
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            file.chmod(PRIVATE)


@contextmanager
def replacing(
    file: Path, *, shared: bool = False, permissions: int | None = None
) -> Iterator[IO[bytes]]:
    """A stream whose content takes the file's place at the end; after an error nothing changes.

    Args:
        file: where the content goes.
        shared: whether others may write the same file at once. Then the part written so far has a
            name of its own, and stays behind if this process is killed; else the next one takes it.
        permissions: of the new file, as for `chmod`; None for those of the old one, or the usual.
    """
    part_file = f"{file.name}.{uuid4().hex}.part" if shared else None
    saver = AtomicSaver(str(file), part_file=part_file, overwrite_part=True, file_perms=permissions)
    try:
        with saver as stream:
            assert stream is not None  # noqa: S101  # for the type checker: it is open
            yield stream
    except BaseException:
        # On a full disk the saver's own last flush fails, and it leaves its part behind.
        part: Any = saver.part_file  # its type is stated wrongly
        if part is not None:
            with suppress(OSError):
                part.close()
        Path(saver.part_path).unlink(missing_ok=True)
        raise
