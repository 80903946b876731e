"""The agent's run: read each document by small steps, hand it to a person, let the tasks learn.

Knows the server by its tools alone, and nothing of terminals.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import anyio

from examples.agent.caller import Caller
from examples.agent.errors import ExampleError
from examples.agent.server import connect
from examples.docparse import tasks
from examples.docparse.base import BaseProbe, probe_base
from examples.docparse.candidates import candidates_of, outline_of
from examples.docparse.decisions import Answer, Decided, Decisions
from examples.docparse.person import Person
from examples.docparse.record import check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from examples.agent.caller import TableDisplay
    from examples.agent.server import Launch, Link
    from examples.docparse.candidates import Candidate
    from examples.docparse.papers.making import Paper
    from examples.docparse.tasks import TaskSpec

ASK_BELOW = 0.5
POST = 25
"""Documents that come in at once."""
TRAY = 5
"""Documents that are read before a person looks through them: a task at a time, so that its weights
are fetched once for all of them."""
PAUSES = (10, 25, 50)
"""After so many documents the agent waits until what was corrected is learned; before the first one
it waits for what the tasks begin with."""
CALL_SECONDS = 900
LEARNING_SECONDS = 3600.0
LOOK_SECONDS = 0.5
CONTEXT = "EUR GBP USD CHF SEK total tax"
"""What every bill has a word of: `recall` gives the whole of a short document for it."""
DOCUMENT_TOKENS = 2000


@dataclass(frozen=True)
class Document:
    """A document that is being read."""

    number: int
    paper: Paper
    text: str
    made: Decisions = field(default_factory=Decisions)

    @property
    def outline(self) -> str:
        """What its kind is told by: its words, without what changes from bill to bill."""
        return outline_of(self.text)


@dataclass(frozen=True)
class Row:
    """One document that was read."""

    number: int
    name: str
    form: str
    kind: str
    layout: str
    record: dict[str, Any]
    wrong: tuple[str, ...]
    """Fields that were not as the document has them."""
    asked: tuple[str, ...]
    """Fields that the agent was not sure of."""
    misfits: tuple[str, ...]
    sums: tuple[str, ...]
    sound: bool
    """Whether the document's own sums add up."""
    steps: int
    corrections: int
    confirmations: int
    answered_by: dict[str, int]
    seconds: float = 0.0
    """Its share of the time that its tray took."""

    @property
    def flagged(self) -> bool:
        """Whether the program's own checks ask for a person."""
        return bool(self.misfits or self.sums)

    @property
    def interventions(self) -> int:
        """Fields that were wrong or asked about, and one more for a flag beside none of them."""
        fields = {*self.wrong, *self.asked}
        return len(fields) or int(self.flagged)


@dataclass(frozen=True)
class Wait:
    """A wait for learning."""

    after: int
    seconds: float


@dataclass
class Run:
    """What the run has brought so far."""

    session: str = ""
    rows: list[Row] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How each task is served at the end, as the server measured it."""
    before: BaseProbe | None = None
    after: BaseProbe | None = None
    seconds: float = 0.0


async def run_agent(
    papers: Sequence[Paper], folder: Path, launch: Launch, display: TableDisplay[Run], run: Run
) -> None:
    """Read all documents in a folder that the server may read.

    What comes of it is put into `run` as it comes, so that who is interrupted has it.

    Raises:
        ExampleError: a tool refused, a document could not be read, or learning never ends.
    """
    began = time.monotonic()
    async with connect(launch) as link:
        agent = Agent(link, display, run)
        await agent.begin()
        await agent.wait(0)
        for start in range(0, len(papers), POST):
            post = papers[start : start + POST]
            await agent.remember([folder / paper.name for paper in post])
            for at in range(0, len(post), TRAY):
                await agent.read(start + at + 1, post[at : at + TRAY], folder.name)
                run.seconds = time.monotonic() - began
                display.finished(run)
                if len(run.rows) in PAUSES and len(run.rows) < len(papers):
                    await agent.wait(len(run.rows))
        await agent.finish()


def examples_of(task: TaskSpec) -> list[dict[str, str]] | None:
    """A task's first examples as `save_task` takes them."""
    return [{"input": given, "output": output} for given, output in task.examples] or None


class Agent:
    """The agent in one session."""

    def __init__(self, link: Link, display: TableDisplay[Run], run: Run) -> None:
        self._display, self._run = display, run
        self._call = Caller(link, display)

    async def begin(self) -> None:
        """Save the tasks, measure the base, open the session.

        Tasks that are there from an earlier run keep the examples that they have.
        """
        there = {task["name"] for task in (await self._call("status"))["tasks"]}
        for task in tasks.TASKS:
            await self._call(
                "save_task",
                name=task.name,
                task=task.text,
                labels=list(task.labels) or None,
                copy=None if task.labels else True,
                examples=None if task.name in there else examples_of(task),
                ask_below=ASK_BELOW,
            )
        self._run.before = await probe_base(self._call)
        opened = await self._call("set_task", name=tasks.KIND.name)
        self._run.session = str(opened["session_id"])

    async def remember(self, files: Sequence[Path]) -> None:
        """Have the server's readers read the files."""
        stored = await self._call(
            "remember", session_id=self._run.session, paths=[str(file) for file in files]
        )
        if stored["failed"]:
            first = stored["failed"][0]
            raise ExampleError(f"{first['name']} was not read: {first['problem']}")

    async def read(self, first: int, papers: Sequence[Paper], folder: str) -> None:
        """Read some documents, check them, and hand them to the person."""
        last = first + len(papers) - 1
        began, self._call.doing = time.monotonic(), f"documents {first} to {last}, "
        tray = [
            Document(number, paper, await self._text(f"{folder}/{paper.name}"))
            for number, paper in enumerate(papers, first)
        ]
        await self._decide(tray)
        rows = [await self._look_over(document) for document in tray]
        seconds = (time.monotonic() - began) / len(rows)
        self._run.rows += [replace(row, seconds=seconds) for row in rows]

    async def _look_over(self, document: Document) -> Row:
        """What the person does with a document that was read."""
        made, paper, person = document.made, document.paper, Person(document.paper)
        checked = check(made.record())
        wrong, asked = person.wrong(checked.record), made.unsure()
        corrected = confirmed = 0
        # Whoever opens a document to put a field right looks through the rest of it as well.
        if wrong or asked or checked.sums or checked.misfits:
            corrected, confirmed = await self._correct(made, person)
        by = [each.answer.by for each in made.made]
        return Row(
            document.number,
            paper.name,
            paper.layout.form,
            paper.layout.kind,
            paper.layout.name,
            checked.record,
            tuple(sorted(wrong)),
            tuple(sorted(asked)),
            checked.misfits,
            checked.sums,
            paper.sound,
            len(made.made),
            corrected,
            confirmed,
            {each: by.count(each) for each in sorted(set(by))},
        )

    async def wait(self, after: int) -> None:
        """Until the corrections so far are learned.

        Raises:
            ExampleError: it takes too long.
        """
        began, quiet, self._call.doing = time.monotonic(), 0, f"after document {after}, "
        while quiet < 2:
            told = await self._call("status")
            quiet = 0 if told["learning"] else quiet + 1
            self._display.status(f"learning: {told['learning'] or 'done'}")
            if time.monotonic() - began > LEARNING_SECONDS:
                raise ExampleError(f"learning has not ended in {LEARNING_SECONDS:g} s")
            await anyio.sleep(LOOK_SECONDS)
        wait = Wait(after, time.monotonic() - began)
        self._run.waits.append(wait)
        self._display.event(f"waited {wait.seconds:.0f} s for learning after document {after}")

    async def finish(self) -> None:
        """Measure the base again, and note how each task is served."""
        self._call.doing = ""
        self._run.after = await probe_base(self._call)
        for task in tasks.TASKS:
            told = await self._call("set_task", name=task.name, session_id=self._run.session)
            quality = told["quality"] or {}
            self._run.tasks[task.name] = {
                "examples": told["examples"],
                "serving": quality.get("serving"),
                "expected_accuracy": quality.get("expected_accuracy"),
                "ways": quality.get("ways", []),
            }

    async def _text(self, source: str) -> str:
        found = await self._call(
            "recall",
            session_id=self._run.session,
            query=CONTEXT,
            sources=[source],
            kind="document",
            budget_tokens=DOCUMENT_TOKENS,
        )
        if not found["excerpts"]:
            raise ExampleError(f"{source} has no text that speaks of money")
        return "\n".join(str(excerpt["text"]) for excerpt in found["excerpts"])

    async def _decide(self, tray: Sequence[Document]) -> None:
        """All steps about some documents: a task at a time, each under weights of its own."""
        await self._ask(tasks.KIND, [(each, each.outline, None) for each in tray])
        candidates = [(each, found) for each in tray for found in candidates_of(each.text)]
        for task in (tasks.AMOUNTS, tasks.DATES, tasks.REFERENCES, tasks.SELLERS):
            mine = [(each, found) for each, found in candidates if found.task == task]
            await self._ask(task, [(each, found.input, found) for each, found in mine])
        for each in tray:
            each.made.read_amounts()
        for task in (tasks.COMPANY, tasks.ITEM):
            await self._ask(
                task,
                [
                    (each, found.line.strip(), found)
                    for each in tray
                    for found in each.made.to_copy_from(task)
                ],
            )

    async def _ask(
        self, task: TaskSpec, asked: Sequence[tuple[Document, str, Candidate | None]]
    ) -> None:
        if not asked:
            return
        session = self._run.session
        await self._call("set_task", session_id=session, name=task.name, max_seconds=CALL_SECONDS)
        for document, text, candidate in asked:
            made = document.made.made
            found = await self._call(
                "run_step",
                session_id=session,
                input=text,
                max_tokens=task.max_tokens,
                context_tokens=0,
                copy=None if task.labels else True,
                step_key=f"document {document.number}, step {len(made) + 1}",
                max_seconds=CALL_SECONDS,
            )
            output = str(found["output"]).strip()
            # What was corrected for the very same input is certain, and has no shares.
            certain = {output: 1.0} if task.labels else {}
            answer = Answer(
                int(found["step"]),
                output,
                found["shares"] or certain,
                bool(found["needs_review"]),
                str(found["answered_by"]),
            )
            made.append(Decided(task, text, answer, candidate))

    async def _correct(self, made: Decisions, person: Person) -> tuple[int, int]:
        """Correct each wrong step and confirm each right one; how many of both."""
        corrected = confirmed = 0
        for each in made.made:
            right = person.right_answer(each)
            if right is None:
                continue
            changed = right != each.answer.output
            await self._call(
                "correct_step",
                session_id=self._run.session,
                step=each.answer.step,
                output=right if changed else None,
            )
            corrected, confirmed = corrected + changed, confirmed + (not changed)
        return corrected, confirmed
