"""Named tasks and their versions as their readers see them. The caller holds the transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.graph.rows import select
from checkpoints.tasks.folding import WHY, form
from checkpoints.tasks.values import (
    NamedTask,
    SetAside,
    State,
    TaskDefinition,
    TaskExample,
    TaskVersion,
    VersionSummary,
)
from checkpoints.tasks.versions import current, folded, quality, serving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.tasks.folding import Contribution
    from checkpoints.tasks.versions import Measured

_Row = dict[str, Any]


def record(db: Database, task: _Row, version: _Row) -> TaskVersion:
    """A version as its reader sees it."""
    pairs = folded(db, version)
    ids = _correction_ids(db, version["id"])
    examples = [(_example(each, ids), state) for each, state in pairs]
    return TaskVersion(
        task=task["name"],
        owner=task["principal"],
        number=version["number"],
        digest=version["digest"],
        parent=version["parent"],
        definition=TaskDefinition.from_dict(json.loads(version["definition"])),
        examples=tuple(example for example, state in examples if state == State.USED),
        taught=_taught(examples),
        set_aside=tuple(
            SetAside(example, WHY[state]) for example, state in examples if state != State.USED
        ),
        cause=version["cause"],
        created_at=version["created_at"],
        quality=quality(version),
        accepted=None if version["accepted"] is None else bool(version["accepted"]),
        redacted=version["redacted_at"] is not None,
    )


def _example(each: Contribution, ids: dict[int, str]) -> TaskExample:
    correction = None if each.correction is None else ids[each.correction]
    return TaskExample(each.input, each.output, each.source, correction)


def _taught(examples: Sequence[tuple[TaskExample, State]]) -> tuple[TaskExample, ...]:
    """Those of corrections that are in use, or say what one in use says."""
    used = {form(example) for example, state in examples if state == State.USED}
    return tuple(
        example
        for example, state in examples
        if example.correction is not None
        and state in (State.USED, State.REPLACED)
        and form(example) in used
    )


def _correction_ids(db: Database, version: int) -> dict[int, str]:
    return dict(
        db.execute(
            "SELECT corrections.number, corrections.id FROM task_version_examples AS held "
            "JOIN task_examples ON task_examples.id = held.example "
            "JOIN corrections ON corrections.number = task_examples.correction "
            "WHERE held.version = ?",
            [version],
        ).fetchall()
    )


def left_out(
    before: Sequence[TaskExample | Contribution], after: TaskVersion
) -> tuple[SetAside, ...]:
    """Which of some examples a version knows and does not use, and why."""
    looked_for = {(each.input, each.output) for each in before}
    used = {(each.input, each.output) for each in after.examples}
    return tuple(
        each
        for each in after.set_aside
        if (each.example.input, each.example.output) in looked_for - used
    )


def summaries(
    db: Database, task: _Row, limit: int, skip: int = 0, *, measured: bool = False
) -> list[VersionSummary]:
    """The last versions of a task after some, newest first; or of those that were measured."""
    in_use = serving(db, task)["number"]
    held = "(SELECT count(*) FROM task_version_examples WHERE version = task_versions.id"
    rows = select(
        db,
        f"""
        SELECT task_versions.*, {held} AND state = 0) AS used, {held} AND state <> 0) AS other
        FROM task_versions
        WHERE task = ? AND dropped_at IS NULL AND (NOT ? OR quality_json IS NOT NULL)
        ORDER BY number DESC LIMIT ? OFFSET ?
        """,  # noqa: S608  # constants
        [task["number"], measured, limit, skip],
    )
    return [
        VersionSummary(
            number=row["number"],
            digest=row["digest"],
            parent=row["parent"],
            cause=row["cause"],
            created_at=row["created_at"],
            examples=row["used"],
            set_aside=row["other"],
            quality=quality(row),
            accepted=None if row["accepted"] is None else bool(row["accepted"]),
            redacted=row["redacted_at"] is not None,
            current=row["number"] == task["current"],
            serving=row["number"] == in_use,
        )
        for row in rows
    ]


def listed(db: Database, task: _Row, *, own: bool, measured: Measured | None = None) -> NamedTask:
    """A task as a list shows it; `measured` says whose quality counts."""
    at, in_use = current(db, task), serving(db, task, measured)
    definition = TaskDefinition.from_dict(json.loads(at["definition"]))
    used = "SELECT count(*) FROM task_version_examples WHERE version = ? AND state = 0"
    return NamedTask(
        name=task["name"],
        owner=task["principal"],
        own=own,
        shared=bool(task["shared"]),
        version=at["number"],
        serving=in_use["number"],
        description=definition.description,
        labels=definition.labels,
        examples=db.execute(used, [at["id"]]).fetchone()[0],
        quality=quality(in_use),
        created_at=task["created_at"],
        updated_at=task["updated_at"],
    )
