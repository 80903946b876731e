"""Tasks that last: names, versions, examples, sharing, limits; what serves and what is to learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from checkpoints import (
    BadValue,
    LimitExceeded,
    MemoryFault,
    SetAside,
    StepDraft,
    Store,
    StoreLimits,
    TaskDefinition,
    TaskExample,
    UnknownTask,
    UnknownVersion,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

MOOD = TaskDefinition("Tell the mood.", labels=("good", "bad"), ask_below=0.8)
TITLE = TaskDefinition("Give a title.")


def examples(*pairs: tuple[str, str]) -> list[TaskExample]:
    return [TaskExample(given, output) for given, output in pairs]


def pairs(found: Any) -> list[tuple[str, str]]:
    return [(each.input, each.output) for each in found]


def test_a_task_is_kept_and_found_again_as_it_was_saved(path: Path) -> None:
    schema = {"type": "object", "properties": {"sum": {"type": "number"}}}
    bill = TaskDefinition("Read the bill.", schema=schema, copy=False, mode="prompted")
    with Store.open(path) as store:
        saved = store.tasks.save("mood", MOOD, [TaskExample("sun", "good", "notes.csv")])
        store.tasks.save("bill reading", bill)
        assert (saved.changed, saved.version.number, saved.version.parent) == (True, 1, None)
    with Store.open(path) as store:
        assert store.tasks.get("mood") == saved.version
        assert store.tasks.get("bill reading").definition == bill
        assert saved.version.definition == MOOD
        assert saved.version.examples == (TaskExample("sun", "good", "notes.csv"),)
        assert [(t.name, t.examples, t.own, t.shared) for t in store.tasks.list()] == [
            ("bill reading", 0, True, False),
            ("mood", 1, True, False),
        ]
        assert store.maintenance.verify() == []


def test_each_change_is_a_version_and_what_is_as_it_was_is_none(store: Store) -> None:
    first = store.tasks.save("mood", MOOD, examples(("sun", "good")))
    assert not store.tasks.save("mood", MOOD).changed
    assert not store.tasks.save("mood", MOOD, examples(("sun", "good"))).changed
    second = store.tasks.save("mood", TaskDefinition("Tell the mood!", labels=MOOD.labels))
    third = store.tasks.save("mood", MOOD, examples(("rain", "bad")))
    assert [v.number for v in (first.version, second.version, third.version)] == [1, 2, 3]
    assert [v.parent for v in (second.version, third.version)] == [
        first.version.digest,
        second.version.digest,
    ]
    assert pairs(second.version.examples) == [("sun", "good")]
    assert pairs(third.version.examples) == [("rain", "bad")]
    assert store.tasks.get("mood", 1) == first.version
    assert store.tasks.version(second.version.digest) == second.version
    assert [(v.number, v.cause, v.current) for v in store.tasks.versions("mood")] == [
        (3, "saved", True),
        (2, "saved", False),
        (1, "saved", False),
    ]
    assert store.maintenance.verify() == []


def test_added_examples_follow_those_before_and_the_later_of_a_contradiction_wins(
    store: Store,
) -> None:
    store.tasks.save("mood", MOOD, examples(("sun", "good"), ("rain", "good")))
    added = store.tasks.save("mood", MOOD, examples((" rain ", "bad"), ("fog", "bad")), add=True)
    assert pairs(added.version.examples) == [("sun", "good"), (" rain ", "bad"), ("fog", "bad")]
    assert [(each.example.input, each.example.output) for each in added.set_aside] == [
        ("rain", "good")
    ]
    assert "later example of the same input" in added.set_aside[0].why
    again = store.tasks.save("mood", MOOD, examples(("rain", "good")), add=True)
    assert pairs(again.version.examples) == [("sun", "good"), ("fog", "bad"), ("rain", "good")]
    assert pairs(each.example for each in again.set_aside) == [(" rain ", "bad")]
    assert not store.tasks.save("mood", MOOD, examples(("rain", "good")), add=True).changed


def test_contradictions_within_one_call_are_told_too(store: Store) -> None:
    saved = store.tasks.save("mood", MOOD, examples(("sun", "bad"), ("sun", "good")))
    assert pairs(saved.version.examples) == [("sun", "good")]
    assert saved.set_aside == saved.version.set_aside
    assert pairs(each.example for each in saved.set_aside) == [("sun", "bad")]


def test_examples_whose_label_is_taken_away_come_back_with_it(store: Store) -> None:
    store.tasks.save("mood", MOOD, examples(("sun", "good"), ("rain", "bad")))
    narrow = store.tasks.save("mood", TaskDefinition("Tell the mood.", labels=("good", "calm")))
    assert pairs(narrow.version.examples) == [("sun", "good")]
    (aside,) = narrow.set_aside
    assert isinstance(aside, SetAside)
    assert "none of the task's labels" in aside.why
    back = store.tasks.save("mood", MOOD)
    assert pairs(back.version.examples) == [("sun", "good"), ("rain", "bad")]


def test_going_back_is_one_call_and_what_comes_next_follows_from_there(store: Store) -> None:
    one = store.tasks.save("mood", MOOD, examples(("sun", "good"))).version
    store.tasks.save("mood", MOOD, examples(("sun", "bad")))
    back = store.tasks.go_back("mood", 1)
    assert back.version == one
    assert store.tasks.get("mood") == one
    with pytest.raises(BadValue, match="1 is the current one; nothing was changed"):
        store.tasks.go_back("mood", 1)
    next_one = store.tasks.save("mood", MOOD, examples(("fog", "bad")), add=True).version
    assert (next_one.number, next_one.parent) == (3, one.digest)
    assert pairs(next_one.examples) == [("sun", "good"), ("fog", "bad")]
    with pytest.raises(UnknownVersion, match=r"no version 9 of task 'mood'.*it has 1 to 3"):
        store.tasks.go_back("mood", 9)
    with pytest.raises(UnknownVersion, match="no version 0"):
        store.tasks.get("mood", 0)
    assert store.maintenance.verify() == []


@pytest.mark.parametrize(
    "name",
    ["a", "Ärger-Stufe 2", "v1.0_final", "情绪", "मनोदशा", "x" * 64],
)
def test_names_of_any_script_are_taken(store: Store, name: str) -> None:
    store.tasks.save(name, MOOD)
    assert store.tasks.get(name).task == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "1 to 64 letters"),
        (" mood", "begins with a letter or a digit"),
        ("mood ", "begins with a letter"),
        ("-mood", "begins with a letter"),
        ("../mood", "no task '../mood'"),
        ("mood\n", "1 to 64"),
        ("mo\x00od", "1 to 64"),
        ("mood!", "1 to 64"),
        ("mood\u200b", "1 to 64"),
        ("mo\ud800od", "lone surrogate"),
        ("x" * 65, "name: 65 characters, the limit is 64"),
    ],
)
def test_other_names_are_refused_and_nothing_is_saved(
    store: Store, name: str, problem: str
) -> None:
    with pytest.raises(MemoryFault, match=problem):
        store.tasks.save(name, MOOD)
    assert store.tasks.list() == []


def test_one_name_in_two_unicode_forms_is_one_task(store: Store) -> None:
    store.tasks.save("Gru\u0308n", MOOD)
    assert store.tasks.save("Gr\u00fcn", MOOD, examples(("sun", "good"))).version.number == 2
    assert store.tasks.get("Gru\u0308n").task == "Gr\u00fcn"


@pytest.mark.parametrize(
    ("definition", "given", "problem"),
    [
        (TaskDefinition(" "), (), "description: is empty"),
        (TaskDefinition("d" * 8_001), (), "description: 8001 characters, the limit is 8000"),
        (TaskDefinition("d", labels=("a", "a ")), (), "labels: names a label twice"),
        (TaskDefinition("d", labels=("a", "")), (), r"labels\[1\]: is empty"),
        (TaskDefinition("d", labels=("a" * 201,)), (), r"labels\[0\]: 201 characters, the limit"),
        (TaskDefinition("d", labels=tuple(map(str, range(257)))), (), "labels: 257 labels, the"),
        (TaskDefinition("d", labels=("a",), schema={}), (), "schema: give either labels or"),
        (TaskDefinition("d", labels=("a",), copy=True), (), "copy: give either labels or"),
        (TaskDefinition("d", schema={"x": {1, 2}}), (), "schema: is not plain JSON"),
        (TaskDefinition("d", ask_below=1.5), (), "ask_below: 1.5 is not between 0 and 1"),
        (TaskDefinition("d", ask_below=float("nan")), (), "ask_below: nan"),
        (TITLE, [("", "x")], r"examples\[0\].input: is empty"),
        (TITLE, [("x", "y"), ("x", " ")], r"examples\[1\].output: is empty"),
        (TITLE, [("x" * 8_001, "y")], r"examples\[0\].input: 8001 characters, the limit is 8000"),
        (MOOD, [("x", "sad")], r"examples\[0\].output: 'sad' is none of the labels \('good', "),
        (TITLE, [(str(n), "y") for n in range(257)], "examples: 257 examples, the limit is 256"),
    ],
)
def test_what_a_task_cannot_be_is_refused_by_field_and_limit(
    store: Store, definition: TaskDefinition, given: list[tuple[str, str]], problem: str
) -> None:
    store.tasks.save("kept", MOOD)
    with pytest.raises(MemoryFault, match=problem):
        store.tasks.save("kept", definition, examples(*given))
    assert [v.number for v in store.tasks.versions("kept")] == [1]


def test_256_examples_are_kept_and_one_more_is_refused(store: Store) -> None:
    many = examples(*((f"input {n}", "y") for n in range(256)))
    assert len(store.tasks.save("title", TITLE, many).version.examples) == 256
    with pytest.raises(LimitExceeded, match="examples: 257 with those before, the limit is 256"):
        store.tasks.save("title", TITLE, examples(("one more", "y")), add=True)
    assert not store.tasks.save("title", TITLE, many[:3], add=True).changed


def test_a_label_is_kept_in_its_own_spelling(store: Store) -> None:
    saved = store.tasks.save("mood", MOOD, examples(("sun", " good\n")))
    assert pairs(saved.version.examples) == [("sun", "good")]


def test_how_many_tasks_and_versions_are_kept_is_limited(path: Path) -> None:
    with Store.open(path, limits=StoreLimits(tasks=3, principal_tasks=2, task_versions=3)) as store:
        alice = store.visible_to("alice")
        for name in ("one", "two"):
            alice.tasks.save(name, MOOD)
        with pytest.raises(LimitExceeded, match="tasks: 2 of this principal stored, the limit is"):
            alice.tasks.save("three", MOOD)
        store.tasks.save("title", TITLE)
        with pytest.raises(LimitExceeded, match="tasks: 3 stored, the limit is 3"):
            store.visible_to("bob").tasks.save("mine", MOOD)
        first = store.tasks.get("title")
        store.tasks.measured(first.digest, {"right": 3})
        for number in range(6):
            given = examples((f"{number}", "y"))
            last = store.tasks.save("title", TITLE, given, add=True).version
        # The first one still serves, so it is no version to be rid of.
        assert [v.number for v in store.tasks.versions("title")] == [7, 6, 5, 1]
        store.tasks.measured(last.digest, {"right": 4})
        store.tasks.save("title", TITLE, examples(("more", "y")), add=True)
        assert [v.number for v in store.tasks.versions("title")] == [8, 7, 6]
        with pytest.raises(UnknownVersion, match=r"no version 1 .*it has 6 to 8"):
            store.tasks.get("title", 1)
        with pytest.raises(UnknownVersion):
            store.tasks.version(first.digest)
        assert len(store.tasks.get("title").examples) == 7
        assert store.maintenance.verify() == []


def test_a_step_of_a_version_that_was_dropped_still_teaches_its_task(
    path: Path, draft: Draft
) -> None:
    with Store.open(path, limits=StoreLimits(task_versions=2)) as store:
        first = store.tasks.save("title", TITLE).version
        session = store.create_session().id
        store.append_step(session, draft(1, task_version=first.digest))
        for number in range(4):
            store.tasks.save("title", TITLE, examples((f"{number}", "y")), add=True)
        corrected = store.tasks.correct(session, 1, "right")
        assert corrected.version is not None
        assert corrected.version.examples[-1].output == "right"
        assert store.maintenance.verify() == []
        assert store.tasks.delete("title").tasks == ("title",)


def test_an_unknown_task_is_refused_with_the_nearest_names(store: Store) -> None:
    store.tasks.save("invoice mood", MOOD)
    for call in (
        lambda: store.tasks.get("invoice mod"),
        lambda: store.tasks.versions("invoice mod"),
        lambda: store.tasks.go_back("invoice mod", 1),
        lambda: store.tasks.share("invoice mod"),
        lambda: store.tasks.delete("invoice mod"),
        lambda: store.tasks.serving("invoice mod"),
        lambda: store.tasks.counts("invoice mod"),
        lambda: store.tasks.corrections(name="invoice mod"),
    ):
        with pytest.raises(UnknownTask, match=r"'invoice mod'; .*did you mean 'invoice mood'\?"):
            call()
    with pytest.raises(UnknownVersion, match="no version 0000"):
        store.tasks.version("0" * 64)


def test_the_last_accepted_version_serves_until_a_newer_one_is_accepted(store: Store) -> None:
    one = store.tasks.save("mood", MOOD, examples(("sun", "good"))).version
    assert store.tasks.serving("mood").version == one
    assert store.tasks.serving("mood").current is None
    store.tasks.measured(one.digest, {"serving": "trained", "expected_accuracy": 0.9})
    two = store.tasks.save("mood", MOOD, examples(("rain", "bad")), add=True).version
    serving = store.tasks.serving("mood")
    assert (serving.version.number, serving.current) == (1, two)
    assert serving.version.quality == {"serving": "trained", "expected_accuracy": 0.9}
    store.tasks.measured(two.digest, {"serving": "text"}, accepted=False)
    assert store.tasks.serving("mood").version.number == 1
    three = store.tasks.save("mood", MOOD, examples(("fog", "bad")), add=True).version
    store.tasks.measured(three.digest, {"serving": "trained"})
    assert store.tasks.serving("mood").version.number == 3
    assert [(v.number, v.accepted, v.serving) for v in store.tasks.versions("mood")] == [
        (3, True, True),
        (2, False, False),
        (1, True, False),
    ]
    assert store.tasks.go_back("mood", 2).version.number == 2
    assert store.tasks.serving("mood").version.number == 1
    assert store.tasks.list()[0].serving == 1


def test_a_version_with_another_description_or_a_removed_example_serves_no_more(
    store: Store,
) -> None:
    one = store.tasks.save("mood", MOOD, examples(("sun", "good"), ("rain", "bad"))).version
    store.tasks.measured(one.digest, {})
    other = TaskDefinition("Tell the weather.", labels=MOOD.labels)
    assert store.tasks.save("mood", other).changed
    assert store.tasks.serving("mood").version.number == 2
    store.tasks.go_back("mood", 1)
    assert store.tasks.save("mood", MOOD, examples(("sun", "good"))).version.number == 3
    assert store.tasks.serving("mood").version.number == 3


def test_what_was_measured_is_written_once(store: Store) -> None:
    one = store.tasks.save("mood", MOOD, examples(("sun", "good"))).version
    store.tasks.measured(one.digest, {"right": 3})
    store.tasks.measured(one.digest, {"right": 3})
    with pytest.raises(BadValue, match="version: 1 of task 'mood' was measured already"):
        store.tasks.measured(one.digest, {"right": 4})
    with pytest.raises(BadValue, match="was measured already"):
        store.tasks.measured(one.digest, {"right": 3}, accepted=False)
    with pytest.raises(LimitExceeded, match=r"quality: 1000\d\d characters, the limit is 100000"):
        store.tasks.measured(one.digest, {"x": "x" * 100_000})
    with pytest.raises(UnknownVersion):
        store.tasks.measured("0" * 64, {})
    assert store.tasks.get("mood").quality == {"right": 3}


def test_what_gives_the_same_weights_keeps_what_was_measured(store: Store, draft: Draft) -> None:
    one = store.tasks.save("mood", MOOD, examples(("sun", "good"))).version
    store.tasks.measured(one.digest, {"right": 3})
    session = store.create_session().id
    store.append_step(session, draft(1, input="sun", output="good", task_version=one.digest))
    corrected = store.tasks.correct(session, 1)
    assert corrected.example == "task 'mood' has the same example already"
    version = store.tasks.get("mood")
    assert (version.number, version.quality, version.accepted) == (2, {"right": 3}, True)
    assert store.tasks.to_learn() == []


def test_current_versions_with_examples_and_no_measure_are_to_learn_also_after_a_restart(
    path: Path,
) -> None:
    with Store.open(path) as store:
        store.tasks.save("title", TITLE)
        first = store.tasks.save("mood", MOOD, examples(("sun", "good"))).version
        store.tasks.measured(first.digest, {})
        second = store.tasks.save("mood", MOOD, examples(("rain", "bad")), add=True).version
        other = store.visible_to("alice").tasks.save("mine", MOOD, examples(("sun", "good")))
    with Store.open(path) as store:
        assert store.tasks.to_learn() == [second, other.version]
        assert store.visible_to("alice").tasks.to_learn() == [other.version]
        store.tasks.measured(second.digest, {}, accepted=False)
        assert store.tasks.to_learn() == [other.version]


def test_steps_that_ran_that_asked_and_were_corrected_are_counted_by_day(
    store: Store, draft: Draft
) -> None:
    version = store.tasks.save("mood", MOOD).version
    session = store.create_session().id
    for number in range(1, 6):
        step = draft(number, output="good", task_version=version.digest, needs_review=number < 3)
        store.append_step(session, step)
    store.append_step(session, draft(6, output="good"))
    corrected = store.tasks.correct(session, 1, "bad")
    store.tasks.correct(session, 2)
    store.tasks.correct(session, 3, "bad")
    store.tasks.correct(session, 3)
    counts = store.tasks.counts("mood")
    assert (counts.steps, counts.asked, counts.corrected, counts.confirmed) == (5, 2, 1, 2)
    (day,) = counts.days
    assert day.day == store.steps(session)[0].created_at[:10]
    assert (day.steps, day.asked, day.corrected, day.confirmed) == (5, 2, 1, 2)
    store.tasks.take_back(corrected.correction.id)
    assert store.tasks.counts("mood").corrected == 0
    # A retry that is replayed is no step more.
    key = draft(7, output="good", task_version=version.digest, step_key="k")
    store.append_step(session, key)
    store.append_step(session, key)
    assert store.tasks.counts("mood").steps == 6


def test_how_many_tasks_each_principal_has_is_told(store: Store) -> None:
    store.tasks.save("mood", MOOD)
    for name in ("one", "two"):
        store.visible_to("alice").tasks.save(name, MOOD)
    assert store.maintenance.tasks_by_principal() == {None: 1, "alice": 2}


def test_a_step_names_the_version_that_it_ran_with_for_good(store: Store, draft: Draft) -> None:
    one = store.tasks.save("mood", MOOD).version
    session = store.create_session().id
    store.append_step(session, draft(1, output="good", task_version=one.digest))
    store.tasks.save("mood", TaskDefinition("Other.", labels=("x", "y")))
    step = store.step(session, 1)
    assert step is not None
    assert step.task_version == one.digest
    assert store.tasks.version(one.digest).definition == MOOD
    plain = store.append_step(session, draft(2)).step
    assert plain.task_version is None
    with pytest.raises(BadValue, match="task_version: is no digest"):
        store.append_step(session, draft(3, task_version="1"))
