"""The agent's run: save the tasks, take the steps, lose the server, go on where it stopped.

Knows the server by its tools alone, and nothing of terminals.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from examples.agent.caller import Caller
from examples.agent.errors import ExampleError
from examples.agent.learning import POLL_SECONDS, when_learned
from examples.agent.server import connect

if TYPE_CHECKING:
    from examples.agent.caller import TableDisplay
    from examples.agent.server import Launch, Link
    from examples.competitive_intel.plan import Plan, Step
    from examples.competitive_intel.tasks import TaskSpec

KILL_AFTER = 7
TASK_SECONDS = 300
"""Training on a task's examples takes seconds, and longer where much else runs."""


@dataclass(frozen=True)
class Row:
    """One answered step."""

    step: int
    key: str
    kind: str
    subject: str
    task: str
    named: str | None
    """What the task is saved as, where it is."""
    mode: str
    fit: str | None
    answered_by: str
    """The model, a classifier beside it, or both: what the server measured to serve best."""
    adapter: str | None
    adapter_cached: bool | None
    """None when no adapter was asked for: a replayed step, or a base without hypernetwork."""
    adapter_ms: float
    prefix_tokens: int
    prefix_reused: int
    prompt_tokens: int
    retrieved_tokens: int
    generated_tokens: int
    model_ms: float
    saturation: float
    output: str
    confidence: float | None
    """With labels: the share of the one that was chosen."""
    expected: str | None
    correct: bool | None
    """Whether the package's metadata confirms the answer; None where it says nothing."""
    checkpoint: str | None
    sources: tuple[str, ...]
    replayed: bool


@dataclass
class Run:
    """What the run has brought so far."""

    session: str = ""
    remembered: int = 0
    resumed_at: int | None = None
    rows: list[Row] = field(default_factory=list)
    checkpoints: dict[str, int] = field(default_factory=dict)
    """After how many steps each one was taken."""
    learned: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """What the server measured of each named task; None: it had not learned it in time."""
    learning_seconds: float = 0.0
    """Of waiting for it."""


async def run_agent(
    plan: Plan, launch: Launch, learn_seconds: float, display: TableDisplay[Row]
) -> Run:
    """The whole job, over two lives of the server.

    Args:
        plan: the steps, and what is remembered first.
        launch: how to start the server.
        learn_seconds: the longest to wait, in all, until named tasks are learned.
        display: who shows the run.

    Raises:
        ExampleError: a tool refused, or the second life does not continue the first.
    """
    run = Run()
    async with connect(launch) as link:
        agent = Agent(link, display, run, learn_seconds)
        await agent.begin(plan)
        for step in plan.steps[:KILL_AFTER]:
            await agent.take(step)
        pid = await link.kill()
        display.event(f"killed the server (process {pid}) after step {KILL_AFTER}")
    display.status("starting the server again")
    async with connect(launch) as link:
        agent = Agent(link, display, run, learn_seconds)
        resume = await agent.find_checkpoint()
        for step in plan.steps[resume:KILL_AFTER]:
            await agent.repeat(step)
        for step in plan.steps[KILL_AFTER:]:
            await agent.take(step)
        await agent.finish()
    return run


class Agent:
    """The agent during one life of the server."""

    def __init__(
        self,
        link: Link,
        display: TableDisplay[Row],
        run: Run,
        learn_seconds: float,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._link, self._display, self._run = link, display, run
        self._learn_seconds, self._poll_seconds = learn_seconds, poll_seconds
        self._current: tuple[TaskSpec, dict[str, Any]] | None = None
        self._call = Caller(link, display)

    async def begin(self, plan: Plan) -> None:
        """Save the named tasks, open the session with the first step's, hand it the documents.

        The server learns what was saved in this order, in the background. Each task is waited for
        when a step first needs it.
        """
        for task in plan.named:
            await self._call(
                "save_task",
                name=task.name,
                task=task.text,
                labels=list(task.labels) or None,
                examples=task.as_sent,
            )
        self._display.event(
            f"saved {len(plan.named)} tasks by name: the server learns in the background, and a "
            "step waits for its own"
        )
        opened = await self._set_task(plan.steps[0].task)
        self._run.session = str(opened["session_id"])
        for document in plan.documents:
            stored = await self._call(
                "remember",
                session_id=self._run.session,
                documents=[document.text],
                source=document.source,
            )
            self._run.remembered += int(stored["stored"])

    async def take(self, step: Step) -> None:
        """Set the step's task, which writes its adapter, and run the step."""
        self._call.doing = f"step {step.number}, "
        task = await self._set_task(step.task)
        self._add(make_row(step, task, await self._run_step(step)))

    async def repeat(self, step: Step) -> None:
        """Send a step again that the server acknowledged before it died.

        Its key makes the server give the recorded answer: nothing runs twice, and nothing that
        was answered is lost.
        """
        self._call.doing = f"step {step.number} again, "
        row = make_row(step, None, await self._run_step(step))
        before = next(r for r in self._run.rows if r.step == step.number)
        if not row.replayed:
            raise ExampleError(f"step {step.number} was answered before the kill and ran again")
        if row.output != before.output:
            raise ExampleError(
                f"step {step.number} is not what it was: {before.output} {row.output}"
            )
        self._add(row)

    async def find_checkpoint(self) -> int:
        """The step of the session's last checkpoint; 0 when there was none yet."""
        answer = await self._call("status", session_id=self._run.session)
        (session,) = answer["sessions"]
        if session["steps"] != KILL_AFTER:
            raise ExampleError(
                f"{KILL_AFTER} steps were answered, {session['steps']} survived the kill"
            )
        last = session["last_checkpoint"]
        if last is not None and last not in self._run.checkpoints:
            raise ExampleError(f"the session's last checkpoint, {last}, was never announced")
        step = self._run.checkpoints.get(last, 0)
        self._display.event(
            f"started it again: {KILL_AFTER} steps are there, the last checkpoint after step {step}"
        )
        return step

    async def finish(self) -> None:
        """Keep the finished job."""
        self._call.doing = ""
        final = await self._call(
            "checkpoint_memory", session_id=self._run.session, label="report done"
        )
        self._run.checkpoints[str(final["checkpoint_id"])] = int(final["step"])

    async def _set_task(self, task: TaskSpec) -> dict[str, Any]:
        """Set the task unless it is set already; the first one opens the session."""
        if self._current is None or self._current[0] != task:
            if task.name is not None and task.name not in self._run.learned:
                await self._wait_for(task.name)
            result = await self._call(
                "set_task",
                session_id=self._run.session or None,
                max_seconds=TASK_SECONDS,
                **described(task),
            )
            if task.name is not None and task.name not in self._run.learned:
                self._run.learned[task.name] = result["quality"]
                self._display.event(measured(task.name, result["quality"]))
            self._current = (task, result)
        return self._current[1]

    async def _wait_for(self, name: str) -> None:
        """Until the server has learned a task, or does not learn it."""
        began = time.monotonic()
        learned = when_learned(
            self._link,
            self._display,
            [name],
            doing=f"{self._call.doing}learning ",
            seconds=self._learn_seconds - self._run.learning_seconds,
            poll_seconds=self._poll_seconds,
        )
        async for _ in learned:
            pass
        self._run.learning_seconds += time.monotonic() - began

    async def _run_step(self, step: Step) -> dict[str, Any]:
        return await self._call(
            "run_step",
            session_id=self._run.session,
            input=step.input,
            labels=list(step.labels) or None,
            max_tokens=step.max_tokens,
            context_tokens=step.context_tokens,
            step_key=step.key,
        )

    def _add(self, row: Row) -> None:
        self._run.rows.append(row)
        if row.checkpoint is not None:
            self._run.checkpoints[row.checkpoint] = row.step
        if not row.replayed and self._run.resumed_at is None and row.step > KILL_AFTER:
            self._run.resumed_at = row.step
        self._display.finished(row)


def described(task: TaskSpec) -> dict[str, Any]:
    """The arguments of `set_task` that say which task it is."""
    if task.name is not None:
        return {"name": task.name}
    return {
        "task": task.text,
        "labels": list(task.labels) or None,
        "examples": task.as_sent or None,
    }


def measured(name: str, quality: dict[str, Any] | None) -> str:
    """What was measured of a named task, in a line."""
    if quality is None:
        return f"{name} is not learned: it runs as its examples alone shape it"
    ways = sorted(quality["ways"], key=lambda way: int(way["right"]))
    asked = max(int(way["asked"]) for way in ways)
    figures = ", ".join(f"{way['way']} {way['right']}" for way in ways)
    return (
        f"learned {name}: right of {asked} examples that were held out: {figures}; "
        f"{quality['serving']} serves"
    )


def make_row(step: Step, task: dict[str, Any] | None, result: dict[str, Any]) -> Row:
    """A row from what the two tools returned; no task result for a repeated step.

    Raises:
        ExampleError: the server numbers the steps otherwise.
    """
    if result["step"] != step.number:
        raise ExampleError(f"step {step.number} came back as step {result['step']}")
    adapter = task["adapter"] if task else None
    tokens, timings, output = result["tokens"], result["timings"], str(result["output"])
    return Row(
        step=step.number,
        key=step.key,
        kind=step.kind,
        subject=step.subject,
        task=step.task.text,
        named=step.task.name,
        mode=result["mode"],
        fit=result["fit"],
        answered_by=result["answered_by"],
        adapter=result["adapter_digest"],
        adapter_cached=adapter["cached"] if adapter else None,
        adapter_ms=adapter["generation_ms"] if adapter else 0.0,
        prefix_tokens=tokens["prefix"],
        prefix_reused=tokens["prefix_reused"],
        prompt_tokens=tokens["prompt"],
        retrieved_tokens=tokens["retrieved"],
        generated_tokens=tokens["generated"],
        model_ms=round(timings["prefill_ms"] + timings["decode_ms"], 2),
        saturation=result["saturation"],
        output=output,
        confidence=result["confidence"] if result["shares"] else None,
        expected=step.expected,
        correct=None if step.expected is None else agrees(output, step.expected),
        checkpoint=result["checkpoint"]["checkpoint_id"] if result["checkpoint"] else None,
        sources=tuple(sorted({excerpt["source"] for excerpt in result["retrieved"]})),
        replayed=result["replayed"],
    )


def agrees(output: str, expected: str) -> bool:
    """Whether an answer names the expected one and no longer word or number around it."""
    return re.search(rf"(?<![\w.]){re.escape(expected)}(?!\w|\.\d)", output) is not None
