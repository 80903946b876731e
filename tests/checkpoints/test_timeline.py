"""A history page by page: its steps in short, where it branched, how it differs from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from checkpoints import (
    CheckpointPolicy,
    ItemDraft,
    MemoryFault,
    StepDraft,
    Store,
    TaskDefinition,
    UnknownSession,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Draft = Callable[..., StepDraft]


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """With a checkpoint every third step."""
    with Store.open(path, policy=CheckpointPolicy(every=3)) as opened:
        yield opened


def run(store: Store, session: str, draft: Draft, count: int, name: str = "step") -> None:
    first = store.session(session).steps + 1
    for n in range(first, first + count):
        store.append_step(session, draft(n, input=f"{name} {n}", output=f"{name} answer {n}"))


def numbers(store: Store, handle: str, after: int, limit: int = 50) -> list[int]:
    return [line.n for line in store.timeline.lines(handle, after, limit)]


def test_a_page_holds_the_steps_after_a_number_and_the_checkpoints_between(
    store: Store, draft: Draft
):
    session = store.create_session().id
    run(store, session, draft, 10)
    store.checkpoint(session, "done")
    assert numbers(store, session, 0, 4) == [1, 2, 3, 4]
    assert numbers(store, session, 8, 4) == [9, 10]
    assert numbers(store, session, 10) == numbers(store, session, 2**40) == []
    assert numbers(store, session, 0, 0) == []
    marks = store.timeline.checkpoints(session, 4, 10)
    assert [(mark.step, mark.label) for mark in marks] == [(6, None), (9, None), (10, "done")]
    assert store.timeline.checkpoints(session, 0, 50) == store.checkpoints(session)


def test_a_line_says_in_short_what_the_step_is_and_keeps_no_text_of_the_prompt(
    store: Store, draft: Draft
):
    session = store.create_session().id
    result = {"retrieved": [{"text": "secret"}], "shares": {"a": 1.0}, "saturation": 0.5}
    task = {"description": "d" * 1000, "labels": ["a", "b"], "examples": []}
    step = draft(1, input="i" * 1000, output="short", task=task, result=result)
    record = store.append_step(session, step).step
    (line,) = store.timeline.lines(session)
    assert (line.n, line.node_id, line.created_at) == (1, record.node_id, record.created_at)
    assert (line.input_chars, len(line.input) < 500, line.output) == (1000, True, "short")
    assert (line.task[:3], len(line.task) < 500, line.labels) == ("ddd", True, 2)
    assert (line.mode, line.adapter_digest) == (record.mode, record.adapter_digest)
    assert line.result == {"saturation": 0.5}
    assert store.timeline.line(session, 1) == line
    assert store.timeline.line(session, 0) is None is store.timeline.line(session, 2)


def test_a_line_names_the_version_of_its_task_and_what_a_person_said_of_it(
    store: Store, draft: Draft
):
    mine, theirs = store.visible_to("ada"), store.visible_to("bob")
    version = mine.tasks.save("mood", TaskDefinition("Tell the mood.")).version
    session = mine.create_session().id
    for n in range(1, 5):
        mine.append_step(session, draft(n, task_version=version.digest))
    mine.tasks.correct(session, 2, "another")
    mine.tasks.correct(session, 3)
    mine.tasks.take_back(mine.tasks.correct(session, 4, "wrong").correction.id)
    lines = mine.timeline.lines(session)
    assert [(line.task_name, line.task_number) for line in lines] == [("mood", 1)] * 4
    assert [line.corrected for line in lines] == [None, "corrected", "confirmed", None]
    with pytest.raises(UnknownSession):
        theirs.timeline.lines(session)


def test_what_a_restore_put_out_of_sight_is_told_with_the_checkpoint_that_brings_it_back(
    store: Store, draft: Draft
):
    session = store.create_session().id
    run(store, session, draft, 8, "old")
    third, sixth = store.checkpoints(session)
    store.restore(third.id)
    (left,) = store.timeline.branching(session, 0, 3).left
    assert (left.at, left.first, left.last) == (3, 4, 8)
    assert left.back is not None
    assert left.back.id == sixth.id
    run(store, session, draft, 1, "new")
    store.restore(third.id)
    run(store, session, draft, 5, "newest")
    left_now = store.timeline.branching(session, 0, 50).left
    assert [(each.at, each.first, each.last) for each in left_now] == [(3, 4, 8), (3, 4, 4)]
    assert [each.back and each.back.id for each in left_now] == [sixth.id, None]
    assert store.timeline.branching(session, 4, 50).left == ()
    store.restore(sixth.id)
    again = store.timeline.branching(session, 0, 50).left
    assert [(each.at, each.first, each.last) for each in again] == [(3, 4, 4), (3, 4, 8), (6, 7, 8)]
    assert [line.input for line in store.timeline.lines(session, 3)] == ["old 4", "old 5", "old 6"]


def test_forks_and_what_a_session_was_forked_from_are_told_from_both_sides(
    store: Store, draft: Draft
):
    session = store.create_session().id
    run(store, session, draft, 7)
    third, sixth = store.checkpoints(session)
    early = store.restore(third.id, fork=True).id
    late = store.restore(sixth.id, fork=True).id
    store.checkpoint(early, "just forked")
    run(store, early, draft, 4, "fork")
    onward = store.restore(store.checkpoints(early)[-1].id, fork=True).id
    store.restore(store.checkpoints(early)[2].id)
    branching = store.timeline.branching(session, 0, 50)
    assert [(fork.session_id, fork.at) for fork in branching.forks] == [(early, 3), (late, 6)]
    assert branching.left == ()
    assert store.timeline.branching(session, 4, 50).forks[0].session_id == late
    origins = [store.timeline.origin(each) for each in (session, early, late, onward)]
    assert [each and (each.session_id, each.at) for each in origins] == [
        None, (session, 3), (session, 6), (early, 6),
    ]  # fmt: skip
    assert [each.first for each in store.timeline.branching(early, 0, 50).left] == [
        store.session(early).steps + 1
    ]
    store.restore(third.id)
    (left,) = store.timeline.branching(session, 0, 50).left
    assert (left.at, left.first, left.last) == (3, 4, 7)
    assert {fork.session_id for fork in store.timeline.branching(session, 0, 50).forks} == {
        early, late,
    }  # fmt: skip


def test_a_fork_whose_origin_was_deleted_says_nothing_of_it(store: Store, draft: Draft):
    session = store.create_session().id
    run(store, session, draft, 4)
    fork = store.restore(store.checkpoints(session)[0].id, fork=True).id
    run(store, fork, draft, 1)
    store.deletions.session(session)
    assert store.timeline.origin(fork) is None
    assert numbers(store, fork, 0) == [1, 2, 3, 4]
    assert store.timeline.branching(fork, 0, 50).left == ()


def test_pages_are_the_same_whatever_the_branches_that_a_history_runs_over(
    store: Store, draft: Draft
):
    session = store.create_session().id
    for _ in range(40):
        run(store, session, draft, 4)
        store.restore(store.session(session).last_checkpoint or "")
    steps = store.steps(session)
    lines = [
        line
        for after in range(0, len(steps), 7)
        for line in store.timeline.lines(session, after, 7)
    ]
    assert [line.node_id for line in lines] == [step.node_id for step in steps]
    left = store.timeline.branching(session, 0, len(steps)).left
    assert sum(each.last - each.first + 1 for each in left) == 40 * 4 - len(steps)


def test_a_checkpoint_out_of_sight_shows_its_own_history(store: Store, draft: Draft):
    session = store.create_session().id
    run(store, session, draft, 6, "old")
    third, sixth = store.checkpoints(session)
    store.restore(third.id)
    run(store, session, draft, 1, "new")
    lines = store.timeline.lines(sixth.id)
    assert [line.input for line in lines][3:] == ["old 4", "old 5", "old 6"]
    step = store.timeline.step(sixth.id, 5)
    assert step is not None
    assert step.input == "old 5"
    assert store.timeline.step(sixth.id, 7) is None
    assert [each.step for each in store.timeline.checkpoints(sixth.id, 0, 50)] == [3, 6]
    assert store.timeline.side(sixth.id).steps == 6


def test_items_come_back_with_what_became_of_them(store: Store):
    session = store.create_session().id
    drafts = [ItemDraft(text, source) for text, source in (("one", "a"), ("two", "b"))]
    one, two = store.remember(session, drafts).item_ids
    other = store.create_session().id
    (foreign,) = store.remember(other, [ItemDraft("three", "c")]).item_ids
    store.marks.quarantine(session, source="b")
    found = store.timeline.items(session, [two, foreign, one, 10**6])
    assert {key: (each.item.text, each.state) for key, each in found.items()} == {
        one: ("one", "here"),
        two: ("two", "quarantined"),
    }


def test_two_histories_are_compared_from_where_they_part(store: Store, draft: Draft):
    session = store.create_session().id
    run(store, session, draft, 4, "same")
    fork = store.restore(store.checkpoints(session)[0].id, fork=True).id
    store.append_step(fork, draft(4, input="same 4", output="same answer 4"))
    changed: dict[str, Any] = {"output": "other", "mode": "prompted", "adapter_digest": None}
    store.append_step(session, draft(5, input="five"))
    store.append_step(fork, draft(5, input="five", **changed))
    run(store, fork, draft, 1)
    found = store.timeline.compare(session, fork)
    assert (found.one.steps, found.other.steps, found.other.session_id) == (5, 6, fork)
    assert (found.shared, found.first, found.first_prompt) == (3, 5, None)
    assert [pair.shared for pair in found.pairs] == [True] * 3 + [False] * 3
    assert [pair.differing for pair in found.pairs] == [
        (), (), (), (), ("mode", "adapter", "output"), (),
    ]  # fmt: skip
    assert found.pairs[5].one is None
    assert found.pairs[5].other is not None
    later = store.timeline.compare(session, fork, after=4, limit=1)
    assert [(pair.n, later.first) for pair in later.pairs] == [(5, 5)]
    assert store.timeline.compare(session, fork, after=None).after == 2


def test_a_step_that_differs_by_its_prompt_alone_is_found_too(store: Store, draft: Draft):
    one, other = store.create_session().id, store.create_session().id
    for session, prompt in ((one, "a"), (other, "b")):
        for n in range(1, 560):
            result = {"prompt_sha256": prompt if n == 520 else "same"}
            store.append_step(session, draft(n, result=result))
    found = store.timeline.compare(one, other, after=510, limit=20)
    assert (found.shared, found.first, found.first_prompt) == (0, None, 520)
    assert {pair.n: pair.differing for pair in found.pairs if pair.differing} == {520: ("prompt",)}


def test_equal_histories_have_no_first_difference_and_a_longer_one_begins_it(
    store: Store, draft: Draft
):
    one, other = store.create_session().id, store.create_session().id
    for session in (one, other):
        run(store, session, draft, 3)
    assert store.timeline.compare(one, other).first is None
    assert store.timeline.compare(one, one).shared == 3
    run(store, other, draft, 1)
    assert (found := store.timeline.compare(one, other)).first == 4
    assert found.pairs[3].one is None
    point = store.checkpoints(other)[0].id
    assert store.timeline.compare(other, point).first == 4


def test_anothers_histories_are_unknown_and_a_reader_sees_all(
    store: Store, path: Path, draft: Draft
):
    ada, bob = store.visible_to("ada"), store.visible_to("bob")
    session = ada.create_session().id
    run(ada, session, draft, 3)
    point = ada.checkpoints(session)[0].id
    ada.restore(point, fork=True)
    own = bob.create_session().id
    calls: list[Callable[[Store, str], object]] = [
        lambda store, handle: store.timeline.lines(handle),
        lambda store, handle: store.timeline.line(handle, 1),
        lambda store, handle: store.timeline.step(handle, 1),
        lambda store, handle: store.timeline.side(handle),
        lambda store, handle: store.timeline.checkpoints(handle, 0, 9),
        lambda store, handle: store.timeline.branching(handle, 0, 9),
        lambda store, handle: store.timeline.origin(handle),
        lambda store, handle: store.timeline.items(handle, [1]),
        lambda store, handle: store.timeline.with_adapter(handle, "a1b2"),
        lambda store, handle: store.timeline.compare(own if store is bob else session, handle),
    ]
    for call in calls:
        for handle in (session, point, "A" * 32, "no handle!"):
            with pytest.raises(MemoryFault) as refusal:
                call(bob, handle)
            assert session not in str(refusal.value).replace(handle, "")
        call(ada, session)
    with Store.open_reader(path) as reader:
        for call in calls:
            call(reader, session)
        assert reader.timeline.with_adapter(session, "a1b2") == [1, 2, 3]
        assert reader.timeline.with_adapter(session, "a1b") == []
        assert len(reader.timeline.branching(session, 0, 9).forks) == 1
