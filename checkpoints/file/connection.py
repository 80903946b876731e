"""The one connection to the database: one thread at a time, one transaction at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from checkpoints.errors import LimitExceeded, MemoryFault
from checkpoints.file.checking import is_damage
from checkpoints.file.database import from_sqlite
from checkpoints.records import one_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlite_utils import Database

    from checkpoints.file.checking import FileCheck
    from checkpoints.file.lock import FileLock
    from checkpoints.file.place import Place, ReaderPlace


# Word for the next process: rows were deleted for good, and the file not yet written anew.
_REWRITE = "rewrite"


class Connection:
    """An open database with its lock file; `name` is what messages call it."""

    def __init__(
        self,
        db: Database,
        file_lock: FileLock | None,
        name: str,
        most_bytes: int,
        *,
        place: Place | None = None,
        check: FileCheck | None = None,
        read_from: ReaderPlace | None = None,
        committed: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """With `read_from` nothing can be written.

        `committed` gets the seconds of each write, its commit included; it must not raise.
        """
        self._db = db
        db.register_function(lambda name: name and one_form(name), name="one_form")
        self._file_lock = file_lock
        self._name = name
        self._most_bytes = most_bytes
        self._place = place
        self.check = check
        """The check of the whole file; None in memory and for a reader."""
        self._read_from = read_from
        self._committed = committed
        self._pid = os.getpid()
        self._thread_lock = threading.RLock()
        self._closed = self._log_left = False

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading."""
        return self._read_from is not None

    @property
    def moved(self) -> bool:
        """Whether the file is no longer where it was opened."""
        place = self._place or self._read_from
        return place is not None and place.moved

    def close(self) -> None:
        """Close the database and give its lock up; closing twice is fine."""
        # In a forked child the connection and the lock belong to the parent.
        if os.getpid() != self._pid:
            return
        with self._thread_lock:
            if not self._closed:
                self._closed = True
                if self.check is not None:
                    self.check.stop()
                if self._place is not None:
                    self._place.before_closing(self._db)
                self._db.conn.close()
                if self._place is not None:
                    self._place.close()
                if self._file_lock is not None:
                    self._file_lock.release()

    @contextmanager
    def idle(self) -> Iterator[Database]:
        """The database outside any transaction, for this thread alone. Raises MemoryFault."""
        # Asked before the lock: in a forked child its holder may be a thread that is not there.
        if os.getpid() != self._pid:
            raise MemoryFault(
                f"database {self._name}: opened by process {self._pid}, used in {os.getpid()}; "
                "open the store in the process that uses it"
            )
        with self._thread_lock:
            if self._closed:
                raise MemoryFault(f"database {self._name}: the store is closed; open it again")
            if self._read_from is not None and self._read_from.moved:
                raise MemoryFault(
                    f"database {self._name}: the file was moved, deleted or replaced while it was "
                    "open; open it again"
                )
            try:
                yield self._db
            except sqlite3.Error as error:
                if self.check is not None and is_damage(error):
                    self.check.met(str(error))
                raise from_sqlite(self._name, error) from error

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """One moment of the database, whoever writes meanwhile. Raises MemoryFault."""
        with self.idle() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                # Some failures of the disk have rolled back already.
                if db.conn.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, references_at_end: bool = False) -> Iterator[Database]:
        """One transaction, committed whole or not at all. Raises MemoryFault.

        `references_at_end` looks for dangling references once before the commit, instead of at
        each deleted row, which would search every table that could refer to it; what is deleted is
        overwritten with zeros. Raises StoreMoved rather than acknowledge what went into a file that
        is no longer at its path, and StoreDamaged once the file has turned out damaged.
        """
        with self.idle() as db:
            if self.read_only:
                raise MemoryFault(
                    f"database {self._name}: opened for reading only; use Store.open to change it"
                )
            self._refuse_damaged()
            if self._place is not None:
                self._place.before_writing(db)
            if references_at_end:
                zeros = int(db.execute("PRAGMA secure_delete").fetchone()[0])
                db.execute("PRAGMA foreign_keys = OFF")
                db.execute("PRAGMA secure_delete = ON").fetchall()
            try:
                began = time.perf_counter()
                # Immediate: one that reads first and then writes could be refused at once.
                db.execute("BEGIN IMMEDIATE")
                yield db
                if references_at_end and db.execute("PRAGMA foreign_key_check").fetchone():
                    raise MemoryFault(
                        f"database {self._name}: some rows would refer to nothing, so nothing was "
                        "changed; `hypernet-mcp sessions verify` says which"
                    )
                self._refuse_damaged()
                if self._place is not None:
                    self._place.before_commit()
                db.execute("COMMIT")
                if self._place is not None:
                    self._place.after_commit(db)
                self._committed(time.perf_counter() - began)
                if self._log_left:
                    self._empty_log(db, wait=False)
            except BaseException:
                # Some failures of the disk have rolled back already.
                if db.conn.in_transaction:
                    db.execute("ROLLBACK")
                raise
            finally:
                if references_at_end:
                    db.execute("PRAGMA foreign_keys = ON")
                    db.execute(f"PRAGMA secure_delete = {zeros}").fetchall()

    def compact(self) -> bool:
        """Write the file anew, without what deleted rows left in it, and empty its log.

        False if another process reads the file at a moment from before: then the log is emptied
        after a later write. Raises MemoryFault.
        """
        with self.idle() as db, self._alone():
            self._refuse_damaged()
            if self._place is not None:
                self._place.before_writing(db)
            db.execute("VACUUM")
            return self._empty_log(db)

    def note_deletion(self) -> None:
        """Leave word, for the next start, that the file is to be written anew."""
        if self._file_lock is not None:
            self._file_lock.note(_REWRITE)

    def finish_deletion(self) -> None:
        """Write the file anew if a process before deleted something and was ended."""
        if self._file_lock is not None and _REWRITE in self._file_lock.noted:
            self.compact()

    def _empty_log(self, db: Database, *, wait: bool = True) -> bool:
        patience = db.execute("PRAGMA busy_timeout").fetchone()[0]
        if not wait:
            db.execute("PRAGMA busy_timeout = 0").fetchall()
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        db.execute(f"PRAGMA busy_timeout = {patience}").fetchall()
        self._log_left = bool(busy)
        if not busy and self._file_lock is not None:
            self._file_lock.note(_REWRITE, on=False)
        return not busy

    def _alone(self) -> AbstractContextManager[None]:
        return nullcontext() if self.check is None else self.check.paused()

    def _refuse_damaged(self) -> None:
        if self.check is not None:
            self.check.refuse_damaged()

    def require_room(self, db: Database, incoming: int = 0) -> None:
        """Raise LimitExceeded if `incoming` bytes more would outgrow the database's limit."""
        pages: int = db.execute("PRAGMA page_count").fetchone()[0]
        size = pages * db.execute("PRAGMA page_size").fetchone()[0] + incoming
        if size > self._most_bytes:
            raise LimitExceeded(
                "database",
                size,
                self._most_bytes,
                "bytes",
                "allow it more, prune old checkpoints, or use a new database file",
            )
