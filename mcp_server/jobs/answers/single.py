"""A call by itself: answered under a task as a step is, with no session, and nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_server.app.threads import in_thread
from mcp_server.jobs.answers.answering import Answer, Run, answer
from mcp_server.jobs.context import Budget, Memory
from mcp_server.jobs.planning import setting_of

if TYPE_CHECKING:
    from mcp_server.app.application import Application
    from mcp_server.app.deadline import Deadline
    from mcp_server.app.progress import CallProgress
    from mcp_server.jobs.planning import TaskSetting
    from mcp_server.schema.calls import StepCall
    from mcp_server.tasks.serving import Prepared


async def run_alone(
    app: Application, call: StepCall, deadline: Deadline, progress: CallProgress
) -> Answer:
    """Answer a call without a session.

    Raises:
        MemoryFault, EngineError, InputError, LoadError, TimeOverError: as for a step.
    """
    with deadline.enforced(progress):
        setting = await in_thread(lambda: setting_of(app.store(), call, None))
    return await run_under(app, call, setting, deadline, progress)


async def run_under(
    app: Application,
    call: StepCall,
    setting: TaskSetting,
    deadline: Deadline,
    progress: CallProgress,
) -> Answer:
    """Answer a call without a session, under a task of the caller's choice.

    Raises:
        MemoryFault, EngineError, InputError, LoadError, TimeOverError: as for a step.
    """
    with deadline.enforced(progress):
        runtime = await app.loader.ready(progress)
    run = Run(call, call, setting, deadline, progress, runtime)
    return await answer(app, run, Nothing())


class Nothing:
    """No memory, and nothing is kept: an `answering.Recorder`."""

    def check(self, run: Run, prepared: Prepared) -> None:
        """Every plan will do."""

    async def store_documents(self, run: Run) -> None:
        """Such a call has none."""

    def memory(self, run: Run, budget: Budget) -> Memory:
        """None."""
        return Memory()

    def keep(self, run: Run, prepared: Prepared, answer: Answer) -> Answer:
        """The answer as it is."""
        return answer
