"""Whether a number or a date is beyond a bound in the middle of what documents say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from babel.dates import format_date

from tasks.forms import DATE, NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.drawing import Random
    from tasks.fields import Value
    from tasks.specification import Field

LEAST_VALUES = 16


@dataclass(frozen=True)
class Comparison:
    """A bound, said as claims and as questions."""

    claims: tuple[str, ...]
    questions: tuple[str, ...]
    holds: Callable[[Value], bool]


def found(field: Field, values: Sequence[Value], rng: Random) -> list[Comparison]:
    """Comparisons that hold for about half of the values."""
    if len(values) < LEAST_VALUES:
        return []
    if all(DATE.fullmatch(v.plain) for v in values):
        return [_dates(field, values, rng)]
    if all(NUMBER.fullmatch(v.plain) for v in values):
        return [_numbers(field, values, more=True), _numbers(field, values, more=False)]
    return []


def _dates(field: Field, values: Sequence[Value], rng: Random) -> Comparison:
    middle = sorted(v.plain for v in values)[len(values) // 2]
    bound = date.fromisoformat(middle).replace(day=1)
    style = rng.choice(("d MMMM yyyy", "MMMM d, yyyy", "yyyy-MM-dd"))
    day = format_date(bound, style, locale="en")
    before = rng.random() < 0.5
    word = "before" if before else "on or after"
    names = field.names[:3]
    return Comparison(
        tuple(f"the {name} is {word} {day}" for name in names),
        tuple(f"Is the {name} {word} {day}?" for name in names),
        lambda v: (v.plain < bound.isoformat()) == before,
    )


def _numbers(field: Field, values: Sequence[Value], *, more: bool) -> Comparison:
    numbers = sorted(v.number for v in values)
    place = len(numbers) * (2 if more else 3) // 5
    bound = _round(numbers[place])
    unit = f" {field.unit}" if field.unit else "%" if field.make == "percent" else ""
    money = field.make in ("money", "sum", "product", "share")
    aside = " (whatever the currency)" if money else ""
    figure = f"{bound:,}{unit}" if not re.fullmatch(r"0\d*", str(bound)) else f"{bound}{unit}"
    word = "more than" if more else "less than"
    names = field.names[:3]
    claims = tuple(f"the {name} is {word} {figure}" for name in names)
    return Comparison(
        claims,
        tuple(f"Is the {name} {word} {figure}{aside}?" for name in names),
        lambda v: v.number > bound if more else v.number < bound,
    )


def _round(number: Decimal) -> Decimal:
    """The number to two figures, as somebody would pick a bound."""
    if number == 0:
        return number
    rounded = number.quantize(Decimal(1).scaleb(number.adjusted() - 1))
    return Decimal(f"{rounded:f}").normalize() + 0 if rounded < 1 else Decimal(f"{rounded:f}")
