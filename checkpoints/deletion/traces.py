"""What a deletion changes on its way: nodes that keep their ids, marks, and what is to do yet.

The caller holds the transaction.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkpoints.deletion.family import IN_FAMILY
from checkpoints.records import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database


@dataclass
class Traces:
    """What a redaction left to do: totals that change, texts that may be unused now.

    `steps` are the numbers of the steps that it changed, `also` counts what else it changed.
    """

    steps: set[int] = field(default_factory=set)
    changes: list[tuple[int, int, int, int]] = field(default_factory=list)
    texts: set[int] = field(default_factory=set)
    item_texts: set[int] = field(default_factory=set)
    also: Counter[str] = field(default_factory=Counter)


def redact_node(db: Database, branch: int, seq: int, content: Mapping[str, Any], now: str) -> None:
    """Give a node other content under the id that it has."""
    db.execute(
        "UPDATE nodes SET content_json = ? WHERE branch = ? AND seq = ?",
        [canonical_json(content), branch, seq],
    )
    db.execute(
        "INSERT INTO redacted (branch, seq, redacted_at) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET redacted_at = excluded.redacted_at",
        [branch, seq, now],
    )


def move_marks(db: Database, old: int, new: int, source: str) -> None:
    """Let pins, quarantines and corrections that name an item go on with what is left of it."""
    values = {"old": old, "new": new, "source": source}
    sessions = f"session_id IN (SELECT id FROM sessions WHERE {IN_FAMILY})"  # noqa: S608  # a constant
    digest = "(SELECT sha256 FROM texts WHERE id = :{})"
    for statement in (
        f"UPDATE OR REPLACE pins SET text_id = :new WHERE text_id = :old AND source = :source "  # noqa: S608  # a constant
        f"AND {sessions}",
        f"UPDATE OR REPLACE quarantine SET text_sha256 = {digest.format('new')} "  # noqa: S608  # a constant
        f"WHERE text_sha256 = {digest.format('old')} AND source = :source AND {sessions}",
        f"UPDATE OR REPLACE correction_sources SET text_sha256 = {digest.format('new')} "  # noqa: S608  # a constant
        f"WHERE text_sha256 = {digest.format('old')} AND source = :source "
        f"AND correction IN (SELECT number FROM corrections WHERE {sessions})",
    ):
        db.execute(statement, values)
