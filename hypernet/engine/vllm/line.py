"""Who is next: what waits for the server, and how many requests are there at once."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from hypernet.engine.interface import EngineClosedError, QueueFullError

if TYPE_CHECKING:
    from hypernet.engine.vllm.answer import Answer


class Line:
    """First come, first served, but no session keeps the others out. Safe from any thread."""

    def __init__(self, rows: int, queue: int) -> None:
        """`rows` may run at once, and `queue` may wait."""
        self._rows, self._queue = rows, queue
        self._waiting: list[Answer] = []
        self._running: list[Answer] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def busy(self) -> tuple[int, int]:
        """Requests that wait, and requests that run."""
        return len(self._waiting), len(self._running)

    def add(self, answer: Answer) -> None:
        """Put a request at the end.

        Raises:
            EngineClosedError, QueueFullError: it was not taken.
        """
        with self._lock:
            if self._closed:
                raise EngineClosedError("the engine is closed")
            if len(self._waiting) >= self._queue:
                raise QueueFullError(f"{self._queue} requests wait already; try again later")
            self._waiting.append(answer)

    def take(self) -> Answer | None:
        """The next one, which runs from now on; None while as many run as may, or none waits.

        It is that of the session with the fewest running; among those, who came first.
        """
        with self._lock:
            if not self._waiting or len(self._running) >= self._rows:
                return None
            running = Counter(each.request.session for each in self._running)
            chosen = min(self._waiting, key=lambda each: running[each.request.session])
            self._waiting.remove(chosen)
            self._running.append(chosen)
            return chosen

    def unwanted(self) -> list[Answer]:
        """Take those out of the line that were cancelled, or whose time is over."""
        with self._lock:
            found = [a for a in self._waiting if a.ticket.cancelled.is_set() or a.ticket.late]
            for answer in found:
                self._waiting.remove(answer)
            return found

    def done(self, answer: Answer) -> None:
        """A request that was taken runs no more."""
        with self._lock:
            self._running.remove(answer)

    def close(self) -> tuple[list[Answer], list[Answer]]:
        """Take no more: those that wait, which nobody gets any more, and those that run."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
            return waiting, list(self._running)
