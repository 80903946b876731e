"""What deletions leave to verify, export, prune and the next start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from checkpoints import DELETED, ItemDraft, MemoryFault, PrunePolicy, Store, Vector, Version
from checkpoints.deletion.quotes import Quotes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checkpoints import StepDraft

    Draft = Callable[..., StepDraft]

PRIVATE = "The patient Zebulon Quixley takes warfarin against clots."


def held(path: Path) -> list[str]:
    """The files of the database that still hold the text's rarest word."""
    files = sorted(path.parent.glob(f"{path.name}*"))
    return [file.name for file in files if b"warfarin" in file.read_bytes().lower()]


def vector(number: int) -> Vector:
    values = np.zeros(8, np.float32)
    values[number % 8] = 1
    return Vector("e", values, values[None] + 0.5)


def test_a_redacted_session_verifies_exports_and_imports_with_its_ids(
    store: Store, tmp_path: Path, draft: Draft
) -> None:
    session = store.create_session().id
    texts = ["The lease ends in May.", PRIVATE, "Bananas are yellow."]
    ids = store.remember(session, [ItemDraft(text, "a.md") for text in texts]).item_ids
    store.append_step(session, draft(1, output=f"It says: {PRIVATE}", vector=vector(1)))
    store.remember(
        session, [ItemDraft("New.", "a.md")], [Version("a.md", frozenset({"New.", texts[0]}))]
    )
    point = store.checkpoint(session, "kept")
    store.deletions.item(session, ids[1])
    file = tmp_path / "session.jsonl"
    store.maintenance.export(session, file)
    assert b"warfarin" not in file.read_bytes()
    assert store.maintenance.verify() == []
    with Store.open(tmp_path / "other.db") as other:
        other.maintenance.import_session(file)
        assert other.maintenance.verify() == []
        assert other.session(session) == store.session(session)
        assert other.checkpoints(session) == store.checkpoints(session)
        assert other.step(session, 1) == store.step(session, 1)
        other.deletions.source(session, "a.md")
        assert other.maintenance.verify() == []
        assert other.restore(point.id).items == 1
    assert store.checkpoint_record(point.id).items == store.session(session).items


def test_a_whole_export_is_as_it_was_and_a_cut_one_needs_its_mark(
    store: Store, tmp_path: Path
) -> None:
    session = store.create_session().id
    (item,) = store.remember(session, [ItemDraft(PRIVATE, "a.md")]).item_ids
    file = tmp_path / "session.jsonl"
    store.maintenance.export(session, file)
    assert b'"version":2' in file.read_bytes()
    store.deletions.item(session, item)
    store.maintenance.export(session, file, overwrite=True)
    assert b'"version":3' in file.read_bytes()
    with closing(sqlite3.connect(":memory:")), Store.open(":memory:") as other:
        other.maintenance.import_session(file)
        assert other.session(session).items == 0


def test_items_of_abandoned_branches_go_too_and_counts_stay_right(
    store: Store, path: Path, draft: Draft
) -> None:
    session = store.create_session().id
    store.remember(session, [ItemDraft("The lease ends in May.", "a.md", vector=vector(2))])
    start = store.checkpoint(session, "start")
    store.remember(session, [ItemDraft(PRIVATE, "b.md", vector=vector(3))])
    store.append_step(session, draft(1, output=f"{PRIVATE} {PRIVATE}", vector=vector(4)))
    later = store.checkpoint(session, "later")
    store.restore(start.id)
    store.remember(session, [ItemDraft("Bananas are yellow.", "c.md")])
    deleted = store.deletions.source(session, "b.md")
    assert (deleted.items, deleted.redacted) == (1, (1,))
    assert held(path) == []
    assert store.maintenance.verify() == []
    # Of the output nothing is left, so it is no memory item any more.
    assert store.restore(later.id).items == 1
    assert [hit.text for hit in store.recall(session, "lease bananas deleted")] == [
        "The lease ends in May."
    ]
    store.maintenance.prune(PrunePolicy(0))
    assert store.maintenance.verify() == []


def test_what_was_replaced_by_a_later_version_is_counted_once(store: Store, path: Path) -> None:
    session = store.create_session().id
    for text in (PRIVATE, "It ends in June.", "It ends in July."):
        store.remember(session, [ItemDraft(text, "a.md")], [Version("a.md", frozenset({text}))])
    (first,) = store.recall(session, "July")
    assert store.session(session).items == 1
    store.deletions.source(session, "a.md")
    assert (store.session(session).items, held(path)) == (0, [])
    assert store.maintenance.verify() == []
    with pytest.raises(MemoryFault, match=f"no item {first.item_id}"):
        store.deletions.item(session, first.item_id)


def test_a_deletion_that_was_ended_before_the_file_was_written_anew_is_finished_at_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(connection: Any) -> bool:
        raise KeyboardInterrupt

    with Store.open(path) as store:
        session = store.create_session().id
        store.remember(session, [ItemDraft(PRIVATE, "a.md"), ItemDraft("Bananas.", "b.md")])
        with monkeypatch.context() as patched:
            patched.setattr("checkpoints.file.connection.Connection.compact", killed)
            with pytest.raises(KeyboardInterrupt):
                store.deletions.source(session, "a.md")
        assert held(path) == ["memory.db-wal"]
        assert b"rewrite" in path.with_name("memory.db.lock").read_bytes()
        copy = path.with_name("copy")
        copy.mkdir()
        for file in path.parent.glob("memory.db*"):
            (copy / file.name).write_bytes(file.read_bytes())
    with Store.open(copy / "memory.db") as after:
        assert held(copy / "memory.db") == []
        assert [hit.text for hit in after.recall(session, "bananas patient")] == ["Bananas."]
        assert b"rewrite" not in (copy / "memory.db.lock").read_bytes()


def test_a_reader_that_keeps_the_log_is_told_and_the_log_is_emptied_after_it(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        store.remember(session, [ItemDraft(PRIVATE, "a.md")])
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM texts").fetchone()
            with pytest.raises(MemoryFault, match="deleted, but another process reads"):
                store.deletions.source(session, "a.md")
        store.remember(session, [ItemDraft("Bananas.", "b.md")])
        assert held(path) == []


def test_a_failed_deletion_changes_nothing(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        store.remember(session, [ItemDraft(PRIVATE, "a.md")])
        with closing(sqlite3.connect(path)) as db:
            db.execute(
                "CREATE TRIGGER no BEFORE DELETE ON texts BEGIN SELECT raise(ABORT, 'no'); END"
            )
        before = store.session(session)
        with pytest.raises(MemoryFault, match="nothing was changed"):
            store.deletions.source(session, "a.md")
        assert store.session(session) == before
        assert store.recall(session, "warfarin")
        assert store.maintenance.verify() == []


@pytest.mark.parametrize(
    ("texts", "given", "left"),
    [
        ([PRIVATE], f"So: {PRIVATE.upper()} Yes.", f"So: {DELETED}. Yes."),
        ([PRIVATE], "The  patient\nZebulon Quixley, takes\twarfarin against clots!", f"{DELETED}!"),
        ([PRIVATE], "The patient takes nothing.", "The patient takes nothing."),
        (["yes"], "yes and yes", "yes and yes"),
        (["one two three"], "zero one two three four", f"zero {DELETED} four"),
        (
            ["患者は薬を毎朝飲みます。"],
            "記録:患者は薬を毎朝飲みます。以上",
            f"記録:{DELETED}。以上",
        ),
        (["!!!"], "!!! stays", "!!! stays"),
        ([], "nothing to find", "nothing to find"),
    ],
)
def test_quotations_are_found_whatever_stands_between_the_words(
    texts: list[str], given: str, left: str
) -> None:
    assert Quotes(texts, least=8, least_whole=3).cut(given) == left
