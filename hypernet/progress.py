"""How long work tells how far it has come: one kind of callback everywhere."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Takes how far long work has come."""

    def __call__(self, fraction: float, message: str) -> None:
        """Take a fraction from 0 to 1 and what is being done."""
        ...


def silent(fraction: float, message: str) -> None:
    """Progress for callers that show none."""
