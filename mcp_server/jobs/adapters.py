"""Generated weights that a session does not want any more: revoked by digest, then refused.

Knows nothing of MCP or of how an adapter comes about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_server.jobs.present import ENTRIES_SHOWN, checkpoint_result, task_text
from mcp_server.schema import results
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from checkpoints import Store
    from hypernet.adapters.plan import Plan


def revoke(
    store: Store, session_id: str, digest: str, reason: str, release: bool
) -> results.RevokeResult:
    """Refuse an adapter in a session, or allow it again.

    Raises:
        MemoryFault: no such session, or a value over its limit.
    """
    if release:
        store.revocations.release(session_id, digest)
    else:
        store.revocations.revoke(session_id, digest, reason)
    users = [step for step in store.steps(session_id) if step.adapter_digest == digest]
    first = None if release or not users else users[0]
    before = None if first is None else store.revocations.checkpoint_before(session_id, first.n)
    return results.RevokeResult(
        session_id=session_id,
        revoked=[
            results.RevokedResult(digest=r.digest, reason=r.reason, created_at=r.created_at)
            for r in store.revocations.revoked(session_id)[-ENTRIES_SHOWN:]
        ],
        task=task_text(users[0].task) if users else None,
        used_by_steps=[step.n for step in users],
        checkpoint_before=None if before is None else checkpoint_result(before),
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
                "give another task, set it with mode prompted, or let the adapter back in with "
                "revoke_adapter and release true"
            )
