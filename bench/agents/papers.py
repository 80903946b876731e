"""Jobs over documents: a dozen bills each, one question about each, as `examples/docparse` asks.

Documents, questions and right answers are that agent's. Saved by name, its tasks have examples of a
few other bills, as a person would label them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.agents.code import chunks_of
from bench.agents.looking import looking_up
from bench.agents.steps import Job, Named, Step
from examples.docparse import tasks
from examples.docparse.agent import ASK_BELOW, CONTEXT, DOCUMENT_TOKENS
from examples.docparse.candidates import candidates_of, outline_of
from examples.docparse.decisions import Answer, Decided
from examples.docparse.papers.files import write_papers
from examples.docparse.papers.making import make_papers
from examples.docparse.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.agents.arms import Quiet
    from examples.docparse.papers.making import Paper
    from examples.docparse.tasks import TaskSpec

ASKED = (
    tasks.KIND, tasks.AMOUNTS, tasks.DATES, tasks.SELLERS, tasks.ITEM, tasks.AMOUNTS,
    tasks.KIND, tasks.COMPANY, tasks.AMOUNTS, tasks.DATES, tasks.SELLERS, tasks.ITEM,
)  # fmt: skip
"""The tasks of a job's dozen questions. That of references is left out: nearly all are numbers."""
LABELLED, LABELLED_SEED = 24, 0
"""Bills that the named tasks' examples are from; the jobs' seeds are others."""
EXAMPLES = 16
POST = "post"
"""The folder of a job's bills."""
JOBS_A_SEED = 1_000


@dataclass(frozen=True)
class Question:
    """One question about a bill, with its answer."""

    task: TaskSpec
    input: str
    answer: str


async def named_tasks(display: Quiet) -> list[Named]:
    """The agent's tasks, each with up to 16 examples, the answers about equally often.

    Raises:
        ExampleError: a tool refused.
    """
    papers = make_papers(LABELLED, LABELLED_SEED)
    rng = random.Random(LABELLED_SEED)  # noqa: S311  # sampling, not secrets
    found: dict[str, dict[str, list[Question]]] = defaultdict(lambda: defaultdict(list))
    for paper, result in zip(papers, await _read(papers, display), strict=True):
        for each in _questions(paper, _text(result)):
            found[each.task.name][each.answer if each.task.labels else ""].append(each)
    return [
        replace(_named(task), examples=tuple(_in_turn(found[task.name], rng)))
        for task in dict.fromkeys(ASKED)
    ]


async def job(seed: int, number: int, display: Quiet) -> Job:
    """A job, with each bill's text as the server's search brings it.

    Raises:
        ExampleError: a tool refused.
    """
    own = JOBS_A_SEED * seed + number
    rng = random.Random(own)  # noqa: S311  # sampling, not secrets
    papers, steps = make_papers(len(ASKED), own), []
    for paper, result, task in zip(papers, await _read(papers, display), ASKED, strict=True):
        every = list(_questions(paper, _text(result)))
        # A misread bill may have nothing to ask of a task; what it is can always be asked.
        mine = [each for each in every if each.task == task] or every[:1]
        answer = rng.choice(sorted({each.answer for each in mine}))
        asked = rng.choice([each for each in mine if each.answer == answer])
        steps.append(
            Step(
                kind=asked.task.name.removeprefix("docparse "),
                subject=paper.name,
                named=_named(asked.task),
                input=asked.input,
                chunks=tuple(chunks_of(result)),
                expected=asked.answer,
                max_tokens=task.max_tokens,
            )
        )
    return Job("papers", seed, number, tuple(steps))


async def _read(papers: Sequence[Paper], display: Quiet) -> list[dict[str, Any]]:
    """What the server's readers and its search make of each bill."""

    def write(folder: Path) -> Path:
        post = folder / POST
        post.mkdir()
        write_papers(list(papers), post)
        return post

    async with looking_up(display, write) as (call, session):
        await call("remember", session_id=session, paths=["."])
        return [
            await call(
                "recall",
                session_id=session,
                query=CONTEXT,
                sources=[f"{POST}/{paper.name}"],
                kind="document",
                budget_tokens=DOCUMENT_TOKENS,
            )
            for paper in papers
        ]


def _text(result: dict[str, Any]) -> str:
    return "\n".join(str(excerpt["text"]) for excerpt in result["excerpts"])


def _questions(paper: Paper, text: str) -> Iterator[Question]:
    """All that the agent's tasks can be asked about a bill, its kind first."""
    person, nothing = Person(paper), Answer(0, "")

    def answered(task: TaskSpec, asked: str, candidate: Any = None) -> Iterator[Question]:
        right = person.right_answer(Decided(task, asked, nothing, candidate))
        if right is not None:
            yield Question(task, asked, right)

    yield from answered(tasks.KIND, outline_of(text))
    for each in candidates_of(text):
        for question in answered(each.task, each.input, each):
            yield question
            if question.answer == "seller":
                yield from answered(tasks.COMPANY, each.line.strip())
            elif question.answer == "line":
                yield from answered(tasks.ITEM, each.line.strip())


def _in_turn(by_answer: dict[str, list[Question]], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Examples of each answer in turn, until there are enough or no more."""
    left = {answer: rng.sample(found, len(found)) for answer, found in sorted(by_answer.items())}
    for taken in range(EXAMPLES):
        there = [answer for answer, found in left.items() if found]
        if not there:
            return
        each = left[there[taken % len(there)]].pop()
        yield each.input, each.answer


def _named(task: TaskSpec) -> Named:
    return Named(task.name, task.text, task.labels, None if task.labels else True, ASK_BELOW)
