"""The tools that teach: named tasks, and corrections of steps."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from mcp_server.app.application import Application
from mcp_server.app.principal import principal
from mcp_server.app.threads import in_thread
from mcp_server.jobs import learning
from mcp_server.protocol.tools.registration import (
    MARKS,
    AppContext,
    SessionId,
    application,
    asks_later,
    call_progress,
    tool,
)
from mcp_server.schema import limits, named, results
from mcp_server.schema.calls import SaveCall
from mcp_server.tasks import changes
from mcp_server.tasks.serving import check_enforced

TaskName = Annotated[str, Field(description="At most 64 characters.")]


@tool("Save a task", MARKS)
async def save_task(
    ctx: AppContext,
    name: TaskName,
    task: Annotated[str | None, Field(description="What it is for; a new one needs it.")] = None,
    labels: Annotated[list[str] | None, Field(description="The allowed answers.")] = None,
    examples: Annotated[
        list[results.ExampleArgument] | None,
        Field(description=f"Solved instances, {limits.EXAMPLES} at most, for those before."),
    ] = None,
    add: Annotated[bool, Field(description="Keep those before too.")] = False,
    output_schema: Annotated[dict[str, Any] | None, Field(description="Of answers.")] = None,
    copy: Annotated[bool | None, Field(description="Answers are copied from inputs.")] = None,
    ask_below: Annotated[float | None, Field(description="As in run_step.")] = None,
    share: Annotated[bool | None, Field(description="Let others use it.")] = None,
    go_back_to: Annotated[int | None, Field(description="An earlier version.")] = None,
) -> named.SavedResult:
    """Keep a task under a name, so that it lasts, learns from corrections and is measured.

    When a task is done many times, write 16 varied examples yourself, as real inputs look, every
    label among them. From 8 on it is measured and trained in the background, and served the best
    way. Use it with set_task(name=…).
    Example: {"name": "tickets", "task": "Sort by topic.", "labels": ["billing", "shipping"],
    "examples": [{"input": "I was charged twice.", "output": "billing"}]}
    """
    call = SaveCall(
        name=name,
        task=task,
        labels=labels,
        examples=examples,
        add=add,
        output_schema=output_schema,
        copy=copy,
        ask_below=ask_below,
        share=share,
        go_back_to=go_back_to,
    )
    app = application(ctx)
    await in_thread(lambda: check_enforced(app.loader.runtime, call.output_schema))
    saved = await in_thread(lambda: changes.save(app.store(), call, principal(), app.learner))
    app.learner.start()
    if not asks_later():
        return saved
    progress = call_progress(ctx, "loading", "learning")
    return await learning.when_learned(app, name, saved, progress)


@tool("Correct a step", MARKS)
async def correct_step(
    ctx: AppContext,
    session_id: SessionId,
    step: Annotated[int | None, Field(description="Its number.")] = None,
    output: Annotated[
        str | None, Field(description="The right answer; left out: its own was right.")
    ] = None,
    take_back: Annotated[bool, Field(description="Its correction was wrong.")] = False,
    outputs: Annotated[
        dict[str, str] | None, Field(description="Of several steps, by number.")
    ] = None,
) -> named.CorrectedResult:
    """Tell the right answer to a step, or that its own was right: the task learns from it.

    Use it whenever an output is seen to be wrong. The same input is answered so from now on.
    Example: {"session_id": "…", "outputs": {"3": "shipping", "8": "billing"}}
    """
    app = application(ctx)
    correct = _correction(app, session_id, step, output, outputs, take_back=take_back)
    async with app.session_lock(session_id):
        done = await in_thread(correct)
    app.learner.start()
    return done


def _correction(
    app: Application,
    session_id: str,
    step: int | None,
    output: str | None,
    outputs: dict[str, str] | None,
    *,
    take_back: bool,
) -> Callable[[], named.CorrectedResult]:
    """What a call of correct_step does, of one step or of several. Raises InputError."""
    if outputs:  # some clients fill in an empty object
        if take_back:
            raise limits.InputError("take_back: takes back one step's correction; give its step")
        if step is not None or output is not None:
            raise limits.InputError("outputs: give either outputs of several steps, or one step")
        numbered = limits.numbered_outputs(outputs)
        return lambda: changes.correct_many(app.store(), session_id, numbered)
    if step is None:
        raise limits.InputError("step: give the number of the step, or outputs of several")
    number = step
    limits.check_range("step", number, limits.STEP)
    if output is not None:
        limits.check_text("output", output, limits.EXAMPLE_CHARS)
    return lambda: changes.correct(app.store(), session_id, number, output, take_back=take_back)
