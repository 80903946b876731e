"""A training run from task files to a loadable hypernetwork, on tiny models."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from tiny_models import lines_of, same_bits, task_row, write_rows
from tiny_training import LICENCES, RESTRICTED, STEPS, card_of, loaded, tiny_config

from hypernet.adapters.peft_format import load_peft
from hypernet.base_model.chat import ChatFormat
from hypernet.cli.main import main
from hypernet.hypernetwork.card import BadHypernetworkError
from hypernet.hypernetwork.generator import load_generator
from hypernet.task import Example, Task
from hypernet.training import run as run_module
from hypernet.training import train as train_module
from hypernet.training.config import Source, TrainConfig
from hypernet.training.task_files import read_tasks
from hypernet.training.train import train

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config(
    tmp_path_factory: pytest.TempPathFactory, base_folder: Path, encoder_folder: Path
) -> TrainConfig:
    return tiny_config(tmp_path_factory.mktemp("data"), base_folder, encoder_folder)


@pytest.fixture(scope="module")
def finished(config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of an uninterrupted run, and its lines of progress."""
    lines: list[str] = []
    folder = tmp_path_factory.mktemp("runs")
    return train(config, folder / "whole", folder / "cache", lines_of(lines)), "\n".join(lines)


def toml(table: dict[str, Any]) -> str:
    return "".join(f"{k} = {json.dumps(v)}\n" for k, v in table.items() if v is not None)


# The run


def test_the_shell_trains_writes_and_inspects(
    config: TrainConfig, base_folder: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    """From a settings file to an adapter on disk, by the commands of the package's README."""
    file, out = tmp_path / "run.toml", tmp_path / "out"
    given = asdict(replace(config, steps=2))
    sources = {kind: given.pop(kind) for kind in ("train", "dev")}
    del given["tags"]
    tables = [f"[[{kind}]]\n{toml(row)}" for kind, rows in sources.items() for row in rows]
    file.write_text(toml(given) + "\n".join(tables))

    def call(*args: object) -> str:
        done = CliRunner().invoke(main, [str(arg) for arg in args])
        assert done.exit_code == 0, done.output
        return done.output

    call("train", file, "--out", out, "--cache", tmp_path)
    models = ["--base", base_folder, "--encoder", encoder_folder, "--cache", tmp_path]
    written = call(
        "generate", "--task", "Answer with A.", "--hypernetwork", out, *models,
        "--out", tmp_path / "adapter",
    )  # fmt: skip
    inspected = call("inspect", tmp_path / "adapter", "--base", base_folder)

    assert "rank 4" in written
    assert "14 linears" in inspected


def test_the_loss_goes_down(finished: tuple[Path, str]) -> None:
    history = card_of(finished[0])["development"]["history"]
    assert [entry["step"] for entry in history] == [2, 4, 6, 8, 10, 12]
    for watched in ("matched", "hybrid", "examples"):
        assert history[-1][watched] < history[0][watched] - 0.3


def test_a_stopped_run_goes_on_to_bit_identical_weights(
    config: TrainConfig,
    finished: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train_module, "SAVE_EVERY", 3)
    monkeypatch.setattr(train_module, "LOG_EVERY", 1)
    lines: list[str] = []

    def interrupt(fraction: float, line: str) -> None:
        if line.startswith("step 8/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "run", tmp_path, interrupt)
    assert not (tmp_path / "run" / "hypernetwork.safetensors").exists()

    resumed = train(config, tmp_path / "run", tmp_path, lines_of(lines))

    steps = [int(m[1]) for line in lines if (m := re.match(r"step (\d+)/", line))]
    assert steps == list(range(7, STEPS + 1))
    whole, parts = (load_file(str(f / "hypernetwork.safetensors")) for f in (finished[0], resumed))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    developments = [card_of(folder)["development"]["figures"] for folder in (finished[0], resumed)]
    assert developments[0] == developments[1]


def test_how_much_is_kept_in_memory_changes_no_weight(
    config: TrainConfig, finished: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "MEGABYTE", 30)
    folder = train(replace(config, memory_mb=1000), tmp_path / "run", tmp_path)
    whole, little = (load_file(str(f / "hypernetwork.safetensors")) for f in (finished[0], folder))
    assert all(torch.equal(whole[name], little[name]) for name in whole)


def test_another_seed_gives_other_weights(
    config: TrainConfig, finished: tuple[Path, str], tmp_path: Path
) -> None:
    other = train(replace(config, seed=1, steps=2), tmp_path / "run", tmp_path)
    one, two = (load_file(str(f / "hypernetwork.safetensors")) for f in (finished[0], other))
    assert not torch.equal(one["a.q_proj"], two["a.q_proj"])


def test_a_static_run_writes_one_adapter_for_all_tasks(
    config: TrainConfig, base: BaseModel, encoder: Encoder, tmp_path: Path
) -> None:
    static = replace(config, conditioned=False, steps=4)
    folder = train(static, tmp_path / "run", tmp_path)
    generator = loaded(folder, base, encoder)
    null = generator.multi_task()
    for task in (Task("Answer with B."), Task("Say C!", (), (Example("ab", "C"),))):
        assert same_bits(generator.write(task), null)
    assert max(float(b.abs().max()) for _, b in null.factors.values()) > 0
    exported = load_peft(folder / "static", base.forward.config)
    assert exported.invocation == null.invocation != ()
    for key, (a_Ir, b_rO) in exported.factors.items():
        torch.testing.assert_close(a_Ir.float(), null.factors[key][0], atol=1e-3, rtol=1e-2)
        torch.testing.assert_close(b_rO.float(), null.factors[key][1], atol=1e-3, rtol=1e-2)
    assert set(card_of(folder)["development"]["history"][0]) == {
        "step", "train", "null", "null_exact", "hybrid_null", "hybrid_null_exact",
        "sources",
    }  # fmt: skip


def test_what_is_trained_acts_on_answers_alone_and_on_no_other_chat_template(
    finished: tuple[Path, str], base: BaseModel, encoder: Encoder
) -> None:
    folder, _ = finished
    chat = ChatFormat.of(base.tokenizer)
    adapter = loaded(folder, base, encoder).write(Task("Answer with A."))
    assert adapter.invocation == tuple(chat.invocation_ids())
    tail = "\nAnswer:"
    ids = chat.tokenizer.encode(tail, add_special_tokens=False)
    other = replace(chat, markup=replace(chat.markup, tail=tail, tail_ids=ids))
    with pytest.raises(BadHypernetworkError, match="act from other markup on"):
        load_generator(folder, base, other, encoder)


def test_a_run_goes_on_from_another_runs_network(
    config: TrainConfig, finished: tuple[Path, str], base: BaseModel, tmp_path: Path
) -> None:
    going_on = replace(config, start=str(finished[0]), steps=1, lora_rate=0.0, trunk_rate=0.0)
    folder = train(going_on, tmp_path / "run", tmp_path)
    before, after = (load_file(str(f / "best.safetensors")) for f in (finished[0], folder))
    own = [name for name in after if name.startswith("task.") and "_" in name]
    assert own
    whole = load_file(str(finished[0] / "hypernetwork.safetensors"))
    assert all(torch.equal(after[name], whole[name]) for name in after if name != "anchors_NWC")
    assert before.keys() == after.keys()


def test_the_weights_that_a_run_went_on_from_are_part_of_its_mean(
    config: TrainConfig, finished: tuple[Path, str], tmp_path: Path
) -> None:
    going_on = replace(config, start=str(finished[0]), steps=1, evaluate_every=1)
    train(going_on, tmp_path / "run", tmp_path)
    start = load_file(str(finished[0] / "hypernetwork.safetensors"))
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    assert not torch.equal(state["network"]["a.q_proj"], start["a.q_proj"].float())
    for name, mean in state["mean"].items():
        both = (start[name].float() + state["network"][name]) / 2
        torch.testing.assert_close(mean, both)


def test_a_users_folder_alone_is_trained_on_and_judged_by_what_it_held_back(
    config: TrainConfig, tmp_path: Path
) -> None:
    for number in (0, 2):
        folder = tmp_path / "mine" / f"task{number}"
        folder.mkdir(parents=True)
        row = task_row(number, instances=20)
        (folder / "task.yaml").write_text(f"description: {row['definition']}\n")
        write_rows(folder / "rows.jsonl", row["instances"])
    source = Source(str(tmp_path / "mine"), held_out=0.3)
    mine = replace(config, train=(source,), dev=(), steps=2)
    folder = train(mine, tmp_path / "run", tmp_path)
    card = card_of(folder)
    assert [task["name"] for task in card["data"]["tasks"]] == ["task0", "task2"]
    assert [len(t.instances) for t in read_tasks(folder / "held-out.jsonl")] == [6, 6]
    assert card["development"]["tasks"] == 2
    assert card["data"]["tasks"][0]["license"] == "the user's own"


@pytest.mark.skipif(os.name == "nt", reason="there, folders are the owner's alone")
def test_what_a_run_learned_and_held_out_is_its_owners_alone_in_an_older_folder_too(
    config: TrainConfig, tmp_path: Path
) -> None:
    (tmp_path / "tasks").mkdir()
    write_rows(tmp_path / "tasks" / "own.jsonl", [task_row(n, instances=20) for n in (0, 2)])
    source = Source(str(tmp_path / "tasks" / "own.jsonl"), held_out=0.3)
    mine, folder = replace(config, train=(source,), dev=(), steps=2), tmp_path / "run"

    def modes() -> dict[str, int]:
        names = ("state.pt", "held-out.jsonl", "card.json")
        return {name: (folder / name).stat().st_mode & 0o777 for name in names}

    folder.mkdir(mode=0o755)
    train(mine, folder, tmp_path)
    assert set(modes().values()) == {0o600}
    for name in modes():
        (folder / name).chmod(0o644)
    # It goes on from the state, and takes no step that would write it anew.
    train(mine, folder, tmp_path)
    assert set(modes().values()) == {0o600}


def test_a_run_without_development_tasks_keeps_its_last_weights(
    config: TrainConfig, tmp_path: Path
) -> None:
    folder = train(replace(config, dev=(), steps=2), tmp_path / "run", tmp_path)
    assert card_of(folder)["development"]["tasks"] == 0
    assert card_of(folder)["development"]["history"] == []
    assert (folder / "hypernetwork.safetensors").is_file()


def test_sources_of_which_no_instance_fits_are_told(config: TrainConfig, tmp_path: Path) -> None:
    narrow = replace(config, train=(replace(config.train[0], max_step=3),))
    with pytest.raises(ValueError, match="no instance of any task is within max_step"):
        train(narrow, tmp_path / "run", tmp_path)


# Licences


def test_tasks_under_restricted_licences_are_left_out(finished: tuple[Path, str]) -> None:
    folder, lines = finished
    trained = {task["name"]: task["license"] for task in card_of(folder)["data"]["tasks"]}
    assert trained == {f"task{n}": licence for n, licence in enumerate(LICENCES)}
    assert f"6 training tasks ({len(RESTRICTED)} left out for their licence)" in lines


def test_restricted_tasks_are_trained_on_when_the_config_allows_it(
    config: TrainConfig, tmp_path: Path
) -> None:
    lines: list[str] = []
    train(
        replace(config, allow_restricted=True, steps=1), tmp_path / "run", tmp_path, lines_of(lines)
    )
    assert "11 training tasks (0 left out for their licence)" in lines
