"""Lines, as SVG draws them: values put to places in a picture. A template's macro draws these.

Each chart goes with a table of its numbers, for who does not see it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 10, 28
"""Room for the numbers beside the picture."""
TICKS = 4
STEPS = (1, 2, 2.5, 5, 10)
FEW = 40
"""Of so many points each has a dot."""

Range = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """Values over something that goes on, in order; None is a gap. `band` is low and high of each.

    `x` and `y` are as long as each other, and so is a band.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    band: Sequence[Range] = ()


@dataclass(frozen=True)
class Tick:
    """A number beside the picture, and where it stands along its side."""

    at: float
    label: str


@dataclass(frozen=True)
class Line:
    """A drawn series: the path of the line, its dots, and the outline of its band (or empty)."""

    name: str
    path: str
    dots: tuple[tuple[float, float], ...]
    band: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart, all in the units of its picture."""

    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def line_chart(
    series: Sequence[Series],
    *,
    x_range: Range | None = None,
    y_range: Range | None = None,
    x_label: Callable[[float], str] = "{:g}".format,
    y_label: Callable[[float], str] = "{:g}".format,
    x_ticks: Sequence[float] | None = None,
) -> Chart | None:
    """Draw some series into one picture; None where there is no value at all.

    Args:
        series: at most six are told apart by colour and dashes.
        x_range: what the picture is wide; None: from the first to the last value.
        y_range: what it is high; None: from 0, or the least value below it, to the greatest.
        x_label: writes a number under the picture.
        y_label: writes a number beside it.
        x_ticks: where numbers stand under it; None: some round ones.
    """
    values = [y for each in series for y in each.y if y is not None]
    if not values:
        return None
    edges = [edge for each in series for low_high in each.band for edge in low_high]
    wide = x_range or _range(x for each in series for x in each.x)
    y_ticks = _round(*(y_range or _range((0.0, *values, *edges))))
    high = y_range or (y_ticks[0], y_ticks[-1])
    if x_ticks is None:
        x_ticks = [each for each in _round(*wide) if wide[0] <= each <= wide[1]]

    def across(x: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (x - wide[0]) / (wide[1] - wide[0]), 1)

    def up(y: float) -> float:
        inside = min(max(y, high[0]), high[1])
        share = (inside - high[0]) / (high[1] - high[0])
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    return Chart(
        tuple(_line(each, across, up) for each in series),
        tuple(Tick(across(x), x_label(x)) for x in x_ticks),
        tuple(Tick(up(y), y_label(y)) for y in y_ticks if high[0] <= y <= high[1]),
    )


def _line(series: Series, across: Callable[[float], float], up: Callable[[float], float]) -> Line:
    path, dots, pen = [], [], "M"
    for x, y in zip(series.x, series.y, strict=True):
        if y is None:
            pen = "M"
            continue
        dots.append((across(x), up(y)))
        path.append(f"{pen}{dots[-1][0]:g} {dots[-1][1]:g}")
        pen = "L"
    lows = [(across(x), up(low)) for x, (low, _) in zip(series.x, series.band, strict=False)]
    highs = [(across(x), up(high)) for x, (_, high) in zip(series.x, series.band, strict=False)]
    outline = " ".join(f"{x:g},{y:g}" for x, y in [*lows, *reversed(highs)])
    alone = len(dots) <= FEW
    return Line(series.name, _seen("".join(path)), tuple(dots) if alone else (), outline)


def _seen(path: str) -> str:
    """A path where points that stand alone are drawn too: round ends make them dots."""
    return re.sub(r"(M[^ML]+)(?=M|$)", r"\1h0", path)


def _range(values: Iterable[float]) -> Range:
    """From the least to the greatest, and never of no length."""
    found = list(values)
    least, greatest = min(found), max(found)
    return (least, greatest) if least < greatest else (least - 0.5, greatest + 0.5)


def _round(least: float, greatest: float) -> list[float]:
    """About `TICKS` round numbers, the first not above the least, the last not below the other."""
    rough = (greatest - least) / TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next(each for each in STEPS if each * unit >= rough * 0.999)
    first, last = math.floor(least / step), math.ceil(greatest / step - 1e-9)
    return [round(step * n, 10) for n in range(first, last + 1)]
