"""From a task to the weights that its steps run with: setting a session's task, and planning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyio import from_thread

from hypernet.adapters.plan import make_plan
from hypernet.copying import Copy, copies, copy_of
from hypernet.task import Task
from mcp_server.app.threads import in_thread
from mcp_server.jobs.adapters import refuse_revoked
from mcp_server.jobs.present import task_result
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checkpoints import SessionRecord
    from hypernet.adapters.plan import Mode, Plan
    from hypernet.engine.interface import Engine
    from hypernet.runtime import Runtime
    from mcp_server.app.application import Application
    from mcp_server.app.deadline import Deadline
    from mcp_server.app.progress import CallProgress
    from mcp_server.schema.calls import StepCall, TaskCall
    from mcp_server.schema.results import TaskResult


@dataclass(frozen=True)
class TaskSetting:
    """A task, where it goes, and whether its adapter is refined: what a session records of it."""

    task: Task
    mode: Mode = "auto"
    refined: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {"task": self.task.to_dict(), "mode": self.mode, "refined": self.refined}

    @classmethod
    def from_dict(cls, recorded: Mapping[str, Any]) -> TaskSetting:
        """What was recorded.

        Raises:
            KeyError, TypeError: an imported session may hold what it likes.
        """
        refined = bool(recorded.get("refined"))
        return cls(Task.from_dict(recorded["task"]), recorded["mode"], refined)


def setting_of(call: StepCall, session: SessionRecord) -> TaskSetting:
    """What a step runs under: its own task, or the session's.

    Raises:
        InputError: neither has one, or the session's cannot be read.
    """
    if call.task is not None:
        return TaskSetting(call.task)
    if session.task is None:
        raise InputError("task: the session has none yet; call set_task first, or pass task")
    try:
        return TaskSetting.from_dict(session.task)
    except (KeyError, TypeError) as error:
        raise InputError("task: the session's cannot be read; call set_task again") from error


async def set_task(
    app: Application, call: TaskCall, deadline: Deadline, progress: CallProgress
) -> TaskResult:
    """Make a task a session's current one, or a new session's, and write its adapter.

    Raises:
        MemoryFault, LoadError, InputError, TimeOverError: no session was begun or changed.
    """
    session_id = call.session_id
    store = await in_thread(app.store)
    if session_id is not None:
        await in_thread(lambda: store.session(session_id))
    setting = TaskSetting(call.task, call.mode, call.refined)
    if setting.refined and not call.task.examples:
        raise InputError("refine: there are no examples to take steps on; pass examples")
    with deadline.enforced(progress):
        runtime = await app.loader.ready(progress)
        plan = await plan_task(app, runtime, setting, deadline, progress)
    if session_id is not None:
        await in_thread(lambda: refuse_revoked(store, session_id, plan))
    handle = session_id or (await in_thread(store.create_session)).id
    async with app.session_lock(handle):
        await in_thread(lambda: store.set_task(handle, setting.to_dict()))
    return task_result(handle, plan, runtime, refined=setting.refined)


async def plan_task(
    app: Application,
    runtime: Runtime,
    setting: TaskSetting,
    deadline: Deadline,
    progress: CallProgress,
    check: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """Get the adapter, with progress while it is refined; `check` may refuse the plan.

    A client that gives up ends the refinement within milliseconds of work. A call whose time is
    over does not: its thread goes on, so that the next call finds the adapter ready.

    Raises:
        InputError: none of the examples is short enough to refine on.
    """

    told = ""

    def refining(fraction: float, message: str) -> None:
        nonlocal told
        try:
            from_thread.check_cancelled()
            if message != told:  # it comes between steps too, many times a second
                told = message
                from_thread.run(progress.report, "refining", fraction, message)
        except BaseException:  # a cancellation: of the client, or of the time that ended meanwhile
            if not deadline.over:
                raise

    def work() -> Plan:
        task, mode, refined = setting.task, setting.mode, setting.refined
        try:
            plan = make_plan(
                runtime.library,
                task,
                mode,
                capabilities=runtime.engine.capabilities,
                refined=refined,
                progress=refining,
            )
        except ValueError as error:
            raise InputError(str(error)) from error
        entry = plan.entry
        if app.metrics is not None and entry is not None and entry.parent and not entry.cached:
            app.metrics.refinements.observe(entry.generation_ms / 1000)
        check(plan)
        return plan

    return await in_thread(work)


def plan_copy(engine: Engine, task: Task, call: StepCall) -> Copy | None:
    """What the step's output is copied from, if it is: asked for, or shown by the examples.

    Raises:
        InputError: it is asked for where it cannot be.
    """
    able = engine.capabilities.copy
    if call.copy and not able:
        raise InputError(
            "copy: needs an engine with the capability copy, which this one lacks; leave it out"
        )
    if call.copy and task.labels:
        raise InputError("copy: the task has labels; give either labels or copy")
    other_form = call.labels or call.output_schema is not None
    shown = call.copy is None and able and not other_form and copies(task)
    return copy_of(call.input, task) if call.copy or shown else None
