"""Whose turn it is on the processor: work that somebody waits for goes first.

Long work on the same cores, a refinement or the reading of many examples, gives way between pieces
of some milliseconds. It is never stopped for good: it waits a few times as long as it has worked.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAITED = 4
"""How many times as long as it has worked such work waits at most: it keeps a fifth of the time."""
QUIET_S = 0.25
"""Seconds at most, else as many as it has worked, that nobody must have waited for it to go on."""


class Turns:
    """Who goes first, among the threads of one process. Safe from any thread."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._first = 0
        self._ended = -math.inf

    @contextmanager
    def first(self) -> Iterator[None]:
        """While the block runs, work that comes behind waits."""
        with self._changed:
            self._first += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._first -= 1
                self._ended = self._clock()
                self._changed.notify_all()

    def behind(self) -> Callable[[], None]:
        """What one piece of long work calls again and again, to let others go first."""
        since = self._clock()

        def give_way() -> None:
            nonlocal since
            with self._changed:
                self._wait(self._clock() - since)
            since = self._clock()

        return give_way

    def _wait(self, worked: float) -> None:
        """Wait until it is quiet, or until the share of who has worked so long is due."""
        began, quiet = self._clock(), min(worked, QUIET_S)
        # A client's next step comes soon after its last one.
        while self._first or self._clock() - self._ended < quiet:
            left = WAITED * worked - (self._clock() - began)
            pause = left if self._first else min(left, quiet)
            if pause <= 0 or not self._changed.wait(pause):
                return
