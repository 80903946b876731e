"""Where named tasks are used, and examples that are taken away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checkpoints import (
    BadValue,
    StepDraft,
    Store,
    TaskDefinition,
    TaskExample,
    UnknownTask,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Draft = Callable[..., StepDraft]

MOOD = TaskDefinition("Tell the mood.", labels=("good", "bad"))


def ran(store: Store, session: str, draft: Draft, version: str | None, given: str = "rain") -> int:
    """A step that ran with a version of a task; its number."""
    step = draft(0, input=given, output="good", task_version=version)
    return store.append_step(session, step).step.n


def pairs(store: Store) -> list[tuple[str, str]]:
    return [(each.input, each.output) for each in store.tasks.get("mood").examples]


def test_the_jobs_whose_steps_ran_with_any_version_of_a_task_are_told(
    store: Store, draft: Draft
) -> None:
    first = store.tasks.save("mood", MOOD).version.digest
    second = store.tasks.save("mood", MOOD, [TaskExample("sun", "good")]).version.digest
    other = store.tasks.save("title", TaskDefinition("Give a title.")).version.digest
    one, two, three = [store.create_session().id for _ in range(3)]
    for session, version in (
        (one, first), (one, None), (two, other), (three, second), (three, second), (three, None),
    ):  # fmt: skip
        ran(store, session, draft, version)
    found = [(each.session.id, each.steps, each.last) for each in store.task_use.jobs("mood")]
    assert found == [(three, 2, 2), (one, 1, 1)]
    assert [each.session.id for each in store.task_use.jobs("title")] == [two]


def test_steps_that_a_restore_put_out_of_sight_do_not_count(store: Store, draft: Draft) -> None:
    version = store.tasks.save("mood", MOOD).version.digest
    session = store.create_session().id
    ran(store, session, draft, version)
    checkpoint = store.checkpoint(session).id
    ran(store, session, draft, version)
    store.restore(checkpoint)
    assert [(each.steps, each.last) for each in store.task_use.jobs("mood")] == [(1, 1)]


def test_of_a_shared_task_each_sees_its_own_jobs_and_of_one_that_is_not_none(
    store: Store, draft: Draft
) -> None:
    alice, bob = store.visible_to("alice"), store.visible_to("bob")
    version = alice.tasks.save("mood", MOOD).version.digest
    with pytest.raises(UnknownTask):
        bob.task_use.jobs("mood")
    alice.tasks.share("mood")
    of_alice, of_bob = alice.create_session().id, bob.create_session().id
    ran(alice, of_alice, draft, version)
    ran(bob, of_bob, draft, version)
    assert [each.session.id for each in alice.task_use.jobs("mood")] == [of_alice]
    assert [each.session.id for each in bob.task_use.jobs("mood")] == [of_bob]
    with pytest.raises(BadValue, match="can be used, not changed"):
        bob.task_use.corrected("mood")


def test_the_step_behind_each_corrected_example_is_told(store: Store, draft: Draft) -> None:
    version = store.tasks.save("mood", MOOD, [TaskExample("sun", "good")]).version.digest
    session = store.create_session().id
    ran(store, session, draft, version, "fog")
    ran(store, session, draft, version, "rain")
    store.tasks.correct(session, 2, "bad")
    (example,) = [each for each in store.tasks.get("mood").examples if each.correction]
    assert store.task_use.corrected("mood") == {example.correction: (session, 2)}


def test_a_given_example_is_taken_away_in_a_new_version_and_the_others_stay(store: Store) -> None:
    given = [TaskExample("sun", "good"), TaskExample("fog", "bad", "notes.csv")]
    before = store.tasks.save("mood", MOOD, given).version
    saved = store.tasks.take_away("mood", " sun ")
    assert (saved.changed, saved.version.number, saved.version.parent) == (True, 2, before.digest)
    assert saved.version.examples == (TaskExample("fog", "bad", "notes.csv"),)
    store.tasks.go_back("mood", 1)
    assert pairs(store) == [("sun", "good"), ("fog", "bad")]
    assert store.maintenance.verify() == []


def test_what_a_later_example_of_the_same_input_replaced_goes_with_it(store: Store) -> None:
    store.tasks.save("mood", MOOD, [TaskExample("sun", "good")])
    store.tasks.save("mood", MOOD, [TaskExample("sun", "bad")], add=True)
    store.tasks.take_away("mood", "sun")
    assert pairs(store) == []


def test_what_a_correction_brought_stays_when_the_given_example_goes(
    store: Store, draft: Draft
) -> None:
    version = store.tasks.save("mood", MOOD, [TaskExample("rain", "good")]).version.digest
    session = store.create_session().id
    ran(store, session, draft, version, "rain")
    store.tasks.correct(session, 1, "bad")
    store.tasks.take_away("mood", "rain")
    assert pairs(store) == [("rain", "bad")]
    with pytest.raises(BadValue, match="nothing was changed"):
        store.tasks.take_away("mood", "rain")


def test_only_ones_own_task_loses_an_example(store: Store) -> None:
    alice, bob = store.visible_to("alice"), store.visible_to("bob")
    alice.tasks.save("mood", MOOD, [TaskExample("sun", "good")])
    alice.tasks.share("mood")
    with pytest.raises(BadValue, match="can be used, not changed"):
        bob.tasks.take_away("mood", "sun")
    assert pairs(alice) == [("sun", "good")]


def test_a_list_of_tasks_goes_on_after_those_that_were_shown(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.tasks.save(name, MOOD)
    assert [each.name for each in store.tasks.list(2)] == ["a", "b"]
    assert [each.name for each in store.tasks.list(2, skip=2)] == ["c"]


def test_versions_go_on_after_those_that_were_shown_and_the_measured_ones_are_told_alone(
    store: Store,
) -> None:
    for n in range(4):
        saved = store.tasks.save("mood", MOOD, [TaskExample(f"{m}", "good") for m in range(n + 1)])
        if n in (0, 2):
            store.tasks.measured(saved.version.digest, {"model": {"right": n}})
    shown = store.tasks.versions("mood", 2, 1)
    assert [(each.number, each.examples, each.set_aside) for each in shown] == [
        (3, 3, 0),
        (2, 2, 0),
    ]
    assert [each.number for each in store.tasks.versions("mood", measured=True)] == [3, 1]
    assert [each.number for each in store.tasks.versions("mood", 1, 1, measured=True)] == [1]
