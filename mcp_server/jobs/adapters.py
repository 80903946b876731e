"""Generated weights as a session sees them: what is known of each, and which are revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypernet.task import Task
from mcp_server.jobs.present import ENTRIES_SHOWN, checkpoint_result, task_text, with_reason
from mcp_server.schema import results
from mcp_server.schema.limits import InputError
from mcp_server.schema.uris import MissingError
from mcp_server.schema.views import AdapterCard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints import Store
    from hypernet.adapters.plan import Plan
    from mcp_server.app.application import Application
    from mcp_server.schema.calls import RevokeCall

STEPS_LOOKED_AT = 100


def revoke(store: Store, session_id: str, call: RevokeCall) -> results.RevokeResult:
    """Refuse an adapter in a session, or allow it again.

    Raises:
        MemoryFault: no such session, or a value over its limit.
    """
    note = None
    if call.release:
        store.revocations.release(session_id, call.digest)
    else:
        note = store.revocations.revoke(session_id, call.digest, call.reason)
    users = store.timeline.with_adapter(session_id, call.digest)
    first = store.step(session_id, users[0]) if users else None
    before = None
    if first is not None and not call.release:
        before = store.revocations.checkpoint_before(session_id, first.n)
    return results.RevokeResult(
        session_id=session_id,
        revoked=[
            results.RevokedResult(digest=r.digest, reason=r.reason, created_at=r.created_at)
            for r in store.revocations.revoked(session_id)[-ENTRIES_SHOWN:]
        ],
        task=None if first is None else task_text(first.task),
        used_by_steps=users,
        checkpoint_before=None if before is None else checkpoint_result(before),
        note=with_reason(note, call),
    )


def refuse_revoked(store: Store, session_id: str, plan: Plan) -> None:
    """Refuse a plan whose adapter, or the one that it was refined from, was revoked.

    Raises:
        InputError: says why it was revoked, and what to do.
        MemoryFault: no such session.
    """
    if plan.adapter is None:
        return
    used = {plan.adapter.digest, plan.entry.parent if plan.entry else None}
    for each in store.revocations.revoked(session_id):
        if each.digest in used:
            raise InputError(
                f"task: its adapter {each.digest} was revoked in this session ({each.reason}); "
                "give another task, set it with mode prompted, or teach a saved one otherwise with "
                "save_task (go_back_to, or other examples); or let the adapter back in with "
                "revoke_adapter and release true"
            )


def adapter_card(app: Application, session_id: str, digest: str) -> AdapterCard:
    """An adapter that the session's steps ran with, or that its current task has.

    Raises:
        MemoryFault: no such session.
        MissingError: neither a step nor the task has it.
    """
    store = app.store()
    current = (store.session(session_id).task or {}).get("task")
    users = store.timeline.with_adapter(session_id, digest)
    last = store.step(session_id, users[-1]) if users else None
    task = _task(current if last is None else last.task)
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
        steps=users[-STEPS_LOOKED_AT:],
        loaded=entry is not None,
        rank=None if entry is None else entry.adapter.rank,
        bytes=None if entry is None else entry.adapter.nbytes,
        parent=None if entry is None else entry.parent,
    )


def digests(store: Store, session_id: str) -> list[str]:
    """The adapters that a session's last steps ran with, the latest first. Raises MemoryFault."""
    last = store.steps(session_id, STEPS_LOOKED_AT)[::-1]
    return list(dict.fromkeys(each.adapter_digest for each in last if each.adapter_digest))


def _task(recorded: Mapping[str, Any] | None) -> Task | None:
    try:
        return None if recorded is None else Task.from_dict(recorded)
    except (KeyError, TypeError):  # an imported session may hold what it likes
        return None
