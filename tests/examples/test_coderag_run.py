"""The code-retrieval agent as its users start it, against the real server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from example_run import ECHO, run_example

from examples.coderag.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

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
