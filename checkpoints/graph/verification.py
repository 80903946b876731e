"""Re-derives everything the database claims about itself.

Writes nothing (the search indexes are built a second time in temporary tables). Reads every row
once or twice and holds one at a time: its time grows with the database, its memory does not.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from checkpoints.graph import characters, vectors
from checkpoints.records import DELETED, GONE, checkpoint_digest, node_digest, text_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

_Row = dict[str, Any]

# The node before another is in the same branch, or the one that the branch continues.
_NODES = """
SELECT nodes.*, tasks.sha256 AS task_sha256,
       EXISTS (SELECT 1 FROM redacted
               WHERE redacted.branch = nodes.branch AND redacted.seq = nodes.seq) AS redacted,
       before.id AS before_id, before.steps AS before_steps, before.items AS before_items,
       before.bytes AS before_bytes, before.task_id AS before_task_id,
       (SELECT count(*) FROM items
        WHERE items.branch = nodes.branch AND items.seq = nodes.seq)
       - (SELECT count(*) FROM superseded
          WHERE superseded.branch = nodes.branch AND superseded.seq = nodes.seq) AS added_items,
       (SELECT coalesce(sum(length(CAST(texts.text AS BLOB))), 0)
        FROM items JOIN texts ON texts.id = items.text_id
        WHERE items.branch = nodes.branch AND items.seq = nodes.seq)
       - (SELECT coalesce(sum(length(CAST(texts.text AS BLOB))), 0)
          FROM superseded JOIN items ON items.id = superseded.item_id
          JOIN texts ON texts.id = items.text_id
          WHERE superseded.branch = nodes.branch AND superseded.seq = nodes.seq) AS added_bytes
FROM nodes
LEFT JOIN branches ON branches.id = nodes.branch
LEFT JOIN nodes AS before ON before.seq = nodes.seq - 1 AND before.branch =
    CASE branches.fork_seq WHEN nodes.seq - 1 THEN branches.parent_branch ELSE nodes.branch END
LEFT JOIN texts AS tasks ON tasks.id = nodes.task_id
ORDER BY nodes.branch, nodes.seq
"""

_STEPS = """
SELECT steps.*, nodes.kind, nodes.content_json, nodes.steps AS steps_here,
       inputs.sha256 AS input, outputs.sha256 AS output, tasks.sha256 AS task
FROM steps
LEFT JOIN nodes ON nodes.branch = steps.branch AND nodes.seq = steps.seq
LEFT JOIN texts AS inputs ON inputs.id = steps.input_id
LEFT JOIN texts AS outputs ON outputs.id = steps.output_id
LEFT JOIN texts AS tasks ON tasks.id = steps.task_id
"""


_SUPERSEDED = """
SELECT texts.sha256 AS text, items.source FROM superseded
LEFT JOIN items ON items.id = superseded.item_id LEFT JOIN texts ON texts.id = items.text_id
WHERE superseded.branch = ? AND superseded.seq = ? ORDER BY superseded.item_id
"""


def problems(db: Database) -> Iterator[str]:
    """What is wrong, one line each, the first difference first; nothing when all is well."""
    try:
        yield from _file(db)
        yield from _texts(db)
        yield from _nodes(db)
        yield from _steps(db)
        yield from _items(db)
        yield from _checkpoints(db)
        yield from _sessions(db)
        yield from _index(db)
        yield from characters.problems(db)
        yield from vectors.problems(db)
    except sqlite3.DatabaseError as error:
        yield f"file: cannot be read any further ({error})"


def _file(db: Database) -> Iterator[str]:
    for (finding,) in db.execute("PRAGMA integrity_check"):
        if finding != "ok":
            yield f"file: {finding}"
    for table, row_id, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield f"{table} row {row_id}: refers to a missing row of {parent}"


def _texts(db: Database) -> Iterator[str]:
    for row_id, digest, text in db.execute("SELECT id, sha256, text FROM texts"):
        if text_digest(text) != digest:
            yield f"text {row_id}: does not match its hash"


def _nodes(db: Database) -> Iterator[str]:
    for node in db.query(_NODES):
        name = f"node {node['branch']}.{node['seq']}"
        # The id of a redacted node was made from more than it holds now.
        derived = node_digest(node["kind"], node["parent_id"], node["content_json"])
        if derived != node["id"] and not node["redacted"]:
            yield f"{name}: does not match its id"
        if node["before_id"] is None and (node["kind"] != "root" or node["seq"] != 0):
            yield f"{name}: the node before it is missing"
            continue
        if node["parent_id"] != node["before_id"]:
            yield f"{name}: its parent is not the node before it"
        totals = {
            "steps": int(node["kind"] == "step"),
            "items": node["added_items"],
            "bytes": node["added_bytes"],
        }
        for column, more in totals.items():
            if node[column] != (node[f"before_{column}"] or 0) + more:
                yield f"{name}: its count of {column} is wrong"
        if node["kind"] == "task":
            if node["task_sha256"] != _content(node).get("task"):
                yield f"{name}: its task is not the one it names"
        elif node["task_id"] != node["before_task_id"]:
            yield f"{name}: its task is not the one before it"


def _content(node: _Row) -> dict[str, Any]:
    try:
        content = json.loads(node["content_json"])
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _steps(db: Database) -> Iterator[str]:
    for row in db.query(_STEPS):
        name = f"step {row['n']} at node {row['branch']}.{row['seq']}"
        if text_digest(row["result_json"]) != row["result_sha256"]:
            yield f"{name}: its result does not match its hash"
        if row["kind"] != "step":
            yield f"{name}: there is no such step node"
            continue
        content = _content(row)
        if (row["n"], row["n"]) != (content.get("n"), row["steps_here"]):
            yield f"{name}: its number is wrong"
        for field in ("input", "output", "task"):
            if row[field] != content.get(field):
                yield f"{name}: its {field} is not the one its node names"
    for branch, seq in db.execute(
        """
        SELECT branch, seq FROM nodes
        WHERE kind = 'step' AND (branch, seq) NOT IN (SELECT branch, seq FROM steps)
        ORDER BY branch, seq
        """
    ):
        yield f"node {branch}.{seq}: its step is missing"


def _items(db: Database) -> Iterator[str]:
    for node in db.query("SELECT branch, seq, kind, content_json FROM nodes"):
        rows = list(
            db.query(
                """
                SELECT texts.sha256 AS text, items.source, items.origin, items.place,
                       items.ordinal AS "order"
                FROM items LEFT JOIN texts ON texts.id = items.text_id
                WHERE items.branch = ? AND items.seq = ? ORDER BY items.position
                """,
                [node["branch"], node["seq"]],
            )
        )
        content = _content(node)
        name = f"node {node['branch']}.{node['seq']}"
        if node["kind"] == "remember":
            # The first version of these nodes named no more than text and source.
            named = ["text", "source", "origin", "place", "order"]
            names = named if content.get("version") in (2, 3) else named[:2]
            if _left(content, "items") != [{name: row[name] for name in names} for row in rows]:
                yield f"{name}: its memory items are not the ones it names"
            gone = db.query(_SUPERSEDED, [node["branch"], node["seq"]])
            if _left(content, "superseded") != list(gone):
                yield f"{name}: does not supersede the memory items that it names"
        elif any(row["text"] != content.get("output") for row in rows):
            yield f"{name}: its memory item is not its output"


def _left(content: _Row, name: str) -> Any:
    """What a node names, without what was deleted for good."""
    named = content.get(name, [])
    return [each for each in named if each != GONE] if isinstance(named, list) else named


def _checkpoints(db: Database) -> Iterator[str]:
    for row in db.query(
        """
        SELECT checkpoints.*, nodes.id AS at_id, nodes.steps AS at_steps, nodes.items AS at_items,
               nodes.bytes AS at_bytes
        FROM checkpoints
        LEFT JOIN nodes ON nodes.branch = checkpoints.branch AND nodes.seq = checkpoints.seq
        ORDER BY number
        """
    ):
        name = f"checkpoint {row['id']}"
        expected = checkpoint_digest(row["session_id"], row["node_id"], row["label"], row["parent"])
        if expected != row["id"] and DELETED not in (row["label"] or ""):
            yield f"{name}: does not match its id"
        if row["at_id"] != row["node_id"]:
            yield f"{name}: its node is missing"
        elif (row["step"], row["items"]) != (row["at_steps"], row["at_items"]):
            yield f"{name}: its counts are not those of its node"
        elif row["bytes"] != row["at_bytes"]:
            yield f"{name}: its bytes are not those of its node"
        if row["pruned_at"] is not None and row["label"] is not None:
            yield f"{name}: has a label and is marked as pruned"


def _sessions(db: Database) -> Iterator[str]:
    for row in db.query(
        """
        SELECT sessions.id, checkpoints.pruned_at FROM sessions
        LEFT JOIN branches ON branches.id = sessions.branch
        LEFT JOIN checkpoints ON checkpoints.id = sessions.last_checkpoint
        WHERE checkpoints.pruned_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM nodes WHERE nodes.branch = branches.id OR (
                nodes.branch = branches.parent_branch AND nodes.seq = branches.fork_seq
            )
        )
        """
    ):
        if row["pruned_at"] is None:
            yield f"session {row['id']}: has no history"
        else:
            yield f"session {row['id']}: its last checkpoint is marked as pruned"


def _index(db: Database) -> Iterator[str]:
    expected = db.execute("SELECT count(DISTINCT text_id) FROM items").fetchone()[0]
    indexed = db.execute("SELECT count(*) FROM item_index_docsize").fetchone()[0]
    if indexed != expected:
        yield f"search index: holds {indexed} texts, should hold {expected}"
        return
    # FTS5's own check counts as a write, which a reader beside a server may not do.
    db.executescript(
        """
        CREATE VIRTUAL TABLE temp.fresh USING fts5(
            text, content = '', tokenize = 'porter unicode61'
        );
        INSERT INTO temp.fresh (rowid, text) SELECT id, text FROM item_texts ORDER BY id;
        CREATE VIRTUAL TABLE temp.fresh_words USING fts5vocab(temp, fresh, instance);
        CREATE VIRTUAL TABLE temp.kept_words USING fts5vocab(main, item_index, instance);
        """
    )
    fresh, kept = (
        # FTS5 cuts a very long word inside a character.
        db.execute(f'SELECT CAST(term AS BLOB), doc, col, "offset" FROM temp.{table}')  # noqa: S608  # two fixed names
        for table in ("fresh_words", "kept_words")
    )
    if any(a != b for a, b in zip_longest(fresh, kept)):
        yield "search index: does not match the texts"
