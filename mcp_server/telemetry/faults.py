"""What the log says of a database that cannot be used, each fault once a minute at most.

And of errors that were not foreseen.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING

from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)
# How the memory layer's messages begin that are about the file, and so quote no user.
ABOUT_THE_FILE = ("database ", "database:")
AGAIN_SECONDS = 60.0
KEPT = 100
NAME_SHOWN = 100


class DatabaseFaults:
    """Logs them. Callers see the same fault in every answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[str, float] = {}

    def note(self, text: str | None) -> None:
        """Log what a call failed with, if it is about the file and was not said just now."""
        if text is None or not text.startswith(ABOUT_THE_FILE):
            return
        # Sizes change from call to call.
        now, fault = self._clock(), re.sub(r"\d+", "", text)
        if now - self._told.get(fault, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        if len(self._told) >= KEPT:
            self._told.clear()
        self._told[fault] = now
        LOG.error("%s", text)


def internal_error(what: str, error: BaseException) -> str:
    """Log an unexpected error with its stack; return what the client may know of it."""
    number = secrets.token_hex(4)
    LOG.error("internal error %s in %r", number, beginning(what, NAME_SHOWN), exc_info=error)
    return f"internal error; the server's log has the details (id {number})"
