"""Pruning: which checkpoints go, and what nothing can reach any more once they are gone.

Two parts: `plan` writes what is doomed into temporary tables and counts it, which a reader may do
as well; `carry_out` deletes it. Steps that a session can see are never doomed.

A pruned checkpoint that a kept one descends from stays as a mark (`pruned_at`): its row proves the
kept one's chain of parents to `verify`, but it is listed, restored and forked from no more. All
other pruned checkpoints are deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkpoints.tasks.schema import HELD_TEXTS

if TYPE_CHECKING:
    from sqlite_utils import Database

    from checkpoints.policy import PrunePolicy


@dataclass(frozen=True)
class Pruned:
    """What a prune took away, or would; `text_bytes` is UTF-8, the file shrinks by more or less."""

    checkpoints: int
    nodes: int
    steps: int
    items: int
    texts: int
    text_bytes: int


_TABLES = ("kept", "marks", "reach", "doomed", "used", "unindexed")

# From a child of another session: what it continues. These and all before them are "the forks'
# ancestors"; every other chain is a session's own.
_KEPT = """
CREATE TEMP TABLE kept AS
WITH RECURSIVE forked(id) AS (
    SELECT child.parent FROM checkpoints AS child
    JOIN checkpoints AS parent ON parent.id = child.parent
    WHERE parent.session_id <> child.session_id
    UNION
    SELECT sessions.last_checkpoint FROM sessions
    JOIN checkpoints ON checkpoints.id = sessions.last_checkpoint
    WHERE checkpoints.session_id <> sessions.id
    UNION
    SELECT checkpoints.parent FROM forked
    JOIN checkpoints ON checkpoints.id = forked.id WHERE checkpoints.parent IS NOT NULL
),
latest(id, place) AS (
    SELECT id, row_number() OVER (PARTITION BY session_id ORDER BY number DESC)
    FROM checkpoints WHERE label IS NULL AND pruned_at IS NULL
)
SELECT id FROM checkpoints WHERE pruned_at IS NULL AND (
    label IS NOT NULL
    OR id IN (SELECT last_checkpoint FROM sessions)
    OR id IN (SELECT id FROM forked)
    OR id IN (SELECT id FROM latest WHERE place <= :keep)
)
"""

_MARKS = """
CREATE TEMP TABLE marks AS
WITH RECURSIVE before(id) AS (
    SELECT parent FROM checkpoints WHERE id IN (SELECT id FROM kept) AND parent IS NOT NULL
    UNION
    SELECT checkpoints.parent FROM before
    JOIN checkpoints ON checkpoints.id = before.id WHERE checkpoints.parent IS NOT NULL
)
SELECT id FROM before WHERE id NOT IN (SELECT id FROM kept)
"""

# Up to which node of each branch anything that stays can see.
_REACH = """
CREATE TEMP TABLE reach AS
WITH RECURSIVE seen(branch, top) AS (
    SELECT branch, 9223372036854775807 FROM sessions
    UNION
    SELECT branch, seq FROM checkpoints
    WHERE id IN (SELECT id FROM kept) OR id IN (SELECT id FROM marks)
    UNION
    SELECT branches.parent_branch, branches.fork_seq
    FROM seen JOIN branches ON branches.id = seen.branch
    WHERE branches.parent_branch IS NOT NULL
)
SELECT branch, max(top) AS top FROM seen GROUP BY branch
"""

_DOOMED = """
CREATE TEMP TABLE doomed AS
SELECT nodes.branch, nodes.seq FROM nodes LEFT JOIN reach ON reach.branch = nodes.branch
WHERE reach.branch IS NULL OR nodes.seq > reach.top
"""

_STAYS = "(branch, seq) NOT IN (SELECT branch, seq FROM doomed)"

_USED = f"""
CREATE TEMP TABLE used AS
SELECT text_id AS id FROM items WHERE {_STAYS}
UNION SELECT input_id FROM steps WHERE {_STAYS}
UNION SELECT output_id FROM steps WHERE {_STAYS}
UNION SELECT task_id FROM steps WHERE {_STAYS}
UNION SELECT task_id FROM nodes WHERE task_id IS NOT NULL AND {_STAYS}
UNION {HELD_TEXTS}
"""  # noqa: S608  # built from constants

_UNINDEXED = f"""
CREATE TEMP TABLE unindexed AS
SELECT text_id AS id FROM items WHERE NOT ({_STAYS})
EXCEPT SELECT text_id FROM items WHERE {_STAYS}
"""  # noqa: S608  # built from the constant above

_COUNTS = """
SELECT
    (SELECT count(*) FROM checkpoints
     WHERE pruned_at IS NULL AND id NOT IN (SELECT id FROM kept)) AS checkpoints,
    (SELECT count(*) FROM doomed) AS nodes,
    (SELECT count(*) FROM steps
     WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)) AS steps,
    (SELECT count(*) FROM items
     WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)) AS items,
    (SELECT count(*) FROM texts WHERE id NOT IN (SELECT id FROM used)) AS texts,
    (SELECT coalesce(sum(length(CAST(text AS BLOB))), 0)
     FROM texts WHERE id NOT IN (SELECT id FROM used)) AS text_bytes
"""

# What makes the texts of the temporary table `unindexed` searchable, none of which is an item.
UNINDEXING = (
    # FTS5 needs the very text whose words it is to delete.
    """
    INSERT INTO item_index (item_index, rowid, text)
    SELECT 'delete', id, text FROM texts WHERE id IN (SELECT id FROM unindexed)
    """,
    """
    INSERT INTO character_index (character_index, rowid, terms)
    SELECT 'delete', id, character_terms(text) FROM texts
    WHERE id IN (SELECT id FROM unindexed) AND id IN (SELECT id FROM character_index_docsize)
    """,
    # Only merging drops the words of forgotten texts from them.
    "INSERT INTO item_index (item_index) SELECT 'optimize' WHERE EXISTS (SELECT 1 FROM unindexed)",
    """
    INSERT INTO character_index (character_index)
    SELECT 'optimize' WHERE EXISTS (SELECT 1 FROM unindexed)
    """,
    """
    DELETE FROM token_signs WHERE vector IN (
        SELECT id FROM vectors WHERE text_id IN (SELECT id FROM unindexed)
    )
    """,
    "DELETE FROM vectors WHERE text_id IN (SELECT id FROM unindexed)",
)

# References are checked once at the end, so the order only serves the reader.
_DELETIONS = (
    *UNINDEXING,
    "DELETE FROM pins WHERE text_id NOT IN (SELECT id FROM used)",
    "DELETE FROM superseded WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)",
    "DELETE FROM redacted WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)",
    "DELETE FROM items WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)",
    "DELETE FROM steps WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)",
    """
    DELETE FROM checkpoints
    WHERE id NOT IN (SELECT id FROM kept) AND id NOT IN (SELECT id FROM marks)
    """,
    # A correction outlives its step: it is an example of a task.
    """
    UPDATE corrections SET branch = NULL, seq = NULL
    WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)
    """,
    "DELETE FROM nodes WHERE (branch, seq) IN (SELECT branch, seq FROM doomed)",
    "DELETE FROM branches WHERE id NOT IN (SELECT branch FROM reach)",
    "DELETE FROM texts WHERE id NOT IN (SELECT id FROM used)",
)


def plan(db: Database, policy: PrunePolicy) -> Pruned:
    """Note what is doomed under a policy, and count it. The caller's transaction ends the notes."""
    for table in _TABLES:
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
    db.execute(_KEPT, {"keep": policy.keep})
    db.execute("CREATE UNIQUE INDEX temp.kept_ids ON kept(id)")
    db.execute(_MARKS)
    db.execute("CREATE UNIQUE INDEX temp.mark_ids ON marks(id)")
    db.execute(_REACH)
    db.execute("CREATE UNIQUE INDEX temp.reach_branches ON reach(branch)")
    db.execute(_DOOMED)
    db.execute("CREATE UNIQUE INDEX temp.doomed_places ON doomed(branch, seq)")
    db.execute(_USED)
    db.execute("CREATE UNIQUE INDEX temp.used_ids ON used(id)")
    db.execute(_UNINDEXED)
    return Pruned(**next(iter(db.query(_COUNTS))))


def carry_out(db: Database, now: str) -> None:
    """Delete what `plan` noted. The caller's transaction checks the references at its end."""
    for deletion in _DELETIONS:
        db.execute(deletion)
    db.execute(
        "UPDATE checkpoints SET pruned_at = ? "
        "WHERE pruned_at IS NULL AND id NOT IN (SELECT id FROM kept)",
        [now],
    )
    for table in _TABLES:
        db.execute(f"DROP TABLE temp.{table}")
