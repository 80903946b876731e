"""Markdown to sections: one for each heading, the text verbatim, the headings above as the place.

What is a heading is what CommonMark says: a `#` in a code block is none.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator


def markdown_sections(text: str) -> Iterator[Section]:
    """The sections of a Markdown text; each begins with its heading."""
    lines = text.split("\n")  # as the parser counts them; splitlines knows other ends too
    path: list[tuple[int, str]] = []
    start, place = 0, ""
    for line, level, title in _headings(text):
        yield Section("\n".join(lines[start:line]), place)
        path = [above for above in path if above[0] < level] + [(level, title)]
        start, place = line, heading_place([title for _, title in path])
    yield Section("\n".join(lines[start:]), place)


def heading_place(titles: list[str]) -> str:
    """The place of a section from the titles above it, its own last."""
    return "§ " + " > ".join(" ".join(title.split())[:80] for title in titles)


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Line from 0, level and title of each heading that is not inside a list or quote."""
    tokens = MarkdownIt("commonmark").parse(text)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map and inline.content:
            yield token.map[0], int(token.tag[1:]), inline.content
