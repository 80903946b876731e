"""How a run of the docparse example is counted and shown."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from examples.docparse.agent import Row, Run, Wait
from examples.docparse.base import BaseProbe
from examples.docparse.record import FIELDS
from examples.docparse.report import Screen, as_json, last_line, summarise, summary_lines

PROBE = BaseProbe(1.25, 9, 12, "abc")


def row(number: int, **fields: Any) -> Row:
    defaults: dict[str, Any] = {
        "number": number,
        "name": f"{number:03d}.pdf",
        "form": "pdf",
        "kind": "invoice",
        "layout": "hours",
        "record": {},
        "wrong": (),
        "asked": (),
        "misfits": (),
        "sums": (),
        "sound": True,
        "steps": 15,
        "corrections": 0,
        "confirmations": 0,
        "answered_by": {"model": 10, "words": 5},
        "seconds": 2.0,
    }
    return Row(**{**defaults, **fields})


def run_of(rows: list[Row], **fields: Any) -> Run:
    return Run(session="s", rows=rows, before=PROBE, after=PROBE, seconds=60.0, **fields)


@pytest.mark.parametrize(
    ("fields", "interventions"),
    [
        ({}, 0),
        ({"wrong": ("net", "tax")}, 2),
        ({"asked": ("due",)}, 1),
        ({"wrong": ("net",), "asked": ("net", "due"), "sums": ("x",)}, 2),
        ({"sums": ("x",)}, 1),
        ({"misfits": ("x",)}, 1),
    ],
)
def test_an_intervention_is_a_field_that_was_wrong_or_asked_about_or_a_flag_alone(
    fields: dict[str, Any], interventions: int
) -> None:
    assert row(1, **fields).interventions == interventions


def test_the_first_and_the_last_fifty_documents_are_compared() -> None:
    rows = [row(n, wrong=FIELDS[:3] if n <= 50 else ()) for n in range(1, 201)]
    summary = summarise(run_of(rows))
    assert summary["window"] == 50
    assert summary["fields_first"] == pytest.approx(6 / 9)
    assert summary["fields_last"] == 1.0
    assert summary["by_field"][FIELDS[0]] == [0.0, 1.0, 0.75]
    assert summary["by_kind"] == {
        "pdf invoice": [pytest.approx(6 / 9), 1.0, pytest.approx(33 / 36)]
    }
    assert [part["to"] for part in summary["curve"]] == list(range(25, 201, 25))
    assert [part["interventions_per_ten"] for part in summary["curve"]] == [30, 30, *[0] * 6]


@pytest.mark.parametrize(("documents", "window"), [(1, 1), (5, 2), (40, 20), (101, 50)])
def test_of_fewer_documents_the_halves_are_compared(documents: int, window: int) -> None:
    summary = summarise(run_of([row(n) for n in range(1, documents + 1)]))
    assert summary["window"] == window
    assert sum(part["documents"] for part in summary["curve"]) == documents


def test_flags_are_counted_by_what_they_found() -> None:
    rows = [
        row(1, wrong=("tax",), sums=("x",)),
        row(2, wrong=("seller",)),
        row(3, sums=("x",), sound=False),
        row(4, sound=False),
        row(5),
    ]
    assert summarise(run_of(rows))["flags"] == {
        "flagged": 2,
        "wrong_and_flagged": 1,
        "wrong": 2,
        "unsound": 2,
        "unsound_and_flagged": 1,
    }


def test_a_base_that_answers_otherwise_is_said_to_have_changed() -> None:
    run = run_of([row(1)])
    run.after = replace(PROBE, digest="abd")
    summary = summarise(run)
    assert "CHANGED" in summary_lines(summary)[-1]
    assert last_line(summary).endswith("base changed")


def test_the_screen_shows_every_ten_documents_and_ends_with_the_line_for_machines() -> None:
    out = io.StringIO()
    run = run_of([], waits=[Wait(10, 5.0)])
    run.tasks = {"docparse kind": {"examples": 9, "serving": "words", "expected_accuracy": 0.8}}
    with Screen(Console(file=out, width=120)) as screen:
        for number in range(1, 21):
            run.rows.append(row(number, asked=("due",)))
            screen.finished(run)
        screen.summary(run)
    lines = out.getvalue().splitlines()
    rows = [line.split()[:3] for line in lines if " to " in line[:12]]
    assert rows == [["1", "to", "10"], ["11", "to", "20"]]
    assert lines[-1] == (
        "docparse: 20 documents, fields first 1.00, last 1.00, interventions per ten 10 to 10, "
        "base unchanged"
    )
    json.dumps(as_json(run))
