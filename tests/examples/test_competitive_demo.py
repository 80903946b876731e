"""The demo as its users start it, against the real server with the engine that needs no model."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

import anyio
import pytest
from example_run import ECHO, ROOT, run_example

from examples.agent.server import connect, read_launch
from examples.competitive_intel.__main__ import main

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

pytestmark = pytest.mark.crash

CONFIG = ROOT / "mcp.json"
LAST_LINE = re.compile(
    r"demo: 14 steps, \d+ tasks, 5 checkpoints, killed after 7, resumed at 8, "
    r"max saturation \d\.\d\d"
)


def demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_example("competitive_intel", *arguments, env=ECHO, timeout=120)


def config(folder: Path, command: str, *args: str) -> Path:
    file = folder / "other.json"
    server = {"command": command, "args": list(args)}
    file.write_text(json.dumps({"mcpServers": {"hypernet-mcp": server}}))
    return file


def test_the_demo_goes_on_after_the_kill_without_losing_or_repeating_a_step(tmp_path: Path) -> None:
    """Step 7 is given back as it was, steps 8 to 14 run, and the file says what the screen says."""
    file = tmp_path / "run.json"
    done = demo("--json", file, "--database", tmp_path / "memory.db")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert LAST_LINE.fullmatch(done.stdout.splitlines()[-1])
    assert "killed the server" in done.stdout
    data = json.loads(file.read_text(encoding="utf-8"))
    shown = [(row["step"], row["replayed"]) for row in data["steps"]]
    assert shown == [
        *((n, False) for n in range(1, 8)),
        (7, True),
        *((n, False) for n in range(8, 15)),
    ]
    assert sorted(data["checkpoints"].values()) == [3, 6, 9, 12, 14]
    asked = [row for row in data["steps"] if row["kind"] == "ask"]
    assert all(row["subject"] in row["sources"] for row in asked)
    assert (tmp_path / "memory.db").exists()
    named = {"intel-area", "intel-licence", "intel-python", "intel-maturity"}
    assert set(data["summary"]["learned"]) == named
    assert all(f"-- learned {name}: right of" in done.stdout for name in named)
    # The next run on the same memory waits for nothing, and finds all of it learned.
    again = demo("--json", file, "--database", tmp_path / "memory.db", "--learn-seconds", "0")
    assert again.returncode == 0, again.stderr
    later = json.loads(file.read_text(encoding="utf-8"))
    assert later["measured"] == data["measured"]
    assert later["session"] != data["session"]


@pytest.mark.skipif(sys.platform == "win32", reason="asks for a process by POSIX signal 0")
def test_the_kill_leaves_no_process_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pid that the agent reports is gone, and a second server opens the same database."""
    monkeypatch.setenv("HYPERNET_MCP_ENGINE", "echo")
    launch = read_launch(CONFIG, "hypernet-mcp", tmp_path / "memory.db", tmp_path / "log")

    async def live_twice() -> tuple[int, list[str]]:
        async with connect(launch) as link:
            opened = await link.call("set_task", {"task": "Sort."}, lambda _: None)
            pid = await link.kill()
        async with connect(launch) as link:
            status = await link.call("status", {"session_id": opened["session_id"]}, lambda _: None)
        return pid, [session["task"] for session in status["sessions"]]

    pid, tasks = anyio.run(live_twice)
    assert tasks == ["Sort."]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_missing_server_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, and a failing exit code."""
    assert main(["--config", str(config(tmp_path, "no-such-command"))]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "demo: failed: server not found: no command no-such-command; install the project first"
    ]


def test_a_server_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    """What it wrote to stderr is the best hint there is."""
    dying = "import sys; sys.exit('the disk is full')"
    done = demo("--config", config(tmp_path, sys.executable, "-c", dying))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "demo: failed: the server gave no answer (the server's last words: the disk is full)"
    ]


def test_a_tool_error_reaches_the_user_in_the_server_s_words(tmp_path: Path) -> None:
    """A model that cannot be loaded is the likeliest one."""
    file = config(tmp_path, "hypernet-mcp")
    broken = json.loads(file.read_text())
    broken["mcpServers"]["hypernet-mcp"]["env"] = {
        "HYPERNET_MCP_ENGINE": "torch",
        "HYPERNET_MCP_BASE": str(tmp_path / "nothing.gguf"),
    }
    file.write_text(json.dumps(broken))
    done = demo("--config", file)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("demo: failed: set_task: ")
    assert "nothing.gguf" in line


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is not JSON"), ("{}", "has no server named"), ("[]", "has no server named")],
)
def test_an_unusable_config_is_named(
    tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is wrong in it."""
    file = tmp_path / "mcp.json"
    file.write_text(text)
    assert main(["--config", str(file)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_json_file_that_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after minutes of work."""
    assert main(["--json", str(tmp_path / "none" / "run.json")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no such folder" in err
