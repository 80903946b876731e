"""Numbers as steps recorded them: an imported session may hold what it likes."""

from __future__ import annotations

import math

MOST = 2**53
"""What is greater no step counted or measured, and no column of the store holds."""


def whole_of(value: object) -> int | None:
    """A whole number; None: it is none, or too great to be one that a step recorded."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if -MOST < value < MOST else None


def number_of(value: object) -> float | None:
    """A number, whole or not; None as above."""
    if isinstance(value, float):
        return value if math.isfinite(value) and -MOST < value < MOST else None
    return whole_of(value)
