"""Markdown to sections: one for each heading, the text verbatim, the headings above as the place.

What is a heading is what CommonMark says: a `#` in a code block is none.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from checkpoints.documents.pieces import Section
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Iterator

_TITLE = 80
# Lines tell what is a heading. What is inside a line, and where links lead, does not matter.
_UNUSED = ["inline", "text_join", "reference"]


class Headings:
    """The headings that a section stands under."""

    def __init__(self) -> None:
        self._path: list[tuple[int, str]] = []

    def enter(self, level: int, title: str) -> None:
        """Begin a section under this heading."""
        # Cut at once: a long one stands above many.
        short = beginning(" ".join(beginning(title, 4 * _TITLE).split()), _TITLE)
        self._path = [above for above in self._path if above[0] < level] + [(level, short)]

    @property
    def place(self) -> str:
        """The titles, from the outermost in; nothing before the first."""
        return "§ " + " > ".join(title for _, title in self._path) if self._path else ""


def markdown_sections(text: str) -> Iterator[Section]:
    """The sections of a Markdown text; each begins with its heading."""
    lines = text.split("\n")  # as the parser counts them; splitlines knows other ends too
    headings, start = Headings(), 0
    for line, level, title in _headings(text):
        yield Section("\n".join(lines[start:line]), headings.place)
        headings.enter(level, title)
        start = line
    yield Section("\n".join(lines[start:]), headings.place)


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Line from 0, level and title of each heading that is not inside a list or quote."""
    tokens = MarkdownIt("commonmark").disable(_UNUSED, ignoreInvalid=True).parse(text)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map and inline.content:
            yield token.map[0], int(token.tag[1:]), inline.content
