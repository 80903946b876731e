"""Work in the background: rounds of it on a thread of its own, as long as some is wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CLOSE_SECONDS = 30


class Background:
    """Runs rounds of one kind of work. There is a thread only while one is wanted."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        """`name` is the thread's; `work` is one round, looks at `closing`, and must not raise."""
        self._name, self._work = name, work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = False
        self.closing = threading.Event()

    def start(self) -> None:
        """Begin a round; while one runs, go round once more."""
        with self._lock:
            self._wanted = True
            if self._thread is None and not self.closing.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until all that was wanted when this was called is done."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def close(self) -> None:
        """Stop as soon as the round looks at `closing`."""
        with self._lock:
            self.closing.set()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            with self._lock:
                if self.closing.is_set() or not self._wanted:
                    self._thread = None
                    return
                self._wanted = False
            self._work()
