"""How much text a page shows: of more than there is room for the beginning, and how much is left.

A page is to stay small whatever was stored, so texts are counted as they are sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import escape

from checkpoints.text.graphemes import boundary


@dataclass(frozen=True)
class Beginning:
    """A text's first characters, and how many more it has."""

    text: str
    more: int = 0


class Room:
    """Room for texts, in bytes of the page; each takes of what the ones before have left."""

    def __init__(self, size: int) -> None:
        """`size` in bytes, for all texts together."""
        self._left = size

    def fits(self, text: str) -> bool:
        """Take a text's room if there is enough for all of it."""
        size = _size(text)
        if size <= self._left:
            self._left -= size
            return True
        return False

    def take(self, text: str) -> Beginning:
        """As much of a text as there is room for."""
        most = len(text)
        size = _size(text)
        if size > self._left:
            # By halves: what a character takes depends on which it is.
            low, high = 0, min(most, self._left)
            while low < high:
                middle = (low + high + 1) // 2
                if _size(text[:middle]) <= self._left:
                    low = middle
                else:
                    high = middle - 1
            most = boundary(text, low)
            size = _size(text[:most])
        self._left -= size
        return Beginning(text[:most], len(text) - most)


def _size(text: str) -> int:
    return len(str(escape(text)).encode(errors="replace"))
