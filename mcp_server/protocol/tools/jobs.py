"""The tools that a job is made of: its task, its steps and its checkpoints."""

from typing import Annotated, Any

from anyio import to_thread
from mcp.types import CallToolResult, ContentBlock, ResourceLink, TextContent
from pydantic import Field

from checkpoints.text.graphemes import beginning
from hypernet.adapters.plan import REFINE_FROM, REFINE_LABELS_FROM, Mode
from hypernet.engine.checks import MOST_LABELS
from mcp_server.app.deadline import DEFAULT_SECONDS
from mcp_server.jobs import planning
from mcp_server.jobs.answers.many import run_many, steps_result
from mcp_server.jobs.memory import session_state
from mcp_server.jobs.present import checkpoint_result, step_result
from mcp_server.jobs.step import Session
from mcp_server.protocol.tools.registration import (
    ADDS,
    REWRITES,
    AppContext,
    MaxSeconds,
    SessionId,
    application,
    call_progress,
    time_limit,
    tool,
)
from mcp_server.schema import limits, results
from mcp_server.schema.calls import StepCall, TaskCall, task_of
from mcp_server.schema.limits import InputError

Labels = Annotated[
    list[str] | None,
    Field(description=f"The allowed answers, 2 to {MOST_LABELS}."),
]
StepSeconds = Annotated[
    int,
    Field(
        description=f"Most to wait, {limits.MAX_SECONDS[0]} to {limits.MAX_SECONDS[1]}; then it "
        "returns what it has."
    ),
]


@tool("Set the task", ADDS)
async def set_task(
    ctx: AppContext,
    task: Annotated[
        str | None,
        Field(
            description="What the steps are for, in a sentence or two, at most "
            f"{limits.TASK_CHARS} characters."
        ),
    ] = None,
    session_id: Annotated[str | None, Field(description="Left out, a new session begins.")] = None,
    name: Annotated[str | None, Field(description="A saved task's, instead of a task.")] = None,
    examples: Annotated[
        list[results.ExampleArgument] | None,
        Field(description=f"Solved instances, {limits.EXAMPLES} at most."),
    ] = None,
    labels: Labels = None,
    mode: Annotated[
        Mode,
        Field(
            description="The task is in the weights (adapter), the prompt or both; auto: by how "
            "well it is known."
        ),
    ] = "auto",
    refine: Annotated[
        bool | None,
        Field(
            description=f"Train the weights; left out: from {REFINE_FROM} examples on, "
            f"{REFINE_LABELS_FROM} with labels."
        ),
    ] = None,
    max_seconds: MaxSeconds = DEFAULT_SECONDS,
) -> results.TaskResult:
    """Begin a session or change its task: writes weights (a LoRA adapter) for the task.

    Call it first to start a job, and again for another kind of work; for one odd step pass `task`
    to run_step. Give 8 examples, else many answers are wrong: solve the first inputs yourself and
    invent more like them, every label among them. The session's memory stays.
    Example: {"task": "Sort support tickets by topic.", "labels": ["billing", "shipping"],
    "examples": [{"input": "My bill is wrong.", "output": "billing"}]}
    """
    described = None if task is None else task_of(task, labels, examples)
    if described is None and (labels or examples):
        raise InputError("task: labels and examples need one; a saved task has its own")
    call = TaskCall(session_id, described, mode, refine, name)
    deadline = time_limit(
        max_seconds,
        "No session was begun or changed; loading and refining go on: call again with the "
        "same arguments",
    )
    progress = call_progress(ctx, "loading", "refining")
    return await planning.set_task(application(ctx), call, deadline, progress)


@tool("Run a step", ADDS)
async def run_step(
    ctx: AppContext,
    session_id: Annotated[SessionId, Field(description="From set_task.")],
    input: Annotated[str, Field(description="The text to work on.")],  # noqa: A002  # the wire's own word
    task: Annotated[str | None, Field(description="Another task for this step only.")] = None,
    documents: Annotated[
        list[str] | None,
        Field(
            description=f"Documents to store first, {limits.DOCUMENTS} at most; the fitting parts "
            "are retrieved."
        ),
    ] = None,
    labels: Labels = None,
    output_schema: Annotated[
        dict[str, Any] | None,
        Field(
            description="A JSON schema that the output keeps to; close its objects with "
            "additionalProperties: false."
        ),
    ] = None,
    copy: Annotated[
        bool | None,
        Field(
            description="The output is copied from the input; left out: if those of the "
            "examples are."
        ),
    ] = None,
    max_tokens: Annotated[int, Field(description="Most tokens of output, 1 to 2048.")] = 128,
    temperature: Annotated[float, Field(description="0 is greedy; at most 2.")] = 0.0,
    seed: Annotated[int, Field(description="Of sampling.")] = 0,
    context_tokens: Annotated[
        int | None,
        Field(
            description=f"Most tokens of excerpts in the prompt, up to {limits.EXCERPT_TOKENS}; "
            "0: no memory."
        ),
    ] = None,
    ask_below: Annotated[
        float | None, Field(description="Flag answers less sure than this, 0 to 1.")
    ] = None,
    step_key: Annotated[
        str | None,
        Field(
            description="Your own name for this step, at most 200 characters. It never runs "
            "twice: send it again after a timeout."
        ),
    ] = None,
    max_seconds: StepSeconds = DEFAULT_SECONDS,
) -> Annotated[CallToolResult, results.StepResult]:
    """Run the session's task on an input with the base model under the task's own weights.

    Use it for each item of the job: to classify, sort, extract, rewrite, sum up or answer. It
    retrieves from memory by itself. The step is saved before the result comes back, with a
    checkpoint every few steps.
    Example: {"session_id": "…", "input": "My parcel never came.", "step_key": "ticket-17"}
    """
    call = StepCall(
        input=input,
        task=None if task is None else task_of(task, labels, None),
        labels=tuple(labels or ()),
        output_schema=output_schema,
        copy=copy,
        documents=tuple(documents or ()),
        max_tokens=max_tokens,
        temperature=temperature,
        seed=seed,
        context_tokens=context_tokens,
        step_key=step_key,
        ask_below=ask_below,
    )
    same = "" if step_key is None else " with the same step_key"
    deadline = time_limit(
        max_seconds, f"No step was recorded; what was begun goes on: call again{same}"
    )
    progress = call_progress(ctx, "loading", "refining", "storing", "generating")
    done = await Session(application(ctx), session_id).run_step(call, deadline, progress)
    assert done.appended is not None  # noqa: S101  # for the type checker: a session's is recorded
    return step_answer(step_result(session_id, done.appended))


@tool("Run many steps", ADDS)
async def run_steps(
    ctx: AppContext,
    session_id: SessionId,
    inputs: Annotated[list[str], Field(description=f"{limits.INPUTS} at most.")],
    output_schema: dict[str, Any] | None = None,
    copy: bool | None = None,
    max_tokens: int = 128,
    ask_below: float | None = None,
    step_key: Annotated[str | None, Field(description="Your own name for this list.")] = None,
    max_seconds: MaxSeconds = DEFAULT_SECONDS,
) -> results.StepsResult:
    """Run the task on every input of a list in one call, each as a step of its own.

    Use it for whole batches of items. Out of time, it tells how many are left.
    Example: {"session_id": "…", "inputs": ["My bill is wrong."], "step_key": "monday"}
    """
    limits.check_inputs(inputs)
    if step_key is not None:
        limits.check_text("step_key", step_key, limits.STEPS_KEY_CHARS)
    calls = [
        StepCall(
            input=text,
            task=None,
            labels=(),
            output_schema=output_schema,
            copy=copy,
            documents=(),
            max_tokens=max_tokens,
            temperature=0.0,
            seed=0,
            context_tokens=None,
            step_key=None if step_key is None else f"{step_key}/{number}",
            ask_below=ask_below,
        )
        for number, text in enumerate(inputs, start=1)
    ]
    deadline = time_limit(
        max_seconds, "No step was recorded; what was begun goes on: send the same call again"
    )
    session = Session(application(ctx), session_id)
    ran = await run_many(session, calls, deadline, call_progress(ctx, "generating"))
    return steps_result(session_id, ran, calls)


@tool("Make a checkpoint", ADDS)
async def checkpoint_memory(
    ctx: AppContext,
    session_id: SessionId,
    label: Annotated[str | None, Field(description="For people.")] = None,
) -> results.CheckpointResult:
    """Mark the session's present state, to go back to or to fork from later.

    Make one before anything that you may want to undo, such as an untrusted source.
    Example: {"session_id": "…", "label": "all tickets sorted"}
    """
    app = application(ctx)
    record = await to_thread.run_sync(lambda: app.store().checkpoint(session_id, label))
    return checkpoint_result(record)


@tool("Restore a checkpoint", REWRITES)
async def restore_memory(
    ctx: AppContext,
    checkpoint_id: Annotated[str, Field(description="From run_step, checkpoint_memory or status.")],
    fork: Annotated[
        bool, Field(description="Start a new session there; the old one stays.")
    ] = False,
    session_id: Annotated[str | None, Field(description="If given, its own.")] = None,
) -> results.RestoreResult:
    """Take a session back to a checkpoint, or start a second session from it.

    Use it to undo the last steps, to go back to where things were before something was added,
    or to fork: to try another way beside the first.
    Example: {"checkpoint_id": "…", "fork": true}
    """
    app = application(ctx)
    record = await to_thread.run_sync(lambda: app.store().checkpoint_record(checkpoint_id))
    async with app.session_lock(record.session_id):
        session = await to_thread.run_sync(
            lambda: app.store().restore(checkpoint_id, session_id=session_id, fork=fork)
        )
    state = await to_thread.run_sync(lambda: session_state(app.store(), session))
    return results.RestoreResult(session=state, checkpoint=checkpoint_result(record), forked=fork)


def step_answer(result: results.StepResult) -> CallToolResult:
    """A step for the wire; an output over the cap is shortened, with a link to the whole."""
    link: list[ContentBlock] = []
    if len(result.output) > limits.OUTPUT_SHOWN:
        whole = f"The whole output of step {result.step}, {len(result.output)} characters."
        link = [
            ResourceLink(
                type="resource_link",
                name=f"step {result.step}",
                uri=result.resource,
                description=whole,
                mime_type="application/json",
            )
        ]
        result = result.model_copy(
            update={
                "output": beginning(result.output, limits.OUTPUT_SHOWN),
                "output_truncated": True,
            }
        )
    return CallToolResult(
        content=[TextContent(type="text", text=result.model_dump_json()), *link],
        structured_content=result.model_dump(mode="json"),
    )
