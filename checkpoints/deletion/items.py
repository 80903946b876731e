"""An item or a source deleted for good, from one session's history and from all that share it.

The caller holds the transaction, which looks for dangling references at its end.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.deletion import family, remains, unused
from checkpoints.deletion.family import IN_FAMILY
from checkpoints.deletion.names import Names, cut_labels, cut_reasons, rename_sources
from checkpoints.deletion.neighbours import cut_overlaps
from checkpoints.deletion.quotes import LEAST, LEAST_WHOLE, Quotes, word_count
from checkpoints.deletion.redaction import Redaction
from checkpoints.deletion.traces import Traces, redact_node
from checkpoints.errors import BadValue, UnknownSource
from checkpoints.graph.rows import select
from checkpoints.graph.sources import nearest
from checkpoints.records import GONE, Deleted, one_form
from checkpoints.tasks.forgetting import Cuts, forget_quotes, forget_source, withheld_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.graph.access import Visibility
    from checkpoints.limits import StoreLimits

    _Row = dict[str, Any]

# Words in a row that are a quotation where the text is known to have been in the prompt.
_LEAST_IN_PROMPT = 4
_COMPARED = 2_000
_BRANCHES_LOOKED_AT = 100

_ITEMS = f"""
SELECT items.id, items.branch, items.seq, items.position, items.text_id, items.source, items.kind,
       items.ordinal, texts.text, texts.sha256
FROM items JOIN texts ON texts.id = items.text_id WHERE items.{IN_FAMILY}
"""  # noqa: S608  # a constant


def delete_items(
    db: Database,
    session: _Row,
    visibility: Visibility,
    limits: StoreLimits,
    now: str,
    *,
    item_id: int | None = None,
    source: str | None = None,
) -> Deleted:
    """Delete an item's text as its source has it, or all that a source ever sent.

    Raises BadValue or UnknownSource where there is none.
    """
    family.gather(db, session["branch"])
    rows = _matching(db, item_id, source)
    documents = [row for row in rows if row["kind"] == "document"]
    answers = {(row["branch"], row["seq"]) for row in rows if row["kind"] == "step"}
    text_ids = {row["text_id"]: row for row in rows}
    texts = {row["text"] for row in rows}
    changes = [
        change for row in documents for change in _without(db, row, len(row["text"].encode()))
    ]
    for place in dict.fromkeys((row["branch"], row["seq"]) for row in documents):
        _forget_entries(db, *place, [r for r in documents if (r["branch"], r["seq"]) == place], now)
    db.conn.executemany("DELETE FROM items WHERE id = ?", [(row["id"],) for row in documents])
    kept_out = withheld_in(db, IN_FAMILY)
    _forget_marks(db, rows, source)
    ids = {row["id"] for row in rows}
    traces = Traces()
    # Of a source all pieces go, so none is left beside another.
    shortened = cut_overlaps(db, documents if source is None else (), traces, now)
    texts |= {part for each in shortened.values() for part in each.lost if _is_telling(part)}
    # A name of one word may be any word of a sentence.
    several = [source] if source is not None and word_count(source) > 1 else []
    quotes = Quotes(texts, LEAST, LEAST_WHOLE, several)
    in_prompt = Quotes(texts, _LEAST_IN_PROMPT, 1, several)
    names = Names(quotes, source)
    renamed = rename_sources(db, names, now)
    redaction = Redaction(db, quotes, in_prompt, names, renamed, traces, now)
    redaction.carry_out(ids, shortened, answers)
    traces.also["checkpoint labels"] = cut_labels(db, names)
    traces.also["reasons"] = cut_reasons(db, names)
    traces.also["names of other sources"] = len(renamed)
    traces.also["overlaps of neighbouring items"] = len(shortened)
    cuts = Cuts(quotes.cut, names.apart, names.cut)
    taught = forget_quotes(db, IN_FAMILY, session["principal"], cuts, limits, kept_out)
    traces.also.update(taught.also)
    family.shift_totals(db, [*changes, *traces.changes])
    db.execute(
        f"UPDATE sessions SET updated_at = ? WHERE {IN_FAMILY}",  # noqa: S608  # a constant
        [now],
    )
    left = remains.left(db, quotes, source)
    shared = [row["id"] for row in family.sessions(db) if row["id"] != session["id"]]
    freed = {*text_ids, *traces.texts, *taught.texts}
    used = unused.remove(db, freed, {*text_ids, *traces.item_texts})
    return Deleted(
        items=len(rows),
        text_bytes=sum(len(row["text"].encode()) for row in text_ids.values()),
        redacted=tuple(sorted(traces.steps)),
        shared_with=tuple(shared),
        kept_by=_keepers(db, visibility, used.intersection(text_ids)),
        also={what: count for what, count in traces.also.items() if count},
        left=(*left, *taught.left),
        tasks=tuple(taught.tasks),
    )


def _is_telling(text: str) -> bool:
    return word_count(text) >= LEAST_WHOLE


def _matching(db: Database, item_id: int | None, source: str | None) -> list[_Row]:
    if item_id is not None:
        found = select(db, _ITEMS + "AND items.id = ?", [item_id])
        if not found:
            raise BadValue(
                "item_id",
                f"the session's memory has no item {item_id}; nothing was deleted; recall shows "
                "each excerpt's item_ids",
            )
        same = [found[0]["text_id"], found[0]["source"]]
        return select(
            db, _ITEMS + "AND items.text_id = ? AND one_form(items.source) = one_form(?)", same
        )
    rows = select(db, _ITEMS + "AND one_form(items.source) = one_form(?)", [source])
    if not rows:
        known = select(
            db,
            f"SELECT DISTINCT source FROM items WHERE {IN_FAMILY} AND kind = 'document' "  # noqa: S608  # a constant
            f"LIMIT {_COMPARED}",
        )
        name = one_form(source or "")
        names = dict.fromkeys(one_form(row["source"]) for row in known)
        raise UnknownSource("source", name, nearest(name, list(names)))
    return rows


def _without(db: Database, row: _Row, size: int) -> list[tuple[int, int, int, int]]:
    """How the totals change where an item came, and where a later version had replaced it."""
    places = select(db, "SELECT branch, seq FROM superseded WHERE item_id = ?", [row["id"]])
    return [
        (row["branch"], row["seq"], -1, -size),
        *((place["branch"], place["seq"], 1, size) for place in places),
    ]


def _forget_entries(db: Database, branch: int, seq: int, rows: Sequence[_Row], now: str) -> None:
    """Take items out of the content of the node that brought them, and of those that replaced it.

    An entry stands where it stood, so that the others keep their positions.
    """
    sql = "SELECT content_json FROM nodes WHERE branch = ? AND seq = ?"
    content = json.loads(db.execute(sql, [branch, seq]).fetchone()[0])
    for row in rows:
        content["items"][row["position"]] = GONE
    redact_node(db, branch, seq, content, now)
    for row in rows:
        places = select(db, "SELECT branch, seq FROM superseded WHERE item_id = ?", [row["id"]])
        for place in places:
            later = json.loads(db.execute(sql, [place["branch"], place["seq"]]).fetchone()[0])
            named = {"text": row["sha256"], "source": row["source"]}
            later["superseded"] = [GONE if each == named else each for each in later["superseded"]]
            redact_node(db, place["branch"], place["seq"], later, now)
        db.execute("DELETE FROM superseded WHERE item_id = ?", [row["id"]])


def _forget_marks(db: Database, rows: Sequence[_Row], source: str | None) -> None:
    """Take away the family's pins and quarantines of these items, and of the source."""
    sessions = f"session_id IN (SELECT id FROM sessions WHERE {IN_FAMILY})"  # noqa: S608  # a constant
    for row in {(each["text_id"], each["sha256"], each["source"]) for each in rows}:
        text_id, digest, name = row
        db.execute(
            f"DELETE FROM pins WHERE text_id = ? "  # noqa: S608  # a constant
            f"AND one_form(source) = one_form(?) AND {sessions}",
            [text_id, name],
        )
        db.execute(
            f"DELETE FROM quarantine WHERE text_sha256 = ? "  # noqa: S608  # a constant
            f"AND (source IS NULL OR one_form(source) = one_form(?)) AND {sessions}",
            [digest, name],
        )
    if source is not None:
        db.execute(
            f"DELETE FROM quarantine WHERE one_form(source) = one_form(?) AND {sessions}",  # noqa: S608  # a constant
            [source],
        )
        forget_source(db, IN_FAMILY, source)


def _keepers(db: Database, visibility: Visibility, texts: set[int]) -> tuple[str, ...]:
    """The sessions, of those that may be seen, in which another source or step says the same."""
    if not texts:
        return ()
    found: dict[str, None] = {}
    for branch in unused.holders(db, texts)[:_BRANCHES_LOOKED_AT]:
        family.gather(db, branch)
        for row in family.sessions(db):
            if visibility.principal in (None, row["principal"]):
                found[row["id"]] = None
    return tuple(found)
