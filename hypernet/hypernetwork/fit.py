"""How well a hypernetwork knows a task: known, near or unknown.

Judged from the distance to its training tasks. Importing this does not import torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

FitLevel = Literal["known", "near", "unknown"]
NEAREST, PART = 3, 256


@dataclass(frozen=True)
class Fit:
    """A task's fit: the level, the cosine to the nearest training task, and the nearest tasks."""

    level: FitLevel
    similarity: float
    nearest: tuple[str, ...]


@dataclass(frozen=True)
class FitGate:
    """Thresholds on the cosine, from development tasks, and vectors of the training tasks.

    Each task has W unit vectors: of some of its wordings, or one repeated.
    """

    known: float
    near: float
    names: Sequence[str]
    anchors_NWC: Tensor

    def similarity(self, vector_C: Tensor) -> Tensor:
        """Each training task's cosine [N]: that of its nearest wording."""
        similarity_N = vector_C.new_empty(len(self.anchors_NWC))
        for first in range(0, len(similarity_N), PART):
            # Widened part by part: whole, they would take three times their memory.
            part_PWC = self.anchors_NWC[first : first + PART].float()
            similarity_N[first : first + PART] = (part_PWC @ vector_C).max(1).values
        return similarity_N

    def judge(self, vector_C: Tensor) -> Fit:
        """The fit of a task whose unit vector this is."""
        best, rows = self.similarity(vector_C).topk(min(NEAREST, len(self.names)))
        top = float(best[0])
        level: FitLevel = (
            "known" if top >= self.known else "near" if top >= self.near else "unknown"
        )
        return Fit(level, top, tuple(self.names[int(i)] for i in rows))
