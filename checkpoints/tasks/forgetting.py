"""What a deletion for good takes from named tasks: examples, descriptions, corrections.

A version that lost text keeps its number and digest, is marked as redacted and serves no more; its
task gets a new version of what is left. The caller holds the transaction.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkpoints.graph import writes
from checkpoints.graph.rows import select
from checkpoints.records import canonical_json
from checkpoints.tasks import versions
from checkpoints.tasks.correction_rows import withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits

_Row = dict[str, Any]

_IN_SESSIONS = "session_id IN (SELECT id FROM sessions WHERE {})"

EXAMPLES, DEFINITIONS = "examples of named tasks", "definitions of named tasks"
"""What `Deleted.also` calls them."""


@dataclass(frozen=True)
class Cuts:
    """What takes deleted texts out of others: out of texts, labels, and names."""

    text: Callable[[str], str]
    label: Callable[[str], str]
    name: Callable[[str], str]


@dataclass
class Forgotten:
    """Which tasks lost something, by name and row; what went, by kind, and texts now free.

    `left` says where a deleted text stands still.
    """

    tasks: list[str] = field(default_factory=list)
    numbers: dict[int, None] = field(default_factory=dict)
    also: Counter[str] = field(default_factory=Counter)
    texts: set[int] = field(default_factory=set)
    left: list[str] = field(default_factory=list)


def forget_corrections(
    db: Database, where: str, values: Mapping[str, Any], limits: StoreLimits
) -> Forgotten:
    """Delete corrections, by a condition on their rows, with the examples that they brought."""
    forgotten = Forgotten()
    _forget(db, forgotten, where, values, ())
    _go_on(db, forgotten, limits)
    return forgotten


def withheld_in(db: Database, family: str) -> set[int]:
    """The corrections of a family's sessions that do not count for now; a condition on branches."""
    sql = f"SELECT number FROM corrections WHERE {_IN_SESSIONS.format(family)}"  # noqa: S608  # constants
    return withheld(db, [number for (number,) in db.execute(sql)])


def forget_quotes(
    db: Database,
    family: str,
    principal: str | None,
    cuts: Cuts,
    limits: StoreLimits,
    kept_out: set[int],
) -> Forgotten:
    """Delete what quotes deleted texts: corrections of a family, and examples of a principal.

    `family` is the condition on a branch. A correction whose step was cut goes too, and one of
    `kept_out` that the deletion of what withheld it would let back in; of a definition, and of what
    an example's source is called, a quotation is cut out.
    """
    forgotten = Forgotten()
    rows = select(
        db,
        f"""
        SELECT corrections.number, inputs.text AS input, outputs.text AS output,
               steps.input_id <> corrections.input_id
               OR corrections.confirmed AND steps.output_id <> corrections.output_id AS cut
        FROM corrections
        JOIN texts AS inputs ON inputs.id = corrections.input_id
        JOIN texts AS outputs ON outputs.id = corrections.output_id
        LEFT JOIN steps ON steps.branch = corrections.branch AND steps.seq = corrections.seq
        WHERE corrections.{family} OR {_IN_SESSIONS.format(family)}
        """,  # noqa: S608  # constants
    )
    let_in = kept_out - withheld(db, kept_out)
    gone = [
        row["number"] for row in rows if row["cut"] or row["number"] in let_in or _quotes(row, cuts)
    ]
    examples = select(
        db,
        """
        SELECT task_examples.id, inputs.text AS input, outputs.text AS output FROM task_examples
        JOIN named_tasks ON named_tasks.number = task_examples.task
        JOIN texts AS inputs ON inputs.id = task_examples.input_id
        JOIN texts AS outputs ON outputs.id = task_examples.output_id
        WHERE named_tasks.principal IS ?
        """,
        [principal],
    )
    given = [row["id"] for row in examples if _quotes(row, cuts)]
    where = "number IN (SELECT value FROM json_each(:numbers))"
    _forget(db, forgotten, where, {"numbers": json.dumps(gone)}, given)
    _cut_definitions(db, forgotten, principal, cuts)
    _cut_sources(db, principal, cuts)
    _tell_names(db, forgotten, principal, cuts)
    _go_on(db, forgotten, limits)
    return forgotten


def forget_source(db: Database, family: str, source: str) -> None:
    """Delete a source's name from what the corrections of a family remember."""
    db.execute(
        f"""
        DELETE FROM correction_sources WHERE one_form(source) = one_form(:source)
        AND correction IN (SELECT number FROM corrections WHERE {_IN_SESSIONS.format(family)})
        """,  # noqa: S608  # constants
        {"source": source},
    )


def forget_task(db: Database, task: _Row) -> Forgotten:
    """Delete a task; its corrections stay beside their steps."""
    key = [task["number"]]
    forgotten = Forgotten([task["name"]])
    for column, table in (
        ("definition_id", "task_versions"),
        ("input_id", "task_examples"),
        ("output_id", "task_examples"),
    ):
        rows = db.execute(f"SELECT {column} FROM {table} WHERE task = ?", key)  # noqa: S608  # constants
        forgotten.texts |= {text_id for (text_id,) in rows}
    count = "SELECT count(*) FROM task_examples WHERE task = ?"
    if examples := db.execute(count, key).fetchone()[0]:
        forgotten.also[EXAMPLES] = examples
    of_task = "version IN (SELECT id FROM task_versions WHERE task = ?)"
    db.execute(f"DELETE FROM task_version_examples WHERE {of_task}", key)  # noqa: S608  # a constant
    db.execute("UPDATE corrections SET task = NULL WHERE task = ?", key)
    for table in ("task_examples", "task_versions", "task_days"):
        db.execute(f"DELETE FROM {table} WHERE task = ?", key)  # noqa: S608  # a constant
    db.execute("DELETE FROM named_tasks WHERE number = ?", key)
    return forgotten


def _quotes(row: _Row, cuts: Cuts) -> bool:
    return any(cuts.text(row[field]) != row[field] for field in ("input", "output"))


def _forget(
    db: Database,
    forgotten: Forgotten,
    where: str,
    values: Mapping[str, Any],
    examples: Iterable[int],
) -> None:
    corrections = select(
        db,
        f"SELECT number, input_id, output_id FROM corrections WHERE {where}",  # noqa: S608  # a constant
        values,
    )
    numbers = [row["number"] for row in corrections]
    gone = select(
        db,
        """
        SELECT id, task, input_id, output_id FROM task_examples
        WHERE id IN (SELECT value FROM json_each(?))
        OR correction IN (SELECT value FROM json_each(?))
        """,
        [json.dumps(list(examples)), json.dumps(numbers)],
    )
    for row in (*corrections, *gone):
        forgotten.texts |= {row["input_id"], row["output_id"]}
    if gone:
        forgotten.also[EXAMPLES] += len(gone)
    forgotten.numbers |= dict.fromkeys(row["task"] for row in gone)
    keys = [(row["id"],) for row in gone]
    _mark(
        db,
        "id IN (SELECT version FROM task_version_examples WHERE example IN "
        "(SELECT value FROM json_each(?)))",
        json.dumps([row["id"] for row in gone]),
    )
    db.conn.executemany("DELETE FROM task_version_examples WHERE example = ?", keys)
    db.conn.executemany("DELETE FROM task_examples WHERE id = ?", keys)
    of = [(number,) for number in numbers]
    db.conn.executemany("DELETE FROM correction_sources WHERE correction = ?", of)
    db.conn.executemany("DELETE FROM corrections WHERE number = ?", of)


def _mark(db: Database, where: str, value: Any) -> None:
    """Mark versions as redacted, unless they are."""
    db.execute(
        f"UPDATE task_versions SET redacted_at = ? WHERE redacted_at IS NULL AND {where}",  # noqa: S608  # constants
        [writes.utc_now(), value],
    )


def _cut_definitions(db: Database, forgotten: Forgotten, principal: str | None, cuts: Cuts) -> None:
    rows = select(
        db,
        """
        SELECT DISTINCT task_versions.task, task_versions.definition_id, texts.text
        FROM task_versions JOIN named_tasks ON named_tasks.number = task_versions.task
        JOIN texts ON texts.id = task_versions.definition_id WHERE named_tasks.principal IS ?
        """,
        [principal],
    )
    for row in rows:
        definition = json.loads(row["text"])
        left = {name: _cut_all(value, cuts.text) for name, value in definition.items()}
        left |= {"labels": [cuts.label(each) for each in definition["labels"]]}
        left |= {"mode": definition["mode"]}
        if left == definition:
            continue
        forgotten.also[DEFINITIONS] += 1
        forgotten.texts.add(row["definition_id"])
        forgotten.numbers[row["task"]] = None
        new = writes.add_text(db, canonical_json(left))
        same = "task = ? AND definition_id = ?"
        key = [row["task"], row["definition_id"]]
        now = writes.utc_now()
        db.execute(
            f"UPDATE task_versions SET redacted_at = coalesce(redacted_at, ?), definition_id = ? "  # noqa: S608  # a constant
            f"WHERE {same}",
            [now, new, *key],
        )


def _cut_sources(db: Database, principal: str | None, cuts: Cuts) -> None:
    """Cut the names of where given examples are from; no version's digest covers them."""
    of_principal = "task IN (SELECT number FROM named_tasks WHERE principal IS ?)"
    sql = f"SELECT DISTINCT source FROM task_examples WHERE {of_principal}"  # noqa: S608  # a constant
    for row in select(db, sql, [principal]):
        if (left := cuts.name(row["source"])) != row["source"]:
            db.execute(
                f"UPDATE task_examples SET source = ? WHERE source = ? AND {of_principal}",  # noqa: S608  # a constant
                [left, row["source"], principal],
            )


def _tell_names(db: Database, forgotten: Forgotten, principal: str | None, cuts: Cuts) -> None:
    for row in select(db, "SELECT name FROM named_tasks WHERE principal IS ?", [principal]):
        if cuts.name(row["name"]) != row["name"]:
            forgotten.left.append(
                f"a task is called {row['name']!r}: to be rid of that, save it under another name "
                "and delete it"
            )


def _cut_all(value: Any, cut: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, list):
        return [_cut_all(each, cut) for each in value]
    if isinstance(value, dict):
        return {name: _cut_all(each, cut) for name, each in value.items()}
    return value


def _go_on(db: Database, forgotten: Forgotten, limits: StoreLimits) -> None:
    """Give each task whose current version lost something one of what is left."""
    for number in forgotten.numbers:
        sql = "SELECT * FROM named_tasks WHERE number = ?"
        task = select(db, sql, [number])[0]
        at = versions.current(db, task)
        if at["redacted_at"] is not None:
            versions.remake(db, task, at, "text deleted", limits)
        forgotten.tasks.append(task["name"])
