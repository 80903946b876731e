"""Where a text quotes others: runs of the same words, in whatever spelling and layout.

Texts are compared by their letters alone (`checkpoints.text.letters`). A word is what stands
between two gaps; in scripts without spaces it is a character.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from checkpoints.records import DELETED
from checkpoints.text.letters import has_letters, readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from checkpoints.text.letters import Codes, Reading

    Hashes = NDArray[np.uint64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# Words in a row that no two people write by chance; of a shorter text the fewest, if all are there.
LEAST, LEAST_WHOLE = 8, 3
_BASE = 0x9E3779B97F4A7C15  # any large odd number
_BITS = 2**64
_MIX = np.uint64(0xBF58476D1CE4E5B9)
# From as many letters on a run is a quotation inside of longer words too.
_SURE = 20
# What stands for the gap before a name's word: no letter.
_GAP = np.uint32(0x110000)


class Quotes:
    """Finds and cuts out what quotes some texts: `least` of their words in a row, or a whole text.

    A whole text of fewer words counts from `least_whole` words on. Of `names` only the whole
    counts, word by word.
    """

    def __init__(
        self, texts: Iterable[str], least: int, least_whole: int, names: Iterable[str] = ()
    ) -> None:
        self._runs = _Runs(
            (reading.codes, *_runs(reading, least, least_whole))
            for text in texts
            for reading in readings(text)
        )
        self._names = _Runs(
            (codes, np.zeros(1, np.int64), np.array([len(codes)]))
            for name in names
            if len(codes := _spaced(readings(name)[0])[0])
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where a text quotes, from and to, in order and apart."""
        if not (self._runs.known or self._names.known):
            return []
        found: list[tuple[int, int]] = []
        for reading in readings(text):
            found += self._quoted(reading)
            found += self._named(reading)
        return _joined(text, found)

    def cut(self, text: str) -> str:
        """The text with `DELETED` for each stretch that quotes one of the texts."""
        parts, after = [], 0
        for begin, end in self.spans(text):
            parts += [text[after:begin], DELETED]
            after = end
        return "".join([*parts, text[after:]])

    def cut_all(self, value: Any) -> Any:
        """A JSON value with every text in it cut, but for the names of its fields."""
        if isinstance(value, str):
            return self.cut(value)
        if isinstance(value, list):
            return [self.cut_all(each) for each in value]
        if isinstance(value, dict):
            return {name: self.cut_all(each) for name, each in value.items()}
        return value

    def _quoted(self, reading: Reading) -> Iterator[tuple[int, int]]:
        edges = np.append(reading.turns, True)
        for starts, length in self._runs.found(reading.codes):
            if length < _SURE:
                starts = starts[edges[starts] & edges[starts + length]]
            for start in starts.tolist():
                yield reading.span(start, start + length - 1)

    def _named(self, reading: Reading) -> Iterator[tuple[int, int]]:
        if not self._names.known:
            return
        codes, letters = _spaced(reading)
        for starts, length in self._names.found(codes):
            for start in starts.tolist():
                # Between the gap before the first letter and the one behind the last.
                yield reading.span(int(letters[start + 1]), int(letters[start + length - 2]))


class _Runs:
    """Runs of letters by their hashes, to be found in other letters.

    First by their beginnings, all of one length: most letters begin no run.
    """

    def __init__(self, runs: Iterable[tuple[Codes, Ints, Ints]]) -> None:
        """`runs` are letters, where in them runs start, and how long each is."""
        all_ = [(codes, starts, lengths) for codes, starts, lengths in runs if len(starts)]
        self._least = min((int(lengths.min()) for _, _, lengths in all_), default=0)
        beginnings: list[Hashes] = []
        known: dict[int, list[Hashes]] = defaultdict(list)
        for codes, starts, lengths in all_:
            windows = _Windows(codes)
            beginnings.append(windows.hashes(starts, self._least))
            for length in np.unique(lengths).tolist():
                known[length].append(windows.hashes(starts[lengths == length], length))
        self._beginnings = np.unique(np.concatenate(beginnings)) if beginnings else None
        self.known = {length: np.unique(np.concatenate(each)) for length, each in known.items()}

    def found(self, codes: Codes) -> Iterator[tuple[Ints, int]]:
        """Where runs of each length begin."""
        if self._beginnings is None or len(codes) < self._least:
            return
        windows = _Windows(codes)
        places = np.arange(len(codes) - self._least + 1)
        places = places[_among(windows.hashes(places, self._least), self._beginnings)]
        for length, known in self.known.items():
            fitting = places[places + length <= len(codes)]
            if len(fitting):
                yield fitting[_among(windows.hashes(fitting, length), known)], length


class _Windows:
    """One number for each run of letters, whatever its length."""

    def __init__(self, codes: Codes) -> None:
        mixed = (codes.astype(np.uint64) + np.uint64(1)) * _MIX
        mixed ^= mixed >> np.uint64(31)
        mixed *= _MIX
        self._sums = np.concatenate(
            [np.zeros(1, np.uint64), np.cumsum(mixed * _powers(_BASE, len(codes)), dtype=np.uint64)]
        )
        self._back = _powers(pow(_BASE, -1, _BITS), len(codes) + 1)

    def hashes(self, starts: Ints, length: int) -> Hashes:
        sums = self._sums[starts + length] - self._sums[starts]
        found: Hashes = sums * self._back[starts]
        return found


def is_gone(text: str) -> bool:
    """Whether nothing but `DELETED` and what stands between words is left of a text."""
    return DELETED in text and not has_letters(text.replace(DELETED, ""))


def word_count(text: str) -> int:
    """How many words a text has, as quotations count them."""
    return int(readings(text)[0].begins.sum())


def _runs(reading: Reading, least: int, least_whole: int) -> tuple[Ints, Ints]:
    """The runs of `least` words of a text, or the whole of a shorter one: starts and lengths."""
    edges = np.append(np.flatnonzero(reading.begins), len(reading.codes))
    count = min(len(edges) - 1, least)
    if count < 1 or (count < least and count < least_whole):
        return edges[:0], edges[:0]
    return edges[:-count], edges[count:] - edges[:-count]


def _spaced(reading: Reading) -> tuple[Codes, Ints]:
    """The letters with a sign before each word and at the end, and which letter each is."""
    at = np.append(np.flatnonzero(reading.begins), len(reading.codes))
    if len(at) == 1:
        return np.empty(0, np.uint32), np.empty(0, np.int64)
    return (
        np.insert(reading.codes, at, _GAP),
        np.insert(np.arange(len(reading.codes)), at, -1),
    )


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, as one where nothing but spaces and punctuation stands between them."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and not has_letters(text, joined[-1][1], begin):
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((begin, end))
    return joined


def _among(hashes: Hashes, known: Hashes) -> Mask:
    """Which of some numbers are in an ascending list."""
    at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: Mask = known[at] == hashes
    return found


def _powers(base: int, count: int) -> Hashes:
    """`base` to the power of 0, 1, 2 and so on, modulo 2^64."""
    factors = np.full(count, base % _BITS, np.uint64)
    factors[:1] = 1
    powers: Hashes = np.cumprod(factors, dtype=np.uint64)
    return powers
