"""Jobs over code: those of `examples/coderag`, a seed each, read and searched by the server."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bench.agents.looking import looking_up
from bench.agents.steps import Chunk, Job, Named, Step
from examples.coderag.__main__ import write_code
from examples.coderag.agent import OUTPUT_TOKENS, RECALL_TOKENS, input_of
from examples.coderag.plan import make_plan
from examples.coderag.tasks import make_tasks

if TYPE_CHECKING:
    from bench.agents.arms import Quiet
    from examples.agent.caller import Caller
    from examples.coderag.plan import Step as CodeStep

READING_SECONDS = 900
JOBS_A_SEED = 1_000


def tasks() -> list[Named]:
    """The agent's named tasks with their examples."""
    return [
        Named(each.name, each.text, each.labels, each.copy, each.ask_below, each.examples)
        for each in make_tasks().values()
    ]


async def job(seed: int, number: int, display: Quiet) -> Job:
    """A job, with what the server's searches brought of its code base.

    Raises:
        ExampleError: too few packages are installed, or a tool refused.
    """
    plan = make_plan(JOBS_A_SEED * seed + number, make_tasks())
    named = {each.name: each for each in tasks()}
    async with looking_up(display, partial(write_code, plan)) as (call, session):
        await call("remember", session_id=session, paths=["."], max_seconds=READING_SECONDS)
        steps = [await _step(call, session, step, named) for step in plan.steps]
    return Job("code", seed, number, tuple(steps))


async def _step(call: Caller, session: str, step: CodeStep, named: dict[str, Named]) -> Step:
    found: list[dict[str, Any]] = [
        await call(
            "recall",
            session_id=session,
            query=query.text,
            budget_tokens=RECALL_TOKENS,
            kind="document",
            sources=list(query.sources) or None,
        )
        for query in step.queries
    ]
    text, _ = input_of(step, [excerpt for result in found for excerpt in result["excerpts"]])
    return Step(
        kind=step.kind,
        subject=f"{step.package}.{step.name}",
        named=named[step.task.name],
        input=text,
        chunks=tuple(chunk for result in found for chunk in chunks_of(result)),
        expected=step.expected,
        max_tokens=OUTPUT_TOKENS,
    )


def chunks_of(result: dict[str, Any]) -> list[Chunk]:
    """The excerpts of a search, with tokens by their share of all characters."""
    texts = [f"[{each['source']}]\n{each['text']}\n\n" for each in result["excerpts"]]
    chars = sum(map(len, texts))
    return [Chunk(text, round(result["tokens"] * len(text) / chars)) for text in texts]
