"""The HTTP transports: the real process on a loopback port, the same tools as over stdio."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from mcp import Client
from mcp.client.sse import sse_client

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio


@contextmanager
def serving(transport: str, database: Path) -> Iterator[str]:
    """A server process on a free port; gives its address once it listens."""
    command = [str(Path(sys.executable).parent / "hypernet-mcp"), "--transport", transport]
    process = subprocess.Popen(
        [*command, "--port", "0", "--engine", "echo", "--database", str(database)],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                yield found[1]
                break
        else:
            raise AssertionError("the server ended before it listened")
    finally:
        process.terminate()
        process.wait(20)
        if process.stderr is not None:
            process.stderr.close()


async def run_a_job(client: Client) -> str:
    task = await client.call_tool("set_task", {"task": "Repeat."})
    assert task.structured_content
    arguments = {"session_id": task.structured_content["session_id"], "input": "over the wire"}
    step = await client.call_tool("run_step", arguments)
    assert step.structured_content
    return str(step.structured_content["output"])


async def test_a_job_runs_over_streamable_http(database: Path, era: str):
    with serving("streamable-http", database) as address:
        async with Client(f"{address}/mcp", mode=era) as client:
            assert await run_a_job(client) == "over the wire"


async def test_a_job_runs_over_sse_and_two_connections_share_one_memory(database: Path):
    with serving("sse", database) as address:
        async with Client(sse_client(f"{address}/sse"), mode="legacy") as first:
            assert await run_a_job(first) == "over the wire"
        async with Client(sse_client(f"{address}/sse"), mode="legacy") as second:
            status = await second.call_tool("status", {})
    assert status.structured_content
    assert [s["steps"] for s in status.structured_content["sessions"]] == [1]


async def test_a_foreign_host_or_origin_is_refused(database: Path):
    with serving("streamable-http", database) as address:
        async with httpx2.AsyncClient() as client:
            host = await client.post(f"{address}/mcp", json={}, headers={"Host": "evil.example"})
            origin = await client.post(
                f"{address}/mcp", json={}, headers={"Origin": "http://evil.example"}
            )
    assert host.status_code == 421
    assert origin.status_code == 403
