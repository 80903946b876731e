"""One session as lines of JSON: its history, checkpoints, marks and the corrections of its steps.

Each line is canonical JSON with a `chain`: the hash of the line and of all lines before it, so that
a changed, missing or moved line is found where it is. Texts come once, before what names them.
Vectors are not part of it: they are derived from the texts. `importing.py` reads the lines.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.records import canonical_json, text_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

FORMAT = "hypernet-mcp session"
VERSION = 4
# The first version's pins named no source; the third has redacted nodes, the fourth corrections and
# versions of named tasks: each is used where there are any.
WITHOUT_REDACTED, WITHOUT_TASKS = 2, 3
READABLE = (1, WITHOUT_REDACTED, WITHOUT_TASKS, VERSION)

# Abandoned parts of the history come along as far as a checkpoint of the session leads to them.
_REACH = """
CREATE TEMP TABLE exported_checkpoints AS
WITH RECURSIVE chain(id) AS (
    SELECT id FROM checkpoints WHERE session_id = :session AND pruned_at IS NULL
    UNION
    SELECT last_checkpoint FROM sessions WHERE id = :session AND last_checkpoint IS NOT NULL
    UNION
    SELECT checkpoints.parent FROM chain
    JOIN checkpoints ON checkpoints.id = chain.id WHERE checkpoints.parent IS NOT NULL
)
SELECT id FROM chain;
"""

_BRANCHES = """
CREATE TEMP TABLE exported AS
WITH RECURSIVE seen(branch, top) AS (
    SELECT branch, 9223372036854775807 FROM sessions WHERE id = :session
    UNION
    SELECT branch, seq FROM checkpoints WHERE id IN (SELECT id FROM exported_checkpoints)
    UNION
    SELECT branches.parent_branch, branches.fork_seq
    FROM seen JOIN branches ON branches.id = seen.branch
    WHERE branches.parent_branch IS NOT NULL
)
SELECT branch, max(top) AS top FROM seen GROUP BY branch
"""

_TEXTS = """
WITH here(branch, seq) AS (
    SELECT nodes.branch, nodes.seq FROM exported
    JOIN nodes ON nodes.branch = exported.branch AND nodes.seq <= exported.top
)
SELECT text FROM texts WHERE id IN (
    SELECT text_id FROM items JOIN here USING (branch, seq)
    UNION SELECT input_id FROM steps JOIN here USING (branch, seq)
    UNION SELECT output_id FROM steps JOIN here USING (branch, seq)
    UNION SELECT task_id FROM steps JOIN here USING (branch, seq)
    UNION SELECT task_id FROM nodes JOIN here USING (branch, seq)
    UNION SELECT output_id FROM corrections JOIN here USING (branch, seq)
) ORDER BY id
"""

_NODES = """
SELECT nodes.branch, nodes.seq, nodes.id, nodes.kind, nodes.content_json, nodes.created_at,
       steps.step_key, steps.result_json, redacted.redacted_at,
       EXISTS (
           SELECT 1 FROM items WHERE items.branch = nodes.branch AND items.seq = nodes.seq
       ) AS is_item
FROM exported
JOIN nodes ON nodes.branch = exported.branch AND nodes.seq <= exported.top
LEFT JOIN steps ON steps.branch = nodes.branch AND steps.seq = nodes.seq
LEFT JOIN redacted ON redacted.branch = nodes.branch AND redacted.seq = nodes.seq
ORDER BY nodes.branch, nodes.seq
"""

_ANY_REDACTED = """
SELECT 1 FROM exported
JOIN redacted ON redacted.branch = exported.branch AND redacted.seq <= exported.top LIMIT 1
"""

_OF_TASKS = """
SELECT 1 FROM exported
JOIN nodes ON nodes.branch = exported.branch AND nodes.seq <= exported.top
LEFT JOIN corrections ON corrections.branch = nodes.branch AND corrections.seq = nodes.seq
WHERE nodes.kind = 'step' AND (
    corrections.number IS NOT NULL OR json_extract(nodes.content_json, '$.task_version') IS NOT NULL
) LIMIT 1
"""

_CORRECTIONS = """
SELECT corrections.*, texts.sha256 AS output, (
    SELECT json_group_array(json_object('text', text_sha256, 'source', source))
    FROM (
        SELECT text_sha256, source FROM correction_sources
        WHERE correction = corrections.number ORDER BY text_sha256, source
    )
) AS sources
FROM exported
JOIN corrections ON corrections.branch = exported.branch AND corrections.seq <= exported.top
JOIN texts ON texts.id = corrections.output_id ORDER BY corrections.number
"""

_PINS = """
SELECT texts.sha256 AS text, pins.source, pins.created_at
FROM pins JOIN texts ON texts.id = pins.text_id
WHERE pins.session_id = :session AND EXISTS (
    SELECT 1 FROM items JOIN exported ON exported.branch = items.branch
    AND items.seq <= exported.top
    WHERE items.text_id = pins.text_id AND items.source = pins.source
)
"""


def lines(db: Database, session: dict[str, Any]) -> Iterator[str]:
    """The lines of a session, without line ends. `session` is its row.

    The caller holds the transaction, which also ends the temporary tables.
    """
    before = ""
    for count, body in enumerate(_bodies(db, session)):
        content = canonical_json({**body, "lines": count} if body["line"] == "end" else body)
        before = chained(before, content)
        yield canonical_json({**json.loads(content), "chain": before})


def chained(before: str, content: str) -> str:
    """The `chain` of a line after one with `before`; `content` is its other fields, canonical."""
    return text_digest(before + content)


def _bodies(db: Database, session: dict[str, Any]) -> Iterator[dict[str, Any]]:
    key = {"session": session["id"]}
    for table in ("exported", "exported_checkpoints"):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
    db.execute(_REACH, key)
    db.execute(_BRANCHES, key)

    about = {name: session[name] for name in ("id", "principal", "created_at", "updated_at")}
    version = WITHOUT_TASKS if db.execute(_ANY_REDACTED).fetchone() else WITHOUT_REDACTED
    version = VERSION if db.execute(_OF_TASKS).fetchone() else version
    yield {"line": "session", "format": FORMAT, "version": version, **about}
    for (text,) in db.execute(_TEXTS):
        yield {"line": "text", "text": text}
    for row in db.query(
        """
        SELECT id AS number, parent_branch AS parent, fork_seq AS seq FROM branches
        WHERE id IN (SELECT branch FROM exported) ORDER BY id
        """
    ):
        yield {"line": "branch", **row}
    for row in db.query(_NODES):
        yield _node(row)
    for row in db.query(
        """
        SELECT id, session_id, branch, seq, parent, label, created_at, pruned_at
        FROM checkpoints WHERE id IN (SELECT id FROM exported_checkpoints) ORDER BY number
        """
    ):
        yield {"line": "checkpoint", **row}
    for row in db.query(_CORRECTIONS):
        yield _correction(row)
    for row in db.query(_PINS, key):
        yield {"line": "pin", **row}
    for row in db.query(
        """
        SELECT text_sha256, source, reason, created_at
        FROM quarantine WHERE session_id = :session ORDER BY number
        """,
        key,
    ):
        yield {"line": "quarantine", **row}
    for row in db.query(
        """
        SELECT digest, reason, created_at
        FROM revoked_adapters WHERE session_id = :session ORDER BY number
        """,
        key,
    ):
        yield {"line": "revoked", **row}
    yield {"line": "end", **{name: session[name] for name in ("branch", "last_checkpoint")}}


def _node(row: dict[str, Any]) -> dict[str, Any]:
    step = None
    if row["kind"] == "step":
        step = {
            "step_key": row["step_key"],
            "result": json.loads(row["result_json"]),
            "is_item": bool(row["is_item"]),
        }
    return {
        "line": "node",
        **{name: row[name] for name in ("branch", "seq", "id", "kind", "created_at")},
        "content": json.loads(row["content_json"]),
        "step": step,
        **({} if row["redacted_at"] is None else {"redacted_at": row["redacted_at"]}),
    }


def _correction(row: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "branch", "seq", "ordinal", "output", "created_at", "ended", "ended_at")
    return {
        "line": "correction",
        **{name: row[name] for name in names},
        "confirmed": bool(row["confirmed"]),
        "sources": json.loads(row["sources"]),
    }
