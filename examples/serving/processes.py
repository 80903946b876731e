"""Programs that the example starts, and ends with all that they started themselves."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import psutil

from examples.agent.command import INTERRUPTED
from examples.agent.errors import ExampleError, last_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

EXIT_SECONDS = 10.0


class Program:
    """A running program whose output goes to a file."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        """Start it.

        Raises:
            ExampleError: it cannot be started.
        """
        self.log = log
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(
                    command,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
        except OSError as error:
            raise ExampleError(f"cannot start {command[0]}: {error.strerror}") from error

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """What it ended with; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """End it as a crash would, and what it started; nothing where it has ended."""
        for process in reversed(self._family()):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and kill what is left after ten seconds."""
        family = self._family()
        if self.running:
            self._process.terminate()
        _kill_after_a_while(family)
        self._process.wait()

    def last_words(self) -> str:
        """The last line of its output, as the end of an error message."""
        return last_words(self.log)

    def _family(self) -> list[psutil.Process]:
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def run_to_the_end(main: Callable[[], int]) -> NoReturn:
    """Run a command line and exit; where a signal ended it, all that it started ends, too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = main()
    if code == INTERRUPTED:
        _stop_strays()
    sys.exit(code)


def _stop_strays() -> None:
    """End all that this process started, also what a signal left without a holder."""
    started = psutil.Process().children(recursive=True)
    for process in started:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _kill_after_a_while(started)


def _kill_after_a_while(processes: list[psutil.Process]) -> None:
    _, left = psutil.wait_procs(processes, timeout=EXIT_SECONDS)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
