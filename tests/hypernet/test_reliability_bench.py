"""Fitting how sure answers without examples are: what is asked, fitted, measured and written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.reliability.__main__ import main, write_card
from bench.reliability.asking import Row
from bench.reliability.fitting import FEWEST_TASKS, figures, fitted_curves
from hypernet.hypernetwork.card import SHIPPED, BadHypernetworkError, read_card
from hypernet.hypernetwork.reliability import Curve, Reliability

if TYPE_CHECKING:
    from pathlib import Path

SURE = {"yes": 0.9, "no": 0.1}


def labelled(task: str, right: int, asked: int = 10, level: Any = "near") -> Row:
    """A task whose model is always sure of `yes`, and so often right."""
    answers = [
        {"confidence": 0.9, "right": n < right, "shares": SURE, "wanted": ("no", "yes")[n < right]}
        for n in range(asked)
    ]
    return Row(f"{task} {level}", "model", task, level, "labels", answers)


def free(task: str, right: int, asked: int = 10) -> Row:
    answers = [
        {"confidence": 0.9, "right": n < right, "shares": None, "wanted": None}
        for n in range(asked)
    ]
    return Row(task, "model", task, "near", "free", answers)


def test_the_power_takes_back_a_certainty_that_other_tasks_did_not_bear_out():
    rows = [labelled(f"task {n}", 6) for n in range(12)]
    curve = fitted_curves(rows)["near", "labels"]
    report = figures(rows)
    assert (curve.accuracy, curve.answers, curve.tasks) == (0.6, 120, 12)
    assert curve.power < 0.3
    found = report["near"]["labels"]
    assert found["ece_before"]["ece"] == pytest.approx(0.3)
    assert found["ece_after"]["ece"] < 0.05
    assert report["ece_0"] == found["ece_after"]


def test_a_classifier_that_knows_what_the_model_does_not_is_heard():
    rows = [labelled(f"task {n}", 5, level="trained") for n in range(12)]
    for row in rows:
        for each in row.answers:
            wrong = {"yes": "no", "no": "yes"}[each["wanted"]]
            each["words"] = {each["wanted"]: 0.99, wrong: 0.01}
    curve = fitted_curves(rows)["trained", "labels"]
    found = figures(rows)["trained"]["labels"]
    assert curve.words > curve.power
    assert (found["accuracy"], curve.accuracy) == (0.5, 1)
    assert found["accuracy_gain"] == {"mean": 0.5, "low": 0.5, "high": 0.5}
    assert found["ece_after"]["ece"] < found["ece_before"]["ece"]


def test_texts_get_a_curve_and_what_is_measured_had_not_seen_its_task():
    rows = [free(f"task {n}", 10 if n == 0 else 1) for n in range(8)]
    curve = fitted_curves(rows)["near", "free"]
    report = figures(rows)["near"]["free"]
    assert curve.offset < 0
    assert curve.accuracy == pytest.approx((1 + 7 * 0.1) / 8, abs=1e-4)
    # The one task that is always right gets what the others showed: about a tenth.
    assert report["ece_after"]["ece"] > 0.1
    assert report["ece_after"]["low"] <= report["ece_after"]["ece"] <= report["ece_after"]["high"]


def test_what_was_right_already_stays_as_it_is():
    rows = [
        *(labelled(f"task {n}", 9) for n in range(9)),
        *(free(f"task {n}", 9) for n in range(9)),
    ]
    curves, report = fitted_curves(rows), figures(rows)
    assert curves["near", "labels"].power == 1
    assert (curves["near", "free"].offset, curves["near", "free"].slope) == (0, 1)
    assert report["ece_0"]["ece"] == pytest.approx(0)


def test_too_few_tasks_make_no_curve_and_stay_as_sure_as_they_were():
    rows = [labelled(f"task {n}", 6, level="unknown") for n in range(FEWEST_TASKS - 1)]
    report = figures([*rows, *rows])  # two draws are no more tasks
    assert fitted_curves([*rows, *rows]) == {}
    assert report["unknown"]["labels"]["curve"] is None
    assert report["ece_0"]["ece"] == pytest.approx(0.3)


def test_tasks_are_asked_once_and_a_later_run_goes_on_from_its_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    words = ("alpha", "beta", "gamma", "delta")
    definitions = [
        {"task": "sort", "labels": ["good", "bad"], "outputs": ["good", "bad"] * 2},
        {"task": "find", "labels": [], "outputs": words},
    ]
    lines = [
        {
            "task": each["task"],
            "definition": f"Please {each['task']} it.",
            "labels": each["labels"],
            "examples": [],
            "instances": [
                {"input": f"{word} is {output}", "output": [output]}
                for word, output in zip(words, each["outputs"], strict=True)
            ],
        }
        for each in definitions
    ]
    tasks, rows = tmp_path / "dev.jsonl", tmp_path / "rows.jsonl"
    tasks.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [str(tasks), "--engine", "echo", "--rows", str(rows), "--ask", "4"]
    main(command)
    first, kept = capsys.readouterr().out, rows.read_text()
    main(command)
    second = capsys.readouterr().out
    # Spans are asked both ways; the echo engine is not sure of texts, so those rows are empty.
    kinds = sorted(json.loads(line)["kind"] for line in kept.splitlines())
    assert kinds == ["copied", "free", "labels"]
    assert "sort, labels, unknown: 4 of 4 right" in first
    assert rows.read_text() == kept
    assert second == first[first.index("{") :]
    main([*command, "--examples", "2", "--ask", "2"])
    trained = [json.loads(line) for line in rows.read_text().splitlines()[3:]]
    assert [(each["kind"], each["level"]) for each in trained] == [("copied", "trained")]
    with pytest.raises(SystemExit, match="no hypernetwork's folder"):
        main([*command, "--write"])


def test_writing_changes_one_entry_of_a_card_and_keeps_its_layout(tmp_path: Path):
    card = {"name": "own ÄÖ", "data": {"tasks": [{"name": "a"}]}, "fit": {"known": 1.0}}
    (tmp_path / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    (tmp_path / "hypernetwork.safetensors").write_bytes(b"")
    reliability = Reliability(
        {
            ("near", "labels"): Curve(0.5, 100, 10, power=0.25),
            ("near", "free"): Curve(0.1, 60, 6, offset=-2.0, slope=0.5),
        }
    )
    write_card(tmp_path, reliability)
    once = (tmp_path / "card.json").read_text()
    write_card(tmp_path, reliability)
    assert (tmp_path / "card.json").read_text() == once
    assert once.startswith('{\n "name": "own ÄÖ",\n "data"')
    written = json.loads(once)
    assert Reliability.of_card(written) == reliability
    assert {key: value for key, value in written.items() if key != "reliability"} == card
    near = {"accuracy": 0.5, "answers": 100, "tasks": 10, "power": 0.25}
    assert written["reliability"]["near"]["labels"] == near
    heard = Curve(0.6, 700, 60, power=0.5, words=0.75)
    write_card(tmp_path, Reliability({("trained", "labels"): heard}))
    both = Reliability.of_card(read_card(tmp_path))
    assert both.curves == {**reliability.curves, ("trained", "labels"): heard}
    with pytest.raises(BadHypernetworkError, match="no hypernetwork folder"):
        write_card(tmp_path / "gone", reliability)


def test_the_shipped_card_tells_of_labels_and_texts_of_tasks_that_are_near():
    (folder,) = (file.parent for file in SHIPPED.glob("*/card.json"))
    reliability = Reliability.of_card(read_card(folder))
    labels, texts = reliability.curve("near", "labels"), reliability.curve("near", "free")
    assert labels is not None
    assert texts is not None
    assert 0.2 < labels.accuracy < 0.8
    assert 0.1 < labels.power <= 1
    assert texts.offset < 0
    assert 0 <= texts.accuracy < labels.accuracy
    assert labels.tasks >= 30
    trained = reliability.curve("trained", "labels")
    assert trained is not None
    assert trained.words > 0
    assert labels.accuracy < trained.accuracy
