"""The documented way from a folder of one's own tasks to weights and figures, on tiny models."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from tiny_models import task_row, write_rows
from tiny_training import card_of, tiny_config

from hypernet.base_model import sources
from hypernet.cli.main import main
from hypernet.hypernetwork import card
from hypernet.training.task_files import read_tasks, write_tasks
from hypernet.training.train import train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shipped(
    tmp_path_factory: pytest.TempPathFactory, base_folder: Path, encoder_folder: Path
) -> Path:
    """A folder as of shipped weights, with those of a short run."""
    folder = tmp_path_factory.mktemp("shipped")
    config = tiny_config(folder, base_folder, encoder_folder)
    tiny = train(replace(config, steps=2), folder / "weights" / "tiny", folder)
    write_tasks(tiny / "replay.jsonl.gz", read_tasks(Path(config.train[0].tasks))[:6])
    return folder / "weights"


@pytest.mark.parametrize(("tasks", "arms"), [(3, 8), (1, 6)])
def test_the_documented_commands_run_as_they_stand_on_40_instances_a_task(
    tasks: int,
    arms: int,
    shipped: Path,
    base_folder: Path,
    encoder_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(card, "SHIPPED", shipped)
    monkeypatch.setattr(sources, "DEFAULT_BASE", str(base_folder))
    monkeypatch.setattr(sources, "DEFAULT_ENCODER", str(encoder_folder))
    monkeypatch.setattr(sources, "packaged_file", lambda package, name: None)
    monkeypatch.chdir(tmp_path)
    for number in range(tasks):
        folder = tmp_path / "my-tasks" / f"task{number}"
        folder.mkdir(parents=True)
        row = task_row(number, instances=40)
        (folder / "task.yaml").write_text(f"description: {row['definition']}\n")
        instances = [{"input": f"{i['input']} {n}", "output": i["output"][0]}
                     for n, i in enumerate(row["instances"])]  # fmt: skip
        write_rows(folder / "rows.jsonl", instances)

    def call(*args: str) -> str:
        done = CliRunner().invoke(main, args)
        assert done.exit_code == 0, done.output
        return done.output

    planned = call("train", "my-tasks/", "--dry-run")
    assert f"train: {tasks} tasks, {32 * tasks} instances" in planned
    assert "for 200 steps" in planned
    assert not (tmp_path / "runs").exists()
    said = call("train", "my-tasks/")
    assert "exact, before and after" in said
    for number in range(tasks):
        assert re.search(rf"task{number} +│ +8 +│ [01]\.\d\d to [01]\.\d\d", said)
    assert re.search(rf"{tasks} old tasks +│ +\d+ +│ [01]\.\d\d to [01]\.\d\d", said)
    run = tmp_path / "runs" / "my-tasks"
    assert [len(task.instances) for task in read_tasks(run / "held-out.jsonl")] == [8] * tasks
    assert card_of(run)["network"]["rank"] == 4  # as in the weights it went on from

    said = call(
        "evaluate", "--tasks", "runs/my-tasks/held-out.jsonl", "--hypernetwork", "runs/my-tasks",
        "--json", "figures.json",
    )  # fmt: skip
    assert "asking 6 of each task: 'task0' has 8 different inputs, and 2 are shown" in said
    report = json.loads((tmp_path / "figures.json").read_text())
    assert report["per_task_instances"] == 6
    assert len(report["arms"]) == arms
