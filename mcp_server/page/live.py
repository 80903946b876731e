"""Server-sent events: what an open page is told while jobs run.

`running`: a step that the page has not been told of runs. `text`: more of what it wrote, pieces
from number `start` on. `changed`: a call in a job has ended; without a job, in any.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
from starlette.responses import Response, StreamingResponse

from mcp_server.app.principal import principal
from mcp_server.app.threads import in_thread
from mcp_server.page.rendering import HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from mcp_server.app.application import Application
    from mcp_server.telemetry.running import News, Watcher

# Sooner than proxies give up a silent connection.
SIGN_OF_LIFE_SECONDS = 15.0
# Then the page asks again, by itself, and passes the gate anew: its token may be revoked.
LASTS_SECONDS = 60.0
AGAIN_MS = 500
STREAM = {
    **HEADERS,
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}


async def stream(app: Application, job: str | None, *, head: bool = False) -> Response:
    """What happens to the visitor's jobs, or to one of them with its texts; `head`: nothing.

    Raises:
        MemoryFault: there is no such job.
    """
    if job is not None:
        await in_thread(lambda: app.store().session(job))
    if head:  # nobody would hear what it tells
        return Response(headers=STREAM, media_type="text/event-stream")
    return StreamingResponse(_events(app, job), 200, STREAM, "text/event-stream")


async def _events(app: Application, job: str | None) -> AsyncIterator[str]:
    yield f"retry: {AGAIN_MS}\n\n"
    end = anyio.current_time() + LASTS_SECONDS
    with app.running.watching(principal(), job) as watcher:
        while (left := end - anyio.current_time()) > 0:
            news = await _next(watcher, min(SIGN_OF_LIFE_SECONDS, left))
            yield ": nothing new\n\n" if news is None else "".join(_told(news))


async def _next(watcher: Watcher, seconds: float) -> News | None:
    """What is new; None: nothing for so long."""
    with anyio.move_on_after(seconds):
        return await anext(watcher)
    return None


def _told(news: News) -> Iterator[str]:
    for written in news.written:
        step = written.step
        if written.new:
            yield _event("running", {"job": step.session_id, "step": step.id, "n": step.n})
        if written.pieces:
            text = {"step": step.id, "start": written.start, "pieces": written.pieces}
            yield _event("text", text)
    if news.changed is None:
        yield _event("changed", {"job": None})
    for session_id in news.changed or ():
        yield _event("changed", {"job": session_id})


def _event(name: str, data: dict[str, Any]) -> str:
    # In ASCII: no character of a text is a line's end, and none is cut.
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
