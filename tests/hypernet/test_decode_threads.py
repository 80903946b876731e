"""How many threads a decode step takes, by how the steps before went."""

from __future__ import annotations

import pytest

from hypernet.engine.cpu.threads import MOST_PATIENCE, PATIENCE, WINDOW, ThreadCount

FREE, KEPT = (WINDOW, 0.99 * WINDOW), (WINDOW, 0.5 * WINDOW)
"""A step's seconds, and those for which the calling thread ran; each is a window by itself."""


def after(count: ThreadCount, steps: int, *kinds: tuple[float, float]) -> int:
    for number in range(steps):
        count.saw(*kinds[number % len(kinds)])
    return count.now


def test_all_threads_stay_where_nothing_else_runs() -> None:
    assert after(ThreadCount(8), 10 * MOST_PATIENCE, FREE) == 8


def test_a_clock_that_ticks_seldom_takes_no_thread_away() -> None:
    steps = [(0.01, ran) for ran in (0.0, 0.0156, 0.0, 0.0156, 0.0156, 0.0, 0.0156, 0.0156)]
    assert after(ThreadCount(4), 2_000, *steps) == 4


@pytest.mark.parametrize(("most", "fewer"), [(1, [1]), (2, [1]), (8, [6, 5, 4, 3, 2, 1, 1])])
def test_where_steps_wait_for_a_core_threads_go_until_one_is_left(
    most: int, fewer: list[int]
) -> None:
    count = ThreadCount(most)
    assert [after(count, 1, KEPT) for _ in fewer] == fewer


def test_short_steps_are_judged_together() -> None:
    short = (WINDOW / 10, WINDOW / 20)
    assert [after(ThreadCount(2), steps, short) for steps in (8, 12)] == [2, 1]


def test_another_thread_is_tried_again_and_later_each_time_it_is_no_use() -> None:
    count, waited = ThreadCount(2), []
    after(count, 1, KEPT)
    for _ in range(6):
        steps = 0
        while count.now == 1:
            after(count, 1, FREE)
            steps += 1
        waited.append(steps)
        after(count, 1, KEPT)
    assert waited == [PATIENCE * 2**n for n in range(5)] + [MOST_PATIENCE]


def test_a_slow_moment_now_and_then_keeps_no_thread_away_for_good() -> None:
    count = ThreadCount(8)
    after(count, 7, KEPT)
    assert count.now == 1
    assert after(count, 2_000, KEPT, *[FREE] * 63) >= 6


def test_when_the_machine_is_free_again_all_threads_are_back_and_patience_is_as_at_first() -> None:
    count = ThreadCount(4)
    after(count, 3, KEPT)
    assert count.now == 1
    assert after(count, 3 * PATIENCE, FREE) == 4
    after(count, PATIENCE, FREE)
    after(count, 1, KEPT)
    assert (count.now, after(count, PATIENCE, FREE)) == (3, 4)
