"""Writing memory items: each text stored once, each of its sources an item; and their pins.

The caller holds the transaction.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkpoints.graph import history, sources, vectors, writes
from checkpoints.records import Remembered, one_form, text_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from checkpoints.graph.vectors import StoredVector
    from checkpoints.records import ItemDraft, Version


@dataclass(frozen=True)
class Current:
    """An item that a source has now; `size` is in bytes."""

    id: int
    text: str
    source: str
    place: str
    order: int
    origin: str
    size: int


def remember(
    db: Database,
    session: dict[str, Any],
    items: Sequence[ItemDraft],
    data: Sequence[StoredVector | None],
    versions: Sequence[Version] = (),
) -> Remembered:
    """Store what the memory does not hold from that source yet, as one node of the history.

    Of a source in `versions`, what stands elsewhere in it now is stored anew, and what is not in a
    complete version any more is superseded.
    """
    branch = session["branch"]
    versioned = {one_form(version.source) for version in versions}
    spelled = sources.spellings(db, [*(item.source for item in items), *versioned])
    new: dict[tuple[int, str], ItemDraft] = {}
    kept_as: dict[tuple[int, str], str] = {}
    gone: dict[int, dict[str, Any]] = {}
    stored = 0
    for position, item in enumerate(_numbered(items)):
        text_id = writes.add_text(db, item.text)
        source = one_form(item.source)
        key = text_id, source
        if key not in kept_as:
            held = current(db, branch, spelled[source], text_id)
            moved = [each for each in held if source in versioned and _moved(each, item)]
            kept_as[key] = item.source if moved or not held else held[0].source
            if moved or not held:
                new[key] = item
                stored += not held
            gone.update((each.id, _named(each)) for each in moved)
        if item.pinned:
            pin(db, session["id"], text_id, kept_as[key], writes.utc_now())
        if item.vector is not None and (vector := data[position]) is not None:
            field = f"items[{position}].vector"
            vectors.add_vector(db, field, text_id, item.vector.encoder, vector)
    left = {
        each.id: _named(each)
        for version in versions
        if version.complete
        for each in _left(db, branch, version, spelled[one_form(version.source)])
    }
    gone |= left
    if not new and not gone:
        return Remembered(0, len(items), ())
    node = _write(db, session, new, gone)
    ids = tuple(
        writes.add_item(db, node, position, text_id, item, "document")
        for position, ((text_id, _), item) in enumerate(new.items())
    )
    return Remembered(stored, len(items) - stored, ids, len(left))


def _write(
    db: Database,
    session: dict[str, Any],
    new: Mapping[tuple[int, str], ItemDraft],
    gone: Mapping[int, dict[str, Any]],
) -> history.Node:
    content: dict[str, Any] = {"version": 2, "items": [_hashed(item) for item in new.values()]}
    if gone:
        names = [{k: gone[id_][k] for k in ("text", "source")} for id_ in sorted(gone)]
        content |= {"version": 3, "superseded": names}
    size = sum(len(item.text.encode()) for item in new.values())
    node = writes.add_node(
        db,
        session["branch"],
        "remember",
        content,
        writes.touch(db, session["id"]),
        after=history.head(db, session["branch"]),
        items=len(new) - len(gone),
        size=size - sum(each["size"] for each in gone.values()),
    )
    writes.supersede(db, node, gone)
    return node


def current(
    db: Database, branch: int, names: Sequence[str], text_id: int | None = None
) -> list[Current]:
    """The documents' items that a source has in a history, or those of one text, oldest first.

    `names` are the source's own: more than one where it was stored in several Unicode forms.
    """
    rows = history.in_lineage(
        db,
        branch,
        f"""
        SELECT items.id, texts.sha256 AS text, items.source, items.place,
               items.ordinal AS 'order', items.origin, length(CAST(texts.text AS BLOB)) AS size
        FROM lineage
        CROSS JOIN items INDEXED BY {"items_by_source" if text_id is None else "items_by_text"}
            ON items.branch = lineage.branch AND items.seq <= lineage.top
        JOIN texts ON texts.id = items.text_id
        WHERE items.source IN (SELECT value FROM json_each(:names)) AND items.kind = 'document'
            {"AND items.text_id = :text_id" if text_id is not None else ""}
            AND NOT {history.SUPERSEDED}
        ORDER BY items.id
        """,  # noqa: S608  # constants; every value is bound
        names=json.dumps(names),
        text_id=text_id,
    )
    return [Current(**row) for row in rows]


def _left(db: Database, branch: int, version: Version, names: Sequence[str]) -> list[Current]:
    """What a source has and its new version has not."""
    stays = {text_digest(text) for text in version.texts}
    return [each for each in current(db, branch, names) if each.text not in stays]


def _moved(held: Current, item: ItemDraft) -> bool:
    return (held.place, held.order, held.origin) != (item.place, item.order, item.origin)


def _named(item: Current) -> dict[str, Any]:
    return {"text": item.text, "source": item.source, "size": item.size}


def pin(db: Database, session_id: str, text_id: int, source: str, now: str) -> bool:
    """Pin a text of a source; False where it was pinned already."""
    cursor = db.execute(
        "INSERT INTO pins (session_id, text_id, source, created_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [session_id, text_id, source, now],
    )
    return bool(cursor.rowcount)


def unpin(db: Database, session_id: str, text_id: int, source: str) -> bool:
    """Take a pin off a text of a source; False where none is there."""
    cursor = db.execute(
        "DELETE FROM pins WHERE session_id = ? AND text_id = ? AND one_form(source) = one_form(?)",
        [session_id, text_id, source],
    )
    return bool(cursor.rowcount)


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
