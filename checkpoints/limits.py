"""How much one store accepts, and the checks that say so before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadIdentifier, BadValue, LimitExceeded
from checkpoints.records import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")

# More rows than any answer holds, and a number SQLite can take.
_MOST_ROWS = 2**31


@dataclass(frozen=True)
class StoreLimits:
    """Caps of one store: lengths in characters, sizes in bytes, the rest in pieces.

    `text_chars` holds for a memory item and for a step's input and output, `json_chars` for a
    task or a result as canonical JSON, `name_chars` for a mode, adapter digest or principal. Of a
    named task `task_versions` are kept, and `task_examples` used at once.
    """

    text_chars: int = 1_000_000
    json_chars: int = 1_000_000
    query_chars: int = 1_000_000
    step_key_chars: int = 200
    label_chars: int = 200
    source_chars: int = 1_000
    name_chars: int = 200
    items_per_call: int = 32_000
    sessions: int = 10_000
    principal_sessions: int = 10_000
    database_bytes: int = 4 * 1024**3
    line_bytes: int = 64 * 1024**2
    tasks: int = 10_000
    principal_tasks: int = 1_000
    task_name_chars: int = 64
    task_description_chars: int = 8_000
    task_labels: int = 256
    task_versions: int = 1_000
    task_examples: int = 256
    example_chars: int = 8_000
    quality_chars: int = 100_000


def bounded(number: int) -> int:
    """A number of rows, or of a row, as SQLite can take it: from 0 to 2**31."""
    return min(max(number, 0), _MOST_ROWS)


def check_identifier(field: str, value: str) -> str:
    """Return the id unchanged; raises BadIdentifier for one that no store could have issued."""
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        raise BadIdentifier(field)
    return value


def check_text(field: str, value: str, limit: int) -> str:
    """Return the text unchanged; raises LimitExceeded over `limit` characters, or BadValue."""
    if len(value) > limit:
        raise LimitExceeded(field, len(value), limit, "characters", "shorten or split it")
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can carry half a surrogate pair, which no UTF-8 file can hold.
        raise BadValue(field, "holds a lone surrogate; send valid Unicode text") from None
    return value


def check_name(field: str, value: str | None, limit: int) -> str | None:
    """`check_text` for an optional short text, which must not be empty when given."""
    if value is None:
        return None
    if not value:
        raise BadValue(field, "is empty; leave it out or give it at least one character")
    return check_text(field, value, limit)


def check_json(field: str, value: Mapping[str, Any], limit: int) -> str:
    """Return the value as canonical JSON; raises BadValue or LimitExceeded (characters)."""
    try:
        text = canonical_json(dict(value))
    except (TypeError, ValueError, RecursionError):
        raise BadValue(field, "is not plain JSON (objects, lists, text, finite numbers)") from None
    return check_text(field, text, limit)
