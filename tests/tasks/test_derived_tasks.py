"""Derived tasks: other questions over the inputs of given ones, with right answers."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from hypernet.task import Task
from hypernet.training.data import Instance, TaskData
from hypernet.training.task_files import read_tasks, write_tasks
from tasks.derived import derive, main

if TYPE_CHECKING:
    from pathlib import Path

LABELS = ("Bad.", "Fine.", "Good.")


def judged() -> TaskData:
    instances = tuple(
        Instance(f"Review {n}: was it so at {n}, was it word{n}{'?' * (n % 2)}", (LABELS[n % 3],))
        for n in range(48)
    )
    return TaskData("judge", Task("Judge the review.", LABELS), instances, "CC BY 4.0", ("Say!",))


def told() -> TaskData:
    instances = tuple(
        Instance(f"that fact is number {n}", (f"Is it so that fact {n} holds?",)) for n in range(30)
    )
    return TaskData("ask", Task("Write a question."), instances)


def named(task: TaskData, kind: str) -> TaskData:
    (found, *_) = [t for t in derive(task, 99, 0) if t.name.rpartition("/")[2].startswith(kind)]
    return found


def originals(derived: TaskData, task: TaskData) -> list[tuple[str, str]]:
    """Of each derived instance: the answer of the original, and the derived one."""
    known = {i.input: i.outputs[0] for i in task.instances}
    return [(known[i.input], i.outputs[0]) for i in derived.instances]


@pytest.mark.parametrize("kind", ["renamed", "coded"])
def test_labels_are_renamed_one_to_one_and_every_wording_says_how(kind: str) -> None:
    derived = named(judged(), kind)
    pairs = set(originals(derived, judged()))
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs}) == 3
    assert {new for _, new in pairs} == set(derived.task.labels)
    for text in (derived.task.description, *derived.paraphrases):
        assert all(f'"{new}" for "{old}"' in text for old, new in pairs)


def test_yes_and_no_about_a_label_come_equally_often_and_are_right() -> None:
    derived = named(judged(), "about")
    label = next(label for label in LABELS if f'"{label}"' in derived.task.description)
    assert all((old == label) == (new == "yes") for old, new in originals(derived, judged()))
    counts = Counter(i.outputs[0] for i in derived.instances)
    assert counts["yes"] == counts["no"] > 0


def test_a_choice_between_two_labels_has_inputs_of_these_two_alone() -> None:
    derived = named(judged(), "between")
    assert {new for _, new in originals(derived, judged())} == set(derived.task.labels)
    assert all(old == new for old, new in originals(derived, judged()))


def test_forms_hold_the_original_answer() -> None:
    for old, new in originals(named(judged(), "json"), judged()):
        assert list(json.loads(new).values()) == [old]
    assert all(new == old.upper() for old, new in originals(named(judged(), "capitals"), judged()))
    assert all(new == f'"{old}"' for old, new in originals(named(judged(), "quoted"), judged()))


def test_questions_about_the_input_are_answered_from_it() -> None:
    for instance in named(judged(), "last_word").instances:
        assert instance.input.rstrip("?").endswith(instance.outputs[0])
    for instance in named(judged(), "question").instances:
        assert (instance.outputs[0] == "yes") == ("?" in instance.input)


def test_the_way_back_swaps_input_and_answer() -> None:
    back = {i.input: i.outputs[0] for i in named(told(), "back").instances}
    assert back == {i.outputs[0]: i.input for i in told().instances if i.outputs[0] in back}
    assert not [t for t in derive(judged(), 99, 0) if "/back" in t.name]  # one word says too little


def test_a_question_with_one_answer_for_all_is_left_out() -> None:
    assert not [t for t in derive(told(), 99, 0) if "/longest" in t.name]
    assert not [t for t in derive(told(), 99, 0) if "/question" in t.name]


def test_the_command_writes_up_to_so_many_of_each_and_the_same_bytes_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tasks(tmp_path / "given.jsonl", [judged(), told()])
    wordings = [{"task": "judge", "descriptions": ["How was it?"]}]
    (tmp_path / "wordings.jsonl").write_text("".join(json.dumps(w) + "\n" for w in wordings))
    given = ["--tasks", str(tmp_path / "given.jsonl"), "--each", "3",
             "--wordings", str(tmp_path / "wordings.jsonl")]  # fmt: skip
    outs = [tmp_path / "one.jsonl.gz", tmp_path / "two.jsonl.gz"]
    assert [main([*given, "--out", str(out)]) for out in outs] == [0, 0]
    assert json.loads(capsys.readouterr().out.splitlines()[0]) == {"given": 2, "derived": 6}
    assert outs[0].read_bytes() == outs[1].read_bytes()
    tasks = read_tasks(outs[0])
    assert Counter(task.name.partition("/")[0] for task in tasks) == {"judge": 3, "ask": 3}
    assert {task.license for task in tasks if task.name.startswith("judge")} == {"CC BY 4.0"}
    assert any("How was it?" in text for task in tasks
               for text in (task.task.description, *task.paraphrases))  # fmt: skip


def test_a_file_that_is_missing_or_no_task_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.jsonl").write_text("{}\n")
    for name in ("missing.jsonl", "odd.jsonl"):
        assert main(["--tasks", str(tmp_path / name), "--out", str(tmp_path / "out.jsonl")]) == 1
        assert name in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()
