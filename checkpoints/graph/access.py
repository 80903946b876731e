"""Which sessions a principal may see: the one place that says so.

A session of another principal, and its checkpoints, are unknown in the very words used for a
handle that never was, so that asking reveals nothing. The caller holds the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.errors import UnknownCheckpoint, UnknownSession
from checkpoints.graph import history

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True)
class Visibility:
    """What `principal` may see: its own sessions; with None, for the file's owner, all of them."""

    principal: str | None = None

    def session(self, db: Database, session_id: str) -> dict[str, Any]:
        """A session's row. Raises UnknownSession or BadIdentifier."""
        row = history.session_row(db, session_id)
        if self.principal not in (None, row["principal"]):
            raise UnknownSession(session_id)
        return row

    def checkpoint(self, db: Database, checkpoint_id: str) -> dict[str, Any]:
        """A checkpoint's row. Raises UnknownCheckpoint or BadIdentifier."""
        row = history.checkpoint_row(db, checkpoint_id)
        if self.principal is not None:
            try:
                self.session(db, row["session_id"])
            except UnknownSession:
                raise UnknownCheckpoint(checkpoint_id) from None
        return row

    def sessions(self, db: Database, limit: int) -> list[dict[str, Any]]:
        """The rows of the `limit` sessions created last, newest first."""
        sql = "SELECT * FROM sessions WHERE :principal IS NULL OR principal = :principal "
        values = {"principal": self.principal, "limit": limit}
        return list(db.query(f"{sql} ORDER BY number DESC LIMIT :limit", values))
