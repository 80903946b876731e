"""A source that is remembered again: its new version replaces the earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checkpoints import BadValue, Filters, ItemDraft, PrunePolicy, StepDraft, Store, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from checkpoints import Remembered

    Draft = Callable[..., StepDraft]

OLD = ["Leave policy.", "Requests take three days.", "Ask your manager."]
NEW = ["Leave policy.", "Requests take five days.", "Ask your manager."]


def remember(
    store: Store, session: str, texts: Sequence[str], source: str = "policy.md"
) -> Remembered:
    drafts = [ItemDraft(text, source, order=order) for order, text in enumerate(texts)]
    return store.remember(session, drafts, [Version(source, frozenset(texts))])


def known(store: Store, session: str) -> set[str]:
    """All documents that a search gives back, over words and neighbours."""
    hits = store.recall(
        session, "policy days manager", 100, neighbours=3, filters=Filters(kinds=["document"])
    )
    return {hit.text for hit in hits}


@pytest.fixture
def session(store: Store) -> str:
    session = store.create_session().id
    remember(store, session, OLD)
    return session


def test_what_an_edit_took_out_leaves_search_and_pins_and_the_rest_stays(
    store: Store, session: str
) -> None:
    (old,) = store.recall(session, "three")
    store.marks.pin(session, [old.item_id])
    again = remember(store, session, NEW)
    assert (again.stored, again.duplicates, again.superseded) == (1, 2, 1)
    assert known(store, session) == set(NEW)
    assert store.marks.pinned(session) == []
    with pytest.raises(BadValue, match=r"was replaced when 'policy\.md' was remembered again"):
        store.marks.pin(session, [old.item_id])
    assert store.session(session).items == 3
    assert store.maintenance.verify() == []


def test_the_same_version_again_changes_nothing(store: Store, session: str) -> None:
    head = store.session(session).head
    again = remember(store, session, OLD)
    assert (again.stored, again.duplicates, again.superseded) == (0, 3, 0)
    assert store.session(session).head == head


def test_an_edit_that_is_taken_back_brings_the_first_version_back(
    store: Store, session: str
) -> None:
    remember(store, session, NEW)
    back = remember(store, session, OLD)
    assert (back.stored, back.superseded) == (1, 1)
    assert known(store, session) == set(OLD)
    assert store.maintenance.verify() == []


def test_a_checkpoint_from_before_the_edit_has_the_old_version_and_a_fork_its_own(
    store: Store, session: str
) -> None:
    before = store.checkpoint(session)
    remember(store, session, NEW)
    after = store.checkpoint(session)
    fork = store.restore(before.id, fork=True).id
    assert known(store, fork) == set(OLD)
    remember(store, fork, ["Leave policy.", "Requests take nine days."])
    assert known(store, fork) == {"Leave policy.", "Requests take nine days."}
    assert known(store, session) == set(NEW)
    assert store.restore(before.id).items == 3
    assert known(store, session) == set(OLD)
    store.restore(after.id)
    assert known(store, session) == set(NEW)
    assert store.maintenance.verify() == []


@pytest.mark.parametrize("warm", [True, False])
def test_neighbours_are_those_of_the_new_version(store: Store, session: str, warm: bool) -> None:
    if warm:
        assert known(store, session) == set(OLD)
    remember(store, session, ["A new first line.", *NEW])
    hits = store.recall(session, "five", neighbours=1)
    assert [hit.text for hit in hits] == [NEW[1], NEW[0], NEW[2]]
    assert [hit.order for hit in hits] == [2, 1, 3]
    assert store.session(session).items == 4
    moved = remember(store, session, ["A new first line.", *NEW])
    assert (moved.stored, moved.duplicates, moved.superseded) == (0, 4, 0)


def test_nothing_leaves_before_the_version_is_complete(store: Store, session: str) -> None:
    part = [ItemDraft(NEW[1], "policy.md", order=1)]
    done = store.remember(session, part, [Version("policy.md", frozenset(NEW), complete=False)])
    assert (done.stored, done.superseded) == (1, 0)
    assert known(store, session) == {*OLD, *NEW}
    assert remember(store, session, NEW).superseded == 1


def test_other_sources_and_answers_with_the_same_text_stay(
    store: Store, session: str, draft: Draft
) -> None:
    remember(store, session, OLD, "copy.md")
    store.append_step(session, draft(1, output=OLD[1]))
    remember(store, session, NEW)
    hits = store.recall(session, "three", filters=Filters(sources=["copy.md"]))
    assert [hit.text for hit in hits] == [OLD[1]]
    assert [hit.text for hit in store.recall(session, "three", filters=Filters(kinds=["step"]))]


def test_a_quarantine_of_the_source_still_names_the_old_version(store: Store, session: str) -> None:
    (old,) = store.recall(session, "three")
    remember(store, session, NEW)
    store.marks.quarantine(session, source="policy.md", reason="wrong")
    assert old.item_id in store.marks.quarantined(session)[0].item_ids
    assert known(store, session) == set()


def test_versions_are_found_again_after_a_restart_a_prune_and_an_import(
    store: Store, session: str, path: Path, tmp_path: Path
) -> None:
    before = store.checkpoint(session)
    remember(store, session, NEW)
    store.restore(before.id)
    remember(store, session, ["Requests take nine days."])
    store.maintenance.prune(PrunePolicy(keep=0))
    assert store.maintenance.verify() == []
    file = tmp_path / "session.jsonl"
    store.maintenance.export(session, file)
    store.close()
    with Store.open(path) as opened, Store.open(tmp_path / "other.db") as other:
        other.maintenance.import_session(file)
        for each in (opened, other):
            assert known(each, session) == {"Requests take nine days."}
            assert each.maintenance.verify() == []
        assert other.session(session).head == opened.session(session).head
        other.restore(before.id)
        assert known(other, session) == set(OLD)
