"""The versions of named tasks: reading them, and making the next one.

Every change of a task is a new version on top of an earlier one; `fold` says which of its examples
it uses. The caller holds the transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from checkpoints.errors import UnknownVersion
from checkpoints.graph import writes
from checkpoints.graph.rows import insert, select
from checkpoints.records import canonical_json, text_digest
from checkpoints.tasks.correction_rows import withheld
from checkpoints.tasks.folding import Contribution, fold
from checkpoints.tasks.values import State, TaskExample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits
    from checkpoints.tasks.values import Cause

_Row = dict[str, Any]
Measured = Callable[[Mapping[str, Any]], bool]
"""Whether what was measured of a version counts, as with the model that is loaded."""
Folded = list[tuple[Contribution, State]]
_STATES = {int(state): state for state in State}

_VERSION = """
SELECT task_versions.*, texts.text AS definition, texts.sha256 AS definition_sha256
FROM task_versions JOIN texts ON texts.id = task_versions.definition_id
"""

_CONTRIBUTIONS = """
SELECT task_examples.id, inputs.sha256 AS input_sha256, outputs.sha256 AS output_sha256,
       inputs.text AS input, outputs.text AS output, task_examples.source,
       task_examples.correction, task_version_examples.state
FROM task_version_examples
JOIN task_examples ON task_examples.id = task_version_examples.example
JOIN texts AS inputs ON inputs.id = task_examples.input_id
JOIN texts AS outputs ON outputs.id = task_examples.output_id
WHERE task_version_examples.version = ? ORDER BY task_version_examples.position
"""

# Of the versions that the current one grew from, and itself: one that may serve has its definition
# and uses nothing that the current one does not know, or withholds.
_SERVING = """
WITH RECURSIVE chain(id, number, follows, definition_id, accepted, redacted_at, quality_json) AS (
    SELECT id, number, follows, definition_id, accepted, redacted_at, quality_json
    FROM task_versions WHERE id = :current
    UNION ALL
    SELECT before.id, before.number, before.follows, before.definition_id, before.accepted,
           before.redacted_at, before.quality_json
    FROM chain JOIN task_versions AS before ON before.id = chain.follows
)
SELECT chain.id, quality_json FROM chain
WHERE accepted = 1 AND redacted_at IS NULL
AND definition_id = (SELECT definition_id FROM task_versions WHERE id = :current)
AND NOT EXISTS (
    SELECT 1 FROM task_version_examples AS used
    WHERE used.version = chain.id AND used.state = 0 AND NOT EXISTS (
        SELECT 1 FROM task_version_examples AS now
        WHERE now.example = used.example AND now.version = :current AND now.state <> 2
    )
)
ORDER BY chain.number DESC
"""


def current(db: Database, task: _Row) -> _Row:
    """The row of a task's current version."""
    return numbered(db, task, task["current"])


def numbered(db: Database, task: _Row, number: int) -> _Row:
    """The row of a version by its number. Raises UnknownVersion."""
    sql = _VERSION + "WHERE task = ? AND number = ? AND dropped_at IS NULL"
    for row in select(db, sql, [task["number"], number]):
        return row
    kept = "SELECT min(number), max(number) FROM task_versions "
    kept += "WHERE task = ? AND dropped_at IS NULL"
    first, last = db.execute(kept, [task["number"]]).fetchone()
    raise UnknownVersion(number, task["name"], f"it has {first} to {last}")


def named(db: Database, digest: str) -> tuple[_Row, _Row] | None:
    """The rows of a version, even a dropped one, and of its task, by the version's digest."""
    for row in select(db, _VERSION + "WHERE digest = ?", [digest]):
        sql = "SELECT * FROM named_tasks WHERE number = ?"
        return row, select(db, sql, [row["task"]])[0]
    return None


def quality(row: _Row) -> dict[str, Any] | None:
    """What was measured of a version, from its row; None too where it cannot be read."""
    try:
        found = json.loads(row["quality_json"] or "null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def serving(db: Database, task: _Row, measured: Measured | None = None) -> _Row:
    """The row of the version that steps run with: the newest that may serve, or the current one.

    Of those `measured` of which nothing counts serves none; None asks for no more than some.
    """
    any_accepted = "SELECT 1 FROM task_versions WHERE task = ? AND accepted = 1 LIMIT 1"
    at = current(db, task)
    if db.execute(any_accepted, [task["number"]]).fetchone():
        for row_id, quality_json in db.execute(_SERVING, {"current": at["id"]}).fetchall():
            if measured is not None and not measured(quality({"quality_json": quality_json}) or {}):
                continue
            return select(db, _VERSION + "WHERE task_versions.id = ?", [row_id])[0]
    return at


def folded(db: Database, version: _Row) -> Folded:
    """What a version does with each of the contributions that it knows, the oldest first."""
    # Several hundred rows, several times in each change.
    rows = db.execute(_CONTRIBUTIONS, [version["id"]]).fetchall()
    return [(Contribution(*about), _STATES[state]) for *about, state in rows]


def used(pairs: Folded) -> list[Contribution]:
    """Those that are in use."""
    return [each for each, state in pairs if state == State.USED]


def version_digest(
    task_id: str,
    number: int,
    parent: str | None,
    definition_sha256: str,
    examples: Sequence[tuple[str, str, int]],
) -> str:
    """The digest of a version; of each example the hashes of its texts, and its state."""
    content = {
        "task": task_id,
        "number": number,
        "parent": parent,
        "definition": definition_sha256,
        "examples": [list(example) for example in examples],
    }
    return text_digest(canonical_json(content))


def remake(
    db: Database,
    task: _Row,
    on: _Row,
    cause: Cause,
    limits: StoreLimits,
    *,
    contributions: Sequence[Contribution] | None = None,
    definition_id: int | None = None,
) -> _Row:
    """The version that follows from another one and what changed; that one if nothing differs.

    Makes it the current one. None leaves contributions or definition as the other one has them;
    corrections that no longer stand are left out, and what is withheld is looked up anew.
    """
    before = folded(db, on)
    known = [each for each, _ in before] if contributions is None else contributions
    ended = _ended(db, known)
    known = [each for each in known if each.correction not in ended]
    definition_id = on["definition_id"] if definition_id is None else definition_id
    definition, sha256 = db.execute(
        "SELECT text, sha256 FROM texts WHERE id = ?", [definition_id]
    ).fetchone()
    labels = json.loads(definition)["labels"]
    numbers = [each.correction for each in known if each.correction is not None]
    after = fold(known, withheld(db, numbers), labels, limits.task_examples)
    now = writes.utc_now()
    unchanged = after == before and definition_id == on["definition_id"]
    if unchanged and on["redacted_at"] is None:
        _point(db, task, on["number"], now)
        return on
    last = "SELECT max(number) FROM task_versions WHERE task = ?"
    number = (db.execute(last, [task["number"]]).fetchone()[0] or 0) + 1
    row = {
        "task": task["number"],
        "number": number,
        "digest": version_digest(task["id"], number, on["digest"], sha256, _hashed(after)),
        "parent": on["digest"],
        "follows": on["id"],
        "definition_id": definition_id,
        "cause": cause,
        "created_at": now,
    }
    alike = _texts(after) == _texts(before) and definition_id == on["definition_id"]
    if alike and on["redacted_at"] is None:
        # The same weights come of it, so what was measured of them holds.
        row |= {name: on[name] for name in ("quality_json", "accepted", "measured_at")}
    _write(db, row, after)
    _point(db, task, number, now)
    _trim(db, task | {"current": number}, limits)
    return numbered(db, task, number)


def _ended(db: Database, known: Sequence[Contribution]) -> set[int]:
    numbers = [each.correction for each in known if each.correction is not None]
    sql = "SELECT number FROM corrections WHERE number IN (SELECT value FROM json_each(?)) "
    rows = db.execute(sql + "AND ended IS NOT NULL", [json.dumps(numbers)])
    return {number for (number,) in rows}


def begin(db: Database, task: _Row, definition_id: int, examples: Sequence[Contribution]) -> _Row:
    """The first version of a task. `examples` are its contributions."""
    definition, sha256 = db.execute(
        "SELECT text, sha256 FROM texts WHERE id = ?", [definition_id]
    ).fetchone()
    pairs = fold(examples, (), json.loads(definition)["labels"], len(examples))
    row = {
        "task": task["number"],
        "number": 1,
        "digest": version_digest(task["id"], 1, None, sha256, _hashed(pairs)),
        "parent": None,
        "definition_id": definition_id,
        "cause": "saved",
        "created_at": writes.utc_now(),
    }
    _write(db, row, pairs)
    return numbered(db, task, 1)


def add_contribution(
    db: Database, task: _Row, example: TaskExample, correction: int | None = None
) -> Contribution:
    """Write an example of a task, for its next version to use."""
    row = {
        "task": task["number"],
        "input_id": writes.add_text(db, example.input),
        "output_id": writes.add_text(db, example.output),
        "source": example.source,
        "correction": correction,
    }
    return Contribution(
        id=insert(db, "task_examples", row),
        input_sha256=text_digest(example.input),
        output_sha256=text_digest(example.output),
        input=example.input,
        output=example.output,
        source=example.source,
        correction=correction,
    )


def _write(db: Database, row: _Row, pairs: Folded) -> None:
    version = insert(db, "task_versions", row)
    db.conn.executemany(
        "INSERT INTO task_version_examples (version, position, example, state) VALUES (?, ?, ?, ?)",
        [(version, place, each.id, int(state)) for place, (each, state) in enumerate(pairs)],
    )


def _point(db: Database, task: _Row, number: int, now: str) -> None:
    db.execute(
        "UPDATE named_tasks SET current = ?, updated_at = ? WHERE number = ?",
        [number, now, task["number"]],
    )


def _trim(db: Database, task: _Row, limits: StoreLimits) -> None:
    """Drop the oldest versions over the limit, but for the current one and what serves."""
    kept = {current(db, task)["id"], serving(db, task)["id"]}
    rows = db.execute(
        "SELECT id FROM task_versions WHERE task = ? AND dropped_at IS NULL "
        "ORDER BY number DESC LIMIT -1 OFFSET ?",
        [task["number"], limits.task_versions],
    ).fetchall()
    gone = [row_id for (row_id,) in rows if row_id not in kept]
    for row_id in gone:
        db.execute("DELETE FROM task_version_examples WHERE version = ?", [row_id])
        db.execute(
            "UPDATE task_versions SET follows = (SELECT follows FROM task_versions WHERE id = ?) "
            "WHERE task = ? AND follows = ?",
            [row_id, task["number"], row_id],
        )
        db.execute(
            "UPDATE task_versions SET dropped_at = ? WHERE id = ?", [writes.utc_now(), row_id]
        )
    if gone:
        db.execute(
            "DELETE FROM task_examples WHERE task = ? AND NOT EXISTS ("
            "SELECT 1 FROM task_version_examples WHERE example = task_examples.id)",
            [task["number"]],
        )


def _hashed(pairs: Folded) -> list[tuple[str, str, int]]:
    return [(each.input_sha256, each.output_sha256, int(state)) for each, state in pairs]


def _texts(pairs: Folded) -> list[tuple[str, str]]:
    return [(each.input_sha256, each.output_sha256) for each in used(pairs)]
