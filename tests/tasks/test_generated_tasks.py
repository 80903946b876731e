"""The generated tasks as they stand in files: right answers, apart wordings, what is held out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hypernet.training.task_files import read_tasks
from tasks.__main__ import main
from tasks.building import Builder, Made, Sizes
from tasks.documents import documents_of
from tasks.questions import Questions
from tasks.specification import Kind, held_out, read_kind, read_kinds
from tasks.wordings import normalised

if TYPE_CHECKING:
    from hypernet.training.data import TaskData
    from tasks.fields import Document

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KINDS = read_kinds()
MARK = re.compile(r"\{[a-z_0-9]+\}|\[\[|\]\]|<<|>>|[\ue000-\ue0ff]")


@pytest.fixture(scope="module")
def made() -> Made:
    return Builder(0, Sizes()).built(KINDS)


@pytest.fixture(scope="module")
def pools() -> dict[str, list[Document]]:
    return {kind.kind: documents_of(kind, "train", 48, 0) for kind in KINDS}


def wordings(task: TaskData) -> list[str]:
    return [task.task.description, *task.paraphrases]


def test_there_is_enough(made: Made):
    summary = made.summary(KINDS)
    assert len(KINDS) >= 40
    assert len({kind.vertical for kind in KINDS}) >= 12
    assert summary["tasks"]["train"] >= 2500
    assert summary["share of inputs under 10 tasks or more"] > 0.5
    assert all(summary["tasks"].values())
    assert min(len(task.instances) for task in made.train) >= 6
    assert min(len(wordings(task)) for task in made.train) >= 20


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_plain_answer_stands_in_its_document_and_none_only_where_nothing_does(
    kind: Kind, pools: dict[str, list[Document]]
):
    for question in Questions(kind, pools[kind.kind], 0).all():
        asked = question.asked
        if asked.family != "extract" or asked.form not in ("", "json", "quoted", "titled"):
            continue
        for document in pools[kind.kind]:
            answer = question.answer(document)
            if answer is None:
                continue
            (name,) = question.fields
            there = name in document.facts or name in document.rows
            if asked.form == "json":
                (answer,) = json.loads(answer).values()
                assert there == (answer is not None)
            elif not there:
                assert answer == asked.absent
            if there:
                title = asked.about_form.get("title", "")
                bare = answer.strip('"').removeprefix(f"{title}: ")
                assert answer in document.text or bare in document.text, (question.name, answer)


def test_answers_to_labels_are_labels_and_all_occur(made: Made):
    for task in (task for tasks in made.files().values() for task in tasks):
        answers = Counter(instance.outputs[0] for instance in task.instances)
        if task.task.labels:
            assert set(answers) == set(task.task.labels), task.name
            assert max(answers.values()) <= 4 * min(answers.values()), task.name
        assert max(len(answer) for answer in answers) <= 300, task.name


def test_no_mark_of_a_template_is_left(made: Made):
    for task in (task for tasks in made.files().values() for task in tasks):
        for instance in task.instances:
            assert not MARK.search(instance.input), instance.input
            assert not MARK.search(instance.outputs[0]), (task.name, instance.outputs)
        for text in wordings(task):
            assert not MARK.search(text), text


def test_a_wording_belongs_to_one_task_of_a_kind_alone(made: Made):
    owners: dict[tuple[str, str], str] = {}
    for task in (task for tasks in made.files().values() for task in tasks):
        group = "/".join(task.name.split("/")[:2])
        for text in wordings(task):
            for known in (group, "shared"):
                assert owners.get((known, normalised(text)), task.name) == task.name, text
            owners["shared" if group.startswith("shared") else group, normalised(text)] = task.name


def test_what_is_held_out_is_in_no_training_task(made: Made):
    secret = held_out()
    for task in made.train:
        _, kind, *rest = task.name.split("/")
        assert kind not in secret.kinds
        if len(rest) > 1:
            assert not set(secret.fields.get(kind, ())) & set(rest[0].split("+")), task.name
    trained = {instance.input for task in made.train for instance in task.instances}
    said = {normalised(text) for task in made.train for text in wordings(task)}
    for name, tasks in made.files().items():
        if name == "train":
            continue
        assert not trained & {i.input for task in tasks for i in task.instances}
    for task in made.dev_known:
        assert not said & {normalised(text) for text in wordings(task)}
    known = {task.name for task in made.train}
    assert {task.name for task in made.dev_known} <= known
    assert not known & {task.name for task in [*made.dev_fields, *made.dev_kinds]}


def test_held_out_names_stand_in_no_training_wording(made: Made):
    said = defaultdict(list)
    for task in made.train:
        said[task.name.split("/")[1]] += wordings(task)
    for kind in KINDS:
        text = "\n".join(said[kind.kind]).lower()
        for name in [*kind.unseen, *(n for field in kind.fields.values() for n in field.unseen)]:
            found = re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", text)
            assert found is None, (kind.kind, name)


def test_sums_are_right(pools: dict[str, list[Document]]):
    for kind, parts, whole in (
        ("invoice", ("subtotal", "tax"), "total"),
        ("payslip", ("net", "tax", "insurance"), "gross"),
    ):
        for document in pools[kind]:
            facts = document.facts
            assert sum(facts[part].number for part in parts) == facts[whole].number
    rows = 0
    for document in pools["invoice"]:
        lines = document.rows.get("items", ())
        rows += len(lines)
        for line in (line for line in lines if len(line) == 4):
            assert line["quantity"].number * line["price"].number == line["amount"].number
        if lines and "amount" in lines[0]:
            total = sum((line["amount"].number for line in lines), Decimal(0))
            assert total == document.facts["subtotal"].number
    assert rows > 20


def test_what_is_replayed_is_a_little_of_every_trained_kind(made: Made):
    replayed = made.replay()
    trained = {(task.name, task.task): task for task in made.train}

    def kinds(tasks: list[TaskData]) -> set[str]:
        names = (task.name.split("/") for task in tasks)
        return {kind for vertical, kind, *_ in names if vertical != "shared"}

    assert kinds(replayed) == kinds(made.train)
    assert 200 <= len(replayed) <= 300
    for task in replayed:
        assert set(task.instances) <= set(trained[task.name, task.task].instances)
        assert 5 <= len(task.instances) <= 10


def test_the_same_seed_gives_the_same_bytes_and_the_files_are_read(tmp_path: Path):
    chosen = ["--vertical", "support", "--documents", "24", "--per-task", "12", "--seed", "3"]
    for name in ("one", "two"):
        assert main(["--out", str(tmp_path / name), *chosen]) == 0
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "train.jsonl.gz" in files
    assert len(files) == 6
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert all(task.paraphrases for task in read_tasks(tmp_path / "one" / "train.jsonl.gz"))


@pytest.mark.slow
def test_another_process_gives_the_same_bytes(tmp_path: Path):
    made = []
    for seed in ("1", "2"):  # of Python's own hashes, by which sets are ordered
        folder = tmp_path / seed
        command = [sys.executable, "-m", "tasks", "--out", str(folder), "--documents", "8"]
        subprocess.run(
            command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )
        made.append([file.read_bytes() for file in sorted(folder.iterdir())])
    assert made[0] == made[1]


def test_an_unknown_vertical_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--out", str(tmp_path), "--vertical", "cooking"]) == 1
    assert "cooking" in capsys.readouterr().err


GOOD = "names: [memo]\nfields: {who: {make: person, names: [sender]}}\nlayouts: ['{who} wrote']\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + "colour: red\n", "colour"),
        (GOOD.replace("person", "dragon"), r"fields\.who\.make"),
        (GOOD.replace("'{who} wrote'", "'{whom} wrote'"), r"\{whom\} is no field"),
        (GOOD.replace("'{who} wrote'", "'[[{who} wrote'"), r"without \]\]"),
        (GOOD.replace("make: person", "make: choice"), "choice needs choices"),
        (GOOD + "names: [\n", "not a specification"),
    ],
)
def test_a_fault_of_a_specification_is_told_with_its_place(text: str, told: str, tmp_path: Path):
    file = tmp_path / "office" / "memo.yaml"
    file.parent.mkdir()
    file.write_text(GOOD)
    assert isinstance(read_kind(file), Kind)
    file.write_text(text)
    with pytest.raises(ValueError, match=rf"^office/memo\.yaml: .*{told}"):
        read_kind(file)


def test_a_line_loses_no_fact_with_a_missing_one(tmp_path: Path):
    file = tmp_path / "office" / "memo.yaml"
    file.parent.mkdir()
    file.write_text(
        "names: [memo]\nfields: {a: {make: person}, b: {make: city, missing: 0.5}}\n"
        "layouts: ['{a} in {b}']\n"
    )
    with pytest.raises(ValueError, match=r"put \{b\} in \[\[ \]\]"):
        read_kind(file)


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_generated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "file").touch()
    assert main(["--out", str(tmp_path / "file" / "below")]) == 1
    assert capsys.readouterr().err.startswith(f"--out {tmp_path}/file/below: ")
