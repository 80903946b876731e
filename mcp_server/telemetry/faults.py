"""What the log says of a database that cannot be used: each fault once a minute at most."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)
# How the memory layer's messages begin that are about the file, and so quote no user.
ABOUT_THE_FILE = ("database ", "database:")
AGAIN_SECONDS = 60.0
KEPT = 100


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
