"""How long one call may take: its clock begins when the call comes in.

Waiting for a turn, loading, refining and storing documents all count.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_server.app.progress import CallProgress

# Most hosts cut a call at 60 s.
DEFAULT_SECONDS = 45


class TimeOverError(Exception):
    """A call's time was over before there was a result; says what goes on and what to send."""


class Deadline:
    """The end of one call's time."""

    def __init__(self, seconds: float, advice: str) -> None:
        """`advice` says, for the error, what was kept and what to send then."""
        self.seconds, self._advice = seconds, advice
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; 0 when the time is over."""
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.left == 0.0

    @contextmanager
    def enforced(
        self, progress: CallProgress, grace: float = 0.0, detail: Callable[[], str] = str
    ) -> Iterator[None]:
        """Give up what the block waits for when the time is over; threads it began go on.

        `grace` is how many seconds later, for what ends by itself at that time; `detail` is asked
        then for a sentence about what it waited for.

        Raises:
            TimeOverError: the time was over before the block ended; says what was being done.
        """
        with anyio.CancelScope(deadline=anyio.current_time() + self.left + grace) as scope:
            yield
        if scope.cancelled_caught:
            raise self.error(progress, detail())

    def error(self, progress: CallProgress, detail: str = "") -> TimeOverError:
        """The error that says that the time is over; `detail` is a sentence about it."""
        return TimeOverError(
            f"max_seconds: the {self.seconds:g} s of this call are over while {progress.doing}. "
            f"{detail}{self._advice}"
        )
