"""What a dry run says: counts, contradictions by file and line, and an estimate of the time."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tiny_models import write_rows
from tiny_training import tiny_config

from hypernet.training.config import Source, TrainConfig
from hypernet.training.dry_run import contradictions, dry_run, shared_inputs
from hypernet.training.task_files import read_source

if TYPE_CHECKING:
    from pathlib import Path


def own_task(folder: Path, name: str, text: str, rows: list[tuple[str, str]]) -> None:
    task = folder / name
    task.mkdir(parents=True)
    (task / "task.yaml").write_text(text)
    write_rows(task / "rows.jsonl", [{"input": i, "output": o} for i, o in rows])


@pytest.fixture
def mine(tmp_path: Path) -> Source:
    folder = tmp_path / "mine"
    rows = [("a", "yes"), ("b", "maybe"), ("c ", "no"), ("c", "yes"), ("a", "yes")]
    own_task(folder, "asks", "description: Is it?\nlabels: ['yes', 'no']\n", rows)
    own_task(folder, "copied", "description: Copy.\ncopy: true\n", [("a b", "b"), ("c", "None"),
                                                                       ("d", "x")])  # fmt: skip
    own_task(folder, "free", "description: Say it.\n", [("a", "maybe")])
    return Source(str(folder), held_out=0.2)


def test_contradictions_are_named_with_file_line_and_text(mine: Source) -> None:
    assert contradictions(read_source(mine)) == [
        "asks/rows.jsonl line 2: the output 'maybe' is no label",
        "asks/rows.jsonl line 4: to the input 'c' the output is 'yes', but 'no' in "
        "asks/rows.jsonl line 3",
        "copied/rows.jsonl line 3: the output 'x' does not stand in the input",
        "free/rows.jsonl line 1: the only instance of 'free', nothing to judge by",
    ]


def test_inputs_of_ten_tasks_or_more_are_counted(tmp_path: Path) -> None:
    for number in range(10):
        rows = [("shared", "x"), (f"own {number}", "y"), ("shared ", "z")]
        own_task(tmp_path / "mine", f"t{number}", "description: Do.\n", rows)
    assert shared_inputs(read_source(Source(str(tmp_path / "mine")))) == (11, 1)


def test_a_dry_run_measures_steps_and_evaluations(
    mine: Source, base_folder: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    config = replace(tiny_config(tmp_path, base_folder, encoder_folder), train=(mine,), steps=50)
    lines = list(dry_run(config, tmp_path / "cache"))
    assert lines[0] == "train: 3 tasks, 6 instances"
    assert lines[1] == "dev: 8 tasks, 75 instances"
    assert re.match(r"inputs: \d different ones, 0 of them in 10 tasks or more", lines[2])
    assert [line.partition(": ")[0] for line in lines[3:7]] == ["contradiction"] * 4
    assert re.match(
        r"time: about \d+ (s|min) for 50 steps where all that they draw was read before "
        r"\(\d+\.\d\d s each\), and \d+ (s|min) where nothing was .* 3 steps taken twice on cpu"
        r".*; about \d+ (s|min) for 25 evaluations on 8 tasks",
        lines[7],
    )
    assert len(lines) == 8


def test_without_a_base_there_are_counts_and_no_estimate(mine: Source, tmp_path: Path) -> None:
    config = TrainConfig("t", (mine,), base=str(tmp_path / "nowhere"))
    *_, last = dry_run(config, tmp_path)
    assert last.startswith("time: not estimated (")
