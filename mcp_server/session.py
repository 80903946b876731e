"""One agent job: its tasks and steps. Knows nothing of MCP; calls the model side and the store.

`Session.run_step` is the main path of the whole server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from anyio import to_thread

from checkpoints import Appended, ItemDraft, StepDraft, split
from hypernet.engine.base import Generation, Request
from hypernet.plan import Plan, make_plan
from hypernet.task import Task
from mcp_server.limits import InputError
from mcp_server.prompt import Budget, Prompt, check_input, compose
from mcp_server.views import step_details, step_result, task_result

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkpoints import Hit, SessionRecord
    from hypernet.plan import Mode
    from hypernet.runtime import Runtime
    from mcp_server import results
    from mcp_server.application import Application
    from mcp_server.loader import Report

T = TypeVar("T")
CANDIDATES = 20


@dataclass(frozen=True)
class StepCall:
    """The arguments of one step, already checked."""

    input: str
    task: Task | None
    labels: tuple[str, ...]
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

    async def run_step(self, call: StepCall, report: Report) -> results.StepResult:
        """Run one step, or give back the recorded one of the same `step_key`.

        Raises:
            MemoryFault, EngineError, InputError, LoadError: nothing was recorded.
        """
        async with self.app.turn(self.id):
            session = await _thread(lambda: self.app.store().session(self.id))
            if recorded := await self._recorded(call.step_key):
                return recorded
            runtime = await self.app.loader.ready(report)
            plan = await _thread(lambda: self._plan(runtime, session, call))
            await _thread(
                lambda: check_input(runtime.engine, plan.prefix, call.input, call.max_tokens)
            )
            await self._remember(session, call.documents)
            hits = await self._recall(call)
            prompt = await _thread(lambda: self._compose(runtime, plan, hits, call))
            generation = await self._generate(runtime, plan, prompt, call, report)
            return await self._record(plan, prompt, generation, call)

    async def _recorded(self, step_key: str | None) -> results.StepResult | None:
        if step_key is None:
            return None
        step = await _thread(lambda: self.app.store().find_step(self.id, step_key))
        return None if step is None else step_result(self.id, step, None, replayed=True)

    def _plan(self, runtime: Runtime, session: SessionRecord, call: StepCall) -> Plan:
        if call.task is None and session.task is None:
            raise InputError("task: the session has none yet; call set_task first, or pass task")
        current = session.task or {}
        task = call.task or Task.from_dict(current["task"])
        mode: Mode = "auto" if call.task is not None else current["mode"]
        return make_plan(runtime.library, task, mode, labelled=bool(call.labels))

    async def _remember(self, session: SessionRecord, documents: tuple[str, ...]) -> None:
        source = f"document of step {session.steps + 1}"
        items = [ItemDraft(piece, source) for text in documents for piece in split(text)]
        if items:
            await _thread(lambda: self.app.store().remember(self.id, items))

    async def _recall(self, call: StepCall) -> list[Hit]:
        if call.context_tokens == 0:
            return []
        hits = await _thread(lambda: self.app.store().recall(self.id, call.input, CANDIDATES))
        # Earlier outputs of a small model are no evidence: only documents enter prompts unasked.
        return [hit for hit in hits if hit.kind == "document"]

    def _compose(self, runtime: Runtime, plan: Plan, hits: list[Hit], call: StepCall) -> Prompt:
        settings = self.app.settings
        tokens = settings.context_tokens if call.context_tokens is None else call.context_tokens
        budget = Budget(call.max_tokens, settings.soft_limit, tokens)
        return compose(runtime.engine, plan.prefix, call.input, hits, budget)

    async def _generate(
        self, runtime: Runtime, plan: Plan, prompt: Prompt, call: StepCall, report: Report
    ) -> Generation:
        request = Request(
            input=prompt.input,
            prefix=prompt.prefix,
            adapter=plan.adapter,
            max_tokens=call.max_tokens,
            temperature=call.temperature,
            seed=call.seed,
            labels=call.labels or plan.task.labels,
        )
        ticket = await _thread(lambda: runtime.engine.submit(request))
        pieces, text, count = iter(ticket), "", 0
        try:
            while (piece := await _thread(lambda: next(pieces, None))) is not None:
                text, count = text + piece, count + 1
                await report(1 + count, 2 + call.max_tokens, text[-200:])
        finally:
            ticket.cancel()  # a client that gave up frees the row at the next token
        return ticket.result()

    async def _record(
        self, plan: Plan, prompt: Prompt, generation: Generation, call: StepCall
    ) -> results.StepResult:
        draft = StepDraft(
            input=call.input,
            output=generation.text,
            task=plan.task.to_dict(),
            mode=plan.mode,
            adapter_digest=plan.adapter.digest if plan.adapter else None,
            result=step_details(plan, prompt, generation),
            step_key=call.step_key,
        )
        appended: Appended = await _thread(lambda: self.app.store().append_step(self.id, draft))
        return step_result(self.id, appended.step, appended.checkpoint, replayed=appended.replayed)


async def set_task(
    app: Application, session_id: str | None, task: Task, mode: Mode, report: Report
) -> results.TaskResult:
    """Make a task a session's current one (None: a new session's) and write its adapter.

    Raises:
        MemoryFault, LoadError: no session was begun or changed.
    """
    store = await _thread(app.store)
    if session_id is not None:
        await _thread(lambda: store.session(session_id))
    runtime = await app.loader.ready(report)
    plan = await _thread(lambda: make_plan(runtime.library, task, mode))
    handle = session_id or (await _thread(store.create_session)).id
    async with app.turn(handle):
        await _thread(lambda: store.set_task(handle, {"task": task.to_dict(), "mode": mode}))
    return task_result(handle, plan, runtime)


async def _thread(work: Callable[[], T]) -> T:
    # Left behind when the client cancels: a write finishes anyway, a wait for a token ends soon.
    return await to_thread.run_sync(work, abandon_on_cancel=True)
