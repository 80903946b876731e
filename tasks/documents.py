"""Documents with known facts: a kind's layout, filled with values and made a little untidy."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tasks.drawing import random_from
from tasks.fields import LOCALES, Scene, Value, value_of
from tasks.specification import CHOICE, PLACEHOLDER, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.drawing import Random
    from tasks.specification import Field, Kind, Layout

# They stand around facts while a document is made, so that noise leaves them alone.
OPEN, CLOSE = "\ue000", "\ue001"
# Where an alternative left nothing; a line of nothing else is left out.
GAP = "\ue002"
NOISY = 0.27
LEADS = ("see below", "FYI", "Fwd:", "For your records.", "Page 1 of 1", "as discussed:",
         "[scanned copy]", "Please file this.", "copy for the file", "here it is again",
         "Not sure who handles these, passing it on.", "CONFIDENTIAL", "----- Forwarded -----",
         "found this in the shared folder", "pasting it here:")  # fmt: skip
TAILS = ("Sent from my phone", "Thanks!", "(end)", "Please keep this for your files.", "-- end --",
         "This text was sent automatically.", "No signature needed.", "More to follow.",
         "Let me know if something is unclear.", "[image removed]", "Errors excepted.",
         "Do not reply to this address.", "~", "Have a good day!", "cc: file")  # fmt: skip
SLIPS = {"l": "1", "o": "0", "rn": "m", "e": "c", "i": "l", "m": "rn", "t": "f", "s": "5", "a": "e"}


@dataclass(frozen=True)
class Document:
    """A text and what it says."""

    kind: str
    text: str
    language: str
    facts: dict[str, Value]
    """The values of the fields that the text states; one that is missing is not there."""
    rows: dict[str, tuple[dict[str, Value], ...]]


def documents_of(kind: Kind, part: str, count: int, seed: int) -> list[Document]:
    """Different documents of a kind, the same for the same part, count and seed."""
    found: dict[str, Document] = {}
    for number in range(count * 3):
        if len(found) == count:
            break
        document = document_of(kind, random_from(seed, kind.kind, part, number), number)
        found.setdefault(document.text, document)
    return list(found.values())


def document_of(kind: Kind, rng: Random, number: int) -> Document:
    """One document; the number sees to it that all layouts come in turn."""
    layouts = kind.all_layouts
    layout = layouts[number % len(layouts)]
    locale = rng.choice(kind.locales) if layout.language == "en" else LOCALES[layout.language]
    writer = _Writer(kind, Scene(rng, layout.language, locale))
    text, facts, rows = writer.written(layout)
    document = Document(kind.kind, text, layout.language, facts, rows)
    if rng.random() < NOISY and kind.noise:
        document = NOISE[rng.choice(kind.noise)](document, rng)
    return _without_marks(document)


class _Writer:
    """Fills one document's layout."""

    def __init__(self, kind: Kind, scene: Scene) -> None:
        self._kind, self._scene, self._rng = kind, scene, scene.rng
        self._values: dict[str, Value] = {}
        self._rows: dict[str, tuple[dict[str, Value], ...]] = {}
        for name, field in kind.fields.items():
            if field.make == "rows":
                self._draw_rows(name, field)
            else:
                self._values[name] = value_of(field, scene, self._values)
        self._missing = {n for n, f in kind.fields.items() if self._rng.random() < f.missing}
        self._stated: set[str] = set()
        self._said: set[str] = set()

    def _draw_rows(self, name: str, field: Field) -> None:
        rows: list[dict[str, Value]] = []
        for _ in range(self._rng.randint(*field.count)):
            row: dict[str, Value] = {}
            taken = {f"{key}{i}": value for i, old in enumerate(rows) for key, value in old.items()}
            for column, about in field.columns.items():
                row[column] = value_of(about, self._scene, {**taken, **row})
            rows.append(row)
        self._rows[name] = tuple(rows)
        for column in field.columns:
            if all(row[column].plain for row in rows):
                total = sum((row[column].number for row in rows), Decimal(0))
                self._values[f"{name}.{column}"] = Value("", str(total))

    def written(
        self, layout: Layout
    ) -> tuple[str, dict[str, Value], dict[str, tuple[dict[str, Value], ...]]]:
        """The text, with marks around its facts, and the facts and rows that stand in it."""
        lines = [self._expanded(line) for line in self._chosen(layout.text).rstrip().split("\n")]
        text = "\n".join(line for line in lines if line is not None)
        text = re.sub(f"(?m)^[ >*|-]*{GAP}[ {GAP}>*|-]*(\n|$)", "", text)
        text = re.sub(r"(?<=\S)  +(?=\S)", " ", text.replace(GAP, ""))
        text = re.sub(r"(?m)[ \t]+$", "", text).strip("\n")
        if not text:
            raise ValueError(f"{self._kind.kind}: a document without text: {layout.text[:60]!r}")
        facts = {name: self._values[name] for name in self._stated if name in self._values}
        ordered = {name: facts[name] for name in self._kind.fields if name in facts}
        rows = {name: rows for name, rows in self._rows.items() if name in self._stated}
        return text, ordered, rows

    def _there(self, text: str) -> bool:
        """Whether nothing in the text is missing."""
        names = [*PLACEHOLDER.findall(ROWS.sub("", text)), *(m[0] for m in ROWS.findall(text))]
        return all(name not in self._missing and self._sayable(name) for name in names)

    def _sayable(self, name: str) -> bool:
        return name not in self._kind.parts or any(map(self._there, self._kind.parts[name]))

    def _chosen(self, text: str) -> str:
        """The text with one possible alternative of each [[a|b]]."""
        while match := CHOICE.search(text):
            options = [option for option in match[1].split("|") if self._there(option)]
            text = (
                text[: match.start()]
                + (self._rng.choice(options or [""]) or GAP)
                + text[match.end() :]
            )
        return text

    def _expanded(self, line: str) -> str | None:
        """The line with its values, or nothing if one of them is missing."""
        if not self._there(line):
            return None
        whole = ROWS.fullmatch(line.strip())
        line = ROWS.sub(lambda m: ("\n" if whole else ", ").join(self._row_texts(m[1], m[2])), line)
        while match := PLACEHOLDER.search(line):
            line = line[: match.start()] + self._filled(match[1]) + line[match.end() :]
        return line

    def _row_texts(self, name: str, template: str) -> list[str]:
        self._stated.add(name)
        texts = []
        for row in self._rows[name]:
            marked = {column: _marked(value.text) for column, value in row.items()}
            texts.append(PLACEHOLDER.sub(lambda m, r=marked: r[m[1]], self._chosen(template)))  # type: ignore[misc]
        return texts

    def _filled(self, name: str) -> str:
        if name in self._kind.parts:
            return self._phrase(self._kind.parts[name])
        self._stated.add(name)
        field = self._kind.fields[name]
        if field.make == "label":
            return self._phrase(field.labels[self._values[name].text].say)
        if field.make == "rows":
            first = next(iter(field.columns))
            return ", ".join(_marked(row[first].text) for row in self._rows[name])
        return _marked(self._values[name].text)

    def _phrase(self, phrases: tuple[str, ...]) -> str:
        """One of the phrases that say nothing missing, not one that stands there already."""
        possible = [p for p in phrases if self._there(p)] or [""]
        fresh = [p for p in possible if p not in self._said]
        chosen = self._rng.choice(fresh or possible)
        self._said.add(chosen)
        return self._chosen(chosen)


def _marked(text: str) -> str:
    return f"{OPEN}{text}{CLOSE}"


def _mapped(document: Document, change: Callable[[str], str]) -> Document:
    """The document with text and facts changed alike."""
    facts = {name: replace(v, text=change(v.text)) for name, v in document.facts.items()}
    rows = {
        name: tuple({c: replace(v, text=change(v.text)) for c, v in row.items()} for row in rows)
        for name, rows in document.rows.items()
    }
    return replace(document, text=change(document.text), facts=facts, rows=rows)


def _without_marks(document: Document) -> Document:
    return replace(document, text=re.sub(f"[{OPEN}{CLOSE}]", "", document.text))


def _between_facts(text: str, change: Callable[[str], str]) -> str:
    """The text with what stands outside facts changed."""
    parts = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", text)
    return "".join(part if part.startswith(OPEN) else change(part) for part in parts)


def _upper(document: Document, rng: Random) -> Document:
    return _mapped(document, str.upper)


def _lower(document: Document, rng: Random) -> Document:
    return _mapped(document, str.lower)


def _lead(document: Document, rng: Random) -> Document:
    return replace(document, text=f"{rng.choice(LEADS)}\n{document.text}")


def _tail(document: Document, rng: Random) -> Document:
    return replace(document, text=f"{document.text}\n{rng.choice(TAILS)}")


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
