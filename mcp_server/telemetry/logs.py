"""What goes to stderr: plain lines or JSON, and no text of users unless the settings ask for it.

Everything is logged through here, the HTTP server's own lines too.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

# Their lines for each message hold what clients sent, or ids that open a connection.
# What the gate logs itself, without end.
SAID_ALREADY = "mcp.server.transport_security"
TALKATIVE = ("mcp", "httpx", "httpx2", "httpcore", "sse_starlette", "asyncio")


QUOTED = re.compile(r"[\s=\"]")


def configure(level: str, *, as_json: bool = False, text: bool = False) -> None:
    """Send all that is logged to stderr.

    Args:
        level: the lowest one that is logged.
        as_json: one JSON object a line instead of lines for people.
        text: whether users' texts may appear.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(text) if as_json else PlainLines(text))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    quiet = level if text else "ERROR"
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(quiet)
    logging.getLogger(SAID_ALREADY).setLevel("ERROR")


def short(handle: Any) -> str | None:
    """What a session's handle is called in the log: it names the session and opens nothing.

    A hash, because what a client sends as a handle may be any text.
    """
    return (
        sha256(handle.encode(errors="replace")).hexdigest()[:8] if isinstance(handle, str) else None
    )


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What was logged as values beside the message, with `extra={"fields": {...}}`."""
    fields = getattr(record, "fields", {})
    return {name: value for name, value in fields.items() if value is not None}


class _Lines(logging.Formatter):
    def __init__(self, text: bool) -> None:
        super().__init__()
        self._text = text

    def formatException(self, ei: Any) -> str:  # noqa: N802  # the name in logging
        """The stack with the kinds of errors; what they say may quote a user."""
        lines = self._whole(ei) if self._text else _kinds(ei[1])
        # Indented, so that no line of an error's text passes for one of the log's.
        return "\n".join(f"  {_one_line(line)}" for line in lines)

    def _whole(self, ei: Any) -> list[str]:
        return super().formatException(ei).split("\n")


class PlainLines(_Lines):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message and values, on one line whatever they hold; then the stack."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = [moment, record.levelname.lower(), _one_line(record.getMessage())]
        parts += [f"{name}={_value(str(value))}" for name, value in fields_of(record).items()]
        line = " ".join(parts)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(_Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, then the values, then the stack."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _kinds(error: BaseException | None) -> list[str]:
    """The kinds of an error and of those behind it, each with where it was raised."""
    lines: list[str] = []
    while error is not None:
        stack = traceback.extract_tb(error.__traceback__)
        lines += [f"{type(error).__name__} (its text is not logged)"]
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in stack]
        error = error.__cause__ or error.__context__
    return lines


def _value(text: str) -> str:
    """A value, in quotes where it could pass for several."""
    line = _one_line(text)
    return json.dumps(line, ensure_ascii=False) if QUOTED.search(line) or not line else line


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
