"""Asking a task's inputs under a plan, and whether what comes back is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypernet.copying import copies, copy_of
from hypernet.engine.interface import EngineError, Request, confidence_of
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypernet.adapters.plan import Plan
    from hypernet.engine.interface import Engine, Generation, Ticket
    from hypernet.task import Example, Task

ROOM = 16
"""Tokens that a held-out answer may be longer than the longest one of the examples."""


@dataclass(frozen=True)
class Answer:
    """What was answered, how sure the model was, and with labels each one's share."""

    output: str
    confidence: float | None = None
    shares: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Form:
    """What the answers of a task look like; its labels are its own. `copy` None: as shown."""

    copy: bool | None = None
    output_schema: Mapping[str, Any] | None = None
    max_tokens: int = 128


def ask(
    engine: Engine, plan: Plan, task: Task, form: Form, inputs: Sequence[str]
) -> list[Answer | None]:
    """Answers to inputs, all at once; None for what does not fit the window.

    Args:
        engine: what runs the model.
        plan: prefix and adapter.
        task: says the labels, and by its examples whether answers are copied.
        form: what answers look like.
        inputs: of one task.
    """
    longest = max((engine.count(e.output) for e in task.examples), default=form.max_tokens)
    most = min(form.max_tokens, longest + ROOM)
    shown = copies(task) and engine.capabilities.copy and form.output_schema is None
    copied = shown if form.copy is None else form.copy
    tickets: list[Ticket | None] = []
    for text in inputs:
        request = Request(
            input=text,
            prefix=plan.prefix,
            adapter=plan.adapter,
            max_tokens=most,
            labels=task.labels,
            output_schema=form.output_schema,
            copy=copy_of(text, task) if copied and text.strip() else None,
            session="learning",
        )
        try:
            tickets.append(engine.submit(request))
        except EngineError:
            tickets.append(None)
    return [None if ticket is None else _answer(ticket.result()) for ticket in tickets]


def right(answer: Answer | None, example: Example) -> bool:
    """Whether an answer is the example's, white space and Unicode form aside."""
    return answer is not None and as_read(answer.output) == as_read(example.output)


def _answer(generation: Generation) -> Answer:
    confidence, shares = confidence_of(generation.text, generation.confidence)
    return Answer(generation.text, confidence, shares)
