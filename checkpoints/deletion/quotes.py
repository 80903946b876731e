"""Where a text quotes others: runs of the same words, whatever stands between them.

Letter case, spaces and punctuation do not count. In scripts without spaces a word is a character.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from checkpoints.records import DELETED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+")
_BASE = 0x9E3779B97F4A7C15  # any large odd number
_BITS = 2**64


class Quotes:
    """Finds and cuts out what quotes some texts: `least` of their words in a row, or a whole text.

    A whole text of fewer words counts from `least_whole` words on.
    """

    def __init__(self, texts: Iterable[str], least: int, least_whole: int) -> None:
        runs: dict[int, list[Hashes]] = defaultdict(list)
        for text in texts:
            words = _hashes(text)
            length = min(len(words), least)
            if length and (length == least or length >= least_whole):
                runs[length].append(_runs(words, length))
        self._known = {length: np.unique(np.concatenate(all_)) for length, all_ in runs.items()}

    def cut(self, text: str) -> str:
        """The text with `DELETED` for each stretch that quotes one of the texts."""
        places = [found.span() for found in _WORD.finditer(text)]
        words = _hashes(text)
        quoted = np.zeros(len(words) + 1, bool)
        for length, known in self._known.items():
            if length <= len(words):
                for first in np.flatnonzero(np.isin(_runs(words, length), known)):
                    quoted[first : first + length] = True
        edges = np.flatnonzero(np.diff(quoted, prepend=False))
        parts, after = [], 0
        for begin, end in edges.reshape(-1, 2).tolist():
            parts += [text[after : places[begin][0]], DELETED]
            after = places[end - 1][1]
        return "".join([*parts, text[after:]])

    def cut_all(self, value: Any, keep: frozenset[str] = frozenset()) -> Any:
        """A JSON value with every text in it cut; what stands under a name in `keep` stays."""
        if isinstance(value, str):
            return self.cut(value)
        if isinstance(value, list):
            return [self.cut_all(each, keep) for each in value]
        if isinstance(value, dict):
            return self._cut_fields(value, keep)
        return value

    def _cut_fields(self, value: Mapping[str, Any], keep: frozenset[str]) -> dict[str, Any]:
        return {
            name: each if name in keep else self.cut_all(each, keep) for name, each in value.items()
        }


def is_gone(text: str) -> bool:
    """Whether nothing but `DELETED` and what stands between words is left of a text."""
    return DELETED in text and not _WORD.search(text.replace(DELETED, ""))


def _hashes(text: str) -> Hashes:
    words = [hash(found[0].casefold()) % _BITS for found in _WORD.finditer(text)]
    return np.array(words, np.uint64)


def _runs(words: Hashes, length: int) -> Hashes:
    """One number for each run of `length` words."""
    count = len(words) - length + 1
    total = np.zeros(count, np.uint64)
    for position in range(length):
        factor = np.uint64(pow(_BASE, position + 1, _BITS))
        total += words[position : position + count] * factor
    return total
