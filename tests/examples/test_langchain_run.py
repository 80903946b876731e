"""The example with the real packages and the real model, where LangChain is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from example_run import ROOT, run_example

from examples.langchain.install import installed

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / ".langchain"
there = pytest.mark.skipif(
    installed(FOLDER) is None,
    reason="LangChain is not installed: `make langchain` installs it into .langchain",
)


@there
@pytest.mark.model
@pytest.mark.timeout(2400)
def test_every_step_of_the_agent_runs_under_its_own_weights(tmp_path: Path) -> None:
    """All checks hold, and the packages' metadata confirms nearly every answer."""
    file = tmp_path / "run.json"
    done = run_example("langchain", "--json", file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    data = json.loads(file.read_text(encoding="utf-8"))
    assert {check["name"] for check in data["checks"] if not check["holds"]} == set()
    summary = data["summary"]
    assert (summary["steps"], summary["tasks"], summary["adapters"]) == (16, 4, 4)
    assert (summary["by_v1"], summary["by_mcp"], summary["checked"]) == (12, 4, 16)
    assert summary["confirmed"] >= 13
    assert done.stdout.splitlines()[-1].startswith("langchain: 16 steps, 12 by /v1 and 4 by MCP")


@there
@pytest.mark.slow
def test_the_hook_fits_the_types_of_the_installed_packages() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "-m", "examples.langchain.middleware"]
    done = subprocess.run(
        [*command, "--python-executable", str(installed(FOLDER))],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
