"""The right outputs of steps, recorded beside them, as examples of their tasks.

A step has one standing correction at most: another one replaces it. It becomes an example of the
named task that the step ran with, if that is of the session's own principal; otherwise it is kept
with the session, for steps of the same description and labels. The caller holds the transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue
from checkpoints.graph.history import head, in_lineage
from checkpoints.graph.rows import select
from checkpoints.limits import bounded
from checkpoints.records import DELETED
from checkpoints.tasks import correction_rows, versions, views
from checkpoints.tasks.checks import as_label, none_of_labels, same
from checkpoints.tasks.correction_rows import (
    labels_of,
    record,
    task_key,
    withheld,
)
from checkpoints.tasks.folding import WHY, Contribution, fold, form
from checkpoints.tasks.values import Corrected, Correction, State, TaskDefinition, TaskExample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits
    from checkpoints.tasks.values import TaskVersion

_Row = dict[str, Any]


@dataclass(frozen=True)
class _Noted:
    """A correction beside its step, before its task knows of it."""

    step: _Row
    task: _Row | None
    """Whose example it is; None: it stays with the session."""
    number: int | None
    """Of its row; None: it was there."""
    done: Corrected

    @property
    def asked(self) -> tuple[object, str]:
        """What was to be answered: an input of a task."""
        key = task_key(json.loads(self.step["task"])) if self.task is None else self.task["number"]
        return key, same(self.step["input"])


def correct(
    db: Database, session: _Row, outputs: Mapping[int, str | None], limits: StoreLimits
) -> list[Corrected]:
    """Record the right outputs of steps (None: its own), as examples of the steps' tasks.

    Each task goes on in one version that knows all of them. Raises BadValue where there is no such
    step, or no such label, or an input is answered in two ways; of several it names the step.
    """
    noted: dict[int, _Noted] = {}
    for n, output in outputs.items():
        try:
            noted[n] = _note(db, session, n, output, limits)
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


def _check_one_answer(noted: Mapping[int, _Noted]) -> None:
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
    db: Database, task: _Row, noted: Mapping[int, _Noted], limits: StoreLimits
) -> dict[int, Corrected]:
    """Give a task what was noted as examples, in one version; what each came to, by step."""
    if not noted:
        return {}
    at = versions.current(db, task)
    before = versions.folded(db, at)
    known = [each for each, _ in before]
    for each in noted.values():
        said = each.done.correction
        if not _too_long(said, limits):
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
            example=_too_long(said, limits) or _became(said, after),
            # Once for all of them, of the task's last one.
            set_aside=set_aside if n == last else (),
        )
    return done


def _note(db: Database, session: _Row, n: int, output: str | None, limits: StoreLimits) -> _Noted:
    """Record a correction beside its step; no task knows of it yet."""
    step = _step(db, session, n)
    version, task = versions.named(db, _version_of(step)) or (None, None)
    if task is not None and task["principal"] != session["principal"]:
        task = None
    output, confirmed = _right_output(db, step, version, task, output)
    standing = correction_rows.standing_of(db, step)
    if standing and (standing["output"], standing["confirmed"]) == (output, int(confirmed)):
        now = None if task is None else views.record(db, task, versions.current(db, task))
        why = _why_unused(db, session, step, standing, now, limits)
        if why is not None:
            said = "; ".join(filter(None, ("recorded like this before", why)))
            done = Corrected(record(db, standing), changed=False, version=now, example=said)
            return _Noted(step, task, None, done)
        # Something else stands in its place by now: recorded anew, it is the last word again.
    number = correction_rows.add(
        db, session, step, task, output, confirmed=confirmed, standing=standing
    )
    correction_rows.note_sources(db, number, session["branch"], step, confirmed=confirmed)
    replaced = (
        None if standing is None else record(db, correction_rows.numbered(db, standing["number"]))
    )
    correction = record(db, correction_rows.numbered(db, number))
    why = _why_unnamed(_version_of(step), version) if task is None else ""
    return _Noted(step, task, number, Corrected(correction, True, None, why, replaced=replaced))


def take_back(db: Database, row: _Row, limits: StoreLimits) -> Corrected:
    """End a standing correction, given by its row, and make its task do without it.

    Raises BadValue for one that does not stand.
    """
    if row["ended"] is not None:
        raise BadValue(
            "correction",
            f"{row['id']} was {row['ended']} at {row['ended_at']}; nothing was changed",
        )
    correction_rows.end(db, row, "taken back")
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


def session_examples(
    db: Database, session: _Row, task: Mapping[str, Any], limits: StoreLimits
) -> list[TaskExample]:
    """The examples that a session's own corrections give to steps of a task without a name."""
    rows = in_lineage(
        db,
        session["branch"],
        f"""
        {correction_rows.CORRECTION} WHERE {correction_rows.OF_SESSION} AND corrections.task IS NULL
        AND corrections.task_key = :key AND corrections.ended IS NULL ORDER BY corrections.number
        """,
        session=session["id"],
        key=task_key(task),
    )
    known = [
        Contribution(
            row["number"],
            row["input_sha256"],
            row["output_sha256"],
            row["input"],
            row["output"],
            "",
            row["number"],
        )
        for row in rows
        if not _too_long(row, limits)
    ]
    ids = {row["number"]: row["id"] for row in rows}
    out = withheld(db, ids)
    return [
        TaskExample(each.input, each.output, "", ids[each.id])
        for each, state in fold(known, out, labels_of(task), limits.task_examples)
        if state == State.USED
    ]


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


def _step(db: Database, session: _Row, n: int) -> _Row:
    rows = in_lineage(db, session["branch"], correction_rows.STEP, n=bounded(n))
    if not rows:
        last = head(db, session["branch"]).steps
        there = f"it has steps 1 to {last}" if last else "it has none yet"
        raise BadValue("step", f"the session has no step {n}; {there}; nothing was changed")
    if DELETED in rows[0]["input"]:
        raise BadValue("step", f"the input of step {n} was deleted for good; nothing was changed")
    return rows[0]


def _version_of(step: _Row) -> str:
    return str(json.loads(step["content_json"]).get("task_version") or "")


def _right_output(
    db: Database, step: _Row, version: _Row | None, task: _Row | None, output: str | None
) -> tuple[str, bool]:
    """The right output, in its label's spelling, and whether it is the step's own."""
    if output is None or same(output) == same(step["output"]):
        if not same(step["output"]) or DELETED in step["output"]:
            raise BadValue("output", f"step {step['n']} has none that could be right; give it")
        return step["output"], True
    labels = list(_allowed(db, step, version, task))
    label = as_label(output, labels) if labels else output
    if label is None:
        raise BadValue("output", f"{none_of_labels(output, labels)}; nothing was changed")
    return label, False


def _allowed(db: Database, step: _Row, version: _Row | None, task: _Row | None) -> Iterable[str]:
    """The labels that the step chose from, and those that its task has now."""
    shares = json.loads(step["result_json"]).get("shares")
    found = [*labels_of(json.loads(step["task"])), *(shares if isinstance(shares, dict) else ())]
    for row in (version, task and versions.current(db, task)):
        if row:
            found += TaskDefinition.from_dict(json.loads(row["definition"])).labels
    return dict.fromkeys(found)


def _why_unused(
    db: Database,
    session: _Row,
    step: _Row,
    standing: _Row,
    now: TaskVersion | None,
    limits: StoreLimits,
) -> str | None:
    """Why a standing correction counts for nothing; empty if it counts, None if anew it would."""
    if now is None:
        about = json.loads(step["task"])
        taught, labels = session_examples(db, session, about, limits), labels_of(about)
    else:
        taught, labels = list(now.taught), list(now.definition.labels)
    correction = record(db, standing)
    said = form(TaskExample(correction.input, correction.output))
    if said in {form(each) for each in taught}:
        return ""
    if why := _too_long(correction, limits):
        return why
    state = State.WITHHELD if correction.withheld else State.NO_LABEL
    refused = correction.withheld or (labels and as_label(correction.output, labels) is None)
    return f"not used: {WHY[state]}" if refused else None


def _too_long(of: Correction | _Row, limits: StoreLimits) -> str:
    """Why a correction cannot be an example; empty if it can."""
    texts = (of.input, of.output) if isinstance(of, Correction) else (of["input"], of["output"])
    for field, text in zip(("input", "output"), texts, strict=True):
        if len(text) > limits.example_chars:
            return (
                f"recorded beside the step alone: its {field} has {len(text)} characters, the "
                f"limit of an example's is {limits.example_chars}"
            )
    return ""


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


def _why_unnamed(digest: str, version: _Row | None) -> str:
    kept = "kept with the session, for its steps of the same task"
    if not digest:
        return kept
    whose = "was deleted" if version is None else "belongs to another principal"
    return f"{kept}: the named task that it ran with {whose}"
