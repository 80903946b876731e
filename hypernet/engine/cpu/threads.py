"""How many threads a decode step takes: fewer where other processes keep them from their cores.

At each barrier all threads wait for the slowest. Where something else runs on one of their cores
that is one that does not run at all, and a step takes as long as that lasts.
"""

from __future__ import annotations

RAN = 0.8
"""The part of a step's time that a thread runs for, at least, where nothing keeps it waiting: 0.99
on an idle machine, about 0.5 beside one other process on two cores."""
SLOW = 2
"""So many steps in a row under that are no accident."""
PATIENCE, MOST_PATIENCE = 64, 1024
"""Steps until one more thread is tried again; twice as many after each time that it was no use."""


class ThreadCount:
    """The threads of the next step, by how the last ones went."""

    def __init__(self, most: int) -> None:
        self.most = self.now = most
        self._patience = PATIENCE
        self._trying = False
        """Whether it was a thread more lately, and may turn out to be one too many."""
        self._slow = self._calm = 0

    def saw(self, seconds: float, ran: float) -> None:
        """Take note of a step.

        Args:
            seconds: that it took.
            ran: seconds of these for which the calling thread had a core.
        """
        if ran < RAN * seconds:
            self._slow, self._calm = self._slow + 1, 0
        else:
            self._slow, self._calm = 0, self._calm + 1
        if self._slow >= SLOW and self.now > 1:
            if self._trying:
                self._patience = min(2 * self._patience, MOST_PATIENCE)
            self._take(self.now - max(1, self.now // 4), trying=False)
        elif self._calm >= self._patience and self.now < self.most:
            self._take(self.now + 1, trying=True)
        elif self._trying and self._calm >= PATIENCE:
            self._patience, self._trying = PATIENCE, False

    def _take(self, threads: int, *, trying: bool) -> None:
        self.now, self._trying, self._slow, self._calm = threads, trying, 0, 0
