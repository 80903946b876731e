"""What makes documents untidy, with their facts left as they are or changed alike."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.drawing import Random
    from tasks.fields import Document

# They stand around facts while a document is made, so that noise leaves them alone.
OPEN, CLOSE = "\ue000", "\ue001"
LEADS = """see below|FYI|Fwd:|For your records.|Page 1 of 1|as discussed:|[scanned copy]
Please file this.|copy for the file|here it is again|Not sure who handles these, passing it on.
CONFIDENTIAL|----- Forwarded -----|found this in the shared folder|pasting it here:"""
TAILS = """Sent from my phone|Thanks!|(end)|Please keep this for your files.|-- end --
This text was sent automatically.|No signature needed.|More to follow.|[image removed]
Let me know if something is unclear.|Errors excepted.|Do not reply to this address.|~
Have a good day!|cc: file"""
# Sentences that say nothing, as they surround what matters in long messages.
FILLERS = """This message is meant for the addressee alone.|Please think before you print.
If you got this by mistake, delete it and tell us.|The original is kept in the archive.
Nobody reads the mail that comes to this address.|Further information is found on our pages.
You get this because you are on our list.|Printed copies are not kept up to date.
The usual terms apply, as always.|We are glad to answer any question.|Attachments: none.
This page is left blank on purpose below.|Opening hours are found on the door.
The text above and below has been shortened.|Pictures were taken out of this version.
Please do not write below this line.|Layout may differ on small screens."""
SLIPS = {"l": "1", "o": "0", "rn": "m", "e": "c", "i": "l", "m": "rn", "t": "f", "s": "5", "a": "e"}


def _one_of(phrases: str) -> list[str]:
    return re.split(r"[|\n]", phrases)


def _mapped(document: Document, change: Callable[[str], str]) -> Document:
    """The document with text and facts changed alike."""
    facts = {name: replace(v, text=change(v.text)) for name, v in document.facts.items()}
    rows = {
        name: tuple({c: replace(v, text=change(v.text)) for c, v in row.items()} for row in rows)
        for name, rows in document.rows.items()
    }
    return replace(document, text=change(document.text), facts=facts, rows=rows)


def _between_facts(text: str, change: Callable[[str], str]) -> str:
    """The text with what stands outside facts changed."""
    parts = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", text)
    return "".join(part if part.startswith(OPEN) else change(part) for part in parts)


def _upper(document: Document, rng: Random) -> Document:
    return _mapped(document, str.upper)


def _lower(document: Document, rng: Random) -> Document:
    return _mapped(document, str.lower)


def _lead(document: Document, rng: Random) -> Document:
    return replace(document, text=f"{rng.choice(_one_of(LEADS))}\n{document.text}")


def _tail(document: Document, rng: Random) -> Document:
    return replace(document, text=f"{document.text}\n{rng.choice(_one_of(TAILS))}")


def surrounded(document: Document, rng: Random) -> Document:
    """The document inside a longer text that says nothing."""
    said = rng.sample(_one_of(FILLERS), rng.randint(5, 9))
    cut = rng.randrange(len(said) + 1)
    parts = (" ".join(said[:cut]), document.text, " ".join(said[cut:]))
    return replace(document, text="\n".join(filter(None, parts)))


def _slips(document: Document, rng: Random) -> Document:
    """A few letters read wrongly, as by a scanner."""

    def slip(text: str) -> str:
        for read, misread in rng.sample(sorted(SLIPS.items()), 3):
            text = text.replace(read, misread, 1) if rng.random() < 0.5 else text
        return text

    return replace(document, text=_between_facts(document.text, slip))


def _breaks(document: Document, rng: Random) -> Document:
    """Lines broken where they should not be."""

    def broken(text: str) -> str:
        return re.sub(r"(?<=\w) (?=\w)", lambda m: "\n" if rng.random() < 0.15 else m[0], text)

    return replace(document, text=_between_facts(document.text, broken))


def _spaces(document: Document, rng: Random) -> Document:
    """Runs of blanks, as in a table that lost its lines."""

    def spaced(text: str) -> str:
        return re.sub(r"(?<=\S) (?=\S)", lambda m: "   " if rng.random() < 0.3 else m[0], text)

    return replace(document, text=_between_facts(document.text, spaced))


NOISE: dict[str, Callable[[Document, Random], Document]] = {
    "upper": _upper, "lower": _lower, "lead": _lead, "tail": _tail, "slips": _slips,
    "breaks": _breaks, "spaces": _spaces,
}  # fmt: skip
