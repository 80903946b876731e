"""Looking into a session's memory and marking what is in it: search, pins, quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints import UnknownCheckpoint, pack, with_input
from mcp_server.app.embedding import vector_of
from mcp_server.app.threads import in_thread
from mcp_server.jobs.present import (
    ENTRIES_SHOWN,
    checkpoint_result,
    excerpt_result,
    item_result,
    quarantined_result,
    session_result,
    with_reason,
)
from mcp_server.schema import results

if TYPE_CHECKING:
    from checkpoints import SessionRecord, Store
    from mcp_server.app.application import Application
    from mcp_server.app.progress import CallProgress
    from mcp_server.schema.calls import PinCall, QuarantineCall, RecallCall

CANDIDATES, CANDIDATE_TOKENS = 50, 64
"""Items looked for: so many at least, and one for so many tokens of the budget."""
NEIGHBOURS = 1


async def recall(
    app: Application, session_id: str, call: RecallCall, progress: CallProgress
) -> results.RecallResult:
    """Find excerpts and pack them under the token budget.

    Raises:
        MemoryFault: no such session or source, or a filter's value is refused.
        LoadError: the model that counts tokens could not be loaded.
    """
    store = await in_thread(app.store)
    await in_thread(lambda: store.require_sources(session_id, call.filters.sources))
    runtime = await app.loader.ready(progress)
    count = runtime.engine.count

    def find() -> results.RecallResult:
        hits = store.recall(
            session_id,
            call.query,
            max(CANDIDATES, call.budget_tokens // CANDIDATE_TOKENS),
            vector=vector_of(runtime, call.query),
            neighbours=NEIGHBOURS,
            filters=call.filters,
        )
        packed = pack(hits, call.budget_tokens, count, with_input)
        return results.RecallResult(
            session_id=session_id,
            excerpts=[excerpt_result(excerpt) for excerpt in packed.excerpts],
            tokens=count("\n\n".join(map(with_input, packed.excerpts))),
            left_out=packed.left_out,
        )

    with runtime.turns.first():
        return await in_thread(find)


def session_state(store: Store, record: SessionRecord) -> results.SessionResult:
    """A session with its last checkpoint."""
    if record.last_checkpoint is None:
        return session_result(record, None)
    try:
        return session_result(record, store.checkpoint_record(record.last_checkpoint))
    except UnknownCheckpoint:  # pruned
        left = store.checkpoints(record.id)
        return session_result(record, left[-1] if left else None)


def pin(store: Store, session_id: str, call: PinCall) -> results.PinResult:
    """Pin items or take their pins off, all of them or none.

    Raises:
        MemoryFault: no such session or item, one in quarantine, or one to unpin that is not pinned.
    """
    done = store.marks.pin(session_id, call.item_ids, call.pinned)
    now = store.marks.pinned(session_id)
    return results.PinResult(
        session_id=session_id,
        pinned=[item_result(hit) for hit in now[-ENTRIES_SHOWN:]],
        pinned_count=len(now),
        note=done.note,
    )


def quarantine(store: Store, session_id: str, call: QuarantineCall) -> results.QuarantineResult:
    """Keep an item or a source out of the memory, or let it back in.

    Raises:
        MemoryFault: no such session, item or source, or nothing to release.
    """
    item_id, source = call.item_id, call.source
    if call.release:
        done = store.marks.release(session_id, item_id=item_id, source=source)
    else:
        done = store.marks.quarantine(
            session_id, item_id=item_id, source=source, reason=call.reason
        )
    marks = store.marks.quarantined(session_id)
    hidden = {item_id} if item_id is not None else set[int]()
    for mark in marks:
        if (
            item_id in mark.item_ids
            if source is None
            else (mark.text, mark.source) == (None, source)
        ):
            hidden.update(mark.item_ids)
    first = None if call.release else min(hidden, default=None)
    before = None if first is None else store.marks.checkpoint_before(session_id, first)
    return results.QuarantineResult(
        session_id=session_id,
        items=done.items,
        note=with_reason(done.note, call),
        used_by_steps=[] if call.release else store.contents.used_by(session_id, hidden),
        quarantined=[quarantined_result(mark) for mark in marks[-ENTRIES_SHOWN:]],
        checkpoint_before=None if before is None else checkpoint_result(before),
    )
