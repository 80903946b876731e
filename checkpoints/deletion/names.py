"""Taking deleted texts out of the names of things: labels, step keys, reasons, other sources.

The name of a deleted source goes with it. One of a single word ("notes") may be any word of a
sentence, so it goes only where it is a whole name. The caller holds the transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.deletion.family import IN_FAMILY
from checkpoints.deletion.quotes import Quotes, is_gone, word_count
from checkpoints.deletion.traces import redact_node
from checkpoints.graph.rows import select
from checkpoints.records import one_form

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlite_utils import Database

    _Row = dict[str, Any]

_SESSIONS = f"session_id IN (SELECT id FROM sessions WHERE {IN_FAMILY})"  # noqa: S608  # a constant

_NODES = f"""
SELECT DISTINCT items.branch, items.seq, nodes.content_json FROM items
JOIN nodes ON nodes.branch = items.branch AND nodes.seq = items.seq
WHERE items.kind = 'document' AND items.{IN_FAMILY}
AND (items.source IN (SELECT value FROM json_each(?))
     OR items.place IN (SELECT value FROM json_each(?)))
"""  # noqa: S608  # a constant

_REPLACING_NODES = f"""
SELECT DISTINCT superseded.branch, superseded.seq, nodes.content_json FROM superseded
JOIN items ON items.id = superseded.item_id
JOIN nodes ON nodes.branch = superseded.branch AND nodes.seq = superseded.seq
WHERE superseded.{IN_FAMILY} AND items.source IN (SELECT value FROM json_each(?))
"""  # noqa: S608  # a constant


class Names:
    """What is left of names, once texts and the name of a source are deleted."""

    def __init__(self, quotes: Quotes, source: str | None) -> None:
        """`quotes` finds texts, and a source's name of several words, wherever they stand."""
        self._quotes = quotes
        one_word = source is not None and word_count(source) == 1
        self._whole = Quotes((), 1, 1, [source] if one_word and source is not None else [])
        self._left: dict[str, str] = {}

    def cut(self, name: str) -> str:
        """The name with `DELETED` for what is deleted of it."""
        left = self._quotes.cut(name)
        if left == name and is_gone(whole := self._whole.cut(name)):
            return whole
        return left

    def apart(self, name: str) -> str:
        """The same; of two names no more is left than tells them apart."""
        key = " ".join(one_form(name).split())
        if key not in self._left:
            left = self.cut(name)
            if left == name:
                return name
            self._left[key] = _other_than(left, self._left.values())
        return self._left[key]


def _other_than(name: str, taken: Collection[str]) -> str:
    number, new = 1, name
    while new in taken:
        number += 1
        new = f"{name} {number}"
    return new


def cut_labels(db: Database, names: Names) -> int:
    """Cut the labels of the family's checkpoints; how many."""
    sql = f"SELECT number, label FROM checkpoints WHERE {IN_FAMILY} AND label IS NOT NULL"  # noqa: S608  # a constant
    return _cut(db, select(db, sql), "checkpoints", "label", names.cut)


def cut_reasons(db: Database, names: Names) -> int:
    """Cut the reasons that the family's quarantines and revoked adapters were given; how many."""
    return sum(
        _cut(
            db,
            select(db, f"SELECT number, reason FROM {table} WHERE {_SESSIONS}"),  # noqa: S608  # two constants
            table,
            "reason",
            names.cut,
        )
        for table in ("quarantine", "revoked_adapters")
    )


def _cut(db: Database, rows: list[_Row], table: str, column: str, cut: Callable[[str], str]) -> int:
    changed = [(left, row["number"]) for row in rows if (left := cut(row[column])) != row[column]]
    db.conn.executemany(f"UPDATE {table} SET {column} = ? WHERE number = ?", changed)  # noqa: S608  # this module's own words
    return len(changed)


def rename_sources(db: Database, names: Names, now: str) -> Mapping[str, str]:
    """Cut the names of the family's other sources, and where in them their items stand.

    No two sources become one. Gives the new names of those that changed.
    """
    documents = f"FROM items WHERE kind = 'document' AND {IN_FAMILY}"
    sources = [r["source"] for r in select(db, f"SELECT DISTINCT source {documents}")]  # a constant
    places = [r["place"] for r in select(db, f"SELECT DISTINCT place {documents}")]  # a constant
    taken = {one_form(each) for each in sources}
    new_sources: dict[str, str] = {}
    for source in sources:
        if (left := names.cut(source)) != source:
            new_sources[source] = _other_than(one_form(left), taken)
            taken.add(new_sources[source])
    new_places = {each: left for each in places if (left := names.cut(each)) != each}
    if new_sources or new_places:
        _rename_in_nodes(db, new_sources, new_places, now)
        _rename_rows(db, new_sources, new_places)
    return new_sources


def _rename_in_nodes(
    db: Database, sources: Mapping[str, str], places: Mapping[str, str], now: str
) -> None:
    named = [json.dumps(list(sources)), json.dumps(list(places))]
    for rows, field in (
        (select(db, _NODES, named), "items"),
        (select(db, _REPLACING_NODES, named[:1]), "superseded"),
    ):
        for row in rows:
            sql = "SELECT content_json FROM nodes WHERE branch = ? AND seq = ?"
            at = [row["branch"], row["seq"]]
            content = json.loads(db.execute(sql, at).fetchone()[0])
            for entry in content.get(field, []):
                for word, new in (("source", sources), ("place", places)):
                    if entry.get(word) in new:
                        entry[word] = new[entry[word]]
            redact_node(db, row["branch"], row["seq"], content, now)


def _rename_rows(db: Database, sources: Mapping[str, str], places: Mapping[str, str]) -> None:
    for old, new in sources.items():
        for statement in (
            f"UPDATE items SET source = ? WHERE source = ? AND kind = 'document' AND {IN_FAMILY}",  # noqa: S608  # a constant
            f"UPDATE OR REPLACE pins SET source = ? WHERE source = ? AND {_SESSIONS}",  # noqa: S608  # a constant
            f"UPDATE OR REPLACE quarantine SET source = ? WHERE source = ? AND {_SESSIONS}",  # noqa: S608  # a constant
            "UPDATE OR REPLACE correction_sources SET source = ? WHERE source = ? AND correction "  # noqa: S608  # a constant
            f"IN (SELECT number FROM corrections WHERE {_SESSIONS})",
        ):
            db.execute(statement, [new, old])
    for old, new in places.items():
        db.execute(
            f"UPDATE items SET place = ? WHERE place = ? AND {IN_FAMILY}",  # noqa: S608  # a constant
            [new, old],
        )
