"""Pages of a history's steps in short, and the checkpoints between them.

A page costs the same wherever in a history it lies: steps are looked up by number in each of the
history's segments. The caller holds the transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.graph.history import checkpoint_record, in_lineage, tuples_in_lineage
from checkpoints.graph.rows import select
from checkpoints.tasks import named, versions
from checkpoints.text.graphemes import shortened
from checkpoints.timeline.place import step_seqs
from checkpoints.timeline.values import SHOWN, StepLine

if TYPE_CHECKING:
    from sqlite_utils import Database

    from checkpoints.graph.access import Visibility
    from checkpoints.records import CheckpointRecord
    from checkpoints.timeline.place import Place

_Named = tuple[str, int] | tuple[None, None]

# Texts may be long and tasks may have many examples: what is not shown is not read. json_valid: an
# imported session may hold what it likes.
_LINES = """
SELECT steps.n, nodes.id AS node_id, nodes.content_json, nodes.created_at,
       CASE WHEN json_valid(steps.result_json)
            THEN json_remove(steps.result_json, '$.retrieved', '$.shares', '$.sent')
            ELSE '{}' END AS result_json,
       substr(inputs.text, 1, :most) AS input, length(inputs.text) AS input_chars,
       substr(outputs.text, 1, :most) AS output, length(outputs.text) AS output_chars,
       CASE WHEN json_valid(tasks.text)
            THEN substr(coalesce(json_extract(tasks.text, '$.description'), ''), 1, :most)
            ELSE '' END AS task,
       CASE WHEN json_valid(tasks.text)
            THEN coalesce(json_array_length(tasks.text, '$.labels'), 0) ELSE 0 END AS labels
FROM lineage
CROSS JOIN steps ON steps.branch = lineage.branch AND +steps.seq <= lineage.top
JOIN nodes ON nodes.branch = steps.branch AND nodes.seq = steps.seq
JOIN texts AS inputs ON inputs.id = steps.input_id
JOIN texts AS outputs ON outputs.id = steps.output_id
JOIN texts AS tasks ON tasks.id = steps.task_id
WHERE steps.n BETWEEN :first AND :last ORDER BY steps.n
"""

_CORRECTED = """
SELECT corrections.n, corrections.confirmed FROM lineage
CROSS JOIN corrections ON corrections.branch = lineage.branch
    AND corrections.seq <= lineage.top AND corrections.seq BETWEEN :low AND :high
WHERE corrections.ended IS NULL
"""

_CHECKPOINTS = """
WITH RECURSIVE chain(id, parent, step) AS (
    SELECT id, parent, step FROM checkpoints WHERE id = :last_checkpoint
    UNION ALL
    SELECT checkpoints.id, checkpoints.parent, checkpoints.step
    FROM chain JOIN checkpoints ON checkpoints.id = chain.parent WHERE chain.step >= :first
)
SELECT checkpoints.* FROM chain JOIN checkpoints ON checkpoints.id = chain.id
WHERE checkpoints.step BETWEEN :first AND :last AND checkpoints.pruned_at IS NULL
ORDER BY checkpoints.step, checkpoints.number
"""

_WITH_ADAPTER = """
SELECT steps.n FROM lineage
CROSS JOIN nodes ON nodes.branch = lineage.branch AND nodes.seq <= lineage.top
JOIN steps ON steps.branch = nodes.branch AND steps.seq = nodes.seq
WHERE nodes.kind = 'step' AND instr(nodes.content_json, :digest)
AND json_extract(nodes.content_json, '$.adapter_digest') = :digest ORDER BY steps.n
"""


def lines(
    db: Database, visibility: Visibility, place: Place, first: int, last: int
) -> list[StepLine]:
    """The steps numbered `first` to `last`, in order."""
    values = {"most": SHOWN + 1, "first": first, "last": last}
    rows = in_lineage(db, place.branch, _LINES, last_seq=place.last_seq, **values)
    low, high = step_seqs(db, place, first, last)
    said = {
        row["n"]: row["confirmed"]
        for row in in_lineage(
            db, place.branch, _CORRECTED, last_seq=place.last_seq, low=low, high=high
        )
    }
    contents = [json.loads(row["content_json"]) for row in rows]
    tasks = _versions(db, visibility, {each.get("task_version") for each in contents})
    return [
        _line(row, content, tasks, said.get(row["n"]))
        for row, content in zip(rows, contents, strict=True)
    ]


def _line(
    row: dict[str, Any],
    content: dict[str, Any],
    tasks: dict[str, _Named],
    confirmed: int | None,
) -> StepLine:
    result = json.loads(row["result_json"])
    version = content.get("task_version")
    name, number = (None, None) if version is None else tasks.get(version, (None, None))
    return StepLine(
        n=row["n"],
        node_id=row["node_id"],
        input=shortened(row["input"], SHOWN),
        input_chars=row["input_chars"],
        output=shortened(row["output"], SHOWN),
        output_chars=row["output_chars"],
        task=shortened(str(row["task"]), SHOWN),
        labels=row["labels"],
        mode=content["mode"],
        adapter_digest=content["adapter_digest"],
        result=result if isinstance(result, dict) else {},
        created_at=row["created_at"],
        task_version=version,
        task_name=name,
        task_number=number,
        corrected=None if confirmed is None else "confirmed" if confirmed else "corrected",
    )


def _versions(db: Database, visibility: Visibility, digests: set[str | None]) -> dict[str, _Named]:
    """Name and number of the versions of tasks that may be seen, by digest.

    Another's name says whose it is.
    """
    found: dict[str, _Named] = {}
    for digest in digests:
        version = None if digest is None else versions.named(db, digest)
        if digest is None or version is None:
            continue
        row, task = version
        if task["principal"] == visibility.principal:
            found[digest] = (task["name"], row["number"])
        elif task["shared"] or named.changeable(task, visibility.principal):
            found[digest] = (f"{task['principal'] or ''}/{task['name']}", row["number"])
    return found


def checkpoints(db: Database, place: Place, first: int, last: int) -> list[CheckpointRecord]:
    """The checkpoints after step `first` to `last` of a history, oldest first."""
    at = place.session["last_checkpoint"] if place.checkpoint is None else place.checkpoint.id
    values = {"last_checkpoint": at, "first": first, "last": last}
    return [checkpoint_record(row) for row in select(db, _CHECKPOINTS, values)]


def with_adapter(db: Database, place: Place, digest: str) -> list[int]:
    """The numbers of the steps that ran with an adapter, in order."""
    rows = tuples_in_lineage(
        db, place.branch, _WITH_ADAPTER, last_seq=place.last_seq, digest=digest
    )
    return [row[0] for row in rows]
