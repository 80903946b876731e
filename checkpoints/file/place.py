"""Whether the open database is still the file at its path, and what to do when it is not.

A file that is moved or deleted stays open, and SQLite goes on writing beside its old name, where
nobody will look. So each write asks before it is acknowledged.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from checkpoints.errors import StoreMoved

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlite_utils import Database

# The bytes of the file that every connection holds a shared lock on (SQLite's SHARED_FIRST and
# SHARED_SIZE, part of its file format).
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510

_Identity = tuple[int, int] | None


class ReaderPlace:
    """Where a database is that is open for reading; made right after its opening.

    The connection keeps the file, so that no new one can get its number.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._file = _at(self._path)

    @property
    def moved(self) -> bool:
        """Whether the file at the path is another one by now, or none."""
        return _at(self._path) != self._file


class Place:
    """Where an open database and its write-ahead log are; made right after the database's opening.

    Holds a descriptor of its own, so that no new file can get the old one's number. It is closed
    after the connection: closing it earlier would give up SQLite's own locks.
    """

    def __init__(
        self, path: Path, reader_out: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        """`reader_out` keeps this process's other connections off the file for a while."""
        self._reader_out = reader_out
        # The working directory may change.
        self._path = path.absolute()
        self._log_path = Path(f"{self._path}-wal")
        self._fd = os.open(self._path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        self._file = _identity(os.fstat(self._fd))
        self._log: _Identity = None

    @property
    def moved(self) -> bool:
        """Whether the file at the path is another one by now, or none."""
        return _at(self._path) != self._file

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)

    def before_writing(self, db: Database) -> None:
        """Raise StoreMoved if the file is elsewhere; a lost log is made anew, with all it held.

        No transaction may be open.
        """
        if self.moved:
            self._save(db)
            raise StoreMoved(self._path.name, "this call changed nothing")
        if self._log is not None and _at(self._log_path) != self._log:
            # What the old log held goes into the file, then a new one is begun.
            with self._reader_out():
                db.execute("PRAGMA journal_mode = DELETE").fetchall()
                db.execute("PRAGMA journal_mode = WAL").fetchall()
            self._log = None

    def before_commit(self) -> None:
        """Raise StoreMoved if the file or its log is elsewhere."""
        moved = self.moved
        if moved or (self._log is not None and _at(self._log_path) != self._log):
            raise StoreMoved(self._path.name, "this call changed nothing", log=not moved)

    def after_commit(self, db: Database) -> None:
        """Raise StoreMoved if the file was moved during the commit, which then is in neither."""
        if self._log is None:
            self._log = _at(self._log_path)
        if self.moved:
            self._save(db)
            raise StoreMoved(self._path.name, "what this call changed went with the old file")

    def before_closing(self, db: Database) -> None:
        """Bring into a file that was moved what only its log holds."""
        if self.moved:
            self._save(db)

    def _save(self, db: Database) -> None:
        if sys.platform == "win32":  # an open file cannot be moved there
            return
        # Whoever opened the file at its new place has a log of their own, and must not be met.
        with suppress(OSError, sqlite3.Error), self._reader_out():
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
            try:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                fcntl.lockf(self._fd, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)


def _identity(found: os.stat_result) -> _Identity:
    return found.st_dev, found.st_ino


def _at(path: Path) -> _Identity:
    try:
        return _identity(path.stat())
    except OSError:
        return None
