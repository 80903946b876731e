"""Running a step of a session: `Session.run_step` is the main path of the whole server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from checkpoints import Filters, ItemDraft, StepDraft
from checkpoints.text.graphemes import beginning
from mcp_server.app.embedding import vector_of
from mcp_server.app.principal import principal
from mcp_server.app.threads import in_thread
from mcp_server.jobs.adapters import refuse_revoked
from mcp_server.jobs.answers.answering import Answer, Run, answer
from mcp_server.jobs.answers.structured import check_recorded
from mcp_server.jobs.context import Budget, Memory
from mcp_server.jobs.documents.ingest import Batches, text_pieces
from mcp_server.jobs.keys import asked, check_same
from mcp_server.jobs.past.turns import kept
from mcp_server.jobs.planning import check_shares, setting_of
from mcp_server.jobs.present import ASKED, SENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from checkpoints import Appended, Hit, SessionRecord, StepRecord
    from hypernet.adapters.plan import UsedMode
    from mcp_server.app.application import Application
    from mcp_server.app.deadline import Deadline
    from mcp_server.app.progress import CallProgress
    from mcp_server.jobs.planning import TaskSetting
    from mcp_server.schema.calls import StepCall
    from mcp_server.tasks.serving import Prepared

# Earlier outputs of a small model are no evidence: unasked, only documents enter.
SEARCHED = "document"
CANDIDATES = 20
NEIGHBOURS = 1
RECENT_STEPS = 32
# The encoder reads no further anyway.
QUERY_CHARS = 4_000


class Session:
    """One agent job by its handle. All state is in the store; this object holds none."""

    def __init__(self, app: Application, session_id: str) -> None:
        self.app, self.id = app, session_id

    async def run_step(self, call: StepCall, deadline: Deadline, progress: CallProgress) -> Answer:
        """Run one step, or give back the recorded one of the same `step_key`.

        Raises:
            MemoryFault, EngineError, InputError, LoadError: nothing was recorded; among them a key
                that belongs to something else, and a structured answer that was cut.
            TimeOverError: the same; the time was over before the model's first token.
            StepCancelledError: the same; somebody cancelled it on the page.
        """
        async with self._lock(deadline, progress):
            with deadline.enforced(progress):
                session, setting, recorded = await in_thread(lambda: self._open(call))
            if recorded is not None:
                return _kept(recorded)
            with self.app.running.step(
                self.id, principal(), session.steps + 1, call.input, lambda: progress.doing
            ) as running:
                with deadline.enforced(progress):
                    runtime = await self.app.loader.ready(progress)
                run = Run(call, call, setting, deadline, progress, runtime, self.id, running)
                return await answer(self.app, run, SessionRecorder(self.app, session))

    @asynccontextmanager
    async def _lock(self, deadline: Deadline, progress: CallProgress) -> AsyncIterator[None]:
        """Hold the session; the deadline ends the wait for it, not what is done while held."""
        lock = self.app.session_lock(self.id)
        with deadline.enforced(progress):
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def find(self, call: StepCall) -> tuple[SessionRecord, TaskSetting, Appended | None]:
        """The session as it is, the task, and what is recorded under the call's key, if any."""
        store = self.app.store()
        session = store.session(self.id)
        recorded = None if call.step_key is None else store.replay(self.id, call.step_key)
        return session, setting_of(store, call, session), recorded

    def _open(self, call: StepCall) -> tuple[SessionRecord, TaskSetting, Appended | None]:
        """The same, where what is recorded may be given back."""
        session, setting, recorded = self.find(call)
        if recorded is not None:
            check_same(call, setting, recorded.step)
            check_recorded(call, recorded.step)
            check_shares(call, setting.task)
        return session, setting, recorded


class SessionRecorder:
    """A session's memory for one step, and where the step is recorded: an `answering.Recorder`."""

    def __init__(self, app: Application, session: SessionRecord) -> None:
        self.app, self.session, self.id = app, session, session.id

    def check(self, run: Run, prepared: Prepared) -> None:
        """Refuse an adapter that the session revoked."""
        refuse_revoked(self.app.store(), self.id, prepared.plan)

    async def store_documents(self, run: Run) -> None:
        """Store the documents that came with the step."""
        if not run.call.documents:
            return
        source = f"document of step {self.session.steps + 1}"
        drafts = await in_thread(
            lambda: [
                ItemDraft(piece, source, order=order)
                for order, piece in text_pieces(run.call.documents)
            ]
        )
        batches = Batches(self.app, self.id)
        batches.add(drafts)
        async for _ in batches.store_all(run.progress):
            pass

    def memory(self, run: Run, budget: Budget) -> Memory:
        """What may enter the prompt: the last steps, finds and pins."""
        store = self.app.store()
        return Memory(
            recent=self._recent() if budget.recent else (),
            steps=self.session.steps,
            # Without documents the encoder need not read the input.
            found=self._search(run) if budget.retrieved and store.holds(self.id, SEARCHED) else (),
            pinned=store.marks.pinned(self.id),
        )

    def keep(self, run: Run, prepared: Prepared, answer: Answer) -> Answer:
        """Commit the step; with it a checkpoint every few steps."""
        details = dict(answer.details)
        if run.call.step_key is not None:
            details[ASKED] = asked(run.sent, run.setting)
        if SENT in details:
            details[SENT] = kept(self.app.store(), self.id, details[SENT])
        draft = StepDraft(
            input=run.call.input,
            output=answer.output,
            task=run.setting.task.to_dict(),
            mode=answer.mode,
            adapter_digest=answer.adapter_digest,
            result=details,
            step_key=run.call.step_key,
            vector=vector_of(run.runtime, answer.output),
            task_version=None if prepared.named is None else prepared.named.version.digest,
            needs_review=bool(details["needs_review"]),
        )
        return replace(answer, appended=self.app.store().append_step(self.id, draft))

    def _search(self, run: Run) -> list[Hit]:
        return self.app.store().recall(
            self.id,
            run.call.input,
            CANDIDATES,
            vector=vector_of(run.runtime, beginning(run.call.input, QUERY_CHARS)),
            neighbours=NEIGHBOURS,
            filters=Filters(kinds=(SEARCHED,)),
        )

    def _recent(self) -> list[StepRecord]:
        store = self.app.store()
        hidden = {n for each in store.marks.quarantined(self.id) for n in each.steps}
        return [s for s in store.steps(self.id, RECENT_STEPS) if s.n not in hidden]


def _kept(recorded: Appended) -> Answer:
    """The answer of a step that was recorded before."""
    step = recorded.step
    mode = cast("UsedMode", step.mode)
    return Answer(step.output, mode, step.adapter_digest, dict(step.result), recorded)
