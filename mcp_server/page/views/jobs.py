"""All jobs, the ones active last first, and a search over what they did."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints import UnknownSession
from mcp_server.app.embedding import vector_of
from mcp_server.app.principal import principal
from mcp_server.jobs.present import task_text
from mcp_server.page.visit import Shown

if TYPE_CHECKING:
    from checkpoints import Hit
    from mcp_server.page.visit import Visit

PAGE = 50
SEARCHED = 15
PER_JOB = 3
SHOWN_CHARS = 300


@dataclass(frozen=True)
class Found:
    """What a search found in a job."""

    session_id: str
    task: str | None
    hits: tuple[Hit, ...]


def listed(visit: Visit) -> Shown:
    """The jobs, a page of them; with `q` instead what is like it in some of those active last."""
    count = visit.store.overview.count()
    skip = min(visit.number("skip", 0) or 0, max(count - 1, 0))
    lines = visit.store.overview.jobs(PAGE + 1, skip)
    query = visit.query.get("q", "").strip()
    values: dict[str, Any] = {
        "lines": [(line, task_text(described(line.session.task))) for line in lines[:PAGE]],
        "skip": skip,
        "page": PAGE,
        "more": len(lines) > PAGE,
        "count": count,
        "running_jobs": {step.session_id for step in visit.app.running.now(principal())},
        "query": query,
        "found": search(visit, query, skip) if query else [],
        "searched": SEARCHED,
        "shown_chars": SHOWN_CHARS,
    }
    return Shown("jobs.html", "Jobs", values)


def search(visit: Visit, query: str, skip: int) -> list[Found]:
    """What jobs hold of a text, by words and by meaning, best first.

    Looks through some jobs, those active last after the first `skip`.

    Raises:
        MemoryFault: the text is too long.
    """
    runtime = visit.app.loader.runtime
    vector = None if runtime is None else vector_of(runtime, query)
    found = []
    for line in visit.store.overview.jobs(SEARCHED, skip):
        with suppress(UnknownSession):  # deleted since
            hits = visit.store.recall(line.session.id, query, PER_JOB, vector=vector)
            if hits:
                task = task_text(described(line.session.task))
                found.append(Found(line.session.id, task, tuple(hits)))
    found.sort(key=lambda each: -each.hits[0].score)
    return found


def described(recorded: object) -> object:
    """The task in what a session recorded of it."""
    return recorded.get("task") if isinstance(recorded, dict) else None
