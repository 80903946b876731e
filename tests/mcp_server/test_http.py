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
