"""The engines that are measured beside ours, one file each, and the work that all are given.

A peer is given what to generate and returns how fast it was. What it loads or installs beforehand
is not in its times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.adapters.adapter import Adapter


class NotMeasuredError(Exception):
    """Something cannot be measured here; the message says why."""


@dataclass(frozen=True, eq=False)
class Call:
    """One model call: the texts for our engine, the same as token ids for the others."""

    prefix: str
    input: str
    adapter: Adapter | None
    head_ids: tuple[int, ...]
    """The prefix with the markup before it: what our engine lets the base alone read."""
    step_ids: tuple[int, ...]

    @property
    def ids(self) -> list[int]:
        """The whole prompt."""
        return [*self.head_ids, *self.step_ids]


class Contender(Protocol):
    """What is asked of every engine. Nothing may stop early: all generate the same number."""

    def decode(self, calls: Sequence[Call], tokens: int) -> float:
        """Generate this many tokens of each call; tokens per second of all, after the first."""
        ...

    def first_token(self, call: Call) -> float:
        """Milliseconds until a call's first token."""
        ...
