"""Opening the database file: whose it is, that it is sound, and that it is ours alone.

A file that is refused is left as it was found.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import sqlite_utils

from checkpoints.errors import (
    MemoryFault,
    NotADatabase,
    StoreNewer,
    StoreOlder,
    StoreReadOnly,
)
from checkpoints.file import migrations
from checkpoints.file.checking import FileCheck, first_problem, is_damage
from checkpoints.file.lock import FileLock
from checkpoints.file.place import Place
from checkpoints.text.words import character_terms

if TYPE_CHECKING:
    from collections.abc import Callable

_BUSY_TIMEOUT_MS = 5_000
_FILE_MODE = 0o600
_DAMAGED = "damaged"
_FOLDER_MODE = 0o700


def open_memory() -> sqlite_utils.Database:
    """A database that lives and dies with the process."""
    return _prepare(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))


@dataclass(frozen=True)
class OpenFile:
    """An open database file, with what belongs to it."""

    db: sqlite_utils.Database
    lock: FileLock
    place: Place
    check: FileCheck


def open_file(
    path: Path,
    check_seconds: float | None = None,
    checked: Callable[[str | None, float], None] = lambda problem, seconds: None,
) -> OpenFile:
    """Open or create the database at `path` and bring it to the newest schema.

    The check of the whole file is waited for `check_seconds` at most (None: to its end); what it
    finds later goes to `checked`, with its seconds. One that turned out damaged before is waited
    for to its end, and one of an older schema is checked before any of its rows is changed.

    Raises StoreLocked, StoreNewer, StoreReadOnly, NotADatabase, or MemoryFault for what the
    operating system refuses.
    """
    try:
        _make_folder(path.parent)
        _refuse_unfit_file(path)
        lock = FileLock(path)
    except OSError as error:
        raise from_os(path.name, error) from error
    try:
        db, whole = _open_locked(path)
        check = FileCheck(
            path.name, lambda: _connect_reading(path), checked, lambda: lock.note(_DAMAGED)
        )
        try:
            if whole:
                check.passed()
            else:
                check.begin()
                check.wait(None if _DAMAGED in lock.noted else check_seconds)
            if check.problem is not None:
                raise NotADatabase(path.name, f"is damaged ({check.problem})")
            if check.state == "sound":
                lock.note(_DAMAGED, on=False)
            return OpenFile(db, lock, Place(path, reader_out=check.paused), check)
        except BaseException:
            check.stop()
            db.conn.close()
            raise
    except BaseException as error:
        lock.release(remove=True)
        if isinstance(error, sqlite3.Error):
            raise from_sqlite(path.name, error) from error
        if isinstance(error, OSError):
            raise from_os(path.name, error) from error
        raise


def open_reader(path: Path) -> sqlite_utils.Database:
    """Open an existing database for reading, beside a process that may be writing to it.

    Takes no lock and never folds the write-ahead log into the file: that is the writer's, and two
    that do it at once can damage a database under SQLite before 3.51.3. Raises StoreOlder,
    StoreNewer, NotADatabase or MemoryFault.
    """
    try:
        if path.is_symlink():
            raise NotADatabase(path.name, "is a symbolic link, never followed")
        if not path.exists():
            raise NotADatabase(path.name, "is not there")
        if not path.is_file():
            raise NotADatabase(path.name, "is not an ordinary file")
    except OSError as error:
        raise from_os(path.name, error) from error
    version = _refuse_foreign(path)
    if version < len(migrations.MIGRATIONS):
        raise StoreOlder(path.name, version, len(migrations.MIGRATIONS))
    return sqlite_utils.Database(_connect_reading(path), execute_plugins=False)


def _connect_reading(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _read_only_uri(path), uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    return connection


def from_sqlite(name: str, error: sqlite3.Error) -> MemoryFault:
    """The same failure in words for the user."""
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
        return StoreReadOnly(name, "the file or its folder")
    if is_damage(error):
        return NotADatabase(name, "is damaged or not an SQLite database")
    if code.startswith("SQLITE_FULL"):
        return MemoryFault(f"database {name}: the disk is full; free some space and try again")
    if code.startswith("SQLITE_BUSY"):
        return MemoryFault(f"database {name}: another program is writing to it; close that program")
    return MemoryFault(f"database {name}: {error} ({code or 'no code'}); nothing was changed")


def _open_locked(path: Path) -> tuple[sqlite_utils.Database, bool]:
    """The database, and whether all of it has been looked at."""
    if path.exists() and path.stat().st_size:
        _refuse_foreign(path)
    else:
        _refuse_orphaned_log(path)
    # Made here and not by SQLite, so that it is never readable by others, not even at first.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), _FILE_MODE))
    # A log that an unclean end left behind keeps its mode, and holds the same texts.
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            file.chmod(_FILE_MODE)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _glance(path.name, connection)
        whole = not migrations.only_adds(_pragma(connection, "user_version"))
        if whole:
            _quick_check(path.name, connection)
        return _prepare(connection, path), whole
    except BaseException:
        connection.close()
        raise


def _glance(name: str, connection: sqlite3.Connection) -> None:
    """Refuse a file whose damage is evident: in the header, the schema or the root of a table."""
    try:
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
        ).fetchall():
            connection.execute(f'SELECT 1 FROM "{table}" NOT INDEXED LIMIT 1').fetchone()  # noqa: S608  # the schema's own names
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise NotADatabase(name, f"is damaged ({error})") from error
        raise


def _prepare(connection: sqlite3.Connection, path: Path | None = None) -> sqlite_utils.Database:
    # Plugins of sqlite-utils are other people's code; a user's memory does not load them.
    db = sqlite_utils.Database(connection, execute_plugins=False)
    connection.create_function("character_terms", 1, character_terms, deterministic=True)
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        db.execute(f"PRAGMA {pragma}").fetchall()
    version = _pragma(connection, "user_version")
    if version == len(migrations.MIGRATIONS):
        return db
    # A step that only adds is undone by its transaction; a copy of all would be a long stop.
    if path is not None and version > 0 and not migrations.only_adds(version):
        _backup(connection, path, version)
    db.execute("BEGIN IMMEDIATE")
    try:
        migrations.migrate(db, version)
        db.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            db.execute("ROLLBACK")
        raise
    return db


def _make_folder(folder: Path) -> None:
    # One by one: makedirs applies its mode to the last folder only.
    for missing in reversed([p for p in (folder, *folder.parents) if not p.exists()]):
        missing.mkdir(_FOLDER_MODE, exist_ok=True)


def _refuse_unfit_file(path: Path) -> None:
    for candidate in (path, Path(f"{path}.lock")):
        if candidate.is_symlink():
            raise NotADatabase(path.name, f"{candidate.name} is a symbolic link, never followed")
    # The mode bits are read as well as asked about: to root every file looks writable.
    if path.exists():
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise NotADatabase(path.name, "is not an ordinary file")
        if not mode & stat.S_IWUSR or not os.access(path, os.W_OK):
            raise StoreReadOnly(path.name, "the file")
    if not path.parent.stat().st_mode & 0o222 or not os.access(path.parent, os.W_OK):
        raise StoreReadOnly(path.name, "its folder")


def _read_only_uri(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}?mode=ro"


def _refuse_foreign(path: Path) -> int:
    """Look at an existing file through a read-only connection, so that a refusal changes nothing.

    (Closing an ordinary connection would fold a leftover write-ahead log into the file.)
    Returns its schema version.
    """
    with closing(sqlite3.connect(_read_only_uri(path), uri=True)) as peek:
        try:
            application = _pragma(peek, "application_id")
            version = _pragma(peek, "user_version")
            tables = peek.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise from_sqlite(path.name, error) from error
    # A kill between the file's creation and the first migration leaves an empty database.
    unused = application == 0 and version == 0 and tables == 0
    if application != migrations.APPLICATION_ID and not unused:
        raise NotADatabase(path.name, "belongs to another program")
    if version > len(migrations.MIGRATIONS):
        raise StoreNewer(path.name, version, len(migrations.MIGRATIONS))
    return version


def _refuse_orphaned_log(path: Path) -> None:
    """A log without its database holds steps of one that was moved: a new one would erase it."""
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        raise NotADatabase(
            path.name,
            f"is not there, but {log.name} holds changes that belong to it: the database was moved "
            "or deleted; put it back beside that file, or move that file away",
        )


def _quick_check(name: str, connection: sqlite3.Connection) -> None:
    if (problem := first_problem(connection)) is not None:
        raise NotADatabase(name, f"is damaged ({problem})")


def _backup(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Copy the database to `<name>.v<version>.backup` and check the copy before it counts."""

    original = sqlite_utils.Database(connection, execute_plugins=False)

    def check(copy: sqlite_utils.Database) -> None:
        if _pragma(copy.conn, "user_version") != version or _counts(copy) != _counts(original):
            raise MemoryFault(
                f"database {path.name}: its backup is not a faithful copy, "
                "so it was not migrated; check the disk and try again"
            )

    write_copy(connection, path.with_name(f"{path.name}.v{version}.backup"), check)


def write_copy(
    connection: sqlite3.Connection, final: Path, check: Callable[[sqlite_utils.Database], None]
) -> None:
    """Write a compact copy of the database at one moment; it takes its name only once checked.

    `check` raises what is wrong with the copy. Raises what it raises, NotADatabase, OSError or
    sqlite3.Error; then no copy has that name.
    """
    partial = final.with_name(f"{final.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, _FILE_MODE))
    try:
        connection.execute("VACUUM INTO ?", (str(partial),))
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            _quick_check(partial.name, copy)
            check(sqlite_utils.Database(copy, execute_plugins=False))
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(final)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _counts(db: sqlite_utils.Database) -> dict[str, int]:
    return {name: db.table(name).count for name in db.table_names()}


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def from_os(name: str, error: OSError) -> MemoryFault:
    """The same failure of the operating system in words for the user."""
    if isinstance(error, PermissionError):
        return StoreReadOnly(name, "the file or its folder")
    return MemoryFault(f"database {name}: {error.strerror or 'cannot be opened'}; choose another")
