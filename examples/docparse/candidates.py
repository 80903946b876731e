"""What in a document's text might be a fact, each with the lines around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from examples.docparse import tasks
from examples.docparse.values import AMOUNT, DATE, NAME, REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from examples.docparse.tasks import TaskSpec

Span = tuple[int, int]
OUTLINE_CHARS = 600


@dataclass(frozen=True)
class Candidate:
    """A span of a document that a task is asked about."""

    task: TaskSpec
    shown: str
    start: int
    line: str
    """The whole line that it stands in."""
    input: str
    """What the task is asked: the marked span between the lines before and after it."""


def candidates_of(text: str) -> list[Candidate]:
    """Every date, amount, reference and line with a name, in the text's order by task."""
    dates = [match.span() for match in DATE.finditer(text)]
    amounts = _outside(dates, (match.span() for match in AMOUNT.finditer(text)))
    references = _outside([*dates, *amounts], (match.span() for match in REFERENCE.finditer(text)))
    names = [span for span in _lines(text) if NAME.search(text[slice(*span)])]
    masked = _masked(text, {"#": amounts, "@": dates})
    found = []
    for task, spans in (
        (tasks.AMOUNTS, amounts),
        (tasks.DATES, dates),
        (tasks.REFERENCES, references),
        (tasks.SELLERS, names),
    ):
        for place, span in enumerate(spans, 1):
            start, end = span
            line = next(text[a:z] for a, z in _lines(text) if a <= start and end <= z)
            asked = f"{_around(text, masked, span)}\n{place} of {len(spans)}"
            found.append(Candidate(task, text[start:end], start, line, asked))
    return found


def outline_of(text: str) -> str:
    """The lines of a text with signs for amounts and dates, and without other numbers."""
    words = re.sub(r"\S*\d\S*", "", DATE.sub(" @ ", AMOUNT.sub(" # ", text)))
    lines = (" ".join(line.split()) for line in words.split("\n"))
    return "\n".join(line for line in lines if line)[:OUTLINE_CHARS]


def _outside(taken: list[Span], spans: Iterable[Span]) -> list[Span]:
    return [(a, z) for a, z in spans if not any(a < end and start < z for start, end in taken)]


def _lines(text: str) -> list[Span]:
    found, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def _masked(text: str, signs: dict[str, list[Span]]) -> Callable[[int, int], str]:
    """A part of the text, with a sign for each amount and date: their digits say nothing."""
    marks = sorted((span, sign) for sign, spans in signs.items() for span in spans)

    def part(begin: int, end: int) -> str:
        pieces, at = [], begin
        for (a, z), sign in marks:
            if begin <= a and z <= end:
                pieces += [text[at:a], sign]
                at = z
        return "".join([*pieces, text[at:end]]).strip()

    return part


def _around(text: str, part: Callable[[int, int], str], span: Span) -> str:
    lines = _lines(text)
    here = next(n for n, (a, z) in enumerate(lines) if a <= span[0] and span[1] <= z)
    start, end = lines[here]
    before = part(*lines[here - 1]) if here else "(top)"
    after = part(*lines[here + 1]) if here + 1 < len(lines) else "(end)"
    marked = f"{tasks.OPEN} {text[slice(*span)].strip()} {tasks.CLOSE}"
    line = f"{part(start, span[0])} {marked} {part(span[1], end)}".strip()
    return f"{before}\n{line}\n{after}"
