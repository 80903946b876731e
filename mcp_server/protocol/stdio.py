"""Lines from standard input, none longer than a limit, however long the sender makes them.

What is over the limit is read and thrown away in parts, so it never takes more memory than one
part. Knows nothing of what is in a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

# More than `remember` takes at once: 64 documents of 400,000 characters, escaped in ASCII.
LINE_BYTES = 192 * 1024**2
PART_BYTES = 1024**2


async def bounded_lines(
    file: BinaryIO, too_long: Callable[[], Awaitable[None]], most: int = LINE_BYTES
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
