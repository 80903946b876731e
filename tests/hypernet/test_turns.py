"""Long work gives way to work that somebody waits for, and never stands still for good."""

from __future__ import annotations

import threading

from hypernet.turns import WAITED, Turns


class Clock:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_long_work_goes_on_at_once_while_nobody_waits() -> None:
    give_way = Turns(clock := Clock()).behind()
    clock.now = 1e6
    give_way()


def test_long_work_waits_until_all_that_goes_first_has_ended() -> None:
    turns = Turns(clock := Clock())
    give_way, ended = turns.behind(), []

    def work() -> None:
        give_way()
        ended.append("long")

    with turns.first():
        with turns.first():
            clock.now = 1e6  # so long has it worked that its share is far away
            worker = threading.Thread(target=work)
            worker.start()
            ended.append("one")
        ended.append("other")
    worker.join(20)
    assert ended == ["one", "other", "long"]


def test_beside_work_that_never_ends_long_work_keeps_a_share() -> None:
    turns = Turns(clock := Clock())
    with turns.first():
        give_way = turns.behind()
        for _ in range(100):
            clock.now += 1e-5
            give_way()
    assert WAITED >= 1


def test_an_error_in_what_goes_first_lets_long_work_go_on() -> None:
    turns = Turns(clock := Clock())
    give_way = turns.behind()
    try:
        with turns.first():
            raise ValueError
    except ValueError:
        clock.now = 1e6
    give_way()
