"""Whose a session is: another principal's sessions and checkpoints are as if they never were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checkpoints import (
    ItemDraft,
    LimitExceeded,
    MemoryFault,
    StepDraft,
    Store,
    StoreLimits,
    UnknownCheckpoint,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

ABSENT = "A" * 32
NONE_HAS = "0" * 32


def answers(store: Store, session_id: str, checkpoint_id: str, draft: Draft) -> list[str]:
    """What each call says of a session or a checkpoint that it does not take."""
    calls: list[Callable[[], object]] = [
        lambda: store.session(session_id),
        lambda: store.set_task(session_id, {"description": "mine now"}),
        lambda: store.append_step(session_id, draft(1, step_key="k")),
        lambda: store.step(session_id, 1),
        lambda: store.steps(session_id),
        lambda: store.replay(session_id, "k"),
        lambda: store.checkpoint(session_id, "mine"),
        lambda: store.checkpoints(session_id),
        lambda: store.remember(session_id, [ItemDraft("planted", "me")]),
        lambda: store.remembered(session_id, ["canary"]),
        lambda: store.recall(session_id, "canary"),
        lambda: store.marks.pin(session_id, [1]),
        lambda: store.marks.pinned(session_id),
        lambda: store.marks.quarantine(session_id, reason="r", item_id=1),
        lambda: store.marks.release(session_id, item_id=1),
        lambda: store.marks.quarantined(session_id),
        lambda: store.marks.checkpoint_before(session_id, 1),
        lambda: store.checkpoint_record(checkpoint_id),
        lambda: store.restore(checkpoint_id),
        lambda: store.restore(checkpoint_id, fork=True),
        lambda: store.restore(checkpoint_id, session_id=session_id, fork=True),
    ]
    refusals = []
    for call in calls:
        with pytest.raises(MemoryFault) as refusal:
            call()
        refusals.append(f"{type(refusal.value).__name__}: {refusal.value}")
    return refusals


def test_anothers_session_and_checkpoint_are_refused_as_if_they_never_were(
    store: Store, draft: Draft
) -> None:
    alice, bob = store.visible_to("alice"), store.visible_to("bob")
    session = alice.create_session()
    alice.append_step(session.id, draft(1, step_key="k"))
    alice.remember(session.id, [ItemDraft("canary", "a.txt")])
    checkpoint = alice.checkpoint(session.id)
    before = store.session(session.id)

    refused = answers(bob, session.id, checkpoint.id, draft)
    never = answers(bob, ABSENT, NONE_HAS, draft)
    hidden = [t.replace(session.id, ABSENT).replace(checkpoint.id, NONE_HAS) for t in refused]
    assert hidden == never
    assert store.session(session.id) == before
    assert bob.sessions() == []


def test_a_session_belongs_to_whom_it_was_made_for_and_so_does_its_fork(store: Store) -> None:
    alice = store.visible_to("alice")
    session = alice.create_session("bob")
    fork = alice.restore(alice.checkpoint(session.id).id, fork=True)
    assert (session.principal, fork.principal) == ("alice", "alice")
    assert [s.id for s in alice.sessions()] == [fork.id, session.id]


def test_the_files_owner_sees_every_session_and_nobodys_is_no_principals(store: Store) -> None:
    mine, nobodys = store.visible_to("alice").create_session(), store.create_session()
    assert [s.id for s in store.sessions()] == [nobodys.id, mine.id]
    assert [s.id for s in store.visible_to(None).sessions()] == [nobodys.id, mine.id]
    assert [s.id for s in store.visible_to("alice").sessions()] == [mine.id]


def test_a_principal_at_its_limit_keeps_its_sessions_and_others_begin_theirs(path: Path) -> None:
    with Store.open(path, limits=StoreLimits(principal_sessions=2)) as store:
        alice = store.visible_to("alice")
        made = [alice.create_session().id for _ in range(2)]
        with pytest.raises(LimitExceeded, match="of this principal stored, the limit is 2"):
            alice.create_session()
        with pytest.raises(LimitExceeded, match="the limit is 2"):
            alice.restore(alice.checkpoint(made[0]).id, fork=True)
        assert store.visible_to("bob").create_session().principal == "bob"
        assert {s.id for s in alice.sessions()} == set(made)
        assert store.maintenance.verify() == []


def test_an_imported_session_is_nobodys_unless_it_is_given_to_someone(
    store: Store, tmp_path: Path
) -> None:
    session = store.create_session("alice").id
    checkpoint = store.checkpoint(session).id
    file = tmp_path / "session.jsonl"
    store.maintenance.export(session, file)
    with Store.open(tmp_path / "nobodys.db") as other:
        other.maintenance.import_session(file)
        assert other.session(session).principal is None
        with pytest.raises(UnknownCheckpoint):
            other.visible_to("alice").checkpoint_record(checkpoint)
    with Store.open(tmp_path / "bobs.db") as other:
        other.maintenance.import_session(file, principal="bob")
        assert other.visible_to("bob").checkpoint_record(checkpoint).session_id == session
