"""Lines as the page draws them: values at their places, gaps, bands, round numbers beside them."""

from __future__ import annotations

import re

import pytest

from mcp_server.page.parts.curves import HEIGHT, WIDTH, Series, line_chart


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+) ([\d.]+)", path)]


def test_more_is_higher_and_later_is_further_right():
    chart = line_chart([Series("steps", [0, 1, 2], [0.0, 5.0, 10.0])])
    assert chart is not None
    (line,) = chart.lines
    (x0, y0), (x1, y1), (x2, y2) = points(line.path)
    assert x0 < x1 < x2
    assert y0 > y1 > y2
    assert (x0, x2) == (chart.left, chart.right)
    assert (y0, y2) == (chart.bottom, chart.top)
    assert len(line.dots) == 3


def test_a_gap_breaks_the_line_and_is_no_zero():
    chart = line_chart([Series("steps", [0, 1, 2, 3], [4.0, None, 4.0, 4.0])])
    assert chart is not None
    (line,) = chart.lines
    assert line.path.count("M") == 2
    assert line.path.count("L") == 1
    assert len({y for _, y in points(line.path)}) == 1


def test_without_a_value_there_is_no_chart():
    assert line_chart([]) is None
    assert line_chart([Series("steps", [], [])]) is None
    assert line_chart([Series("steps", [1, 2], [None, None])]) is None


@pytest.mark.parametrize("value", [0.0, 7.0, -3.0, 0.25, 1e9, 1e-6])
def test_values_that_do_not_change_are_drawn_inside_the_picture(value: float):
    chart = line_chart([Series("steps", [5], [value])])
    assert chart is not None
    ((x, y),) = points(chart.lines[0].path)
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT
    assert chart.up


def test_the_numbers_beside_it_are_round_and_hold_all_values():
    chart = line_chart([Series("ms", [0, 1], [3.0, 47.0])], y_label="{:g} ms".format)
    assert chart is not None
    assert [tick.label for tick in chart.up] == ["0 ms", "20 ms", "40 ms", "60 ms"]
    assert [tick.at for tick in chart.up] == sorted((t.at for t in chart.up), reverse=True)


def test_a_band_goes_along_the_line_and_back():
    chart = line_chart(
        [Series("share", [0, 1], [0.5, 0.6], [(0.4, 0.6), (0.5, 0.7)])], y_range=(0.0, 1.0)
    )
    assert chart is not None
    corners = [tuple(map(float, each.split(","))) for each in chart.lines[0].band.split()]
    assert [x for x, _ in corners] == [chart.left, chart.right, chart.right, chart.left]
    assert corners[0][1] > corners[3][1]


def test_what_is_outside_a_given_range_stays_in_the_picture():
    chart = line_chart([Series("share", [0, 1], [0.5, 9.0])], y_range=(0.0, 1.0))
    assert chart is not None
    assert points(chart.lines[0].path)[1] == (chart.right, chart.top)


def test_of_very_many_points_none_has_a_dot():
    chart = line_chart([Series("steps", range(360), [float(n) for n in range(360)])])
    assert chart is not None
    assert chart.lines[0].dots == ()
    assert len(points(chart.lines[0].path)) == 360
