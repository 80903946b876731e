"""A place in the history graph: where a session stands, or where a checkpoint was made.

The caller holds the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadIdentifier, UnknownCheckpoint, UnknownSession
from checkpoints.graph.history import LAST_SEQ, checkpoint_record, head, in_lineage, session_row
from checkpoints.graph.rows import select

if TYPE_CHECKING:
    from sqlite_utils import Database

    from checkpoints.graph.access import Visibility
    from checkpoints.records import CheckpointRecord


@dataclass(frozen=True)
class Place:
    """The end of a history: that of a session now, or at one of its checkpoints."""

    session: dict[str, Any]
    branch: int
    last_seq: int
    steps: int
    checkpoint: CheckpointRecord | None = None


@dataclass(frozen=True)
class Segment:
    """The nodes up to `top` of a branch, as a history sees them."""

    branch: int
    top: int


def place_of(db: Database, visibility: Visibility, handle: str) -> Place:
    """Where a session stands, or a checkpoint, by its id.

    Raises UnknownSession or BadIdentifier.
    """
    try:
        row = visibility.session(db, handle)
    except (UnknownSession, BadIdentifier):
        try:
            found = visibility.checkpoint(db, handle)
        except (UnknownCheckpoint, BadIdentifier):
            found = None
        if found is None:
            raise
        row = session_row(db, found["session_id"])
        return Place(row, found["branch"], found["seq"], found["step"], checkpoint_record(found))
    return Place(row, row["branch"], LAST_SEQ, head(db, row["branch"]).steps)


def segments(db: Database, branch: int, last_seq: int = LAST_SEQ) -> list[Segment]:
    """What a history consists of, from its root on."""
    rows = in_lineage(db, branch, "SELECT branch, top FROM lineage", last_seq=last_seq)
    return [Segment(row["branch"], row["top"]) for row in reversed(rows)]


def steps_at(db: Database, branch: int, seq: int) -> int:
    """How many steps a history has at a node."""
    sql = "SELECT steps FROM nodes WHERE branch = ? AND seq = ?"
    return int(db.execute(sql, [branch, seq]).fetchone()[0])


def step_seqs(db: Database, place: Place, first: int, last: int) -> tuple[int, int]:
    """The nodes from step `first` up to before the one after step `last`, by their numbers.

    From the history's beginning where `first` is 1 or less, to its end where `last` is its last.
    """
    sql = """
    SELECT steps.n, steps.seq FROM lineage
    CROSS JOIN steps ON steps.branch = lineage.branch AND +steps.seq <= lineage.top
    WHERE steps.n IN (:first, :after)
    """
    values = {"first": first, "after": last + 1}
    rows = in_lineage(db, place.branch, sql, last_seq=place.last_seq, **values)
    seqs = {row["n"]: row["seq"] for row in rows}
    low = 0 if first <= 1 else seqs.get(first, LAST_SEQ)
    return low, seqs.get(last + 1, LAST_SEQ + 1) - 1


def first_step_after(db: Database, branch: int, seq: int, *, last: bool = False) -> int | None:
    """The number of a branch's own first step after a node, or of its last one; None: no step."""
    sql = "SELECT n FROM steps WHERE branch = ? AND seq > ? ORDER BY seq"
    rows = select(db, f"{sql} {'DESC' if last else ''} LIMIT 1", [branch, seq])
    return rows[0]["n"] if rows else None
