"""Reading and backing up a database that another process holds."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checkpoints import (
    FileExists,
    ItemDraft,
    MemoryFault,
    NotADatabase,
    StepDraft,
    Store,
    StoreLocked,
    StoreNewer,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

# Appends steps until its input is closed, so that readers meet a file that changes.
_SERVER = """
import sys, threading
from checkpoints import StepDraft, Store
store = Store.open(sys.argv[1])
session = store.create_session().id
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
print(session, flush=True)
n = 0
while not done.is_set():
    n += 1
    draft = StepDraft(f"in {n}", f"out {n} " * 50, {"d": "t"}, "adapter", None, {"n": n}, f"k{n}")
    store.append_step(session, draft)
print(n, flush=True)
"""


def test_a_reader_sees_verifies_and_backs_up_a_database_that_is_being_written(
    path: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        session = server.stdout.readline().strip()
        seen = [0]
        with Store.open_reader(path) as reader:
            while len(seen) < 6 or seen[-1] == seen[1]:
                assert reader.maintenance.verify() == []
                steps = reader.steps(session)
                assert [s.n for s in steps] == list(range(1, len(steps) + 1))
                seen.append(len(steps))
            reader.maintenance.backup(tmp_path / "copy.db")
            exported = tmp_path / "session.jsonl"
            reader.maintenance.export(session, exported)
            with pytest.raises(StoreLocked, match=f"process {server.pid}"):
                Store.open(path)
        count = int(server.communicate()[0])
    assert seen == sorted(seen)
    with Store.open(path) as store:
        assert store.session(session).steps == count
        assert store.maintenance.verify() == []
    with Store.open(tmp_path / "copy.db") as copy:
        assert seen[-1] <= copy.session(session).steps <= count
    with Store.open(tmp_path / "third.db") as third:
        assert third.maintenance.import_session(exported).steps >= seen[-1]
        assert third.maintenance.verify() == []


def test_a_reader_changes_nothing_not_even_a_log_that_a_killed_server_left(
    path: Path, tmp_path: Path, draft: Draft
) -> None:
    left = tmp_path / "left"
    left.mkdir()
    with Store.open(path) as store:
        session = store.create_session().id
        store.append_step(session, draft(1))
        for name in ("memory.db", "memory.db-wal"):
            (left / name).write_bytes(path.with_name(name).read_bytes())
    before = {p.name: p.read_bytes() for p in left.iterdir()}
    with Store.open_reader(left / "memory.db") as reader:
        assert reader.session(session).steps == 1
        assert reader.maintenance.verify() == []
        for write in (
            lambda: reader.create_session(),
            lambda: reader.append_step(session, draft(2)),
            lambda: reader.remember(session, [ItemDraft("x", "y")]),
            lambda: reader.maintenance.prune(),
        ):
            with pytest.raises(MemoryFault, match="opened for reading only"):
                write()
    assert {name: (left / name).read_bytes() for name in before} == before
    assert not (left / "memory.db.lock").exists()


def test_a_reader_makes_no_database(path: Path) -> None:
    with pytest.raises(NotADatabase, match="is not there"):
        Store.open_reader(path)
    assert list(path.parent.iterdir()) == []


def test_a_reader_refuses_what_a_store_refuses(path: Path, tmp_path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreNewer):
        Store.open_reader(path)
    with pytest.raises(NotADatabase, match="ordinary file"):
        Store.open_reader(tmp_path)
    (tmp_path / "text.db").write_text("Dear diary, " * 500)
    with pytest.raises(NotADatabase, match="not an SQLite database"):
        Store.open_reader(tmp_path / "text.db")
    if sys.platform != "win32":
        (tmp_path / "link.db").symlink_to(path)
        with pytest.raises(NotADatabase, match="symbolic link"):
            Store.open_reader(tmp_path / "link.db")


def test_a_backup_is_whole_its_owners_alone_and_replaces_nothing_unasked(
    store: Store, draft: Draft, tmp_path: Path
) -> None:
    session = store.create_session().id
    store.append_step(session, draft(1))
    target = tmp_path / "copy.db"
    assert store.maintenance.backup(target) == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600 or os.name == "nt"
    with pytest.raises(FileExists):
        store.maintenance.backup(target)
    store.append_step(session, draft(2))
    store.maintenance.backup(target, overwrite=True)
    with Store.open(target) as copy:
        assert copy.session(session).steps == 2
        assert copy.maintenance.verify() == []


def test_a_backup_of_a_damaged_database_is_not_kept(
    path: Path, draft: Draft, tmp_path: Path
) -> None:
    with Store.open(path) as store:
        store.append_step(store.create_session().id, draft(1))
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE texts SET text = 'forged' WHERE text = 'answer 1'")
        db.commit()
    with Store.open_reader(path) as reader, pytest.raises(MemoryFault, match="was not kept"):
        reader.maintenance.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_a_backup_where_nothing_can_be_written_says_so(store: Store, tmp_path: Path) -> None:
    with pytest.raises(MemoryFault, match=r"copy\.db"):
        store.maintenance.backup(tmp_path / "nowhere" / "copy.db")


def test_verify_reports_the_first_difference_first_and_no_more_than_asked_for(
    path: Path, draft: Draft
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        for number in range(1, 6):
            store.append_step(session, draft(number))
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE texts SET text = 'forged'")
        db.commit()
    with Store.open_reader(path) as reader:
        assert reader.maintenance.verify(limit=2) == [
            "text 1: does not match its hash",
            "text 2: does not match its hash",
        ]


def test_verify_says_where_a_damaged_file_cannot_be_read_any_further(
    path: Path, draft: Draft
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        for number in range(50):
            store.append_step(session, draft(number, output=f"{number} " * 500))
    content = bytearray(path.read_bytes())
    middle = len(content) * 3 // 4 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(content)
    with Store.open_reader(path) as reader:
        problems = reader.maintenance.verify()
    assert problems
    assert problems[0].startswith("file: ")
