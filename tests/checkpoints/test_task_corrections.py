"""Corrections of steps: what is recorded beside them, and what their tasks learn from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checkpoints import (
    BadValue,
    ItemDraft,
    LimitExceeded,
    MemoryFault,
    StepDraft,
    Store,
    StoreLimits,
    TaskDefinition,
    TaskExample,
    UnknownCorrection,
    UnknownSession,
    UnknownTask,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

MOOD = TaskDefinition("Tell the mood.", labels=("good", "bad"))
TITLE = TaskDefinition("Give a title.")
HANDBOOK = "Refunds are paid within fourteen days of the return."


def used(store: Store, name: str) -> list[tuple[str, str]]:
    return [(each.input, each.output) for each in store.tasks.get(name).examples]


def ran(store: Store, session: str, draft: Draft, name: str, given: str, output: str) -> int:
    """A step that ran with the task's current version; its number."""
    digest = store.tasks.get(name).digest
    step = draft(0, input=given, output=output, task_version=digest, task={"description": name})
    return store.append_step(session, step).step.n


def test_a_correction_stands_beside_its_step_and_is_an_example_of_its_task(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("mood", MOOD, [TaskExample("sun", "good")])
    session = store.create_session().id
    ran(store, session, draft, "mood", "rain", "good")
    before = store.step(session, 1), store.session(session)
    corrected = store.tasks.correct(session, 1, "bad")
    assert (store.step(session, 1), store.session(session)) == before
    assert (corrected.changed, corrected.example) == (True, "an example of task 'mood'")
    assert corrected.version == store.tasks.get("mood")
    assert corrected.version.cause == "corrected"
    assert used(store, "mood") == [("sun", "good"), ("rain", "bad")]
    assert corrected.version.examples[1].correction == corrected.correction.id
    assert store.tasks.corrections(session) == [corrected.correction]
    assert store.tasks.corrections(name="mood") == [corrected.correction]
    told = corrected.correction
    assert (told.step, told.output, told.confirmed, told.task) == (1, "bad", False, "mood")
    assert store.maintenance.verify() == []


def test_that_an_output_was_right_is_recorded_in_either_way(store: Store, draft: Draft) -> None:
    store.tasks.save("mood", MOOD)
    session = store.create_session().id
    for given in ("sun", "rain"):
        ran(store, session, draft, "mood", given, "good")
    assert store.tasks.correct(session, 1).correction.confirmed
    assert store.tasks.correct(session, 2, " good").correction.confirmed
    assert used(store, "mood") == [("sun", "good"), ("rain", "good")]


def test_the_same_correction_again_changes_nothing_and_says_so(store: Store, draft: Draft) -> None:
    store.tasks.save("mood", MOOD)
    session = store.create_session().id
    ran(store, session, draft, "mood", "rain", "good")
    first = store.tasks.correct(session, 1, "bad")
    again = store.tasks.correct(session, 1, "bad")
    assert (again.changed, again.example) == (False, "recorded like this before")
    assert (again.correction, again.version) == (first.correction, first.version)


def test_a_correction_that_counts_no_more_counts_again_when_it_is_made_again(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("title", TITLE, [TaskExample("sun", "Sun")])
    session = store.create_session().id
    for _ in range(2):
        ran(store, session, draft, "title", "rain", "Rains")
    store.tasks.correct(session, 1, "Rain")
    store.tasks.correct(session, 2, "The rain")
    again = store.tasks.correct(session, 1, "Rain")
    assert (again.changed, again.example) == (True, "an example of task 'title'")
    assert used(store, "title")[-1] == ("rain", "Rain")
    store.tasks.go_back("title", 1)
    assert store.tasks.correct(session, 1, "Rain").changed
    assert used(store, "title") == [("sun", "Sun"), ("rain", "Rain")]
    store.tasks.save("title", TITLE, [TaskExample("rain", "Rains")], add=True)
    assert store.tasks.correct(session, 1, "Rain").changed
    assert used(store, "title")[-1] == ("rain", "Rain")
    assert not store.tasks.correct(session, 1, "Rain").changed
    assert store.tasks.counts("title").corrected == 2
    assert store.maintenance.verify() == []


def test_a_correction_that_is_made_again_and_cannot_count_says_why(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("mood", MOOD)
    session = store.create_session().id
    ran(store, session, draft, "mood", "rain", "good")
    store.tasks.correct(session, 1, "bad")
    store.tasks.save("mood", TaskDefinition("Tell the mood.", labels=("good", "sad")))
    again = store.tasks.correct(session, 1, "bad")
    assert (again.changed, again.example) == (
        False, "recorded like this before; not used: its output is none of the task's labels",
    )  # fmt: skip


def test_a_correction_to_what_a_given_example_says_is_taught_until_it_is_taken_back(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("mood", MOOD, [TaskExample("rain", "bad")])
    session = store.create_session().id
    ran(store, session, draft, "mood", "rain", "good")
    made = store.tasks.correct(session, 1, "bad")
    assert used(store, "mood") == [("rain", "bad")]
    assert [each.correction for each in store.tasks.get("mood").taught] == [made.correction.id]
    store.tasks.take_back(made.correction.id)
    assert (used(store, "mood"), store.tasks.get("mood").taught) == ([("rain", "bad")], ())


def test_a_later_correction_of_a_step_replaces_it(store: Store, draft: Draft) -> None:
    store.tasks.save("title", TITLE)
    session = store.create_session().id
    ran(store, session, draft, "title", "rain", "Rains")
    first = store.tasks.correct(session, 1, "Rain")
    second = store.tasks.correct(session, 1, "The rain")
    assert second.replaced is not None
    assert (second.replaced.id, second.replaced.ended) == (first.correction.id, "replaced")
    assert used(store, "title") == [("rain", "The rain")]
    assert [c.ended for c in store.tasks.corrections(session)] == ["replaced", None]
    with pytest.raises(BadValue, match=r"was replaced at .*; nothing was changed"):
        store.tasks.take_back(first.correction.id)


def test_a_correction_wins_over_an_earlier_example_and_gives_way_when_taken_back(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("mood", MOOD, [TaskExample("rain", "good"), TaskExample("sun", "good")])
    session = store.create_session().id
    ran(store, session, draft, "mood", "rain", "good")
    corrected = store.tasks.correct(session, 1, "bad")
    assert [(each.example.input, each.example.output) for each in corrected.set_aside] == [
        ("rain", "good")
    ]
    assert used(store, "mood") == [("sun", "good"), ("rain", "bad")]
    taken = store.tasks.take_back(corrected.correction.id)
    assert (taken.changed, taken.correction.ended) == (True, "taken back")
    assert used(store, "mood") == [("rain", "good"), ("sun", "good")]
    with pytest.raises(BadValue, match="was taken back at"):
        store.tasks.take_back(corrected.correction.id)
    # The step can be corrected anew, as it could before.
    assert store.tasks.correct(session, 1, "bad").correction.id != corrected.correction.id
    assert store.maintenance.verify() == []


def test_what_two_steps_taught_stays_when_one_is_taken_back(store: Store, draft: Draft) -> None:
    store.tasks.save("mood", MOOD)
    session = store.create_session().id
    for _ in range(2):
        ran(store, session, draft, "mood", "rain", "good")
    first = store.tasks.correct(session, 1, "bad")
    store.tasks.correct(session, 2, "bad")
    taken = store.tasks.take_back(first.correction.id)
    assert taken.example == "task 'mood' has the same example still, from elsewhere"
    assert used(store, "mood") == [("rain", "bad")]
    assert store.maintenance.verify() == []


def test_a_correction_taken_back_does_not_come_back_with_an_earlier_version(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("mood", MOOD)
    session = store.create_session().id
    for given in ("rain", "fog"):
        ran(store, session, draft, "mood", given, "good")
    rain = store.tasks.correct(session, 1, "bad")
    store.tasks.correct(session, 2, "bad")
    store.tasks.take_back(rain.correction.id)
    assert rain.version is not None
    back = store.tasks.go_back("mood", 3)
    assert back.version.parent == store.tasks.get("mood", 3).digest
    assert used(store, "mood") == [("fog", "bad")]
    assert store.tasks.get("mood", 3).examples[0].input == "rain"


def test_saving_a_task_anew_keeps_what_corrections_taught(store: Store, draft: Draft) -> None:
    store.tasks.save("mood", MOOD, [TaskExample("sun", "good")])
    session = store.create_session().id
    ran(store, session, draft, "mood", "rain", "good")
    store.tasks.correct(session, 1, "bad")
    store.tasks.save("mood", TaskDefinition("Mood?", labels=MOOD.labels), [TaskExample("x", "bad")])
    assert used(store, "mood") == [("rain", "bad"), ("x", "bad")]


@pytest.mark.parametrize(
    ("n", "output", "problem"),
    [
        (9, "bad", "step: the session has no step 9; it has steps 1 to 1; nothing was changed"),
        (0, None, "step: the session has no step 0"),
        (1, "sad", r"output: 'sad' is none of the labels \('good', 'bad'\); nothing was changed"),
        (1, "  ", "output: is empty"),
        (1, "x" * 1_000_001, "output: 1000001 characters, the limit is 1000000"),
        (1, "\ud800", "output: holds a lone surrogate"),
    ],
)
def test_what_cannot_be_a_correction_is_refused(
    store: Store, draft: Draft, n: int, output: str | None, problem: str
) -> None:
    store.tasks.save("mood", MOOD)
    session = store.create_session().id
    ran(store, session, draft, "mood", "rain", "good")
    with pytest.raises(MemoryFault, match=problem):
        store.tasks.correct(session, n, output)
    assert store.tasks.corrections(session) == []
    assert store.tasks.get("mood").number == 1


def test_an_empty_output_cannot_be_confirmed_and_an_unknown_correction_is_refused(
    store: Store, draft: Draft
) -> None:
    session = store.create_session().id
    store.append_step(session, draft(1, output=""))
    with pytest.raises(BadValue, match="output: step 1 has none that could be right; give it"):
        store.tasks.correct(session, 1)
    with pytest.raises(UnknownCorrection, match="no correction 'feed'"):
        store.tasks.take_back("feed")
    with pytest.raises(BadValue, match="session_id, name: give one of the two"):
        store.tasks.corrections()


def test_what_is_too_long_for_an_example_is_recorded_beside_the_step_alone(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("title", TITLE)
    session = store.create_session().id
    ran(store, session, draft, "title", "x" * 8_001, "y")
    corrected = store.tasks.correct(session, 1, "z")
    assert "its input has 8001 characters, the limit of an example's is 8000" in corrected.example
    assert used(store, "title") == []
    assert [c.output for c in store.tasks.corrections(session)] == ["z"]


def test_with_as_many_examples_as_it_may_have_the_oldest_makes_room(
    path: Path, draft: Draft
) -> None:
    with Store.open(path, limits=StoreLimits(task_examples=3)) as store:
        given = [TaskExample(str(n), "y") for n in range(3)]
        store.tasks.save("title", TITLE, given)
        session = store.create_session().id
        for number in range(5):
            ran(store, session, draft, "title", f"input {number}", "y")
        corrected = store.tasks.correct(session, 1, "z")
        (aside,) = corrected.set_aside
        assert (aside.example.input, aside.why) == (
            "0",
            "the task has as many newer examples as it may",
        )
        assert used(store, "title") == [("1", "y"), ("2", "y"), ("input 0", "z")]
        store.tasks.take_back(corrected.correction.id)
        assert used(store, "title") == [("0", "y"), ("1", "y"), ("2", "y")]
        for number in range(5):
            store.tasks.correct(session, number + 1, "z")
        assert used(store, "title") == [(f"input {n}", "z") for n in (2, 3, 4)]
        assert store.maintenance.verify() == []


def test_corrections_of_steps_without_a_named_task_teach_the_sessions_own_later_steps(
    store: Store, draft: Draft
) -> None:
    session, other = store.create_session().id, store.create_session().id
    store.append_step(session, draft(1, input="q", output="wrong"))
    store.append_step(session, draft(2, input="p", output="right", task={"description": "other"}))
    corrected = store.tasks.correct(session, 1, "right")
    assert corrected.example == "kept with the session, for its steps of the same task"
    assert (corrected.version, corrected.correction.task) == (None, None)
    store.tasks.correct(session, 2)
    task = {"description": "answer  questions", "examples": [{"input": "a", "output": "b"}]}
    (example,) = store.tasks.session_examples(session, task)
    assert (example.input, example.output, example.correction) == (
        "q",
        "right",
        corrected.correction.id,
    )
    assert store.tasks.session_examples(session, {"task": task}) == [example]
    assert store.tasks.session_examples(session, task | {"labels": ["a", "b"]}) == []
    assert store.tasks.session_examples(other, task) == []
    store.tasks.take_back(corrected.correction.id)
    assert store.tasks.session_examples(session, task) == []


def test_forks_share_the_corrections_of_shared_steps_and_a_restore_keeps_them(
    store: Store, draft: Draft
) -> None:
    session = store.create_session().id
    store.append_step(session, draft(1, input="q"))
    point = store.checkpoint(session, "after one")
    fork = store.restore(point.id, fork=True).id
    store.append_step(session, draft(2, input="p"))
    first = store.tasks.correct(session, 1, "right").correction
    second = store.tasks.correct(session, 2, "so").correction
    assert store.tasks.corrections(fork) == [first]
    store.restore(point.id)
    assert store.tasks.corrections(session) == [first, second]
    replaced = store.tasks.correct(fork, 1, "better").replaced
    assert replaced is not None
    assert replaced.id == first.id
    task = {"description": "answer questions"}
    assert [e.output for e in store.tasks.session_examples(session, task)] == ["so", "better"]
    assert store.maintenance.verify() == []


def test_each_principal_has_its_own_tasks_and_sees_those_that_are_shared(
    store: Store, draft: Draft
) -> None:
    alice, bob = store.visible_to("alice"), store.visible_to("bob")
    hers = alice.tasks.save("mood", MOOD, [TaskExample("sun", "good")]).version
    with pytest.raises(UnknownTask, match="no task 'mood'"):
        bob.tasks.get("mood")
    assert bob.tasks.list() == []
    assert alice.tasks.share("mood").shared
    assert bob.tasks.get("mood") == hers
    assert bob.tasks.serving("mood").version == hers
    assert [(t.name, t.owner, t.own) for t in bob.tasks.list()] == [("mood", "alice", False)]
    alice.tasks.save("mood", MOOD, [TaskExample("fog", "bad")])
    for refused in (
        lambda: bob.tasks.go_back("mood", 1),
        lambda: bob.tasks.get("mood", 1),
        lambda: bob.tasks.share("mood", False),
        lambda: bob.tasks.delete("mood"),
        lambda: bob.tasks.versions("mood"),
        lambda: bob.tasks.counts("mood"),
        lambda: bob.tasks.corrections(name="mood"),
        lambda: bob.tasks.save("alice/mood", MOOD),
    ):
        with pytest.raises(BadValue, match="task 'mood' is alice's and shared: it can be used"):
            refused()
    for unknown in (
        lambda: bob.tasks.version(hers.digest),
        lambda: bob.tasks.measured(hers.digest, {}),
    ):
        with pytest.raises(MemoryFault, match="there is no version"):
            unknown()
    # A name of one's own comes first; whose it is can be said.
    mine = bob.tasks.save("mood", TITLE).version
    assert bob.tasks.get("mood") == mine
    assert bob.tasks.get("alice/mood").owner == "alice"
    with pytest.raises(BadValue, match="several principals have a task 'mood'; say whose, with"):
        store.tasks.get("mood")
    assert store.tasks.get("bob/mood") == mine
    alice.tasks.share("mood", False)
    with pytest.raises(UnknownTask):
        bob.tasks.get("alice/mood")


def test_corrections_of_one_principal_never_reach_anothers_task(store: Store, draft: Draft) -> None:
    alice, bob = store.visible_to("alice"), store.visible_to("bob")
    alice.tasks.save("mood", MOOD)
    alice.tasks.share("mood")
    session = bob.create_session().id
    ran(bob, session, draft, "mood", "rain", "good")
    corrected = bob.tasks.correct(session, 1, "bad")
    assert "the named task that it ran with belongs to another principal" in corrected.example
    assert alice.tasks.get("mood").number == 1
    assert alice.tasks.counts("mood").steps == 0
    assert [e.output for e in bob.tasks.session_examples(session, {"description": "mood"})] == [
        "bad"
    ]
    with pytest.raises(UnknownSession):
        alice.tasks.correct(session, 1, "bad")
    with pytest.raises(UnknownSession):
        alice.tasks.corrections(session)
    with pytest.raises(UnknownCorrection, match="there is no correction"):
        alice.tasks.take_back(corrected.correction.id)
    # The file's owner acts for the principal of the session.
    assert store.tasks.correct(session, 1, "good").version is None
    assert alice.tasks.get("mood").number == 1
    assert store.maintenance.verify() == []


def test_a_quarantined_source_takes_its_examples_along_and_gives_them_back(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("title", TITLE, [TaskExample("a", "A")])
    session = store.create_session().id
    store.remember(session, [ItemDraft(HANDBOOK, "handbook.md"), ItemDraft("x", "other.md")])
    for given in (HANDBOOK, f"Of this: {HANDBOOK}", HANDBOOK[:30], "free of it"):
        ran(store, session, draft, "title", given, "y")
    for number in range(4):
        store.tasks.correct(session, number + 1, "z")
    assert len(used(store, "title")) == 5
    taught = store.tasks.get("title")
    store.tasks.measured(taught.digest, {})
    store.marks.quarantine(session, reason="forged", source="handbook.md")
    assert used(store, "title") == [("a", "A"), ("free of it", "z")]
    version = store.tasks.get("title")
    assert (version.cause, len(version.set_aside)) == ("withheld", 3)
    assert all("quarantine" in each.why for each in version.set_aside)
    # What was trained on them serves no more, measured or not.
    assert store.tasks.serving("title").version == version
    assert [c.withheld for c in store.tasks.corrections(session)] == [True, True, True, False]
    store.marks.quarantine(session, reason="no matter", source="other.md")
    assert store.tasks.get("title") == version
    # Going back does not bring them back either.
    assert store.tasks.go_back("title", taught.number).version.examples == version.examples
    store.marks.release(session, source="handbook.md")
    assert len(used(store, "title")) == 5
    assert store.tasks.get("title").cause == "released"
    assert store.maintenance.verify() == []


def test_a_quarantined_item_and_what_was_in_a_prompt_count_too(store: Store, draft: Draft) -> None:
    store.tasks.save("title", TITLE)
    session = store.create_session().id
    ids = store.remember(
        session, [ItemDraft(HANDBOOK, "a.md"), ItemDraft("More.", "a.md")]
    ).item_ids
    digest = store.tasks.get("title").digest
    for item in ids:
        result = {"context": [{"part": "pinned", "item_ids": [item]}], "retrieved": []}
        store.append_step(session, draft(item, result=result, task_version=digest))
        store.tasks.correct(session, item)
    store.marks.quarantine(session, reason="forged", item_id=ids[1])
    assert used(store, "title") == [("question 1", "answer 1")]
    store.marks.release(session, item_id=ids[1])
    assert len(used(store, "title")) == 2


def test_a_correction_of_a_step_whose_source_is_in_quarantine_already_is_withheld(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("title", TITLE)
    session = store.create_session().id
    store.remember(session, [ItemDraft(HANDBOOK, "handbook.md")])
    ran(store, session, draft, "title", HANDBOOK, "y")
    store.marks.quarantine(session, reason="forged", source="handbook.md")
    corrected = store.tasks.correct(session, 1, "z")
    assert corrected.correction.withheld
    assert "not used by task 'title'" in corrected.example
    assert used(store, "title") == []
    store.marks.release(session, source="handbook.md")
    assert used(store, "title") == [(HANDBOOK, "z")]


def test_a_revoked_adapter_takes_along_the_outputs_of_its_own_that_were_confirmed(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("title", TITLE)
    session = store.create_session().id
    for given in ("one", "two"):
        ran(store, session, draft, "title", given, "y")
    store.tasks.correct(session, 1)
    store.tasks.correct(session, 2, "z")
    store.revocations.revoke(session, "a1b2", "poisoned")
    assert used(store, "title") == [("two", "z")]
    store.revocations.release(session, "a1b2")
    assert used(store, "title") == [("one", "y"), ("two", "z")]


def test_an_answer_of_a_quarantined_step_is_withheld_where_it_was_confirmed(
    store: Store, draft: Draft
) -> None:
    store.tasks.save("title", TITLE)
    session = store.create_session().id
    ran(store, session, draft, "title", "one", "a telling answer")
    ran(store, session, draft, "title", "a telling answer", "yes")
    for number in (1, 2):
        store.tasks.correct(session, number)
    (hit,) = store.recall(session, "telling", 1)
    store.marks.quarantine(session, reason="wrong", item_id=hit.item_id)
    assert used(store, "title") == []
    store.marks.release(session, item_id=hit.item_id)
    assert len(used(store, "title")) == 2


def test_session_examples_of_a_quarantined_source_are_withheld(store: Store, draft: Draft) -> None:
    session = store.create_session().id
    store.remember(session, [ItemDraft(HANDBOOK, "handbook.md")])
    store.append_step(session, draft(1, input=HANDBOOK))
    store.tasks.correct(session, 1, "z")
    task = {"description": "answer questions"}
    assert len(store.tasks.session_examples(session, task)) == 1
    store.marks.quarantine(session, reason="forged", source="handbook.md")
    assert store.tasks.session_examples(session, task) == []


def test_a_full_database_takes_no_correction_and_lets_one_be_taken_back(
    path: Path, draft: Draft
) -> None:
    with Store.open(path) as store:
        store.tasks.save("mood", MOOD)
        session = store.create_session().id
        for given in ("rain", "fog"):
            ran(store, session, draft, "mood", given, "good")
        corrected = store.tasks.correct(session, 1, "bad")
    with Store.open(path, limits=StoreLimits(database_bytes=1)) as store:
        for refused in (
            lambda: store.tasks.correct(session, 2, "bad"),
            lambda: store.tasks.save("more", MOOD),
        ):
            with pytest.raises(LimitExceeded, match="database"):
                refused()
        store.tasks.take_back(corrected.correction.id)
        assert used(store, "mood") == []
