"""Learning a task: measure every way to serve it, choose the best, make its adapter."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from hypernet.adapters.cache import AdapterCache
from hypernet.base_model.allocator import give_back_freed_memory
from hypernet.learning.answers import Form
from hypernet.learning.gate import choose
from hypernet.learning.measure import measure
from hypernet.learning.ways import plan_way
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypernet.adapters.plan import Mode
    from hypernet.learning.quality import Quality
    from hypernet.learning.ways import Way
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime
    from hypernet.task import Task

FEWEST = 8
"""From so many examples on a task is learned unasked: fewer are too few to choose by."""
GROWTH = 1.25
"""A task is learned again when it has so many times the examples that it was learned with."""
MEASURED = 0.8
"""The part of the work that measuring is, for the progress."""


def learn(
    runtime: Runtime,
    task: Task,
    form: Form = Form(),  # noqa: B008  # immutable
    mode: Mode = "auto",
    *,
    before: Way | None = None,
    progress: Progress = silent,
    partial: Path | None = None,
) -> Quality:
    """Learn a task from its examples, until its adapter is ready to serve.

    The same examples give the same adapter.

    Args:
        runtime: the model side.
        task: with its examples.
        form: what answers look like.
        mode: where the task's text goes.
        before: the way that has served up to now.
        progress: called as the work goes on; what it raises ends it, and nothing is lost.
        partial: a file in which what was measured is kept, for who is interrupted.

    Raises:
        ValueError: there are too few examples to hold any out, or none is within the limits of
            training.
        EngineError: the engine is closed.
    """
    try:
        with remembering(runtime, task) as once:
            return _learned(once, task, form, mode, before, progress, partial)
    finally:
        give_back_freed_memory()


@contextmanager
def remembering(runtime: Runtime, task: Task, *, keep: bool = True) -> Iterator[Runtime]:
    """A runtime whose adapters of the task are made from examples that are read once for all.

    When the block ends well the runtime itself has these adapters too, if they are to be kept.
    """
    library = runtime.library
    if library is None:
        yield runtime
        return
    with library.source.remembering(task) as source:
        own = AdapterCache(source)
        yield replace(runtime, library=own)
    if keep:
        library.adopt(own)


def _learned(
    runtime: Runtime,
    task: Task,
    form: Form,
    mode: Mode,
    before: Way | None,
    progress: Progress,
    partial: Path | None,
) -> Quality:
    held = measure(
        runtime,
        task,
        form,
        mode,
        lambda done, message: progress(MEASURED * done, message),
        partial,
    )
    # Not all of them were held out.
    quality = replace(choose(held, before), examples=len(task.examples))

    def told(fraction: float, message: str) -> None:
        progress(MEASURED + (1 - MEASURED) * fraction, message)

    told(0.0, f"{quality.serving} serves best: making its adapter of all examples")
    capabilities = runtime.engine.capabilities
    plan_way(quality.plan, task, mode, runtime.library, capabilities, told)
    return quality


def due(examples: int, learned: int = 0) -> bool:
    """Whether a task of so many examples is to be learned, when it last was with so many."""
    return examples >= max(FEWEST, GROWTH * learned)
