"""Re-derives what the tables of named tasks claim: digests, places, and that nothing withdrawn is
in use. Writes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from checkpoints.records import one_form
from checkpoints.tasks.correction_rows import correction_digest, withheld
from checkpoints.tasks.values import State
from checkpoints.tasks.versions import version_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

_Row = dict[str, Any]


def task_problems(db: Database) -> Iterator[str]:
    """What is wrong, one line each; nothing when all is well."""
    # A copy that is checked before it takes its name has no functions of the connection's.
    db.conn.create_function("one_form", 1, lambda name: name and one_form(name))
    try:
        yield from _versions(db)
        yield from _tasks(db)
        yield from _corrections(db)
    except sqlite3.DatabaseError as error:
        yield f"tasks: cannot be read any further ({error})"


def _versions(db: Database) -> Iterator[str]:
    for row in db.query(
        """
        SELECT task_versions.*, named_tasks.id AS task_id, named_tasks.name,
               texts.sha256 AS definition
        FROM task_versions JOIN named_tasks ON named_tasks.number = task_versions.task
        JOIN texts ON texts.id = task_versions.definition_id
        ORDER BY task_versions.task, task_versions.number
        """
    ):
        name = f"task {row['name']!r} version {row['number']}"
        # The digest of a redacted or dropped one was made from more than it holds now.
        whole = row["redacted_at"] is None and row["dropped_at"] is None
        if whole and row["digest"] != _derived(db, row):
            yield f"{name}: does not match its digest"
        if row["quality_json"] is not None and not _is_object(row["quality_json"]):
            yield f"{name}: what was measured of it cannot be read"


def _derived(db: Database, row: _Row) -> str:
    examples = db.execute(
        """
        SELECT inputs.sha256, outputs.sha256, held.state
        FROM task_version_examples AS held
        JOIN task_examples ON task_examples.id = held.example
        JOIN texts AS inputs ON inputs.id = task_examples.input_id
        JOIN texts AS outputs ON outputs.id = task_examples.output_id
        WHERE held.version = ? ORDER BY held.position
        """,
        [row["id"]],
    ).fetchall()
    return version_digest(row["task_id"], row["number"], row["parent"], row["definition"], examples)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _tasks(db: Database) -> Iterator[str]:
    for row in db.query("SELECT * FROM named_tasks ORDER BY number"):
        name = f"task {row['name']!r}"
        key = [row["number"], row["current"]]
        sql = "SELECT id, redacted_at FROM task_versions WHERE task = ? AND number = ?"
        found = db.execute(sql, key).fetchone()
        if found is None:
            yield f"{name}: its current version is missing"
            continue
        if found[1] is not None:
            yield f"{name}: its current version lost text and was not made anew"
        held = db.execute(
            """
            SELECT corrections.number, corrections.ended, sessions.principal IS ?, held.state
            FROM task_version_examples AS held
            JOIN task_examples ON task_examples.id = held.example
            JOIN corrections ON corrections.number = task_examples.correction
            JOIN sessions ON sessions.id = corrections.session_id
            WHERE held.version = ?
            """,
            [row["principal"], found[0]],
        ).fetchall()
        out = withheld(db, [number for number, *_ in held])
        for number, ended, own, state in held:
            if state == State.USED and (ended is not None or number in out):
                yield f"{name}: uses correction {number}, which is {ended or 'withheld'}"
            if not own:
                yield f"{name}: knows correction {number} of another principal"


def _corrections(db: Database) -> Iterator[str]:
    for row in db.query(
        """
        SELECT corrections.*, outputs.sha256 AS output, nodes.id AS at_id, steps.n AS at_n,
               steps.input_id AS at_input, corrections.ended IS NULL AND EXISTS (
                   SELECT 1 FROM corrections AS other
                   WHERE other.branch = corrections.branch AND other.seq = corrections.seq
                   AND other.ended IS NULL AND other.number < corrections.number
               ) AS second
        FROM corrections JOIN texts AS outputs ON outputs.id = corrections.output_id
        LEFT JOIN nodes ON nodes.branch = corrections.branch AND nodes.seq = corrections.seq
        LEFT JOIN steps ON steps.branch = corrections.branch AND steps.seq = corrections.seq
        ORDER BY corrections.number
        """
    ):
        name = f"correction {row['id']}"
        made_of = row["node_id"], row["ordinal"], row["output"], bool(row["confirmed"])
        if correction_digest(*made_of) != row["id"]:
            yield f"{name}: does not match its id"
        here = row["at_id"], row["at_n"], row["at_input"]
        if row["branch"] is not None and here != (row["node_id"], row["n"], row["input_id"]):
            yield f"{name}: is not beside the step that it is of"
        if row["second"]:
            yield f"{name}: stands beside a step that has another one"
