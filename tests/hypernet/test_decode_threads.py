"""How many threads a decode step takes, by how the steps before went."""

from __future__ import annotations

import pytest

from hypernet.engine.cpu.threads import MOST_PATIENCE, PATIENCE, ThreadCount

FREE, KEPT = (1.0, 0.99), (1.0, 0.5)
"""A step's seconds, and those for which the calling thread ran."""


def after(count: ThreadCount, steps: int, step: tuple[float, float]) -> int:
    for _ in range(steps):
        count.saw(*step)
    return count.now


def test_all_threads_stay_where_nothing_else_runs() -> None:
    count = ThreadCount(8)
    assert after(count, 10 * MOST_PATIENCE, FREE) == 8


def test_one_slow_step_is_an_accident() -> None:
    count = ThreadCount(2)
    assert {
        after(count, steps, step) for _ in range(9) for steps, step in ((1, KEPT), (3, FREE))
    } == {2}


@pytest.mark.parametrize(("most", "fewer"), [(1, [1]), (2, [1]), (8, [6, 5, 4, 3, 2, 1, 1])])
def test_where_steps_wait_for_a_core_threads_go_until_one_is_left(
    most: int, fewer: list[int]
) -> None:
    count = ThreadCount(most)
    assert [after(count, 2, KEPT) for _ in fewer] == fewer


def test_another_thread_is_tried_again_and_later_each_time_it_is_no_use() -> None:
    count, waited = ThreadCount(2), []
    after(count, 2, KEPT)
    for _ in range(6):
        steps = 0
        while count.now == 1:
            after(count, 1, FREE)
            steps += 1
        waited.append(steps)
        after(count, 2, KEPT)
    assert waited == [
        PATIENCE,
        2 * PATIENCE,
        4 * PATIENCE,
        8 * PATIENCE,
        MOST_PATIENCE,
        MOST_PATIENCE,
    ]


def test_when_the_machine_is_free_again_all_threads_are_back_and_patience_is_as_at_first() -> None:
    count = ThreadCount(4)
    after(count, 6, KEPT)
    assert count.now == 1
    assert after(count, 3 * PATIENCE + 3, FREE) == 4
    after(count, PATIENCE, FREE)
    after(count, 2, KEPT)
    assert (count.now, after(count, PATIENCE, FREE)) == (3, 4)
