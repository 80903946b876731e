"""Writing the history graph: one function for each kind of row.

The caller holds the transaction.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from checkpoints.errors import LimitExceeded
from checkpoints.graph import characters, vectors
from checkpoints.graph.history import Node, ancestry, is_output
from checkpoints.graph.rows import insert
from checkpoints.records import (
    CheckpointRecord,
    ItemDraft,
    StepDraft,
    canonical_json,
    checkpoint_digest,
    node_digest,
    text_digest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlite_utils import Database

    from checkpoints.graph.drafts import CheckedStep
    from checkpoints.limits import StoreLimits


def touch(db: Database, session_id: str) -> str:
    """Mark a session as changed now; return that time, UTC in ISO 8601."""
    now = utc_now()
    db.execute("UPDATE sessions SET updated_at = ? WHERE id = ?", [now, session_id])
    return now


def utc_now() -> str:
    """The time to record, in ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def add_session(
    db: Database,
    branch: int,
    principal: str | None,
    last_checkpoint: str | None,
    limits: StoreLimits,
) -> dict[str, Any]:
    """A new session on a branch; its row. Raises LimitExceeded."""
    if (count := db["sessions"].count) >= limits.sessions:
        raise LimitExceeded("sessions", count, limits.sessions, "stored", "use a new database file")
    if principal is not None:
        own = db["sessions"].count_where("principal = ?", [principal])
        if own >= limits.principal_sessions:
            raise LimitExceeded(
                "sessions",
                own,
                limits.principal_sessions,
                "of this principal stored",
                "go on with one of them, or ask who runs the server for more",
            )
    now = utc_now()
    row = {
        "id": _handle(),
        "branch": branch,
        "last_checkpoint": last_checkpoint,
        "principal": principal,
        "created_at": now,
        "updated_at": now,
    }
    db["sessions"].insert(row)
    return row


def _handle() -> str:
    """A session's name: 192 random bits, in letters that a shell takes for no option."""
    while (handle := secrets.token_urlsafe(24)).startswith("-"):
        pass
    return handle


def add_branch(db: Database, parent: int | None = None, fork_seq: int | None = None) -> int:
    """A new branch, continuing another from a node of it."""
    branch: int = db["branches"].insert({"parent_branch": parent, "fork_seq": fork_seq}).last_pk
    return branch


def add_text(db: Database, text: str) -> int:
    """The row id of a text, stored now unless it was before."""
    digest = text_digest(text)
    db.execute(
        "INSERT INTO texts (sha256, text) VALUES (?, ?) ON CONFLICT DO NOTHING", [digest, text]
    )
    row_id: int = db.execute("SELECT id FROM texts WHERE sha256 = ?", [digest]).fetchone()[0]
    return row_id


def add_node(
    db: Database,
    branch: int,
    kind: str,
    content: Mapping[str, Any],
    now: str,
    *,
    after: Node | None,
    steps: int = 0,
    items: int = 0,
    size: int = 0,
    task_id: int | None = None,
    redacted_id: str | None = None,
) -> Node:
    """Write the next node of a branch; `steps`, `items` and `size` (bytes) are what it adds.

    `redacted_id` is the id of a redacted one, which does not follow from what is left.
    """
    parent_id = after.id if after else None
    content_json = canonical_json(content)
    node = Node(
        branch=branch,
        seq=after.seq + 1 if after else 0,
        id=redacted_id or node_digest(kind, parent_id, content_json),
        steps=steps + (after.steps if after else 0),
        items=items + (after.items if after else 0),
        bytes=size + (after.bytes if after else 0),
        task_id=task_id if task_id is not None else (after.task_id if after else None),
    )
    insert(
        db,
        "nodes",
        {
            "branch": node.branch,
            "seq": node.seq,
            "id": node.id,
            "parent_id": parent_id,
            "kind": kind,
            "content_json": content_json,
            "created_at": now,
            "steps": node.steps,
            "items": node.items,
            "bytes": node.bytes,
            "task_id": node.task_id,
        },
    )
    return node


def add_item(
    db: Database, node: Node, position: int, text_id: int, item: ItemDraft, kind: str
) -> int:
    """Write a memory item that `node` brings, and index its text the first time it is one."""
    index_text(db, text_id, item.text)
    return insert(
        db,
        "items",
        {
            "branch": node.branch,
            "seq": node.seq,
            "position": position,
            "text_id": text_id,
            "source": item.source,
            "kind": kind,
            "origin": item.origin,
            "place": item.place,
            "ordinal": item.order if item.order is not None else position,
        },
    )


def index_text(db: Database, text_id: int, text: str) -> None:
    """Let a text be found that is to become a memory item, unless it is one already."""
    known = db.execute("SELECT 1 FROM items WHERE text_id = ? LIMIT 1", [text_id]).fetchone()
    if not known:
        db.execute("INSERT INTO item_index (rowid, text) VALUES (?, ?)", [text_id, text])
        characters.add(db, text_id, text)


def supersede(db: Database, node: Node, item_ids: Iterable[int]) -> None:
    """From `node` on, some items are no longer what their source says."""
    db.conn.executemany(
        "INSERT INTO superseded (branch, seq, item_id) VALUES (?, ?, ?)",
        [(node.branch, node.seq, item_id) for item_id in item_ids],
    )


def add_step(
    db: Database,
    branch: int,
    after: Node,
    draft: StepDraft,
    checked: CheckedStep,
    now: str,
) -> Node:
    """Write a step and its output as a memory item, unless it is empty or an earlier output."""
    output_id = add_text(db, draft.output)
    is_new = draft.output != "" and not is_output(db, branch, output_id)
    content = {
        "n": after.steps + 1,
        "input": text_digest(draft.input),
        "output": text_digest(draft.output),
        "task": text_digest(checked.task_json),
        "mode": draft.mode,
        "adapter_digest": draft.adapter_digest,
    }
    if draft.task_version is not None:
        content["task_version"] = draft.task_version
    size = len(draft.output.encode()) if is_new else 0
    node = add_node(
        db, branch, "step", content, now, after=after, steps=1, items=int(is_new), size=size
    )
    ids = {
        "input": add_text(db, draft.input),
        "output": output_id,
        "task": add_text(db, checked.task_json),
    }
    add_step_row(db, node, ids, draft.step_key, checked.result_json)
    if is_new:
        add_output_item(db, node, output_id, draft.output)
    if draft.output != "" and draft.vector is not None and checked.vector is not None:
        vectors.add_vector(db, "vector", output_id, draft.vector.encoder, checked.vector)
    return node


def add_step_row(
    db: Database, node: Node, ids: Mapping[str, int], step_key: str | None, result_json: str
) -> None:
    """Write the step that `node` is; `ids` are its texts: input, output and task."""
    insert(
        db,
        "steps",
        {
            "branch": node.branch,
            "seq": node.seq,
            "n": node.steps,
            "input_id": ids["input"],
            "output_id": ids["output"],
            "task_id": ids["task"],
            "step_key": step_key,
            "result_json": result_json,
            "result_sha256": text_digest(result_json),
        },
    )


def add_output_item(db: Database, node: Node, text_id: int, text: str) -> None:
    """Write a step's output as a memory item."""
    item = ItemDraft(text, f"step {node.steps}", origin="step", order=node.steps)
    add_item(db, node, 0, text_id, item, "step")


def add_checkpoint(
    db: Database, session_id: str, at: Node, label: str | None, last: str | None, now: str
) -> CheckpointRecord:
    """Make `at` a checkpoint of a session whose latest one is `last`, or find it made before."""
    for record in ancestry(db, last):
        if record.node_id != at.id:
            break
        if (record.session_id, record.label) == (session_id, label):
            return record
    digest = checkpoint_digest(session_id, at.id, label, last)
    add_checkpoint_row(db, digest, session_id, at, label, last, now)
    db.execute("UPDATE sessions SET last_checkpoint = ? WHERE id = ?", [digest, session_id])
    return next(ancestry(db, digest))


def add_checkpoint_row(
    db: Database,
    digest: str,
    session_id: str,
    at: Node,
    label: str | None,
    parent: str | None,
    created_at: str,
    pruned_at: str | None = None,
) -> None:
    """Write a checkpoint, unless it is there; one that was pruned and is made again comes back."""
    # It may be there: after a restore the same work leads to the same checkpoint.
    db.execute(
        """
        INSERT INTO checkpoints (
            id, session_id, branch, seq, node_id, parent, label,
            step, items, bytes, created_at, pruned_at
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET pruned_at = NULL WHERE excluded.pruned_at IS NULL
        """,
        [
            digest,
            session_id,
            at.branch,
            at.seq,
            at.id,
            parent,
            label,
            at.steps,
            at.items,
            at.bytes,
            created_at,
            pruned_at,
        ],
    )


def copy_marks(db: Database, old: str, new: str) -> None:
    """Give a session that was forked from another its pins, quarantine and revoked adapters."""
    for table, columns in (
        ("pins", "text_id, source, created_at"),
        ("quarantine", "text_sha256, source, reason, created_at"),
        ("revoked_adapters", "digest, reason, created_at"),
    ):
        # Table and column names are the constants above; the ids are bound.
        db.execute(
            f"INSERT INTO {table} (session_id, {columns}) "  # noqa: S608  # constants only
            f"SELECT ?, {columns} FROM {table} WHERE session_id = ?",
            [new, old],
        )
