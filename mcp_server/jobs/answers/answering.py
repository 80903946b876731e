"""Answering a call under its task: plan, memory, prompt, model. `answer` is the main path.

A step of a session and a call by itself take the same way. What differs between them, where memory
comes from and whether the answer is kept, is their `Recorder`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from anyio import to_thread

from checkpoints.text.graphemes import ending
from hypernet.engine.interface import Generation, Request
from mcp_server.app.principal import principal
from mcp_server.app.threads import in_thread
from mcp_server.jobs.answers.structured import check_whole
from mcp_server.jobs.context import Budget, Memory, Prompt, check_input, compose
from mcp_server.jobs.planning import check_form, formed, plan_copy, prepare
from mcp_server.jobs.present import Outcome, step_details
from mcp_server.telemetry.tracing import span

if TYPE_CHECKING:
    from checkpoints import Appended
    from hypernet.adapters.plan import Plan, UsedMode
    from hypernet.copying import Copy
    from hypernet.engine.interface import Ticket
    from hypernet.runtime import Runtime
    from mcp_server.app.application import Application
    from mcp_server.app.deadline import Deadline
    from mcp_server.app.progress import CallProgress
    from mcp_server.jobs.planning import TaskSetting
    from mcp_server.schema.calls import StepCall
    from mcp_server.tasks.serving import Prepared
    from mcp_server.telemetry.running import RunningStep

# An engine returns what it has when the time is over; seconds after which none is waited for.
ENGINE_GRACE = 10.0


@dataclass(frozen=True)
class Run:
    """One call that runs: what was asked, under which task, with which model, and until when.

    `sent` is the call as it came, `call` the same in the form that a named task asks for.
    `session_id` and `running` None: a call by itself.
    """

    sent: StepCall
    call: StepCall
    setting: TaskSetting
    deadline: Deadline
    progress: CallProgress
    runtime: Runtime
    session_id: str | None = None
    running: RunningStep | None = None


@dataclass(frozen=True)
class Answer:
    """What a call came to. `details` as `step_details` has them; `appended` None: not kept."""

    output: str
    mode: UsedMode
    adapter_digest: str | None
    details: dict[str, Any]
    appended: Appended | None = None


class Recorder(Protocol):
    """Where a call's memory comes from, and what becomes of its answer."""

    def check(self, run: Run, prepared: Prepared) -> None:
        """Refuse a plan, before anything is stored."""

    async def store_documents(self, run: Run) -> None:
        """Store the documents that came with the call."""

    def memory(self, run: Run, budget: Budget) -> Memory:
        """What may enter the prompt: how much of it does is decided when it is composed."""

    def keep(self, run: Run, prepared: Prepared, answer: Answer) -> Answer:
        """The answer, once it is kept."""


async def answer(app: Application, run: Run, recorder: Recorder) -> Answer:
    """Answer a call.

    Raises:
        MemoryFault, EngineError, InputError: nothing was kept; among them a structured answer that
            was cut.
        TimeOverError: the same; the time was over before the model's first token.
    """
    with run.deadline.enforced(run.progress), span("plan"):
        prepared = await _prepare(app, run, recorder)
        run = replace(run, call=formed(run.call, prepared))
        copy = await in_thread(lambda: plan_copy(run.runtime.engine, prepared, run.call))
    # Not before: a plan may be what gives way to the steps of others.
    with run.runtime.turns.first():
        with run.deadline.enforced(run.progress), span("recall"):
            await recorder.store_documents(run)
            prompt = await in_thread(lambda: _prompt(app, run, prepared, copy, recorder))
        with span("generate", mode=prepared.plan.mode):
            outcome = await _answer(run, prepared, prompt, copy)
        with span("commit"):
            # Not abandoned: nothing else may change the session before it is over.
            return await to_thread.run_sync(
                lambda: recorder.keep(run, prepared, _came_to(run, prepared, prompt, outcome))
            )


async def _prepare(app: Application, run: Run, recorder: Recorder) -> Prepared:
    """The adapter and mode of the call's task."""

    def check(prepared: Prepared) -> None:
        recorder.check(run, prepared)
        engine, call = run.runtime.engine, formed(run.call, prepared)
        check_form(call, prepared.plan.task, engine.capabilities)
        check_input(engine, prepared.plan.prefix, call.input, call.max_tokens)
        if call.output_schema is not None:
            engine.check_schema(call.output_schema)

    return await prepare(
        app, run.runtime, run.setting, run.session_id, run.deadline, run.progress, check
    )


def _prompt(
    app: Application, run: Run, prepared: Prepared, copy: Copy | None, recorder: Recorder
) -> Prompt:
    """Earlier turns, memory and the input, put together under the budget."""
    settings, call = app.settings, run.call
    asked, own = call.context_tokens, _answers_from_input(run, prepared, copy)
    budget = Budget(
        max_tokens=call.max_tokens,
        soft_limit=settings.soft_limit,
        recent=0 if own else settings.recent_tokens,
        retrieved=(0 if own else settings.context_tokens) if asked is None else asked,
        pinned=settings.pinned_tokens,
    )
    memory = Memory() if asked == 0 else recorder.memory(run, budget)
    prefix = prepared.plan.prefix
    return compose(run.runtime.engine, prefix, call.input, memory, budget, call.history)


def _answers_from_input(run: Run, prepared: Prepared, copy: Copy | None) -> bool:
    """Whether a saved task is asked for an answer of a set form, and nothing is said of memory.

    Its examples are inputs alone, so what it learned, and how good that is, holds without memory.
    """
    task, call = prepared.plan.task, run.call
    of_set_form = bool(task.labels) or call.output_schema is not None or copy is not None
    return prepared.named is not None and call.context_tokens is None and of_set_form


async def _answer(run: Run, prepared: Prepared, prompt: Prompt, copy: Copy | None) -> Outcome:
    """What is known of this very input, or what the model says."""
    own_form = not run.sent.labels and run.sent.output_schema is None
    text, known = run.call.input, None
    if not prompt.memory_tokens and not prompt.history:  # else the answer may be another
        known = prepared.solved_answer(text, run.call.labels, run.call.output_schema)
        if known is not None and run.sent.copy and known.answer.output not in text:
            known = None
    if known is None and own_form:
        known = prepared.known(text)
    if known is not None:
        return Outcome(known, known.as_generation(), copy)
    generation = await _generate(run, prepared.plan, prompt, copy)
    check_whole(run.call, generation)
    settling = prepared if own_form else replace(prepared, serving=None)
    if prompt.memory_tokens or prompt.history:  # the classifier has read the input alone
        settling = replace(settling, words=None)
    settled = settling.settled(
        text,
        generation,
        copied=copy is not None,
        structured=run.call.output_schema is not None,
    )
    return Outcome(settled, generation, copy)


async def _generate(run: Run, plan: Plan, prompt: Prompt, copy: Copy | None) -> Generation:
    """Run the model, sending the text as it comes."""
    call, progress = run.call, run.progress
    request = Request(
        input=prompt.input,
        prefix=prompt.prefix,
        adapter=plan.adapter,
        max_tokens=call.max_tokens,
        temperature=call.temperature,
        seed=call.seed,
        stop=call.stop,
        labels=() if call.output_schema else call.labels or plan.task.labels,
        output_schema=call.output_schema,
        copy=copy,
        session=run.session_id or principal() or "",
        max_seconds=run.deadline.left,
        history=prompt.history,
    )
    progress.doing = "waiting for the model"
    # Not abandoned when the client cancels: nobody would hold the ticket to cancel it.
    ticket = await to_thread.run_sync(lambda: run.runtime.engine.submit(request))
    text, count = "", 0
    try:
        while not ticket.ended:
            with run.deadline.enforced(progress, ENGINE_GRACE, lambda: _trouble(ticket)):
                pieces = await in_thread(ticket.some)
            text, count = text + "".join(pieces), count + len(pieces)
            if pieces:
                if not request.labels:  # which one it is, is settled later
                    if run.running is not None:
                        run.running.wrote("".join(pieces))
                    await progress.wrote("".join(pieces))
                fraction = count / (call.max_tokens + 1)
                await progress.report("generating", fraction, ending(text, 200))
                progress.doing = "the model was writing"  # no error quotes half an answer
    finally:
        ticket.cancel()  # a client that gave up frees its sequence at the next token
    generation = ticket.result()
    if generation.stop_reason == "time" and not generation.tokens.generated:
        raise run.deadline.error(progress, _trouble(ticket))
    return generation


def _trouble(ticket: Ticket) -> str:
    """What an engine waited for, as a sentence."""
    return f"The last try ended so: {ticket.trouble}. " if ticket.trouble else ""


def _came_to(run: Run, prepared: Prepared, prompt: Prompt, outcome: Outcome) -> Answer:
    plan = prepared.plan
    return Answer(
        output=outcome.settled.answer.output,
        mode=plan.mode,
        adapter_digest=plan.adapter.digest if plan.adapter else None,
        details=step_details(run.call, prepared, prompt, outcome),
    )
