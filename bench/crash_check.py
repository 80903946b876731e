"""What a killed worker's log promises, and whether the database keeps it.

`Promised` replays the log: what was answered must be there exactly, the one operation under way may
be there or not, nothing else may be.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bench.crash_tasks import SESSION, TaskPromises, check_tasks
from bench.old_database import TASK
from checkpoints import UnknownCheckpoint
from checkpoints.records import canonical_json

if TYPE_CHECKING:
    from pathlib import Path

    from checkpoints import SessionRecord, StepRecord, Store

_MOST_VECTORS_ASKED = 1_000
ANY = "?"
"""The output of a step that a task answers by what it has learned by then."""


@dataclass(frozen=True)
class Event:
    """A step (`key`, what was put in, what came out) or a document (`key` is empty)."""

    key: str
    input: str
    output: str
    source: str = ""


@dataclass
class Promised:
    """What the answers so far promise: each session's visible events, and where its marks are."""

    sessions: dict[str, str] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)
    marks: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By checkpoint: the session's name and how many events it had."""
    labelled: list[str] = field(default_factory=list)
    taught: TaskPromises = field(default_factory=TaskPromises)
    pending: dict[str, Any] | None = None
    unanswered: dict[str, Any] | None = None
    """The step that the last worker did not hear of; it may be sent again."""
    read: int = 0
    next: int = 0

    def follow(self, log: Path) -> None:
        """Read on in the log; `pending` is then the operation that has no answer yet."""
        whole = log.read_bytes() if log.exists() else b""
        for raw in whole[self.read :].split(b"\n")[:-1]:
            self.read += len(raw) + 1
            line = json.loads(raw)
            if "sent" in line:
                self.pending, self.next = line, line["sent"] + 1
            elif self.pending is not None:
                if not line.get("refused"):
                    self._answered(self.pending, line["answer"])
                self.pending = None

    @property
    def inputs(self) -> list[str]:
        """Of the steps of the session that runs with a named task, in order."""
        return [event.input for event in self.events.get(SESSION, [])]

    def after(self, line: dict[str, Any]) -> list[Event] | None:
        """A session's events if an operation took place; None if it changes none."""
        name, arguments = line["name"], line["arguments"]
        events = self.events.get(name, [])
        if line["kind"] == "step":
            key, given = arguments["step_key"], arguments["input"]
            if any(event.key == key for event in events):
                return None
            output = ANY if name == SESSION else " ".join(given.split())
            return [*events, Event(key, given, output)]
        if line["kind"] == "remember":
            return [*events, Event("", arguments["text"], "", arguments["source"])]
        if line["kind"] == "restore":
            return events[: self.marks[arguments["checkpoint_id"]][1]]
        if line["kind"] == "delete":
            return [event for event in events if event.source != arguments["source"]]
        return None

    def _answered(self, line: dict[str, Any], answer: dict[str, Any]) -> None:
        name = line["name"]
        if line["kind"] == "begin":
            self.sessions[name], self.events[name] = answer["session_id"], []
        self.taught.answered(line, answer, self.inputs)
        changed = self.after(line)
        if line["kind"] == "step" and name == SESSION and changed is not None:
            changed[-1] = replace(changed[-1], output=answer["output"])
        if line["kind"] == "delete" and changed is not None:
            self._forget(name, changed)
        if changed is not None:
            self.events[name] = changed
        if line["kind"] == "step" and answer["checkpoint"] is not None and not answer["replayed"]:
            self._mark(answer["checkpoint"]["checkpoint_id"], name)
        if line["kind"] == "checkpoint":
            self._mark(answer["checkpoint_id"], name)
            self.labelled.append(answer["checkpoint_id"])

    def _forget(self, name: str, changed: list[Event]) -> None:
        """Let each mark count the events before it that are left."""
        for checkpoint, (owner, count) in self.marks.items():
            if owner == name:
                left = [event for event in self.events[name][:count] if event in changed]
                self.marks[checkpoint] = (owner, len(left))

    def _mark(self, checkpoint: str, name: str) -> None:
        self.marks[checkpoint] = (name, len(self.events[name]))


@dataclass
class Findings:
    """What was wrong: `lost` counts answered operations that are not there as answered."""

    lost: int = 0
    wrong: list[str] = field(default_factory=list)


def check(store: Store, promised: Promised, encoder: str) -> Findings:
    """Compare a database with what was promised, and settle whether the pending one took place."""
    findings = Findings()
    findings.wrong += [f"verify: {problem}" for problem in store.maintenance.verify()]
    known = set(promised.sessions.values())
    for record in store.sessions(limit=10_000):
        if record.id not in known and record.steps:
            findings.wrong.append(f"session {record.id}: has steps that nobody sent")
    for name, session in promised.sessions.items():
        _session(store, promised, name, session, findings)
    for checkpoint in promised.labelled:
        try:
            store.checkpoint_record(checkpoint)
        except UnknownCheckpoint:
            findings.lost += 1
            findings.wrong.append(f"labelled checkpoint {checkpoint}: is not there")
    bare = [text for _, text in store.maintenance.without_vectors(encoder, _MOST_VECTORS_ASKED)]
    findings.wrong += [f"no vector: {text[:40]!r}" for text in bare if not _is_old(text)]
    lost, wrong = check_tasks(
        store, promised.taught, promised.pending, promised.sessions.get(SESSION), promised.inputs
    )
    findings.lost, findings.wrong = findings.lost + lost, findings.wrong + wrong
    pending, promised.pending = promised.pending, None
    promised.unanswered = pending if pending is not None and pending["kind"] == "step" else None
    return findings


def _session(store: Store, promised: Promised, name: str, session: str, findings: Findings) -> None:
    try:
        record, steps = store.session(session), store.steps(session)
    except Exception as error:  # whatever it is, this session's history is not to be had
        findings.lost += len(promised.events[name])
        findings.wrong.append(f"session {name}: {error}")
        return
    allowed = [promised.events[name]]
    pending = promised.pending
    if pending is not None and pending["name"] == name:
        changed = promised.after(pending)
        allowed += [changed] if changed is not None else []
    allowed = [_known(events, steps) for events in allowed]
    matching = [events for events in allowed if _matches(store, record, steps, events)]
    if matching:
        promised.events[name] = matching[-1]
        return
    there = {(step.step_key, step.input, step.output) for step in steps}
    lost = [e for e in allowed[0] if e.key and (e.key, e.input, e.output) not in there]
    findings.lost += len(lost)
    findings.wrong.append(
        f"session {name}: {len(steps)} steps and {record.items} items, expected one of "
        f"{[_sizes(events) for events in allowed]}; lost {[e.key for e in lost][:5]}"
    )


def _known(events: list[Event], steps: list[StepRecord]) -> list[Event]:
    """Outputs that nobody was told are those that are there."""
    recorded = {step.step_key: step.output for step in steps}
    return [replace(e, output=recorded.get(e.key, ANY)) if e.output == ANY else e for e in events]


def _matches(
    store: Store, record: SessionRecord, steps: list[StepRecord], events: list[Event]
) -> bool:
    stored = [(step.n, step.step_key, step.input, step.output) for step in steps]
    wanted = [e for e in events if e.key]
    if stored != [(n, e.key, e.input, e.output) for n, e in enumerate(wanted, start=1)]:
        return False
    if (record.steps, record.items) != _sizes(events):
        return False
    documents = [event.input for event in events if not event.key][-3:]
    # Each document's own number finds it, by words alone.
    return all(
        any(text.strip() == hit.text.strip() for hit in store.recall(record.id, text[:60], 50))
        for text in documents
    )


def _sizes(events: list[Event]) -> tuple[int, int]:
    texts = {event.output or event.input for event in events}
    return sum(bool(event.key) for event in events), len(texts)


def first_release(session: str, steps: int) -> Promised:
    """What a database of the first release promises (`bench.old_database`)."""
    events = [Event("", "The notice period is ninety days.", "")]
    events += [Event(f"key-{n}", f"question {n}", f"answer {n}") for n in range(1, steps + 1)]
    return Promised(sessions={"old": session}, events={"old": events})


def _is_old(text: str) -> bool:
    # Written before there were vectors; the server adds them in the background.
    return text.startswith(("answer ", "The notice period")) or text == canonical_json(TASK)
