"""Tasks for verticals of which no freely licensed data is to be had: seeded, right by construction.

Knows nothing of models or training.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypernet.training.data import TaskData

VERTICALS = (
    "code", "documents", "finance", "legal", "medical", "research", "sentiment", "support"
)  # fmt: skip


def generated(vertical: str, count: int, seed: int) -> list[TaskData]:
    """So many instances of each task of a vertical ("" for all verticals).

    Raises:
        ValueError: there is no such vertical.
    """
    if vertical and vertical not in VERTICALS:
        raise ValueError(f"generated:{vertical}: there are {', '.join(VERTICALS)}")
    modules = [
        import_module(f"{__name__}.{name}.tasks") for name in VERTICALS if vertical in ("", name)
    ]
    return [task.data(count, seed) for module in modules for task in module.tasks()]
