"""What must hold of a run, whatever the model answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that must hold, with the figures it was judged by."""

    name: str
    holds: bool
    said: str

    @property
    def line(self) -> str:
        """It as people read it."""
        return f"{'ok    ' if self.holds else 'FAILED'} {self.name}: {self.said}"
