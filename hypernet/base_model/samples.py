"""What training, refinement and the evaluation read: an input and its answer as token ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Sample:
    """One training example: token ids of the step's own text and of the answer."""

    step_ids: tuple[int, ...]
    answer_ids: tuple[int, ...]


def by_length(samples: Sequence[Sample], batch: int) -> Iterator[list[Sample]]:
    """Batches of about equal length, so that little is padded."""
    ordered = sorted(samples, key=lambda s: len(s.step_ids) + len(s.answer_ids))
    for start in range(0, len(ordered), batch):
        yield ordered[start : start + batch]
