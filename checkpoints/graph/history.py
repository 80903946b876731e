"""Reading the history graph: what is visible from a branch.

A branch continues another one from a node of it; a lineage is therefore a few segments
(branch, last visible seq), and a fork or a restore costs one row. Sequence numbers go on across
branches, so along a lineage they are 0, 1, 2 and so on without gaps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue, UnknownCheckpoint, UnknownSession
from checkpoints.graph.rows import select
from checkpoints.limits import check_identifier
from checkpoints.records import Appended, CheckpointRecord, SessionRecord, StepRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlite_utils import Database

LAST_SEQ = 2**63 - 1
"""Above the number of any node."""

_LINEAGE = """
WITH RECURSIVE lineage(branch, top) AS (
    SELECT :branch, :last_seq
    UNION ALL
    SELECT branches.parent_branch, branches.fork_seq
    FROM lineage JOIN branches ON branches.id = lineage.branch
    WHERE branches.parent_branch IS NOT NULL
)
"""

# Of a row of items, over `lineage`: whether a later version of its source replaced it.
SUPERSEDED = """
EXISTS (
    SELECT 1 FROM superseded CROSS JOIN lineage AS later
    ON superseded.branch = later.branch AND superseded.seq <= later.top
    WHERE superseded.item_id = items.id
)
"""

# CROSS JOIN fixes the order: from the few segments to the rows, never a scan of all rows.
_STEPS = """
SELECT steps.n, nodes.id AS node_id, nodes.content_json, nodes.created_at,
       steps.step_key, steps.result_json,
       inputs.text AS input, outputs.text AS output, tasks.text AS task
FROM lineage
CROSS JOIN steps ON steps.branch = lineage.branch AND steps.seq <= lineage.top
JOIN nodes ON nodes.branch = steps.branch AND nodes.seq = steps.seq
JOIN texts AS inputs ON inputs.id = steps.input_id
JOIN texts AS outputs ON outputs.id = steps.output_id
JOIN texts AS tasks ON tasks.id = steps.task_id
"""


@dataclass(frozen=True)
class Node:
    """One node of a history, with the totals up to it."""

    branch: int
    seq: int
    id: str
    steps: int
    items: int
    bytes: int
    task_id: int | None


def in_lineage(
    db: Database, branch: int, sql: str, *, last_seq: int = LAST_SEQ, **values: Any
) -> list[dict[str, Any]]:
    """Rows of a query over `lineage(branch, top)`, the segments visible from `branch`.

    `last_seq` is the last node of the branch itself that counts.
    """
    return select(db, _LINEAGE + sql, {"branch": branch, "last_seq": last_seq, **values})


def tuples_in_lineage(
    db: Database, branch: int, sql: str, *, last_seq: int = LAST_SEQ, **values: Any
) -> list[tuple[Any, ...]]:
    """The same as plain tuples, for queries over very many rows."""
    return list(db.execute(_LINEAGE + sql, {"branch": branch, "last_seq": last_seq, **values}))


def head(db: Database, branch: int) -> Node:
    """The last node visible from a branch: its own last one, or the one it continues."""
    rows = in_lineage(
        db,
        branch,
        """
        SELECT nodes.branch, nodes.seq, nodes.id, nodes.steps, nodes.items, nodes.bytes,
               nodes.task_id
        FROM lineage
        CROSS JOIN nodes ON nodes.branch = lineage.branch AND nodes.seq = (
            SELECT max(seq) FROM nodes AS own
            WHERE own.branch = lineage.branch AND own.seq <= lineage.top
        )
        ORDER BY nodes.seq DESC LIMIT 1
        """,
    )
    return Node(**rows[0])


def node_at(db: Database, branch: int, seq: int) -> Node | None:
    """The node at a place of a branch's own."""
    rows = select(
        db,
        """
        SELECT branch, seq, id, steps, items, bytes, task_id FROM nodes
        WHERE branch = ? AND seq = ?
        """,
        [branch, seq],
    )
    return next((Node(**row) for row in rows), None)


def steps_after(db: Database, branch: int, n: int) -> list[StepRecord]:
    """Visible steps with a number above `n`, in order."""
    return _steps(db, branch, _STEPS + "WHERE steps.n > :n ORDER BY steps.n", n=n)


def step_numbered(
    db: Database, branch: int, n: int, *, last_seq: int = LAST_SEQ
) -> StepRecord | None:
    """The visible step number `n`; `last_seq` as for `in_lineage`."""
    sql = _STEPS + "WHERE steps.n = :n"
    return next(iter(_steps(db, branch, sql, n=n, last_seq=last_seq)), None)


def replayed(db: Database, session: Mapping[str, Any], key: str) -> Appended | None:
    """The visible step that was stored under an idempotency key, and the checkpoint it made."""
    steps = _steps(db, session["branch"], _STEPS + "WHERE steps.step_key = :key", key=key)
    if not steps:
        return None
    made = _checkpoint_at(db, session["last_checkpoint"], steps[0])
    return Appended(steps[0], made, replayed=True)


def _steps(db: Database, branch: int, sql: str, **values: Any) -> list[StepRecord]:
    return [_step_record(row) for row in in_lineage(db, branch, sql, **values)]


def _step_record(row: Mapping[str, Any]) -> StepRecord:
    content = json.loads(row["content_json"])
    return StepRecord(
        n=row["n"],
        node_id=row["node_id"],
        input=row["input"],
        output=row["output"],
        task=json.loads(row["task"]),
        mode=content["mode"],
        adapter_digest=content["adapter_digest"],
        result=json.loads(row["result_json"]),
        step_key=row["step_key"],
        created_at=row["created_at"],
        task_version=content.get("task_version"),
    )


def session_record(db: Database, row: Mapping[str, Any]) -> SessionRecord:
    """The summary of a session, from its row and the head of its history."""
    at = head(db, row["branch"])
    sql = "SELECT text FROM texts WHERE id = ?"
    task = None if at.task_id is None else json.loads(db.execute(sql, [at.task_id]).fetchone()[0])
    return SessionRecord(
        id=row["id"],
        steps=at.steps,
        items=at.items,
        task=task,
        head=at.id,
        last_checkpoint=row["last_checkpoint"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        principal=row["principal"],
    )


def session_row(db: Database, session_id: str) -> dict[str, Any]:
    """A session's row. Raises UnknownSession or BadIdentifier."""
    check_identifier("session_id", session_id)
    for row in select(db, "SELECT * FROM sessions WHERE id = ?", [session_id]):
        return row
    raise UnknownSession(session_id)


def checkpoint_row(db: Database, checkpoint_id: str) -> dict[str, Any]:
    """A checkpoint's row, with the place of its node. Raises UnknownCheckpoint or BadIdentifier."""
    check_identifier("checkpoint_id", checkpoint_id)
    row = _checkpoint(db, checkpoint_id)
    if row is None or row["pruned_at"] is not None:
        raise UnknownCheckpoint(checkpoint_id)
    return row


def _checkpoint(db: Database, checkpoint_id: str) -> dict[str, Any] | None:
    return next(iter(select(db, "SELECT * FROM checkpoints WHERE id = ?", [checkpoint_id])), None)


def ancestry(db: Database, last: str | None) -> Iterator[CheckpointRecord]:
    """A checkpoint and then its ancestors that were not pruned, newest first."""
    while last is not None:
        row = _checkpoint(db, last)
        if row is None:
            raise UnknownCheckpoint(last)
        if row["pruned_at"] is None:
            yield checkpoint_record(row)
        last = row["parent"]


def checkpoint_record(row: Mapping[str, Any]) -> CheckpointRecord:
    """A checkpoint as its reader sees it."""
    hidden = ("number", "branch", "seq", "pruned_at")
    return CheckpointRecord(**{name: row[name] for name in row if name not in hidden})


def _checkpoint_at(db: Database, last: str | None, step: StepRecord) -> CheckpointRecord | None:
    """The unlabelled checkpoint at a step, among `last` and its ancestors."""
    for record in ancestry(db, last):
        if record.step < step.n:
            break
        if record.node_id == step.node_id and record.label is None:
            return record
    return None


def checkpoint_before(
    db: Database, session: Mapping[str, Any], item_id: int
) -> CheckpointRecord | None:
    """The session's latest checkpoint whose history does not hold the item yet."""
    seq = item_row(db, session, item_id)["seq"]
    for record in ancestry(db, session["last_checkpoint"]):
        # Along one history the sequence numbers go on across branches.
        if checkpoint_row(db, record.id)["seq"] < seq:
            return record
    return None


def item_row(
    db: Database, session: Mapping[str, Any], item_id: int, field: str = "item_id"
) -> dict[str, Any]:
    """An item that is visible in a session's history, with its text.

    Raises BadValue, which names the `field` that the id was given in.
    """
    rows = in_lineage(
        db,
        session["branch"],
        f"""
        SELECT items.*, texts.sha256, texts.text, {SUPERSEDED} AS superseded FROM items
        CROSS JOIN lineage ON items.branch = lineage.branch AND items.seq <= lineage.top
        JOIN texts ON texts.id = items.text_id
        WHERE items.id = :item_id
        """,  # noqa: S608  # a constant; every value is bound
        item_id=item_id,
    )
    if not rows:
        raise BadValue(field, f"the session's memory has no item {item_id}; nothing was changed")
    return rows[0]


def occurrences(db: Database, branch: int, text_id: int) -> list[dict[str, Any]]:
    """The items of a lineage that hold a text: id, kind, source."""
    return in_lineage(
        db,
        branch,
        """
        SELECT items.id, items.kind, items.source FROM items CROSS JOIN lineage
        ON items.branch = lineage.branch AND items.seq <= lineage.top
        WHERE items.text_id = :text_id
        """,
        text_id=text_id,
    )


def is_output(db: Database, branch: int, text_id: int) -> bool:
    """Whether a text is already the item of a step of a lineage."""
    return any(item["kind"] == "step" for item in occurrences(db, branch, text_id))


def holds(db: Database, branch: int, kind: str) -> bool:
    """Whether a lineage has a memory item of that kind."""
    return bool(
        in_lineage(
            db,
            branch,
            """
            SELECT 1 FROM lineage
            CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
            WHERE items.kind = :kind LIMIT 1
            """,
            kind=kind,
        )
    )
