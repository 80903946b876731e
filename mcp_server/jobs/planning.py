"""From a task to the weights that its steps run with: setting a session's task, and planning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from anyio import from_thread

from hypernet.adapters.plan import (
    CORRECTED_ANEW,
    Plan,
    enough_to_refine,
    make_plan,
    within_window,
)
from hypernet.copying import Copy, copies, copy_of
from hypernet.task import Example, Task
from mcp_server.app.principal import principal
from mcp_server.app.threads import in_thread
from mcp_server.jobs.adapters import refuse_revoked
from mcp_server.jobs.present_task import task_result
from mcp_server.schema.limits import InputError
from mcp_server.tasks.reliability import heard_words
from mcp_server.tasks.serving import (
    Prepared,
    form_of,
    mode_of,
    named_task,
    prepare_named,
    task_of,
    with_examples,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checkpoints import SessionRecord, Store
    from hypernet.adapters.plan import Mode
    from hypernet.engine.interface import Capabilities, Engine
    from hypernet.progress import Progress
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
    refine: bool | None = None
    """None: from enough examples on, those of corrections among them."""
    name: str | None = None
    """Of a named task: its examples are not here, each step runs with those of then."""

    def steps_on(self, task: Task) -> bool:
        """Whether the adapter takes gradient steps on a task's examples."""
        if self.refine is not None:
            return self.refine
        return enough_to_refine(with_examples(task, ()))  # of one input only the last counts

    def to_dict(self) -> dict[str, Any]:
        """As the store keeps it."""
        recorded = {"task": self.task.to_dict(), "mode": self.mode, "refined": self.refine}
        return recorded if self.name is None else {**recorded, "name": self.name}

    @classmethod
    def from_dict(cls, recorded: Mapping[str, Any]) -> TaskSetting:
        """What was recorded.

        Raises:
            KeyError, TypeError: an imported session may hold what it likes.
        """
        refine, name = recorded.get("refined"), recorded.get("name")
        if not isinstance(name, str | None) or not isinstance(refine, bool | None):
            raise TypeError("name must be a text, refined a truth value")
        return cls(Task.from_dict(recorded["task"]), recorded["mode"], refine, name)


NO_TASK = Task("")
"""What the base answers under as it is."""


def setting_of(store: Store, call: StepCall, session: SessionRecord | None) -> TaskSetting:
    """What a call runs under: its own task, or its session's, or none where it may have none.

    Raises:
        InputError: it may not, or the session's cannot be read.
        MemoryFault: there is no task of that name.
    """
    if call.name is not None:
        return named_setting(store, call.name)
    if call.task is not None:
        return TaskSetting(call.task)
    if session is None or session.task is None:
        if call.plain:
            return TaskSetting(NO_TASK)
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
        MemoryFault, LoadError, InputError, TimeOverError, WorkLimitError: no session was begun or
            changed.
    """
    session_id = call.session_id
    store = await in_thread(app.store)
    if session_id is not None:
        await in_thread(lambda: store.session(session_id))
    setting = await in_thread(lambda: _setting(store, call))
    if setting.refine and not setting.task.examples:
        raise InputError("refine: there are no examples to take steps on; pass examples")
    refined = setting.steps_on(setting.task)
    if refined:
        progress.lasts()
    with deadline.enforced(progress):
        runtime = await app.loader.ready(progress)
        prepared = await prepare(
            app, runtime, setting, session_id, deadline, progress, insist=bool(setting.refine)
        )
    if session_id is not None:
        await in_thread(lambda: refuse_revoked(store, session_id, prepared.plan))
    handle = session_id or (await in_thread(store.create_session)).id
    async with app.session_lock(handle):
        await in_thread(lambda: store.set_task(handle, setting.to_dict()))
    return task_result(handle, prepared, runtime, refined=refined)


def _setting(store: Store, call: TaskCall) -> TaskSetting:
    """What a session is to record. Raises MemoryFault: there is no task of that name."""
    if call.name is None:
        return TaskSetting(call.described, call.mode, call.refine)
    return named_setting(store, call.name)


def named_setting(store: Store, name: str) -> TaskSetting:
    """A named task as sessions record it. Raises MemoryFault: there is none of that name."""
    version = store.tasks.get(name)
    if version.owner != principal():
        # Else a task of one's own that is saved under the same name would come in its place.
        name = f"{version.owner or ''}/{version.task}"
    return TaskSetting(task_of(version).without_examples(), mode_of(version), name=name)


async def prepare(
    app: Application,
    runtime: Runtime,
    setting: TaskSetting,
    session_id: str | None,
    deadline: Deadline,
    progress: CallProgress,
    check: Callable[[Prepared], None] = lambda prepared: None,
    *,
    insist: bool = False,
) -> Prepared:
    """Get what steps of a task need, with progress while weights are refined; `check` may refuse.

    `insist` refuses examples none of which is short enough to refine on; else nothing is refined.

    A client that gives up ends the refinement within milliseconds of work. A call whose time is
    over does not: its thread goes on, so that the next call finds the adapter ready.

    Raises:
        InputError: none of the examples is short enough to refine on, and it has to be.
        MemoryFault: there is no task of that name any more.
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

    def work() -> Prepared:
        store = app.store()
        try:
            taught = () if session_id is None else _taught(store, session_id, setting.task)
            if setting.name is not None:
                named = named_task(store, setting.name, runtime.identity)
                prepared = prepare_named(named, runtime, refining, taught)
            else:
                prepared = _prepare(runtime, setting, taught, insist, refining)
                if session_id is not None:  # by itself a call may be a trial of what a way answers
                    prepared = replace(prepared, solved=(*setting.task.examples, *taught))
        except ValueError as error:
            raise InputError(str(error)) from error
        entry = prepared.plan.entry
        if app.metrics is not None and entry is not None and entry.parent and not entry.cached:
            app.metrics.refinements.observe(entry.generation_ms / 1000)
        check(prepared)
        return prepared

    return await in_thread(work)


def _prepare(
    runtime: Runtime,
    setting: TaskSetting,
    taught: tuple[Example, ...],
    insist: bool,
    refining: Progress,
) -> Prepared:
    """What a task without a name needs; corrections add to its examples."""
    if setting.task == NO_TASK:
        return Prepared(Plan(NO_TASK, "prompted", None))
    # With many examples a refined adapter stays the one of those that were given: steps do not wait
    # long for another after each correction.
    everything = with_examples(setting.task, taught)
    soon = with_examples(
        setting.task, taught[: max(0, CORRECTED_ANEW - len(setting.task.examples))]
    )
    refined = setting.steps_on(soon)
    plan = make_plan(
        runtime.library,
        soon if refined else everything,
        setting.mode,
        capabilities=runtime.engine.capabilities,
        refined=refined,
        insist=insist,
        progress=refining,
    )
    if plan.mode == "prompted":  # no weights hold them, whatever was asked for
        plan = replace(plan, task=everything)
    plan = within_window(plan, runtime.engine) if taught else plan
    return Prepared(plan, reliability=runtime.reliability, words=heard_words(runtime, plan))


def _taught(store: Store, session_id: str, task: Task) -> tuple[Example, ...]:
    """What corrections of a session's steps of the same task give it."""
    found = store.tasks.session_examples(session_id, task.to_dict())
    return tuple(Example(each.input, each.output) for each in found)


def formed(call: StepCall, prepared: Prepared) -> StepCall:
    """A call that says nothing of the answer's form gets that of its named task."""
    if prepared.named is None or call.task is not None:
        return call
    if call.labels or call.output_schema is not None or call.copy is not None:
        return call
    form = form_of(prepared.named.version)
    schema = None if form.output_schema is None else dict(form.output_schema)
    return replace(call, output_schema=schema, copy=form.copy)


def check_shares(call: StepCall, task: Task) -> None:
    """Refuse to tell of each label's share where there are no labels.

    Raises:
        InputError: names the field.
    """
    chosen = not call.output_schema and (call.labels or task.labels)
    if call.shares and not chosen:
        raise InputError(
            "logprobs: only answers that are one of a task's labels have them; leave it out, or "
            "use a saved task with labels"
        )


def check_form(call: StepCall, task: Task, capabilities: Capabilities) -> None:
    """Refuse what a call asks of its answer's form, or brings along, that cannot be had.

    Raises:
        InputError: names the field.
    """
    check_shares(call, task)
    if call.history and not capabilities.history:
        raise InputError(
            "history: needs an engine with the capability history, which this one lacks; send "
            "the last message alone"
        )


def plan_copy(engine: Engine, prepared: Prepared, call: StepCall) -> Copy | None:
    """What the step's output is copied from, if it is: asked for, or shown by the examples.

    Raises:
        InputError: it is asked for where it cannot be.
    """
    able, task = engine.capabilities.copy, prepared.plan.task
    if call.copy and not able:
        raise InputError(
            "copy: needs an engine with the capability copy, which this one lacks; leave it out"
        )
    if call.copy and task.labels:
        raise InputError("copy: the task has labels; give either labels or copy")
    other_form = call.labels or call.output_schema is not None
    shown = call.copy is None and able and not other_form and copies(task)
    return copy_of(call.input, task) if call.copy or shown else None
