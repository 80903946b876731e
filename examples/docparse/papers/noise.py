"""What text recognition makes of a scanned page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

MISREAD = {
    "o": "0",
    "l": "1",
    "i": "l",
    "e": "c",
    "m": "rn",
    "t": "f",
    "a": "o",
    "u": "v",
    "n": "ri",
}
SPECKS = ("'", ".", "~", "|", "`")
SHARE = 0.06


def misread(text: str, facts: Sequence[str], rng: random.Random) -> str:
    """The text with a few letters read wrongly and specks of dust between the words.

    Only what surrounds the facts: which letters a scanner made of a name nobody could tell.
    """
    known = sorted({fact for fact in facts if fact}, key=len, reverse=True)
    parts = re.split(f"({'|'.join(map(re.escape, known))})", text)
    return "".join(part if part in known else _worn(part, rng) for part in parts)


def _worn(text: str, rng: random.Random) -> str:
    found = []
    for letter in text:
        drawn = rng.random()
        if drawn < SHARE and letter in MISREAD:
            found.append(MISREAD[letter])
        elif drawn < SHARE and letter == " ":
            found.append(rng.choice(("  ", f" {rng.choice(SPECKS)} ")))
        else:
            found.append(letter)
    return "".join(found)
