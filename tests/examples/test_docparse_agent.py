"""The docparse agent as its users start it, against the real server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from examples.docparse.__main__ import main
from examples.docparse.record import FIELDS

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "mcp.json"
LAST_LINE = re.compile(
    r"docparse: \d+ documents, fields first \d\.\d\d, last \d\.\d\d, "
    r"interventions per ten [\d.]+ to [\d.]+, base unchanged"
)


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HYPERNET_MCP_ENGINE", "echo")
    monkeypatch.setenv("HYPERNET_MCP_CACHE", str(tmp_path / "cache"))


def run(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """The file of a run that went well."""
    file = tmp_path / "run.json"
    assert main(["--json", str(file), *arguments]) == 0
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.usefixtures("echo")
def test_the_agent_reads_checks_and_learns_over_the_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A classifier by words learns beside the engine that only echoes, so even it gets better."""
    data = run(tmp_path, "--documents", "20", "--folder", str(tmp_path / "post"))
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "\x1b" not in shown.out
    assert LAST_LINE.fullmatch(shown.out.splitlines()[-1])
    rows, summary = data["documents"], data["summary"]
    assert [row["number"] for row in rows] == list(range(1, 21))
    assert {row["name"] for row in rows} == {f.name for f in (tmp_path / "post").iterdir()}
    assert [wait["after"] for wait in data["waits"]] == [0, 10]
    assert sum(row["corrections"] for row in rows) == summary["corrections"] > 0
    assert data["tasks"]["docparse amounts"]["examples"] >= 8
    assert data["tasks"]["docparse amounts"]["serving"] is not None
    assert {"words", "both"} & set(summary["answered_by"])
    assert summary["window"] == 10
    assert summary["fields_last"] > summary["fields_first"]
    assert summary["base_before"] == summary["base_after"]
    wrong = sum(len(row["wrong"]) for row in rows)
    right = sum(summary["by_field"][name][2] for name in FIELDS) * len(rows)
    assert right == pytest.approx(len(FIELDS) * len(rows) - wrong)
    assert sum(part["documents"] for part in summary["curve"]) == 20


@pytest.mark.slow
@pytest.mark.usefixtures("echo")
def test_a_task_that_was_kept_goes_on_learning_in_the_next_run(tmp_path: Path) -> None:
    database = str(tmp_path / "memory.db")
    first = run(tmp_path, "--documents", "5", "--database", database)
    second = run(tmp_path, "--documents", "5", "--seed", "2", "--database", database)
    kept = "docparse amounts"
    assert second["tasks"][kept]["examples"] > first["tasks"][kept]["examples"]


def test_a_missing_server_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"mcpServers": {"hypernet-mcp": {"command": "no-such-command"}}}))
    assert main(["--config", str(file)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "docparse: failed: server not found: no command no-such-command; install the project first"
    ]


def test_a_json_file_that_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after minutes of work."""
    assert main(["--json", str(tmp_path / "none" / "run.json")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no such folder" in err


@pytest.mark.parametrize("count", ["0", "5001", "many"])
def test_a_number_of_documents_that_cannot_be_is_refused(
    count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--documents", count])
    assert "--documents" in capsys.readouterr().err
