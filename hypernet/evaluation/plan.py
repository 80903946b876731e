"""What an evaluation would run: tasks, arms, and how many instances of each task are asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hypernet.evaluation.arms import DEFAULT_ARMS, Work, parse_arms
from hypernet.progress import silent
from hypernet.runtime import RuntimeOptions
from hypernet.training.data import refuse_odd_outputs
from hypernet.training.task_files import read_any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hypernet.base_model.chat import ChatFormat
    from hypernet.progress import Progress
    from hypernet.training.data import Instance, TaskData

PER_TASK = 10


@dataclass(frozen=True)
class EvaluateOptions:
    """What to evaluate, on what, and where the figures go."""

    tasks: tuple[Path, ...]
    """Task files, or folders of them."""
    arms: tuple[str, ...] | None = None
    """None takes the default arms, without those that need a static adapter when there is none."""
    seeds: tuple[int, ...] = (0, 1, 2)
    per_task: int | None = None
    """Instances asked of each task; None asks ten, or as many as every task has."""
    max_input: int = 1024
    labels: bool = True
    refine_steps: int | None = None
    """None follows the number of examples, as steps do (`steps_for`)."""
    hypernetwork: str | None = None
    base: str | None = None
    encoder: str | None = None
    cache: Path = field(default_factory=lambda: RuntimeOptions().cache)
    device: str = "cpu"
    out: Path | None = None
    """Beside it the partial result is kept; None keeps nothing."""


def plan_work(options: EvaluateOptions, progress: Progress = silent) -> Work:
    """Read the task files and arms: all that can be known before a model is loaded.

    Args:
        options: what to run.
        progress: is told which arms are left out, and when fewer instances than usual are asked.

    Raises:
        ValueError: an arm or a task does not fit the request; says which.
        FileNotFoundError: a task file is missing.
    """
    arms = parse_arms(DEFAULT_ARMS if options.arms is None else options.arms)
    if not options.seeds or (options.per_task is not None and options.per_task < 1):
        raise ValueError("seeds and per_task: at least one of each is needed")
    tasks: dict[str, TaskData] = {}
    for path in options.tasks:
        for task in read_any(path):
            if task.name in tasks:
                raise ValueError(f"{path.name}: task {task.name!r} is in another place too")
            tasks[task.name] = task
    refuse_odd_outputs(tasks.values())
    if not tasks:
        raise ValueError("tasks: no task in the files named")
    if len(tasks) == 1 and (arm := next((a for a in arms if a.needs_other), None)):
        if options.arms is not None:
            raise ValueError(f"arm {arm.name!r} needs another task, and the files hold one only")
        others = ", ".join(arm.name for arm in arms if arm.needs_other)
        progress(0.0, f"left out, as there is one task only: {others}")
        arms = tuple(arm for arm in arms if not arm.needs_other)
    seeds = tuple(dict.fromkeys(options.seeds))
    per_task = PER_TASK if options.per_task is None else options.per_task
    work = Work(list(tasks.values()), arms, seeds, per_task, options.labels)
    if options.per_task is not None:
        return work
    counts = {t.name: len(distinct_of(t)) for t in work.tasks}
    return as_many_as_there_are(work, counts, progress)


def as_many_as_there_are(work: Work, counts: Mapping[str, int], progress: Progress) -> Work:
    """The work with no more instances asked of each task than all have, beside those shown.

    Args:
        work: what would be asked.
        counts: by task, the instances that may be asked or shown.
        progress: is told when there are fewer.
    """
    name = min(counts, key=lambda name: counts[name])
    per_task = max(1, min(work.per_task, counts[name] - shown_of(work)))
    if per_task < work.per_task:
        progress(
            0.0,
            f"asking {per_task} of each task: {name!r} has {counts[name]} different inputs, "
            f"and {shown_of(work)} are shown as examples",
        )
    return replace(work, per_task=per_task)


def usable_of(task: TaskData, chat: ChatFormat, max_input: int) -> list[Instance]:
    """Instances that are short enough; of equal inputs the first: no example is asked too."""
    return [i for i in distinct_of(task) if chat.count(i.input) <= max_input]


def distinct_of(task: TaskData) -> list[Instance]:
    """Of equal inputs the first."""
    first = {i.input.strip(): i for i in reversed(task.instances)}
    return list(reversed(first.values()))


def shown_of(work: Work) -> int:
    """How many instances of a task the arms need beside those that are asked."""
    oracle = any(arm.source == "oracle" for arm in work.arms)
    return max(int(oracle), *(arm.k for arm in work.arms))
