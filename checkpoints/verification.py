"""Re-derives everything the database claims about itself.

Knows the schema and the hash functions, and writes nothing. Reads all rows: its time grows with
the database.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from checkpoints.records import checkpoint_digest, node_digest, text_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

_Place = tuple[int, int]
_Row = dict[str, Any]


def problems(db: Database) -> list[str]:
    """What is wrong, one line each; nothing when all is well."""
    texts = {row["id"]: row["sha256"] for row in db.query("SELECT id, sha256 FROM texts")}
    nodes = {(row["branch"], row["seq"]): row for row in db.query("SELECT * FROM nodes")}
    return [
        *_file(db),
        *_texts(db),
        *_nodes(db, nodes, texts),
        *_steps(db, nodes, texts),
        *_items(db, nodes, texts),
        *_checkpoints(db, nodes),
        *_sessions(db, nodes),
        *_index(db),
    ]


def _file(db: Database) -> Iterator[str]:
    for (finding,) in db.execute("PRAGMA integrity_check").fetchall():
        if finding != "ok":
            yield f"file: {finding}"
    for table, row_id, parent, _ in db.execute("PRAGMA foreign_key_check").fetchall():
        yield f"{table} row {row_id}: refers to a missing row of {parent}"


def _texts(db: Database) -> Iterator[str]:
    for row_id, digest, text in db.execute("SELECT id, sha256, text FROM texts"):
        if text_digest(text) != digest:
            yield f"text {row_id}: does not match its hash"


def _nodes(db: Database, nodes: dict[_Place, _Row], texts: dict[int, str]) -> Iterator[str]:
    branches = {row["id"]: row for row in db.query("SELECT * FROM branches")}
    added = _added_items(db)
    for (branch, seq), node in sorted(nodes.items()):
        name = f"node {branch}.{seq}"
        if node_digest(node["kind"], node["parent_id"], node["content_json"]) != node["id"]:
            yield f"{name}: does not match its id"
        before = _before(branches[branch], nodes, seq) if branch in branches else None
        if before is None and (node["kind"] != "root" or seq != 0):
            yield f"{name}: the node before it is missing"
            continue
        if node["parent_id"] != (before["id"] if before else None):
            yield f"{name}: its parent is not the node before it"
        items, size = added.get((branch, seq), (0, 0))
        totals = {"steps": int(node["kind"] == "step"), "items": items, "bytes": size}
        for column, more in totals.items():
            if node[column] != (before[column] if before else 0) + more:
                yield f"{name}: its count of {column} is wrong"
        content = _content(node)
        if node["kind"] == "task":
            if texts.get(node["task_id"]) != content.get("task"):
                yield f"{name}: its task is not the one it names"
        elif node["task_id"] != (before["task_id"] if before else None):
            yield f"{name}: its task is not the one before it"


def _content(node: _Row) -> dict[str, Any]:
    try:
        content = json.loads(node["content_json"])
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _before(branch: _Row, nodes: dict[_Place, _Row], seq: int) -> _Row | None:
    own = nodes.get((branch["id"], seq - 1))
    if own is None and branch["fork_seq"] == seq - 1:
        return nodes.get((branch["parent_branch"], seq - 1))
    return own


def _added_items(db: Database) -> dict[_Place, tuple[int, int]]:
    rows = db.execute(
        """
        SELECT items.branch, items.seq, count(*), sum(length(CAST(texts.text AS BLOB)))
        FROM items JOIN texts ON texts.id = items.text_id GROUP BY items.branch, items.seq
        """
    )
    return {(branch, seq): (count, size) for branch, seq, count, size in rows}


def _steps(db: Database, nodes: dict[_Place, _Row], texts: dict[int, str]) -> Iterator[str]:
    missing = {place for place, node in nodes.items() if node["kind"] == "step"}
    for row in db.query("SELECT * FROM steps"):
        place = (row["branch"], row["seq"])
        name = f"step {row['n']} at node {place[0]}.{place[1]}"
        if text_digest(row["result_json"]) != row["result_sha256"]:
            yield f"{name}: its result does not match its hash"
        if place not in missing:
            yield f"{name}: there is no such step node"
            continue
        missing.discard(place)
        content = _content(nodes[place])
        if (row["n"], row["n"]) != (content.get("n"), nodes[place]["steps"]):
            yield f"{name}: its number is wrong"
        for field in ("input", "output", "task"):
            if texts.get(row[f"{field}_id"]) != content.get(field):
                yield f"{name}: its {field} is not the one its node names"
    for branch, seq in sorted(missing):
        yield f"node {branch}.{seq}: its step is missing"


def _items(db: Database, nodes: dict[_Place, _Row], texts: dict[int, str]) -> Iterator[str]:
    found: dict[_Place, list[_Row]] = {}
    for row in db.query("SELECT * FROM items ORDER BY branch, seq, position"):
        found.setdefault((row["branch"], row["seq"]), []).append(row)
    for place, node in nodes.items():
        rows = found.get(place, [])
        content = _content(node)
        name = f"node {place[0]}.{place[1]}"
        if node["kind"] == "remember":
            held = [{"text": texts.get(row["text_id"]), "source": row["source"]} for row in rows]
            if content.get("items") != held:
                yield f"{name}: its memory items are not the ones it names"
        elif any(texts.get(row["text_id"]) != content.get("output") for row in rows):
            yield f"{name}: its memory item is not its output"


def _checkpoints(db: Database, nodes: dict[_Place, _Row]) -> Iterator[str]:
    for row in db.query("SELECT * FROM checkpoints"):
        name = f"checkpoint {row['id']}"
        expected = checkpoint_digest(row["session_id"], row["node_id"], row["label"], row["parent"])
        if expected != row["id"]:
            yield f"{name}: does not match its id"
        node = nodes.get((row["branch"], row["seq"]))
        if node is None or node["id"] != row["node_id"]:
            yield f"{name}: its node is missing"
        elif any(row[a] != node[b] for a, b in (("step", "steps"), ("items", "items"))):
            yield f"{name}: its counts are not those of its node"
        elif row["bytes"] != node["bytes"]:
            yield f"{name}: its bytes are not those of its node"


def _sessions(db: Database, nodes: dict[_Place, _Row]) -> Iterator[str]:
    branches = {row["id"]: row for row in db.query("SELECT * FROM branches")}
    started = {branch for branch, _ in nodes}
    for row in db.query("SELECT * FROM sessions"):
        branch = branches.get(row["branch"])
        if branch is None or not (
            branch["id"] in started or (branch["parent_branch"], branch["fork_seq"]) in nodes
        ):
            yield f"session {row['id']}: has no history"


def _index(db: Database) -> Iterator[str]:
    expected = db.execute("SELECT count(DISTINCT text_id) FROM items").fetchone()[0]
    indexed = db.execute("SELECT count(*) FROM item_index_docsize").fetchone()[0]
    if indexed != expected:
        yield f"search index: holds {indexed} texts, should hold {expected}"
        return
    try:
        # Written as an insert, but only compares the index with the texts.
        db.execute("INSERT INTO item_index (item_index, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        yield "search index: does not match the texts"
