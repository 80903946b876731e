"""One process per database: an advisory lock on a small file beside it.

The operating system drops the lock with the process, so a killed process leaves nothing to clean
up; the file itself stays. Beside the process it names what the next one must know of the database.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from checkpoints.errors import StoreLocked

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Windows locks are mandatory: the locked byte lies beyond the pid, which others must read.
_LOCK_OFFSET = 1 << 20


class FileLock:
    """An exclusive lock on `<database>.lock`, held from construction until `release`."""

    def __init__(self, database: Path) -> None:
        """Take the lock at once; raises StoreLocked naming the process that has it."""
        self.path = Path(f"{database}.lock")
        self.created = not self.path.exists()
        self.noted: frozenset[str] = frozenset()
        """What the process before left word of."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        self._fd = os.open(self.path, flags, 0o600)
        try:
            _lock(self._fd)
        except (BlockingIOError, PermissionError) as error:
            holder = _holder(self._fd)
            os.close(self._fd)
            raise StoreLocked(database.name, holder) from error
        self.noted = frozenset(_words(self._fd)[1:])
        self._write(self.noted)

    def note(self, word: str, *, on: bool = True) -> None:
        """Leave word for the next process, on the disk, or take it back."""
        now = self.noted | {word} if on else self.noted - {word}
        if now != self.noted:
            self.noted = now
            self._write(now)
            os.fsync(self._fd)

    def _write(self, noted: frozenset[str]) -> None:
        os.lseek(self._fd, 0, os.SEEK_SET)
        os.ftruncate(self._fd, 0)
        os.write(self._fd, " ".join([str(os.getpid()), *sorted(noted)]).encode())

    def release(self, *, remove: bool = False) -> None:
        """Give the lock up; `remove` also deletes the file, for a database that was refused."""
        if remove and self.created:
            with suppress(OSError):
                self.path.unlink()
        # Unlocking, not only closing: a forked child may still hold a copy of the descriptor.
        _unlock(self._fd)
        os.close(self._fd)


def _holder(fd: int) -> str:
    number = next(iter(_words(fd)), "")
    return f"process {number}" if number.isdigit() else "another process"


def _words(fd: int) -> list[str]:
    return os.read(fd, 200).decode("ascii", "replace").split()


if sys.platform == "win32":

    def _lock(fd: int) -> None:
        os.lseek(fd, _LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(fd, 0, os.SEEK_SET)

    def _unlock(fd: int) -> None:
        os.lseek(fd, _LOCK_OFFSET, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)
