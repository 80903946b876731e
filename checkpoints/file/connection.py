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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlite_utils import Database

    from checkpoints.file.checking import FileCheck
    from checkpoints.file.lock import FileLock
    from checkpoints.file.place import Place


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
        read_only: bool = False,
        committed: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """`committed` gets the seconds of each write, its commit included; it must not raise."""
        self._db = db
        self._file_lock = file_lock
        self._name = name
        self._most_bytes = most_bytes
        self._place = place
        self.check = check
        """The check of the whole file; None in memory and for a reader."""
        self._read_only = read_only
        self._committed = committed
        self._pid = os.getpid()
        self._thread_lock = threading.RLock()
        self._closed = False

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
        each deleted row, which would search every table that could refer to it. Raises StoreMoved
        rather than acknowledge what went into a file that is no longer at its path, StoreDamaged
        once the file has turned out damaged.
        """
        with self.idle() as db:
            if self._read_only:
                raise MemoryFault(
                    f"database {self._name}: opened for reading only; use Store.open to change it"
                )
            self._refuse_damaged()
            if self._place is not None:
                self._place.before_writing(db)
            if references_at_end:
                db.execute("PRAGMA foreign_keys = OFF")
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
            except BaseException:
                # Some failures of the disk have rolled back already.
                if db.conn.in_transaction:
                    db.execute("ROLLBACK")
                raise
            finally:
                if references_at_end:
                    db.execute("PRAGMA foreign_keys = ON")

    def compact(self) -> None:
        """Give the room of deleted rows back to the disk. Raises MemoryFault."""
        with self.idle() as db, self._alone():
            self._refuse_damaged()
            if self._place is not None:
                self._place.before_writing(db)
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

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
