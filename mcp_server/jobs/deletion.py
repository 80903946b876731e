"""Deleting a session, a source or an item for good, while no step of it runs."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from anyio import WouldBlock, to_thread

from mcp_server.jobs.present import ENTRIES_SHOWN
from mcp_server.schema import results
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from checkpoints import Deleted, Store
    from mcp_server.app.application import Application
    from mcp_server.schema.calls import DeleteCall


async def delete(app: Application, session_id: str, call: DeleteCall) -> results.DeleteResult:
    """Delete what the call names, or say what would go.

    Raises:
        InputError: a step of the session runs, or of one that shares its history.
        MemoryFault: no such session, source or item; or deleted, but the file holds traces yet.
    """
    store = await to_thread.run_sync(app.store)
    names = await to_thread.run_sync(lambda: store.deletions.relatives(session_id))
    with ExitStack() as held:
        for name in names:
            lock = app.session_lock(name)
            try:
                lock.acquire_nowait()
            except WouldBlock:
                raise InputError(
                    f"session_id: a step of session {name} is running; wait for its end and call "
                    "again; nothing was deleted"
                ) from None
            held.callback(lock.release)
        # Not abandoned when the client cancels: the sessions are held until it is over.
        deleted = await to_thread.run_sync(lambda: _delete(store, session_id, call))
    if not call.dry_run:
        app.backlog.start()  # what is left of a redacted text is a new one
    return delete_result(session_id, call, deleted)


def _delete(store: Store, session_id: str, call: DeleteCall) -> Deleted:
    if call.item_id is not None:
        return store.deletions.item(session_id, call.item_id, dry_run=call.dry_run)
    if call.source is not None:
        return store.deletions.source(session_id, call.source, dry_run=call.dry_run)
    return store.deletions.session(session_id, dry_run=call.dry_run)


def delete_result(session_id: str, call: DeleteCall, deleted: Deleted) -> results.DeleteResult:
    """A deletion as the wire shows it."""
    note = "nothing was deleted: this was a dry run" if call.dry_run else "deleted for good"
    if deleted.kept_by:
        note += "; the sessions in kept_by hold the same text of their own or by a fork"
    if deleted.also:
        counts = ", ".join(f"{count} {what}" for what, count in deleted.also.items())
        note += f"; it is cut out of these too: {counts}"
    if deleted.left:
        note += "; some of it is left, see left"
    return results.DeleteResult(
        session_id=session_id,
        dry_run=call.dry_run,
        items=deleted.items,
        steps=deleted.steps,
        checkpoints=deleted.checkpoints,
        text_bytes=deleted.text_bytes,
        redacted_steps=len(deleted.redacted),
        shared_with=list(deleted.shared_with[:ENTRIES_SHOWN]),
        kept_by=list(deleted.kept_by[:ENTRIES_SHOWN]),
        left=list(deleted.left),
        note=note + "; backups, exports and logs are not looked into",
    )
