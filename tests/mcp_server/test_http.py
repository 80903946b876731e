"""The HTTP transports: the real process on a loopback port, the same tools as over stdio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from processes import address_of
from serving import bearer, connected_to

from mcp_server.http.tokens import add_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support import Caller

# Each test starts a process; what is behind the port is tested in one process elsewhere.
pytestmark = [pytest.mark.anyio, pytest.mark.crash]


@contextmanager
def serving(database: Path, *options: str, transport: str = "http") -> Iterator[tuple[str, Any]]:
    """A server process on a free port; gives its address once it listens, and the process."""
    command = [str(Path(sys.executable).parent / "hypernet-mcp"), "--transport", transport]
    process = subprocess.Popen(
        [*command, "--port", "0", "--engine", "echo", "--database", str(database), *options],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        yield address_of(process), process
    finally:
        process.terminate()
        process.wait(20)
        if process.stderr is not None:
            process.stderr.close()


def test_a_port_that_is_in_use_is_told_with_who_has_it_and_no_stack(database: Path):
    with serving(database) as (address, process):
        port = address.rpartition(":")[2]
        done = subprocess.run(
            [
                sys.executable, "-m", "mcp_server", "--transport", "http", "--port", port,
                "--engine", "echo", "--database", str(database.with_name("other.db")),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"address 127.0.0.1:{port}: in use by process {process.pid}" in done.stderr
    assert "--port" in done.stderr
    assert "Errno" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not database.with_name("other.db").exists()


def test_an_address_that_is_not_this_machine_s_is_told_by_its_settings(
    database: Path, tmp_path: Path
):
    add_token(file := tmp_path / "tokens", "alice")
    for host, why in (("192.0.2.1", "not this machine's"), ("no-such.invalid", "not known here")):
        done = subprocess.run(
            [
                sys.executable, "-m", "mcp_server", "--transport", "http", "--host", host,
                "--tokens", str(file), "--engine", "echo", "--database", str(database),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert why in done.stderr
        assert "HYPERNET_MCP_HOST" in done.stderr


async def test_repeated_slashes_reach_the_same_server(database: Path):
    with serving(database) as (address, _):
        async with httpx2.AsyncClient() as client:
            for path in ("/healthz", "//healthz", "///healthz//"):
                assert (await client.get(f"{address}{path}")).status_code == 200
            body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            accept = {"Accept": "application/json, text/event-stream"}
            answers = [
                await client.post(f"{address}{path}", json=body, headers=accept)
                for path in ("/mcp", "//mcp", "//mcp//")
            ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert not any(answer.is_redirect for answer in answers)


async def run_a_job(call: Caller) -> str:
    session = await call.begin("Repeat.")
    step = await call("run_step", session_id=session, input="over the wire")
    assert step["output"] == "over the wire"
    return session


@pytest.mark.parametrize("transport", ["http", "streamable-http", "sse"])
async def test_one_port_serves_both_transports_and_one_memory_under_each_name(
    database: Path, transport: str
):
    with serving(database, transport=transport) as (address, _):
        async with connected_to(address) as call:
            first = await run_a_job(call)
        async with connected_to(address, era="legacy") as call:
            second = await run_a_job(call)
        async with connected_to(address, transport="sse") as call:
            third = await run_a_job(call)
            status = await call("status")
    assert [s["session_id"] for s in status["sessions"]] == [third, second, first]


async def test_a_foreign_host_or_origin_is_refused(database: Path):
    with serving(database) as (address, _):
        async with httpx2.AsyncClient() as client:
            host = await client.post(f"{address}/mcp", json={}, headers={"Host": "evil.example"})
            origin = await client.post(
                f"{address}/mcp", json={}, headers={"Origin": "http://evil.example"}
            )
    assert host.status_code == 421
    assert origin.status_code == 403


async def test_with_tokens_it_serves_beyond_this_machine_and_logs_who_called(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HYPERNET_MCP_LOG_FORMAT", "json")
    token = add_token(file := tmp_path / "tokens", "alice")
    options = ("--host", "0.0.0.0", "--tokens", str(file))  # noqa: S104  # what is tested
    with serving(database, *options) as (address, process):
        address = address.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # the other way round
        async with httpx2.AsyncClient() as client:
            assert (await client.get(f"{address}/healthz")).status_code == 200
            assert (await client.get(f"{address}/metrics")).status_code == 401
            metrics = await client.get(f"{address}/metrics", headers=bearer(token))
        assert "hypernet_mcp_model_ready" in metrics.text
        async with connected_to(address, token) as call:
            session = await run_a_job(call)
        process.terminate()
        lines = [json.loads(line) for line in process.stderr]
    calls = [line for line in lines if line["message"] == "call"]
    assert [(c["tool"], c["principal"]) for c in calls] == [
        ("set_task", "alice"),
        ("run_step", "alice"),
    ]
    assert session not in str(lines)
    assert token not in str(lines)


async def test_a_stream_held_open_does_not_keep_the_process(database: Path):
    with serving(database) as (address, process):
        async with connected_to(address, transport="sse") as call:
            await run_a_job(call)
            process.terminate()
            assert process.wait(20) == 0
