"""Random choices that are the same for the same seed."""

from __future__ import annotations

import random

Random = random.Random


def random_from(*seeds: object) -> Random:
    """A source of random choices of its own for these seeds."""
    return Random("/".join(map(str, seeds)))
