"""The way out of a search: items as they are given back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.graph.history import SUPERSEDED, in_lineage
from checkpoints.graph.quarantine import ALLOWED
from checkpoints.records import Hit
from checkpoints.text.graphemes import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database


# Of a step's input beside its output.
_INPUT_CHARS = 500


def pinned(db: Database, session: dict[str, Any]) -> list[Hit]:
    """The session's pinned items, oldest first."""
    rows = in_lineage(
        db,
        session["branch"],
        """
        SELECT DISTINCT items.id FROM pins
        JOIN items ON items.text_id = pins.text_id
            AND one_form(items.source) = one_form(pins.source)
        CROSS JOIN lineage ON items.branch = lineage.branch AND items.seq <= lineage.top
        WHERE pins.session_id = :session_id ORDER BY items.id
        """,
        session_id=session["id"],
    )
    return read_hits(db, session, {row["id"]: (0.0, True) for row in rows})


def read_hits(
    db: Database, session: dict[str, Any], wanted: Mapping[int, tuple[float, bool]]
) -> list[Hit]:
    """Items by id, with score and whether found, in the order given: the one way out of memory.

    Whatever ranked them, an item outside the session's history, superseded or in quarantine is
    left out.
    """
    rows = in_lineage(
        db,
        session["branch"],
        f"""
        SELECT items.id AS item_id, texts.text, one_form(items.source) AS source, items.kind,
               CASE items.kind WHEN 'step' THEN nodes.steps END AS step,
               nodes.created_at, items.origin, items.place, items.ordinal AS 'order',
               EXISTS (
                   SELECT 1 FROM pins WHERE pins.session_id = :session_id
                   AND pins.text_id = items.text_id
                   AND one_form(pins.source) = one_form(items.source)
               ) AS pinned,
               substr(inputs.text, 1, :most) AS input
        FROM json_each(:ids) AS wanted
        CROSS JOIN items ON items.id = wanted.value
        CROSS JOIN lineage ON items.branch = lineage.branch AND items.seq <= lineage.top
        JOIN nodes INDEXED BY nodes_by_place
            ON nodes.branch = items.branch AND nodes.seq = +items.seq
        JOIN texts ON texts.id = items.text_id
        LEFT JOIN steps ON items.kind = 'step'
            AND steps.branch = items.branch AND steps.seq = items.seq
        LEFT JOIN texts AS inputs ON inputs.id = steps.input_id
        WHERE {ALLOWED} AND NOT {SUPERSEDED} ORDER BY wanted.key
        """,  # noqa: S608  # constants; every value is bound
        ids=json.dumps(list(wanted)),
        session_id=session["id"],
        most=_INPUT_CHARS + 1,
    )
    hits = []
    for row in rows:
        score, found = wanted[row["item_id"]]
        asked = None if row["input"] is None else shortened(row["input"], _INPUT_CHARS)
        values = {**row, "pinned": bool(row["pinned"]), "input": asked}
        hits.append(Hit(**values, score=score, found=found))
    return hits
