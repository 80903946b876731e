"""How much of a document is read, and the error that says why one was not."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


class DocumentError(Exception):
    """A document that cannot be read; the message names it and says what to do."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name, self.problem = name, problem


@dataclass(frozen=True)
class DocumentLimits:
    """Caps of one call: `file_bytes`, `pages` and `seconds` for each file, `files` for all.

    The time is looked at between the pages or parts of a file, not within one.
    """

    file_bytes: int = 32 * 2**20
    pages: int = 2_000
    seconds: float = 60.0
    files: int = 5_000


@dataclass(frozen=True)
class Clock:
    """The time that one file may take."""

    name: str
    seconds: float
    started: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raise DocumentError once the time is over."""
        if time.monotonic() - self.started > self.seconds:
            raise DocumentError(
                self.name, f"reading takes over {self.seconds:g} s; split the file and try again"
            )
