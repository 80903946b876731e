"""A database of the first release: brought up to date, whole, after a backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlite_utils

from bench.old_database import write_version_1
from checkpoints import ItemDraft, StepDraft, Store, StoreOlder
from checkpoints.file import migrations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]


def test_its_history_is_all_there_and_goes_on(path: Path, draft: Draft) -> None:
    session = write_version_1(path, steps=7)
    with Store.open(path) as store:
        assert store.maintenance.verify() == []
        assert [s.output for s in store.steps(session)] == [f"answer {n}" for n in range(1, 8)]
        assert [c.step for c in store.checkpoints(session)] == [3, 6]
        assert store.append_step(session, draft(8, step_key="key-7")).replayed
        store.append_step(session, draft(8))
        appended = store.append_step(session, draft(9))
        assert appended.checkpoint is not None
        assert appended.checkpoint.parent == store.checkpoints(session)[1].id
        assert store.remember(session, [ItemDraft("more to know", "notes.txt")]).stored == 1
        assert [hit.source for hit in store.recall(session, "notice period")] == ["contract.txt"]
        assert store.restore(store.checkpoints(session)[0].id).steps == 3
        assert store.maintenance.verify() == []


@pytest.mark.parametrize("version", range(2, 6))
def test_pins_and_quarantine_of_every_earlier_schema_stay(path: Path, version: int) -> None:
    session = write_version_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        db = sqlite_utils.Database(connection, execute_plugins=False)
        for migration in migrations.MIGRATIONS[1:version]:
            migration(db)
        db.execute(f"PRAGMA user_version = {version}")
        (text_id, text) = db.execute(
            "SELECT texts.id, sha256 FROM items JOIN texts ON texts.id = text_id WHERE source = ?",
            ["contract.txt"],
        ).fetchone()
        when = "2025-01-02T03:04:05.006+00:00"
        db["pins"].insert({"session_id": session, "text_id": text_id, "created_at": when})
        mark = {"session_id": session, "reason": "wrong", "created_at": when}
        db["quarantine"].insert({**mark, "text_sha256": text, "source": None})
        db["quarantine"].insert({**mark, "text_sha256": None, "source": "forum.html"})
    with Store.open(path) as store:
        assert store.maintenance.verify() == []
        by_text, by_source = store.marks.quarantined(session)
        assert (by_text.text, by_text.source) == ("The notice period is ninety days.", None)
        assert (by_source.text, by_source.source) == (None, "forum.html")
        assert store.recall(session, "notice period") == []
        # Of a text of any source, as it was meant.
        store.remember(session, [ItemDraft("The notice period is ninety days.", "copy.txt")])
        assert store.recall(session, "notice period") == []
        assert store.marks.release(session, item_id=by_text.item_ids[0]).items > 0
        assert [hit.source for hit in store.marks.pinned(session)] == ["contract.txt"]
        assert [hit.pinned for hit in store.recall(session, "notice period")] == [True]


def test_its_backup_opens_too(path: Path) -> None:
    session = write_version_1(path)
    Store.open(path).close()
    with Store.open(path.with_name("memory.db.v1.backup")) as store:
        assert store.session(session).steps == 7


def test_a_reader_leaves_the_migration_to_the_server(path: Path) -> None:
    write_version_1(path)
    before = path.read_bytes()
    with pytest.raises(StoreOlder, match="start the server on it once"):
        Store.open_reader(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("number", range(2, len(migrations.MIGRATIONS) + 1))
def test_a_migration_that_fails_leaves_it_as_it_was(
    path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = write_version_1(path)
    broken = list(migrations.MIGRATIONS)
    whole = broken[number - 1]

    def fail(db: object) -> None:
        whole(db)  # type: ignore[arg-type]  # what migrate passes
        raise OSError(28, "No space left on device")

    broken[number - 1] = fail
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", tuple(broken))
        with pytest.raises(Exception, match="No space left"):
            Store.open(path)
    with Store.open(path) as store:
        assert store.session(session).steps == 7
        assert store.maintenance.verify() == []
