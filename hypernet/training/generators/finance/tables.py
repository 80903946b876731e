"""Drawn tables of company reports with questions on them. Knows nothing of models or training."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from hypernet.training.generators.common import Drawn
from hypernet.training.generators.finance import words

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

MOST_CHARACTERS = 880
# Elsewhere a loss would be odd, such as land of less than nothing.
MAY_BE_NEGATIVE = re.compile(
    r"\b(cash|income|tax|Purchases|Repayment|paid|Finance|Profit|swaps|contracts)\b"
)
NEGATIVE_SHARE = 0.3
CHANGE_SHARE = 0.3
VALUE_QUESTIONS = (
    "What was the {label} in {year}?",
    "What is the {label} in {year}?",
    "How much was the {label} in {year}?",
    "What is the company's {year} {label}?",
    "What was {label} for {year}?",
    "How much is the {year} {label}?",
    "What is the value of {label} as at {year}?",
    "What was the amount of {label} in {year}?",
    "What does the table show for {label} in {year}?",
    "{label} {year}?",
)
YEAR_QUESTIONS = (
    "In which year was {label} {larger}?",
    "In which year was the amount of {label} {larger}?",
    "Which year had the {larger} {label}?",
    "In which period were {label} {larger}?",
    "When was the {label} {larger}?",
    "For which year is the {label} {larger}?",
)
LABEL_QUESTIONS = (
    "Which item was the {largest} in {year}?",
    "Which row had the {largest} value in {year}?",
    "What is the {largest} component in {year}?",
    "In {year}, which line was the {largest}?",
    "Which of the items shown was {largest} for {year}?",
)
ROW_QUESTIONS = (
    "{label}",
    "Row: {label}",
    "What are the figures for {label}?",
    "How did {label} develop over the periods?",
    "{label}, all periods",
)


class Row(NamedTuple):
    """A line of a table: its name and footnote, its numbers and how they are printed."""

    label: str
    note: str
    values: tuple[float, ...]
    cells: tuple[str, ...]


class Table(NamedTuple):
    """A table with its text."""

    years: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row | None
    changes: tuple[str, ...]
    text: str


class Style(NamedTuple):
    """How one report prints its figures."""

    sign: str
    places: int
    dash: str
    tail: str


def printed(value: float, style: Style, with_sign: bool) -> str:
    """A figure in the style of the report."""
    sign = style.sign if with_sign else ""
    if value == 0:
        return style.dash
    figure = f"{abs(value):,.{style.places}f}{style.tail}"
    return f"{sign}({figure})" if value < 0 else f"{sign}{figure}"


def style_of(rng: random.Random, counts: str) -> Style:
    """A style that suits what is counted."""
    dash = rng.choice(("—", "-", "-"))
    if counts == words.PERCENT:
        return Style("", rng.choice((1, 1, 2)), dash, rng.choice(("", "%", "%")))
    if counts == words.SHARES:
        return Style("", rng.choice((0, 0, 2)), dash, "")
    return Style(rng.choice(("$", "$", "$ ", "", "")), rng.choice((0, 0, 0, 1)), dash, "")


def values_of(
    rng: random.Random, label: str, counts: str, style: Style, size: int, years: int
) -> list[float]:
    """The numbers of one row: of like size and the same sign, some missing."""
    low, high = (0.6, 1.5) if counts == words.PERCENT else (0.4, 1.6)
    first = size * 10 ** rng.uniform(-2, 0)
    if counts == words.PERCENT:
        first = rng.uniform(0.8, 60)
    may = counts == words.MONEY and MAY_BE_NEGATIVE.search(label)
    sign = -1 if may and rng.random() < NEGATIVE_SHARE else 1
    values = [sign * round(max(first, 1), style.places)]
    for _ in range(years - 1):
        value = sign * round(max(first * rng.uniform(low, high), 1), style.places)
        values.append(0 if rng.random() < 0.04 else value)
    return values


def periods(rng: random.Random) -> tuple[str, ...]:
    """Column headings for two or three years, mostly the latest first."""
    last = rng.choice((2019, 2019, 2019, 2018, 2020, 2016, 2017, 2021, 2022, 2023))
    years = range(last, last - rng.choice((2, 2, 2, 3)), -1)
    style = rng.choice(("{}",) * 6 + ("FY{short}", "{day} {}", "Fiscal {}"))
    day = rng.choice(("31 March", "30 June", "31 December", "30 September"))
    names = [style.format(year, short=str(year)[2:], day=day) for year in years]
    return tuple(names if rng.random() < 0.88 else reversed(names))


def heading(
    rng: random.Random, years: Sequence[str], counts: str, more: str, sign: str
) -> list[str]:
    """The lines above the figures in one of the layouts that tables lose when they become text."""
    units = words.MONEY_UNITS if sign else words.FOREIGN_UNITS
    unit = rng.choice(units) if counts == words.MONEY else ""
    columns = " | ".join((*years, more)) if more else " | ".join(years)
    blanks = " | " * (len(years) + bool(more) - 1)
    above = rng.choice(
        ("December 31,", "Year Ended June 30,", "Years Ended December 31,", "As of March 31,",
         "For the year ended 31 December", "Fiscal Year End", "Twelve months ended September 30,")
    )  # fmt: skip
    # A heading with a date of its own would contradict columns with dates.
    layout = rng.randrange(5) if years[0].isdigit() else rng.choice((0, 2, 4))
    if layout == 0:
        return [f"{unit} | {columns}"]
    if layout == 1:
        return [f" | {above}{blanks}", f"{unit} | {columns}"]
    if layout == 2 and unit:
        return [f" | {columns}", " | " + " | ".join([unit.strip("()")] * len(years))]
    if layout == 3:
        return [f"{above} | {blanks}", f"{unit} | {columns}"]
    return [f" | {columns}"]


def change_cell(row: Row) -> str:
    """The change in per cent of the first column over the second."""
    if min(row.values[:2]) <= 0:
        return ""
    change = (row.values[0] / row.values[1] - 1) * 100
    return f"({-change:.1f})" if change < 0 else f"{change:.1f}"


def line(row: Row, with_change: bool) -> str:
    """A row as text."""
    cells = (*row.cells, change_cell(row)) if with_change else row.cells
    return " | ".join((row.label + row.note, *cells))


def draw_table(rng: random.Random) -> Table:
    """A table whose last row is the sum of the others where the theme has a sum."""
    theme = rng.choice(words.THEMES)
    style, years = style_of(rng, theme.counts), periods(rng)
    chosen = set(rng.sample(theme.rows, rng.randint(2, min(9, len(theme.rows)))))
    rows: list[Row] = []
    size = rng.choice((300, 2_000, 9_000, 90_000, 900_000))
    for number, label in enumerate(name for name in theme.rows if name in chosen):
        values = values_of(rng, label, theme.counts, style, size, len(years))
        shown = tuple(printed(value, style, number == 0) for value in values)
        note = rng.choice(("(1)", "1", " (a)")) if rng.random() < 0.05 else ""
        rows.append(Row(label, note, tuple(values), shown))
    total = None
    if theme.total:
        sums = tuple(
            round(sum(row.values[place] for row in rows), 4) for place in range(len(years))
        )
        label = theme.total if rng.random() < 0.85 else ""
        total = Row(label, "", sums, tuple(printed(value, style, True) for value in sums))
    newest_first = int(years[0][-2:]) > int(years[1][-2:])
    with_change = newest_first and rng.random() < 0.2
    more = rng.choice(("Change (%)", "% Change", "Change %")) if with_change else ""
    every = [*rows, total] if total else rows
    body = [line(row, with_change) for row in every]
    changes = tuple(change_cell(row) for row in rows) if with_change else ()
    text = "\n".join([*heading(rng, years, theme.counts, more, style.sign), *body])
    return Table(years, tuple(rows), total, changes, text)


def asked(rng: random.Random, label: str) -> str:
    """A row name as somebody writes it in a question."""
    if label[1].isupper() or rng.random() < 0.6:
        return label
    return label[0].lower() + label[1:]


def bare_year(heading: str) -> str:
    """The year of a column heading."""
    return heading[-4:] if heading[-4:].isdigit() else heading


def short_year(rng: random.Random, heading: str) -> str:
    """A column heading as somebody writes it in a question."""
    return bare_year(heading) if rng.random() < 0.8 else heading


def on_table(table: Table, question: str) -> str:
    """The input: a table and a question."""
    return f"Table:\n{table.text}\nQuestion: {question}"


def fitting(drawn: Drawn) -> bool:
    """Whether the instance is short enough."""
    return len(drawn.input) <= MOST_CHARACTERS


def change_question(rng: random.Random, table: Table) -> Drawn | None:
    """A question for the printed change of a row, where one is printed."""
    number = rng.randrange(len(table.rows))
    if not table.changes or not table.changes[number]:
        return None
    label = asked(rng, table.rows[number].label)
    question = (
        f"What was the percentage change in {label} from {table.years[1]} to {table.years[0]}?"
    )
    return Drawn(on_table(table, question), table.changes[number])


def figure_question(rng: random.Random, table: Table) -> Drawn:
    """A question for one figure."""
    if rng.random() < CHANGE_SHARE and (drawn := change_question(rng, table)):
        return drawn
    rows = [*table.rows, table.total] if table.total and table.total.label else table.rows
    row = rng.choice([row for row in rows if row])
    place = rng.randrange(len(table.years))
    question = rng.choice(VALUE_QUESTIONS).format(
        label=asked(rng, row.label), year=short_year(rng, table.years[place])
    )
    return Drawn(on_table(table, question), row.cells[place])


def year_question(rng: random.Random, table: Table) -> Drawn | None:
    """A question for the year of the larger or smaller figure, or none where it has no answer."""
    rows = [row for row in table.rows if min(row.values) > 0]
    rows = [row for row in rows if len(set(row.values)) == len(row.values)]
    if not rows:
        return None
    row = rng.choice(rows)
    two = len(row.values) == 2
    if two and rng.random() < 0.15:
        bound = round(sum(row.values) / 2, 1)
        bound = round(bound) if bound > 1_000 else bound
        if not min(row.values) < bound < max(row.values):
            return None
        question = f"In which year was {asked(rng, row.label)} less than {bound:,}?"
        lower = table.years[row.values.index(min(row.values))]
        return Drawn(on_table(table, question), bare_year(lower))
    small = rng.random() < 0.25
    big_words = ("larger", "higher", "larger") if two else ("largest", "highest")
    small_words = ("smaller", "lower") if two else ("smallest", "lowest")
    word = rng.choice(small_words if small else big_words)
    question = rng.choice(YEAR_QUESTIONS).format(label=asked(rng, row.label), larger=word)
    wanted = min(row.values) if small else max(row.values)
    return Drawn(on_table(table, question), bare_year(table.years[row.values.index(wanted)]))


def label_question(rng: random.Random, table: Table) -> Drawn | None:
    """A question for the row with the largest or smallest figure of a year."""
    place = rng.randrange(len(table.years))
    values = [row.values[place] for row in table.rows]
    if len(set(values)) < len(values) or min(values) <= 0:
        return None
    small = rng.random() < 0.25
    word = rng.choice(("smallest", "lowest") if small else ("largest", "highest", "greatest"))
    question = rng.choice(LABEL_QUESTIONS).format(
        largest=word, year=short_year(rng, table.years[place])
    )
    wanted = min(values) if small else max(values)
    row = table.rows[values.index(wanted)]
    return None if row.note else Drawn(on_table(table, question), row.label)


def draw_figure(rng: random.Random) -> Drawn:
    """A table and a figure of it."""
    while True:
        drawn = figure_question(rng, draw_table(rng))
        if fitting(drawn):
            return drawn


def draw_year(rng: random.Random) -> Drawn:
    """A table and a year of it."""
    while True:
        drawn = year_question(rng, draw_table(rng))
        if drawn and fitting(drawn):
            return drawn


def draw_label(rng: random.Random) -> Drawn:
    """A table and a row name of it."""
    while True:
        drawn = label_question(rng, draw_table(rng))
        if drawn and fitting(drawn):
            return drawn


def draw_lookup(rng: random.Random) -> Drawn:
    """A table with a question of any sort."""
    draw = rng.choices((draw_figure, draw_year, draw_label), (0.6, 0.32, 0.08))[0]
    return draw(rng)


def draw_row(rng: random.Random) -> Drawn:
    """A table and one row of it as JSON."""
    while True:
        table = draw_table(rng)
        row = rng.choice(table.rows)
        question = rng.choice(ROW_QUESTIONS).format(label=row.label)
        answer = json.dumps(dict(zip(table.years, row.cells, strict=True)), ensure_ascii=False)
        drawn = Drawn(on_table(table, question), answer)
        if fitting(drawn):
            return drawn
