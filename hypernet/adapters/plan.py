"""How a step will run: its task, its mode, and its adapter.

Modes: `adapter` (task in the weights, not in the prompt), `prompted` (in the prompt, base weights),
`hybrid` (both: the text as a prefix that the base reads, the adapter on the step).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from hypernet.adapters.cache import NoneShortEnoughError
from hypernet.progress import silent
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.adapters.cache import AdapterCache, Entry
    from hypernet.engine.interface import Adapter, Capabilities, Engine
    from hypernet.hypernetwork.fit import FitLevel
    from hypernet.progress import Progress
    from hypernet.task import Example, Task

UsedMode = Literal["adapter", "hybrid", "prompted"]
Mode = Literal["auto", "adapter", "hybrid", "prompted"]
MODES: tuple[str, ...] = get_args(Mode)
REFINE_FROM, REFINE_LABELS_FROM = 2, 4
"""From so many examples on, gradient steps are taken unasked: what they bring on other inputs is in
docs/log/hypernet.md."""
ADVISED = 8
"""So many solved examples a caller is asked for: what these bring is in docs/log/hypernet.md."""
REFINED_ANEW = 8
"""So many examples of a saved task steps are taken on until it is learned: that takes seconds."""
CORRECTED_ANEW = 32
"""Up to so many examples a step waits for the weights that are trained on the session's new
corrections too: some seconds for eight, a quarter of a minute for all of them."""
BY_FIT: dict[FitLevel, UsedMode] = {"known": "adapter", "near": "hybrid", "unknown": "hybrid"}


@dataclass(frozen=True)
class Plan:
    """How a step will run. Without a hypernetwork there is no entry."""

    task: Task
    mode: UsedMode
    entry: Entry | None

    @property
    def prefix(self) -> str:
        """The task's text, when in the prompt; its examples too where no weights hold them."""
        if self.mode == "adapter" or not self.task.description:
            return ""
        shown = self.task if self.shows_examples else self.task.without_examples()
        return shown.prefix_text()

    @property
    def shows_examples(self) -> bool:
        """Whether the task's examples stand in the prompt."""
        return self.mode == "prompted" or (self.mode == "hybrid" and self.entry is None)

    @property
    def adapter(self) -> Adapter | None:
        """The adapter that acts, if one does."""
        return None if self.entry is None or self.mode == "prompted" else self.entry.adapter


def make_plan(
    cache: AdapterCache | None,
    task: Task,
    mode: Mode,
    *,
    capabilities: Capabilities,
    refined: bool = False,
    insist: bool = True,
    progress: Progress = silent,
) -> Plan:
    """Get the task's adapter and choose the mode; `auto` follows the fit and the engine.

    Args:
        cache: None when there is no hypernetwork for the base.
        task: what the step is for.
        mode: the mode asked for.
        capabilities: those of the engine that the step will run on.
        refined: whether the adapter takes some gradient steps on the task's examples.
        insist: whether it is an error where no example is short enough for that; else the adapter
            takes no steps.
        progress: called after each of these steps.

    Raises:
        ValueError: `refined` with no example, or none within the token limits; `hybrid` on an
            engine that cannot run it.
    """
    if cache is None:
        return Plan(task, "prompted", None)
    if mode == "hybrid" and not capabilities.prefix_without_adapter:
        raise ValueError(
            "mode: this engine cannot run hybrid; leave mode out, or say adapter or prompted"
        )
    entry = cache.get(task)
    used = used_mode(entry.fit.level, mode, capabilities)
    if refined and used != "prompted":
        try:
            entry = cache.refined(task, in_prompt=used == "hybrid", progress=progress)
        except NoneShortEnoughError:
            if insist:
                raise
    return Plan(task, used, entry)


def enough_to_refine(task: Task) -> bool:
    """Whether the adapter is to take gradient steps on the task's examples unasked.

    Where all of them have one label, steps would teach to answer that and nothing else.
    """
    if task.labels:
        several = len({as_read(each.output) for each in task.examples}) > 1
        return several and len(task.examples) >= REFINE_LABELS_FROM
    return len(task.examples) >= REFINE_FROM


def refined_soon(task: Task) -> Task:
    """The task with no more of its examples than steps take seconds on: of its labels in turn.

    What a saved task's adapter takes steps on until all of them have been learned from, which does
    not keep a step waiting.
    """
    of_label: dict[str, int] = {}
    turns: list[tuple[int, int]] = []
    for place, example in enumerate(task.examples):
        label = as_read(example.output) if task.labels else ""
        of_label[label] = of_label.get(label, 0) + 1
        turns.append((of_label[label], place))
    kept = sorted(place for _, place in sorted(turns)[:REFINED_ANEW])
    return replace(task, examples=tuple(task.examples[place] for place in kept))


def refine_ahead(
    cache: AdapterCache,
    tasks: Sequence[Task],
    mode: Mode,
    *,
    capabilities: Capabilities,
    progress: Progress = silent,
) -> None:
    """Have the refined adapters ready that `make_plan` will ask for, of tasks of one text.

    Raises:
        ValueError: a task has no example, or none within the token limits.
    """
    used = used_mode(cache.get(tasks[0]).fit.level, mode, capabilities)
    if used != "prompted":
        cache.refine_together(tasks, in_prompt=used == "hybrid", progress=progress)


def within_window(plan: Plan, engine: Engine) -> Plan:
    """The plan with no more examples in its prompt, the last ones, than leave half the window.

    Corrections add to a task: it is to go on when they are more than a prompt can hold.
    """
    task, room = plan.task, engine.limits.window // 2
    if not plan.shows_examples or len(plan.prefix) <= room:  # a token is a character or more
        return plan
    room -= engine.count(task.without_examples().prefix_text())
    kept: list[Example] = []
    for example in reversed(task.examples):
        room -= engine.count(replace(task, examples=(example,)).examples_text())
        if room < 0:
            break
        kept.append(example)
    return replace(plan, task=replace(task, examples=tuple(reversed(kept))))


def used_mode(level: FitLevel, mode: Mode, capabilities: Capabilities) -> UsedMode:
    """The mode that a task of a fit runs in; `auto` follows the fit and the engine."""
    if mode != "auto":
        return mode
    used = BY_FIT[level]
    # Under an adapter that also acts on the text, hybrid is not what was trained or evaluated;
    # of the modes left, only a known task's adapter is trusted without the text.
    return used if used == "adapter" or capabilities.prefix_without_adapter else "prompted"
