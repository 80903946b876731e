"""Serving one client on standard input and output, with no line longer than a limit.

What is over the limit is read and thrown away in parts, so it never takes more memory than one
part.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from anyio import to_thread
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import PARSE_ERROR, ErrorData, JSONRPCError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from mcp.server.lowlevel import Server
    from mcp.shared._stream_protocols import WriteStream

# More than `remember` takes at once: 64 documents of 400,000 characters, escaped in ASCII.
LINE_BYTES = 192 * 1024**2
PART_BYTES = 1024**2


async def serve_stdio(server: Server[Any]) -> None:
    """Answer what comes in until its end; a line of more than LINE_BYTES is refused."""
    message = f"a message of more than {LINE_BYTES} bytes was left out unread"
    too_long = ErrorData(code=PARSE_ERROR, message=message)
    wire: list[WriteStream[SessionMessage]] = []

    async def refuse() -> None:
        await wire[0].send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=too_long)))

    lines: Any = bounded_lines(sys.stdin.buffer, refuse, LINE_BYTES)
    async with stdio_server(stdin=lines) as (read, write):
        wire.append(write)
        await server.run(read, write, server.create_initialization_options())


async def bounded_lines(
    file: BinaryIO, too_long: Callable[[], Awaitable[None]], most: int
) -> AsyncIterator[str]:
    """The lines of `file` as text, bytes that are no UTF-8 replaced.

    Args:
        file: read until its end, on a thread of its own.
        too_long: called for a line of more than `most` bytes, which is left out.
        most: bytes of a line, its end included.
    """
    while line := await to_thread.run_sync(file.readline, most + 1):
        if len(line) <= most:
            yield line.decode(errors="replace")
            continue
        while line and not line.endswith(b"\n"):
            line = await to_thread.run_sync(file.readline, PART_BYTES)
        await too_long()
