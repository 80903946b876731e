"""Trying an input under a saved task's ways, one after the other: nothing is kept."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from checkpoints import MemoryFault
from hypernet.copying import copies
from hypernet.engine.interface import EngineError
from mcp_server.app.deadline import Deadline, TimeOverError
from mcp_server.app.loader import LoadError
from mcp_server.app.principal import principal
from mcp_server.app.progress import CallProgress
from mcp_server.app.threads import in_thread
from mcp_server.jobs.answers.single import run_under
from mcp_server.jobs.planning import TaskSetting, named_setting
from mcp_server.jobs.present import observed_of
from mcp_server.schema.calls import StepCall
from mcp_server.schema.limits import InputError
from mcp_server.tasks.serving import form_of, mode_of, named_task, task_of
from mcp_server.telemetry.calls import BusyError

if TYPE_CHECKING:
    from typing import Any

    from hypernet.learning.ways import Way
    from hypernet.runtime import Runtime
    from mcp_server.app.application import Application
    from mcp_server.jobs.answers.answering import Answer
    from mcp_server.tasks.serving import NamedTask

SECONDS = 120
ADVICE = "Nothing is recorded, and what was begun goes on: try it again"
MAX_TOKENS = 128
REFUSALS = (MemoryFault, EngineError, InputError, LoadError, TimeOverError, BusyError)

Column = Literal["prompted", "text", "examples", "trained", "served"]


@dataclass(frozen=True)
class Tried:
    """What a way came to: an answer with what was observed of it, or why there is none.

    `way` is one of the gate's, or `served`: as the task's steps are answered. `seconds` are those
    of the whole call, weights and waiting included; what an `error` says is for people.
    """

    way: Column
    seconds: float
    answer: Answer | None = None
    observed: dict[str, Any] | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class Side:
    """All ways that were tried, and the way that serves the task; None: it was not measured."""

    serving: Way | None
    tried: tuple[Tried, ...]

    @property
    def failed(self) -> bool:
        """Whether none of them gave an answer."""
        return all(each.answer is None for each in self.tried)


async def try_ways(app: Application, name: str, text: str) -> Side:
    """Answer an input under the prompt alone, under weights from the text, under learned ones.

    The last one is answered as the task's steps are. Each way is a call that is limited, counted
    and logged; one that is refused says why, and the others go on.

    Raises:
        InputError: the input is empty or too long.
        MemoryFault: there is no such task.
        LoadError, TimeOverError: the model cannot be loaded, or not in time.
    """
    deadline = Deadline(SECONDS, ADVICE)
    call = StepCall(
        input=text,
        task=None,
        name=name,
        labels=(),
        output_schema=None,
        copy=None,
        documents=(),
        max_tokens=MAX_TOKENS,
        temperature=0.0,
        seed=0,
        context_tokens=0,
        step_key=None,
    )
    store = await in_thread(app.store)
    setting = await in_thread(lambda: named_setting(store, name))
    progress = _progress()
    with deadline.enforced(progress):
        runtime = await app.loader.ready(progress)
    named = await in_thread(lambda: named_task(store, name, runtime.identity))
    call = replace(call, max_tokens=max(1, min(MAX_TOKENS, runtime.engine.limits.window // 2)))
    shaped = _shaped(call, named, runtime)
    tried = [
        await _try(app, way, shaped, under, deadline) for way, under in _settings(named, runtime)
    ]
    tried.append(await _try(app, "served", call, setting, deadline))
    serving = None if named.quality is None else named.quality.serving
    return Side(serving, tuple(tried))


def _settings(named: NamedTask, runtime: Runtime) -> list[tuple[Column, TaskSetting]]:
    """The ways that can be had at once, as the gate measures them.

    Weights that training made are there only of what was learned, and only if they serve.
    """
    task, mode = task_of(named.version), mode_of(named.version)
    bare = task.without_examples()
    found: list[tuple[Column, TaskSetting]] = [("prompted", TaskSetting(bare, "prompted"))]
    if runtime.library is not None:
        found.append(("text", TaskSetting(bare, mode)))
    if named.learned and named.quality and named.quality.plan == "trained" and runtime.library:
        found.append(("trained", TaskSetting(task_of(named.learned), mode, refine=True)))
    elif task.examples:
        found.append(("examples", TaskSetting(task, mode, refine=False)))
    return found


def _shaped(call: StepCall, named: NamedTask, runtime: Runtime) -> StepCall:
    """The call in the form of the task's answers, for ways that run without its name."""
    form, task = form_of(named.version), task_of(named.version)
    schema = None if form.output_schema is None else dict(form.output_schema)
    shown = runtime.engine.capabilities.copy and schema is None and copies(task)
    copied = shown if form.copy is None else form.copy
    return replace(call, name=None, output_schema=schema, copy=copied or None)


async def _try(
    app: Application, way: Column, call: StepCall, setting: TaskSetting, deadline: Deadline
) -> Tried:
    began = time.monotonic()
    try:
        with app.calls.run("try_task", principal(), {"input": call.input}) as counted:
            answer = await run_under(app, call, setting, deadline, _progress())
            observed = observed_of(answer.output, answer.mode, answer.details)
            counted.state = "ok"
            counted.content = {
                **observed,
                "output": answer.output,
                "mode": answer.mode,
                "adapter_digest": answer.adapter_digest,
            }
    except REFUSALS as error:
        return Tried(way, time.monotonic() - began, error=error)
    return Tried(way, time.monotonic() - began, answer, observed)


def _progress() -> CallProgress:
    return CallProgress(_untold, "loading", "refining", "storing", "generating")


async def _untold(done: float, whole: float, message: str) -> None:
    """A form waits for its page as a whole."""
