"""What a step adds to the file does not grow with the history before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.growth import bytes_per_step

if TYPE_CHECKING:
    from pathlib import Path


def test_a_late_step_adds_no_more_bytes_than_an_early_one(path: Path) -> None:
    early, late = bytes_per_step(path, steps=600, window=150)
    assert 1_000 < early < 10_000
    assert late / early < 1.2
