"""What shares a history: all branches that grew from one root, and the sessions on them.

Restores and forks share nodes, so what is deleted from one session's memory is looked for in all of
them. The caller holds the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkpoints.graph.rows import select

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

_FAMILY = """
CREATE TEMP TABLE family AS
WITH RECURSIVE up(id) AS (
    SELECT :branch
    UNION
    SELECT branches.parent_branch FROM up JOIN branches ON branches.id = up.id
    WHERE branches.parent_branch IS NOT NULL
),
down(id) AS (
    SELECT id FROM up
    UNION
    SELECT branches.id FROM down JOIN branches ON branches.parent_branch = down.id
)
SELECT id FROM down
"""

IN_FAMILY = "branch IN (SELECT id FROM temp.family)"


def gather(db: Database, branch: int) -> None:
    """Note a branch's family in the temporary table `family`."""
    db.execute("DROP TABLE IF EXISTS temp.family")
    db.execute(_FAMILY, {"branch": branch})
    db.execute("CREATE UNIQUE INDEX temp.family_ids ON family(id)")


def sessions(db: Database) -> list[dict[str, Any]]:
    """The rows of the family's sessions, oldest first."""
    return select(db, f"SELECT * FROM sessions WHERE {IN_FAMILY} ORDER BY number")  # noqa: S608  # a constant


def own_branches(db: Database, session: dict[str, Any]) -> set[int]:
    """The family's branches that a session wrote on, not one that it was forked from, or a fork.

    Of branches that no session is on any more, since a restore, no row says whose they are: one
    with a checkpoint is its session's, others are of whoever wrote on the branch that they grew
    from. After a fork that may have been either, and such a branch counts as this session's.
    """
    parents = {
        row["id"]: row["parent_branch"]
        for row in select(
            db,
            "SELECT id, parent_branch FROM branches WHERE id IN (SELECT id FROM temp.family)",
        )
    }
    owners: dict[int, str] = {}
    for row in sessions(db):  # the oldest first: a fork goes on from its branch
        branch: int | None = row["branch"]
        while branch is not None:
            owners.setdefault(branch, row["id"])
            branch = parents[branch]
    made = select(
        db,
        f"SELECT branch, session_id FROM checkpoints WHERE {IN_FAMILY} ORDER BY number",  # noqa: S608  # a constant
    )
    left = {row["branch"]: row["session_id"] for row in made} | owners
    began = select(
        db,
        f"SELECT branch, min(created_at) AS at FROM nodes WHERE {IN_FAMILY} GROUP BY branch",  # noqa: S608  # a constant
    )
    later = {row["branch"] for row in began if row["at"] >= session["created_at"]}
    for branch, parent in sorted(parents.items()):  # a branch is made after the one before it
        if branch not in left and parent is not None:
            left[branch] = session["id"] if branch in later else left.get(parent, session["id"])
    return {branch for branch in parents if left.get(branch, session["id"]) == session["id"]}


def shift_totals(db: Database, changes: Iterable[tuple[int, int, int, int]]) -> None:
    """Change the totals of nodes and of all that follow them; (branch, seq, items, bytes) each."""
    by_branch: dict[int, list[tuple[int, int, int]]] = {}
    for branch, seq, items, size in changes:
        by_branch.setdefault(branch, []).append((seq, items, size))
    rows = select(
        db,
        "SELECT id, parent_branch, fork_seq FROM branches "
        "WHERE id IN (SELECT id FROM temp.family) ORDER BY id",
    )
    before: dict[int, tuple[int, int]] = {}
    # A branch is made after the one that it continues.
    for row in rows:
        items, size = 0, 0
        if (parent := row["parent_branch"]) is not None:
            items, size = before[parent]
            for seq, more_items, more_size in by_branch.get(parent, ()):
                if seq <= row["fork_seq"]:
                    items, size = items + more_items, size + more_size
        before[row["id"]] = items, size
        if items or size:
            _shift(db, row["id"], 0, items, size)
        for seq, more_items, more_size in by_branch.get(row["id"], ()):
            _shift(db, row["id"], seq, more_items, more_size)
    db.execute(
        f"""
        UPDATE checkpoints SET (items, bytes) = (
            SELECT items, bytes FROM nodes
            WHERE nodes.branch = checkpoints.branch AND nodes.seq = checkpoints.seq
        ) WHERE {IN_FAMILY}
        """  # noqa: S608  # a constant
    )


def _shift(db: Database, branch: int, seq: int, items: int, size: int) -> None:
    db.execute(
        "UPDATE nodes SET items = items + ?, bytes = bytes + ? WHERE branch = ? AND seq >= ?",
        [items, size, branch, seq],
    )
