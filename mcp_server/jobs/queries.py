"""Memory as its reader sees it: sessions, steps, checkpoints and adapters, whole and read-only.

Knows nothing of MCP. Everything goes through the store as the caller may see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from hypernet.task import Task
from mcp_server.jobs.memory import session_state
from mcp_server.jobs.present import checkpoint_result, session_line, task_text
from mcp_server.schema import results
from mcp_server.schema.limits import INPUT_SHOWN
from mcp_server.schema.uris import step_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints import StepRecord, Store
    from mcp_server.app.application import Application

PAGE = 100
BEGINNING = 200


class MissingError(Exception):
    """There is nothing of that name; the message says where to look."""


class SessionList(BaseModel):
    """Sessions, in the order of their creation, the newest first."""

    sessions: list[results.SessionResult]
    more: bool = Field(description="There are older ones; `status` finds one by its handle.")


class StepLine(BaseModel):
    """A step in a list: the beginnings of its texts."""

    step: int
    resource: str
    created_at: str
    input: str
    output: str


class StepList(BaseModel):
    """Steps by number, from 1; the next page begins after `next_after`."""

    session_id: str
    steps: list[StepLine]
    next_after: int | None


class WholeStep(BaseModel):
    """A step with all of its output, and what was observed while it ran."""

    session_id: str
    step: int
    step_key: str | None
    created_at: str
    task: str | None
    input: str
    input_truncated: bool
    output: str
    mode: str
    adapter_digest: str | None
    details: dict[str, Any] = Field(description="As in the result of run_step.")


class CheckpointList(BaseModel):
    """The checkpoints of a session's history, oldest first."""

    session_id: str
    checkpoints: list[results.CheckpointResult]
    more: bool = Field(description="There are older ones.")


class AdapterCard(BaseModel):
    """What is known of an adapter: never its weights, which are written anew from the task."""

    session_id: str
    digest: str
    task: str | None = Field(description="The text that the weights were written from.")
    labels: list[str]
    examples: int
    steps: list[int] = Field(description="The steps that ran with it, the last 100.")
    loaded: bool = Field(description="Whether it is in memory; the next three are known only then.")
    rank: int | None = None
    bytes: int | None = None
    parent: str | None = None


def sessions(app: Application) -> SessionList:
    """The sessions created last."""
    store = app.store()
    found = store.sessions(PAGE + 1)
    shown = [session_line(session_state(store, record)) for record in found[:PAGE]]
    return SessionList(sessions=shown, more=len(found) > PAGE)


def session(app: Application, session_id: str) -> results.SessionResult:
    """One session. Raises MemoryFault."""
    store = app.store()
    return session_state(store, store.session(session_id))


def steps(app: Application, session_id: str, after: int) -> StepList:
    """The steps numbered above `after`, a page of them. Raises MemoryFault."""
    store = app.store()
    last = store.session(session_id).steps
    numbers = range(after + 1, min(after + PAGE, last) + 1)
    found = [step for n in numbers if (step := store.step(session_id, n)) is not None]
    return StepList(
        session_id=session_id,
        steps=[
            StepLine(
                step=step.n,
                resource=step_uri(session_id, step.n),
                created_at=step.created_at,
                input=step.input[:BEGINNING],
                output=step.output[:BEGINNING],
            )
            for step in found
        ],
        next_after=numbers[-1] if numbers and numbers[-1] < last else None,
    )


def step(app: Application, session_id: str, n: int) -> WholeStep:
    """One step.

    Raises:
        MemoryFault: no such session.
        MissingError: no such step in its history.
    """
    found = app.store().step(session_id, n)
    if found is None:
        raise MissingError(f"n: session {session_id} has no step {n}")
    return WholeStep(
        session_id=session_id,
        step=found.n,
        step_key=found.step_key,
        created_at=found.created_at,
        task=task_text(found.task),
        input=found.input[:INPUT_SHOWN],
        input_truncated=len(found.input) > INPUT_SHOWN,
        output=found.output,
        mode=found.mode,
        adapter_digest=found.adapter_digest,
        details=found.result,
    )


def checkpoints(app: Application, session_id: str) -> CheckpointList:
    """The last checkpoints of a session's history, oldest first. Raises MemoryFault."""
    found = app.store().checkpoints(session_id)
    return CheckpointList(
        session_id=session_id,
        checkpoints=[checkpoint_result(record) for record in found[-PAGE:]],
        more=len(found) > PAGE,
    )


def checkpoint(app: Application, session_id: str, checkpoint_id: str) -> results.CheckpointResult:
    """One checkpoint made in a session, also one that a restore has put out of sight.

    Raises:
        MemoryFault: no such session or checkpoint.
        MissingError: it was made in another session.
    """
    store = app.store()
    store.session(session_id)
    found = store.checkpoint_record(checkpoint_id)
    if found.session_id != session_id:
        raise MissingError(f"checkpoint_id: {checkpoint_id} was not made in session {session_id}")
    return checkpoint_result(found)


def adapter(app: Application, session_id: str, digest: str) -> AdapterCard:
    """An adapter that the session's steps ran with, or that its current task has.

    Raises:
        MemoryFault: no such session.
        MissingError: neither a step nor the task has it.
    """
    store = app.store()
    current = (store.session(session_id).task or {}).get("task")
    users = [each for each in store.steps(session_id) if each.adapter_digest == digest]
    task = _task(users[-1].task if users else current)
    runtime = app.loader.runtime
    library = None if runtime is None else runtime.library
    # Without a step of the session that shows it, only the session's own task gives it away.
    entry = None
    if library is not None and (users or task is not None):
        entry = library.find(digest, None if users else task)
    if not users and entry is None:
        raise MissingError(f"digest: nothing in session {session_id} ran with adapter {digest}")
    return AdapterCard(
        session_id=session_id,
        digest=digest,
        task=None if task is None else task.description,
        labels=[] if task is None else list(task.labels),
        examples=0 if task is None else len(task.examples),
        steps=[each.n for each in users][-PAGE:],
        loaded=entry is not None,
        rank=None if entry is None else entry.adapter.rank,
        bytes=None if entry is None else entry.adapter.nbytes,
        parent=None if entry is None else entry.parent,
    )


def digests(store: Store, session_id: str) -> list[str]:
    """The adapters that a session's last steps ran with, the latest first. Raises MemoryFault."""
    last: list[StepRecord] = store.steps(session_id, PAGE)[::-1]
    return list(dict.fromkeys(each.adapter_digest for each in last if each.adapter_digest))


def _task(recorded: Mapping[str, Any] | None) -> Task | None:
    try:
        return None if recorded is None else Task.from_dict(recorded)
    except (KeyError, TypeError):  # an imported session may hold what it likes
        return None
