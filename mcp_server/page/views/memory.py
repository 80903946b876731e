"""What a job remembers: its sources and their items, what is pinned, what is kept out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from checkpoints.text.graphemes import beginning
from mcp_server.app.embedding import vector_of
from mcp_server.jobs.present import task_text
from mcp_server.page.parts.room import Room
from mcp_server.page.views.jobs import described
from mcp_server.page.visit import Shown
from mcp_server.schema.uris import MissingError

if TYPE_CHECKING:
    from checkpoints import Hit
    from mcp_server.page.visit import Visit

SOURCES, ITEMS, FOUND, MARKS = 50, 25, 20, 20
"""How many a page shows."""
TEXT_BYTES = 120_000
STEPS_SHOWN = 200


def memory(visit: Visit, session_id: str) -> Shown:
    """The memory of a job: a page of its sources, of one source's items, or one item whole.

    A source is `of` one of its items, or named by `source`.

    Raises:
        MemoryFault: no such job, source or item.
        MissingError: a source has no items any more.
        InputError: a number is none.
    """
    store, query = visit.store, visit.query
    session = store.session(session_id)
    item_id, of, source = visit.number("item"), visit.number("of"), query.get("source")
    values: dict[str, Any] = {
        "session": session,
        "task": task_text(described(session.task)),
        "here": here(session_id),
    }
    if item_id is not None:
        return _item(visit, session_id, item_id, values)
    if of is not None:
        source = store.contents.item(session_id, of).source
    if source is not None:
        return _source(visit, session_id, source, values)
    asked = query.get("q", "").strip()
    values["query"] = asked
    if asked:
        values |= {"found": _search(visit, session_id, asked), "here": here(session_id, q=asked)}
        return Shown("memory.html", "Memory", values)
    skip = visit.number("skip", 0) or 0
    sources = store.contents.sources(session_id, SOURCES, skip)
    if skip and not sources.lines:
        raise MissingError(f"skip: there are no {skip} sources")
    quarantined = store.marks.quarantined(session_id)
    pinned = store.marks.pinned(session_id)
    values |= {
        "sources": sources.lines,
        "count": sources.count,
        "older": here(session_id, skip=skip + SOURCES) if sources.count > skip + SOURCES else "",
        "newer": here(session_id, skip=max(skip - SOURCES, 0)) if skip else "",
        "pinned": pinned[-MARKS:],
        "pinned_count": len(pinned),
        "quarantined": quarantined[-MARKS:],
        "quarantined_count": len(quarantined),
    }
    return Shown("memory.html", "Memory", values)


def here(session_id: str, **query: Any) -> str:
    """The address of a place in a job's memory."""
    return f"/jobs/{session_id}/memory{'?' if query else ''}{urlencode(query)}"


def _item(visit: Visit, session_id: str, item_id: int, values: dict[str, Any]) -> Shown:
    contents = visit.store.contents
    item = contents.item(session_id, item_id)
    values |= {
        "item": item,
        "text": Room(TEXT_BYTES).take(item.text),
        "users": contents.used_by(session_id, [item_id]),
        "steps_shown": STEPS_SHOWN,
        "here": here(session_id, item=item_id),
    }
    return Shown("item.html", f"Item {item_id}", values)


def _source(visit: Visit, session_id: str, source: str, values: dict[str, Any]) -> Shown:
    store, skip = visit.store, visit.number("skip", 0) or 0
    items = store.contents.items(session_id, source, ITEMS + 1, skip)
    # Whatever page is shown, the source is named by the item that it is reached by.
    first = next(iter(items or store.contents.items(session_id, source, 1)), None)
    if first is None:
        raise MissingError(f"source: {beginning(source, 100)!r} has no items now")
    of = visit.number("of", first.item_id)
    values |= {
        "source": source,
        "items": items[:ITEMS],
        "skip": skip,
        "older": here(session_id, of=of, skip=skip + ITEMS) if len(items) > ITEMS else "",
        "newer": here(session_id, of=of, skip=max(skip - ITEMS, 0)) if skip else "",
        "hidden": bool(store.marks.sources_out(session_id, [source])),
        "here": here(session_id, of=of, skip=skip),
    }
    return Shown("source.html", f"Source {beginning(source, 100)}", values)


def _search(visit: Visit, session_id: str, text: str) -> list[Hit]:
    """What the job remembers and did that is like a text, by words and by meaning."""
    runtime = visit.app.loader.runtime
    vector = None if runtime is None else vector_of(runtime, text)
    return visit.store.recall(session_id, text, FOUND, vector=vector)
