"""The example in a real n8n with the real model, where n8n is installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from example_run import ROOT, run_example

from examples.n8n.install import installed

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / ".n8n"


@pytest.mark.model
@pytest.mark.timeout(1200)
@pytest.mark.skipif(
    installed(FOLDER) is None, reason="n8n is not installed: `make n8n` installs it into .n8n"
)
def test_a_workflow_outlives_its_server_and_model_nodes_change_weights_in_a_real_n8n(
    tmp_path: Path,
) -> None:
    """All checks hold, and the pages confirm nearly every answer."""
    file = tmp_path / "run.json"
    done = run_example("n8n", "--json", file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    data = json.loads(file.read_text(encoding="utf-8"))
    assert {check["name"] for check in data["checks"] if not check["holds"]} == set()
    summary = data["summary"]
    assert (summary["steps"], summary["tasks"], summary["checkpoints"]) == (20, 5, 6)
    assert summary["killed_after"] in (10, 11)
    assert summary["last_checkpoint_then"] == 9
    assert summary["replayed_again"] == 20
    assert summary["confirmed"] >= 18
    assert (summary["model_nodes"], summary["model_adapters"]) == (6, 5)
    assert summary["model_calls"] == {"responses": 32, "chat.completions": 16}
    assert (summary["model_recorded"], summary["model_replayed_again"]) == (20, 12)
    assert summary["model_confirmed"] >= 22
