"""Holding a job while a form changes it, so that no step of it runs meanwhile."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp_server.page.visit import Visit

# A person who waits longer thinks that nothing happens.
WAIT_SECONDS = 10.0


@asynccontextmanager
async def holding(visit: Visit, session_id: str) -> AsyncIterator[None]:
    """Hold a job of the visitor's.

    Raises:
        MemoryFault: there is no such job.
        InputError: a step of it runs for too long.
    """
    await to_thread.run_sync(lambda: visit.store.session(session_id))
    lock = visit.app.session_lock(session_id)
    with anyio.move_on_after(WAIT_SECONDS) as waiting:
        await lock.acquire()
    if waiting.cancelled_caught:
        raise InputError(
            "session_id: a step of this job runs; wait for its end or cancel it, then send this "
            "again; nothing was changed"
        )
    try:
        yield
    finally:
        lock.release()
