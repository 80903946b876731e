"""Completions: what may stand for a placeholder of a resource or for an argument of a prompt.

Only names that the caller may see anyway, the newest first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyio import to_thread
from mcp.types import Completion

from checkpoints import MemoryFault
from mcp_server.jobs import adapters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mcp.server import MCPServer
    from mcp.types import (
        CompletionArgument,
        CompletionContext,
        PromptReference,
        ResourceTemplateReference,
    )

    from mcp_server.app.application import Application

MOST = 100  # the protocol's limit
SESSIONS_LOOKED_AT = 1_000


def register_completions(mcp: MCPServer[Any], app: Application) -> None:
    """Let a server complete session handles, step numbers, checkpoints and adapters."""

    @mcp.completion()  # type: ignore[no-untyped-call, untyped-decorator]  # untyped upstream
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        """What begins with what was typed; nothing for what is free text."""
        given = (context.arguments if context else None) or {}
        try:
            found = await to_thread.run_sync(lambda: list(names(app, argument.name, given)))
        except MemoryFault:  # no such session yet: nothing to offer
            found = []
        fitting = [each for each in found if each.startswith(argument.value)]
        return Completion(values=fitting[:MOST], total=len(fitting), has_more=len(fitting) > MOST)


def names(app: Application, argument: str, given: Mapping[str, str]) -> Iterable[str]:
    """All values of an argument, the newest first, where `given` names the session.

    Raises:
        MemoryFault: no such session, or memory cannot be read.
    """
    store, session_id = app.store(), given.get("session_id", "")
    match argument:
        case "session_id":
            return [record.id for record in store.sessions(SESSIONS_LOOKED_AT)]
        case "n":
            return map(str, range(store.session(session_id).steps, 0, -1))
        case "checkpoint_id":
            return [record.id for record in reversed(store.checkpoints(session_id))]
        case "digest":
            return adapters.digests(store, session_id)
        case _:
            return ()
