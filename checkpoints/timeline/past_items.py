"""Memory items as a step of the past had them, whatever became of them since.

The caller holds the transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from checkpoints.graph.history import SUPERSEDED, in_lineage
from checkpoints.graph.quarantine import ALLOWED
from checkpoints.records import Hit
from checkpoints.timeline.values import PastItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.timeline.place import Place

_ITEMS = f"""
SELECT items.id AS item_id, texts.text, one_form(items.source) AS source, items.kind,
       CASE items.kind WHEN 'step' THEN nodes.steps END AS step,
       nodes.created_at, items.origin, items.place, items.ordinal AS 'order',
       EXISTS (
           SELECT 1 FROM pins WHERE pins.session_id = :session_id
           AND pins.text_id = items.text_id AND one_form(pins.source) = one_form(items.source)
       ) AS pinned,
       {ALLOWED} AS allowed, {SUPERSEDED} AS replaced
FROM json_each(:ids) AS wanted
CROSS JOIN items ON items.id = wanted.value
CROSS JOIN lineage ON items.branch = lineage.branch AND items.seq <= lineage.top
JOIN nodes INDEXED BY nodes_by_place
    ON nodes.branch = items.branch AND nodes.seq = +items.seq
JOIN texts ON texts.id = items.text_id
"""  # noqa: S608  # constants; every value is bound


def past_items(db: Database, place: Place, item_ids: Sequence[int]) -> dict[int, PastItem]:
    """Those of some items that a history still holds, by id, also what no search finds any more."""
    rows = in_lineage(
        db,
        place.branch,
        _ITEMS,
        last_seq=place.last_seq,
        session_id=place.session["id"],
        ids=json.dumps(list(item_ids)),
    )
    found = {}
    for row in rows:
        allowed, replaced = row.pop("allowed"), row.pop("replaced")
        item = Hit(**{**row, "pinned": bool(row["pinned"])}, score=0.0)
        state = "quarantined" if not allowed else "replaced" if replaced else "here"
        found[item.item_id] = PastItem(item, state)  # type: ignore[arg-type]  # one of the three
    return found
