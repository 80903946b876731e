"""The right output of a step, recorded beside it before any task knows of it.

A step has one standing correction at most: another one replaces it. The caller holds the
transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue
from checkpoints.graph import writes
from checkpoints.graph.history import head, in_lineage
from checkpoints.graph.rows import insert
from checkpoints.limits import bounded
from checkpoints.records import DELETED, text_digest
from checkpoints.tasks import correction_rows, named, versions, views
from checkpoints.tasks.checks import as_label, none_of_labels, same
from checkpoints.tasks.correction_rows import (
    correction_digest,
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
class Noted:
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


def note(db: Database, session: _Row, n: int, output: str | None, limits: StoreLimits) -> Noted:
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
            return Noted(step, task, None, done)
        # Something else stands in its place by now: recorded anew, it is the last word again.
    number = _insert(db, session, step, task, output, confirmed=confirmed, standing=standing)
    correction_rows.note_sources(db, number, session["branch"], step, confirmed=confirmed)
    replaced = (
        None if standing is None else record(db, correction_rows.numbered(db, standing["number"]))
    )
    correction = record(db, correction_rows.numbered(db, number))
    why = _why_unnamed(_version_of(step), version) if task is None else ""
    return Noted(step, task, number, Corrected(correction, True, None, why, replaced=replaced))


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
        if not too_long(row, limits)
    ]
    ids = {row["number"]: row["id"] for row in rows}
    out = withheld(db, ids)
    return [
        TaskExample(each.input, each.output, "", ids[each.id])
        for each, state in fold(known, out, labels_of(task), limits.task_examples)
        if state == State.USED
    ]


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
    if why := too_long(correction, limits):
        return why
    state = State.WITHHELD if correction.withheld else State.NO_LABEL
    refused = correction.withheld or (labels and as_label(correction.output, labels) is None)
    return f"not used: {WHY[state]}" if refused else None


def _insert(
    db: Database,
    session: _Row,
    step: _Row,
    task: _Row | None,
    output: str,
    *,
    confirmed: bool,
    standing: _Row | None,
) -> int:
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


def too_long(of: Correction | _Row, limits: StoreLimits) -> str:
    """Why a correction cannot be an example; empty if it can."""
    texts = (of.input, of.output) if isinstance(of, Correction) else (of["input"], of["output"])
    for field, text in zip(("input", "output"), texts, strict=True):
        if len(text) > limits.example_chars:
            return (
                f"recorded beside the step alone: its {field} has {len(text)} characters, the "
                f"limit of an example's is {limits.example_chars}"
            )
    return ""


def _why_unnamed(digest: str, version: _Row | None) -> str:
    kept = "kept with the session, for its steps of the same task"
    if not digest:
        return kept
    whose = "was deleted" if version is None else "belongs to another principal"
    return f"{kept}: the named task that it ran with {whose}"
