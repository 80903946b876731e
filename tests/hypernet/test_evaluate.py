"""The evaluation on tiny models: its report, going on after a stop, refusals, the command."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from tiny_evaluation import (
    ALL,
    TASKS,
    task_row,
    write_tasks,
)
from tiny_models import lines_of

from hypernet.cli.main import main
from hypernet.evaluation import arms as arms_module
from hypernet.evaluation import evaluate as module
from hypernet.evaluation.evaluate import EvaluateOptions, evaluate
from hypernet.evaluation.plan import plan_work
from hypernet.training.task_files import task_files

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.engine.interface import Request

pytestmark = pytest.mark.slow

# Labels


def test_tasks_with_labels_are_answered_once_more_among_them(
    options: EvaluateOptions, asked: list[Request]
):
    report = evaluate(replace(options, arms=("base",), seeds=(0,)))
    assert [r.labels for r in asked] == [
        labels
        for task in TASKS
        for labels in ((), tuple(sorted(TASKS[task])))[: 1 + bool(TASKS[task])]
        for _ in range(3)
    ]
    accuracy = {task: arms["base"]["label_accuracy"] for task, arms in report["per_task"].items()}
    assert accuracy["shout"] is None
    assert 0 <= accuracy["colour"] <= 1
    both = (accuracy["colour"] + accuracy["sign"]) / 2
    assert report["arms"]["base"]["label_accuracy"] == pytest.approx(both)


def test_answers_of_a_task_that_says_so_are_copied(
    options: EvaluateOptions, asked: list[Request], tmp_path: Path
):
    row = task_row("shout", ())
    row["instances"] = [
        {"input": f"shout {n}", "output": [str(n) if n % 3 else "none"]} for n in range(12)
    ]
    file = write_tasks(tmp_path / "copied.jsonl", row | {"copy": True})
    evaluate(replace(options, tasks=(file,), arms=("base",), seeds=(0,)))
    assert [(r.copy and r.copy.text) for r in asked] == [r.input for r in asked]
    assert {r.copy.nothing for r in asked if r.copy} == {("none",)}
    assert {r.copy.words for r in asked if r.copy} == {True}


def test_labels_can_be_left_out(options: EvaluateOptions, asked: list[Request]):
    report = evaluate(replace(options, labels=False))
    assert {r.labels for r in asked} == {()}
    assert report["arms"]["base"]["label_accuracy"] is None
    assert report["contrasts_label"] == {}


# The report


def test_the_report_names_the_tasks_that_the_hypernetwork_was_trained_on(
    options: EvaluateOptions,
):
    lines: list[str] = []
    report = evaluate(replace(options, arms=("base",), seeds=(0,)), lines_of(lines))
    assert report["trained_on"] == ["colour"]
    assert any("trained on 1 of these tasks: colour" in line for line in lines)


def test_the_report_says_what_was_measured_and_how_it_compares(
    options: EvaluateOptions, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(arms_module, "ORACLE_STEPS", 2)
    report = evaluate(replace(options, arms=ALL))
    assert set(report["arms"]) == set(ALL)
    assert report["hypernetwork"]["name"] == "random"
    assert (report["tasks"], report["per_task_instances"], report["seeds"]) == (3, 3, [0, 1])
    for arm in report["arms"].values():
        assert arm["rouge_l_low"] <= arm["rouge_l"] <= arm["rouge_l_high"]
        assert arm["prompt_tokens"] == pytest.approx(arm["prefix_tokens"] + arm["new_tokens"])
    arms = report["arms"]
    assert arms["matched"]["prompt_tokens"] == arms["base"]["prompt_tokens"]
    assert arms["base"]["prompt_tokens"] < arms["prompted"]["prompt_tokens"]
    assert arms["prompted"]["prompt_tokens"] < arms["few_shot@2"]["prompt_tokens"]
    assert len(report["contrasts"]) == 19
    for name, value in report["contrasts"].items():
        a, b = name.split("-")
        assert value["mean"] == pytest.approx(arms[a]["rouge_l"] - arms[b]["rouge_l"])
        assert sum(value["per_seed"]) / 2 == pytest.approx(value["mean"])
    saved = report["ratios"]["prompt_tokens matched/prompted"]
    assert saved["ratio"] == pytest.approx(
        arms["matched"]["prompt_tokens"] / arms["prompted"]["prompt_tokens"]
    )
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_other_seeds_draw_other_instances_and_equal_ones_the_same(
    options: EvaluateOptions, asked: list[Request]
):
    for seeds in ((0,), (1,), (0,)):
        evaluate(replace(options, arms=("base",), seeds=seeds, labels=False, out=None))
    third = len(asked) // 3
    inputs = [[r.input for r in asked[n * third :][:third]] for n in range(3)]
    assert inputs[0] == inputs[2] != inputs[1]


# Going on after a stop


def without_seconds(report: dict[str, Any]) -> dict[str, Any]:
    arms = {
        name: {k: v for k, v in arm.items() if k != "seconds"}
        for name, arm in report["arms"].items()
    }
    return report | {"arms": arms}


def test_a_stopped_run_goes_on_and_gives_the_same_report(
    options: EvaluateOptions, asked: list[Request], tmp_path: Path
):
    whole = evaluate(replace(options, out=None))
    asked.clear()

    def interrupt(fraction: float, line: str) -> None:
        if line.startswith("seed 1 task 2/3 shout prompted"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(options, interrupt)
    assert not (tmp_path / "report.json").exists()
    assert (tmp_path / "report.json.partial.json").exists()
    asked.clear()

    resumed = evaluate(options)

    assert {r.input.split()[0] for r in asked} == {"shout", "sign"}  # of seed 1 what was missing
    assert without_seconds(resumed) == without_seconds(whole)
    asked.clear()
    assert evaluate(options) == resumed
    assert asked == []


@pytest.mark.parametrize("change", ["options", "tasks", "card", "damage"])
def test_a_partial_result_of_another_run_is_not_gone_on_from(
    change: str,
    options: EvaluateOptions,
    hypernetwork: Path,
    asked: list[Request],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    options = replace(options, arms=("base",), seeds=(0,))
    evaluate(options)
    first = len(asked)
    if change == "options":
        options = replace(options, per_task=2)
    elif change == "tasks":
        write_tasks(
            tmp_path / "tasks.jsonl.gz", *(task_row(n, labels, 9) for n, labels in TASKS.items())
        )
    elif change == "card":
        card = hypernetwork / "card.json"
        before = card.read_text()
        card.write_text(json.dumps(json.loads(before) | {"scales": {}}))
    else:
        (tmp_path / "report.json.partial.json").write_text("{")
    asked.clear()
    lines: list[str] = []
    try:
        evaluate(options, lines_of(lines))
    finally:
        if change == "card":
            card.write_text(before)
    assert "report.json.partial.json is of another run: starting anew" in lines
    assert len(asked) == (first * 2 // 3 if change == "options" else first)


# What is refused


@pytest.mark.parametrize("arm", ["shuffled", "hybrid_shuffled", "examples_shuffled@2"])
def test_one_task_alone_has_no_other_to_shuffle_with(
    arm: str, options: EvaluateOptions, tmp_path: Path
):
    alone = write_tasks(tmp_path / "alone.jsonl", task_row("alone", ()))
    with pytest.raises(ValueError, match=f"arm '{arm}' needs another task"):
        plan_work(replace(options, tasks=(alone,), arms=("base", arm)))


def test_the_default_arms_on_one_task_are_those_that_need_no_other(
    options: EvaluateOptions, tmp_path: Path
):
    alone = write_tasks(tmp_path / "alone.jsonl", task_row("alone", ()))
    done = call(options, "--tasks", alone, "--dry-run")
    assert done.exit_code == 0, done.output
    arms = "base, prompted, few_shot@2, static, static_prompted, junk, matched, hybrid"
    assert re.search(rf"arms +{arms}\n", done.output)
    lines: list[str] = []
    report = evaluate(replace(options, tasks=(alone,), arms=None, seeds=(0,)), lines_of(lines))
    assert set(report["arms"]) == set(arms.split(", "))
    assert lines[0].endswith("one task only: shuffled, hybrid_shuffled")


def test_a_task_with_too_few_instances_is_named_before_anything_runs(
    options: EvaluateOptions, asked: list[Request]
):
    with pytest.raises(ValueError, match=r"task 'colour': 12 different inputs .* lower per_task"):
        evaluate(replace(options, per_task=10, arms=("base", "few_shot@3")))
    assert asked == []


def test_inputs_that_are_too_long_are_not_asked(
    options: EvaluateOptions, asked: list[Request], tmp_path: Path
):
    evaluate(replace(options, max_input=len("colour 1"), arms=("base",)))
    assert max(len(r.input) for r in asked) == len("colour 1")


def test_a_task_that_stands_in_two_files_is_refused(options: EvaluateOptions, tmp_path: Path):
    again = write_tasks(tmp_path / "again.jsonl", task_row("sign", ()))
    with pytest.raises(ValueError, match=r"again\.jsonl: task 'sign' is in another place"):
        plan_work(replace(options, tasks=(*options.tasks, again)))


def test_a_folder_of_the_user_s_own_tasks_can_be_evaluated_and_an_empty_one_is_refused(
    options: EvaluateOptions, tmp_path: Path
):
    for name in ("mood", "colour"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        (tmp_path / "mine" / name / "task.yaml").write_text(f"description: Name the {name}.")
        row = {"input": "a", "output": "b"}
        (tmp_path / "mine" / name / "some.jsonl").write_text(json.dumps(row))
    work = plan_work(replace(options, tasks=(tmp_path / "mine",)))
    assert [task.name for task in work.tasks] == ["colour", "mood"]
    files = [f"{f.parent.name}/{f.name}" for f in task_files(tmp_path / "mine")]
    assert files == ["colour/some.jsonl", "colour/task.yaml", "mood/some.jsonl", "mood/task.yaml"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"empty: no TASK/task\.yaml in it"):
        plan_work(replace(options, tasks=(tmp_path / "empty",)))


@pytest.fixture
def bare(hypernetwork: Path, tmp_path: Path) -> Path:
    """The hypernetwork without a static adapter."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for name in ("card.json", "hypernetwork.safetensors"):
        (folder / name).write_bytes((hypernetwork / name).read_bytes())
    return folder


@pytest.mark.parametrize("arm", ["static", "static_prompted", "scratch@2"])
def test_an_arm_that_lacks_its_static_adapter_is_refused_when_asked_for(
    arm: str, options: EvaluateOptions, asked: list[Request], bare: Path
):
    with pytest.raises(ValueError, match=f"arms {arm}: there is no static adapter"):
        evaluate(replace(options, arms=("base", arm), hypernetwork=str(bare)))
    assert asked == []


def test_and_left_out_with_a_word_when_it_is_a_default(options: EvaluateOptions, bare: Path):
    lines: list[str] = []
    report = evaluate(
        replace(options, arms=None, seeds=(0,), hypernetwork=str(bare)), lines_of(lines)
    )
    assert any("static, static_prompted" in line for line in lines)
    assert set(report["arms"]) == {
        "base", "prompted", "few_shot@2", "shuffled", "junk", "matched", "hybrid",
        "hybrid_shuffled",
    }  # fmt: skip


# The command


def call(options: EvaluateOptions, *args: object) -> Result:
    given = [
        "evaluate", "--hypernetwork", options.hypernetwork, "--base", options.base,
        "--encoder", options.encoder, "--cache", options.cache, *args,
    ]  # fmt: skip
    return CliRunner().invoke(main, [str(arg) for arg in given])


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_the_shell_evaluates_several_files_writes_the_report_and_draws_it(
    suffix: str, start: bytes, options: EvaluateOptions, tmp_path: Path
):
    more = write_tasks(tmp_path / "more.jsonl", task_row("fourth", ()))
    out, plot = tmp_path / "out.json", tmp_path / f"plot.{suffix}"
    done = call(
        options, "--arms", "base,matched,few_shot@2", "--seeds", "0,3", "--per-task", 2,
        "--json", out, "--plot", plot, "--tasks", options.tasks[0], more,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text())
    assert set(report["per_task"]) == {*TASKS, "fourth"}
    assert report["seeds"] == [0, 3]
    assert plot.read_bytes().startswith(start)
    assert "matched-base" in done.stdout
    assert "few_shot@2" in done.stdout


def test_a_dry_run_says_what_would_run_and_loads_nothing(
    options: EvaluateOptions, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "load_base", None)
    done = call(
        options, "--tasks", options.tasks[0], "--arms", "base,oracle", "--per-task", 5, "--dry-run"
    )
    assert done.exit_code == 0, done.output
    assert "3, 36 instances" in done.stdout
    assert "base, oracle" in done.stdout
    assert "150" in done.stdout  # (3 tasks + 2 with labels) x 5 instances x 2 arms x 3 seeds


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--arms", "bse"], "arm 'bse' is unknown"),
        (["--seeds", "0,x"], "not a list of whole numbers"),
        (["--seeds", "-1"], "not a list of whole numbers"),
        (["--plot", "x.pdf"], ".svg or .png"),
        (["--json", "/nowhere/x.json"], "'--json': /nowhere/x.json cannot be written"),
        (["--plot", "/nowhere/x.svg"], "'--plot': /nowhere/x.svg cannot be written"),
    ],
)
def test_the_shell_tells_what_is_wrong_without_a_stack(
    args: list[str], message: str, options: EvaluateOptions
):
    done = call(options, "--tasks", options.tasks[0], *args)
    assert done.exit_code != 0
    assert message in done.output
    assert isinstance(done.exception, SystemExit)


def test_a_missing_matplotlib_is_told_before_anything_runs(
    options: EvaluateOptions, asked: list[Request], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = call(options, "--tasks", options.tasks[0], "--plot", "x.svg")
    assert done.exit_code == 1
    assert "pip install 'hypernet-mcp[evaluate]'" in done.output
    assert asked == []
