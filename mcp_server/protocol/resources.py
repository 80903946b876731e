"""Memory as MCP resources: their names, titles, text and errors.

All are JSON and read-only. What is missing, or not to be seen, is the protocol's error for that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp.server.caching import CacheHint
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import Annotations

from checkpoints import BadIdentifier, MemoryFault, UnknownCheckpoint, UnknownSession, UnknownTask
from checkpoints.text.graphemes import beginning
from mcp_server.jobs import adapters, queries
from mcp_server.schema import uris
from mcp_server.schema.uris import MissingError
from mcp_server.tasks import changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server import MCPServer
    from mcp.server.caching import CacheableMethod
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from pydantic import BaseModel

    from mcp_server.app.application import Application

HOUR_MS = 3_600_000
# The lists of what the server offers are the same for everyone, as long as it runs. What is in
# memory is its owner's, and stale at once; see `cache_for_long` for what never changes.
CACHE_HINTS: dict[CacheableMethod, CacheHint] = {
    "tools/list": CacheHint(HOUR_MS, "public"),
    "prompts/list": CacheHint(HOUR_MS, "public"),
    "resources/list": CacheHint(HOUR_MS, "public"),
    "resources/templates/list": CacheHint(HOUR_MS, "public"),
    "resources/read": CacheHint(0, "private"),
}
# A checkpoint is named by its content. A step is not: after a restore another one has its number.
IMMUTABLE = re.compile(r"memory://sessions/[^/]+/checkpoints/[^/]+")
NUMBER = re.compile(r"[0-9]{1,9}")
JSON = "application/json"


@dataclass(frozen=True)
class Described:
    """How a resource is listed.

    `priority` is how much whoever goes on with a job needs it, from 0 to 1.
    """

    name: str
    title: str
    description: str
    priority: float


SESSIONS = Described(
    "sessions", "Sessions", "The 100 sessions created last, the newest first.", priority=0.5
)
SESSION = Described(
    "session",
    "A session",
    "A session's task, number of steps and items, and last checkpoint.",
    priority=0.9,
)
STEPS = Described(
    "steps",
    "Steps of a session",
    "The beginnings of a session's inputs and outputs by step number, 100 at a time; `after` is "
    "the number to go on after.",
    priority=0.7,
)
STEP = Described(
    "step",
    "A step",
    "A step with its whole output, also one whose result never reached its caller.",
    priority=0.7,
)
CHECKPOINTS = Described(
    "checkpoints",
    "Checkpoints of a session",
    "The last 100 checkpoints in a session's history, the oldest first, for restore_memory.",
    priority=0.4,
)
CHECKPOINT = Described(
    "checkpoint", "A checkpoint", "What a checkpoint holds and its parent.", priority=0.3
)
ADAPTER = Described(
    "adapter",
    "An adapter",
    "What an adapter was written from, its rank and size, and the steps that ran with it.",
    priority=0.1,
)

TASKS = Described(
    "tasks", "Saved tasks", "The tasks that may be used by name, with their quality.", priority=0.6
)
TASK = Described(
    "task",
    "A saved task",
    "A saved task: description, labels, how good it is and how it is served.",
    priority=0.6,
)


def register_resources(mcp: MCPServer[Any], app: Application) -> None:
    """Put memory's resources on a server."""

    def resource(uri: str, listed: Described) -> Callable[[Any], Any]:
        return mcp.resource(
            uri,
            name=listed.name,
            title=listed.title,
            description=listed.description,
            mime_type=JSON,
            annotations=Annotations(priority=listed.priority),
        )

    @resource(uris.SESSIONS, SESSIONS)
    def sessions() -> str:
        return text_of(lambda: queries.sessions(app))

    @resource(uris.SESSION, SESSION)
    def session(session_id: str) -> str:
        return text_of(lambda: queries.session(app, session_id))

    @resource(uris.STEPS, STEPS)
    def steps(session_id: str, after: str = "0") -> str:
        return text_of(lambda: queries.steps(app, session_id, _number("after", after)))

    @resource(uris.STEP, STEP)
    def step(session_id: str, n: str) -> str:
        return text_of(lambda: queries.step(app, session_id, _number("n", n)))

    @resource(uris.CHECKPOINTS, CHECKPOINTS)
    def checkpoints(session_id: str) -> str:
        return text_of(lambda: queries.checkpoints(app, session_id))

    @resource(uris.CHECKPOINT, CHECKPOINT)
    def checkpoint(session_id: str, checkpoint_id: str) -> str:
        return text_of(lambda: queries.checkpoint(app, session_id, checkpoint_id))

    @resource(uris.ADAPTER, ADAPTER)
    def adapter(session_id: str, digest: str) -> str:
        return text_of(lambda: adapters.adapter_card(app, session_id, digest))

    @resource(uris.TASKS, TASKS)
    def tasks() -> str:
        return text_of(lambda: queries.tasks(app))

    @resource(uris.TASK, TASK)
    def task(name: str) -> str:
        return text_of(lambda: changes.card(app.store(), name, app.learner))

    mcp.middleware.append(cache_for_long)


def text_of(read: Callable[[], BaseModel]) -> str:
    """A resource's text.

    Raises:
        ResourceNotFoundError: there is no such session, step, checkpoint or adapter.
        ResourceError: memory cannot be read; says why.
    """
    try:
        return read().model_dump_json()
    except (UnknownSession, UnknownCheckpoint, UnknownTask, BadIdentifier, MissingError) as error:
        raise ResourceNotFoundError(str(error)) from error
    except MemoryFault as error:
        raise ResourceError(str(error)) from error


async def cache_for_long(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Let clients keep what never changes for an hour."""
    result = await call_next(ctx)
    # In wire form by now; only the revisions with cache hints have the field.
    if ctx.method == "resources/read" and isinstance(result, dict) and "ttlMs" in result:
        uri = str((ctx.params or {}).get("uri", ""))
        if IMMUTABLE.fullmatch(uri):
            return {**result, "ttlMs": HOUR_MS}
    return result


def _number(field: str, text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise MissingError(f"{field}: {beginning(text, 20)!r} is not a number of at most 9 digits")
    return int(text)
