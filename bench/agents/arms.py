"""The ways to serve a job's steps, and one job under one of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

import anyio

from bench.agents.steps import Chunk, latest
from examples.agent.errors import ExampleError
from examples.coderag import questions
from examples.competitive_intel.agent import agrees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.agents.steps import Job, Named, Step
    from examples.agent.caller import Caller

Arm = Literal["everything", "routing", "shown", "text", "named", "learning"]
ARMS: tuple[Arm, ...] = ("everything", "routing", "shown", "text", "named", "learning")
CALL_SECONDS = 900
LEARN_SECONDS = 1_800
POLL_SECONDS = 2.0
IDLE_POLLS = 5
LEARN_AFTER = (2, 5, 10)
"""Jobs after which the learning arm waits for what its corrections bring."""
MARGIN = 64
"""Tokens left free where the prompt is filled up: counts of parts are not the whole's."""


class Quiet:
    """Who shows nothing."""

    def status(self, text: str) -> None:
        """What is waited for."""

    def event(self, text: str) -> None:
        """Something happened."""


class Arms:
    """One server, on which each arm runs each job in a session of its own."""

    def __init__(self, call: Caller, window: int) -> None:
        """`window` is the model's, in tokens."""
        self._call, self._window = call, window

    async def save_named(self, tasks: Sequence[Named]) -> None:
        """Save the agent's tasks with their examples, and wait until they are learned."""
        for task in tasks:
            await self._save(task.name, task, task.examples)
        await self._learned([task.name for task in tasks])

    async def run(self, arm: Arm, job: Job) -> list[dict[str, Any]]:
        """A job's steps under an arm; a row for each.

        Raises:
            ExampleError: a tool refused.
        """
        opened = await self._call("set_task", task="A job begins.", mode="prompted")
        session, chunks, rows = str(opened["session_id"]), list[Chunk](), list[dict[str, Any]]()
        for position, step in enumerate(job.steps, 1):
            chunks.extend(step.chunks)
            began = time.monotonic()
            await self._set_task(arm, session, step)
            result = await self._ask(arm, session, step, chunks)
            row = _row(arm, job, position, step, result, time.monotonic() - began)
            if arm == "learning" and row["intervention"]:
                await self._call(
                    "correct_step", session_id=session, step=result["step"], output=step.expected
                )
            rows.append(row)
        if arm == "learning" and job.number + 1 in LEARN_AFTER:
            await self._learned(sorted({_learning(step.named) for step in job.steps}))
        return rows

    async def _set_task(self, arm: Arm, session: str, step: Step) -> None:
        task = step.named
        if arm == "learning":
            await self._save(_learning(task), task, None)
        if arm in ("named", "learning"):
            name = task.name if arm == "named" else _learning(task)
            await self._call("set_task", session_id=session, name=name, max_seconds=CALL_SECONDS)
            return
        await self._call(
            "set_task",
            session_id=session,
            task=task.text,
            labels=list(task.labels) or None,
            examples=_as_sent(task.examples) if arm == "shown" else None,
            refine=False if arm == "shown" else None,
            mode="auto" if arm == "text" else "prompted",
            max_seconds=CALL_SECONDS,
        )

    async def _ask(
        self, arm: Arm, session: str, step: Step, chunks: Sequence[Chunk]
    ) -> dict[str, Any]:
        """Run the step; under `everything` after all excerpts that the window holds."""
        asked = {
            "session_id": session,
            "labels": list(step.labels) or None,
            "max_tokens": step.max_tokens,
            "context_tokens": 0,
            "copy": step.named.copy if arm == "text" else None,
            "ask_below": step.named.ask_below if arm == "text" else None,
            "max_seconds": CALL_SECONDS,
        }
        if arm != "everything":
            return await self._call("run_step", input=step.input, **asked)
        room = self._window - step.max_tokens - MARGIN
        while True:
            before = "".join(chunk.text for chunk in latest(chunks, room))
            try:
                return await self._call("run_step", input=f"{before}{step.input}", **asked)
            except ExampleError as error:
                if "window" not in str(error) or room <= 0:
                    raise
                room -= self._window // 16

    async def _save(
        self, name: str, task: Named, examples: Sequence[tuple[str, str]] | None
    ) -> None:
        await self._call(
            "save_task",
            name=name,
            task=task.text,
            labels=list(task.labels) or None,
            copy=task.copy,
            ask_below=task.ask_below,
            examples=None if examples is None else _as_sent(examples),
        )

    async def _learned(self, names: Sequence[str]) -> None:
        """Wait until nothing is being learned any more."""
        began, idle = time.monotonic(), 0
        while idle < IDLE_POLLS and time.monotonic() - began < LEARN_SECONDS:
            status = await self._call("status")
            ready = status["model"] == "ready"
            idle = idle + 1 if ready and status["learning"] is None else 0
            await anyio.sleep(POLL_SECONDS)


def is_right(step: Step, output: str, agent: str) -> bool:
    """Whether an answer is the expected one, by the agent's own measure."""
    if agent == "code":
        return questions.is_right(step.kind, output, step.expected)  # type: ignore[arg-type]  # kept as text
    if agent == "papers":
        return output.strip() == step.expected
    return agrees(output, step.expected)


def _as_sent(examples: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"input": given, "output": output} for given, output in examples]


def _learning(task: Named) -> str:
    return f"learning-{task.name}"


def _row(
    arm: Arm, job: Job, position: int, step: Step, result: dict[str, Any], seconds: float
) -> dict[str, Any]:
    tokens, right = result["tokens"], is_right(step, str(result["output"]), job.agent)
    return {
        "arm": arm,
        "agent": job.agent,
        "seed": job.seed,
        "job": job.number,
        "position": position,
        "kind": step.kind,
        "subject": step.subject,
        "output": result["output"],
        "expected": step.expected,
        "right": right,
        "asked": result["needs_review"],
        "intervention": bool(not right or result["needs_review"]),
        "answered_by": result["answered_by"],
        "mode": result["mode"],
        "prompt_tokens": tokens["prefix"] + tokens["prompt"],
        "saturation": result["saturation"],
        "seconds": round(seconds, 3),
    }
