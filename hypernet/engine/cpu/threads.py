"""How many threads a decode step takes: fewer where other processes keep them from their cores.

At each barrier all threads wait for the slowest. Where something else runs on one of their cores
that is one that does not run at all, and a step takes as long as that lasts.
"""

from __future__ import annotations

RAN = 0.8
"""The part of the steps' time that a thread runs for, at least, where nothing keeps it waiting:
0.99 on an idle machine, about 0.5 beside one other process on two cores."""
WINDOW = 0.2
"""Seconds of steps that are judged together: some clocks of threads tick every 16 ms."""
PATIENCE, MOST_PATIENCE = 5, 80
"""Calm windows until one more thread is tried again; twice as many each time that it was no use."""
SETBACK = 4
"""So many calm windows count no more after a slow one."""


class ThreadCount:
    """The threads of the next step, by how the last ones went."""

    def __init__(self, most: int) -> None:
        self.most = self.now = most
        self._seconds = self._ran = 0.0
        self._calm, self._patience = 0, PATIENCE
        self._trying = False
        """Whether it was a thread more lately, and may turn out to be one too many."""

    def saw(self, seconds: float, ran: float) -> None:
        """Take note of a step.

        Args:
            seconds: that it took.
            ran: seconds of these for which the calling thread had a core.
        """
        self._seconds, self._ran = self._seconds + seconds, self._ran + ran
        if self._seconds < WINDOW:
            return
        slow = self._ran < RAN * self._seconds
        self._seconds = self._ran = 0.0
        self._calm = max(0, self._calm - SETBACK) if slow else self._calm + 1
        if slow and self.now > 1:
            if self._trying:
                self._patience = min(2 * self._patience, MOST_PATIENCE)
            self._take(self.now - max(1, self.now // 4), trying=False)
        elif self._calm >= self._patience and self.now < self.most:
            self._take(self.now + 1, trying=True)
        elif self._trying and self._calm >= PATIENCE:
            self._patience, self._trying = PATIENCE, False

    def _take(self, threads: int, *, trying: bool) -> None:
        self.now, self._trying, self._calm = threads, trying, 0
