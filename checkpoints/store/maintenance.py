"""Looking after a whole database: verify, prune, export, import, back up, supply vectors."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from itertools import islice
from typing import IO, TYPE_CHECKING, cast

from boltons.fileutils import AtomicSaver

from checkpoints.deletion import prune
from checkpoints.errors import FileExists, LimitExceeded, MemoryFault
from checkpoints.file import export, importing
from checkpoints.file.checking import first_problem
from checkpoints.file.database import from_os, write_copy
from checkpoints.graph import characters, history, vectors, verification
from checkpoints.graph.access import Visibility
from checkpoints.graph.vectors import check_vector
from checkpoints.graph.writes import utc_now
from checkpoints.limits import bounded, check_name
from checkpoints.policy import PrunePolicy
from checkpoints.tasks.verification import task_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlite_utils import Database

    from checkpoints.deletion.prune import Pruned
    from checkpoints.file.checking import State
    from checkpoints.file.connection import Connection
    from checkpoints.file.importing import Imported
    from checkpoints.limits import StoreLimits
    from checkpoints.records import Vector


# Text ids looked at in one go, some 50 ms, and how long others may take their turn after it.
_PART, _PAUSE_SECONDS = 20_000, 0.001


class _DryRun(Exception):  # noqa: N818  # not an error: it only ends a transaction
    pass


class Maintenance:
    """What is done to a database as a whole; `Store.maintenance` gives it.

    It covers every session, also those that the store at hand does not show. `verify`, `export`,
    `backup` and dry runs work on a reader too. Any method may raise MemoryFault; one that raises
    has changed nothing.
    """

    def __init__(
        self, connection: Connection, limits: StoreLimits, forget: Callable[[], None]
    ) -> None:
        """`forget` drops what is kept in memory of rows that a prune may take away."""
        self._connection = connection
        self._limits = limits
        self._forget = forget

    def checked(self) -> tuple[State, str | None]:
        """How far the check of the whole file is, and what is wrong with it; reads nothing.

        A reader checks nothing.
        """
        check = self._connection.check
        if check is None:
            return ("stopped" if self.read_only else "sound"), None
        return check.state, check.problem

    @property
    def read_only(self) -> bool:
        """Whether the file was opened for reading, beside whoever has it."""
        return self._connection.read_only

    @property
    def moved(self) -> bool:
        """Whether the file is no longer where it was opened: then every write is refused."""
        return self._connection.moved

    def others_wrote(self) -> int:
        """A number that is another one once another process has written to the file."""
        with self._connection.idle() as db:
            number: int = db.execute("PRAGMA data_version").fetchone()[0]
            return number

    def damage(self) -> str | None:
        """What SQLite's quick check of the whole file finds first, now; None: nothing."""
        with self._connection.reading() as db:
            return first_problem(db.conn)

    def verify(self, limit: int = 1_000) -> list[str]:
        """Re-derive every hash, total, link and the search index.

        Returns what is wrong, the first difference first and at most `limit` of them; nothing
        when all is well. Reads the whole file, one row at a time.
        """
        with self._connection.reading() as db:
            return list(islice(_problems(db), limit))

    def prune(
        self,
        policy: PrunePolicy = PrunePolicy(),  # noqa: B008  # frozen, safe to share
        *,
        dry_run: bool = False,
    ) -> Pruned:
        """Take away the checkpoints that `policy` does not keep, and what only they led to.

        What a session sees stays, and so does every id. The file is then made smaller, which
        needs as much free disk as it will have; if that fails, the MemoryFault says that the
        prune itself took place. A dry run counts the same and changes nothing.
        """
        if dry_run:
            with self._connection.reading() as db:
                return prune.plan(db, policy)
        with self._connection.writing(references_at_end=True) as db:
            pruned = prune.plan(db, policy)
            prune.carry_out(db, utc_now())
            # Row numbers are given out again.
            self._forget()
        try:
            self._connection.compact()
        except MemoryFault as error:
            raise MemoryFault(
                f"pruned, but the file could not be made smaller ({error}); prune again to try"
            ) from error
        return pruned

    def export(self, session_id: str, target: Path, *, overwrite: bool = False) -> int:
        """Write one session to a file of JSON lines, its owner's alone; returns its bytes.

        Raises UnknownSession, BadIdentifier, or FileExists unless it may `overwrite`.
        """

        def write(file: IO[bytes]) -> None:
            with self._connection.reading() as db:
                for line in export.lines(db, history.session_row(db, session_id)):
                    file.write(line.encode() + b"\n")

        with self._connection.reading() as db:
            Visibility().session(db, session_id)
        return _write_whole(target, overwrite, write)

    def import_session(
        self, source: Path, *, principal: str | None = None, dry_run: bool = False
    ) -> Imported:
        """Bring in the session of an exported file, with the ids it had; all of it or nothing.

        It is `principal`'s from then on, or with None nobody's: a name in the file is that of
        someone elsewhere. A dry run checks the same and then takes it all back. Raises BadLine
        naming the line, SessionExists and LimitExceeded.
        """
        check_name("principal", principal, self._limits.name_chars)
        try:
            with suppress(_DryRun), source.open("rb") as file, self._connection.writing() as db:
                count = db["sessions"].count
                if count >= self._limits.sessions:
                    raise LimitExceeded(
                        "sessions", count, self._limits.sessions, "stored", "use a new database"
                    )
                imported = importing.read(
                    db, file, principal, self._limits, self._connection.require_room
                )
                if dry_run:
                    raise _DryRun
            return imported
        except OSError as error:
            raise MemoryFault(f"file {source.name}: {error.strerror or 'unreadable'}") from error

    def backup(self, target: Path, *, overwrite: bool = False) -> int:
        """Copy the database to a file at one moment, and verify the copy; returns its bytes.

        Works while a server writes. Raises FileExists unless it may `overwrite`.
        """

        def check(copy: Database) -> None:
            for problem in _problems(copy):
                raise MemoryFault(f"backup {target.name}: {problem}; it was not kept")

        _refuse_taken(target, overwrite)
        with self._connection.idle() as db:
            try:
                write_copy(db.conn, target, check)
                return target.stat().st_size
            except OSError as error:
                raise from_os(target.name, error) from error

    def sessions_by_principal(self) -> dict[str | None, int]:
        """How many sessions each principal has, and, under None, how many are nobody's."""
        with self._connection.reading() as db:
            rows = db.execute("SELECT principal, count(*) FROM sessions GROUP BY principal")
            return dict(rows.fetchall())

    def tasks_by_principal(self) -> dict[str | None, int]:
        """How many named tasks each principal has, and, under None, how many are nobody's."""
        with self._connection.reading() as db:
            rows = db.execute("SELECT principal, count(*) FROM named_tasks GROUP BY principal")
            return dict(rows.fetchall())

    def without_vectors(self, encoder: str, limit: int, after: int = 0) -> list[tuple[int, str]]:
        """Up to `limit` memory texts without a vector of `encoder` or its tokens: (text id, text).

        `after` is the last id of the batch before, so that a pass over all texts is one scan.
        Looks part by part, between which other calls have their turn.
        """
        found: list[tuple[int, str]] = []
        after, limit = bounded(after), bounded(limit)
        while True:
            with self._connection.reading() as db:
                room = limit - len(found)
                found += vectors.texts_without(db, encoder, room, after, after + _PART)
                last = db.execute("SELECT coalesce(max(text_id), 0) FROM items").fetchone()[0]
            after += _PART
            if after >= last or len(found) >= limit:
                return found
            time.sleep(_PAUSE_SECONDS)

    def fill_characters(self) -> bool:
        """Index the next texts from before there was an index of characters; are more left?

        A tenth of a second each, until it gives False: until then searches in languages without
        spaces between words miss what is left. A reader leaves it to the server.
        """
        with self._connection.reading() as db:
            if self._connection.read_only or characters.filled_to(db) is None:
                return False
        with self._connection.writing() as db:
            return characters.fill(db)

    def add_vectors(self, values: Sequence[tuple[int, str, Vector]]) -> int:
        """Give texts (text id, text) the vectors or tokens they lack; how many were stored.

        A text that has one, or is gone, is passed over. Raises BadValue or LimitExceeded.
        """
        rows = [
            (
                text_id,
                text,
                vector.encoder,
                check_vector(f"vectors[{position}]", vector, self._limits),
            )
            for position, (text_id, text, vector) in enumerate(values)
        ]
        with self._connection.writing() as db:
            self._connection.require_room(db, sum(len(vector) for *_, vector in rows))
            return vectors.add_vectors(db, rows)


def _problems(db: Database) -> Iterator[str]:
    yield from verification.problems(db)
    yield from task_problems(db)


def _refuse_taken(target: Path, overwrite: bool) -> None:
    if target.is_symlink():
        raise MemoryFault(f"file {target.name}: is a symbolic link, never followed; name another")
    if target.exists() and not (overwrite and target.is_file()):
        raise FileExists(target.name)


def _write_whole(target: Path, overwrite: bool, write: Callable[[IO[bytes]], None]) -> int:
    """A file that appears under its name only when it is complete and on the disk."""
    _refuse_taken(target, overwrite)
    # Of this process: two exports to one file must not write into one part.
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        with AtomicSaver(
            str(target), part_file=partial.name, overwrite_part=True, file_perms=0o600
        ) as file:
            write(cast("IO[bytes]", file))
        return target.stat().st_size
    except OSError as error:
        raise MemoryFault(f"file {target.name}: {error.strerror or 'cannot be written'}") from error
    finally:
        # The saver leaves it when its own last flush fails, as on a full disk.
        partial.unlink(missing_ok=True)
