"""How much of a document is read, what of it was not, and the error that says why none was."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

_PLACES = 20


class DocumentError(Exception):
    """A document that cannot be read; the message names it and says what to do."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name, self.problem = name, problem


class UnfinishedError(DocumentError):
    """A document that a call had no time to read, or to store whole."""


@dataclass(frozen=True)
class DocumentLimits:
    """Caps of one call: `files` for all, the others for each file.

    `unpacked_bytes` is what a compressed file may become, `text_chars` the text it may hold,
    `memory_bytes` what the process that reads it may take.
    """

    file_bytes: int = 32 * 2**20
    unpacked_bytes: int = 256 * 2**20
    text_chars: int = 64 * 2**20
    memory_bytes: int = 2 * 2**30
    pages: int = 2_000
    seconds: float = 60.0
    files: int = 5_000

    def check_size(self, name: str, size: int) -> None:
        """Raise DocumentError for a file of more bytes than one may have."""
        if size > self.file_bytes:
            problem = f"{size} bytes, the limit is {self.file_bytes}; split the file"
            raise DocumentError(name, problem)


@dataclass(frozen=True)
class Reading:
    """One document being read: its limits, the time it took, and what was not understood of it."""

    name: str
    limits: DocumentLimits
    started: float = field(default_factory=time.monotonic)
    _missed: dict[str, list[str]] = field(default_factory=dict, init=False)

    def check(self) -> None:
        """Raise DocumentError once the time is over."""
        if time.monotonic() - self.started > self.limits.seconds:
            raise self.error(f"reading takes over {self.limits.seconds:g} s; split the file")

    def error(self, problem: str) -> DocumentError:
        """The error that this document cannot be read."""
        return DocumentError(self.name, problem)

    def miss(self, reason: str, place: str = "") -> None:
        """Note that a part of the document is not in the text, and why."""
        places = self._missed.setdefault(reason, [])
        if place not in places[-1:]:
            places.append(place)

    @property
    def missed(self) -> list[str]:
        """What is not in the text, a line for each reason, with the first places."""
        return [
            f"{_listed(places)}: {reason}" if any(places) else reason
            for reason, places in self._missed.items()
        ]


def _listed(places: list[str]) -> str:
    named = [place for place in places if place]
    more = f" and {len(named) - _PLACES} more" if len(named) > _PLACES else ""
    return ", ".join(named[:_PLACES]) + more
