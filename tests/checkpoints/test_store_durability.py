"""What survives a killed process, a failing write, an old release and a stranger's file."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

import checkpoints.file.migrations as migrations
from checkpoints import (
    ItemDraft,
    MemoryFault,
    NotADatabase,
    StepDraft,
    Store,
    StoreLocked,
    StoreNewer,
    StoreReadOnly,
)
from checkpoints.file.database import open_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

SCHEMA = len(migrations.MIGRATIONS)

_APPENDER = """
import sys
from checkpoints import StepDraft, Store
store = Store.open(sys.argv[1])
session = store.sessions()[0].id
while True:
    n = store.session(session).steps + 1
    draft = StepDraft(f"in {n}", f"out {n} " * 50, {"d": "t"}, "adapter", None, {"n": n}, f"k{n}")
    print(store.append_step(session, draft).step.n, flush=True)
"""

_HOLDER = """
import sys
from checkpoints import Store
store = Store.open(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
store.close()
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and fork")


@pytest.mark.crash
def test_killed_process_loses_no_acknowledged_step(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
    acknowledged = 0
    for kill in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", _APPENDER, str(path)], stdout=subprocess.PIPE, text=True
        )
        with child:
            assert child.stdout is not None
            for _ in range(7 + 5 * kill):
                acknowledged = int(child.stdout.readline())
            child.kill()
            # What it acknowledged between the last line read and its death counts as well.
            acknowledged = max([acknowledged, *map(int, child.stdout.read().split())])
        with Store.open(path) as store:
            steps = store.steps(session)
            assert len(steps) >= acknowledged
            assert [s.n for s in steps] == list(range(1, len(steps) + 1))
            assert [c.step for c in store.checkpoints(session)] == list(range(3, len(steps) + 1, 3))
            assert store.maintenance.verify() == []


def test_second_process_learns_which_process_has_the_database(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(StoreLocked, match=f"process {child.pid}; stop that process"):
            Store.open(path)
        child.communicate()
    Store.open(path).close()


def test_second_store_in_the_same_process_is_refused_and_harmless(store: Store, path: Path) -> None:
    with pytest.raises(StoreLocked, match=str(os.getpid())):
        Store.open(path)
    assert store.create_session().steps == 0


def test_failing_write_leaves_nothing_behind_and_the_store_usable(
    store: Store, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = store.create_session()
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        patch.setattr("checkpoints.graph.writes.add_item", fail)
        with pytest.raises(MemoryFault, match="disk I/O error"):
            store.append_step(session.id, draft(1))
        with pytest.raises(MemoryFault):
            store.remember(session.id, [ItemDraft("x", "y")])
    assert store.session(session.id) == session
    assert store.append_step(session.id, draft(1)).step.n == 1
    assert store.maintenance.verify() == []


def test_store_is_found_again_as_it_was_closed(path: Path, draft: Draft) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        for number in range(1, 5):
            store.append_step(session.id, draft(number))
        before = (store.session(session.id), store.steps(session.id))
    store.close()
    with pytest.raises(MemoryFault, match="closed"):
        store.session(session.id)
    with Store.open(str(path)) as store:
        assert (store.session(session.id), store.steps(session.id)) == before
        assert store.schema_version == SCHEMA


def test_memory_database_touches_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draft: Draft
) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open(":memory:") as store:
        store.append_step(store.create_session().id, draft(1))
        assert store.maintenance.verify() == []
    assert list(tmp_path.iterdir()) == []


def test_acknowledged_writes_are_synchronised_to_the_disk(path: Path) -> None:
    opened = open_file(path)
    db = opened.db
    with closing(db.conn):
        pragmas = {
            name: db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    opened.place.close()
    opened.lock.release()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


@posix
def test_files_and_folders_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "memory.db"
    with Store.open(path) as store:
        store.create_session()
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "memory.db-wal" in modes
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@posix
def test_readable_by_others_is_repaired(path: Path) -> None:
    Store.open(path).close()
    path.chmod(0o644)
    Store.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_a_log_that_an_unclean_end_left_open_to_others_is_repaired(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        # As a kill leaves them: with the log, and from before files were private.
        left = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]
        copies = [(file.with_name(f"old-{file.name}"), file.read_bytes()) for file in left]
    for copy, content in copies:
        copy.write_bytes(content)
        copy.chmod(0o644)
    with Store.open(copies[0][0]) as store:
        assert store.session(session).id == session
        assert {stat.S_IMODE(copy.stat().st_mode) for copy, _ in copies} == {0o600}


@posix
def test_read_only_file_or_folder_is_refused_even_to_root(path: Path) -> None:
    Store.open(path).close()
    path.chmod(0o400)
    with pytest.raises(StoreReadOnly, match="the file is read-only"):
        Store.open(path)
    path.chmod(0o600)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(StoreReadOnly, match="its folder is read-only"):
            Store.open(path)
    finally:
        path.parent.chmod(0o700)


@posix
def test_symbolic_link_is_never_followed(tmp_path: Path, path: Path) -> None:
    target = tmp_path / "target.db"
    Store.open(target).close()
    path.symlink_to(target)
    with pytest.raises(NotADatabase, match="symbolic link"):
        Store.open(path)
    path.unlink()
    (tmp_path / "memory.db.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADatabase, match="symbolic link"):
        Store.open(path)
    assert not (tmp_path / "elsewhere").exists()


def test_folder_or_text_file_is_not_a_database(tmp_path: Path, path: Path) -> None:
    with pytest.raises(NotADatabase, match="ordinary file"):
        Store.open(tmp_path)
    text = "Dear diary, " * 500
    path.write_text(text)
    with pytest.raises(NotADatabase, match="not an SQLite database"):
        Store.open(path)
    assert path.read_text() == text
    assert [p.name for p in tmp_path.iterdir()] == ["memory.db"]


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_database_of_another_program_is_left_as_it_was(path: Path, journal: str) -> None:
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute(f"PRAGMA journal_mode = {journal}")
        foreign.execute("CREATE TABLE recipes (name TEXT)")
        foreign.commit()
    path.chmod(0o644)
    before = (path.read_bytes(), path.stat().st_mode)
    with pytest.raises(NotADatabase, match="another program"):
        Store.open(path)
    assert (path.read_bytes(), path.stat().st_mode) == before
    assert not path.with_name("memory.db.lock").exists()


def test_damaged_database_is_refused(path: Path, draft: Draft) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        for number in range(50):
            store.append_step(session.id, draft(number, output=f"{number} " * 500))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match="damaged"):
        Store.open(path)


def test_newer_database_is_refused_and_left_as_it_was(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreNewer, match=rf"99.*up to {SCHEMA}.*upgrade"):
        Store.open(path)
    assert path.read_bytes() == before


def test_older_database_is_migrated_after_a_verified_backup(
    path: Path, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        store.append_step(session.id, draft(1))

    def next_colours(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE colours (name TEXT)")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, next_colours))
    with Store.open(path) as store:
        assert store.schema_version == SCHEMA + 1
        assert store.steps(session.id)[0].output == "answer 1"
        assert store.maintenance.verify() == []
    backup = path.with_name(f"memory.db.v{SCHEMA}.backup")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600 or sys.platform == "win32"
    assert not backup.with_name(f"{backup.name}.partial").exists()

    monkeypatch.undo()
    with Store.open(backup) as store:
        assert store.schema_version == SCHEMA
        assert store.steps(session.id)[0].output == "answer 1"
        assert store.maintenance.verify() == []


def test_failing_migration_leaves_the_old_database_whole(
    path: Path, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        store.append_step(session.id, draft(1))

    def next_half(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE steps")
        db.execute("CREATE TABLE nodes (oops TEXT)")

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, next_half))
        with pytest.raises(MemoryFault, match="already exists"):
            Store.open(path)
    with Store.open(path) as store:
        assert store.steps(session.id)[0].output == "answer 1"
        assert store.maintenance.verify() == []


@posix
# From 3.12 on Python warns when other tests have left threads behind; the child only exits.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_forked_process_is_refused_and_does_the_parent_no_harm(path: Path, store: Store) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            store.create_session()
            os.write(writer, b"no error")
        except MemoryFault as error:
            store.close()
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    message = os.read(reader, 1000).decode()
    os.close(reader)
    os.close(writer)
    assert "in the process that uses it" in message
    assert store.create_session().steps == 0
    with pytest.raises(StoreLocked):
        Store.open(path)


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE texts SET text = 'forged' WHERE text = 'answer 2'", "does not match its hash"),
        ("UPDATE nodes SET content_json = 'x' WHERE seq = 2", "node 1.2: does not match its id"),
        ("UPDATE nodes SET parent_id = 'x' WHERE seq = 2", "its parent is not"),
        ("UPDATE nodes SET items = 7 WHERE seq = 2", "its count of items is wrong"),
        ("DELETE FROM nodes WHERE seq = 2", "the node before it is missing"),
        ("DELETE FROM steps WHERE n = 2", "its step is missing"),
        ("UPDATE steps SET result_json = '{}' WHERE n = 2", "its result does not match"),
        ("UPDATE steps SET n = 9 WHERE n = 2", "its number is wrong"),
        ("UPDATE steps SET input_id = output_id", "its input is not the one"),
        ("UPDATE items SET source = 'forged' WHERE kind = 'document'", "memory items are not"),
        ("DELETE FROM items WHERE kind = 'document'", "search index: holds 4 texts, should hold 3"),
        ("UPDATE checkpoints SET label = 'forged'", "does not match its id"),
        ("UPDATE checkpoints SET step = 9", "its counts are not"),
        ("UPDATE sessions SET branch = 9", "has no history"),
        (
            "UPDATE texts SET text = 'forged' WHERE text = 'answer 2'",
            "search index: does not match",
        ),
        ("DELETE FROM item_index_docsize WHERE id = 1", "search index: holds 3"),
    ],
)
def test_verify_finds_what_was_tampered_with(
    path: Path, draft: Draft, damage: str, finding: str
) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        for number in range(1, 4):
            store.append_step(session.id, draft(number))
        store.remember(session.id, [ItemDraft("a document", "a.txt")])
        assert store.maintenance.verify() == []
    with closing(sqlite3.connect(path)) as db:
        db.execute(damage)
        db.commit()
    with Store.open(path) as store:
        assert any(finding in problem for problem in store.maintenance.verify()), (
            store.maintenance.verify()
        )
