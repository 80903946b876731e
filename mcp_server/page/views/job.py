"""One job: its steps as a timeline, with checkpoints and the places where it branched."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.text.graphemes import shortened
from mcp_server.jobs.present import task_text
from mcp_server.page.parts.room import Room
from mcp_server.page.parts.tokens import NAMES, bar
from mcp_server.page.views.jobs import described
from mcp_server.page.visit import Shown
from mcp_server.schema.uris import MissingError

if TYPE_CHECKING:
    from checkpoints import CheckpointRecord, Fork, LeftSteps, StepLine
    from mcp_server.page.parts.tokens import Bar
    from mcp_server.page.visit import Visit

PAGE = 50
STEP_BYTES = 1_000
"""Of each step's texts: a page stays small whatever they are."""
TASK, OUTPUT, INPUT = 160, 280, 200
"""Characters of them."""
MARKS = 60
"""Checkpoints of a page."""
BRANCHES = 20
"""Restores of a page, and forks."""


@dataclass(frozen=True)
class Row:
    """A step of the timeline, and what follows it; without a step what came before any.

    `texts` are the beginnings of its task, if the step before had another, its output and its
    input. `new_weights` is whether it has others than the step before it.
    """

    step: StepLine | None
    bar: Bar | None = None
    texts: tuple[str, str, str] = ("", "", "")
    new_weights: bool = False
    checkpoints: tuple[CheckpointRecord, ...] = ()
    left: tuple[LeftSteps, ...] = ()
    forks: tuple[Fork, ...] = ()


def shown(visit: Visit, session_id: str) -> Shown:
    """The last steps of a job, or those after number `after`; with `at` those of a checkpoint.

    Raises:
        MemoryFault: no such session or checkpoint.
        MissingError: the checkpoint was made in another session.
        InputError: `after` is no number.
    """
    store = visit.store
    session = store.session(session_id)
    handle, point = place(visit, session_id)
    count = session.steps if point is None else point.step
    last = visit.number("after", max(count - PAGE, 0)) or 0
    after = min(last, max(count - 1, 0))
    task = task_text(described(session.task))
    address = f"/jobs/{session_id}"
    values: dict[str, Any] = {
        "session": session,
        "task": task,
        "address": address,
        "at": "" if point is None else f"at={point.id}&",
        "point": point,
        "count": count,
        "after": after,
        "page": PAGE,
        "rows": rows(visit, handle, after, whole=point is None),
        "most_marks": MARKS,
        "origin": store.timeline.origin(session_id),
        "parts": NAMES,
    }
    return Shown("job.html", task[:80] if task else "A job", values)


def place(visit: Visit, session_id: str) -> tuple[str, CheckpointRecord | None]:
    """The history that is asked for: the session's own, or one at a checkpoint of it.

    Raises:
        MemoryFault: no such checkpoint.
        MissingError: it was made in another session.
    """
    at = visit.query.get("at")
    if not at:
        return session_id, None
    record = visit.store.checkpoint_record(at)
    if record.session_id != session_id:
        raise MissingError(f"checkpoint {record.id} was not made in job {session_id}")
    return at, record


def rows(visit: Visit, handle: str, after: int, *, whole: bool) -> list[Row]:
    """A page of the timeline; `whole` with what branched off it."""
    timeline = visit.store.timeline
    # One more: whether the first one shown has another task than the one before.
    lines = timeline.lines(handle, max(after - 1, 0), PAGE + bool(after))
    before = lines.pop(0) if after and lines else None
    first, last = (0 if not after else after + 1), after + PAGE
    marks = defaultdict[int, list["CheckpointRecord"]](list)
    for mark in timeline.checkpoints(handle, first, last)[-MARKS:]:
        marks[mark.step].append(mark)
    left, forks = defaultdict[int, list["LeftSteps"]](list), defaultdict[int, list["Fork"]](list)
    if whole:
        branching = timeline.branching(handle, first, last)
        for each in branching.left[:BRANCHES]:
            left[each.at].append(each)
        for fork in branching.forks[:BRANCHES]:
            forks[fork.at].append(fork)
    window = window_of(visit)
    found = [Row(None, checkpoints=tuple(marks[0]), left=tuple(left[0]), forks=tuple(forks[0]))]
    for line in lines:
        found.append(
            Row(
                line,
                bar(line.result, window),
                _texts(line, before),
                new_weights=before is not None and before.adapter_digest != line.adapter_digest,
                checkpoints=tuple(marks[line.n]),
                left=tuple(left[line.n]),
                forks=tuple(forks[line.n]),
            )
        )
        before = line
    return found if not after else found[1:]


def _texts(line: StepLine, before: StepLine | None) -> tuple[str, str, str]:
    room = Room(STEP_BYTES)

    def short(text: str, most: int) -> str:
        shown = room.take(shortened(text, most))
        return f"{shown.text}…" if shown.more else shown.text

    other = before is None or (before.task, before.task_version) != (line.task, line.task_version)
    task = short(line.task or "No task", TASK) if other else ""
    return task, short(line.output, OUTPUT), short(line.input, INPUT)


def window_of(visit: Visit) -> int | None:
    """Tokens of the window of the model that is loaded."""
    runtime = visit.app.loader.runtime
    return None if runtime is None else runtime.engine.limits.window
