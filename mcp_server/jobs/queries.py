"""Memory as its reader sees it: sessions, steps and checkpoints, whole and read-only.

Everything goes through the store as the caller may see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints.text.graphemes import beginning
from hypernet.engine.checks import MOST_LABELS
from mcp_server import __version__
from mcp_server.app.principal import principal
from mcp_server.jobs.memory import session_state
from mcp_server.jobs.present import checkpoint_result, observed, session_line, task_text
from mcp_server.schema import limits, results
from mcp_server.schema.limits import INPUT_SHOWN
from mcp_server.schema.named import TaskList
from mcp_server.schema.uris import MissingError, step_uri
from mcp_server.schema.views import CheckpointList, SessionList, StepLine, StepList, WholeStep
from mcp_server.tasks import changes

if TYPE_CHECKING:
    from checkpoints import Store
    from mcp_server.app.application import Application

PAGE = 100
STATUS_SESSIONS = 20
STATUS_TASKS = 20
BEGINNING = 200


def sessions(app: Application) -> SessionList:
    """The sessions created last."""
    store = app.store()
    found = store.sessions(PAGE + 1)
    lines = [session_line(session_state(store, record)) for record in found[:PAGE]]
    return SessionList(sessions=lines, more=len(found) > PAGE)


def tasks(app: Application) -> TaskList:
    """The named tasks that may be used."""
    return TaskList(tasks=changes.lines(app.store(), PAGE, app.loader.identity))


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
                input=beginning(step.input, BEGINNING),
                output=beginning(step.output, BEGINNING),
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
        input=beginning(found.input, INPUT_SHOWN),
        input_truncated=len(found.input) > INPUT_SHOWN,
        output=found.output,
        mode=found.mode,
        adapter_digest=found.adapter_digest,
        details=observed(found),
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


def status(app: Application, session_id: str | None) -> results.StatusResult:
    """The server's state, and that of one session or of those created last.

    Raises:
        MemoryFault: no such session, or memory cannot be read.
    """
    store = app.store()
    if session_id is not None:
        found = [session_state(store, store.session(session_id))]
    else:
        last = store.sessions(limit=STATUS_SESSIONS)
        found = [session_line(session_state(store, record)) for record in last]
    return results.StatusResult(
        version=__version__,
        model=app.loader.state,
        progress=app.loader.progress,
        message=app.loader.message,
        database=database_state(store),
        about=app.about(),
        limits=stated_limits(app),
        document_folders=[str(folder) for folder in app.settings.documents],
        sessions=found,
        tasks=changes.lines(store, STATUS_TASKS, app.loader.identity),
        learning=app.learner.told(principal()),
    )


def database_state(store: Store) -> str:
    """Whether the database file is sound, in words."""
    if store.maintenance.read_only:
        if store.maintenance.moved:
            return "the file was moved, deleted or replaced while it was open; open it again"
        return "not checked by who only reads it; hypernet-mcp sessions verify checks it"
    if store.maintenance.moved:
        return (
            "moved, deleted or replaced while it was open, nothing is written to it any more: put "
            "it back where it was, or stop the server and start it with the new place"
        )
    state, problem = store.maintenance.checked()
    match state:
        case "damaged":
            return f"damaged, nothing is written to it any more: {problem}"
        case "running":
            return "being checked"
        case "stopped":
            return "not checked"
        case _:
            return "sound"


def stated_limits(app: Application) -> dict[str, int | float]:
    """The limits that `status` shows."""
    stated: dict[str, int | float] = {
        "task_chars": limits.TASK_CHARS,
        "input_chars": limits.INPUT_CHARS,
        "labels": MOST_LABELS,
        "examples": limits.EXAMPLES,
        "documents": limits.DOCUMENTS,
        "document_chars": limits.DOCUMENT_CHARS,
        "max_tokens": limits.MAX_TOKENS[1],
        "checkpoint_every": app.settings.checkpoint_every,
    }
    if app.loader.runtime is not None:
        stated["window_tokens"] = app.loader.runtime.engine.limits.window
    return stated
