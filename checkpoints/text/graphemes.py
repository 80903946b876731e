"""Where a text may be cut: never inside what its reader sees as one character.

That is a letter with its marks, a family of emoji or a flag: Unicode's extended grapheme clusters
(UAX #29), as the library `regex` finds them. One that is longer than the room is left out whole.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# Two letters that are never parts of one character: ASCII, Chinese, kana, Korean and Cyrillic.
_LETTERS = (
    r"\u00a1-\u00a8\u00aa-\u00ac\u00af-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027"
    r"\u3000-\u3029\u3041-\u3096\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    r"\uff01-\uff5e"
)
_APART = re.compile(rf"[\x00-\x7f{_LETTERS}][\x00-\x09\x0b-\x7f{_LETTERS}]|[^\r]\n")


def boundary(text: str, at: int) -> int:
    """The last place up to `at` where a cut splits no character; 0 and the end are such places."""
    if at <= 0 or at >= len(text):
        return min(max(at, 0), len(text))
    if _APART.match(text, at - 1):
        return at
    sure, flags, character = _patterns()
    found = sure.search(text, 0, at)
    last = 0 if found is None else found.start()
    if (run := flags.search(text, last, at)) is not None:
        pairs = (len(run[1]) - 1) // 2
        last = run.start(1) + 2 * pairs if pairs else run.start()
    for match in character.finditer(text, last):
        if match.end() > at:
            break
        last = match.end()
    return last


def beginning(text: str, most: int) -> str:
    """The first whole characters of a text, of at most `most` code points together."""
    return text[: boundary(text, most)]


def ending(text: str, most: int) -> str:
    """The last whole characters of a text, of at most `most` code points together."""
    start = max(len(text) - most, 0)
    if boundary(text, start) < start:
        following = _patterns()[-1].match(text, boundary(text, start))
        start = len(text) if following is None else following.end()
    return text[start:]


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis, of at most `most` code points together."""
    return text if len(text) <= most else f"{beginning(text, most - 1)}…"


@cache
def _patterns() -> tuple[regex.Pattern[str], ...]:
    """What surely begins a character, and the letters of flags, both backwards; a character."""
    import regex  # here: it takes a twentieth of a second, and most texts are cut without it

    # As two neighbours tell it; where they cannot, the search stays within one character.
    joined = r"\p{GCB=Extend}\p{GCB=ZWJ}"
    sure = (
        r"(?<=[\p{GCB=Control}\n])(?s:.)|(?<=\r)[^\n]|(?<!\r)[\p{GCB=Control}\r\n]"
        r"|(?<!\p{GCB=Prepend})(?:\p{GCB=Prepend}"
        r"|(?<!\p{GCB=L})[\p{GCB=L}\p{GCB=LV}\p{GCB=LVT}]"
        r"|(?<![\p{GCB=L}\p{GCB=LV}\p{GCB=V}])\p{GCB=V}"
        r"|(?<![\p{GCB=LV}\p{GCB=V}\p{GCB=LVT}\p{GCB=T}])\p{GCB=T}"
        r"|(?<!\p{GCB=RI})\p{GCB=RI}"
        r"|(?<!\p{GCB=ZWJ})\p{GCB=Other}"
        r"|(?!\p{Extended_Pictographic})\p{GCB=Other})"
    )
    # A consonant of Hindi and the like goes on with the one before it.
    linked = rf"(?!\p{{InCB=Consonant}}(?<=\p{{InCB=Linker}}[{joined}]*(?s:.)))"
    sure = f"{linked}(?:{sure})"
    flags = r"(?r)\p{GCB=Prepend}*(\p{GCB=Regional_Indicator}+)"
    # Of a run of flags only the last is looked at: the library counts each run from its start.
    return tuple(map(regex.compile, (f"(?r){sure}", flags, r"\X")))
