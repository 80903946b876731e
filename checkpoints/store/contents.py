"""What a session's memory holds, to look through: its sources, their items, who used them.

Unlike a search this also shows what is in quarantine, and says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue
from checkpoints.graph import history, sources
from checkpoints.graph.quarantine import ALLOWED, sources_out
from checkpoints.limits import bounded
from checkpoints.records import one_form

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlite_utils import Database

    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility

TEXT_SHOWN = 500
_SOURCES = f"""
SELECT CASE WHEN items.source GLOB '*[^ -~]*' THEN one_form(items.source) ELSE items.source END
           AS source,
       count(*) AS items, max(items.id) AS last, count(*) OVER () AS sources
FROM lineage
CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
WHERE items.kind = 'document' AND NOT {history.SUPERSEDED}
GROUP BY 1 ORDER BY last DESC, source LIMIT :limit OFFSET :skip
"""  # noqa: S608  # a constant; every value is bound
_ITEMS = f"""
SELECT items.id AS item_id, substr(texts.text, 1, :most) AS text,
       one_form(items.source) AS source, items.place, items.origin, items.kind,
       CASE items.kind WHEN 'step' THEN nodes.steps END AS step, nodes.created_at,
       EXISTS (
           SELECT 1 FROM pins WHERE pins.session_id = :session_id
           AND pins.text_id = items.text_id AND one_form(pins.source) = one_form(items.source)
       ) AS pinned,
       NOT ({ALLOWED}) AS hidden, {history.SUPERSEDED} AS replaced
FROM lineage CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
JOIN nodes INDEXED BY nodes_by_place ON nodes.branch = items.branch AND nodes.seq = +items.seq
JOIN texts ON texts.id = items.text_id
"""  # noqa: S608  # constants; every value is bound
_OF_SOURCE = f"""
{_ITEMS} WHERE items.source IN (SELECT value FROM json_each(:names))
    AND items.kind = 'document' AND NOT {history.SUPERSEDED}
ORDER BY items.ordinal, items.id LIMIT :limit OFFSET :skip
"""  # noqa: S608  # constants; every value is bound
# instr: most records do not hold the number of an item, and need not be read as JSON to say so.
_USED_BY = """
SELECT steps.n FROM lineage
CROSS JOIN steps ON steps.branch = lineage.branch AND steps.seq <= lineage.top
WHERE (:one IS NULL OR instr(steps.result_json, :one)) AND json_valid(steps.result_json)
AND EXISTS (
    SELECT 1 FROM json_each(steps.result_json, '$.context') AS part, json_each(
        CASE part.type WHEN 'object' THEN part.value ELSE '{}' END, '$.item_ids'
    ) AS used
    WHERE used.value IN (SELECT value FROM json_each(:item_ids))
)
ORDER BY steps.n
"""


@dataclass(frozen=True)
class SourceLine:
    """A source in a list: how many items it has now, and whether all of it is in quarantine.

    `last` is the number of the item that it sent last.
    """

    source: str
    items: int
    last: int
    hidden: bool


@dataclass(frozen=True)
class Sources:
    """Some sources of a list, and how many it has in all; 0 where none is left to list."""

    lines: tuple[SourceLine, ...]
    count: int


@dataclass(frozen=True)
class ItemLine:
    """A memory item in a list; `text` is its beginning where there is more.

    `hidden`: it is in quarantine, by itself or with its source. `replaced`: its source was
    remembered again without it.
    """

    item_id: int
    text: str
    source: str
    place: str
    origin: str
    kind: str
    step: int | None
    created_at: str
    pinned: bool
    hidden: bool
    replaced: bool


class Contents:
    """What a session's memory holds; `Store.contents` gives it.

    Any method may raise MemoryFault, UnknownSession and BadIdentifier among them.
    """

    def __init__(self, connection: Connection, visibility: Visibility) -> None:
        """`visibility` says which sessions there are."""
        self._connection, self._visibility = connection, visibility

    def sources(self, session_id: str, limit: int = 50, skip: int = 0) -> Sources:
        """The sources of documents, those that sent something last first, after `skip`."""
        with self._connection.reading() as db:
            session = self._visibility.session(db, session_id)
            values = {"limit": bounded(limit), "skip": bounded(skip)}
            rows = history.in_lineage(db, session["branch"], _SOURCES, **values)
            out = set(sources_out(db, session, [row["source"] for row in rows]))
            lines = [
                SourceLine(row["source"], row["items"], row["last"], row["source"] in out)
                for row in rows
            ]
            return Sources(tuple(lines), rows[0]["sources"] if rows else 0)

    def items(self, session_id: str, source: str, limit: int = 50, skip: int = 0) -> list[ItemLine]:
        """The items that a source has now, in its order, after `skip`. Raises UnknownSource."""
        with self._connection.reading() as db:
            session = self._visibility.session(db, session_id)
            sources.require_sources(db, session["branch"], "source", [source])
            names = sources.spellings(db, [source])[one_form(source)]
            values = {"names": json.dumps(names), "limit": bounded(limit), "skip": bounded(skip)}
            return _lines(db, session, _OF_SOURCE, most=TEXT_SHOWN, **values)

    def item(self, session_id: str, item_id: int) -> ItemLine:
        """One item with all of its text. Raises BadValue."""
        with self._connection.reading() as db:
            session = self._visibility.session(db, session_id)
            whole = 2**31 - 1
            where = f"{_ITEMS} WHERE items.id = :item_id"
            found = _lines(db, session, where, most=whole, item_id=bounded(item_id))
            if not found:
                raise BadValue("item_id", f"the session's memory has no item {item_id}")
            return found[0]

    def used_by(self, session_id: str, item_ids: Collection[int]) -> list[int]:
        """The steps that had one of some items in their prompt, in order."""
        with self._connection.reading() as db:
            branch = self._visibility.session(db, session_id)["branch"]
            one = str(next(iter(item_ids))) if len(item_ids) == 1 else None
            values: dict[str, Any] = {"one": one, "item_ids": json.dumps(sorted(item_ids))}
            return [n for (n,) in history.tuples_in_lineage(db, branch, _USED_BY, **values)]


def _lines(db: Database, session: dict[str, Any], sql: str, **values: Any) -> list[ItemLine]:
    rows = history.in_lineage(db, session["branch"], sql, session_id=session["id"], **values)
    marks = ("pinned", "hidden", "replaced")
    return [ItemLine(**{**row, **{name: bool(row[name]) for name in marks}}) for row in rows]
