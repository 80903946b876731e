"""The `hypernet` command on a tiny base: tasks on inputs, checks before training, adapter files."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from hypernet.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def invoke(*args: object, given: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], input=given)


@pytest.fixture
def on_tiny_base(base_folder: Path, tmp_path: Path) -> list[object]:
    return ["--base", base_folder, "--cache", tmp_path]


def test_a_task_runs_on_arguments_in_order(on_tiny_base: list[object]):
    task = ["run", "--task", "Choose.", "--label", "a", "--label", "b", "--json"]
    done = invoke(*task, *on_tiny_base, "first", "second")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["input"] for row in rows] == ["first", "second"]
    assert all(row["output"] in ("a", "b") for row in rows)
    assert all(0 < row["confidence"] <= 1 for row in rows)
    assert {row["mode"] for row in rows} == {"prompted"}


def test_inputs_come_from_a_pipe_or_a_file_too(on_tiny_base: list[object], tmp_path: Path):
    file = tmp_path / "inputs.txt"
    file.write_text("one\n\ntwo\n")
    task = ["run", "--task", "Say.", "--max-tokens", "2", "--json", *on_tiny_base]
    piped = invoke(*task, given="one\ntwo\n")
    filed = invoke(*task, "--file", file)
    assert len(piped.stdout.splitlines()) == 2
    assert filed.stdout == piped.stdout


def test_more_inputs_than_the_engine_lets_wait_are_all_answered(on_tiny_base: list[object]):
    task = ["run", "--task", "Say.", "--max-tokens", "1", "--json", *on_tiny_base]
    texts = [f"line {n}" for n in range(300)]
    done = invoke(*task, given="\n".join(texts))
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["input"] for line in done.stdout.splitlines()] == texts


def test_no_input_at_all_is_told(on_tiny_base: list[object]):
    done = invoke("run", "--task", "Say.", *on_tiny_base, given="")
    assert done.exit_code == 2
    assert "no input" in done.output


def test_a_refused_request_is_told_without_a_stack(on_tiny_base: list[object]):
    done = invoke("run", "--task", "Say.", "--label", "only", *on_tiny_base, "x")
    assert done.exit_code == 1
    assert "labels: 1 given" in done.output


def test_generate_without_a_hypernetwork_for_the_base_is_told(on_tiny_base: list[object]):
    done = invoke("generate", "--task", "Say.", *on_tiny_base)
    assert done.exit_code == 1
    assert "no hypernetwork" in done.output


def test_a_dry_run_of_training_counts_tasks_and_trains_nothing(tmp_path: Path):
    tasks = tmp_path / "tasks.jsonl.gz"
    row = {"task": "t", "definition": "Do.", "instances": [{"input": "i", "output": ["o"]}] * 3}
    tasks.write_bytes(gzip.compress(json.dumps(row).encode()))
    config = tmp_path / "run.toml"
    config.write_text(
        f'name = "r"\nbase = "{tmp_path}"\n'
        f'[[train]]\ntasks = "{tasks}"\n[[dev]]\ntasks = "{tasks}"\n'
    )
    done = invoke("train", config, "--dry-run", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "1 tasks, 3 instances" in done.output
    assert not (tmp_path / "out").exists()


def test_a_bad_training_setting_is_named(tmp_path: Path):
    config = tmp_path / "run.toml"
    config.write_text('name = "r"\nlearning_speed = 3\n')
    done = invoke("train", config)
    assert done.exit_code == 1
    assert "learning_speed" in done.output


def test_inspect_refuses_a_folder_that_is_no_adapter(on_tiny_base: list[object], tmp_path: Path):
    done = invoke("inspect", tmp_path, *on_tiny_base)
    assert done.exit_code == 1
    assert "adapter_config.json is missing" in done.output
