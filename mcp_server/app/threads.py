"""Work that waits, off the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run it on a thread.

    Left behind when the client cancels: a write finishes anyway, a wait for a token ends soon.
    """
    return await to_thread.run_sync(work, abandon_on_cancel=True)
