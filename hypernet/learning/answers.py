"""Asking a task's inputs under a plan, and whether what comes back is right."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import regex

from hypernet.adapters.plan import within_window
from hypernet.copying import copies, copy_of
from hypernet.engine.interface import (
    EngineClosedError,
    EngineError,
    QueueFullError,
    Request,
    confidence_of,
)
from hypernet.progress import silent
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from hypernet.adapters.plan import Plan
    from hypernet.engine.interface import Engine, Generation, Ticket
    from hypernet.progress import Progress
    from hypernet.task import Example, Task

ROOM = 16
"""Tokens that a held-out answer may be longer than the longest one of the examples."""
PAUSE_S = 0.1
"""Between attempts to get into a full queue."""
WORD = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\w\p{M}]+|[^\w\s]")
MOST_WORDS = 500
"""Of either text that are compared."""


@dataclass(frozen=True)
class Answer:
    """What was answered, how sure the model was, and with labels each one's share."""

    output: str
    confidence: float | None = None
    shares: Mapping[str, float] | None = None
    state_D: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """That in which the model chose, as `Generation` has it."""

    @classmethod
    def of(cls, generation: Generation) -> Answer:
        """What a model call answered."""
        confidence, shares = confidence_of(generation.text, generation.confidence)
        return cls(generation.text, confidence, shares, generation.state_D)

    @classmethod
    def likeliest(cls, shares: Mapping[str, float]) -> Answer:
        """The label of the largest share."""
        best = max(shares, key=lambda label: shares[label])
        return cls(best, shares[best], shares)


@dataclass(frozen=True)
class Form:
    """What the answers of a task look like; its labels are its own. `copy` None: as shown."""

    copy: bool | None = None
    output_schema: Mapping[str, Any] | None = None
    max_tokens: int = 128


def ask(
    engine: Engine,
    plan: Plan,
    task: Task,
    form: Form,
    inputs: Sequence[str],
    progress: Progress = silent,
    *,
    again: bool = False,
) -> list[Answer | None]:
    """Answers to inputs, some at once; None for what does not fit the window.

    Args:
        engine: what runs the model.
        plan: prefix and adapter.
        task: says the labels, and by its examples whether answers are copied.
        form: what answers look like.
        inputs: of one task.
        progress: called before each answer; what it raises cancels the rest.
        again: whether the same inputs are asked in other ways, too.
    """
    plan = within_window(plan, engine)
    longest = max((engine.count(e.output) for e in task.examples), default=form.max_tokens)
    most = min(form.max_tokens, longest + ROOM)
    shown = copies(task) and engine.capabilities.copy and form.output_schema is None
    copied = shown if form.copy is None else form.copy
    waiting: deque[Ticket | None] = deque()
    found: list[Answer | None] = []

    def take() -> None:
        progress(len(found) / len(inputs), f"{len(found)} of {len(inputs)} answered")
        ticket = waiting[0]
        found.append(None if ticket is None else Answer.of(ticket.result()))
        waiting.popleft()

    try:
        for text in inputs:
            # No more than keep the engine busy: steps are to find room in its queue.
            if len(waiting) > engine.limits.rows:
                take()
            request = Request(
                input=text,
                prefix=plan.prefix,
                adapter=plan.adapter,
                max_tokens=most,
                labels=task.labels,
                output_schema=form.output_schema,
                copy=copy_of(text, task) if copied and text.strip() else None,
                session="learning",
                again=again,
            )
            waiting.append(_submitted(engine, request))
        while waiting:
            take()
    finally:
        for ticket in waiting:
            if ticket is not None:
                ticket.cancel()
    return found


def _submitted(engine: Engine, request: Request) -> Ticket | None:
    while True:
        try:
            return engine.submit(request)
        except QueueFullError:  # others' steps go first
            time.sleep(PAUSE_S)
        except EngineClosedError:  # that is not the way's fault
            raise
        except EngineError:
            return None


def right(answer: Answer | None, example: Example) -> bool:
    """Whether an answer is the example's, white space and Unicode form aside.

    JSON objects and lists are the same where their values are: the order of fields says nothing.
    """
    if answer is None:
        return False
    given, wanted = as_read(answer.output), as_read(example.output)
    return given == wanted or (given[:1] in ("{", "[") and _value(given) == _value(wanted))


def likeness(answer: Answer | None, example: Example) -> float:
    """How near an answer comes to the example's, from 0 to 1: the words they share, in their order.

    Twice the words that match over those of both (Ratcliff and Metzener, 1988), upper and lower
    case alike; in scripts without spaces each character is a word.
    """
    if answer is None:
        return 0.0
    given, wanted = (
        WORD.findall(as_read(text).casefold())[:MOST_WORDS]
        for text in (answer.output, example.output)
    )
    return SequenceMatcher(None, given, wanted, autojunk=False).ratio()


def _value(text: str) -> object:
    """The JSON value that a text is, or the text. No number equals `true` or a text."""

    def number(digits: str) -> tuple[Decimal]:
        return (Decimal(digits),)

    try:
        return json.loads(text, parse_int=number, parse_float=number)
    except (ValueError, ArithmeticError, RecursionError):
        return text
