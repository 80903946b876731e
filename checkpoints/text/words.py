"""The words of a text, and pairs of characters where a script puts no spaces between its words.

FTS5's tokenizer takes a sentence in Chinese for one word. So of such scripts the pairs of
neighbouring characters are kept: most Chinese words have two, which an index of threes cannot find.
A character is one with its marks, as "คื" in Thai. Korean has spaces, but writes particles onto
words, and its pairs find a word with any of them.

In both indexes a word is the same with and without accents; in the pairs hiragana and katakana are
one, as a reader may write a word in either.

The user's words never reach the FTS5 query language as they are: they are cut at everything the
tokenizers also cut at, and each term is quoted where it is used.

What `character_terms` gives of a text is in databases: a change of it needs a migration that fills
`character_index` anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# By code points and not by a library's tables, which change with its version.
_THAI_LAO = r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0ecf\u0edc-\u0edf"
_BURMESE_KHMER = (
    r"\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17d3\u17d7\u17dc\u17dd"
    r"\u1950-\u19df\u1a20-\u1aad\uaa80-\uaadf\ua980-\ua9c0\U00011700-\U0001173f"
)
_HANGUL = r"\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"
_HAN_KANA_YI = (
    r"\u3005-\u3007\u3021-\u302f\u3031-\u3035\u3038-\u303c\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua48c\uf900-\ufaff"
    r"\U00016fe0-\U00018d8f\U0001aff0-\U0001b2ff\U00020000-\U0003ffff"
)
_SPACELESS = _THAI_LAO + _BURMESE_KHMER + _HANGUL + _HAN_KANA_YI
# Of letters and digits in full width, and of kana and Hangul in half.
_OTHER_WIDTHS = r"\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
_ANY = re.compile(f"[{_SPACELESS}{_OTHER_WIDTHS}]")
_OTHER_WIDTH = re.compile(f"[{_OTHER_WIDTHS}]")
_UNMARKED = re.compile(
    r"[\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]*"
)
# From ァ to ヶ, and the marks of repetition, to the same in hiragana; four have no sign there.
_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)} | {
    code: chr(plain) + "\u3099"
    for code, plain in zip(range(0x30F7, 0x30FB), (0x308F, 0x3090, 0x3091, 0x3092), strict=True)
}
_PARTS = re.compile(rf"([{_SPACELESS}]+)|([^\W_{_SPACELESS}]+)")

# FTS5's tokenizer `ascii` cuts at all else in ASCII, and at nothing beyond it.
_NO_CUTS = re.compile(r"[0-9A-Za-z\u0080-\U0010ffff]+")

# Words that nearly every English text holds: as search terms they cost time and rank nothing.
_STOPWORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had"  # noqa: SIM905  # legible
    " has have he her his how i if in into is it its may me my of on or our she should so than"
    " that the their them then there these they this to was we were what when where which who why"
    " will with would you your".split()
)

_MOST_WORDS, _LEAST_PAIRS = 256, 64


@dataclass(frozen=True)
class Terms:
    """What a query asks the two indexes for.

    `words` are as `item_index` cuts them, those that stand beside a spaceless script among them;
    `characters` are pairs, and single characters as "茶*", which begin any term. `spaceless` is the
    share of the query's letters that is in such scripts.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]
    spaceless: float


def query_terms(query: str) -> Terms:
    """The telling terms of a query; none where it holds no word.

    Stopwords are left out, unless there is nothing else. Of a very long query the longest words
    are kept, as they are the rarest, and pairs from all over it: the time of a search grows with
    their number.
    """
    words = dict.fromkeys("".join(_kept(c) for c in query).lower().split())
    if not is_spaceless(query):
        return Terms(_telling(words), (), 0.0)
    runs, beside = _runs(query)
    words = dict.fromkeys([*(word for word in words if not is_spaceless(word)), *beside])
    characters = dict.fromkeys(term for run in runs for term in _pairs(run) or [f"{run[0]}*"])
    inside, outside = sum(map(len, runs)), sum(map(len, words))
    telling = _telling(words)
    every = -(-len(characters) // max(_MOST_WORDS - len(telling), _LEAST_PAIRS)) or 1
    return Terms(telling, tuple(characters)[::every], inside / (inside + outside or 1))


def query_words(query: str) -> list[str]:
    """The telling words of a query, as `item_index` cuts them; none when it holds no word."""
    return list(query_terms(query).words)


def unaccented(word: str) -> str:
    """A word as `character_terms` has it: without accents, and lower case."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in parts if unicodedata.category(each) != "Mn")


def unaccented_words(word: str) -> list[str]:
    """The same, cut where FTS5's tokenizer cuts it: "0⑴" is "0(1)" there, "ﷺ" four words."""
    return _NO_CUTS.findall(unaccented(word))


def scripts(text: str) -> dict[str, int]:
    """How many letters of a text are in each script, the one with the most first.

    Chinese characters and kana count as one.
    """
    if text.isascii():
        return {"LATIN": len(text)} if any(map(str.isalpha, text)) else {}
    plain = unicodedata.normalize("NFKC", text)
    found = Counter(script for each in plain if (script := _script(each)))
    return dict(found.most_common())


@lru_cache(4_096)
def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "").split(" ")[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA") else name


def is_spaceless(text: str) -> bool:
    """Whether any of it is in a script that puts no spaces between words, or in Korean.

    Letters and digits in full width count too: FTS5's tokenizer takes them for others.
    """
    return not text.isascii() and _ANY.search(text) is not None


def spaceless_runs(text: str) -> Iterator[tuple[int, int]]:
    """Where in a text such scripts begin and end."""
    return (match.span(1) for match in _PARTS.finditer(text) if match[1])


def character_terms(text: str) -> str:
    """What `character_index` holds of a text, with spaces between; empty in most languages.

    Pairs of characters, the last one of each run by itself, so that each begins some term, and the
    words that touch such a run, which FTS5's tokenizer leaves joined to it.
    """
    if not is_spaceless(text):
        return ""
    runs, beside = _runs(text)
    terms = [term for run in runs for term in (*_pairs(run), run[-1])]
    return " ".join(dict.fromkeys([*terms, *map(unaccented, beside)]))


def _runs(text: str) -> tuple[list[list[str]], list[str]]:
    """The runs of characters in spaceless scripts, and the words that touch them, lower case.

    In a text with letters of another width, all of its words.
    """
    every = _OTHER_WIDTH.search(text) is not None
    runs: list[list[str]] = []
    beside: list[str] = []
    word, end, touches = "", -1, False
    plain = unicodedata.normalize("NFKC", text).lower().translate(_HIRAGANA)
    for match in _PARTS.finditer(plain):
        adjacent = match.start() == end
        if match[1]:
            runs.append(characters_of(match[1]))
            if adjacent and word:
                beside.append(word)
            word, touches = "", True
        else:
            if every or (adjacent and touches):
                beside.append(match[2])
            word, touches = match[2], False
        end = match.end()
    return runs, beside


def characters_of(run: str) -> list[str]:
    """The characters of a run, each with the marks that follow it."""
    if _UNMARKED.fullmatch(run):  # most runs, twice as fast
        return list(run)
    found: list[str] = []
    for character in run:
        if found and unicodedata.category(character)[0] == "M":
            found[-1] += character
        else:
            found.append(character)
    return found


def _pairs(run: Sequence[str]) -> list[str]:
    return [a + b for a, b in pairwise(run)]


def _telling(words: Iterable[str]) -> tuple[str, ...]:
    telling = [word for word in words if word not in _STOPWORDS] or list(words)
    return tuple(sorted(telling, key=len, reverse=True)[:_MOST_WORDS])


def _kept(character: str) -> str:
    # Letters, marks, numbers and private use: the token characters of unicode61.
    category = unicodedata.category(character)
    return character if category[0] in "LMN" or category == "Co" else " "
