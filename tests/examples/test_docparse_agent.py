"""The docparse agent as its users start it, against the real server."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from competitive_fakes import FakeDisplay

from examples.agent.server import connect, read_launch
from examples.docparse import tasks
from examples.docparse.__main__ import main
from examples.docparse.agent import Agent, Run, examples_of
from examples.docparse.papers.files import write_papers
from examples.docparse.papers.making import make_papers
from examples.docparse.record import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.agent.server import Link

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "mcp.json"
LAST_LINE = re.compile(
    r"docparse: \d+ documents, fields first \d\.\d\d, last \d\.\d\d, "
    r"interventions per ten [\d.]+ to [\d.]+, base unchanged"
)


UNLEARNED = 5
"""Tasks with so few examples are not learned, which would take minutes."""
LINES = (
    ("3 x desk lamp  120.00", "desk lamp"),
    ("bicycle bell, 12,50", "bicycle bell"),
    ("- carrot cake: 4.80", "carrot cake"),
    ("paint brush (5) 21.00", "paint brush"),
    ("1 | winter coat | 149,00", "winter coat"),
    ("56.00  piano lesson (2)", "piano lesson"),
    ("2 of fence post -> 31,00", "fence post"),
    ("copper wire .... 17.25", "copper wire"),
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


async def copied_by(link: Link, session: str, texts: list[str]) -> list[str]:
    """What the task that copies what was sold answers."""
    nothing: Callable[[str], None] = lambda _: None  # noqa: E731  # no progress is shown
    await link.call("set_task", {"session_id": session, "name": tasks.ITEM.name}, nothing)
    asked = {"session_id": session, "copy": True, "max_tokens": tasks.ITEM.max_tokens}
    return [
        str((await link.call("run_step", {**asked, "input": text}, nothing))["output"]).strip()
        for text in texts
    ]


@pytest.mark.model
def test_the_real_model_reads_and_copies_takes_corrections_and_stays_as_it_was(
    tmp_path: Path,
) -> None:
    """Twice as good as answers by rule, and all right where a person corrected the same before."""
    post, run = tmp_path / "post", Run()
    post.mkdir()
    papers = make_papers(2, seed=3)
    write_papers(papers, post)
    launch = read_launch(CONFIG, "hypernet-mcp", tmp_path / "memory.db", tmp_path / "log")
    launch = replace(launch, env={**launch.env, "HYPERNET_MCP_DOCUMENTS": str(post)})

    async def job() -> list[str]:
        async with connect(launch) as link:
            for task in (tasks.COMPANY, tasks.ITEM):
                few = (examples_of(task) or [])[:UNLEARNED]
                saved = {"name": task.name, "task": task.text, "copy": True, "examples": few}
                await link.call("save_task", saved, lambda _: None)
            agent = Agent(link, FakeDisplay(), run)
            await agent.begin()
            copied = await copied_by(link, run.session, [line for line, _ in LINES])
            await agent.remember([post / paper.name for paper in papers])
            await agent.read(1, papers, post.name)
            await agent.read(3, papers[:1], post.name)
            await agent.finish()
            return copied

    copied = anyio.run(job)
    right = [output == expected for output, (_, expected) in zip(copied, LINES, strict=True)]
    assert sum(right) >= 6, copied
    first, again = run.rows[:2], run.rows[2]
    assert sum(len(row.wrong) for row in first) <= 8
    assert again.wrong == ()
    assert again.answered_by["example"] >= 8
    assert run.before is not None
    assert run.before.right >= 7
    assert run.before.loss < 1
    assert run.after == run.before


@pytest.mark.usefixtures("echo")
def test_the_labels_of_documents_that_were_corrected_before_are_right(tmp_path: Path) -> None:
    """A corrected answer is certain. Names may be copied from other lines than before, though."""
    kept = ("--documents", "3", "--database", str(tmp_path / "memory.db"))
    first, again = run(tmp_path, *kept), run(tmp_path, *kept)
    assert sum(len(row["wrong"]) for row in first["documents"]) > 0
    assert {name for row in again["documents"] for name in row["wrong"]} <= {"seller", "items"}


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
