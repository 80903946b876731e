"""One text from several sources: stored once, and each source's for itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from checkpoints import Filters, ItemDraft, StepDraft, Store, Vector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

TEXT = "Refunds take fourteen days."
VECTOR = Vector("e", np.array([1.0, 0.0], np.float32))


@pytest.fixture
def session(store: Store) -> str:
    session = store.create_session().id
    for source in ("a", "b"):
        store.remember(session, [ItemDraft(TEXT, source, vector=VECTOR)])
    return session


def found(store: Store, session: str, *sources: str) -> list[str]:
    hits = store.recall(session, "refunds", vector=VECTOR, filters=Filters(sources=sources))
    return [hit.source for hit in hits]


def test_each_source_of_a_text_is_found_by_its_name(store: Store, session: str) -> None:
    assert found(store, session, "a") == ["a"]
    assert found(store, session, "b") == ["b"]
    assert found(store, session) == ["a"]
    assert store.maintenance.verify() == []


def test_text_and_vector_are_stored_once(store: Store, session: str, path: Path) -> None:
    assert store.session(session).items == 2
    with closing(sqlite3.connect(path)) as db:
        counts = [
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  # fixed names
            for table in ("texts", "vectors", "item_index_docsize")
        ]
    assert counts == [1, 1, 1]


@pytest.mark.parametrize("by_item", [True, False])
def test_a_quarantine_of_one_source_leaves_the_other(
    store: Store, session: str, by_item: bool
) -> None:
    (first,) = store.recall(session, "refunds", filters=Filters(sources=["a"]))
    mark = {"item_id": first.item_id} if by_item else {"source": "a"}
    assert store.marks.quarantine(session, reason="wrong", **mark).items == 1  # type: ignore[arg-type]  # either
    assert found(store, session, "a") == []
    assert found(store, session) == found(store, session, "b") == ["b"]
    assert store.remember(session, [ItemDraft(TEXT, "a", vector=VECTOR)]).stored == 0
    assert found(store, session, "a") == []
    assert store.marks.release(session, **mark).items == 1  # type: ignore[arg-type]  # either
    assert found(store, session, "a") == ["a"]


def test_a_pin_of_one_source_is_not_the_others(store: Store, session: str) -> None:
    (second,) = store.recall(session, "refunds", filters=Filters(sources=["b"]))
    store.marks.pin(session, [second.item_id])
    assert [hit.source for hit in store.marks.pinned(session)] == ["b"]
    store.marks.quarantine(session, source="b", reason="wrong")
    assert store.marks.pinned(session) == []


def test_an_answer_in_the_words_of_a_document_is_found_as_an_answer(
    store: Store, session: str, draft: Draft
) -> None:
    store.append_step(session, draft(1, output=TEXT))
    store.append_step(session, draft(2, output=TEXT))
    hits = store.recall(session, "refunds", filters=Filters(kinds=["step"]))
    assert [hit.step for hit in hits] == [1]
    assert store.remember(session, [ItemDraft(TEXT, "step 1")]).stored == 1


def test_an_answer_goes_with_the_document_whose_words_it_repeats(
    store: Store, session: str, draft: Draft
) -> None:
    store.append_step(session, draft(1, output=TEXT))
    store.marks.quarantine(session, source="a", reason="planted")
    assert store.recall(session, "refunds", filters=Filters(kinds=["step"])) == []
    assert store.marks.quarantined(session)[0].steps == (1,)
    assert found(store, session) == ["b"]


def test_many_sources_of_one_text_leave_room_for_other_finds(store: Store, session: str) -> None:
    for n in range(30):
        store.remember(session, [ItemDraft(TEXT, f"copy {n}")])
    store.remember(session, [ItemDraft("Refunds need a receipt.", "z")])
    hits = store.recall(session, "refunds", limit=2)
    assert {hit.text for hit in hits} == {TEXT, "Refunds need a receipt."}


def test_a_second_source_travels_with_an_exported_session(
    store: Store, session: str, tmp_path: Path
) -> None:
    (second,) = store.recall(session, "refunds", filters=Filters(sources=["b"]))
    store.marks.pin(session, [second.item_id])
    (first,) = store.recall(session, "refunds", filters=Filters(sources=["a"]))
    store.marks.quarantine(session, item_id=first.item_id, reason="wrong")
    store.maintenance.export(session, tmp_path / "session.jsonl")
    with Store.open(tmp_path / "other.db") as other:
        other.maintenance.import_session(tmp_path / "session.jsonl")
        assert found(other, session) == ["b"]
        assert [hit.source for hit in other.marks.pinned(session)] == ["b"]
        assert other.session(session).head == store.session(session).head
        assert other.maintenance.verify() == []
