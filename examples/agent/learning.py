"""Waiting for saved tasks to be learned, while the status says what the server does for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from examples.agent.caller import Display
    from examples.agent.server import Link

LEARN_SECONDS = 3_600.0
POLL_SECONDS = 1.0
IDLE_POLLS = 5
"""So often nothing is being learned before the agent goes on without."""


async def when_learned(
    link: Link,
    display: Display,
    names: Iterable[str],
    *,
    doing: str = "",
    seconds: float = LEARN_SECONDS,
    poll_seconds: float = POLL_SECONDS,
) -> AsyncIterator[dict[str, Any]]:
    """The tasks of these names as `status` lists them, each once it is learned.

    Ends without the others where the server learns nothing any more, has no model, or the time is
    over.

    Args:
        link: the server.
        display: shows what the server is learning.
        names: of saved tasks.
        doing: what is waited for, at the beginning of the status.
        seconds: the longest to wait; 0: not at all.
        poll_seconds: between two looks.

    Raises:
        ExampleError: the server is gone.
    """
    began, idle, waiting = time.monotonic(), 0, set(names)
    while waiting and idle < IDLE_POLLS and time.monotonic() - began < seconds:
        status = await link.call("status", {}, lambda _: None)
        for line in status["tasks"]:
            if line["name"] in waiting and line["serving"] is not None:
                waiting.remove(line["name"])
                yield line
        if status["model"] == "failed":
            return
        ready = status["model"] == "ready"
        idle = idle + 1 if ready and status["learning"] is None else 0
        display.status(f"{doing}{status['learning'] or status['message'] or 'waiting'}")
        if waiting:
            await anyio.sleep(poll_seconds)
