"""The code-retrieval agent as its users start it, against the real server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest
from competitive_fakes import FakeDisplay

from examples.agent.server import read_launch
from examples.coderag.__main__ import main, write_code
from examples.coderag.agent import run_agent
from examples.coderag.plan import make_plan
from examples.coderag.tasks import make_tasks

if TYPE_CHECKING:
    from examples.coderag.agent import Run
    from examples.coderag.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "mcp.json"
LAST_LINE = re.compile(
    r"coderag: seed 2, 12 steps, \d+ right, \d+ interventions, \d+ tokens retrieved from "
    r"\d+ packages, max saturation \d\.\d\d"
)


@pytest.mark.slow
def test_the_job_runs_without_a_model_and_fails_only_for_what_that_engine_cannot(
    tmp_path: Path,
) -> None:
    """It counts words as tokens, so fewer than the job wants, and the exit status tells."""
    file = tmp_path / "run.json"
    options = ["--seed", "2", "--learn-seconds", "0", "--json", str(file)]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "examples.coderag", *options],
        cwd=ROOT,
        env={**os.environ, "HYPERNET_MCP_ENGINE": "echo", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=250,
        check=False,
    )
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


@pytest.mark.model
@pytest.mark.timeout(900)
def test_a_learned_task_reads_defaults_out_of_code_that_memory_brought(tmp_path: Path) -> None:
    """Two steps of the real model: prompts stay small, answers are spans of the code."""
    tasks = make_tasks()
    plans = [make_plan(seed, tasks) for seed in (1, 2)]
    (first,), (second,) = ([s for s in plan.steps if s.kind == "default"] for plan in plans)
    files = {**plans[0].files, **plans[1].files}
    plan = replace(
        plans[0], files=files, steps=(replace(first, number=1), replace(second, number=2))
    )
    run = _run(plan, tmp_path)
    assert run.served["coderag-default"][1] > 0.5
    for step, done in zip(plan.steps, run.rows, strict=True):
        assert done.found
        assert done.retrieved_tokens > 6_000
        assert done.saturation < 0.1
        assert done.output in files[step.source.removeprefix("code/")]
    assert any(done.correct for done in run.rows)


def _run(plan: Plan, folder: Path) -> Run:
    code = write_code(plan, folder)
    launch = read_launch(CONFIG, "hypernet-mcp", folder / "memory.db", folder / "log")
    launch = replace(launch, env={**launch.env, "HYPERNET_MCP_DOCUMENTS": str(code)})
    return anyio.run(partial(run_agent, plan, launch, 800.0, FakeDisplay()))


def test_a_json_file_that_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after minutes of work."""
    assert main(["--json", str(tmp_path / "none" / "run.json")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no such folder" in err
