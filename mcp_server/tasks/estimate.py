"""About how long learning a task will take, by trying a little of each of its parts."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypernet.adapters.plan import refine_ahead
from hypernet.learning.answers import ask
from hypernet.learning.folds import folds
from hypernet.learning.learn import remembering
from hypernet.learning.ways import MODEL_WAYS, plan_way
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.adapters.plan import Mode
    from hypernet.learning.answers import Form
    from hypernet.runtime import Runtime
    from hypernet.task import Task

ASKED = 8
"""Held-out examples that are tried."""
STEPS = 2
"""Training steps that are tried: the first one prepares what all use."""


@dataclass(frozen=True)
class Estimate:
    """What learning comes to: turns of holding out, questions in all, about how many seconds."""

    turns: int
    questions: int
    seconds: float


class _EnoughError(Exception):
    """The trial has seen what it wanted."""


def estimate(runtime: Runtime, task: Task, form: Form, mode: Mode) -> Estimate:
    """Try some questions and the first steps of training; nothing is kept.

    Args:
        runtime: the model side.
        task: with its examples.
        form: what answers look like.
        mode: where the task's text goes.

    Raises:
        ValueError: as `learn`.
        EngineError: the engine is closed.
    """
    turns = list(folds(task))
    parts = [replace(task, examples=tuple(kept)) for kept, _ in turns]
    inputs = sum(len(held) for _, held in turns)
    questions = len(MODEL_WAYS) * inputs
    with remembering(runtime, task, keep=False) as once:
        tried = [example.input for _, held in turns for example in held][:ASKED]
        first, again = _asking(once, parts[0], tried, form, mode)
        # Once more of all examples at the end, if the trained way is the best one.
        last = _training(once, [task], mode)
        try:
            training = _training(once, parts, mode) + last
        except ValueError:  # nothing of some part can be trained on: the others are, one by one
            training = len(parts) * last + last
    seconds = inputs * first + (questions - inputs) * again + training
    return Estimate(len(turns), questions, seconds)


def _asking(
    runtime: Runtime, task: Task, tried: Sequence[str], form: Form, mode: Mode
) -> tuple[float, float]:
    """About the seconds that a question takes, and those that its input takes in another way."""
    capabilities = runtime.engine.capabilities
    plan = plan_way("examples", task, mode, runtime.library, capabilities, silent)
    seconds: list[float] = []
    for _ in range(2):
        began = time.monotonic()
        ask(runtime.engine, plan, task, form, tried, again=True)
        seconds.append((time.monotonic() - began) / len(tried))
    return seconds[0], seconds[1]


def _training(runtime: Runtime, tasks: Sequence[Task], mode: Mode) -> float:
    """About the seconds that training an adapter of each takes, in the same passes."""
    told: list[tuple[float, float]] = []
    began = time.monotonic()
    library, capabilities = runtime.library, runtime.engine.capabilities

    def progress(fraction: float, message: str) -> None:
        # Reading the examples, and waiting, is told of too, and is no step.
        if fraction > (told[-1][0] if told else 0.0):
            told.append((fraction, time.monotonic() - began))
        if len(told) == STEPS:
            raise _EnoughError

    try:
        if library is not None and len(tasks) > 1:
            refine_ahead(library, tasks, mode, capabilities=capabilities, progress=progress)
        else:
            plan_way("trained", tasks[0], mode, library, capabilities, progress)
    except _EnoughError:
        (first, start), (second, end) = told
        return start + (end - start) * (1 - first) / (second - first)
    return time.monotonic() - began
