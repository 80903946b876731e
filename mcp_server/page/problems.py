"""What went wrong as a page tells it: a status, a title, and what was written for people."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints import (
    BadIdentifier,
    BadValue,
    ForeignCheckpoint,
    LimitExceeded,
    MemoryFault,
    UnknownCheckpoint,
    UnknownCorrection,
    UnknownSession,
    UnknownSource,
    UnknownTask,
    UnknownVersion,
)
from hypernet.engine.interface import EngineClosedError, EngineError, QueueFullError
from mcp_server.app.deadline import TimeOverError
from mcp_server.app.loader import LoadError
from mcp_server.page.forms import ForgeryError
from mcp_server.schema.limits import InputError
from mcp_server.schema.uris import MissingError
from mcp_server.telemetry.calls import BusyError
from mcp_server.telemetry.running import NotRunningError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG = logging.getLogger(__name__)
MISSING = (
    BadIdentifier, MissingError, UnknownCheckpoint, UnknownSession, UnknownSource, UnknownTask,
    UnknownVersion,
)  # fmt: skip
REFUSED = (BadValue, ForeignCheckpoint, InputError, LimitExceeded, UnknownCorrection)
KINDS: Mapping[Any, tuple[int, str]] = {
    MISSING: (404, "There is no such thing here"),
    REFUSED: (400, "That cannot be done"),
    ForgeryError: (403, "That cannot be done"),
    NotRunningError: (409, "That cannot be done"),
    (BusyError, QueueFullError): (429, "Too much at once"),
    (EngineClosedError, LoadError): (503, "The model cannot be used"),
    EngineError: (400, "That cannot be done"),
    TimeOverError: (504, "That took too long"),
    MemoryFault: (503, "The memory cannot be read"),
}
"""The first kind that an error is of counts."""
UNFORESEEN = "An error that was not foreseen; the server's log has the details."


@dataclass(frozen=True)
class Problem:
    """What went wrong, in words for people."""

    status: int
    title: str
    text: str


def problem_of(error: Exception) -> Problem:
    """An error as people are told it; one that was not foreseen is logged and says nothing."""
    for kind, (status, title) in KINDS.items():
        if isinstance(error, kind):
            return Problem(status, title, str(error))
    LOG.error("the page could not be made", exc_info=error)
    return Problem(500, "That went wrong", UNFORESEEN)
