"""The MCP tools: check the arguments, call the session or the store, return a typed result.

Knows nothing of tensors, SQL or transports.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from checkpoints import ItemDraft, MemoryFault, split
from hypernet.engine.base import MOST_LABELS, EngineError
from hypernet.plan import REFINE_FROM, Mode
from hypernet.task import Example, Task
from mcp_server import __version__, limits, results
from mcp_server.application import Application
from mcp_server.limits import InputError
from mcp_server.loader import LoadError, Report
from mcp_server.prompt import fence, pack
from mcp_server.session import Session, StepCall
from mcp_server.session import set_task as begin_task
from mcp_server.views import checkpoint_result, excerpt_result, session_result

F = TypeVar("F", bound=Callable[..., Any])
SessionId = Annotated[str, Field(description="The handle that set_task returned.")]
Labels = Annotated[
    list[str] | None,
    Field(description="The allowed answers (2 to 64). The output is then exactly one of them."),
]
READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)


def register(mcp: MCPServer[None], app: Application) -> None:
    """Put all tools on a server."""

    def tool(title: str, annotations: ToolAnnotations) -> Callable[[F], F]:
        # The SDK shows a docstring as it stands in the file, indentation included.
        return lambda work: mcp.tool(
            title=title, annotations=annotations, description=inspect.cleandoc(work.__doc__ or "")
        )(work)

    @tool(title="Set the task", annotations=ADDS)
    async def set_task(
        ctx: Context,
        task: Annotated[
            str, Field(description="What the coming steps are for, in a sentence or two.")
        ],
        session_id: Annotated[
            str | None, Field(description="An earlier handle; leave out to begin a new session.")
        ] = None,
        examples: Annotated[
            list[results.ExampleArgument] | None, Field(description="Solved instances, 32 at most.")
        ] = None,
        labels: Labels = None,
        mode: Annotated[
            Mode,
            Field(
                description="auto follows how well the task is known. adapter: the task is in the "
                "weights only. prompted: in the prompt only. hybrid: in both."
            ),
        ] = "auto",
        refine: Annotated[
            bool | None,
            Field(
                description="Train the weights some steps further on the examples: seconds, with "
                f"progress. Left out: from {REFINE_FROM} examples on."
            ),
        ] = None,
    ) -> results.TaskResult:
        """Begin a session or change its task: writes weights (a LoRA adapter) for the task.

        Call this first, and again whenever the job turns to another kind of work. The session's
        memory stays. The handle is valid across restarts of the server.
        """
        with told():
            wanted = checked_task(task, labels, examples)
            return await begin_task(app, session_id, wanted, mode, refine, reporter(ctx))

    @tool(title="Run a step", annotations=ADDS)
    async def run_step(
        ctx: Context,
        session_id: SessionId,
        input: Annotated[str, Field(description="The text to work on.")],  # noqa: A002  # the wire's own word
        task: Annotated[str | None, Field(description="Another task for this step only.")] = None,
        documents: Annotated[
            list[str] | None,
            Field(description="Texts to store in memory first; the fitting parts are retrieved."),
        ] = None,
        labels: Labels = None,
        output_schema: Annotated[
            dict[str, Any] | None,
            Field(
                description="A JSON schema that the output keeps to, instead of labels. Close "
                "objects with additionalProperties: false."
            ),
        ] = None,
        max_tokens: Annotated[int, Field(description="Most tokens of output, 1 to 2048.")] = 128,
        temperature: Annotated[float, Field(description="0 is greedy; at most 2.")] = 0.0,
        seed: Annotated[int, Field(description="For temperatures over 0.")] = 0,
        context_tokens: Annotated[
            int | None,
            Field(description="Most tokens of retrieved documents in the prompt; 0 for none."),
        ] = None,
        step_key: Annotated[
            str | None,
            Field(description="Your own name for this step. The same key never runs twice."),
        ] = None,
    ) -> results.StepResult:
        """Run the session's task on an input with the base model under the task's own weights.

        The step is committed before the result comes back, and a checkpoint every few steps.
        """
        with told():
            call = StepCall(
                input=input,
                task=None if task is None else checked_task(task, labels, None),
                labels=tuple(labels or ()),
                output_schema=output_schema,
                documents=tuple(documents or ()),
                max_tokens=max_tokens,
                temperature=temperature,
                seed=seed,
                context_tokens=context_tokens,
                step_key=step_key,
            )
            check_call(call)
            return await Session(app, session_id).run_step(call, reporter(ctx))

    @tool(title="Make a checkpoint", annotations=ADDS)
    async def checkpoint_memory(
        session_id: SessionId,
        label: Annotated[str | None, Field(description="A name for people.")] = None,
    ) -> results.CheckpointResult:
        """Mark the session's present state, to go back to or to fork from later.

        Checkpoints are also made by themselves every few steps.
        """
        with told():
            record = await to_thread.run_sync(lambda: app.store().checkpoint(session_id, label))
            return checkpoint_result(record)

    @tool(
        title="Restore a checkpoint",
        annotations=ToolAnnotations(
            read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
        ),
    )
    async def restore_memory(
        checkpoint_id: Annotated[str, Field(description="From run_step or checkpoint_memory.")],
        fork: Annotated[
            bool, Field(description="True: a new session starts there; the old one stays.")
        ] = False,
        session_id: Annotated[
            str | None, Field(description="If given, the checkpoint must be this session's own.")
        ] = None,
    ) -> results.RestoreResult:
        """Take a session back to a checkpoint, or start a second session from it.

        Steps after the checkpoint leave the session's history but stay in the file.
        """
        with told():
            record = await to_thread.run_sync(lambda: app.store().checkpoint_record(checkpoint_id))
            async with app.turn(record.session_id):
                session = await to_thread.run_sync(
                    lambda: app.store().restore(checkpoint_id, session_id=session_id, fork=fork)
                )
            return results.RestoreResult(
                session=session_result(session), checkpoint=checkpoint_result(record), forked=fork
            )

    @tool(title="Remember", annotations=ADDS)
    async def remember(
        session_id: SessionId,
        text: Annotated[str | None, Field(description="One text to store.")] = None,
        documents: Annotated[
            list[str] | None, Field(description="Several texts to store, 64 at most.")
        ] = None,
        source: Annotated[str, Field(description="Where they come from.")] = "client",
    ) -> results.RememberResult:
        """Store texts in the session's memory, verbatim; long ones are split into pieces."""
        with told():
            texts = [*([text] if text is not None else []), *(documents or [])]
            if not texts:
                raise InputError("text: give text or documents")
            check_documents("documents", texts)
            items = [ItemDraft(piece, source) for whole in texts for piece in split(whole)]
            done = await to_thread.run_sync(lambda: app.store().remember(session_id, items))
            return results.RememberResult(
                session_id=session_id, stored=done.stored, duplicates=done.duplicates
            )

    @tool(title="Recall", annotations=READ_ONLY)
    async def recall(
        ctx: Context,
        session_id: SessionId,
        query: Annotated[str, Field(description="What to look for, in words.")],
        budget_tokens: Annotated[
            int, Field(description="Most tokens of excerpts, 1 to 8192.")
        ] = 1000,
    ) -> results.RecallResult:
        """Search what the session stored and did; gives dated excerpts in their original order."""
        with told():
            limits.check_text("query", query, limits.TASK_CHARS)
            limits.check_range("budget_tokens", budget_tokens, (1, 8192))
            hits = await to_thread.run_sync(lambda: app.store().recall(session_id, query, 50))
            runtime = await app.loader.ready(reporter(ctx))
            kept = await to_thread.run_sync(lambda: pack(runtime.engine, hits, budget_tokens))
            return results.RecallResult(
                session_id=session_id,
                excerpts=[excerpt_result(hit) for hit in kept],
                tokens=runtime.engine.count(fence(kept)),
                left_out=len(hits) - len(kept),
            )

    @tool(title="Status", annotations=READ_ONLY)
    async def status(
        session_id: Annotated[
            str | None, Field(description="A session to look at; else the latest ones.")
        ] = None,
    ) -> results.StatusResult:
        """Tell whether the model is loaded, what is loaded, the limits, and sessions' state."""
        with told():
            store = await to_thread.run_sync(app.store)
            if session_id is None:
                records = await to_thread.run_sync(lambda: store.sessions(limit=20))
            else:
                records = [await to_thread.run_sync(lambda: store.session(session_id))]
            return results.StatusResult(
                version=__version__,
                model=app.loader.state,
                progress=app.loader.progress,
                message=app.loader.message,
                about=app.about(),
                limits=stated_limits(app),
                sessions=[session_result(record) for record in records],
            )


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Let faults that name their field and mend reach the client with their text."""
    try:
        yield
    except (InputError, MemoryFault, EngineError, LoadError) as error:
        raise ToolError(str(error)) from error


def reporter(ctx: Context) -> Report:
    """Progress that only ever increases, whatever its reporters say."""
    last = -1.0

    async def report(done: float, total: float | None, message: str) -> None:
        nonlocal last
        if done > last:
            last = done
            await ctx.report_progress(done, total, message)

    return report


def checked_task(
    task: str, labels: list[str] | None, examples: list[results.ExampleArgument] | None
) -> Task:
    """The task of the arguments.

    Raises:
        InputError: empty, too long, or labels that cannot be chosen from.
    """
    limits.check_text("task", task, limits.TASK_CHARS)
    limits.check_labels(labels or [])
    limits.check_count("examples", len(examples or []), limits.EXAMPLES)
    for number, example in enumerate(examples or []):
        limits.check_text(f"examples[{number}].input", example.input, limits.EXAMPLE_CHARS)
        limits.check_text(f"examples[{number}].output", example.output, limits.EXAMPLE_CHARS)
    pairs = tuple(Example(e.input, e.output) for e in examples or [])
    return Task(task, tuple(labels or ()), pairs).normalised()


def check_call(call: StepCall) -> None:
    """Refuse a step whose arguments are out of bounds.

    Raises:
        InputError: names the field and the limit.
    """
    limits.check_text("input", call.input, limits.INPUT_CHARS)
    limits.check_labels(call.labels)
    if call.output_schema is not None and call.labels:
        raise InputError("output_schema: give either labels or a schema")
    check_documents("documents", call.documents)
    limits.check_range("max_tokens", call.max_tokens, limits.MAX_TOKENS)
    limits.check_range("temperature", call.temperature, limits.TEMPERATURE)
    limits.check_range("seed", call.seed, (0, 2**63 - 1))
    limits.check_range("context_tokens", call.context_tokens or 0, (0, 8192))


def check_documents(field: str, texts: list[str] | tuple[str, ...]) -> None:
    """Refuse too many, empty or too long documents.

    Raises:
        InputError: names the document and the limit.
    """
    limits.check_count(field, len(texts), limits.DOCUMENTS)
    for number, text in enumerate(texts):
        limits.check_text(f"{field}[{number}]", text, limits.DOCUMENT_CHARS)


def stated_limits(app: Application) -> dict[str, int | float]:
    """The limits that `status` shows."""
    stated: dict[str, int | float] = {
        "task_chars": limits.TASK_CHARS,
        "input_chars": limits.INPUT_CHARS,
        "labels": MOST_LABELS,
        "examples": limits.EXAMPLES,
        "documents": limits.DOCUMENTS,
        "document_chars": limits.DOCUMENT_CHARS,
        "max_tokens": limits.MAX_TOKENS[1],
        "checkpoint_every": app.settings.checkpoint_every,
    }
    if app.loader.runtime is not None:
        stated["window_tokens"] = app.loader.runtime.engine.limits.window
    return stated
