"""The rows of named tasks: which a principal may use or change, and how their steps fare by day.

This is the one place that says whose a task is. A name belongs to its principal: each has its own,
and another's is there if it is shared. Where the same name is shared by several, `OWNER/NAME` says
whose. What may not be seen is unknown in the words used for what never was. The caller holds the
transaction.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Literal

from checkpoints.errors import BadValue, UnknownTask
from checkpoints.graph.rows import select
from checkpoints.graph.sources import nearest
from checkpoints.tasks.values import DayCounts, TaskCounts

if TYPE_CHECKING:
    from sqlite_utils import Database

_Row = dict[str, Any]
Counted = Literal["steps", "asked", "corrected", "confirmed"]

_SEEN = "(:principal IS NULL OR principal IS :principal OR shared = 1)"
_COMPARED = 1_000


def usable(db: Database, principal: str | None, name: str) -> _Row:
    """The row of a task that may be used. Raises UnknownTask, or BadValue where several fit."""
    form = unicodedata.normalize("NFC", name)
    owner, slash, short = form.rpartition("/")
    values = {"principal": principal, "name": short, "owner": owner or None}
    sql = f"SELECT * FROM named_tasks WHERE name = :name AND {_SEEN}"  # noqa: S608  # a constant
    rows = select(db, sql + (" AND principal IS :owner" if slash else ""), values)
    mine = [row for row in rows if slash or row["principal"] == principal]
    found = mine or rows
    if not found:
        raise UnknownTask(name, _meant(db, principal, short))
    if len(found) > 1:
        ways = " or ".join(repr(f"{row['principal'] or ''}/{short}") for row in found[:10])
        raise BadValue("name", f"several principals have a task {short!r}; say whose, with {ways}")
    return found[0]


def own(db: Database, principal: str | None, name: str) -> _Row:
    """The row of a task that may be changed. Raises UnknownTask or BadValue."""
    row = usable(db, principal, name)
    if not changeable(row, principal):
        raise BadValue(
            "name",
            f"task {row['name']!r} is {row['principal'] or 'the file owner'}'s and shared: it can "
            "be used, not changed; nothing was changed; save one of your own",
        )
    return row


def changeable(row: _Row, principal: str | None) -> bool:
    """Whether a task is the principal's own; for the file's owner (None) every task is."""
    return principal is None or bool(row["principal"] == principal)


def seen(db: Database, principal: str | None, limit: int, skip: int = 0) -> list[_Row]:
    """The rows of the tasks that may be used, after `skip`: the own ones first, then by name."""
    return select(
        db,
        f"SELECT * FROM named_tasks WHERE {_SEEN} "  # noqa: S608  # a constant
        "ORDER BY principal IS NOT :principal, name, principal LIMIT :limit OFFSET :skip",
        {"principal": principal, "limit": limit, "skip": skip},
    )


def count(db: Database, task: int, moment: str, what: Counted, more: int = 1) -> None:
    """Count something of a task on the day of a moment, in ISO 8601."""
    db.execute(
        f"INSERT INTO task_days (task, day, {what}) VALUES (?, ?, ?) "  # noqa: S608  # a column's name
        f"ON CONFLICT (task, day) DO UPDATE SET {what} = {what} + excluded.{what}",
        [task, moment[:10], more],
    )


def count_step(
    db: Database, digest: str, principal: str | None, moment: str, *, asked: bool
) -> None:
    """Count a step that ran with a version; others' steps of a shared task are not counted."""
    sql = """
    SELECT named_tasks.number FROM task_versions
    JOIN named_tasks ON named_tasks.number = task_versions.task
    WHERE task_versions.digest = ? AND named_tasks.principal IS ?
    """
    for (task,) in db.execute(sql, [digest, principal]).fetchall():
        count(db, task, moment, "steps")
        if asked:
            count(db, task, moment, "asked")


def counted(db: Database, task: _Row, days: int) -> TaskCounts:
    """The counts of a task in all, and of the last `days` days that have any."""
    sums = "coalesce(sum(steps), 0) AS steps, coalesce(sum(asked), 0) AS asked, "
    sums += "coalesce(sum(corrected), 0) AS corrected, coalesce(sum(confirmed), 0) AS confirmed"
    key = [task["number"]]
    total = select(db, f"SELECT {sums} FROM task_days WHERE task = ?", key)[0]  # noqa: S608  # constants
    rows = select(
        db,
        "SELECT day, steps, asked, corrected, confirmed FROM task_days WHERE task = ? "
        "ORDER BY day DESC LIMIT ?",
        [*key, days],
    )
    return TaskCounts(**total, days=tuple(DayCounts(**row) for row in reversed(rows)))


def _meant(db: Database, principal: str | None, name: str) -> str:
    names = list(dict.fromkeys(row["name"] for row in seen(db, principal, _COMPARED)))
    near = nearest(name, names)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else ""
