"""The check of the whole database file, which goes on behind the first answers.

It reads the file through a connection of its own, so nothing waits for it. What it finds, or what a
call meets, stops every write from then on: what can be read stays readable.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Literal

from checkpoints.errors import StoreDamaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

State = Literal["running", "sound", "damaged", "stopped"]

# Other threads go first; on Linux each thread has a niceness of its own.
_NICENESS = 5
_STOP_SECONDS = 10.0


class FileCheck:
    """The check of one open database file.

    `state` is "stopped" before it begins, and when it was given up; `problem` is what is wrong.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], sqlite3.Connection],
        ended: Callable[[str | None, float], None],
        noted: Callable[[], None],
    ) -> None:
        """`connect` opens the file for reading; `noted` is called when it turns out damaged.

        `ended` gets what a check found (None: nothing) and its seconds; it must not raise.
        """
        self.state: State = "stopped"
        self.problem: str | None = None
        self._name, self._connect, self._ended, self._noted = name, connect, ended, noted
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._given_up = False

    def passed(self) -> None:
        """Note that the file has been checked already."""
        self.state = "sound"

    def begin(self) -> None:
        """Check the file, on a thread of its own."""
        self.state, self._given_up = "running", False
        self._thread = threading.Thread(target=self._run, name="database-check", daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None) -> None:
        """Wait for its end, `seconds` at most; None: as long as it takes."""
        if self._thread is not None:
            self._thread.join(seconds)

    def stop(self) -> None:
        """Give it up, and let go of the file."""
        with self._lock:
            self._given_up = True
            if self._connection is not None:
                self._connection.interrupt()
        self.wait(_STOP_SECONDS)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The file without this reader; a check that had not ended begins anew afterwards."""
        running = self.state == "running"
        if running:
            self.stop()
        try:
            yield
        finally:
            if running and self.state == "stopped":
                self.begin()

    def met(self, problem: str) -> None:
        """Note damage, whoever met it; what was noted first stays."""
        if self.problem is None:
            self.problem, self.state = problem, "damaged"
            self._noted()

    def refuse_damaged(self) -> None:
        """Raise StoreDamaged once damage was met."""
        if self.problem is not None:
            raise StoreDamaged(self._name, self.problem)

    def _run(self) -> None:
        if sys.platform == "linux":
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        began = time.perf_counter()
        problem = None
        try:
            with closing(self._connect()) as connection:
                with self._lock:
                    self._connection = connection
                    if self._given_up:
                        connection.interrupt()
                try:
                    problem = first_problem(connection)
                finally:
                    with self._lock:
                        self._connection = None
        except sqlite3.Error as error:
            if not is_damage(error):  # given up, or the disk refuses: nothing is known
                self.state = "damaged" if self.problem else "stopped"
                return
            problem = str(error)
        if problem is not None:
            self.met(problem)
        elif self.problem is None:
            self.state = "sound"
        self._ended(problem, time.perf_counter() - began)


def first_problem(connection: sqlite3.Connection) -> str | None:
    """What SQLite's quick check of the whole file finds first. Raises sqlite3.Error."""
    findings = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
    return None if findings == ["ok"] else " ".join(str(findings[0]).split())


def is_damage(error: sqlite3.Error) -> bool:
    """Whether it says that the file is not what SQLite wrote."""
    code = getattr(error, "sqlite_errorname", "") or ""
    return code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))
