"""Tasks as they stand in files: both line formats, a user's folder, other wordings, the split."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tiny_models import task_row, write_rows

from hypernet.task import Example, Task
from hypernet.training.config import Source
from hypernet.training.data import HELD_OUT_WORDINGS, Instance, TaskData, refuse_odd_outputs
from hypernet.training.task_files import read_any, read_folder, read_source, read_tasks, write_tasks

if TYPE_CHECKING:
    from pathlib import Path


def flat(output: Any, number: int = 0, **changes: Any) -> dict[str, Any]:
    """One instance a line, with its task's description."""
    row = {"task": "t", "task_description": "Do it.", "input": f"in {number}", "output": output}
    return row | changes


def own_task(folder: Path, name: str, about: str, *rows: dict[str, Any]) -> Path:
    """One task of a user's folder."""
    (folder / name).mkdir(parents=True)
    (folder / name / "task.yaml").write_text(about)
    if rows:
        write_rows(folder / name / "instances.jsonl", rows)
    return folder


# A task a line


def test_a_line_with_a_definition_is_a_task(tmp_path: Path) -> None:
    odd, even = read_tasks(write_rows(tmp_path / "t.jsonl", [task_row(1, "MIT"), task_row(2)]))
    assert odd.task == Task("Answer with B.", ("B", "none"), (Example("ab", "B"),))
    assert (even.task.labels, odd.name, odd.license) == ((), "task1", "MIT")
    assert len(odd.instances) == 12
    assert {instance.outputs for instance in odd.instances} == {("B",)}


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        "3",
        '"task_description"',
        '{"task": "x"}',
        '{"task": "x", "definition": "y", "instances": [1]}',
        '{"task": "x", "definition": "y", "instances": [{"input": "i", "output": []}]}',
        '{"task": "x", "definition": "y", "instances": [], "paraphrases": "z"}',
        '{"task": "x", "definition": "y", "instances": [], "paraphrases": [1]}',
        '{"task": "x", "definition": "y", "instances": [], "labels": ["a b", "a  b"]}',
        '{"task": "x", "task_description": "y", "input": "i"}',
        '{"task": 1, "definition": "y", "instances": []}',
        '{"task": "x", "definition": null, "instances": []}',
        '{"task": "x", "definition": "y", "instances": null}',
        '{"task": "x", "definition": "y", "instances": [{"input": 1, "output": "o"}]}',
        '{"task": "x", "definition": "y", "instances": [], "examples": [{"input": "i"}]}',
        '{"task": "x", "task_description": "y", "input": "i", "output": []}',
        '{"task": "x", "task_description": "y", "input": "i", "output": 3}',
    ],
)
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_bad_line_is_named_by_file_and_line(bad: str, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"tasks{suffix}"
    text = json.dumps(task_row(0, "MIT")) + "\n\n" + bad + "\n"
    file.write_bytes(gzip.compress(text.encode()) if suffix.endswith(".gz") else text.encode())
    with pytest.raises(ValueError, match=rf"{re.escape(file.name)} line 3") as refused:
        read_tasks(file)
    assert not WORDS_OF_A_LANGUAGE.search(str(refused.value))


# An instance a line


def test_lines_of_one_description_are_one_task(tmp_path: Path) -> None:
    rows = [flat(f"out {n}", n, task_description=f"Way {n % 2}.") for n in range(6)]
    rows.append(flat("alone", 9, task="other"))
    tasks = read_tasks(write_rows(tmp_path / "t.jsonl", rows))
    assert [(t.name, t.task.description, len(t.instances)) for t in tasks] == [
        ("t#1", "Way 0.", 3),
        ("t#2", "Way 1.", 3),
        ("other", "Do it.", 1),
    ]
    assert tasks[0].instances[1] == Instance("in 2", ("out 2",))


@pytest.mark.parametrize(
    ("counts", "labels"),
    [
        ({"yes": 5, "no": 9}, ("no", "yes")),
        ({"yes": 5, "no": 4}, ()),  # one too seldom
        ({"yes": 30}, ()),  # nothing to choose
        ({f"label {n:02}": 5 for n in range(16)}, tuple(f"label {n:02}" for n in range(16))),
        ({f"label {n:02}": 5 for n in range(17)}, ()),  # too many
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_few_outputs_that_come_often_are_labels(
    counts: dict[str, int], labels: tuple[str, ...], listed: bool, tmp_path: Path
) -> None:
    outputs = [text for text, count in counts.items() for _ in range(count)]
    rows = [flat([text] if listed else text, n) for n, text in enumerate(outputs)]
    (task,) = read_tasks(write_rows(tmp_path / "t.jsonl.gz", rows))
    assert task.task.labels == labels
    assert len(task.instances) == len(outputs)


# A user's own folder


def test_a_folder_of_tasks_is_read(tmp_path: Path) -> None:
    about = (
        "description: Say the mood.\nparaphrases: [Tell the mood., Name it.]\n"
        "labels: [good, bad, poor]\nlicense: MIT\n"
    )
    own_task(tmp_path, "mood", about, {"input": "sun", "output": "good"})
    write_rows(tmp_path / "mood" / "more.jsonl", [{"input": "rain", "output": ["bad", "poor"]}])
    own_task(tmp_path, "bare", "description: Repeat.\n", {"input": 3, "output": "3"})
    bare, mood = read_any(tmp_path)
    assert mood == TaskData(
        name="mood",
        task=Task("Say the mood.", ("good", "bad", "poor")),
        instances=(Instance("sun", ("good",)), Instance("rain", ("bad", "poor"))),
        license="MIT",
        paraphrases=("Tell the mood.", "Name it."),
    )
    assert bare.task == Task("Repeat.")
    assert bare.instances == (Instance("3", ("3",)),)
    assert not bare.restricted


# Of Python's and its libraries' errors.
WORDS_OF_A_LANGUAGE = re.compile(r"Error|NoneType|subscript|iterable|__|delimiter|expecting")
GOOD = {"input": "i", "output": "o"}
WHOLE = b'{"input": "i", "output": "o"}\n' * 2


@pytest.mark.parametrize(
    ("about", "rows", "expected"),
    [
        ("{", [GOOD], r"^mood/task\.yaml: not YAML"),
        ("- a list", [GOOD], r"^mood/task\.yaml: description: a text is needed"),
        ("labels: [a, b]", [GOOD], r"^mood/task\.yaml: description"),
        ("description: 3", [GOOD], r"^mood/task\.yaml: description"),
        ("description: ' '", [GOOD], r"^mood/task\.yaml: description"),
        ("description: d\nlabels: a", [GOOD], r"^mood/task\.yaml: labels: must be a list"),
        ("description: d\nlabels: [yes, no]", [GOOD], r"labels: .* \(quote yes and no\)"),
        ('description: d\nlabels: [a, "a\\u200b"]', [GOOD], r"task\.yaml: labels: the same label"),
        ('description: d\nlabels: [a, "\\u00ad"]', [GOOD], r"task\.yaml: labels\[1\]: must not be"),
        ("description: d\nlabels: ['a b', 'a  b']", [GOOD], r"^mood/task\.yaml: labels: the same"),
        ("description: d\nparaphrases: {a: b}", [GOOD], r"^mood/task\.yaml: paraphrases"),
        ("description: d\ncopy: 1", [GOOD], r"^mood/task\.yaml: copy: must be true, false or auto"),
        ("description: d\ncopy: 'yes'", [GOOD], r"^mood/task\.yaml: copy: must be"),
        ("description: d\ncopy: true\nlabels: [a, b]", [GOOD], r"copy: the task has labels"),
        ("description: d", [], r"^mood: no \*\.jsonl with instances"),
        ("description: d", [GOOD, {"input": "i"}], r"^mood/instances\.jsonl line 2: not an inst"),
        ("description: d", [{"input": "i", "output": []}], r"^mood/instances\.jsonl line 1"),
        ("description: d", [{"input": "i", "output": 3}], r"^mood/instances\.jsonl line 1"),
        ("description: d", [["i", "o"]], r"^mood/instances\.jsonl line 1"),
    ],
)
def test_each_fault_of_a_folder_of_tasks_is_named(
    about: str, rows: list[Any], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=expected) as refused:
        read_folder(own_task(tmp_path, "mood", about, *rows))
    assert not WORDS_OF_A_LANGUAGE.search(str(refused.value))


def test_an_output_that_is_no_label_is_refused_by_file_and_line(tmp_path: Path) -> None:
    rows = [GOOD, {"input": "i", "output": " o "}, {"input": "i", "output": ["o", "y"]}]
    tasks = read_folder(own_task(tmp_path, "mood", "description: d\nlabels: [o, p]", *rows))
    with pytest.raises(ValueError, match=r"^mood/instances\.jsonl line 3: the output 'y' is none"):
        refuse_odd_outputs(tasks)
    refuse_odd_outputs(read_folder(own_task(tmp_path / "free", "f", "description: d", *rows)))


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("task.yaml", "description: Größe".encode("latin-1"), r"^mood/task\.yaml: not UTF-8"),
        ("instances.jsonl", '{"input": "ü", "output": "o"}'.encode("latin-1"), "line 1: not UTF-8"),
        ("instances.jsonl", b'{"input": "i", "output": "o"}\n\xff', "line 2: not UTF-8"),
        ("instances.jsonl", '{"input": "i"}'.encode("utf-16"), "line 1: not UTF-8"),
        ("more.jsonl.gz", b"no gzip", "more.jsonl.gz after line 0: not gzip, or cut off"),
        ("more.jsonl.gz", gzip.compress(WHOLE, mtime=0)[:-9], "after line 2: not gzip, or cut off"),
    ],
)
def test_a_file_that_is_no_text_is_named_with_its_line(
    file: str, content: bytes, expected: str, tmp_path: Path
) -> None:
    folder = own_task(tmp_path, "mood", "description: d", GOOD)
    (folder / "mood" / file).write_bytes(content)
    with pytest.raises(ValueError, match=expected):
        read_folder(folder)


def test_a_mark_at_the_beginning_of_a_file_is_no_part_of_it(tmp_path: Path) -> None:
    folder = own_task(tmp_path, "mood", "\ufeffdescription: d", GOOD)
    rows = folder / "mood" / "instances.jsonl"
    rows.write_text("\ufeff" + rows.read_text())
    (task,) = read_folder(folder)
    assert (task.task.description, task.instances) == ("d", (Instance("i", ("o",)),))


@pytest.mark.parametrize(
    ("said", "copied"),
    [("", True), ("copy: auto", True), ("copy: true", True), ("copy: no", False)],
)
def test_a_folder_says_whether_answers_are_copied_or_its_instances_show_it(
    said: str, copied: bool, tmp_path: Path
) -> None:
    rows = [{"input": f"the order {n}", "output": str(n)} for n in range(4)]
    (task,) = read_folder(own_task(tmp_path, "orders", f"description: d\n{said}", *rows))
    assert task.copy == copied
    other = {"input": "the order", "output": "9"}
    (task,) = read_folder(own_task(tmp_path / "two", "o", f"description: d\n{said}", *rows, other))
    assert task.copy == (said == "copy: true")


def test_a_folder_without_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no TASK/task\.yaml in it"):
        read_any(tmp_path)


def test_a_folder_of_task_files_is_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write_rows(tmp_path / "b.jsonl", [task_row(1)])
    write_rows(tmp_path / "a.jsonl.gz", [task_row(2)])
    (tmp_path / "notes.txt").write_text("not a task")
    assert [task.name for task in read_any(tmp_path)] == ["task2", "task1"]


# Sources


def test_other_wordings_are_those_of_the_task_with_and_without_labels(tmp_path: Path) -> None:
    tasks = write_rows(tmp_path / "tasks.jsonl.gz", [task_row(1), task_row(2)])
    wordings = write_rows(
        tmp_path / "w.jsonl.gz", [{"task": "task1", "descriptions": ["Say  B.", "Give B."]}]
    )
    one, two = read_source(Source(str(tasks), wordings=str(wordings)))
    labels = ("B", "none")
    assert one.wordings() == [
        Task(text, shown)
        for text in ("Answer with B.", "Say B.", "Give B.")
        for shown in (labels, ())
    ]
    assert two.wordings() == [Task("Answer with C.")]


def test_tasks_of_one_name_and_several_descriptions_share_its_wordings(tmp_path: Path) -> None:
    rows = [flat("o", n, task_description=f"Way {n}.") for n in range(2)]
    tasks = write_rows(tmp_path / "t.jsonl", rows)
    other = write_rows(tmp_path / "w.jsonl", [{"task": "t", "descriptions": ["Other."]}])
    source = Source(str(tasks), wordings=str(other), only=("t",))
    assert [t.paraphrases for t in read_source(source)] == [("Other.",), ("Other.",)]


@pytest.mark.parametrize("bad", ["[]", '{"task": "x"}', '{"task": "x", "descriptions": "one"}'])
def test_a_bad_line_of_wordings_is_named(bad: str, tmp_path: Path) -> None:
    tasks = write_rows(tmp_path / "t.jsonl", [task_row(1)])
    (tmp_path / "w.jsonl").write_text("\n" + bad + "\n")
    with pytest.raises(ValueError, match=r"w\.jsonl line 2"):
        read_source(Source(str(tasks), wordings=str(tmp_path / "w.jsonl")))


def test_only_the_named_tasks_are_taken(tmp_path: Path) -> None:
    tasks = write_rows(tmp_path / "t.jsonl", [task_row(n) for n in range(4)])
    found = read_source(Source(str(tasks), only=("task3", "task1")))
    assert [task.name for task in found] == ["task1", "task3"]
    with pytest.raises(ValueError, match="no task in it"):
        read_source(Source(str(tasks), only=("task9",)))


def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.jsonl"):
        read_source(Source(str(tmp_path / "nowhere.jsonl")))


# The split


def data(instances: int, wordings: int) -> TaskData:
    return TaskData(
        "t",
        Task("The definition.", ("a", "b")),
        tuple(Instance(f"in {n}", ("a",)) for n in range(instances)),
        paraphrases=tuple(f"wording {n}" for n in range(wordings)),
    )


@pytest.mark.parametrize(
    ("instances", "held_out", "kept_back"),
    [(20, 0.2, 4), (20, 0.01, 2), (3, 0.2, 1), (1, 0.2, 0), (10, 0.9, 5)],
)
def test_a_split_keeps_instances_apart_and_leaves_most_to_training(
    instances: int, held_out: float, kept_back: int
) -> None:
    whole = data(instances, 0)
    train, dev = whole.split(held_out)
    assert len(dev.instances) == kept_back
    assert {*train.instances, *dev.instances} == {*whole.instances}
    assert len(train.instances) + len(dev.instances) == instances
    assert whole.split(held_out) == (train, dev)


@pytest.mark.parametrize(("wordings", "back"), [(20, HELD_OUT_WORDINGS), (4, 2), (3, 1)])
def test_a_split_keeps_wordings_apart(wordings: int, back: int) -> None:
    train, dev = data(20, wordings).split(0.2)
    other = {task.description for task in dev.wordings()}
    assert len(other) == back
    assert not other & {task.description for task in train.wordings()}
    assert len(train.paraphrases) == wordings - back
    assert train.task == data(20, wordings).task
    assert dev.task.labels == train.task.labels


@pytest.mark.parametrize("wordings", [0, 1])
def test_with_no_wording_to_spare_both_parts_have_the_definition(wordings: int) -> None:
    train, dev = data(20, wordings).split(0.2)
    assert train.task == dev.task
    assert train.paraphrases == data(20, wordings).paraphrases


@pytest.mark.parametrize(
    ("licence", "restricted"),
    [
        ("CC BY 4.0", False),
        ("CC BY-SA 4.0", False),
        ("CC0: Public Domain", False),
        ("Apache 2.0", False),
        ("Unknown", False),
        ("CC BY-NC 4.0", True),
        ("cc by-nd 4.0", True),
        ("LGPL", True),
        ("GPL 3.0", True),
        ("Non-Commercial use", True),
    ],
)
def test_licences_against_giving_weights_away_are_known(licence: str, restricted: bool) -> None:
    assert TaskData("t", Task("d"), (), licence).restricted == restricted


@pytest.mark.parametrize("name", ["tasks.jsonl", "tasks.jsonl.gz"])
def test_what_is_written_as_a_task_file_reads_the_same(name: str, tmp_path: Path) -> None:
    instances = (Instance("é [in]", ("a", "b")), Instance("two\nlines", ("b",)))
    said = ("a or b?", "Which, a or b?")
    tasks = [
        TaskData("one", Task("Say a or b.", ("a", "b")), instances, "MIT"),
        TaskData("two", Task("Say b."), instances, "MIT", said),
        TaskData("three", Task("Copy."), instances, "MIT", copy=True),
    ]
    write_tasks(tmp_path / name, tasks)
    assert read_tasks(tmp_path / name) == tasks
    written = (tmp_path / name).read_bytes()
    write_tasks(tmp_path / name, tasks)
    assert (tmp_path / name).read_bytes() == written
