"""Cutting a text into pieces at the borders of its structure, neighbours overlapping a little.

A format gives sections, and each is cut here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from checkpoints.text.graphemes import beginning, boundary
from checkpoints.text.words import is_spaceless, spaceless_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# About 120 tokens: four pieces fit a prompt's default budget. In `bench.long_job` with words as
# tokens, 500 characters found every planted fact at step 40, 800 found 0.96 of them.
PIECE_CHARS = 500
OVERLAP_CHARS = 80
# A character of Chinese or Thai takes as many tokens as eight to ten letters of English, and says
# as much as two to four.
_SPACELESS_CHARS = 4

# A sheet or an attachment may have a name of any length.
_PLACE_CHARS = 600

# A sentence ends before a space, or in Chinese, Japanese, Khmer and Burmese after its stop and the
# closing marks behind that; the stops of Hindi, Urdu and Arabic have a space after them too.
_STOPS = r"\u3002\uff01\uff1f\uff61\u17d4\u104b"
_CLOSING = r"\u300d\u300f\uff09\u3011\u201d\u2019"
_SENTENCE = (
    r"(?<=[.!?\u0964\u0965\u06d4\u061f])\s+"
    rf"|(?<=[{_STOPS}])(?![{_STOPS}{_CLOSING}])|(?<=[{_STOPS}][{_CLOSING}])(?![{_CLOSING}])"
)
_CLAUSE = r"(?<=[\uff0c\u3001\uff1b\uff1a\u104a])"
_BORDERS = tuple(map(re.compile, (r"\n\s*\n", r"\n", _SENTENCE, r"\s+", _CLAUSE)))
_OVERLAP_BORDERS = tuple(map(re.compile, (rf"{_SENTENCE}|\n\s*", _CLAUSE, r"\s+")))


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

    A piece is a verbatim stretch of the text, cut at blank lines, lines, sentences, words or
    clauses, the first of these that serve, and never inside what a reader sees as one character.
    It begins with the last whole sentences or words of the piece before it, of at most `overlap`
    characters. In scripts without spaces between words a character counts as four.
    """
    return [text[start:end] for start, end in _cut(text, most, overlap, ())]


def pieces_of(
    section: Section, most: int = PIECE_CHARS, overlap: int = OVERLAP_CHARS
) -> Iterator[Piece]:
    """The pieces of one section of a document."""
    text = section.text
    breaks = [match.start() for match in re.finditer("\n", text)] if section.lines else []
    for start, end in _cut(text, most, overlap, section.starts):
        place = beginning(section.place, _PLACE_CHARS)
        if section.lines:
            first, last = (bisect_right(breaks, at - 1) + 1 for at in (start, end - 1))
            lines = f"lines {first}-{last}" if last > first else f"line {first}"
            place = f"{place}, {lines}" if place else lines
        yield Piece(text[start:end], place)


def _cut(text: str, most: int, overlap: int, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Spans of the pieces: parts put together while they fit."""
    size = _sizes(text)
    borders = sorted({*starts, len(text)})
    ends = dict(pairwise(borders))
    begin = end = None
    for a, b in _parts(text, size, most, starts):
        if begin is None or end is None:
            begin = a
        elif a in ends:  # a function or block: whole where it can be, and never behind half another
            whole = begin + len(text[begin : ends[a]].rstrip())
            if size[whole] - size[begin] > most:
                yield begin, end
                begin = a
        elif size[b] - size[begin] > most:
            yield begin, end
            least = bisect_left(size, size[b] - most)
            earliest = max(begin + 1, bisect_left(size, size[end] - overlap), least)
            begin = _overlapping(text, earliest, end, a)
        end = b
    if begin is not None and end is not None:
        yield begin, end


def _sizes(text: str) -> Sequence[int]:
    """How much the text up to each place counts: ascending, [n+1]."""
    if not is_spaceless(text):
        return range(len(text) + 1)
    counts = [1] * len(text)
    for start, end in spaceless_runs(text):
        counts[start:end] = [_SPACELESS_CHARS] * (end - start)
    return list(accumulate(counts, initial=0))


def _overlapping(text: str, earliest: int, end: int, a: int) -> int:
    """Where the next piece starts: a sentence or word from `earliest` on, else `a`."""
    for border in _OVERLAP_BORDERS:
        found = border.search(text, earliest, end) if earliest < end else None
        if found is not None and found.end() < end and boundary(text, found.end()) == found.end():
            return found.end()
    return a


def _parts(
    text: str, size: Sequence[int], most: int, starts: Sequence[int]
) -> Iterator[tuple[int, int]]:
    borders = sorted({0, *starts, len(text)})
    for start, end in pairwise(borders):
        yield from _spans(text, size, start, end, most, 0)


def _spans(
    text: str, size: Sequence[int], start: int, end: int, most: int, level: int
) -> Iterator[tuple[int, int]]:
    """Parts of `text[start:end]` without outer white space, none larger than `most`."""
    while start < end and text[start].isspace():
        start += 1
    start = boundary(text, start)  # a mark may stand on a space
    while end > start and text[end - 1].isspace():
        end -= 1
    end += boundary(text, end) < end  # and a sign before one
    if size[end] - size[start] <= most:
        if end > start:
            yield start, end
        return
    if level == len(_BORDERS):  # one word longer than a piece
        yield from _torn(text, size, start, end, most)
        return
    at = start
    for border in _BORDERS[level].finditer(text, start, end):
        if boundary(text, border.end()) == border.end():
            yield from _spans(text, size, at, border.start(), most, level + 1)
            at = border.end()
    yield from _spans(text, size, at, end, most, level + 1)


def _torn(
    text: str, size: Sequence[int], start: int, end: int, most: int
) -> Iterator[tuple[int, int]]:
    """As much of a word to each part as fits, by whole characters."""
    while start < end:
        fits = min(bisect_right(size, size[start] + most) - 1, end)
        # Of what is before, only the part itself: a word may be one character's thousand marks.
        cut = fits if fits == end else start + boundary(text[start : fits + 1], fits - start)
        # A single character may be longer than a piece, with its marks.
        cut = cut if cut > start else max(fits, start + 1)
        yield start, cut
        start = cut
