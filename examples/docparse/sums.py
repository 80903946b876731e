"""Amounts that add up: of all readings of a document's amounts, the likeliest one that does."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from examples.docparse.tasks import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_AMOUNTS = 9
"""Of more there are too many readings to look through."""
LEAST_SHARE = 1e-6
HIGHEST_RATE = Decimal("0.5")
"""No tax is more of its net."""
MOST_UNLIKELIER = 1000
"""A reading that adds up is believed if the likeliest one of all is no more times likelier: of a
document whose own sums are wrong, some odd reading adds up as well."""


def likeliest_reading(
    amounts: Sequence[Decimal], shares: Sequence[Mapping[str, float]]
) -> list[str] | None:
    """A label for each amount, such that net and tax make the total and the lines one of both.

    A document need not say its net. An amount that is said twice has the same label twice, or is
    something else the second time.

    Args:
        amounts: in the document's order.
        shares: of each amount, those of the labels.

    Returns:
        None where no reading adds up, none that is likely does, or the amounts are too many.
    """
    if len(amounts) > MOST_AMOUNTS:
        return None
    best: tuple[float, list[str]] | None = None
    for labels in _readings(amounts):
        said = {amounts[at]: label for at, label in labels.items() if label != "line"}
        reading = [
            labels.get(at) or _of_the_rest(each, said.get(amount))
            for at, (amount, each) in enumerate(zip(amounts, shares, strict=True))
        ]
        score = sum(_score(each, label) for each, label in zip(shares, reading, strict=True))
        if best is None or score > best[0]:
            best = score, reading
    likeliest = sum(
        _score(each, max(each, key=lambda label: each[label])) for each in shares
    )  # used at once
    if best is None or best[0] < likeliest - math.log(MOST_UNLIKELIER):
        return None
    return best[1]


def _score(shares: Mapping[str, float], label: str) -> float:
    return math.log(max(shares.get(label, 0.0), LEAST_SHARE))


def _of_the_rest(shares: Mapping[str, float], again: str | None) -> str:
    """The label of an amount that no role needs; `again` is that of an equal one."""
    if again is None or _score(shares, OTHER) >= _score(shares, again):
        return OTHER
    return again


def _readings(amounts: Sequence[Decimal]) -> Iterator[dict[int, str]]:
    """Labels of the amounts that are lines, net, tax and total, by their place."""
    places = range(len(amounts))
    for tax, total in permutations(places, 2):
        before_tax = amounts[total] - amounts[tax]
        if amounts[tax] > HIGHEST_RATE * before_tax:
            continue
        nets = [at for at in places if amounts[at] == before_tax and at not in (tax, total)]
        for net in (*nets, None):
            roles = {tax: "tax", total: "total"} | ({} if net is None else {net: "net"})
            left = [at for at in places if at not in roles]
            for count in range(1, len(left) + 1):
                for lines in combinations(left, count):
                    if sum(amounts[at] for at in lines) in (before_tax, amounts[total]):
                        yield roles | dict.fromkeys(lines, "line")
