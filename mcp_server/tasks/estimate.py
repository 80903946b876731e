"""About how long learning a task will take, by trying a little of each of its parts."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypernet.adapters.cache import AdapterCache
from hypernet.learning.answers import Form, ask
from hypernet.learning.folds import folds
from hypernet.learning.ways import MODEL_WAYS, plan_way

if TYPE_CHECKING:
    from hypernet.adapters.plan import Mode
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
    kept, held = max(turns, key=lambda turn: len(turn[0]))
    part = replace(task, examples=tuple(kept))
    library = runtime.library and AdapterCache(runtime.library.source, capacity=2)
    capabilities = runtime.engine.capabilities
    plan = plan_way("examples", part, mode, library, capabilities, lambda done, message: None)
    began, tried = time.monotonic(), [each.input for each in held[:ASKED]]
    ask(runtime.engine, plan, part, form, tried)
    each = (time.monotonic() - began) / len(tried)
    questions = len(MODEL_WAYS) * sum(len(held) for _, held in turns)
    training = _training(part, mode, library, runtime)
    # Once more of all examples at the end, if the trained way is the best one.
    seconds = questions * each + (len(turns) + 1) * training
    return Estimate(len(turns), questions, seconds)


def _training(task: Task, mode: Mode, library: AdapterCache | None, runtime: Runtime) -> float:
    """About the seconds that training takes."""
    told: list[tuple[float, float]] = []
    began = time.monotonic()

    def progress(fraction: float, message: str) -> None:
        # Reading the examples, and waiting, is told of too, and is no step.
        if fraction > (told[-1][0] if told else 0.0):
            told.append((fraction, time.monotonic() - began))
        if len(told) == STEPS:
            raise _EnoughError

    try:
        plan_way("trained", task, mode, library, runtime.engine.capabilities, progress)
    except _EnoughError:
        (first, start), (second, end) = told
        return start + (end - start) * (1 - first) / (second - first)
    return time.monotonic() - began
