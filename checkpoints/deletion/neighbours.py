"""The overlap of a deleted item in the pieces before and after it, which goes with it.

A document's pieces begin with the last words of the piece before (`checkpoints.documents.pieces`).
The caller holds the transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.deletion.family import IN_FAMILY
from checkpoints.deletion.traces import move_marks, redact_node
from checkpoints.graph import writes
from checkpoints.graph.rows import select
from checkpoints.graph.sources import spellings
from checkpoints.records import DELETED, one_form, text_digest
from checkpoints.text.letters import readings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from checkpoints.deletion.traces import Traces

    _Row = dict[str, Any]

# Characters of an overlap at most: far more than pieces are cut with. Letters at least: fewer are
# the same by chance.
_MOST, _LEAST = 1_000, 3

_BESIDE = f"""
SELECT items.id, items.branch, items.seq, items.position, items.text_id, items.source,
       items.ordinal, texts.text, texts.sha256
FROM items JOIN texts ON texts.id = items.text_id
WHERE items.{IN_FAMILY} AND items.kind = 'document'
AND items.source IN (SELECT value FROM json_each(:names)) AND items.ordinal IN (:before, :after)
"""  # noqa: S608  # a constant


@dataclass(frozen=True)
class Shortened:
    """What an item said and says now, and the overlaps that it lost."""

    before: str
    now: str
    lost: tuple[str, ...]


def cut_overlaps(
    db: Database, deleted: Iterable[_Row], traces: Traces, now: str
) -> dict[int, Shortened]:
    """Cut the overlaps of deleted items out of their neighbours; which items that changed."""
    rows: dict[int, _Row] = {}
    found: dict[int, Shortened] = {}
    for gone in deleted:
        source = one_form(gone["source"])
        at = {"before": gone["ordinal"] - 1, "after": gone["ordinal"] + 1}
        names = json.dumps(spellings(db, [source])[source])
        for row in select(db, _BESIDE, {"names": names, **at}):
            so_far = found.get(row["id"], Shortened(row["text"], row["text"], ()))
            text, follows = so_far.now, row["ordinal"] > gone["ordinal"]
            size = _overlap(gone["text"], text) if follows else _overlap(text, gone["text"])
            if size:
                lost = text[:size] if follows else text[-size:]
                left = DELETED + text[size:] if follows else text[:-size] + DELETED
                rows[row["id"]] = row
                found[row["id"]] = Shortened(row["text"], left, (*so_far.lost, lost))
    for item_id, row in rows.items():
        _change(db, row, found[item_id].now, traces, now)
    return found


def _overlap(first: str, second: str) -> int:
    """How many characters the end of one text has in common with the beginning of another."""
    for size in range(min(len(first), len(second), _MOST), _LEAST - 1, -1):
        if first.endswith(second[:size]) and len(readings(second[:size])[0].codes) >= _LEAST:
            return size
    return 0


def _change(db: Database, row: _Row, text: str, traces: Traces, now: str) -> None:
    """Give an item another text in its place."""
    text_id = writes.add_text(db, text)
    writes.index_text(db, text_id, text)
    traces.texts.add(row["text_id"])
    traces.item_texts.add(row["text_id"])
    db.execute("UPDATE items SET text_id = ? WHERE id = ?", [text_id, row["id"]])
    move_marks(db, row["text_id"], text_id, row["source"])
    more = len(text.encode()) - len(row["text"].encode())
    traces.changes.append((row["branch"], row["seq"], 0, more))
    content = _content(db, row)
    content["items"][row["position"]]["text"] = text_digest(text)
    redact_node(db, row["branch"], row["seq"], content, now)
    sql = "SELECT branch, seq FROM superseded WHERE item_id = ?"
    for place in select(db, sql, [row["id"]]):
        traces.changes.append((place["branch"], place["seq"], 0, -more))
        later = _content(db, place)
        for entry in later["superseded"]:
            if entry == {"text": row["sha256"], "source": row["source"]}:
                entry["text"] = text_digest(text)
        redact_node(db, place["branch"], place["seq"], later, now)


def _content(db: Database, place: _Row) -> Any:
    sql = "SELECT content_json FROM nodes WHERE branch = ? AND seq = ?"
    return json.loads(db.execute(sql, [place["branch"], place["seq"]]).fetchone()[0])
