"""The rows of corrections: writing, reading and bringing them, and which do not count for now.

A correction remembers the memory items that its step had in its input or its prompt, as quarantines
name them, and a confirmed one its adapter. So a quarantine or a revocation in its session takes it
along, and releasing gives it back. The caller holds the transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue, UnknownCorrection
from checkpoints.graph import writes
from checkpoints.graph.history import in_lineage
from checkpoints.graph.rows import insert, select
from checkpoints.records import canonical_json, one_form, text_digest
from checkpoints.tasks import named
from checkpoints.tasks.checks import same
from checkpoints.tasks.values import Correction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlite_utils import Database

_Row = dict[str, Any]

_COLUMNS = """
SELECT steps.branch, steps.seq, steps.n, steps.input_id, steps.output_id, steps.result_json,
       nodes.id AS node_id, nodes.content_json, inputs.text AS input, outputs.text AS output,
       outputs.sha256 AS output_sha256, tasks.text AS task
"""

_JOINED = """
JOIN nodes ON nodes.branch = steps.branch AND nodes.seq = steps.seq
JOIN texts AS inputs ON inputs.id = steps.input_id
JOIN texts AS outputs ON outputs.id = steps.output_id
JOIN texts AS tasks ON tasks.id = steps.task_id
"""

STEP = f"""
{_COLUMNS} FROM lineage
CROSS JOIN steps ON steps.branch = lineage.branch AND steps.seq <= lineage.top
{_JOINED} WHERE steps.n = :n
"""

_STEP_AT = f"{_COLUMNS} FROM steps {_JOINED} WHERE steps.branch = ? AND steps.seq = ?"

CORRECTION = """
SELECT corrections.*, inputs.text AS input, outputs.text AS output,
       inputs.sha256 AS input_sha256, outputs.sha256 AS output_sha256, named_tasks.name
FROM corrections
JOIN texts AS inputs ON inputs.id = corrections.input_id
JOIN texts AS outputs ON outputs.id = corrections.output_id
LEFT JOIN named_tasks ON named_tasks.number = corrections.task
"""

# Those that stand beside a step in sight, and those of steps that a restore put out of sight.
OF_SESSION = """
(corrections.session_id = :session OR EXISTS (
    SELECT 1 FROM lineage
    WHERE corrections.branch = lineage.branch AND corrections.seq <= lineage.top
))
"""

# A shorter text stands in too many others to have come from there.
_LEAST_CHARS = 20

_WITHHELD = """
SELECT corrections.number FROM corrections
WHERE corrections.number IN (SELECT value FROM json_each(:numbers)) AND (
    EXISTS (
        SELECT 1 FROM correction_sources AS had
        JOIN quarantine ON quarantine.session_id = corrections.session_id
        WHERE had.correction = corrections.number
        AND (quarantine.text_sha256 IS NULL OR quarantine.text_sha256 = had.text_sha256)
        AND (quarantine.source IS NULL OR one_form(quarantine.source) = one_form(had.source))
    )
    OR corrections.confirmed = 1 AND EXISTS (
        SELECT 1 FROM revoked_adapters
        WHERE revoked_adapters.session_id = corrections.session_id
        AND revoked_adapters.digest = corrections.adapter_digest
    )
)
"""

# The items from before a step that are its input, stand in it, hold it, or were in its prompt.
_HAD = """
SELECT DISTINCT texts.sha256 AS text_sha256, items.source FROM lineage
CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
JOIN texts ON texts.id = items.text_id
WHERE items.seq < :seq AND (
    items.text_id = :input_id
    OR items.id IN (SELECT value FROM json_each(:in_prompt))
    OR length(texts.text) >= :least AND instr(:input, texts.text)
    OR length(:input) >= :least AND instr(texts.text, :input)
)
"""


def with_id(db: Database, correction_id: str) -> list[_Row]:
    """The rows of the corrections with an id, those that stand and the latest first.

    An imported session may have brought what a fork of it holds here too.
    """
    sql = CORRECTION + (
        "WHERE corrections.id = ? ORDER BY corrections.ended IS NOT NULL, corrections.number DESC"
    )
    rows = select(db, sql, [correction_id])
    if not rows:
        raise UnknownCorrection(correction_id)
    return rows


def of_session(db: Database, session: _Row, limit: int) -> list[Correction]:
    """The last corrections made in a session, or of steps that it can see, the oldest first."""
    rows = in_lineage(
        db,
        session["branch"],
        f"{CORRECTION} WHERE {OF_SESSION} ORDER BY corrections.number DESC LIMIT :limit",
        session=session["id"],
        limit=limit,
    )
    return records(db, rows)


def of_task(db: Database, task: _Row, limit: int) -> list[Correction]:
    """The last corrections that became examples of a task, the oldest first."""
    sql = CORRECTION + "WHERE corrections.task = ? ORDER BY corrections.number DESC LIMIT ?"
    return records(db, select(db, sql, [task["number"], limit]))


def standing_of(db: Database, step: _Row) -> _Row | None:
    """The row of a step's standing correction, whichever session of a family it was made in."""
    sql = CORRECTION + "WHERE branch = ? AND seq = ? AND ended IS NULL"
    return next(iter(select(db, sql, [step["branch"], step["seq"]])), None)


def numbered(db: Database, number: int) -> _Row:
    """The row of a correction, with its texts."""
    return select(db, CORRECTION + "WHERE corrections.number = ?", [number])[0]


def record(db: Database, row: _Row) -> Correction:
    """A correction as its reader sees it, from its row with its texts."""
    return records(db, [row])[0]


def records(db: Database, rows: Sequence[_Row]) -> list[Correction]:
    """Several of them, the oldest first."""
    out = withheld(db, [row["number"] for row in rows])
    return [
        Correction(
            id=row["id"],
            session_id=row["session_id"],
            step=row["n"],
            node_id=row["node_id"],
            input=row["input"],
            output=row["output"],
            confirmed=bool(row["confirmed"]),
            task=row["name"],
            task_version=row["task_version"],
            created_at=row["created_at"],
            ended=row["ended"],
            ended_at=row["ended_at"],
            withheld=row["number"] in out,
        )
        for row in sorted(rows, key=lambda row: int(row["number"]))
    ]


def correction_digest(node_id: str, ordinal: int, output_sha256: str, confirmed: bool) -> str:
    """The id of a correction, the `ordinal`th of its step: 32 hex characters."""
    return text_digest(canonical_json([node_id, ordinal, output_sha256, confirmed]))[:32]


def bring(
    db: Database,
    session_id: str,
    place: tuple[int, int] | None,
    row: Mapping[str, Any],
    sources: Sequence[tuple[str, str]],
) -> None:
    """Write a correction of an imported session; it is an example of no named task.

    `place` is its step's branch and seq, `row` what the file says of it. Raises BadValue.
    """
    steps = [] if place is None else select(db, _STEP_AT, place)
    if not steps:
        raise BadValue("seq", "is a step that was not there before")
    step, content = steps[0], json.loads(steps[0]["content_json"])
    sha256 = db.execute("SELECT sha256 FROM texts WHERE id = ?", [row["output_id"]]).fetchone()[0]
    made_of = step["node_id"], row["ordinal"], sha256, bool(row["confirmed"])
    if row["id"] != correction_digest(*made_of):
        raise BadValue("id", "is not the hash of what the correction holds")
    if (row["ended"] is None) != (row["ended_at"] is None):
        raise BadValue("ended_at", "belongs to a correction that ended, and to every one of them")
    number = insert(
        db,
        "corrections",
        {
            **row,
            "session_id": session_id,
            **{name: step[name] for name in ("branch", "seq", "n", "node_id", "input_id")},
            "task": None,
            "task_version": content.get("task_version"),
            "task_key": task_key(json.loads(step["task"])),
            "adapter_digest": content["adapter_digest"],
        },
    )
    db.conn.executemany(
        "INSERT INTO correction_sources (correction, text_sha256, source) VALUES (?, ?, ?)",
        [(number, text, source) for text, source in sources],
    )


def task_key(task: Mapping[str, Any]) -> str:
    """What two tasks without a name have in common that are the same: description and labels."""
    inner = task.get("task")
    about = inner if isinstance(inner, dict) else task
    description = about.get("description")
    if not isinstance(description, str):
        return text_digest(canonical_json(dict(task)))
    words = " ".join(one_form(description).split())
    return text_digest(canonical_json([words, sorted(map(same, labels_of(task)))]))


def labels_of(task: Mapping[str, Any]) -> list[str]:
    """The labels of a task as steps and sessions record it."""
    inner = task.get("task")
    labels = (inner if isinstance(inner, dict) else task).get("labels")
    known = labels if isinstance(labels, (list, tuple)) else ()
    return [label for label in known if isinstance(label, str)]


def withheld(db: Database, numbers: Iterable[int]) -> set[int]:
    """Those of some corrections, by their numbers, that do not count for now."""
    found = db.execute(_WITHHELD, {"numbers": json.dumps(list(numbers))})
    return {number for (number,) in found}


def note_sources(
    db: Database, correction: int, branch: int, step: Mapping[str, Any], *, confirmed: bool
) -> None:
    """Remember what a corrected step had in its input or its prompt; `step` is its row."""
    rows = in_lineage(
        db,
        branch,
        _HAD,
        seq=step["seq"],
        input_id=step["input_id"],
        input=step["input"].strip(),
        in_prompt=json.dumps(sorted(_items_in_prompt(json.loads(step["result_json"])))),
        least=_LEAST_CHARS,
    )
    if confirmed:
        # Its output is a memory item too, which may be in quarantine itself.
        rows.append({"text_sha256": step["output_sha256"], "source": f"step {step['n']}"})
    db.conn.executemany(
        "INSERT OR IGNORE INTO correction_sources (correction, text_sha256, source) "
        "VALUES (?, ?, ?)",
        [(correction, row["text_sha256"], row["source"]) for row in rows],
    )


def _items_in_prompt(result: Any) -> set[int]:
    """The ids of the items that a step's result says were in its prompt."""
    found: set[int] = set()
    for name in ("retrieved", "context"):
        parts = result.get(name) if isinstance(result, dict) else None
        # An imported session may hold what it likes.
        for part in parts if isinstance(parts, list) else ():
            ids = part.get("item_ids") if isinstance(part, dict) else None
            found |= {each for each in ids if type(each) is int} if isinstance(ids, list) else set()
    return {each for each in found if abs(each) < 2**63}


def add(
    db: Database,
    session: _Row,
    step: _Row,
    task: _Row | None,
    output: str,
    *,
    confirmed: bool,
    standing: _Row | None,
) -> int:
    """Write the row of a correction, in place of the standing one; its number."""
    if standing is not None:
        end(db, standing, "replaced")
    sql = "SELECT coalesce(max(ordinal) + 1, 0) FROM corrections WHERE branch = ? AND seq = ?"
    ordinal = db.execute(sql, [step["branch"], step["seq"]]).fetchone()[0]
    content = json.loads(step["content_json"])
    now = writes.utc_now()
    row = {
        "id": correction_digest(step["node_id"], ordinal, text_digest(output), confirmed),
        "session_id": session["id"],
        "branch": step["branch"],
        "seq": step["seq"],
        "n": step["n"],
        "node_id": step["node_id"],
        "ordinal": ordinal,
        "input_id": step["input_id"],
        "output_id": writes.add_text(db, output),
        "confirmed": int(confirmed),
        "task": None if task is None else task["number"],
        "task_version": content.get("task_version"),
        "task_key": task_key(json.loads(step["task"])),
        "adapter_digest": content["adapter_digest"],
        "created_at": now,
    }
    if task is not None:
        named.count(db, task["number"], now, "confirmed" if confirmed else "corrected")
    return insert(db, "corrections", row)


def end(db: Database, row: _Row, how: str) -> None:
    """Let a correction, given by its row, stand no more; `how` as its `ended` says it."""
    db.execute(
        "UPDATE corrections SET ended = ?, ended_at = ? WHERE number = ?",
        [how, writes.utc_now(), row["number"]],
    )
    if row["task"] is not None:
        kind: named.Counted = "confirmed" if row["confirmed"] else "corrected"
        named.count(db, row["task"], row["created_at"], kind, -1)
