"""Pruning: what goes, what stays, and that what stays is still proven."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checkpoints import (
    ItemDraft,
    MemoryFault,
    Pruned,
    PrunePolicy,
    StepDraft,
    Store,
    UnknownCheckpoint,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

NOTHING = Pruned(checkpoints=0, nodes=0, steps=0, items=0, texts=0, text_bytes=0)


def run(store: Store, draft: Draft, session: str, first: int, last: int, **changes: str) -> None:
    for number in range(first, last + 1):
        store.append_step(session, draft(number, **changes))


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  # a test's own table name


def test_the_last_checkpoints_stay_and_no_step_in_sight_goes(store: Store, draft: Draft) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 30)
    steps, ids = store.steps(session), [c.id for c in store.checkpoints(session)]
    assert store.maintenance.prune(PrunePolicy(keep=2)).checkpoints == 8
    assert [c.id for c in store.checkpoints(session)] == ids[-2:]
    assert store.steps(session) == steps
    assert store.maintenance.verify() == []
    with pytest.raises(UnknownCheckpoint, match="pruned"):
        store.restore(ids[0])
    assert store.maintenance.prune(PrunePolicy(keep=2)) == NOTHING


def test_labelled_ones_and_where_a_session_stands_stay_even_when_none_is_to_be_kept(
    store: Store, draft: Draft
) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 4)
    store.checkpoint(session, "before the merge")
    run(store, draft, session, 5, 12)
    store.maintenance.prune(PrunePolicy(keep=0))
    assert [(c.step, c.label) for c in store.checkpoints(session)] == [
        (4, "before the merge"),
        (12, None),
    ]
    assert store.restore(store.checkpoints(session)[0].id).steps == 4
    assert store.maintenance.verify() == []


def test_the_origin_of_a_fork_and_those_before_it_stay(store: Store, draft: Draft) -> None:
    origin = store.create_session().id
    run(store, draft, origin, 1, 6)
    fork = store.restore(store.checkpoints(origin)[-1].id, fork=True).id
    run(store, draft, origin, 7, 12)
    run(store, draft, fork, 107, 112)
    store.maintenance.prune(PrunePolicy(keep=0))
    assert [c.step for c in store.checkpoints(fork)] == [3, 6, 12]
    assert [c.step for c in store.checkpoints(origin)] == [3, 6, 12]
    assert store.maintenance.verify() == []


def test_what_a_restore_abandoned_goes_with_its_texts_and_index(
    store: Store, path: Path, draft: Draft
) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 3)
    begin = store.checkpoints(session)[0]
    run(store, draft, session, 4, 9, output="the abandoned walrus")
    store.remember(session, [ItemDraft("a walrus in a document", "sea.txt")])
    store.restore(begin.id)
    run(store, draft, session, 104, 106)
    pruned = store.maintenance.prune(PrunePolicy(keep=1))
    # Output and input of each step are texts; the six outputs were one text and one item.
    assert pruned == Pruned(
        checkpoints=3,
        nodes=7,
        steps=6,
        items=2,
        texts=8,
        text_bytes=len("the abandoned walrus") + len("a walrus in a document") + 6 * 10,
    )
    assert [s.input for s in store.steps(session)] == [
        f"question {n}" for n in (1, 2, 3, 104, 105, 106)
    ]
    assert store.maintenance.verify() == []
    assert count(path, "nodes") == 7
    assert count(path, "branches") == 2
    store.remember(session, [ItemDraft("another walrus", "sea.txt")])
    assert [hit.text for hit in store.recall(session, "walrus")] == ["another walrus"]


def test_a_text_that_something_in_sight_still_uses_stays(store: Store, draft: Draft) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 3)
    store.remember(session, [ItemDraft("shared words", "a.txt")])
    other = store.create_session().id
    store.append_step(other, draft(1, input="shared words"))
    store.restore(store.checkpoints(session)[0].id)
    pruned = store.maintenance.prune(PrunePolicy(keep=0))
    assert (pruned.items, pruned.texts) == (1, 0)
    assert store.steps(other)[0].input == "shared words"
    assert store.recall(session, "shared words") == []
    assert store.maintenance.verify() == []


def test_a_dry_run_counts_the_same_and_changes_nothing(
    store: Store, path: Path, draft: Draft
) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 9)
    store.restore(store.checkpoints(session)[0].id)
    before = (store.session(session), count(path, "nodes"), count(path, "checkpoints"))
    with Store.open_reader(path) as reader:
        beside = reader.maintenance.prune(PrunePolicy(keep=0), dry_run=True)
    planned = store.maintenance.prune(PrunePolicy(keep=0), dry_run=True)
    assert planned == beside
    assert planned.steps == 6
    assert (store.session(session), count(path, "nodes"), count(path, "checkpoints")) == before
    assert store.maintenance.prune(PrunePolicy(keep=0)) == planned


def test_space_is_given_back_to_the_disk(store: Store, path: Path, draft: Draft) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 3)
    for number in range(4, 100):
        store.append_step(session, draft(number, output=f"{number} " * 4000))
    store.restore(store.checkpoints(session)[0].id)
    store.maintenance.prune(PrunePolicy(keep=0))
    assert path.stat().st_size < 300_000
    assert path.with_name("memory.db-wal").stat().st_size < 300_000


def test_a_pruned_checkpoint_that_is_made_again_comes_back(store: Store, draft: Draft) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 3)
    begin = store.checkpoint(session, "begin")
    run(store, draft, session, 4, 12)
    pruned = store.checkpoints(session)[-3]
    assert pruned.step == 6
    store.maintenance.prune(PrunePolicy(keep=1))
    store.restore(begin.id)
    run(store, draft, session, 4, 6)
    assert store.checkpoints(session)[-1].id == pruned.id
    assert store.maintenance.verify() == []
    run(store, draft, session, 7, 9)
    assert [c.step for c in store.checkpoints(session)] == [3, 6, 9]


def test_a_pin_on_a_text_that_goes_goes_with_it(store: Store, draft: Draft) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 3)
    store.remember(session, [ItemDraft("pinned and abandoned", "a.txt", pinned=True)])
    store.restore(store.checkpoints(session)[0].id)
    store.maintenance.prune(PrunePolicy(keep=0))
    assert store.marks.pinned(session) == []
    assert store.maintenance.verify() == []


def test_a_prune_that_fails_on_the_way_changes_nothing(
    store: Store, path: Path, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 9)
    store.restore(store.checkpoints(session)[0].id)
    before = (store.session(session), count(path, "nodes"), count(path, "texts"))

    def fail() -> str:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        # Asked for after the plan, before the deletions.
        patch.setattr("checkpoints.store.maintenance.utc_now", fail)
        with pytest.raises(MemoryFault, match="disk I/O error"):
            store.maintenance.prune(PrunePolicy(keep=0))
    assert (store.session(session), count(path, "nodes"), count(path, "texts")) == before
    assert store.maintenance.prune(PrunePolicy(keep=0)).steps == 6
    assert store.maintenance.verify() == []


def test_a_file_that_cannot_be_made_smaller_is_pruned_all_the_same(
    store: Store, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 9)

    def fail(*_: object) -> None:
        raise MemoryFault("the disk is full")

    monkeypatch.setattr("checkpoints.file.connection.Connection.compact", fail)
    with pytest.raises(MemoryFault, match=r"pruned, but .*the disk is full"):
        store.maintenance.prune(PrunePolicy(keep=0))
    assert [c.step for c in store.checkpoints(session)] == [9]
    assert store.maintenance.verify() == []


def test_search_forgets_what_went_though_its_row_numbers_are_given_out_again(
    store: Store, draft: Draft
) -> None:
    session = store.create_session().id
    run(store, draft, session, 1, 3)
    begin = store.checkpoints(session)[0]
    store.remember(session, [ItemDraft("the walrus of before", "sea.txt")])
    assert len(store.recall(session, "walrus")) == 1
    store.restore(begin.id)
    store.maintenance.prune(PrunePolicy(keep=0))
    store.restore(begin.id)
    store.remember(session, [ItemDraft("an otter instead", "sea.txt")])
    assert store.recall(session, "walrus") == []
    assert [hit.text for hit in store.recall(session, "otter")] == ["an otter instead"]


def test_a_negative_number_of_checkpoints_is_refused() -> None:
    with pytest.raises(ValueError, match="keep: -1"):
        PrunePolicy(keep=-1)


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE checkpoints SET parent = NULL WHERE step = 9", "does not match its id"),
        ("UPDATE checkpoints SET label = 'x' WHERE pruned_at IS NOT NULL", "marked as pruned"),
        ("DELETE FROM checkpoints WHERE step = 3", "refers to a missing row"),
        ("UPDATE checkpoints SET pruned_at = created_at", "last checkpoint is marked as pruned"),
    ],
)
def test_verify_still_proves_the_chain_of_a_kept_checkpoint(
    path: Path, draft: Draft, damage: str, finding: str
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        run(store, draft, session, 1, 9)
        store.maintenance.prune(PrunePolicy(keep=0))
        assert store.maintenance.verify() == []
    with closing(sqlite3.connect(path)) as db:
        db.execute(damage)
        db.commit()
    with Store.open(path) as store:
        assert any(finding in problem for problem in store.maintenance.verify()), (
            store.maintenance.verify()
        )
