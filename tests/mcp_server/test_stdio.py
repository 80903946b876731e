"""The real process over its real pipes: what mcp.json says, kills, stray output."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest
from mcp import Client, StdioServerParameters

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent.parent


def environment(database: Path) -> dict[str, str]:
    """The launcher's environment: this Python's scripts first, the echo engine, a fresh file."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **os.environ,
        "PATH": path,
        "HYPERNET_MCP_ENGINE": "echo",
        "HYPERNET_MCP_DATABASE": str(database),
    }


def launched_as_mcp_json_says(database: Path) -> StdioServerParameters:
    entry = json.loads((ROOT / "mcp.json").read_text())["mcpServers"]["hypernet-mcp"]
    env = environment(database) | entry.get("env", {})
    command = shutil.which(entry["command"], path=env["PATH"])
    assert command, f"{entry['command']} is not installed"
    return StdioServerParameters(command=command, args=entry["args"], env=env)


@pytest.mark.crash
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_what_mcp_json_says_starts_a_server_that_runs_a_job(database: Path, mode: str):
    async with Client(launched_as_mcp_json_says(database), mode=mode) as client:
        task = await client.call_tool("set_task", {"task": "Repeat the text."})
        assert task.structured_content
        arguments = {"session_id": task.structured_content["session_id"], "input": "so it works"}
        step = await client.call_tool("run_step", arguments)
    assert step.structured_content
    assert step.structured_content["output"] == "so it works"


class Wire:
    """JSON-RPC lines over a server process's pipes, and every byte it wrote to stdout."""

    def __init__(self, database: Path, *args: str) -> None:
        self.process = subprocess.Popen(
            [str(Path(sys.executable).parent / "hypernet-mcp"), *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(database),
        )
        self.lines: list[bytes] = []
        self.ids = 0

    def __enter__(self) -> Wire:
        self.call(
            "initialize",
            protocolVersion="2025-06-18",
            capabilities={},
            clientInfo={"name": "test", "version": "0"},
        )
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            _pipe(pipe).close()

    def send(self, message: dict[str, Any]) -> None:
        _pipe(self.process.stdin).write(json.dumps(message).encode() + b"\n")
        _pipe(self.process.stdin).flush()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.ids += 1
        self.send({"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params})
        while True:
            line = _pipe(self.process.stdout).readline()
            assert line, _pipe(self.process.stderr).read().decode()
            self.lines.append(line)
            message = json.loads(line)
            if message.get("id") == self.ids:
                return dict(message["result"])

    def tool(self, name: str, **arguments: Any) -> dict[str, Any]:
        return dict(self.call("tools/call", name=name, arguments=arguments)["structuredContent"])


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


@pytest.mark.crash
def test_parameters_that_are_not_the_method_s_are_named_in_plain_words(database: Path):
    wrong: list[tuple[str, dict[str, Any] | None, str]] = [
        ("tools/call", None, "params: is missing"),
        ("tools/call", {"name": 5}, "params.name: should be text"),
        (
            "tools/call",
            {"name": "status", "arguments": []},
            "params.arguments: should be an object",
        ),
        ("resources/read", {"uri": 5}, "params.uri: should be text"),
        ("prompts/get", {"name": "run_a_long_job"}, "job: is missing"),
        (
            "prompts/get",
            {"name": "run_a_long_job", "arguments": {"job": 5}},
            "params.arguments.job",
        ),
        ("prompts/list", {"cursor": 5}, "params.cursor: should be text"),
        ("logging/setLevel", {"level": "loud"}, "params.level: should be 'alert', "),
    ]
    with Wire(database) as wire:
        for number, (method, params, told) in enumerate(wrong):
            frame = {"jsonrpc": "2.0", "id": f"n{number}", "method": method, "params": params}
            wire.send({name: value for name, value in frame.items() if value is not None})
            error = json.loads(_pipe(wire.process.stdout).readline())["error"]
            assert error["code"] == -32602
            assert error["message"].startswith(told)


@pytest.mark.crash
def test_a_variable_that_is_named_like_a_setting_and_is_none_is_told_at_the_start(
    database: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HYPERNET_MCP_DATABSE", "x.db")
    monkeypatch.setenv("HYPERNET_MPC_PORT", "8001")
    monkeypatch.setenv("HYPERNET_MCPDEVICE", "cpu")
    with Wire(database) as wire:
        _pipe(wire.process.stdin).close()
        said = _pipe(wire.process.stderr).read().decode()
        wire.process.stdin = open(os.devnull, "wb")  # noqa: SIM115  # for the common clean-up
    assert (
        "HYPERNET_MCP_DATABSE is set and is no setting, did you mean HYPERNET_MCP_DATABASE?" in said
    )
    assert "HYPERNET_MPC_PORT is set and is no setting, did you mean HYPERNET_MCP_PORT?" in said
    assert "HYPERNET_MCPDEVICE is set and is no setting" in said


@pytest.mark.crash
def test_a_server_killed_between_steps_loses_no_acknowledged_step(database: Path):
    with Wire(database) as wire:
        session = wire.tool("set_task", task="Repeat.")["session_id"]
        for n in range(1, 5):
            wire.tool("run_step", session_id=session, input=f"step {n}", step_key=f"k{n}")
        wire.process.kill()
    with Wire(database) as wire:
        state = wire.tool("status", session_id=session)["sessions"][0]
        replay = wire.tool("run_step", session_id=session, input="step 4", step_key="k4")
        step = wire.tool("run_step", session_id=session, input="step 5", step_key="k5")
    assert state["steps"] == 4
    assert (replay["replayed"], replay["output"]) == (True, "step 4")
    assert step["step"] == 5


@pytest.mark.crash
def test_nothing_but_protocol_reaches_stdout_even_at_the_end(database: Path):
    with Wire(database) as wire:
        session = wire.tool("set_task", task="Repeat.")["session_id"]
        wire.tool("run_step", session_id=session, input="x")
        _pipe(wire.process.stdin).close()
        rest = _pipe(wire.process.stdout).read()
        code = wire.process.wait(20)
        wire.process.stdin = open(os.devnull, "wb")  # noqa: SIM115  # for the common clean-up
    for line in [*wire.lines, *rest.splitlines(keepends=True)]:
        assert json.loads(line)["jsonrpc"] == "2.0"
    assert code == 0


@pytest.mark.crash
def test_a_second_server_on_the_same_file_says_who_holds_it(database: Path):
    with Wire(database) as first, Wire(database) as second:
        first.tool("set_task", task="Repeat.")
        refused = second.call("tools/call", name="status", arguments={})
    assert refused["isError"]
    assert f"process {first.process.pid}" in refused["content"][0]["text"]


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_sigterm_ends_the_process_and_the_next_one_opens_the_file(database: Path):
    with Wire(database) as wire:
        session = wire.tool("set_task", task="Repeat.")["session_id"]
        wire.process.send_signal(signal.SIGTERM)
        wire.process.wait(20)
    with Wire(database) as wire:
        assert wire.tool("status", session_id=session)["sessions"][0]["session_id"] == session
