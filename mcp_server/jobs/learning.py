"""Waiting until what was saved has been learned, for a caller that asks for the result later."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from mcp_server.app.loader import LoadError
from mcp_server.app.threads import in_thread
from mcp_server.schema.limits import MAX_SECONDS
from mcp_server.tasks import changes
from mcp_server.work.work import WorkLimitError

if TYPE_CHECKING:
    from mcp_server.app.application import Application
    from mcp_server.app.progress import CallProgress
    from mcp_server.schema.named import SavedResult

POLL_SECONDS = 0.25


async def when_learned(
    app: Application, name: str, saved: SavedResult, progress: CallProgress
) -> SavedResult:
    """What was saved under a name, once it has been learned.

    It is saved whatever follows: where no model can be loaded, where as many calls run on as may,
    and after an hour it is told as it is. Learning goes on also when nobody waits for it.

    Raises:
        MemoryFault: the store cannot be read any more, or the task was deleted meanwhile.
    """
    store = await in_thread(app.store)
    version = await in_thread(lambda: store.tasks.get(name))
    if not await in_thread(lambda: app.learner.will_learn(version)):
        return saved
    with suppress(WorkLimitError, LoadError), anyio.move_on_after(MAX_SECONDS[1]):
        progress.lasts()
        await app.loader.ready(progress)
        while await in_thread(lambda: app.learner.will_learn(version)):
            doing = app.learner.doing
            if doing is not None and doing.digest == version.digest:
                message = f"learning: {doing.message}"
                await progress.report("learning", doing.fraction, message)
            await anyio.sleep(POLL_SECONDS)
    card = await in_thread(lambda: changes.card(store, name, app.learner))
    return saved.model_copy(update={"task": card})
