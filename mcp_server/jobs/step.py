"""Running a step of a session: `Session.run_step` is the main path of the whole server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anyio import to_thread

from checkpoints import Filters, ItemDraft, StepDraft
from checkpoints.text.graphemes import beginning, ending
from hypernet.engine.interface import Generation, Request
from mcp_server.app.embedding import vector_of
from mcp_server.app.threads import in_thread
from mcp_server.jobs.adapters import refuse_revoked
from mcp_server.jobs.context import Budget, Memory, Prompt, check_input, compose
from mcp_server.jobs.documents.ingest import Batches, text_pieces
from mcp_server.jobs.keys import asked, check_same
from mcp_server.jobs.planning import formed, plan_copy, prepare, setting_of
from mcp_server.jobs.present import ASKED, Outcome, step_details, step_result
from mcp_server.jobs.structured import check_recorded, check_whole
from mcp_server.tasks.serving import Prepared
from mcp_server.telemetry.tracing import span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from checkpoints import Appended, Hit, SessionRecord, StepRecord
    from hypernet.adapters.plan import Plan
    from hypernet.copying import Copy
    from hypernet.runtime import Runtime
    from mcp_server.app.application import Application
    from mcp_server.app.deadline import Deadline
    from mcp_server.app.progress import CallProgress
    from mcp_server.schema.calls import StepCall
    from mcp_server.schema.results import StepResult

# Earlier outputs of a small model are no evidence: unasked, only documents enter.
SEARCHED = "document"
CANDIDATES = 20
NEIGHBOURS = 1
RECENT_STEPS = 32
# An engine returns what it has when the time is over; seconds after which none is waited for.
ENGINE_GRACE = 10.0
# The encoder reads no further anyway.
QUERY_CHARS = 4_000


@dataclass(frozen=True)
class StepRun:
    """One step that runs: what was asked, of which session, with which model, and until when.

    `sent` is the call as it came, `call` the same in the form that a named task asks for.
    """

    sent: StepCall
    call: StepCall
    deadline: Deadline
    progress: CallProgress
    session: SessionRecord
    runtime: Runtime


class Session:
    """One agent job by its handle. All state is in the store; this object holds none."""

    def __init__(self, app: Application, session_id: str) -> None:
        self.app, self.id = app, session_id

    async def run_step(
        self, call: StepCall, deadline: Deadline, progress: CallProgress
    ) -> StepResult:
        """Run one step, or give back the recorded one of the same `step_key`.

        Raises:
            MemoryFault, EngineError, InputError, LoadError: nothing was recorded; among them a key
                that belongs to something else, and a structured answer that was cut.
            TimeOverError: the same; the time was over before the model's first token.
        """
        async with self._lock(deadline, progress):
            with deadline.enforced(progress):
                session, recorded = await in_thread(lambda: self._open(call))
                if recorded is not None:
                    return step_result(self.id, recorded)
                runtime = await self.app.loader.ready(progress)
                run = StepRun(call, call, deadline, progress, session, runtime)
                with span("plan"):
                    prepared = await self._prepare(run)
                    run = replace(run, call=formed(call, prepared))
                    copy = await in_thread(lambda: plan_copy(runtime.engine, prepared, run.call))
            # Not before: a plan may be what gives way to the steps of others.
            with runtime.turns.first():
                with deadline.enforced(progress), span("recall"):
                    await self._remember(run)
                    prompt = await in_thread(lambda: self._prompt(run, prepared.plan))
                with span("generate", mode=prepared.plan.mode):
                    outcome = await self._answer(run, prepared, prompt, copy)
                with span("commit"):
                    # Not abandoned: nothing else may change the session before it is over.
                    return await to_thread.run_sync(
                        lambda: self._record(run, prepared, prompt, outcome)
                    )

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

    def _open(self, call: StepCall) -> tuple[SessionRecord, Appended | None]:
        """The session as it is, and the step recorded under the call's key if there is one."""
        store = self.app.store()
        session = store.session(self.id)
        recorded = None if call.step_key is None else store.replay(self.id, call.step_key)
        if recorded is not None:
            check_same(call, session, recorded.step)
            check_recorded(call, recorded.step)
        return session, recorded

    async def _prepare(self, run: StepRun) -> Prepared:
        """The adapter and mode of the call's own task, or of the session's."""
        return await prepare(
            self.app,
            run.runtime,
            setting_of(run.call, run.session),
            self.id,
            run.deadline,
            run.progress,
            lambda prepared: self._check(run, prepared),
        )

    def _check(self, run: StepRun, prepared: Prepared) -> None:
        """Refuse what cannot be run, before anything is stored."""
        refuse_revoked(self.app.store(), self.id, prepared.plan)
        engine, call = run.runtime.engine, formed(run.call, prepared)
        check_input(engine, prepared.plan.prefix, call.input, call.max_tokens)
        if call.output_schema is not None:
            engine.check_schema(call.output_schema)

    async def _remember(self, run: StepRun) -> None:
        """Store the documents that came with the step."""
        if not run.call.documents:
            return
        source = f"document of step {run.session.steps + 1}"
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

    def _prompt(self, run: StepRun, plan: Plan) -> Prompt:
        """Memory and the input, put together under the budget."""
        settings, call = self.app.settings, run.call
        asked = call.context_tokens
        budget = Budget(
            max_tokens=call.max_tokens,
            soft_limit=settings.soft_limit,
            recent=settings.recent_tokens,
            retrieved=settings.context_tokens if asked is None else asked,
            pinned=settings.pinned_tokens,
        )
        memory = Memory() if asked == 0 else self._memory(run)
        return compose(run.runtime.engine, plan.prefix, call.input, memory, budget)

    def _memory(self, run: StepRun) -> Memory:
        """What may enter the prompt: how much of it does is decided when it is composed."""
        store = self.app.store()
        return Memory(
            recent=self._recent() if self.app.settings.recent_tokens else (),
            steps=run.session.steps,
            # Without documents the encoder need not read the input.
            found=self._search(run) if store.holds(self.id, SEARCHED) else (),
            pinned=store.marks.pinned(self.id),
        )

    def _search(self, run: StepRun) -> list[Hit]:
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

    async def _answer(
        self, run: StepRun, prepared: Prepared, prompt: Prompt, copy: Copy | None
    ) -> Outcome:
        """What the task was taught for this very input, or what the model says."""
        own_form = not run.sent.labels and run.sent.output_schema is None
        text, known = run.call.input, None
        if not prompt.memory_tokens:  # else the answer may be another
            known = prepared.taught_answer(text, run.call.labels, run.call.output_schema)
            if known is not None and run.sent.copy and known.answer.output not in text:
                known = None
        if known is None and own_form:
            known = prepared.known(text)
        if known is not None:
            return Outcome(known, known.as_generation(), copy)
        generation = await self._generate(run, prepared.plan, prompt, copy)
        check_whole(run.call, generation)
        settled = (prepared if own_form else Prepared(prepared.plan)).settled(text, generation)
        return Outcome(settled, generation, copy)

    async def _generate(
        self, run: StepRun, plan: Plan, prompt: Prompt, copy: Copy | None
    ) -> Generation:
        """Run the model, sending the text as it comes."""
        call, progress = run.call, run.progress
        request = Request(
            input=prompt.input,
            prefix=prompt.prefix,
            adapter=plan.adapter,
            max_tokens=call.max_tokens,
            temperature=call.temperature,
            seed=call.seed,
            labels=() if call.output_schema else call.labels or plan.task.labels,
            output_schema=call.output_schema,
            copy=copy,
            session=self.id,
            max_seconds=run.deadline.left,
        )
        progress.doing = "waiting for the model"
        # Not abandoned when the client cancels: nobody would hold the ticket to cancel it.
        ticket = await to_thread.run_sync(lambda: run.runtime.engine.submit(request))
        text, count = "", 0
        try:
            while not ticket.ended:
                with run.deadline.enforced(progress, ENGINE_GRACE):
                    pieces = await in_thread(ticket.some)
                text, count = text + "".join(pieces), count + len(pieces)
                if pieces:
                    fraction = count / (call.max_tokens + 1)
                    await progress.report("generating", fraction, ending(text, 200))
        finally:
            ticket.cancel()  # a client that gave up frees its sequence at the next token
        generation = ticket.result()
        if generation.stop_reason == "time" and not generation.tokens.generated:
            raise run.deadline.error(progress)
        return generation

    def _record(
        self, run: StepRun, prepared: Prepared, prompt: Prompt, outcome: Outcome
    ) -> StepResult:
        """Commit the step; with it a checkpoint every few steps."""
        plan, output = prepared.plan, outcome.settled.answer.output
        details = step_details(run.call, prepared, prompt, outcome)
        setting = setting_of(run.sent, run.session)
        if run.call.step_key is not None:
            details[ASKED] = asked(run.sent, setting)
        draft = StepDraft(
            input=run.call.input,
            output=output,
            task=setting.task.to_dict(),
            mode=plan.mode,
            adapter_digest=plan.adapter.digest if plan.adapter else None,
            result=details,
            step_key=run.call.step_key,
            vector=vector_of(run.runtime, output),
            task_version=None if prepared.named is None else prepared.named.version.digest,
            needs_review=bool(details["needs_review"]),
        )
        return step_result(self.id, self.app.store().append_step(self.id, draft))
