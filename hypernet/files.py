"""Files that are there whole or as they were before."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from boltons.fileutils import AtomicSaver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def replacing(file: Path, *, shared: bool = False) -> Iterator[IO[bytes]]:
    """A stream whose content takes the file's place at the end; after an error nothing changes.

    Args:
        file: where the content goes.
        shared: whether others may write the same file at once. Then the part written so far has a
            name of its own, and stays behind if this process is killed; else the next one takes it.
    """
    part_file = f"{file.name}.{uuid4().hex}.part" if shared else None
    with AtomicSaver(str(file), part_file=part_file, overwrite_part=True) as stream:
        assert stream is not None  # noqa: S101  # for the type checker: it is open
        yield stream
