"""Documents whose facts are known: a layout, filled with values that add up."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from examples.docparse.papers import words
from examples.docparse.papers.layouts import LAYOUTS
from examples.docparse.papers.noise import misread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.docparse.papers.layouts import Layout

CENT = Decimal("0.01")
FIRST_DAY = date(2025, 1, 6)
WRONG_SUMS = 0.04
"""The share of documents whose own sums do not add up, as some sellers' do not."""
WITHOUT = {"due": 0.2, "net": 0.15}
"""The share of documents that do not say it."""
RATES = ("5.5", "8", "9", "12", "13.5", "17", "22", "25")
ENDINGS = {"pdf": ".pdf", "scan": ".txt", "html": ".html", "mail": ".eml"}
CHOICE = re.compile(r"\[\[([^\[\]]*)\]\]")
FACT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Fact:
    """What a document says: the letters that stand in it, and what they mean."""

    shown: str
    value: str


@dataclass(frozen=True)
class Paper:
    """A document and the truth about it. `rows` are the bill's lines, as (item, amount)."""

    name: str
    layout: Layout
    facts: dict[str, Fact]
    rows: tuple[tuple[Fact, Fact], ...]
    sound: bool
    """Whether its sums add up."""
    subject: str
    text: str
    """As it is written, before it is a file."""


def make_papers(count: int, seed: int) -> list[Paper]:
    """So many documents, the same for the same seed; every layout comes before any comes again."""
    rng = random.Random(f"papers {seed}")  # noqa: S311  # sampling, not secrets
    order = _layouts(rng)
    return [_paper(number, next(order), rng) for number in range(1, count + 1)]


def _layouts(rng: random.Random) -> Iterator[Layout]:
    while True:
        yield from rng.sample(LAYOUTS, len(LAYOUTS))


def _paper(number: int, layout: Layout, rng: random.Random) -> Paper:
    values = _Values(layout, rng)
    text = _chosen(layout.text, rng)
    lines = []
    for line in text.split("\n"):
        if line.strip("<p>/ ") == "{rows}":
            lines.append(line.replace("{rows}", "\n".join(values.row_texts())))
        elif all(name in values.shown for name in FACT.findall(line)):
            lines.append(FACT.sub(lambda match: values.shown[match[1]], line))
    subject = FACT.sub(lambda match: values.shown[match[1]], _chosen(layout.subject, rng))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    if layout.form == "scan":
        text = misread(text, [*values.shown.values(), *values.row_shown()], rng)
    return Paper(
        f"{number:03d}-{layout.kind[:1]}{rng.randrange(100, 999)}{ENDINGS[layout.form]}",
        layout,
        {name: fact for name, fact in values.facts.items() if f"{{{name}}}" in layout.text},
        tuple((item, amount) for _, item, amount in values.rows),
        values.sound,
        subject,
        text,
    )


def _names(line: str) -> list[str]:
    """The facts of a line, without what is said beside them."""
    return [name for name in FACT.findall(line) if name not in ("currency", "rate")]


def _chosen(text: str, rng: random.Random) -> str:
    return CHOICE.sub(lambda match: rng.choice(match[1].split("|")), text)


@dataclass
class _Values:
    """What one document says."""

    layout: Layout
    rng: random.Random
    facts: dict[str, Fact] = field(default_factory=dict)
    rows: list[tuple[str, Fact, Fact]] = field(default_factory=list)
    sound: bool = True

    def __post_init__(self) -> None:
        rng = self.rng
        self._style = rng.choice(("1,234.50", "1234.50", "1.234,50", "1 234,50"))
        self._date_style = rng.choice(("iso", "dots", "long", "short", "us"))
        day = FIRST_DAY + timedelta(days=rng.randrange(480))
        self._said = {
            "street": rng.choice(words.STREETS),
            "town": rng.choice(words.TOWNS),
            "method": rng.choice(words.METHODS),
            "currency": rng.choice(words.CURRENCIES),
            "rate": rng.choice(RATES),
        }
        names = rng.sample(words.FIRST, 2)
        for name, first in zip(("seller", "buyer"), names, strict=True):
            whole = f"{first} {rng.choice(words.TRADES)} {rng.choice(words.ENDINGS)}".strip()
            self.facts[name] = Fact(whole, whole)
        number = self._number(day)
        self.facts["number"] = Fact(number, number)
        self.facts["date"] = self._day(day)
        self.facts["due"] = self._day(day + timedelta(days=rng.choice((7, 14, 20, 28, 30, 60))))
        self._sums()
        alone = {
            found[0] for line in self.layout.text.split("\n") if len(found := _names(line)) == 1
        }
        for name, share in WITHOUT.items():
            if name in alone and rng.random() < share:
                del self.facts[name]

    @property
    def shown(self) -> dict[str, str]:
        """The letters of everything that can be said."""
        return {**self._said, **{name: fact.shown for name, fact in self.facts.items()}}

    def row_shown(self) -> list[str]:
        """The letters of the bill's lines."""
        return [shown for _, item, amount in self.rows for shown in (item.shown, amount.shown)]

    def row_texts(self) -> list[str]:
        """The bill's lines as the layout has them."""
        return [
            self.layout.row.format(quantity=quantity, item=item.shown, amount=amount.shown)
            for quantity, item, amount in self.rows
        ]

    def _sums(self) -> None:
        rng, receipt = self.rng, self.layout.kind == "receipt"
        things = words.BOUGHT if receipt else words.WORK
        high = 9_000 if receipt else 190_000
        rate = Decimal(self._said["rate"])
        amounts = []
        for item in rng.sample(things, rng.randint(1, 4)):
            amount = Decimal(rng.randrange(180, high)) * CENT
            amounts.append(amount)
            fact = self._amount(amount)
            self.rows.append((str(rng.randint(1, 9)), Fact(item, item), fact))
        in_all = sum(amounts, Decimal(0))
        share = rate / (100 + rate if receipt else Decimal(100))
        tax = (in_all * share).quantize(CENT, ROUND_HALF_UP)
        net, total = (in_all - tax, in_all) if receipt else (in_all, in_all + tax)
        if rng.random() < WRONG_SUMS:
            self.sound, total = False, total + rng.choice((-9, 10, 27, 90)) * Decimal("0.10")
        for name, value in (("net", net), ("tax", tax), ("total", total)):
            self.facts[name] = self._amount(value)

    def _number(self, day: date) -> str:
        rng = self.rng
        digits = f"{rng.randrange(1, 99999):05d}"
        return rng.choice(
            (
                f"{rng.choice('BKTWX')}{digits}",
                f"{day.year}/{digits[:4]}",
                f"{digits[:3]}.{digits[3:]}-{rng.randrange(10, 99)}",
                f"{rng.choice(('AR', 'LX', 'QM'))}-{digits}-{day.year % 100}",
                f"{day.year % 100}{digits}",
            )
        )

    def _day(self, day: date) -> Fact:
        month = words.MONTHS[day.month - 1]
        shown = {
            "iso": day.isoformat(),
            "dots": f"{day.day:02d}.{day.month:02d}.{day.year}",
            "long": f"{day.day} {month} {day.year}",
            "short": f"{day.day}-{month[:3]}-{day.year}",
            "us": f"{month[:3]} {day.day}, {day.year}",
        }[self._date_style]
        return Fact(shown, day.isoformat())

    def _amount(self, amount: Decimal) -> Fact:
        plain = f"{amount:,.2f}"
        shown = {
            "1,234.50": plain,
            "1234.50": plain.replace(",", ""),
            "1.234,50": plain.replace(",", " ").replace(".", ",").replace(" ", "."),
            "1 234,50": plain.replace(",", " ").replace(".", ","),
        }[self._style]
        return Fact(shown, f"{amount:.2f}")
