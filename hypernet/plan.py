"""How a step will run: its task, its mode, and its adapter.

Modes: `adapter` (task in the weights, not in the prompt), `prompted` (in the prompt, base weights),
`hybrid` (both: the text as a prefix that the base reads, the adapter on the step). Knows nothing of
engines, storage or sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from hypernet.engine.base import AdapterLike
    from hypernet.fit import FitLevel
    from hypernet.library import AdapterLibrary, Entry
    from hypernet.task import Task

UsedMode = Literal["adapter", "hybrid", "prompted"]
Mode = Literal["auto", "adapter", "hybrid", "prompted"]
MODES: tuple[str, ...] = get_args(Mode)
BY_FIT: dict[FitLevel, UsedMode] = {"known": "adapter", "near": "hybrid", "unknown": "hybrid"}
# Labels supply the words that the weights lack: on development tasks the text in the prompt then
# costs more accuracy than it brings (the figures are in the package's README).
BY_FIT_WITH_LABELS: dict[FitLevel, UsedMode] = {**BY_FIT, "near": "adapter"}


@dataclass(frozen=True)
class Plan:
    """How a step will run. Without a hypernetwork there is no entry."""

    task: Task
    mode: UsedMode
    entry: Entry | None

    @property
    def prefix(self) -> str:
        """The task's text, when it stands in the prompt."""
        return "" if self.mode == "adapter" else self.task.prefix_text()

    @property
    def adapter(self) -> AdapterLike | None:
        """The adapter that acts, if one does."""
        return None if self.entry is None or self.mode == "prompted" else self.entry.adapter


def make_plan(
    library: AdapterLibrary | None, task: Task, mode: Mode, *, labelled: bool = False
) -> Plan:
    """Get the task's adapter and choose the mode; `auto` follows the fit.

    Args:
        library: None when there is no hypernetwork for the base.
        task: what the step is for.
        mode: the mode asked for.
        labelled: whether the step itself brings labels that its task does not name.
    """
    if library is None:
        return Plan(task, "prompted", None)
    entry = library.get(task)
    by_fit = BY_FIT_WITH_LABELS if labelled or task.labels else BY_FIT
    return Plan(task, by_fit[entry.fit.level] if mode == "auto" else mode, entry)
