"""From what a client asks to the job that answers it: `run` is the door's main path."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from checkpoints import MemoryFault
from mcp_server.app.deadline import Deadline
from mcp_server.app.progress import CallProgress
from mcp_server.app.threads import in_thread
from mcp_server.jobs.answers.single import run_alone
from mcp_server.jobs.step import Session
from mcp_server.openai.done import done_of
from mcp_server.openai.models import task_name
from mcp_server.schema import limits
from mcp_server.schema.calls import StepCall, task_of
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from hypernet.task import Task
    from mcp_server.app.application import Application
    from mcp_server.openai.asked import Asked
    from mcp_server.openai.done import Done

# OpenAI's clients wait ten minutes unless told otherwise.
SECONDS = 300
ADVICE = "Nothing was recorded; what was begun goes on: send it again"
NEW = "new"
# Where a client says nothing of it.
MAX_TOKENS = 512


async def run(app: Application, asked: Asked, wrote: Callable[[str], Awaitable[None]]) -> Done:
    """Answer a call, as a step of its session or by itself; `wrote` takes the text as it comes.

    Raises:
        ApiError: there is no such model.
        MemoryFault, EngineError, InputError, LoadError, TimeOverError, StepCancelledError:
            nothing was recorded.
    """
    deadline = Deadline(SECONDS, ADVICE)
    progress = CallProgress(_untold, "loading", "refining", "storing", "generating", wrote=wrote)
    asked = _told(asked)
    call = _call(asked)
    with deadline.enforced(progress):
        runtime = await app.loader.ready(progress)
    most = max(1, min(call.max_tokens, runtime.engine.limits.window // 2))
    call = replace(call, max_tokens=most)
    if asked.session is None:
        return done_of(asked, await run_alone(app, call, deadline, progress), None)
    async with _session(app, asked.session) as session_id:
        answer = await Session(app, session_id).run_step(call, deadline, progress)
    return done_of(asked, answer, session_id)


def _call(asked: Asked) -> StepCall:
    """The job's call. What is over the job's limit of tokens gets as many as there are."""
    name = task_name(asked.model)
    schema = asked.schema if asked.tool is None else dict(asked.tool.schema)
    return StepCall(
        input=asked.said.input,
        task=_task(asked) if name is None else None,
        name=name,
        plain=True,
        labels=(),
        output_schema=schema,
        copy=None,
        documents=(),
        max_tokens=min(asked.max_tokens or MAX_TOKENS, limits.MAX_TOKENS[1]),
        temperature=asked.temperature,
        seed=asked.seed,
        context_tokens=None,
        step_key=None if asked.session is None else asked.step_key,
        stop=asked.stop,
        history=asked.said.turns,
        shares=asked.top_logprobs is not None,
    )


def _task(asked: Asked) -> Task | None:
    said = asked.said
    if said.task is None and said.examples:
        raise InputError("messages: examples need a system message without a name, the task")
    if len(said.examples) > limits.EXAMPLES:
        raise InputError(
            f"messages: {len(said.examples)} solved examples, the limit is {limits.EXAMPLES}"
        )
    return None if said.task is None else task_of(said.task, None, said.examples)


def _told(asked: Asked) -> Asked:
    """What was asked, with what has no effect under its model or without a session."""
    more = []
    given = asked.said.task is not None or asked.said.examples
    if given and task_name(asked.model) is not None:
        more.append("the system message: a saved task brings its own text and examples")
    if asked.step_key is not None and asked.session is None:
        more.append(f"{asked.key_field}: nothing is recorded without a session")
    return replace(asked, ignored=(*asked.ignored, *more))


@asynccontextmanager
async def _session(app: Application, named: str) -> AsyncIterator[str]:
    """The session of that id; a new one, which goes again where its first step fails."""
    if named != NEW:
        yield named
        return
    store = await in_thread(app.store)
    session_id = (await in_thread(store.create_session)).id
    try:
        yield session_id
    except BaseException:
        with anyio.CancelScope(shield=True):
            await in_thread(lambda: _forget(app, session_id))
        raise


def _forget(app: Application, session_id: str) -> None:
    store = app.store()
    try:
        if store.session(session_id).steps == 0:
            store.deletions.session(session_id)
    except MemoryFault:  # it stays behind, empty
        pass


async def _untold(done: float, whole: float, message: str) -> None:
    """There is no progress in OpenAI's form."""
