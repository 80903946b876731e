"""Serving one client on standard input and output: every line is answered, the broken ones too.

What is over the limit is read and thrown away in parts, so it never takes more memory than one
part.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from anyio import to_thread
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError
from pydantic_core import from_json

from mcp_server.schema.frames import (
    BYTE_ORDER_MARK,
    WRONG_ID,
    has_wrong_id,
    mended,
    request_id,
    without_collection,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from mcp.server.lowlevel import Server
    from mcp.shared._stream_protocols import WriteStream

    Refuse = Callable[[str, ErrorData], Awaitable[None]]

LOG = logging.getLogger(__name__)
# More than `remember` takes at once: 64 documents of 400,000 characters, escaped in ASCII.
LINE_BYTES = 192 * 1024**2
PART_BYTES = 1024**2


async def serve_stdio(server: Server[Any]) -> None:
    """Answer what comes in until its end; a line that is too long or no message is refused."""
    wire: list[WriteStream[SessionMessage]] = []

    async def refuse(line: str, error: ErrorData) -> None:
        LOG.warning("a line on standard input was refused: %s", error.message)
        refusal = JSONRPCError(jsonrpc="2.0", id=request_id(line), error=error)
        await wire[0].send(SessionMessage(refusal))

    lines: Any = messages(bounded_lines(sys.stdin.buffer, refuse, LINE_BYTES), refuse)
    async with stdio_server(stdin=lines) as (read, write):
        wire.append(write)
        await server.run(read, write, server.create_initialization_options())


async def messages(lines: AsyncIterator[str], refuse: Refuse) -> AsyncIterator[str]:
    """The lines that are JSON-RPC messages, mended where that makes them one; blank ones skipped.

    Args:
        lines: what came in.
        refuse: called with each other line and what is wrong with it.
    """
    async for line in lines:
        message = line.lstrip(BYTE_ORDER_MARK)
        if not message.strip():
            continue
        error = problem_of(message)
        if error is not None and (other := mended(message)) != message and not problem_of(other):
            message, error = other, None
        if error is None:
            yield message
        else:
            await refuse(message, error)


def problem_of(message: str) -> ErrorData | None:
    """Why a line is no message that the protocol layer would answer or act on."""
    try:
        # Read first: what is no message would be read again for each kind that it is not.
        with without_collection():
            read = from_json(message)
        parsed = jsonrpc_message_adapter.validate_python(read, by_name=False)
    except ValidationError:
        problem = "the line is not one JSON-RPC request, notification or response"
        return ErrorData(code=INVALID_REQUEST, message=problem)
    except ValueError as error:
        problem = f"the line is no JSON that can be read: {error}"
        return ErrorData(code=PARSE_ERROR, message=problem)
    if isinstance(parsed, JSONRPCNotification) and has_wrong_id(message):
        return ErrorData(code=INVALID_REQUEST, message=WRONG_ID)
    return None


async def bounded_lines(file: BinaryIO, refuse: Refuse, most: int) -> AsyncIterator[str]:
    """The lines of `file` as text, bytes that are no UTF-8 replaced.

    Args:
        file: read until its end, on a thread of its own.
        refuse: called with the beginning of a line of more than `most` bytes, which is left out.
        most: bytes of a line, its end included.
    """
    while line := await to_thread.run_sync(file.readline, most + 1):
        if len(line) <= most:
            yield line.decode(errors="replace")
            continue
        beginning = line[:PART_BYTES].decode(errors="replace")
        while line and not line.endswith(b"\n"):
            line = await to_thread.run_sync(file.readline, PART_BYTES)
        problem = f"a message of more than {most} bytes was left out unread"
        await refuse(beginning, ErrorData(code=PARSE_ERROR, message=problem))
