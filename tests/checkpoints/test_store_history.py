"""Sessions, steps, checkpoints, restore and fork."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checkpoints import (
    Appended,
    BadIdentifier,
    BadValue,
    CheckpointPolicy,
    ForeignCheckpoint,
    ItemDraft,
    LimitExceeded,
    StepDraft,
    Store,
    StoreLimits,
    UnknownCheckpoint,
    UnknownSession,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]


def test_new_session_is_empty_and_its_id_is_unguessable(store: Store) -> None:
    one, two = store.create_session(), store.create_session("alice")
    assert len(one.id) == 32
    assert one.id != two.id
    assert (one.steps, one.items, one.task, one.last_checkpoint) == (0, 0, None, None)
    assert (one.principal, two.principal) == (None, "alice")
    assert [s.id for s in store.sessions()] == [two.id, one.id]
    assert [s.id for s in store.sessions(limit=1)] == [two.id]


def test_step_comes_back_exactly_as_it_was_given(store: Store, draft: Draft) -> None:
    session = store.create_session()
    given = draft(1, output="naïve \x00 😀\n", result={"ms": 1.5, "more": [None, True]})
    stored = store.append_step(session.id, given).step
    assert (stored.n, stored.input, stored.output) == (1, given.input, given.output)
    assert (stored.task, stored.result) == (given.task, given.result)
    assert (stored.mode, stored.adapter_digest, stored.step_key) == ("adapter", "a1b2", None)
    assert store.step(session.id, 1) == stored
    assert store.session(session.id).head == stored.node_id


def test_steps_are_read_in_order_and_only_the_last_ones_on_request(
    store: Store, draft: Draft
) -> None:
    session = store.create_session()
    for number in range(1, 6):
        store.append_step(session.id, draft(number))
    assert [s.n for s in store.steps(session.id)] == [1, 2, 3, 4, 5]
    assert [s.n for s in store.steps(session.id, last=2)] == [4, 5]
    assert [s.n for s in store.steps(session.id, last=10**30)] == [1, 2, 3, 4, 5]
    assert store.steps(session.id, last=0) == []
    assert [store.step(session.id, n) for n in (0, -1, 6, 10**30)] == [None] * 4


def test_every_third_step_is_stored_with_a_checkpoint(store: Store, draft: Draft) -> None:
    session = store.create_session()
    made = [store.append_step(session.id, draft(n)).checkpoint for n in range(1, 8)]
    taken = [c for c in made if c]
    assert [c.step for c in taken] == [3, 6]
    assert [c is not None for c in made] == [False, False, True, False, False, True, False]
    assert (taken[0].parent, taken[1].parent) == (None, taken[0].id)
    assert store.session(session.id).last_checkpoint == taken[1].id
    assert store.checkpoints(session.id) == taken


def test_policy_of_zero_makes_no_checkpoint_by_itself(path: Path, draft: Draft) -> None:
    with Store.open(path, policy=CheckpointPolicy(every=0)) as store:
        session = store.create_session()
        assert all(store.append_step(session.id, draft(n)).checkpoint is None for n in range(6))
    with pytest.raises(ValueError, match="every"):
        CheckpointPolicy(every=-1)


def test_checkpoint_counts_the_items_and_their_bytes(store: Store, draft: Draft) -> None:
    session = store.create_session()
    store.append_step(session.id, draft(1, output="é"))
    store.remember(session.id, [ItemDraft("abc", "a.txt")])
    checkpoint = store.checkpoint(session.id, "half way")
    assert (checkpoint.step, checkpoint.items, checkpoint.bytes) == (1, 2, 5)
    assert checkpoint.label == "half way"
    assert store.checkpoint_record(checkpoint.id) == checkpoint


def test_same_checkpoint_twice_is_one_checkpoint(store: Store, draft: Draft) -> None:
    session = store.create_session()
    store.append_step(session.id, draft(1))
    first, named = store.checkpoint(session.id), store.checkpoint(session.id, "b")
    assert store.checkpoint(session.id) == first
    assert store.checkpoint(session.id, "b") == named
    assert store.checkpoints(session.id) == [first, named]
    assert named.parent == first.id


def test_restore_brings_back_steps_items_and_task_exactly(store: Store, draft: Draft) -> None:
    session = store.create_session()
    store.set_task(session.id, {"description": "first"})
    store.append_step(session.id, draft(1))
    store.remember(session.id, [ItemDraft("a document", "a.txt")])
    before = store.session(session.id)
    checkpoint = store.checkpoint(session.id)
    store.set_task(session.id, {"description": "second"})
    late = store.append_step(session.id, draft(2))
    store.remember(session.id, [ItemDraft("a late document", "b.txt")])

    restored = store.restore(checkpoint.id)
    assert (restored.id, restored.head) == (before.id, before.head)
    assert (restored.steps, restored.items, restored.task) == (1, 2, {"description": "first"})
    assert [s.n for s in store.steps(session.id)] == [1]
    assert store.step(session.id, 2) is None
    assert [h.text for h in store.recall(session.id, "late document")] == ["a document"]
    assert late.step.node_id != restored.head
    assert store.maintenance.verify() == []


def test_later_checkpoint_can_be_restored_after_an_earlier_one(store: Store, draft: Draft) -> None:
    session = store.create_session()
    for number in range(1, 7):
        store.append_step(session.id, draft(number))
    early, late = store.checkpoints(session.id)
    assert store.restore(early.id).steps == 3
    assert store.checkpoints(session.id) == [early]
    assert store.restore(late.id).steps == 6
    assert store.checkpoints(session.id) == [early, late]
    assert [s.n for s in store.steps(session.id)] == [1, 2, 3, 4, 5, 6]


def test_same_work_after_restore_gives_the_same_ids(store: Store, draft: Draft) -> None:
    session = store.create_session()
    start = store.checkpoint(session.id)
    keys = {"step_key": "first", "result": {"ms": 1}}
    first = [store.append_step(session.id, draft(n)) for n in (1, 2)]
    first.append(store.append_step(session.id, draft(3, **keys)))
    store.restore(start.id)
    keys = {"step_key": "second", "result": {"ms": 2}}
    again = [store.append_step(session.id, draft(n)) for n in (1, 2)]
    again.append(store.append_step(session.id, draft(3, **keys)))
    assert [a.step.node_id for a in again] == [a.step.node_id for a in first]
    assert again[2].checkpoint == first[2].checkpoint
    assert again[2].step.result == {"ms": 2}
    assert store.append_step(session.id, draft(4)).step.n == 4
    assert store.checkpoints(session.id)[-1] == first[2].checkpoint
    assert store.maintenance.verify() == []


def test_different_work_after_restore_gives_other_ids(store: Store, draft: Draft) -> None:
    session = store.create_session()
    start = store.checkpoint(session.id)
    one = store.append_step(session.id, draft(1)).step.node_id
    store.restore(start.id)
    assert store.append_step(session.id, draft(1, output="other")).step.node_id != one


def test_fork_shares_the_past_and_sees_nothing_of_the_original_future(
    store: Store, draft: Draft
) -> None:
    original = store.create_session("alice")
    for number in range(1, 4):
        store.append_step(original.id, draft(number))
    checkpoint = store.checkpoint(original.id)
    fork = store.restore(checkpoint.id, fork=True)
    store.append_step(original.id, draft(4, output="original canary"))
    store.append_step(fork.id, draft(4, output="fork canary"))

    assert fork.id != original.id
    assert (fork.steps, fork.principal, fork.last_checkpoint) == (3, "alice", checkpoint.id)
    assert store.steps(fork.id)[:3] == store.steps(original.id)[:3]
    assert [s.output for s in store.steps(fork.id, last=1)] == ["fork canary"]
    assert [h.text for h in store.recall(fork.id, "canary")] == ["fork canary"]
    assert [h.text for h in store.recall(original.id, "canary")] == ["original canary"]
    assert store.checkpoint(fork.id).parent == checkpoint.id
    assert store.maintenance.verify() == []


def test_fork_of_a_fork_of_a_restored_session_reads_all_its_segments(
    store: Store, draft: Draft
) -> None:
    current = store.create_session()
    for number in range(1, 13):
        checkpoint = store.append_step(current.id, draft(number)).checkpoint
        if checkpoint:
            current = store.restore(checkpoint.id, fork=number % 2 == 0)
    assert [s.output for s in store.steps(current.id)] == [f"answer {n}" for n in range(1, 13)]
    assert [c.step for c in store.checkpoints(current.id)] == [3, 6, 9, 12]
    assert store.maintenance.verify() == []


def test_restore_refuses_a_checkpoint_of_another_session(store: Store) -> None:
    mine, yours = store.create_session(), store.create_session()
    checkpoint = store.checkpoint(yours.id)
    with pytest.raises(ForeignCheckpoint, match=checkpoint.id):
        store.restore(checkpoint.id, session_id=mine.id)
    with pytest.raises(ForeignCheckpoint):
        store.restore(checkpoint.id, session_id=mine.id, fork=True)
    assert len(store.sessions()) == 2
    assert store.restore(checkpoint.id, session_id=yours.id).id == yours.id


def test_unknown_ids_are_named_in_the_error(store: Store, draft: Draft) -> None:
    with pytest.raises(UnknownSession, match="nobody"):
        store.append_step("nobody", draft(1))
    with pytest.raises(UnknownCheckpoint, match="nothing"):
        store.restore("nothing")


def test_step_key_seen_before_replays_the_recorded_step(store: Store, draft: Draft) -> None:
    session = store.create_session()
    for number in (1, 2):
        store.append_step(session.id, draft(number))
    first = store.append_step(session.id, draft(3, step_key="k"))
    before = store.session(session.id)
    again = store.append_step(session.id, draft(9, step_key="k"))
    assert again == Appended(first.step, first.checkpoint, replayed=True)
    assert not first.replayed
    assert store.session(session.id) == before
    assert store.replay(session.id, "k") == again
    assert store.replay(session.id, "other") is None


def test_step_key_is_known_in_a_fork_and_forgotten_by_a_restore(store: Store, draft: Draft) -> None:
    session = store.create_session()
    start = store.checkpoint(session.id)
    store.append_step(session.id, draft(1, step_key="k"))
    fork = store.restore(store.checkpoint(session.id).id, fork=True)
    assert store.append_step(fork.id, draft(1, step_key="k")).replayed
    store.restore(start.id)
    assert not store.append_step(session.id, draft(1, step_key="k")).replayed
    other = store.create_session()
    assert not store.append_step(other.id, draft(1, step_key="k")).replayed


def test_two_threads_with_one_step_key_make_one_step(store: Store, draft: Draft) -> None:
    session = store.create_session()
    barrier = threading.Barrier(2)
    results: list[Appended] = []

    def append() -> None:
        barrier.wait(5)
        results.append(store.append_step(session.id, draft(1, step_key="k")))

    threads = [threading.Thread(target=append) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(r.replayed for r in results) == [False, True]
    assert results[0].step == results[1].step
    assert store.session(session.id).steps == 1


def test_many_threads_leave_a_history_without_gaps(store: Store, draft: Draft) -> None:
    session = store.create_session()

    def append(start: int) -> None:
        for number in range(start, start + 10):
            store.append_step(session.id, draft(number))
            store.recall(session.id, "answer")

    threads = [threading.Thread(target=append, args=(n * 10,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [s.n for s in store.steps(session.id)] == list(range(1, 41))
    assert store.maintenance.verify() == []


def test_setting_the_current_task_again_writes_nothing(store: Store) -> None:
    session = store.create_session()
    one = store.set_task(session.id, {"b": 1, "a": [1, 2]})
    assert one.task == {"a": [1, 2], "b": 1}
    assert store.set_task(session.id, {"a": [1, 2], "b": 1}) == one


def test_identical_texts_are_stored_once(store: Store, draft: Draft, path: Path) -> None:
    session = store.create_session()
    for _ in range(3):
        store.append_step(session.id, draft(1))
    fork = store.restore(store.checkpoints(session.id)[0].id, fork=True)
    store.append_step(fork.id, draft(1))
    assert store.session(fork.id).items == 1
    with closing(sqlite3.connect(path)) as db:
        (count,) = db.execute("SELECT count(*) FROM texts").fetchone()
    assert count == 3  # input, output, task


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        (StoreLimits(text_chars=5), "input"),
        (StoreLimits(json_chars=5), "task"),
        (StoreLimits(name_chars=3), "mode"),
        (StoreLimits(step_key_chars=3), "step_key"),
        (StoreLimits(database_bytes=1), "database"),
    ],
)
def test_step_over_a_limit_changes_nothing_and_names_field_and_limit(
    path: Path, draft: Draft, limits: StoreLimits, field: str
) -> None:
    with Store.open(path) as store:
        session = store.create_session()
    with Store.open(path, limits=limits) as store:
        with pytest.raises(LimitExceeded, match=rf"^{field}: .* the limit is \d"):
            store.append_step(session.id, draft(1, step_key="long key"))
        assert store.session(session.id) == session
        assert store.maintenance.verify() == []


def test_full_database_still_replays_and_restores(path: Path, draft: Draft) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        checkpoint = store.checkpoint(session.id)
        store.append_step(session.id, draft(1, step_key="k"))
    with Store.open(path, limits=StoreLimits(database_bytes=1)) as store:
        assert store.append_step(session.id, draft(1, step_key="k")).replayed
        assert store.restore(checkpoint.id).steps == 0
        with pytest.raises(LimitExceeded, match="database"):
            store.restore(checkpoint.id, fork=True)


def test_session_label_and_item_limits_are_named(path: Path) -> None:
    limits = StoreLimits(
        sessions=1, label_chars=3, items_per_call=1, source_chars=3, query_chars=3, text_chars=5
    )
    with Store.open(path, limits=limits) as store:
        session = store.create_session()
        with pytest.raises(LimitExceeded, match="sessions"):
            store.create_session()
        with pytest.raises(LimitExceeded, match="sessions"):
            store.restore(store.checkpoint(session.id).id, fork=True)
        with pytest.raises(LimitExceeded, match="label"):
            store.checkpoint(session.id, "long")
        with pytest.raises(LimitExceeded, match=r"^items: 2 in one call"):
            store.remember(session.id, [ItemDraft("a", "s"), ItemDraft("b", "s")])
        with pytest.raises(LimitExceeded, match=r"items\[0\].source"):
            store.remember(session.id, [ItemDraft("a", "long")])
        with pytest.raises(LimitExceeded, match=r"items\[0\].text"):
            store.remember(session.id, [ItemDraft("too long", "s")])
        with pytest.raises(LimitExceeded, match="query"):
            store.recall(session.id, "long")
        assert store.maintenance.verify() == []


@pytest.mark.parametrize(
    "changes",
    [{"result": {"x": float("nan")}}, {"task": {"x": {1}}}, {"input": "\ud800"}, {"step_key": ""}],
)
def test_value_that_cannot_be_kept_verbatim_is_refused_by_name(
    store: Store, draft: Draft, changes: dict[str, object]
) -> None:
    session = store.create_session()
    with pytest.raises(BadValue, match=f"^{next(iter(changes))}: "):
        store.append_step(session.id, draft(1, **changes))
    assert store.session(session.id).steps == 0


def test_ids_are_checked_before_they_are_looked_up(store: Store) -> None:
    for bad in ("", "../x", "a b", "a" * 65, "id'--", "id\n"):
        with pytest.raises(BadIdentifier, match="session_id"):
            store.session(bad)
        with pytest.raises(BadIdentifier, match="checkpoint_id"):
            store.checkpoint_record(bad)
