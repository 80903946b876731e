"""A text as the bare letters that a reader sees, so that one text is known in any spelling.

Letter case, marks, Unicode form, width and whatever is invisible make no difference, and what
stands between letters (spaces, punctuation, the hyphen of a line break) is left out. A text may
also be written in escapes, as inside of JSON; it is then read both as it stands and as it is meant.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Codes = NDArray[np.uint32]
    Places = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# What stands between two texts that are read as one: a letter that no text has.
SEPARATOR = "\x00"

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
# What shows nothing, though its category is that of letters or symbols.
_BLANK = frozenset("\u115f\u1160\u2065\u2800\u3164\uffa0")
_BACKSLASHED = re.compile(
    r"(?:\\u[0-9a-fA-F]{4})+|(?:\\x[0-9a-fA-F]{2})+|\\u\{[0-9a-fA-F]{1,6}\}|"
    r"\\U[0-9a-fA-F]{8}|\\[abfnrtv0\"'/\\]"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_SHORT_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# JSON in JSON in JSON, as tools pass it on.
_DEPTH = 4

_GAP, _LETTER, _NOTHING = 1, 2, 3


@dataclass(frozen=True)
class Reading:
    """One way to read a text: its letters, in order.

    `codes` [L] are the folded letters, `chars` [L] the character of `text` that each is of.
    `begins` [L] says where a word begins, `turns` [L] where one may, as a capital within a word.
    `starts` and `ends` [len(text)] are where each character of `text` stands in what was given.
    """

    text: str
    codes: Codes
    chars: Places
    begins: Mask
    turns: Mask
    starts: Places
    ends: Places

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where letters `first` to `last` stand in what was given, with the marks behind them."""
        end = int(self.chars[last]) + 1
        while end < len(self.text) and _kind(self.text[end]) == _NOTHING:
            end += 1
        return int(self.starts[self.chars[first]]), int(self.ends[end - 1])


def readings(text: str) -> list[Reading]:
    """A text as it stands, and with the escapes in it resolved, layer by layer."""
    places = np.arange(len(text), dtype=np.int64)
    found = [_read(text, places, places + 1)]
    for pattern, meaning in _ESCAPES:
        for _ in range(_DEPTH):
            last = found[-1]
            resolved = _resolved(last, pattern, meaning)
            if resolved is None:
                break
            found.append(resolved)
    return found


def has_letters(text: str, begin: int = 0, end: int | None = None) -> bool:
    """Whether there is a letter or digit in a text, or in a part of it."""
    last = len(text) if end is None else end
    return any(_kind(text[at]) == _LETTER for at in range(begin, last))


def _read(text: str, starts: Places, ends: Places) -> Reading:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    _TABLE.learn(codes)
    counts = _TABLE.counts[codes]
    chars = np.repeat(np.arange(len(codes)), counts)
    letters = _TABLE.letters[codes[chars]]
    several = np.flatnonzero(counts > 1)
    if len(several):
        first = np.cumsum(counts) - counts
        for at in several.tolist():
            whole = _folded(text[at])
            letters[first[at] : first[at] + len(whole)] = [ord(each) for each in whole]
    kinds = _TABLE.kinds[codes]
    gaps = np.cumsum(kinds == _GAP)[chars]
    begins = np.diff(gaps, prepend=-1) != 0
    alone = _TABLE.alone[codes[chars]]
    of_its_own = np.diff(chars, prepend=-1) != 0
    begins |= of_its_own & (alone | np.concatenate([[False], alone[:-1]]))
    upper = _TABLE.upper[codes[chars]]
    turns = begins | (of_its_own & upper & ~np.concatenate([[True], upper[:-1]]))
    return Reading(text, letters, chars, begins, turns, starts, ends)


def _resolved(
    reading: Reading, pattern: re.Pattern[str], meaning: Callable[[str], str]
) -> Reading | None:
    """A reading with the escapes of one kind resolved; None where there are none."""
    text, parts, after = reading.text, [], 0
    starts, ends = [], []
    for match in pattern.finditer(text):
        begin, end = match.span()
        resolved = meaning(match[0])
        if resolved == match[0]:
            continue
        parts += [text[after:begin], resolved]
        starts += [reading.starts[after:begin], np.full(len(resolved), reading.starts[begin])]
        ends += [reading.ends[after:begin], np.full(len(resolved), reading.ends[end - 1])]
        after = end
    if not parts:
        return None
    return _read(
        "".join([*parts, text[after:]]),
        np.concatenate([*starts, reading.starts[after:]]),
        np.concatenate([*ends, reading.ends[after:]]),
    )


def _unbackslashed(escape: str) -> str:
    if escape[1] in "xuU":
        digits = re.findall(r"[0-9a-fA-F]+", escape.replace("\\u", " ").replace("\\x", " "))
        codes = [int(each, 16) for each in digits]
        if any(code > 0x10FFFF for code in codes):
            return escape
        pairs = "".join(map(chr, codes)).encode("utf-16", "surrogatepass")
        return pairs.decode("utf-16", "replace")
    return _SHORT_ESCAPES.get(escape[1], "" if escape[1] == "0" else escape[1])


_ESCAPES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_BACKSLASHED, _unbackslashed),
    (_ENTITY, html.unescape),
    (_PERCENT, unquote),
)


def _folded(character: str) -> str:
    """The letters of one character: without case, marks and width."""
    if character == SEPARATOR:
        return character
    plain = unicodedata.normalize("NFKD", character).casefold()
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(
        each
        for each in plain
        if each not in _BLANK and (unicodedata.category(each)[0] in "LN" or _is_vowel(each))
    )


def _is_vowel(character: str) -> bool:
    # Signs that take room of their own, as the vowels of Indian scripts.
    return unicodedata.category(character) == "Mc"


def _kind(character: str) -> int:
    if _folded(character):
        return _LETTER
    category = unicodedata.category(character)
    return _NOTHING if category in ("Mn", "Me", "Cf") or character in _BLANK else _GAP


class _Table:
    """What is known of each character so far, by its code."""

    def __init__(self) -> None:
        size = 0x110000
        self.letters = np.zeros(size, np.uint32)
        self.counts = np.zeros(size, np.uint8)
        self.kinds = np.zeros(size, np.uint8)
        self.alone, self.upper, self._known = np.zeros((3, size), bool)

    def learn(self, codes: Codes) -> None:
        for code in np.unique(codes[~self._known[codes]]).tolist():
            character = chr(code)
            folded = _folded(character)
            self.letters[code] = ord(folded[0]) if folded else 0
            self.counts[code] = len(folded)
            self.kinds[code] = _kind(character)
            spaceless = _SPACELESS.match(character) is not None
            self.alone[code] = spaceless or character == SEPARATOR
            self.upper[code] = character.isupper()
            self._known[code] = True


_TABLE = _Table()
