"""Writing memory items: each text stored once, each of its sources an item; and their pins.

The caller holds the transaction.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checkpoints.graph import history, vectors, writes
from checkpoints.records import Remembered, text_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.graph.vectors import StoredVector
    from checkpoints.records import ItemDraft


def remember(
    db: Database,
    session: dict[str, Any],
    items: Sequence[ItemDraft],
    data: Sequence[StoredVector | None],
) -> Remembered:
    """Store what the memory does not hold from that source yet, as one node of the history."""
    branch = session["branch"]
    new: dict[tuple[int, str], ItemDraft] = {}
    for position, item in enumerate(_numbered(items)):
        text_id = writes.add_text(db, item.text)
        if (text_id, item.source) not in new and not _held(db, branch, text_id, item.source):
            new[text_id, item.source] = item
        if item.pinned:
            pin(db, session["id"], text_id, item.source, writes.utc_now())
        if item.vector is not None and (vector := data[position]) is not None:
            field = f"items[{position}].vector"
            vectors.add_vector(db, field, text_id, item.vector.encoder, vector)
    if not new:
        return Remembered(0, len(items), ())
    node = writes.add_node(
        db,
        branch,
        "remember",
        {"version": 2, "items": [_hashed(item) for item in new.values()]},
        writes.touch(db, session["id"]),
        after=history.head(db, branch),
        items=len(new),
        size=sum(len(item.text.encode()) for item in new.values()),
    )
    ids = tuple(
        writes.add_item(db, node, position, text_id, item, "document")
        for position, ((text_id, _), item) in enumerate(new.items())
    )
    return Remembered(len(new), len(items) - len(new), ids)


def _held(db: Database, branch: int, text_id: int, source: str) -> bool:
    """Whether a document of that source holds the text; a step's output is another matter."""
    return any(
        item["kind"] == "document" and item["source"] == source
        for item in history.occurrences(db, branch, text_id)
    )


def pin(db: Database, session_id: str, text_id: int, source: str, now: str) -> None:
    """Pin a text of a source; pinning it again changes nothing."""
    db.execute(
        "INSERT INTO pins (session_id, text_id, source, created_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [session_id, text_id, source, now],
    )


def unpin(db: Database, session_id: str, text_id: int, source: str) -> None:
    """Take a pin off a text of a source; none there changes nothing."""
    db.execute(
        "DELETE FROM pins WHERE session_id = ? AND text_id = ? AND source = ?",
        [session_id, text_id, source],
    )


def remembered(db: Database, branch: int, texts: Sequence[str]) -> set[str]:
    """Those of some texts that are in a history's memory, whatever their source."""
    found = set()
    for text in texts:
        sql = "SELECT id FROM texts WHERE sha256 = ?"
        row = db.execute(sql, [text_digest(text)]).fetchone()
        if row is not None and history.occurrences(db, branch, row[0]):
            found.add(text)
    return found


def _numbered(items: Sequence[ItemDraft]) -> list[ItemDraft]:
    # Numbered before duplicates are dropped: a gap is no neighbour.
    counts: Counter[str] = Counter()
    numbered = []
    for item in items:
        order = counts[item.source] if item.order is None else item.order
        counts[item.source] = order + 1
        numbered.append(replace(item, order=order))
    return numbered


def _hashed(item: ItemDraft) -> dict[str, Any]:
    return {
        "text": text_digest(item.text),
        "source": item.source,
        "origin": item.origin,
        "place": item.place,
        "order": item.order,
    }
