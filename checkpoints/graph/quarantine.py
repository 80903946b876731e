"""What is kept out of a session's memory: a source, or a text of a source, not one row.

So a text that its source sends again stays out, and so does what a source sends later; the same
text from another source is another's. A step that answered with such a text is out with it. A
quarantine is state beside the history: restoring keeps it, a fork starts with a copy. The caller
holds the transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue, UnknownSource
from checkpoints.graph.history import SUPERSEDED, in_lineage, item_row, tuples_in_lineage
from checkpoints.graph.rows import select
from checkpoints.graph.sources import nearest, spellings
from checkpoints.records import Marking, Quarantined, one_form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

_Row = dict[str, Any]

# Items that are named in a note.
_SHOWN = 20

_REPLACED = "were replaced when their source was remembered again"

# Of the rows of items, those that a mark is of; a mark without a source is of any source's.
_OF_SOURCE = """
CROSS JOIN items INDEXED BY items_by_source
    ON items.branch = lineage.branch AND items.seq <= lineage.top
WHERE items.source IN (SELECT value FROM json_each(:names))
"""
_OF_TEXT = """
CROSS JOIN items INDEXED BY items_by_text
    ON items.branch = lineage.branch AND items.seq <= lineage.top
WHERE items.text_id = (SELECT id FROM texts WHERE sha256 = :text_sha256)
    AND (:source IS NULL OR items.source IN (SELECT value FROM json_each(:names)))
"""

# Of the rows of items and their texts, over `lineage`, those that a session may see.
ALLOWED = """
NOT EXISTS (
    SELECT 1 FROM quarantine WHERE quarantine.session_id = :session_id
    AND (quarantine.text_sha256 IS NULL OR quarantine.text_sha256 = texts.sha256)
    AND (quarantine.source IS NULL OR one_form(quarantine.source) = one_form(items.source))
)
AND NOT (items.kind = 'step' AND EXISTS (
    SELECT 1 FROM quarantine WHERE quarantine.session_id = :session_id AND (
        quarantine.text_sha256 = texts.sha256
        OR quarantine.text_sha256 IS NULL AND EXISTS (
            SELECT 1 FROM items AS answered
            CROSS JOIN lineage AS seen
            ON answered.branch = seen.branch AND answered.seq <= seen.top
            WHERE answered.text_id = items.text_id
            AND one_form(answered.source) = one_form(quarantine.source)
        )
    )
))
"""


UNTOLD = "not trusted"
"""The reason of what is kept out without one."""


def keep_out(
    db: Database, session: _Row, mark: dict[str, str | None], reason: str | None, now: str
) -> Marking:
    """Keep a text or a source out; doing so again only changes the reason, where one is given."""
    known = next((row for row in quarantined_rows(db, session) if _same(row, mark)), None)
    items = marked_items(db, session, mark)
    if known is not None:
        told = f"was in quarantine already, since {known['created_at']}"
        if reason is None or reason == known["reason"]:
            return Marking(0, f"{told}; nothing was changed")
        sql = "UPDATE quarantine SET reason = ? WHERE number = ?"
        db.execute(sql, [reason, known["number"]])
        return Marking(0, f"{told}; only its reason was changed")
    before = hidden(db, session, items)
    old = replaced(db, session, items) - before
    db["quarantine"].insert(
        {"session_id": session["id"], **mark, "reason": reason or UNTOLD, "created_at": now}
    )
    notes = [f"{len(before)} of its items were out already, by another quarantine"] * bool(before)
    if old:
        notes.append(f"{len(old)} of its items {_REPLACED}, and were in no search")
    return Marking(len(items) - len(before) - len(old), "; ".join(notes) or None)


def let_in(
    db: Database, session: _Row, mark: dict[str, str | None], item_id: int | None
) -> Marking:
    """Take a quarantine back; what another one hides stays out.

    Raises BadValue or UnknownSource where there is none.
    """
    items = marked_items(db, session, mark)
    if not release(db, session, mark):
        refuse_release(db, session, item_id, mark["source"] if item_id is None else None)
    left = hidden(db, session, items)
    old = replaced(db, session, items) - left
    notes = list[str]()
    if left and item_id is None:
        notes.append(
            f"{len(left)} of its items stay out, each in quarantine by itself: {_numbers(left)}"
        )
    elif left:
        notes.append(
            f"it stays out: its source, {mark['source']!r}, or its text is in quarantine too; "
            "release that as well"
        )
    if old:
        notes.append(f"{len(old)} of its items {_REPLACED}, and stay in no search")
    return Marking(len(items) - len(left) - len(old), "; ".join(notes) or None)


def _numbers(items: set[int]) -> str:
    shown = ", ".join(map(str, sorted(items)[:_SHOWN]))
    return shown + ("" if len(items) <= _SHOWN else ", ...")


def hidden(db: Database, session: _Row, item_ids: Iterable[int]) -> set[int]:
    """Those of some items that a quarantine keeps out of a session."""
    return _those(db, session, item_ids, f"NOT ({ALLOWED})")


def replaced(db: Database, session: _Row, item_ids: Iterable[int]) -> set[int]:
    """Those of some items that a later version of their source has replaced."""
    return _those(db, session, item_ids, SUPERSEDED)


def _those(db: Database, session: _Row, item_ids: Iterable[int], condition: str) -> set[int]:
    rows = in_lineage(
        db,
        session["branch"],
        f"""
        SELECT items.id FROM lineage
        CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
        JOIN texts ON texts.id = items.text_id
        WHERE items.id IN (SELECT value FROM json_each(:wanted)) AND {condition}
        """,  # noqa: S608  # constants; every value is bound
        wanted=json.dumps(list(item_ids)),
        session_id=session["id"],
    )
    return {row["id"] for row in rows}


def sources_out(db: Database, session: _Row, sources: Iterable[str]) -> list[str]:
    """Those of some sources that are in quarantine as a whole."""
    marks = [row for row in quarantined_rows(db, session) if row["text_sha256"] is None]
    out = {one_form(row["source"]) for row in marks}
    return [source for source in dict.fromkeys(sources) if one_form(source) in out]


def _same(row: _Row, mark: dict[str, str | None]) -> bool:
    """Whether a mark is there already, whatever Unicode form its source was given in."""
    forms = [each["source"] and one_form(each["source"]) for each in (row, mark)]
    return row["text_sha256"] == mark["text_sha256"] and forms[0] == forms[1]


def release(db: Database, session: _Row, mark: dict[str, str | None]) -> int:
    """Let a text or a source back in; how many marks that took away."""
    cursor = db.execute(
        """
        DELETE FROM quarantine WHERE session_id = :session_id
        AND text_sha256 IS :text_sha256
        AND (
            one_form(source) IS one_form(:source) OR source IS NULL AND text_sha256 IS NOT NULL
        )
        """,
        {"session_id": session["id"], **mark},
    )
    return int(cursor.rowcount)


def refuse_release(db: Database, session: _Row, item_id: int | None, source: str | None) -> None:
    """Say why nothing was released. Raises BadValue or UnknownSource."""
    marks = [row for row in quarantined_rows(db, session) if row["text_sha256"] is None]
    kept = [one_form(row["source"]) for row in marks]
    if source is not None:
        near = nearest(one_form(source), kept)
        raise UnknownSource("source", source, near, "the quarantine has")
    if one_form(item_row(db, session, item_id or 0)["source"]) in kept:
        raise BadValue("item_id", "it is its source that is in quarantine; release the source")
    raise BadValue("item_id", f"item {item_id} is not in quarantine; nothing was changed")


def quarantined(db: Database, session: _Row) -> list[Quarantined]:
    """Everything kept out of a session, oldest mark first, with what it hides."""
    rows = quarantined_rows(db, session)
    texts = [_marked_texts(db, session, row) for row in rows]
    steps = _steps_saying(db, session, set().union(*texts))
    return [
        _record(db, session, row, [n for n, text in steps if text in marked])
        for row, marked in zip(rows, texts, strict=True)
    ]


def quarantined_rows(db: Database, session: _Row) -> list[_Row]:
    """The marks of a session, oldest first."""
    sql = "SELECT * FROM quarantine WHERE session_id = ? ORDER BY number"
    return select(db, sql, [session["id"]])


def mark_of(
    db: Database, session: _Row, item_id: int | None, source: str | None
) -> dict[str, str | None]:
    """What a quarantine of an item or of a source is kept under. Raises BadValue."""
    if (item_id is None) == (source is None):
        raise BadValue("item_id, source", "give one of the two")
    if item_id is None:
        return {"text_sha256": None, "source": source}
    item = item_row(db, session, item_id)
    return {"text_sha256": item["sha256"], "source": item["source"]}


def marked_items(db: Database, session: _Row, mark: _Row) -> list[int]:
    """The visible items that a mark hides, oldest first."""
    rows = in_lineage(
        db,
        session["branch"],
        f"""
        SELECT items.id FROM lineage
        {_OF_SOURCE if mark["text_sha256"] is None else _OF_TEXT} ORDER BY items.id
        """,  # noqa: S608  # constants; every value is bound
        source=mark["source"],
        names=_names(db, mark["source"]),
        text_sha256=mark["text_sha256"],
    )
    return [row["id"] for row in rows]


def _names(db: Database, source: str | None) -> str:
    """The names under which a source may be stored, as JSON."""
    return json.dumps([] if source is None else spellings(db, [source])[one_form(source)])


def _marked_texts(db: Database, session: _Row, mark: _Row) -> set[int]:
    """The texts that a mark hides, by their ids."""
    if mark["text_sha256"] is not None:
        sql = "SELECT id FROM texts WHERE sha256 = ?"
        return {text for (text,) in db.execute(sql, [mark["text_sha256"]])}
    rows = tuples_in_lineage(
        db,
        session["branch"],
        f"SELECT items.text_id FROM lineage {_OF_SOURCE}",  # noqa: S608  # constants
        names=_names(db, mark["source"]),
    )
    return {text for (text,) in rows}


def _steps_saying(db: Database, session: _Row, texts: set[int]) -> list[tuple[int, int]]:
    """The visible steps whose output is one of some texts, in order, each with that text."""
    return tuples_in_lineage(
        db,
        session["branch"],
        """
        SELECT steps.n, steps.output_id FROM lineage
        CROSS JOIN steps ON steps.branch = lineage.branch AND steps.seq <= lineage.top
        WHERE steps.output_id IN (SELECT value FROM json_each(:texts)) ORDER BY steps.n
        """,
        texts=json.dumps(sorted(texts)),
    )


def _record(db: Database, session: _Row, row: _Row, steps: list[int]) -> Quarantined:
    text = db.execute("SELECT text FROM texts WHERE sha256 = ?", [row["text_sha256"]]).fetchone()
    return Quarantined(
        text=text[0] if text else None,
        source=row["source"] and one_form(row["source"]),
        reason=row["reason"],
        created_at=row["created_at"],
        item_ids=tuple(marked_items(db, session, row)),
        steps=tuple(steps),
    )
