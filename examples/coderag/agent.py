"""The agent's run: learn the tasks, read the code base, look up each step's code and ask.

Knows the server by its tools alone, and nothing of terminals.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from examples.agent.caller import Caller
from examples.agent.errors import ExampleError
from examples.agent.learning import POLL_SECONDS, when_learned
from examples.agent.server import connect
from examples.coderag import passages, questions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.agent.caller import TableDisplay
    from examples.agent.server import Launch, Link
    from examples.coderag.plan import Plan, Step
    from examples.coderag.tasks import NamedTask

CALL_SECONDS = 900
RECALL_TOKENS = 8_192
"""The most that the server gives."""
OUTPUT_TOKENS = 64


@dataclass(frozen=True)
class Row:
    """One answered step. Tokens are counted by the server, with the model's own tokenizer."""

    step: int
    key: str
    kind: str
    subject: str
    task: str
    mode: str
    answered_by: str
    adapter: str | None
    retrieved_tokens: int
    """Of all excerpts that `recall` gave for this step; the prompt holds only what was picked."""
    sources: tuple[str, ...]
    """Whose text these were."""
    found: bool
    """Whether the code asked about was among them."""
    prompt_tokens: int
    """Of the whole prompt: the task's text, where it stands there, and the input."""
    generated_tokens: int
    saturation: float
    """Share of the usable window that the prompt filled."""
    output: str
    confidence: float | None
    expected: str
    correct: bool
    review: bool
    """Whether the answer was less sure than `ask_below`, and asked for a person."""
    checkpoint: str | None
    replayed: bool
    seconds: float

    @property
    def intervention(self) -> bool:
        """Whether a person had to step in."""
        return self.review or not self.correct


@dataclass
class Run:
    """What the run has brought so far."""

    seed: int
    session: str = ""
    files: int = 0
    pieces: int = 0
    window: int = 0
    served: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Of learned tasks the way that serves, and how many answers it is expected to get right."""
    rows: list[Row] = field(default_factory=list)
    checkpoints: int = 0
    learning_seconds: float = 0.0
    reading_seconds: float = 0.0


async def run_agent(
    plan: Plan, launch: Launch, learn_seconds: float, display: TableDisplay[Row]
) -> Run:
    """The whole job.

    Args:
        plan: of which the code base is on disk already, where the server may read it.
        launch: how to start the server, with that folder allowed.
        learn_seconds: the longest to wait until the tasks are learned.
        display: who shows the run.

    Raises:
        ExampleError: a tool refused.
    """
    run = Run(plan.seed)
    async with connect(launch) as link:
        agent = Agent(link, display, run)
        await agent.save_tasks(plan.tasks, learn_seconds)
        await agent.begin(plan, launch.env["HYPERNET_MCP_DOCUMENTS"])
        for step in plan.steps:
            await agent.take(step)
        await agent.finish()
    return run


class Agent:
    """The agent during the life of its server."""

    def __init__(
        self, link: Link, display: TableDisplay[Row], run: Run, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._link, self._display, self._run = link, display, run
        self._poll_seconds = poll_seconds
        self._call = Caller(link, display)

    async def save_tasks(self, tasks: Sequence[NamedTask], learn_seconds: float) -> None:
        """Save the tasks, and wait while the server learns those that it does not know yet."""
        for task in tasks:
            await self._call(
                "save_task",
                name=task.name,
                task=task.text,
                labels=list(task.labels) or None,
                copy=task.copy,
                ask_below=task.ask_below,
                examples=[{"input": given, "output": out} for given, out in task.examples],
            )
        began, waiting = time.monotonic(), {task.name for task in tasks}
        async for line in when_learned(
            self._link,
            self._display,
            sorted(waiting),
            seconds=learn_seconds,
            poll_seconds=self._poll_seconds,
        ):
            self._learned(line)
            waiting.remove(line["name"])
        self._run.learning_seconds = time.monotonic() - began
        for name in sorted(waiting):
            self._display.event(f"{name} is not learned: it runs as its examples alone shape it")

    def _learned(self, line: dict[str, Any]) -> None:
        name, way, expected = line["name"], line["serving"], line["expected_accuracy"]
        self._run.served[name] = (way, expected)
        self._display.event(f"{name}: served by {way}, expected to be right {expected:.0%}")

    async def begin(self, plan: Plan, folder: str) -> None:
        """Open the session and have the server read the code base."""
        began = time.monotonic()
        opened = await self._call(
            "set_task", name=plan.steps[0].task.name, max_seconds=CALL_SECONDS
        )
        self._run.session = str(opened["session_id"])
        status = await self._call("status")
        self._run.window = int(status["limits"]["window_tokens"])
        stored = await self._call(
            "remember", session_id=self._run.session, paths=[folder], max_seconds=CALL_SECONDS
        )
        self._run.files = int(stored["files"])
        self._run.pieces = int(stored["stored"]) + int(stored["duplicates"])
        for problem in stored["failed"]:
            self._display.event(f"not read: {problem['name']}: {problem['problem']}")
        self._run.reading_seconds = time.monotonic() - began
        self._display.event(
            f"read {self._run.files} files of {len(plan.packages)} packages, "
            f"{self._run.pieces} pieces, in {self._run.reading_seconds:.0f} s"
        )

    async def take(self, step: Step) -> None:
        """Look up the step's code, set its task, ask."""
        self._call.doing = f"step {step.number}, "
        began = time.monotonic()
        found = [await self._recall(query.text, query.sources) for query in step.queries]
        excerpts = [excerpt for result in found for excerpt in result["excerpts"]]
        text, is_found = input_of(step, excerpts)
        await self._call(
            "set_task",
            session_id=self._run.session,
            name=step.task.name,
            max_seconds=CALL_SECONDS,
        )
        result = await self._call(
            "run_step",
            session_id=self._run.session,
            input=text,
            max_tokens=OUTPUT_TOKENS,
            context_tokens=0,
            step_key=step.key,
            max_seconds=CALL_SECONDS,
        )
        seconds = time.monotonic() - began
        row = make_row(step, result, found, is_found=is_found, seconds=seconds)
        self._run.checkpoints += row.checkpoint is not None
        self._run.rows.append(row)
        self._display.finished(row)

    async def finish(self) -> None:
        """Keep the finished job."""
        self._call.doing = ""
        await self._call("checkpoint_memory", session_id=self._run.session, label="code looked up")
        self._run.checkpoints += 1

    async def _recall(self, query: str, sources: Sequence[str]) -> dict[str, Any]:
        return await self._call(
            "recall",
            session_id=self._run.session,
            query=query,
            budget_tokens=RECALL_TOKENS,
            kind="document",
            sources=list(sources) or None,
            max_seconds=CALL_SECONDS,
        )


def input_of(step: Step, excerpts: Sequence[dict[str, Any]]) -> tuple[str, bool]:
    """A step's input from what memory brought, and whether that held what is asked about."""
    if step.kind == "find":
        offered = passages.offered(excerpts)
        found = any(name == step.name for _, name in offered)
        return questions.candidates(step.detail, offered), found
    if step.kind == "summarise":
        text = passages.readme_in(excerpts, step.source)
        return questions.about_package(step.name, text or passages.best(excerpts)), bool(text)
    code = passages.function_in(excerpts, step.source, step.name)
    detail, found = step.detail, code is not None
    if step.kind == "compare":
        before = passages.text_of(excerpts, step.queries[-1].sources[0])
        detail, found = before or "", found and before is not None
    return questions.about_code(step.kind, code or passages.best(excerpts), detail), found


def make_row(
    step: Step,
    result: dict[str, Any],
    found: Sequence[dict[str, Any]],
    *,
    is_found: bool,
    seconds: float,
) -> Row:
    """A row from what the tools returned; `found` are the results of `recall`.

    Raises:
        ExampleError: the server numbers the steps otherwise.
    """
    if result["step"] != step.number:
        raise ExampleError(f"step {step.number} came back as step {result['step']}")
    tokens, output = result["tokens"], str(result["output"])
    sources = {excerpt["source"] for each in found for excerpt in each["excerpts"]}
    return Row(
        step=step.number,
        key=step.key,
        kind=step.kind,
        subject=f"{step.package}.{step.name}" if step.name != step.package else step.package,
        task=step.task.name,
        mode=result["mode"],
        answered_by=result["answered_by"],
        adapter=result["adapter_digest"],
        retrieved_tokens=sum(int(each["tokens"]) for each in found),
        sources=tuple(sorted(sources)),
        found=is_found,
        prompt_tokens=tokens["prefix"] + tokens["prompt"],
        generated_tokens=tokens["generated"],
        saturation=result["saturation"],
        output=output,
        confidence=result["confidence"],
        expected=step.expected,
        correct=questions.is_right(step.kind, output, step.expected),
        review=bool(result["needs_review"]),
        checkpoint=result["checkpoint"]["checkpoint_id"] if result["checkpoint"] else None,
        replayed=result["replayed"],
        seconds=round(seconds, 2),
    )
