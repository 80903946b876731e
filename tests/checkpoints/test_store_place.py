"""A database file that is moved, deleted or replaced while it is open."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from checkpoints import ItemDraft, NotADatabase, StepDraft, Store, StoreMoved

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be moved")


def _moved(path: Path) -> None:
    path.rename(path.with_name("other.db"))


def _deleted(path: Path) -> None:
    path.unlink()


def _replaced(path: Path) -> None:
    path.rename(path.with_name("other.db"))
    shutil.copyfile(path.with_name("other.db"), path)


def _folder_moved(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


@pytest.mark.parametrize("away", [_moved, _deleted, _replaced, _folder_moved])
def test_no_write_is_acknowledged_once_the_file_is_not_at_its_path(
    tmp_path: Path, draft: Draft, away: Callable[[Path], None]
) -> None:
    path = tmp_path / "data" / "memory.db"
    with Store.open(path) as store:
        session = store.create_session().id
        store.append_step(session, draft(1))
        away(path)
        for write in (
            lambda: store.append_step(session, draft(2)),
            lambda: store.remember(session, [ItemDraft("a", "b")]),
            lambda: store.set_task(session, {"other": 1}),
            lambda: store.checkpoint(session),
            store.create_session,
            store.maintenance.prune,
        ):
            with pytest.raises(StoreMoved, match=r"memory\.db: the file was moved.*put it back"):
                write()
        assert store.session(session).steps == 1


def test_a_moved_file_has_every_acknowledged_step_at_its_new_place(
    path: Path, draft: Draft
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        for n in range(1, 40):
            store.append_step(session, draft(n))
        _moved(path)
    with Store.open(path.with_name("other.db")) as moved:
        assert moved.session(session).steps == 39
        assert moved.maintenance.verify() == []


def test_a_file_that_was_put_back_is_written_on(path: Path, draft: Draft) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        _moved(path)
        with pytest.raises(StoreMoved):
            store.append_step(session, draft(1))
        path.with_name("other.db").rename(path)
        store.append_step(session, draft(1))
    with Store.open(path) as store:
        assert store.session(session).steps == 1
        assert store.maintenance.verify() == []


def test_a_deleted_log_costs_no_acknowledged_step(path: Path, draft: Draft) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        store.append_step(session, draft(1))
        path.with_name("memory.db-wal").unlink()
        store.append_step(session, draft(2))
        with Store.open_reader(path) as reader:
            assert reader.session(session).steps == 2
    with Store.open(path) as store:
        assert store.session(session).steps == 2
        assert store.maintenance.verify() == []


def test_what_is_moved_between_the_write_and_its_commit_is_not_acknowledged(
    path: Path, draft: Draft
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id

        read = 0

        class Moving(str):
            """A text that moves the file when it is read again, to be written."""

            __slots__ = ()

            def encode(self, *arguments: str) -> bytes:
                nonlocal read
                read += 1
                if read == 2:
                    _moved(path)
                return super().encode(*arguments)

        with pytest.raises(StoreMoved, match="changed nothing"):
            store.remember(session, [ItemDraft(Moving("text"), "notes")])
        assert read > 2
    with Store.open(path.with_name("other.db")) as moved:
        assert moved.session(session).items == 0


def test_a_log_without_its_database_is_not_overwritten_by_a_new_one(
    path: Path, draft: Draft
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        store.append_step(session, draft(1))
        # As after a kill: the log is left with steps that the file has not.
        shutil.copyfile(path, path.with_name("copy.db"))
        shutil.copyfile(path.with_name("memory.db-wal"), path.with_name("copy.db-wal"))
    copy = path.with_name("copy.db")
    copy.rename(path.with_name("elsewhere.db"))
    before = path.with_name("copy.db-wal").read_bytes()
    with pytest.raises(NotADatabase, match=r"copy\.db-wal holds changes.*put it back"):
        Store.open(copy)
    assert path.with_name("copy.db-wal").read_bytes() == before
    assert not copy.exists()
    path.with_name("elsewhere.db").rename(copy)
    with Store.open(copy) as store:
        assert store.session(session).steps == 1
