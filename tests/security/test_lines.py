"""Standard input: a line of any length takes no more memory than the limit."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mcp_server.protocol.stdio import bounded_lines

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Measured(io.BytesIO):
    """Keeps the size of the largest part that was read."""

    largest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        part = super().readline(size)
        self.largest = max(self.largest, len(part))
        return part


async def test_a_line_over_the_limit_is_left_out_reported_and_the_next_ones_are_read():
    refusals: list[int] = []

    async def too_long() -> None:
        refusals.append(1)

    file = Measured(b"first\n" + b"x" * 5_000_000 + b"\nafter\n" + b"\xff\n" + b"y" * 99)
    lines = [line async for line in bounded_lines(file, too_long, most=100)]
    assert lines == ["first\n", "after\n", "\ufffd\n", "y" * 99]
    assert refusals == [1]
    assert file.largest <= 1024**2


@pytest.mark.parametrize(("length", "kept"), [(99, True), (100, False)])
async def test_the_limit_counts_the_end_of_the_line(length: int, kept: bool):
    async def too_long() -> None:
        pass

    file = io.BytesIO(b"x" * length + b"\n")
    lines = [line async for line in bounded_lines(file, too_long, most=100)]
    assert bool(lines) is kept


async def test_an_unended_line_over_the_limit_ends_with_the_file():
    refusals: list[int] = []

    async def too_long() -> None:
        refusals.append(1)

    assert [line async for line in bounded_lines(io.BytesIO(b"x" * 500), too_long, most=100)] == []
    assert refusals == [1]


SMALL_LIMIT = """
from mcp_server.protocol import stdio
stdio.LINE_BYTES = 5_000
from mcp_server.cli.main import main
main()
"""


@pytest.mark.crash
def test_a_server_answers_a_line_over_its_limit_with_an_error_and_goes_on(tmp_path: Path):
    command = [sys.executable, "-c", SMALL_LIMIT, "--engine", "echo"]
    opening = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    }
    with subprocess.Popen(
        [*command, "--database", str(tmp_path / "memory.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for line in (
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": opening}),
            json.dumps({"jsonrpc": "2.0", "id": 2, "method": "ping", "params": {"a": "x" * 9_000}}),
            json.dumps({"jsonrpc": "2.0", "id": 3, "method": "ping"}),
        ):
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.wait(30) == 0
    assert [each["id"] for each in answers] == [1, None, 3]
    assert "left out unread" in answers[1]["error"]["message"]
    assert answers[2]["result"] == {}
