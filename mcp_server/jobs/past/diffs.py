"""What differs between two texts, as runs of text to show: by words, or by lines where many differ.

Bounded in time and size: of long texts the beginnings are compared, and of a long run that is the
same its ends are shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

from checkpoints.text.graphemes import boundary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["same", "removed", "added", "skipped"]

CHARS = 20_000
"""Of each text that is compared."""
# What is compared takes the square of this, at the worst.
_MOST = 250
_REFINED = 100
# A word with the space before it: a space by itself is like every other.
_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
# Of a run that is the same on both sides, characters beside what differs.
_AROUND = 200


@dataclass(frozen=True)
class Run:
    """A stretch of a comparison; the text of a skipped one says how much it is."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Diff:
    """Two texts as one; `cut` counts the characters of both that were not compared."""

    runs: tuple[Run, ...]
    cut: int = 0


def diff(one: str, other: str, chars: int = CHARS) -> Diff:
    """How the second text differs from the first, in the first `chars` characters of each."""
    left, right = one[: boundary(one, chars)], other[: boundary(other, chars)]
    runs = list(_merged(_compared(left, right)))
    shown = [run for n, each in enumerate(runs) for run in _short(each, n == 0, n == len(runs) - 1)]
    return Diff(tuple(shown), len(one) - len(left) + len(other) - len(right))


def _compared(one: str, other: str) -> Iterator[Run]:
    """By words between what both begin and end with; of very many by lines, or as a whole."""
    left, right = _WORD.findall(one), _WORD.findall(other)
    before = _alike(left, right)
    after = _alike(left[before:][::-1], right[before:][::-1])
    yield Run("same", "".join(left[:before]))
    ends = (len(left) - after, len(right) - after)
    middle, middle_other = left[before : ends[0]], right[before : ends[1]]
    if max(len(middle), len(middle_other)) <= _MOST:
        yield from _matched(middle, middle_other)
    else:
        yield from _by_lines("".join(middle), "".join(middle_other))
    yield Run("same", "".join(left[ends[0] :]))


def _by_lines(one: str, other: str) -> Iterator[Run]:
    """By lines, and by words in those that differ little; of very many lines as a whole."""
    left, right = one.splitlines(keepends=True), other.splitlines(keepends=True)
    if max(len(left), len(right)) > _MOST:
        left, right = [one], [other]
    removed = ""
    for run in _matched(left, right):
        if run.kind == "removed":
            removed = run.text
            continue
        words = [_WORD.findall(text) for text in (removed, run.text)]
        if removed and run.kind == "added" and max(map(len, words)) <= _REFINED:
            yield from _matched(*words)
        else:
            yield Run("removed", removed)
            yield run
        removed = ""


def _alike(left: Sequence[str], right: Sequence[str]) -> int:
    """How many first entries are the same."""
    return sum(1 for _ in takewhile(bool, map(str.__eq__, left, right)))


def _matched(left: Sequence[str], right: Sequence[str]) -> Iterator[Run]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, low, high, other_low, other_high in matcher.get_opcodes():
        if tag == "equal":
            yield Run("same", "".join(left[low:high]))
        else:
            yield Run("removed", "".join(left[low:high]))
            yield Run("added", "".join(right[other_low:other_high]))


def _merged(runs: Iterator[Run]) -> Iterator[Run]:
    """Runs of one kind that follow each other as one, and no empty ones."""
    last = Run("same", "")
    for run in runs:
        if run.kind == last.kind:
            last = Run(last.kind, last.text + run.text)
        elif run.text:
            if last.text:
                yield last
            last = run
    if last.text:
        yield last


def _short(run: Run, first: bool, last: bool) -> Iterator[Run]:
    """A run; of a long one that is the same only what is beside a change."""
    before, after = (0 if first else _AROUND), (0 if last else _AROUND)
    text = run.text
    if run.kind != "same" or len(text) <= before + after + _AROUND:
        yield run
        return
    low, high = boundary(text, before), boundary(text, len(text) - after)
    if low:
        yield Run("same", text[:low])
    yield Run("skipped", f"{high - low} characters are the same")
    if high < len(text):
        yield Run("same", text[high:])
