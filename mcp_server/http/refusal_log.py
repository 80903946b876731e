"""What the log says of refused requests: who failed to log in, which names were refused, for whom.

A flood fills no disk: only so many lines a minute, of one address and in all; the next line says
how many were left out. All are counted in the metrics.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from checkpoints.text.graphemes import beginning
from mcp_server.http.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)
LINES_PER_MINUTE, LINES_PER_ADDRESS = 60, 6
# Of what a client sent; more would say nothing more.
SHOWN = 200


class RefusalLog:
    """Writes the lines. For one thread, the event loop's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._all = Rates(LINES_PER_MINUTE, clock)
        self._by_address = Rates(LINES_PER_ADDRESS, clock)
        self._left_out: Counter[str] = Counter()

    def note(self, what: str, address: str, **sent: str) -> None:
        """Log a refusal of the kind `what`, with what of the request explains it.

        `address` is the client's, as a trusted proxy tells it where there is one.
        """
        # By kind too: failed log-ins must not hide behind a flood of something else.
        if self._by_address.take(f"{what} {address}") or self._all.take(what):
            self._left_out[what] += 1
            return
        fields: dict[str, str | int] = {"address": beginning(address, SHOWN)}
        fields |= {name: beginning(value, SHOWN) for name, value in sent.items()}
        if left_out := self._left_out.pop(what, 0):
            fields["left_out"] = left_out
        LOG.warning("refused: %s", what, extra={"fields": fields})


class AtMost(logging.Filter):
    """Lets so many a minute of each warning through, for loggers that anyone can make talk."""

    def __init__(self) -> None:
        super().__init__()
        self._rates = Rates(LINES_PER_MINUTE)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        return record.levelno != logging.WARNING or not self._rates.take(str(record.msg))
