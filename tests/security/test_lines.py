"""Standard input: every line is answered, and one of any length takes no more than the limit."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from mcp.types import INVALID_REQUEST, PARSE_ERROR

from mcp_server.protocol.stdio import bounded_lines
from mcp_server.schema.frames import mended, mended_body

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.types import ErrorData

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
    refusals: list[str] = []

    async def refuse(line: str, error: ErrorData) -> None:
        refusals.append(f"{line[:3]} {error.message}")

    file = Measured(b"first\n" + b"x" * 5_000_000 + b"\nafter\n" + b"\xff\n" + b"y" * 99)
    lines = [line async for line in bounded_lines(file, refuse, most=100)]
    assert lines == ["first\n", "after\n", "\ufffd\n", "y" * 99]
    assert refusals == ["xxx a message of more than 100 bytes was left out unread"]
    assert file.largest <= 1024**2


@pytest.mark.parametrize(("length", "kept"), [(99, True), (100, False)])
async def test_the_limit_counts_the_end_of_the_line(length: int, kept: bool):
    async def refuse(line: str, error: ErrorData) -> None:
        pass

    file = io.BytesIO(b"x" * length + b"\n")
    lines = [line async for line in bounded_lines(file, refuse, most=100)]
    assert bool(lines) is kept


async def test_an_unended_line_over_the_limit_ends_with_the_file():
    refusals: list[str] = []

    async def refuse(line: str, error: ErrorData) -> None:
        refusals.append(error.message)

    assert [line async for line in bounded_lines(io.BytesIO(b"x" * 500), refuse, most=100)] == []
    assert refusals == ["a message of more than 100 bytes was left out unread"]


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
    assert [each["id"] for each in answers] == [1, 2, 3]
    assert "left out unread" in answers[1]["error"]["message"]
    assert answers[2]["result"] == {}


PING = '{"jsonrpc":"2.0","id":%s,"method":"ping","params":%s}'
MARK = b"\xef\xbb\xbf"
# What is sent; the id of its answer; the answer's error code, or None for a result.
ODD: list[tuple[str, bytes, Any, int | None]] = [
    ("a lone half", (PING % (1, '{"a":"\\ud83d"}')).encode(), 1, None),
    ("a lone second half", (PING % (1, '{"a":"\\uDE00 \\\\ud83d"}')).encode(), 1, None),
    ("a half as the id", (PING % ('"\\ud83d"', "{}")).encode(), "\ufffd", None),
    ("a mark", MARK + (PING % (1, "{}")).encode(), 1, None),
    ("two marks and a half", MARK * 2 + (PING % (1, '{"a":"\\ud83d"}')).encode(), 1, None),
    ("a mark between spaces", b" " + MARK + b"\t" + (PING % (1, "{}")).encode(), 1, None),
    ("bytes that are no UTF-8", b'{"jsonrpc":"2.0","id":"\xff","method":"ping"}', "\ufffd", None),
    ("the same outside a text", b'\xff{"jsonrpc":"2.0","id":1,"method":"ping"}', 1, PARSE_ERROR),
    ("a raw tab", (PING % (1, '{"a":"x\ty"}')).encode(), 1, PARSE_ERROR),
    ("a raw NUL", (PING % (1, '{"a":"x\0y"}')).encode(), 1, PARSE_ERROR),
    ("300 lists", (PING % (1, '{"a":%s}' % ("[" * 300 + "]" * 300))).encode(), 1, PARSE_ERROR),
    ("90,000 lists", (PING % ('"x"', '{"a":%s}' % ("[" * 90_000))).encode(), "x", PARSE_ERROR),
    ("5,000 digits", (PING % (1, '{"a":%s}' % ("9" * 5_000))).encode(), 1, PARSE_ERROR),
    ("an id of 5,000 digits", (PING % ("9" * 5_000, "{}")).encode(), None, PARSE_ERROR),
    ("half a line", b'{"jsonrpc":"2.0","id":7,"method":"pi', 7, PARSE_ERROR),
    ("an id within", b'{"jsonrpc":"2.0","params":{"id":7},"method":"ping",}', None, PARSE_ERROR),
    ("two in a line", b'{"jsonrpc":"2.0","id":1,"method":"ping"} {"id":2}', 1, PARSE_ERROR),
    ("words", b"hello?", None, PARSE_ERROR),
    ("UTF-16", "\ufeff{}".encode("utf-16-le"), None, PARSE_ERROR),
    ("a number", b"42", None, INVALID_REQUEST),
    ("a batch", b"[%s]" % (PING % (1, "{}")).encode(), None, INVALID_REQUEST),
    ("no method", b'{"jsonrpc":"2.0","id":1}', 1, INVALID_REQUEST),
    ("another version", b'{"jsonrpc":"1.0","id":"a","method":"ping"}', "a", INVALID_REQUEST),
    ("parameters in a list", (PING % (1, "[1]")).encode(), 1, INVALID_REQUEST),
    ("half an id", (PING % ("1.5", "{}")).encode(), None, INVALID_REQUEST),
    ("no id", (PING % ("null", "{}")).encode(), None, INVALID_REQUEST),
    ("a broken answer", b'{"jsonrpc":"2.0","id":1,"result":5}', None, INVALID_REQUEST),
]  # fmt: skip


@pytest.mark.crash
def test_every_line_is_answered_the_broken_ones_with_an_error_and_their_id(tmp_path: Path):
    command = [sys.executable, "-m", "mcp_server", "--engine", "echo"]
    opening = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    }
    first = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening}
    with subprocess.Popen(
        [*command, "--database", str(tmp_path / "memory.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        # A mark before the first line must not hang the handshake, a blank line is nothing.
        process.stdin.write(MARK + json.dumps(first).encode() + b"\r\n\n \n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 0
        for what, line, number, code in ODD:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert answer["id"] == number, what
            assert answer.get("error", {}).get("code") == code, what
            assert len(json.dumps(answer)) < 400, what
        process.stdin.close()
        log = process.stderr.read().decode()
        assert process.wait(30) == 0
    assert log.count("a line on standard input was refused") == sum(
        code is not None for *_, code in ODD
    )


@pytest.mark.parametrize(
    ("text", "there"),
    [
        (r"\ud83d\ude00", r"\ud83d\ude00"),
        (r"\ud83d", r"\ufffd"),
        (r"\ud83d\ud83d\ude00", r"\ufffd\ud83d\ude00"),
        (r"\ude00\ud83d", r"\ufffd\ufffd"),
        (r"\\ud83d", r"\\ud83d"),
        (r"\\\ud83d", r"\\\ufffd"),
        (r"\n\u0041", r"\n\u0041"),
    ],
)
def test_only_halves_without_their_other_half_are_replaced(text: str, there: str):
    assert mended(text) == there
    assert mended_body(b" \xef\xbb\xbf\n" + text.encode()) == there.encode()
    assert mended_body(b"\xef\xbb\xbf\xff" + text.encode()) == b"\xff" + there.encode()
