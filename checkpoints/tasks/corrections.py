"""The right outputs of steps, recorded beside them, as examples of their tasks.

A correction becomes an example of the named task that its step ran with, if that is of the
session's own principal; otherwise it is kept with the session, for steps of the same description
and labels. The caller holds the transaction.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue
from checkpoints.graph.rows import select
from checkpoints.tasks import correction_rows, versions, views
from checkpoints.tasks.checks import same
from checkpoints.tasks.correction_rows import (
    record,
    withheld,
)
from checkpoints.tasks.folding import WHY, form
from checkpoints.tasks.noting import Noted, end, note, too_long
from checkpoints.tasks.values import Corrected, Correction, State, TaskExample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits
    from checkpoints.tasks.values import TaskVersion

_Row = dict[str, Any]


def correct(
    db: Database, session: _Row, outputs: Mapping[int, str | None], limits: StoreLimits
) -> list[Corrected]:
    """Record the right outputs of steps (None: its own), as examples of the steps' tasks.

    Each task goes on in one version that knows all of them. Raises BadValue where there is no such
    step, or no such label, or an input is answered in two ways; of several it names the step.
    """
    noted: dict[int, Noted] = {}
    for n, output in outputs.items():
        try:
            noted[n] = note(db, session, n, output, limits)
        except BadValue as error:
            if len(outputs) == 1:
                raise
            raise BadValue(f"outputs[{n}]", error.problem) from error
    _check_one_answer(noted)
    done = {n: each.done for n, each in noted.items()}
    tasks = {each.task["number"]: each.task for each in noted.values() if each.task is not None}
    for key, task in tasks.items():
        new = {
            n: each
            for n, each in noted.items()
            if each.task is not None and each.task["number"] == key and each.number is not None
        }
        done |= _taught(db, task, new, limits)
    return list(done.values())


def _check_one_answer(noted: Mapping[int, Noted]) -> None:
    """Refuse two answers to one input of a task: only one of them could stand."""
    first: dict[tuple[object, str], int] = {}
    for n, each in noted.items():
        other = first.setdefault(each.asked, n)
        if same(noted[other].done.correction.output) != same(each.done.correction.output):
            raise BadValue(
                f"outputs[{n}]",
                f"step {other} has the same input and another answer here; nothing was changed",
            )


def _taught(
    db: Database, task: _Row, noted: Mapping[int, Noted], limits: StoreLimits
) -> dict[int, Corrected]:
    """Give a task what was noted as examples, in one version; what each came to, by step."""
    if not noted:
        return {}
    at = versions.current(db, task)
    before = versions.folded(db, at)
    known = [each for each, _ in before]
    for each in noted.values():
        said = each.done.correction
        if not too_long(said, limits):
            example = TaskExample(said.input, said.output)
            known.append(versions.add_contribution(db, task, example, each.number))
    made = versions.remake(db, task, at, "corrected", limits, contributions=known)
    after = views.record(db, task, made)
    set_aside, last = views.left_out(versions.used(before), after), max(noted)
    done = {}
    for n, each in noted.items():
        said = each.done.correction
        done[n] = replace(
            each.done,
            version=after,
            example=too_long(said, limits) or _became(said, after),
            # Once for all of them, of the task's last one.
            set_aside=set_aside if n == last else (),
        )
    return done


def take_back(db: Database, row: _Row, limits: StoreLimits) -> Corrected:
    """End a standing correction, given by its row, and make its task do without it.

    Raises BadValue for one that does not stand.
    """
    if row["ended"] is not None:
        raise BadValue(
            "correction",
            f"{row['id']} was {row['ended']} at {row['ended_at']}; nothing was changed",
        )
    end(db, row, "taken back")
    correction = _read(db, row["number"])
    if row["task"] is None:
        return Corrected(correction, True, None, "kept with the session no more")
    task = select(db, "SELECT * FROM named_tasks WHERE number = ?", [row["task"]])[0]
    at = versions.current(db, task)
    before = versions.used(versions.folded(db, at))
    made = versions.remake(db, task, at, "taken back", limits)
    after = views.record(db, task, made)
    return Corrected(
        correction,
        changed=True,
        version=after,
        example=f"task {task['name']!r} {_went(correction, after)}",
        set_aside=views.left_out(before, after),
    )


def sift(db: Database, session_id: str, limits: StoreLimits) -> None:
    """Make the tasks that a session corrected do without what is withheld now, or with it again."""
    sql = """
    SELECT * FROM named_tasks WHERE number IN (
        SELECT task FROM corrections WHERE session_id = ? AND ended IS NULL
    ) ORDER BY number
    """
    for task in select(db, sql, [session_id]):
        at = versions.current(db, task)
        pairs = versions.folded(db, at)
        numbers = [each.correction for each, _ in pairs if each.correction is not None]
        now = withheld(db, numbers)
        then = {each.correction for each, state in pairs if state == State.WITHHELD}
        if now != then:
            versions.remake(db, task, at, "withheld" if now - then else "released", limits)


def _read(db: Database, number: int) -> Correction:
    return record(db, correction_rows.numbered(db, number))


def _became(correction: Correction, version: TaskVersion) -> str:
    if any(each.correction == correction.id for each in version.examples):
        return f"an example of task {version.task!r}"
    if any((e.input, e.output) == (correction.input, correction.output) for e in version.examples):
        return f"task {version.task!r} has the same example already"
    why = [each.why for each in version.set_aside if each.example.correction == correction.id]
    return f"not used by task {version.task!r}: {(why or [WHY[State.CROWDED]])[0]}"


def _went(correction: Correction, version: TaskVersion) -> str:
    """What a task does without a correction that was taken back."""
    said = form(TaskExample(correction.input, correction.output))
    if said in {form(each) for each in version.examples}:
        return "has the same example still, from elsewhere"
    return "has this example no more"
