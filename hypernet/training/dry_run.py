"""A dry run: what would be trained on, what is wrong with it, and how long it would take."""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import TYPE_CHECKING

from hypernet.base_model.sources import ModelNotFoundError
from hypernet.copying import NOTHING
from hypernet.progress import silent
from hypernet.training.judging.finish import watched
from hypernet.training.judging.losses import dev_losses
from hypernet.training.run import gather, prepare
from hypernet.training.step import take_step
from hypernet.training.task_files import read_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from hypernet.progress import Progress
    from hypernet.training.config import TrainConfig
    from hypernet.training.data import Instance, TaskData
    from hypernet.training.run import Run

STEPS, TASKS = 3, 2
SHARED_BY = 10
MOST_SHOWN, MOST_QUOTED = 20, 60
# The weights and their scale are chosen on a third of the development tasks, under eight choices
# and three arms; then all arms are measured once.
AT_THE_END = 3


def dry_run(config: TrainConfig, cache: Path, progress: Progress = silent) -> Iterator[str]:
    """Lines that say what a run would do.

    Args:
        config: the run's settings.
        cache: the user's cache folder, for converted models.
        progress: takes what is being done.

    Raises:
        ValueError, FileNotFoundError: as `run.prepare`.
    """
    tasks = gather(config, progress)
    for kind, pairs in (("train", tasks.train), ("dev", tasks.dev)):
        instances = sum(len(task.instances) for task, _ in pairs)
        yield f"{kind}: {len(pairs)} tasks, {instances} instances"
    different, shared = shared_inputs(task for task, _ in tasks.train)
    yield f"inputs: {different} different ones, {shared} of them in {SHARED_BY} tasks or more"
    found = contradictions(task for source in config.train for task in read_source(source))
    yield from (f"contradiction: {line}" for line in found[:MOST_SHOWN])
    if len(found) > MOST_SHOWN:
        yield f"contradictions: {len(found) - MOST_SHOWN} more"
    try:
        yield estimate(config, cache, progress)
    except ModelNotFoundError as error:
        yield f"time: not estimated ({error})"


def estimate(config: TrainConfig, cache: Path, progress: Progress = silent) -> str:
    """How long a run would take, by a few of its steps and development tasks.

    Raises:
        ValueError, FileNotFoundError, ModelNotFoundError: as `run.prepare`.
    """
    run = prepare(config, cache, progress)
    progress(0.0, f"measuring {STEPS} steps")
    _seconds(run, 0)  # warms up what has nothing to do with the tasks
    first, again = ([_seconds(run, n + 1) for n in range(STEPS)] for _ in range(2))
    slow, fast = sum(first) / STEPS, sum(again) / STEPS
    text = (
        f"time: about {_minutes(fast * config.steps / 60)} for {config.steps} steps where all that "
        f"they draw was read before ({fast:.2f} s each), and "
        f"{_minutes(slow * config.steps / 60)} where nothing was ({slow:.2f} s): {STEPS} steps "
        f"taken twice on {config.device}. Inputs that tasks share bring a run towards the former"
    )
    if not run.dev:
        return text
    some, evaluations = run.dev[:TASKS], math.ceil(config.steps / config.evaluate_every)
    started = time.perf_counter()
    dev_losses(run.network, run.states, some, watched(config))
    each = (time.perf_counter() - started) / len(some)
    minutes = each * len(run.dev) * (evaluations + AT_THE_END) / 60
    return (
        f"{text}; about {_minutes(minutes)} for {evaluations} evaluations on {len(run.dev)} tasks "
        f"and the choice of the weights, {len(some)} tasks measured"
    )


def _seconds(run: Run, step: int) -> float:
    started = time.perf_counter()
    take_step(run.network, run.optimiser, run.states, run.pool, run.config, step)
    return time.perf_counter() - started


def _minutes(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes >= 2 else f"{minutes * 60:.0f} s"


def shared_inputs(tasks: Iterable[TaskData]) -> tuple[int, int]:
    """How many different inputs there are, and how many of them at least ten tasks ask about."""
    asked = Counter(text for task in tasks for text in {i.input.strip() for i in task.instances})
    return len(asked), sum(count >= SHARED_BY for count in asked.values())


def contradictions(tasks: Iterable[TaskData]) -> list[str]:
    """What cannot be right in tasks of one's own, each with its file and line.

    Outputs that are no label, or no span where answers are copied, the same input with different
    outputs, and tasks with a single instance. Task files of others' are passed over: there such
    things are many, and known.
    """
    found: list[str] = []
    for task in tasks:
        own = [instance for instance in task.instances if instance.where]
        if not own:
            continue
        found += _no_label(task, own)
        found += _two_answers(own)
        found += _no_span(task, own) if task.copy else ()
        if len(own) == 1:
            found.append(f"{own[0].where}: the only instance of {task.name!r}, nothing to judge by")
    return found


def _no_label(task: TaskData, own: list[Instance]) -> Iterator[str]:
    for instance in own:
        for output in instance.outputs:
            if not task.task.allows(output):
                yield f"{instance.where}: the output {_quoted(output)} is no label"


def _no_span(task: TaskData, own: list[Instance]) -> Iterator[str]:
    """Of a task whose answers are copied: outputs that do not stand in their inputs."""
    for instance in own:
        for output in instance.outputs:
            if output not in instance.input and output.casefold() != NOTHING:
                yield f"{instance.where}: the output {_quoted(output)} does not stand in the input"


def _two_answers(own: list[Instance]) -> Iterator[str]:
    first: dict[str, Instance] = {}
    for instance in own:
        before = first.setdefault(instance.input.strip(), instance)
        mine, theirs = ({o.strip() for o in i.outputs} for i in (instance, before))
        if not mine & theirs:
            yield (
                f"{instance.where}: to the input {_quoted(instance.input)} the output is "
                f"{_quoted(instance.outputs[0])}, but {_quoted(before.outputs[0])} in "
                f"{before.where}"
            )


def _quoted(text: str) -> str:
    return repr(text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1] + "…")
