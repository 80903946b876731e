"""Cutting a text into pieces at the borders of its structure, neighbours overlapping a little.

A format gives sections, and each is cut here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# About 120 tokens: four pieces fit a prompt's default budget. In `bench.long_job` with words as
# tokens, 500 characters found every planted fact at step 40, 800 found 0.96 of them.
PIECE_CHARS = 500
OVERLAP_CHARS = 80

# A sheet or an attachment may have a name of any length.
_PLACE_CHARS = 600

_BORDERS = tuple(map(re.compile, (r"\n\s*\n", r"\n", r"(?<=[.!?])\s+", r"\s+")))
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Piece:
    """A part of a document, and where in it that is, such as "p. 3" or "lines 10-42"."""

    text: str
    place: str


@dataclass(frozen=True)
class Section:
    """A stretch of a document under one heading or page.

    With `lines` the pieces name their lines too: the section is a whole file.
    `starts` are the offsets of the first characters of parts that should stay whole (functions,
    blocks).
    """

    text: str
    place: str = ""
    lines: bool = False
    starts: Sequence[int] = ()


def split(text: str, most: int = PIECE_CHARS, overlap: int = OVERLAP_CHARS) -> list[str]:
    """Pieces of a plain text, of at most `most` characters each.

    A piece is a verbatim stretch of the text, cut at blank lines, lines, sentences or words, the
    first of these that serve. It begins with the last whole sentences or words of the piece
    before it, of at most `overlap` characters.
    """
    return [text[start:end] for start, end in _cut(text, most, overlap, ())]


def pieces_of(
    section: Section, most: int = PIECE_CHARS, overlap: int = OVERLAP_CHARS
) -> Iterator[Piece]:
    """The pieces of one section of a document."""
    text = section.text
    breaks = [match.start() for match in re.finditer("\n", text)] if section.lines else []
    for start, end in _cut(text, most, overlap, section.starts):
        place = section.place[:_PLACE_CHARS]
        if section.lines:
            first, last = (bisect_right(breaks, at - 1) + 1 for at in (start, end - 1))
            lines = f"lines {first}-{last}" if last > first else f"line {first}"
            place = f"{place}, {lines}" if place else lines
        yield Piece(text[start:end], place)


def _cut(text: str, most: int, overlap: int, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Spans of the pieces: parts put together while they fit."""
    borders = sorted({*starts, len(text)})
    ends = dict(pairwise(borders))
    begin = end = None
    for a, b in _parts(text, most, starts):
        if begin is None or end is None:
            begin = a
        elif a in ends:  # a function or block: whole where it can be, and never behind half another
            if len(text[begin : ends[a]].rstrip()) > most:
                yield begin, end
                begin = a
        elif b - begin > most:
            yield begin, end
            begin = _overlapping(text, begin, end, a, b - most, overlap)
        end = b
    if begin is not None and end is not None:
        yield begin, end


def _overlapping(text: str, begin: int, end: int, a: int, least: int, overlap: int) -> int:
    """Where the next piece starts: a sentence or word within the last `overlap` characters."""
    earliest = max(begin + 1, end - overlap, least)
    for border in (_SENTENCE_END, _SPACE):
        found = border.search(text, earliest, end) if earliest < end else None
        if found is not None and found.end() < end:
            return found.end()
    return a


def _parts(text: str, most: int, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    borders = sorted({0, *starts, len(text)})
    for start, end in pairwise(borders):
        yield from _spans(text, start, end, most, 0)


def _spans(text: str, start: int, end: int, most: int, level: int) -> Iterator[tuple[int, int]]:
    """Parts of `text[start:end]` without outer white space, none longer than `most`."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end - start <= most:
        if end > start:
            yield start, end
        return
    if level == len(_BORDERS):  # one word longer than a piece
        yield from ((at, min(at + most, end)) for at in range(start, end, most))
        return
    at = start
    for border in _BORDERS[level].finditer(text, start, end):
        yield from _spans(text, at, border.start(), most, level + 1)
        at = border.end()
    yield from _spans(text, at, end, most, level + 1)
