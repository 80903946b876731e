"""How a step will run: its task, its mode, and its adapter. Knows nothing of storage or of MCP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypernet.library import Entry
    from hypernet.runtime import Runtime
    from hypernet.task import Task
    from mcp_server import results


@dataclass(frozen=True)
class Plan:
    """How a step will run."""

    task: Task
    mode: results.UsedMode
    entry: Entry | None

    @property
    def prefix(self) -> str:
        """The task's text, when it stands in the prompt."""
        return "" if self.mode == "adapter" else self.task.prefix_text()

    @property
    def active(self) -> Entry | None:
        """The adapter that acts."""
        return None if self.mode == "prompted" else self.entry


def make_plan(runtime: Runtime, task: Task, mode: results.Mode) -> Plan:
    """Write the task's adapter and choose the mode; `auto` follows the fit."""
    if runtime.library is None:
        return Plan(task, "prompted", None)
    entry = runtime.library.get(task)
    by_fit: dict[str, results.UsedMode] = {
        "known": "adapter",
        "near": "hybrid",
        "unknown": "hybrid",
    }
    return Plan(task, by_fit[entry.fit.level] if mode == "auto" else mode, entry)
