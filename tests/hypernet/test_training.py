"""A training run from task files to a loadable hypernetwork, on tiny models."""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from hypernet.cli import main
from hypernet.generator import load_generator
from hypernet.task import Task
from hypernet.training import train as train_module
from hypernet.training.config import TrainConfig
from hypernet.training.data import read_tasks
from hypernet.training.evaluate import ARMS
from hypernet.training.train import train

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.encoder import Encoder
    from hypernet.models import BaseModel

STEPS = 12
LICENCES = ("Unknown", "CC BY 4.0", "MIT", "Apache 2.0", "CC BY-SA 4.0", "CC0: Public Domain")
RESTRICTED = ("CC BY-NC 4.0", "GPL 3.0", "CC BY-NC-ND 4.0", "LGPL", "cc by-nd 4.0")


def task_row(number: int, licence: str) -> dict[str, Any]:
    """A task whose answer is always its own letter."""
    draw = random.Random(number)  # noqa: S311  # sampling, not secrets
    return {
        "task": f"task{number}",
        "definition": f"Answer with {chr(65 + number)}.",
        "examples": [{"input": "ab", "output": chr(65 + number)}],
        "labels": [chr(65 + number), "none"] if number % 2 else None,
        "license": licence,
        "instances": [
            {"input": "".join(draw.choices("abcdef", k=6)), "output": [chr(65 + number)]}
            for _ in range(12)
        ],
    }


def write_rows(file: Path, rows: list[dict[str, Any]]) -> Path:
    with gzip.open(file, "wt") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    return file


@pytest.fixture(scope="module")
def config(
    tmp_path_factory: pytest.TempPathFactory, base_folder: Path, encoder_folder: Path
) -> TrainConfig:
    folder = tmp_path_factory.mktemp("data")
    kept = [task_row(n, licence) for n, licence in enumerate(LICENCES)]
    left_out = [task_row(10 + n, licence) for n, licence in enumerate(RESTRICTED)]
    wordings = [
        {"task": row["task"], "descriptions": [f"Say {row['definition'][-2]}!", "Do it."]}
        for row in kept
    ]
    return TrainConfig(
        name="tiny",
        train_tasks=str(write_rows(folder / "train.jsonl.gz", kept + left_out)),
        dev_tasks=str(write_rows(folder / "dev.jsonl.gz", kept)),
        train_paraphrases=str(write_rows(folder / "wordings.jsonl.gz", wordings)),
        base=str(base_folder),
        encoder=str(encoder_folder),
        rank=4,
        hidden=16,
        adapted_share=0.5,
        samples_per_task=6,
        prefixed_per_task=6,
        dev_samples_per_task=3,
        steps=STEPS,
        batch=6,
        micro_batch=4,
        lora_rate=2e-2,
        trunk_rate=1e-2,
        evaluate_every=2,
    )


@pytest.fixture(scope="module")
def finished(config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of an uninterrupted run, and what it said."""
    said: list[str] = []
    folder = tmp_path_factory.mktemp("runs")
    return train(config, folder / "whole", folder / "cache", said.append), "\n".join(said)


def card_of(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / "card.json").read_text())
    return card


# The run


def test_the_shell_trains_evaluates_writes_and_inspects(
    config: TrainConfig, base_folder: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    """From a settings file to an adapter on disk, by the four commands of the package's README."""
    file, out, report = tmp_path / "run.toml", tmp_path / "out", tmp_path / "figures.json"
    given = {k: v for k, v in asdict(replace(config, steps=2)).items() if v is not None}
    lines = [f"{name} = {json.dumps(value)}" for name, value in given.items()]
    file.write_text("\n".join(lines) + "\n")

    def call(*args: object) -> str:
        done = CliRunner().invoke(main, [str(arg) for arg in args])
        assert done.exit_code == 0, done.output
        return done.output

    call("train", file, "--out", out, "--cache", tmp_path)
    call("evaluate", file, "--hypernetwork", out, "--json", report, "--cache", tmp_path)
    models = ["--base", base_folder, "--encoder", encoder_folder, "--cache", tmp_path]
    written = call(
        "generate", "--task", "Answer with A.", "--hypernetwork", out, *models,
        "--out", tmp_path / "adapter",
    )  # fmt: skip
    inspected = call("inspect", tmp_path / "adapter", "--base", base_folder)

    figures = json.loads(report.read_text())
    assert figures["seeds"] == [0, 1, 2]
    assert set(figures["arms"]) == set(ARMS)
    for figure in (*figures["arms"].values(), *figures["contrasts"].values()):
        assert figure["low"] <= figure["mean"] <= figure["high"]
    matched, base = figures["arms"]["matched"]["mean"], figures["arms"]["base"]["mean"]
    difference = figures["contrasts"]["matched-base"]["mean"]
    assert difference == pytest.approx(matched - base, abs=2e-4)
    assert "rank 4" in written
    assert "14 linears" in inspected


def test_the_loss_goes_down(finished: tuple[Path, str]) -> None:
    history = card_of(finished[0])["development"]["history"]
    assert [entry["step"] for entry in history] == [2, 4, 6, 8, 10, 12]
    for watched in ("matched", "hybrid"):
        assert history[-1][watched] < history[0][watched] - 0.3


def test_the_card_holds_the_loss_of_every_arm_on_the_finished_weights(
    finished: tuple[Path, str],
) -> None:
    losses = card_of(finished[0])["development"]["losses"]
    assert set(losses) == set(ARMS)
    assert losses["matched"] < losses["base"]
    assert losses["hybrid"] < losses["prompted"]
    assert len({round(loss, 6) for loss in losses.values()}) == len(ARMS)


def test_a_stopped_run_goes_on_to_bit_identical_weights(
    config: TrainConfig,
    finished: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train_module, "SAVE_EVERY", 3)
    monkeypatch.setattr(train_module, "LOG_EVERY", 1)
    said: list[str] = []

    def interrupt(line: str) -> None:
        if line.startswith("step 8/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "run", tmp_path, interrupt)
    assert not (tmp_path / "run" / "hypernetwork.safetensors").exists()

    resumed = train(config, tmp_path / "run", tmp_path, said.append)

    steps = [int(m[1]) for line in said if (m := re.match(r"step (\d+)/", line))]
    assert steps == list(range(7, STEPS + 1))
    whole, parts = (load_file(str(f / "hypernetwork.safetensors")) for f in (finished[0], resumed))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    developments = [card_of(folder)["development"]["losses"] for folder in (finished[0], resumed)]
    assert developments[0] == developments[1]


def test_another_seed_gives_other_weights(
    config: TrainConfig, finished: tuple[Path, str], tmp_path: Path
) -> None:
    other = train(replace(config, seed=1, steps=2), tmp_path / "run", tmp_path, lambda line: None)
    one, two = (load_file(str(f / "hypernetwork.safetensors")) for f in (finished[0], other))
    assert not torch.equal(one["a.q_proj"], two["a.q_proj"])


def test_the_finished_folder_is_a_hypernetwork_that_knows_its_tasks(
    finished: tuple[Path, str], base: BaseModel, encoder: Encoder
) -> None:
    generator = load_generator(finished[0], encoder, base.fingerprint)
    fit = generator.fit(Task("Answer with B.", ("B", "none")))
    assert fit.nearest[0] in {f"task{n}" for n in range(len(LICENCES))}
    adapter = generator.write(Task("Answer with B."))
    assert {layer for layer, _ in adapter.factors} == {2, 3}
    card = card_of(finished[0])
    assert card["base"]["fingerprint"] == base.fingerprint
    assert card["recipe"]["lora_rate"] == 2e-2


# Damaged and foreign folders


@pytest.mark.parametrize("name", ["card.json", "hypernetwork.safetensors"])
def test_a_folder_without_one_of_its_files_is_refused(
    name: str, finished: tuple[Path, str], encoder: Encoder, tmp_path: Path
) -> None:
    for file in ("card.json", "hypernetwork.safetensors"):
        if file != name:
            (tmp_path / file).write_bytes((finished[0] / file).read_bytes())
    with pytest.raises(ValueError, match=f"{name} is missing"):
        load_generator(tmp_path, encoder, "base")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"encoder": {}}'])
def test_a_damaged_card_is_refused(
    text: str, finished: tuple[Path, str], encoder: Encoder, tmp_path: Path
) -> None:
    weights = "hypernetwork.safetensors"
    (tmp_path / weights).write_bytes((finished[0] / weights).read_bytes())
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(ValueError, match=r"card\.json is damaged"):
        load_generator(tmp_path, encoder, "base")


def test_weights_made_with_another_encoder_are_refused(
    finished: tuple[Path, str], encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "fingerprint", "f00")
    with pytest.raises(ValueError, match="f00 is loaded"):
        load_generator(finished[0], encoder, "base")


# The data


def test_tasks_under_restricted_licences_are_left_out(finished: tuple[Path, str]) -> None:
    folder, said = finished
    trained = {task["name"]: task["license"] for task in card_of(folder)["data"]["tasks"]}
    assert trained == {f"task{n}": licence for n, licence in enumerate(LICENCES)}
    assert f"6 training tasks ({len(RESTRICTED)} left out for their licence)" in said


def test_restricted_tasks_are_trained_on_when_the_config_allows_it(
    config: TrainConfig, tmp_path: Path
) -> None:
    said: list[str] = []
    train(replace(config, allow_restricted=True, steps=1), tmp_path / "run", tmp_path, said.append)
    assert "11 training tasks (0 left out for their licence)" in said


@pytest.mark.parametrize(
    "bad", ["{", "[]", "3", '{"task": "x"}', '{"task": "x", "definition": "y", "instances": [1]}']
)
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_bad_line_is_named_by_file_and_line(bad: str, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"tasks{suffix}"
    text = json.dumps(task_row(0, "MIT")) + "\n\n" + bad + "\n"
    file.write_bytes(gzip.compress(text.encode()) if suffix.endswith(".gz") else text.encode())
    with pytest.raises(ValueError, match=rf"{re.escape(file.name)} line 3"):
        read_tasks(file)


def test_paraphrases_give_each_task_other_wordings_with_and_without_labels(
    tmp_path: Path,
) -> None:
    file = write_rows(tmp_path / "tasks.jsonl.gz", [task_row(1, "MIT"), task_row(2, "MIT")])
    wordings = [{"task": "task1", "descriptions": ["Say B.", "Give B.", "Print B."]}]
    with_labels, without = read_tasks(file, write_rows(tmp_path / "w.jsonl.gz", wordings), 2)
    labels = ("B", "none")
    assert with_labels.wordings() == [
        Task(text, shown)
        for text in ("Answer with B.", "Say B.", "Give B.")
        for shown in (labels, ())
    ]
    assert without.wordings() == [Task("Answer with C.")]


# The settings


def write_config(file: Path, **settings: Any) -> Path:
    required = {"name": "x", "train_tasks": "a", "dev_tasks": "b"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in (required | settings).items()]
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_config_file_sets_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    config = TrainConfig.read(write_config(tmp_path / "run.toml", steps=7, lora_rate=0.5))
    assert (config.steps, config.lora_rate, config.batch) == (7, 0.5, TrainConfig.batch)


def test_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"run\.toml: unknown setting 'stepz'"):
        TrainConfig.read(write_config(tmp_path / "run.toml", stepz=7))


def test_a_missing_setting_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('name = "x"\n')
    with pytest.raises(ValueError, match="train_tasks"):
        TrainConfig.read(tmp_path / "run.toml")


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
def test_a_share_of_layers_that_is_none_is_refused(share: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="adapted_share"):
        TrainConfig.read(write_config(tmp_path / "run.toml", adapted_share=share))


@pytest.mark.parametrize(("share", "first"), [(1.0, 0), (0.5, 15), (1 / 3, 20), (0.001, 29)])
def test_the_upper_share_of_the_layers_is_adapted(share: float, first: int) -> None:
    config = TrainConfig("x", "a", "b", adapted_share=share)
    assert config.first_layer(30) == first
