"""One agent job: its tasks and steps. Knows nothing of MCP; calls the model side and the store.

`Session.run_step` is the main path of the whole server.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import from_thread, to_thread

from checkpoints import Filters, ItemDraft, StepDraft
from hypernet.adapters.plan import REFINE_FROM, Plan, make_plan
from hypernet.engine.interface import Generation, Request
from hypernet.task import Task
from mcp_server.app.embedding import vector_of
from mcp_server.app.threads import in_thread
from mcp_server.jobs.adapters import refuse_revoked
from mcp_server.jobs.context import Budget, Memory, Prompt, check_input, compose
from mcp_server.jobs.ingest import store_all, text_pieces
from mcp_server.jobs.present import step_details, step_result, task_result
from mcp_server.schema.limits import InputError
from mcp_server.telemetry.tracing import span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from checkpoints import Hit, SessionRecord, StepRecord
    from hypernet.adapters.plan import Mode
    from hypernet.runtime import Runtime
    from mcp_server.app.application import Application
    from mcp_server.app.deadline import Deadline
    from mcp_server.app.progress import Progress
    from mcp_server.schema import results

# Earlier outputs of a small model are no evidence: unasked, only documents enter.
SEARCHED = "document"
CANDIDATES = 20
NEIGHBOURS = 1
RECENT_STEPS = 32
# The encoder reads no further anyway.
QUERY_CHARS = 4_000


@dataclass(frozen=True)
class StepCall:
    """The arguments of one step, already checked."""

    input: str
    task: Task | None
    labels: tuple[str, ...]
    output_schema: dict[str, Any] | None
    documents: tuple[str, ...]
    max_tokens: int
    temperature: float
    seed: int
    context_tokens: int | None
    step_key: str | None


class Session:
    """One agent job by its handle. All state is in the store; this object holds none."""

    def __init__(self, app: Application, session_id: str) -> None:
        self.app, self.id = app, session_id

    async def run_step(
        self, call: StepCall, deadline: Deadline, report: Progress
    ) -> results.StepResult:
        """Run one step, or give back the recorded one of the same `step_key`.

        Raises:
            MemoryFault, EngineError, InputError, LoadError: nothing was recorded.
            TimeOverError: the same; the time was over before the model's first token.
        """
        async with self._turn(deadline, report):
            with deadline.cutting(report):
                session, recorded = await in_thread(lambda: self._open(call.step_key))
                if recorded is not None:
                    return recorded
                runtime = await self.app.loader.ready(report)
                with span("plan"):
                    plan = await self._plan(runtime, session, call, deadline, report)
                with span("recall"):
                    await self._remember(session, call.documents, report)
                    prompt = await in_thread(lambda: self._prompt(runtime, plan, session, call))
            with span("generate", mode=plan.mode):
                generation = await self._generate(runtime, plan, prompt, call, deadline, report)
            with span("commit"):
                return await in_thread(
                    lambda: self._record(runtime, plan, prompt, generation, call)
                )

    @asynccontextmanager
    async def _turn(self, deadline: Deadline, report: Progress) -> AsyncIterator[None]:
        """Hold the session's turn; the deadline cuts the wait for it, not what is done in it."""
        turn = self.app.turn(self.id)
        with deadline.cutting(report):
            await turn.acquire()
        try:
            yield
        finally:
            turn.release()

    def _open(self, step_key: str | None) -> tuple[SessionRecord, results.StepResult | None]:
        """The session as it is, and the recorded result of that key if there is one."""
        store = self.app.store()
        session = store.session(self.id)
        seen = None if step_key is None else store.replay(self.id, step_key)
        return session, None if seen is None else step_result(self.id, seen)

    async def _plan(
        self,
        runtime: Runtime,
        session: SessionRecord,
        call: StepCall,
        deadline: Deadline,
        report: Progress,
    ) -> Plan:
        if call.task is None and session.task is None:
            raise InputError("task: the session has none yet; call set_task first, or pass task")
        current = session.task or {}
        check = partial(self._check, runtime, call)
        if call.task is not None:
            return await _planned(runtime, call.task, "auto", False, deadline, report, check)
        try:
            task, mode = Task.from_dict(current["task"]), current["mode"]
        except (KeyError, TypeError) as error:  # an imported session may hold what it likes
            raise InputError("task: the session's cannot be read; call set_task again") from error
        refined = bool(current.get("refined"))
        return await _planned(runtime, task, mode, refined, deadline, report, check)

    def _check(self, runtime: Runtime, call: StepCall, plan: Plan) -> None:
        """Refuse what cannot be run, before anything is stored."""
        refuse_revoked(self.app.store(), self.id, plan)
        check_input(runtime.engine, plan.prefix, call.input, call.max_tokens)
        if call.output_schema is not None:
            runtime.engine.check_schema(call.output_schema)

    async def _remember(
        self, session: SessionRecord, documents: tuple[str, ...], report: Progress
    ) -> None:
        if not documents:
            return
        source = f"document of step {session.steps + 1}"
        drafts = await in_thread(
            lambda: [ItemDraft(p, source, order=order) for order, p in text_pieces(documents)]
        )
        async for _ in store_all(self.app, self.id, drafts, report):
            pass

    def _prompt(
        self, runtime: Runtime, plan: Plan, session: SessionRecord, call: StepCall
    ) -> Prompt:
        settings = self.app.settings
        budget = Budget(
            max_tokens=call.max_tokens,
            soft_limit=settings.soft_limit,
            recent=settings.recent_tokens,
            retrieved=settings.context_tokens
            if call.context_tokens is None
            else call.context_tokens,
            pinned=settings.pinned_tokens,
        )
        memory = self._recall(runtime, session, call)
        return compose(runtime.engine, plan.prefix, call.input, memory, budget)

    def _recall(self, runtime: Runtime, session: SessionRecord, call: StepCall) -> Memory:
        """What may enter the prompt: how much of it does is the prompt's matter."""
        if call.context_tokens == 0:
            return Memory()
        store = self.app.store()
        return Memory(
            recent=self._recent() if self.app.settings.recent_tokens else (),
            steps=session.steps,
            # Without documents the encoder need not read the input.
            found=self._search(runtime, call.input) if store.holds(self.id, SEARCHED) else (),
            pinned=store.marks.pinned(self.id),
        )

    def _search(self, runtime: Runtime, query: str) -> list[Hit]:
        return self.app.store().recall(
            self.id,
            query,
            CANDIDATES,
            vector=vector_of(runtime, query[:QUERY_CHARS]),
            neighbours=NEIGHBOURS,
            filters=Filters(kinds=(SEARCHED,)),
        )

    def _recent(self) -> list[StepRecord]:
        store = self.app.store()
        hidden = {n for each in store.marks.quarantined(self.id) for n in each.steps}
        return [s for s in store.steps(self.id, RECENT_STEPS) if s.n not in hidden]

    async def _generate(
        self,
        runtime: Runtime,
        plan: Plan,
        prompt: Prompt,
        call: StepCall,
        deadline: Deadline,
        report: Progress,
    ) -> Generation:
        request = Request(
            input=prompt.input,
            prefix=prompt.prefix,
            adapter=plan.adapter,
            max_tokens=call.max_tokens,
            temperature=call.temperature,
            seed=call.seed,
            labels=() if call.output_schema else call.labels or plan.task.labels,
            output_schema=call.output_schema,
            session=self.id,
            max_seconds=deadline.left,
        )
        report.doing = "waiting for the model"
        # Not left behind when the client cancels: nobody would hold the ticket to give it up.
        ticket = await to_thread.run_sync(lambda: runtime.engine.submit(request))
        text, count = "", 0
        try:
            while not ticket.ended:
                pieces = await in_thread(ticket.some)
                text, count = text + "".join(pieces), count + len(pieces)
                if pieces:
                    await report("generating", count / (call.max_tokens + 1), text[-200:])
        finally:
            ticket.cancel()  # a client that gave up frees the row at the next token
        generation = ticket.result()
        if generation.stop_reason == "time" and not generation.tokens.generated:
            raise deadline.passed(report.doing)
        return generation

    def _record(
        self,
        runtime: Runtime,
        plan: Plan,
        prompt: Prompt,
        generation: Generation,
        call: StepCall,
    ) -> results.StepResult:
        draft = StepDraft(
            input=call.input,
            output=generation.text,
            task=plan.task.to_dict(),
            mode=plan.mode,
            adapter_digest=plan.adapter.digest if plan.adapter else None,
            result=step_details(plan, prompt, generation),
            step_key=call.step_key,
            vector=vector_of(runtime, generation.text),
        )
        return step_result(self.id, self.app.store().append_step(self.id, draft))


async def set_task(
    app: Application,
    session_id: str | None,
    task: Task,
    mode: Mode,
    refine: bool | None,
    deadline: Deadline,
    report: Progress,
) -> results.TaskResult:
    """Make a task a session's current one (None: a new session's) and write its adapter.

    Args:
        app: the server's parts.
        session_id: the session; None begins a new one.
        task: what its next steps are for.
        mode: where the task goes.
        refine: whether the adapter takes gradient steps on the examples; None: with enough of them.
        deadline: when to give up waiting.
        report: takes the progress.

    Raises:
        MemoryFault, LoadError, InputError, TimeOverError: no session was begun or changed.
    """
    store = await in_thread(app.store)
    if session_id is not None:
        await in_thread(lambda: store.session(session_id))
    refined = len(task.examples) >= REFINE_FROM if refine is None else refine
    if refined and not task.examples:
        raise InputError("refine: there are no examples to take steps on; pass examples")
    with deadline.cutting(report):
        runtime = await app.loader.ready(report)
        plan = await _planned(runtime, task, mode, refined, deadline, report)
    if session_id is not None:
        await in_thread(lambda: refuse_revoked(store, session_id, plan))
    handle = session_id or (await in_thread(store.create_session)).id
    async with app.turn(handle):
        current = {"task": task.to_dict(), "mode": mode, "refined": refined}
        await in_thread(lambda: store.set_task(handle, current))
    return task_result(handle, plan, runtime)


async def _planned(
    runtime: Runtime,
    task: Task,
    mode: Mode,
    refined: bool,
    deadline: Deadline,
    report: Progress,
    check: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Get the adapter, with progress while it is refined; `check` may refuse the plan.

    A client that gives up ends the refinement at its next step. A call whose time is over does
    not: its thread goes on, so that the next call finds the adapter ready.
    """

    def progress(fraction: float, message: str) -> None:
        try:
            from_thread.check_cancelled()
            from_thread.run(report, "refining", fraction, message)
        except BaseException:  # a cancellation: of the client, or of the time that ended meanwhile
            if not deadline.over:
                raise

    def work() -> Plan:
        try:
            plan = make_plan(runtime.library, task, mode, refined=refined, progress=progress)
        except ValueError as error:
            raise InputError(str(error)) from error
        check(plan)
        return plan

    return await in_thread(work)
