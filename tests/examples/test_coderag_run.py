"""The code-retrieval agent as its users start it, against the real server."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
import pytest
from competitive_fakes import FakeDisplay
from example_run import ECHO, ROOT, run_example

from examples.agent.server import read_launch
from examples.coderag import tasks
from examples.coderag.__main__ import main, write_code
from examples.coderag.agent import run_agent
from examples.coderag.plan import ROOT as CODE
from examples.coderag.plan import make_plan

if TYPE_CHECKING:
    from pathlib import Path

    from examples.coderag.plan import Plan

LAST_LINE = re.compile(
    r"coderag: seed 2, 12 steps, \d+ right, \d+ interventions, \d+ tokens retrieved from "
    r"\d+ packages, max saturation \d\.\d\d"
)


SEEDS = (2, 6, 9, 10)
"""Whose signatures are in short files: reading the others takes longer than learning."""
ONE_PART = 26
"""Of so many examples a single part is held out: learning takes two trainings instead of five."""


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A job of the signatures of four jobs, over their files alone, by short examples."""
    monkeypatch.setattr(tasks, "MOST", 4 * ONE_PART)
    made = tasks.make_tasks()
    shortest = sorted(made["signature"].examples, key=lambda example: len(example[0]))
    task = replace(made["signature"], examples=tuple(shortest[:ONE_PART]))
    plans = [make_plan(seed, {**made, "signature": task}) for seed in SEEDS]
    found = [(step, plan) for plan in plans for step in plan.steps if step.kind == "signature"]
    files = {
        file: plan.files[file]
        for step, plan in found
        for file in [step.source.removeprefix(f"{CODE}/")]
    }
    steps = [replace(step, number=number) for number, (step, _) in enumerate(found, 1)]
    return replace(plans[0], files=files, steps=tuple(steps))


@pytest.mark.model
def test_a_learned_task_copies_signatures_out_of_the_code_that_memory_brings(
    signatures: Plan, tmp_path: Path
) -> None:
    """With the real model, which gets none of them right by the prompt alone."""
    code = write_code(signatures, tmp_path)
    launch = read_launch(
        ROOT / "mcp.json", "hypernet-mcp", tmp_path / "memory.db", tmp_path / "server.log"
    )
    launch = replace(launch, env={**launch.env, "HYPERNET_MCP_DOCUMENTS": str(code)})
    run = anyio.run(partial(run_agent, signatures, launch, 600.0, FakeDisplay()))
    way, expected = run.served["coderag-signature"]
    assert way == "trained"
    assert expected > 0.5
    assert [row.found for row in run.rows] == [True] * 4
    assert sum(row.correct for row in run.rows) >= 3, [row.output for row in run.rows]
    assert all(row.adapter == run.rows[0].adapter for row in run.rows)
    assert max(row.saturation for row in run.rows) < 0.1


@pytest.mark.slow
def test_the_job_runs_without_a_model_and_fails_only_for_what_that_engine_cannot(
    tmp_path: Path,
) -> None:
    """It counts words as tokens, so fewer than the job wants, and the exit status tells."""
    file = tmp_path / "run.json"
    options = ("--seed", "2", "--learn-seconds", "0", "--json", file)
    done = run_example("coderag", *options, env=ECHO, timeout=250)
    assert LAST_LINE.fullmatch(done.stdout.splitlines()[-1]), done.stderr
    assert "\x1b" not in done.stdout
    data = json.loads(file.read_text(encoding="utf-8"))
    assert len(data["steps"]) == 12
    assert data["summary"]["code_found"] >= 10
    assert data["summary"]["retrieved_packages"] >= 7
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("coderag: failed: ")
    assert line.endswith("tokens were retrieved, 94000 are wanted")


def test_a_json_file_that_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after minutes of work."""
    assert main(["--json", str(tmp_path / "none" / "run.json")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no such folder" in err
