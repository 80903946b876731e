"""Documents with known facts: a kind's layout, filled with values and made a little untidy."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tasks.drawing import random_from
from tasks.fields import LOCALES, Document, Scene, Value, value_of
from tasks.noise import CLOSE, NOISE, OPEN, surrounded
from tasks.specification import CHOICE, PLACEHOLDER, ROWS

if TYPE_CHECKING:
    from tasks.drawing import Random
from tasks.specification import Field, Kind, Layout

# Where an alternative left nothing; a line of nothing else is left out.
GAP = "\ue002"
NOISY, LONG = 0.27, 0.06


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
    if rng.random() < LONG:
        document = surrounded(document, rng)
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
        self._columns: dict[str, set[str]] = {}
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
        rows = {
            name: tuple({c: row[c] for c in row if c in columns} for row in self._rows[name])
            for name, columns in self._columns.items()
        }
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
        self._columns[name] = set(PLACEHOLDER.findall(template))
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
            self._columns.setdefault(name, {first})
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


def _without_marks(document: Document) -> Document:
    return replace(document, text=re.sub(f"[{OPEN}{CLOSE}]", "", document.text))
