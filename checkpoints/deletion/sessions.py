"""A session deleted for good: its row, its marks, and all of its history that no other one shares.

The caller holds the transaction, which looks for dangling references at its end.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checkpoints.deletion import family, remains, unused
from checkpoints.deletion.family import IN_FAMILY
from checkpoints.deletion.quotes import LEAST, LEAST_WHOLE, Quotes
from checkpoints.records import Deleted
from checkpoints.tasks.forgetting import forget_corrections

if TYPE_CHECKING:
    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits

_TABLES = ("family", "needed", "reached", "own", "doomed")

# The checkpoints that other sessions are at, have made, or descend from.
_NEEDED = f"""
CREATE TEMP TABLE needed AS
WITH RECURSIVE chain(id) AS (
    SELECT last_checkpoint FROM sessions
    WHERE id <> :session AND {IN_FAMILY} AND last_checkpoint IS NOT NULL
    UNION
    SELECT id FROM checkpoints WHERE {IN_FAMILY}
    AND session_id IN (SELECT id FROM sessions WHERE id <> :session)
    UNION
    SELECT checkpoints.parent FROM chain JOIN checkpoints ON checkpoints.id = chain.id
    WHERE checkpoints.parent IS NOT NULL
)
SELECT id FROM chain
"""  # noqa: S608  # a constant

# Up to which node of each branch other sessions can see.
_REACHED = f"""
CREATE TEMP TABLE reached AS
WITH RECURSIVE seen(branch, top) AS (
    SELECT branch, 9223372036854775807 FROM sessions WHERE id <> :session AND {IN_FAMILY}
    UNION
    SELECT branch, seq FROM checkpoints WHERE id IN (SELECT id FROM temp.needed)
    UNION
    SELECT branches.parent_branch, branches.fork_seq
    FROM seen JOIN branches ON branches.id = seen.branch
    WHERE branches.parent_branch IS NOT NULL
)
SELECT branch, max(top) AS top FROM seen GROUP BY branch
"""  # noqa: S608  # a constant

_DOOMED = """
CREATE TEMP TABLE doomed AS
SELECT nodes.branch, nodes.seq FROM nodes
LEFT JOIN temp.reached ON reached.branch = nodes.branch
WHERE nodes.branch IN (SELECT id FROM temp.own)
AND (reached.branch IS NULL OR nodes.seq > reached.top)
"""

_GOES = "(branch, seq) IN (SELECT branch, seq FROM temp.doomed)"

_TEXTS = f"""
SELECT text_id FROM items WHERE {_GOES}
UNION SELECT input_id FROM steps WHERE {_GOES}
UNION SELECT output_id FROM steps WHERE {_GOES}
UNION SELECT task_id FROM steps WHERE {_GOES}
UNION SELECT task_id FROM nodes WHERE task_id IS NOT NULL AND {_GOES}
"""  # noqa: S608  # a constant

# What was written, without the form that a task is kept in.
_SAID = f"""
SELECT texts.id, texts.text FROM texts WHERE texts.id IN (
    SELECT text_id FROM items WHERE {_GOES}
    UNION SELECT input_id FROM steps WHERE {_GOES}
    UNION SELECT output_id FROM steps WHERE {_GOES}
)
"""  # noqa: S608  # a constant

_NOT_NEEDED = f"{IN_FAMILY} AND id NOT IN (SELECT id FROM temp.needed)"  # noqa: S608  # a constant

_OF_SESSION = ("pins", "quarantine", "revoked_adapters")
_OF_NODES = ("superseded", "redacted", "items", "steps")


def delete_session(db: Database, session: dict[str, Any], limits: StoreLimits) -> Deleted:
    """Delete a session; `session` is its row. What other sessions share of it stays theirs."""
    key = {"session": session["id"]}
    for table in _TABLES:
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
    family.gather(db, session["branch"])
    for statement in (_NEEDED, _REACHED):
        db.execute(statement, key)
    db.execute("CREATE TEMP TABLE own AS SELECT value AS id FROM json_each(?)", [_own(db, session)])
    db.execute(_DOOMED)
    db.execute("CREATE UNIQUE INDEX temp.doomed_places ON doomed(branch, seq)")
    others = [row["id"] for row in family.sessions(db) if row["id"] != session["id"]]
    texts = [row[0] for row in db.execute(_TEXTS)]
    said = dict(db.execute(_SAID)) if others else {}
    items = [row[0] for row in db.execute(f"SELECT DISTINCT text_id FROM items WHERE {_GOES}")]  # noqa: S608  # a constant
    # What it taught goes with it, also where a fork shares the step.
    taught = forget_corrections(db, f"session_id = :session OR {_GOES}", key, limits)
    deleted = Deleted(
        items=_count(db, f"items WHERE {_GOES}"),
        steps=_count(db, f"steps WHERE {_GOES}"),
        checkpoints=_count(db, f"checkpoints WHERE pruned_at IS NULL AND {_NOT_NEEDED}"),
        text_bytes=unused.text_bytes(db, texts),
        kept_by=tuple(others) if _count(db, "temp.reached") else (),
        tasks=tuple(taught.tasks),
        also=taught.also,
    )
    for table in _OF_SESSION:
        db.execute(f"DELETE FROM {table} WHERE session_id = :session", key)  # noqa: S608  # a constant
    db.execute("DELETE FROM sessions WHERE id = :session", key)
    for table in _OF_NODES:
        db.execute(f"DELETE FROM {table} WHERE {_GOES}")  # noqa: S608  # a constant
    for statement in (
        f"DELETE FROM checkpoints WHERE {_NOT_NEEDED}",  # noqa: S608  # a constant
        f"DELETE FROM nodes WHERE {_GOES}",  # noqa: S608  # a constant
        "DELETE FROM branches WHERE id IN (SELECT id FROM temp.own) "
        "AND id NOT IN (SELECT branch FROM temp.reached)",
    ):
        db.execute(statement)
    used = unused.remove(db, {*texts, *taught.texts}, items)
    if others:
        quotes = Quotes((said[each] for each in said.keys() - used), LEAST, LEAST_WHOLE)
        deleted = replace(deleted, left=remains.elsewhere(db, quotes, others))
    for table in _TABLES:
        db.execute(f"DROP TABLE temp.{table}")
    return deleted


def _own(db: Database, session: dict[str, Any]) -> str:
    return json.dumps(sorted(family.own_branches(db, session)))


def _count(db: Database, what: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608  # this module's own words
