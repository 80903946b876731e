"""docs/inspector.md, command by command: the Inspector over stdio, streamable HTTP and SSE."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "inspector.md"
INSPECTOR = ROOT / ".node" / "node_modules" / ".bin" / "mcp-inspector"
PROGRAM = Path(sys.executable).parent / "hypernet-mcp"
TOOLS = {"set_task", "run_step", "checkpoint_memory", "restore_memory", "remember", "recall"}

needs_inspector = pytest.mark.skipif(
    not (shutil.which("node") and INSPECTOR.exists()),
    reason="node or the Inspector is missing: `make .venv/node`",
)


@dataclass(frozen=True)
class Command:
    """One command of the page."""

    text: str
    exit_code: int
    away: bool
    """Whether it is to be run while the server is away."""


def commands() -> list[Command]:
    found = []
    for info, block in re.findall(r"^```sh( \w+)?\n(.*?)^```", PAGE.read_text(), re.M | re.S):
        text, _, note = block.strip().partition("    # exits with ")
        found.append(Command(text, int(note or 0), info == " away"))
    return found


def environment(database: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HYPERNET_MCP_ENGINE": "echo",
        "HYPERNET_MCP_DATABASE": str(database),
        "MCP_INSPECTOR_SECRET_STORE": "memory",
    }


@contextmanager
def serving(transport: str, database: Path) -> Iterator[list[str]]:
    """What the page calls SERVER; over HTTP a process, killed at the end."""
    if transport == "stdio":
        env = {k: v for k, v in environment(database).items() if k.startswith("HYPERNET_MCP_")}
        # The Inspector hands on only the variables that its config names.
        env |= {k: os.environ[k] for k in ("PYTHONPATH",) if k in os.environ}
        config = json.loads((ROOT / "mcp.json").read_text())
        config["mcpServers"]["hypernet-mcp"] |= {"command": str(PROGRAM), "env": env}
        file = database.parent.parent / "mcp.json"
        file.write_text(json.dumps(config))
        yield ["--config", str(file), "--server", "hypernet-mcp"]
        return
    with http_server(database) as address:
        path, kind = ("mcp", "http") if transport == "http" else ("sse", "sse")
        yield [f"{address}/{path}", "--transport", kind]


@contextmanager
def http_server(database: Path) -> Iterator[str]:
    command = [str(PROGRAM), "--transport", "http", "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment(database)
    ) as process:
        address = address_of(process)
        assert process.stderr is not None
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        try:
            yield address
        finally:
            process.kill()
            drain.join()


def run(command: Command, server: list[str], values: dict[str, str], database: Path) -> Any:
    """Run a command of the page, check its exit code, and keep the ids it gave."""
    text = command.text
    for name, value in values.items():
        text = text.replace(f"${name}", value)
    program, *words = shlex.split(text)
    assert program == "mcp-inspector"
    at = words.index("$SERVER")
    words[at : at + 1] = server
    done = subprocess.run(
        [str(INSPECTOR), *words],
        env=environment(database),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == command.exit_code, (command.text, done.stdout, done.stderr)
    if "--strict" in words:
        assert "error" not in done.stderr
        assert "warning" not in done.stderr
    if command.exit_code:
        return None
    result = json.loads(done.stdout)["result"]
    structured = result.get("structuredContent", {})
    for name in ("session_id", "checkpoint_id"):
        if name in structured:
            values[name.removesuffix("_id").upper()] = structured[name]
    return structured or result


@needs_inspector
@pytest.mark.crash
@pytest.mark.parametrize("transport", ["stdio", "http", "sse"])
def test_the_page_s_session_goes_through_a_kill(transport: str, database: Path):
    steps = commands()
    away = next(n for n, command in enumerate(steps) if command.away)
    values: dict[str, str] = {}
    with serving(transport, database) as server:
        tools, task, *_, last = [run(c, server, values, database) for c in steps[:away]]
    if transport != "stdio":
        run(steps[away], server, values, database)
    with serving(transport, database) as server:
        restored, replayed, _ = [run(c, server, values, database) for c in steps[away + 1 :]]
    assert {tool["name"] for tool in tools["tools"]} >= TOOLS
    assert last["step"] == 2
    assert restored["session"]["steps"] == 1
    assert restored["session"]["session_id"] == task["session_id"]
    assert (replayed["step"], replayed["replayed"]) == (1, True)


def test_the_page_shows_every_exit_code_that_it_speaks_of():
    assert {command.exit_code for command in commands()} == {0, 4, 5}
    assert len(commands()) == 9
