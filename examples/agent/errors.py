"""The one error that an example reports to its user, as a single line, and how such a line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LAST_WORDS_CHARS = 300


class ExampleError(Exception):
    """The example cannot go on; the message says why and, where it can, what to do."""


def last_words(log: Path, whose: str = "its") -> str:
    """The last line of a program's output, as the end of an error message; empty without one."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f" ({whose} last words: {said[:LAST_WORDS_CHARS]})" if said else ""
