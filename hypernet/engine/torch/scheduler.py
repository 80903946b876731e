"""Who runs next: the queue, admission, fairness between sessions, cancellation and deadlines.

One sequence is read (prefill) while the others are written (decode); each has a row of the batch.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from hypernet.engine.interface import (
    EngineClosedError,
    EngineError,
    Generation,
    QueueFullError,
    TokenCounts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypernet.engine.interface import Ticket
    from hypernet.engine.torch.sequence import Sequence


class Scheduler:
    """First come, first served, but no session keeps the others out.

    `add`, `close` and `busy` are safe from any thread; the rest is for the engine's own. Rows are
    dense: the running sequences have 0..n-1, and the one that is read has n.
    """

    def __init__(self, rows: int, queue: int) -> None:
        self.rows, self.queue = rows, queue
        self.running: list[Sequence] = []
        self.prefilling: Sequence | None = None
        self._waiting: list[Sequence] = []
        self._changed = threading.Condition()
        self._closed = False

    @property
    def busy(self) -> tuple[int, int]:
        """Sequences in the queue, and sequences with a row, at this moment."""
        return len(self._waiting), len(self.running) + (self.prefilling is not None)

    def add(self, sequence: Sequence) -> None:
        """Queue a sequence.

        Raises:
            EngineClosedError, QueueFullError: it was not queued.
        """
        with self._changed:
            if self._closed:
                raise EngineClosedError("the engine is closed")
            if len(self._waiting) >= self.queue:
                raise QueueFullError(f"{self.queue} requests wait already; try again later")
            self._waiting.append(sequence)
            self._changed.notify()

    def close(self) -> None:
        """Take no more, and end `wait_for_work`."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def wait_for_work(self, idle_s: float, idle: Callable[[], None]) -> bool:
        """Wait until there is a sequence, calling `idle` every so often; False once closed."""
        with self._changed:
            while not (self._waiting or self.running or self.prefilling or self._closed):
                if not self._changed.wait(idle_s):
                    idle()
            return not self._closed

    def schedule(self) -> Sequence | None:
        """The sequence of which a chunk is to be read now, if any.

        That is the one begun; without one, the next from the queue, when a row is free. One that
        was cancelled, or whose time is over, ends here.
        """
        if self.prefilling is None:
            self.prefilling = self._admit()
        elif _ended_early(self.prefilling.ticket):
            if self.prefilling.prefill is not None:
                self.prefilling.prefill.close()
            self.prefilling = None
        return self.prefilling

    def started(self) -> None:
        """The sequence that was read runs now."""
        if self.prefilling is not None:
            self.running.append(self.prefilling)
            self.prefilling = None

    def dropped(self) -> None:
        """The sequence that was read could not start."""
        self.prefilling = None

    def batch(self) -> list[Sequence]:
        """The sequences that a token is decoded for now, by row.

        None while one has ended with its first token: it leaves before the others go on.
        """
        return [] if any(sequence.finished for sequence in self.running) else list(self.running)

    def finished(self) -> list[Sequence]:
        """The running sequences that have ended, last row first, as `leave` takes them."""
        return [sequence for sequence in reversed(self.running) if sequence.finished]

    def leave(self, sequence: Sequence) -> list[tuple[int, int]]:
        """Let a sequence go; which rows have to move where, in order, to be dense again."""
        moves = []
        last = self.running.pop()
        if last is not sequence:
            moves.append((last.row, sequence.row))
            self.running[sequence.row] = last
            last.row = sequence.row
        if self.prefilling is not None:
            moves.append((self.prefilling.row, self.prefilling.row - 1))
            self.prefilling.row -= 1
        return moves

    def clear(self) -> list[Sequence]:
        """Let all go: those that run, the one that is read, and the queue."""
        with self._changed:
            prefilling = [] if self.prefilling is None else [self.prefilling]
            everyone = [*prefilling, *self.running, *self._waiting]
            self.running, self.prefilling, self._waiting = [], None, []
        for sequence in prefilling:
            if sequence.prefill is not None:
                sequence.prefill.close()
        return everyone

    def _admit(self) -> Sequence | None:
        """The next from the queue that has not ended early, with a row behind the running ones."""
        while len(self.running) < self.rows:
            with self._changed:
                if not self._waiting or self._closed:
                    return None
                sequence = self._next()
            if not _ended_early(sequence.ticket):
                sequence.row = len(self.running)
                return sequence
        return None

    def _next(self) -> Sequence:
        """Whose session has the fewest sequences running; among those, who came first."""
        running = Counter(sequence.ticket.request.session for sequence in self.running)
        chosen = min(self._waiting, key=lambda waiting: running[waiting.ticket.request.session])
        self._waiting.remove(chosen)
        return chosen


def _ended_early(ticket: Ticket) -> bool:
    """End a request that was cancelled, or whose time is over, before its first token."""
    if ticket.cancelled.is_set():
        ticket.fail(EngineError("the request was cancelled before it began"))
        return True
    if ticket.late:
        ticket.finish(Generation("", "time", TokenCounts(0, 0, 0, 0), 0.0, 0.0))
        return True
    return False
