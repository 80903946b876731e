"""Which sessions a principal may see: the one place that says so.

A session of another principal, and its checkpoints, are unknown in the very words used for a
handle that never was, so that asking reveals nothing: what may have been meant is looked for among
what the principal may see. The caller holds the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from checkpoints.errors import BadIdentifier, UnknownCheckpoint, UnknownSession
from checkpoints.graph import history
from checkpoints.graph.rows import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database


# The handles last made are compared. What chance makes alike of two of them is below the limit.
_COMPARED, _SHOWN, _LIKE = 1_000, 3, 0.6
_CHARS, _HANDLE, _PART = 200, 64, 5


_CHECKPOINTS = """
SELECT checkpoints.id FROM checkpoints JOIN sessions ON sessions.id = checkpoints.session_id
WHERE checkpoints.pruned_at IS NULL AND (:principal IS NULL OR sessions.principal = :principal)
ORDER BY checkpoints.number DESC LIMIT :limit
"""


@dataclass(frozen=True)
class Visibility:
    """What `principal` may see: its own sessions; with None, for the file's owner, all of them."""

    principal: str | None = None

    def session(self, db: Database, session_id: str) -> dict[str, Any]:
        """A session's row. Raises UnknownSession or BadIdentifier, with the nearest handles."""
        try:
            row = history.session_row(db, session_id)
        except BadIdentifier:
            raise BadIdentifier("session_id", self._meant(db, "session", session_id)) from None
        except UnknownSession:
            row = None
        if row is None or self.principal not in (None, row["principal"]):
            raise UnknownSession(session_id, self._meant(db, "session", session_id))
        return row

    def checkpoint(self, db: Database, checkpoint_id: str) -> dict[str, Any]:
        """A checkpoint's row. Raises UnknownCheckpoint or BadIdentifier, with the nearest ids."""
        try:
            row = history.checkpoint_row(db, checkpoint_id)
        except BadIdentifier:
            hint = self._meant(db, "checkpoint", checkpoint_id)
            raise BadIdentifier("checkpoint_id", hint) from None
        except UnknownCheckpoint:
            row = None
        if row is None or not self._owns(db, row["session_id"]):
            raise UnknownCheckpoint(checkpoint_id, self._meant(db, "checkpoint", checkpoint_id))
        return row

    def _owns(self, db: Database, session_id: str) -> bool:
        if self.principal is None:
            return True
        try:
            return bool(self.principal == history.session_row(db, session_id)["principal"])
        except UnknownSession:
            return False

    def sessions(self, db: Database, limit: int) -> list[dict[str, Any]]:
        """The rows of the `limit` sessions created last, newest first."""
        sql = "SELECT * FROM sessions WHERE :principal IS NULL OR principal = :principal "
        values = {"principal": self.principal, "limit": limit}
        return list(db.query(f"{sql} ORDER BY number DESC LIMIT :limit", values))

    def active(self, db: Database, limit: int, skip: int) -> list[dict[str, Any]]:
        """The rows of the sessions that were active last, the latest first, after `skip`."""
        sql = "SELECT * FROM sessions WHERE :principal IS NULL OR principal = :principal "
        values = {"principal": self.principal, "limit": limit, "skip": skip}
        order = "ORDER BY updated_at DESC, number DESC LIMIT :limit OFFSET :skip"
        return list(db.query(f"{sql} {order}", values))

    def count(self, db: Database) -> int:
        """How many sessions there are."""
        sql = "SELECT count(*) FROM sessions WHERE :principal IS NULL OR principal = :principal"
        number: int = db.execute(sql, {"principal": self.principal}).fetchone()[0]
        return number

    def _meant(self, db: Database, kind: Literal["session", "checkpoint"], given: str) -> str:
        """What a handle that leads to nothing may have been meant to be; empty if nothing is near.

        Args:
            db: the database.
            kind: what it was given as.
            given: the handle, whatever it is.
        """
        values = {"principal": self.principal, "limit": _COMPARED}
        found = {
            "session": [row["id"] for row in self.sessions(db, _COMPARED)],
            "checkpoint": [row["id"] for row in select(db, _CHECKPOINTS, values)],
        }
        other: Literal["session", "checkpoint"] = "checkpoint" if kind == "session" else "session"
        if given in found[other]:
            return f"that is the id of a {other}; give a {kind}'s"
        near = nearest_handles(str(given), found[kind])
        return f"did you mean {' or '.join(map(repr, near))}?" if near else ""


def nearest_handles(given: str, handles: Sequence[str], like: float = _LIKE) -> list[str]:
    """The handles most like a text: those that it is a part of, or that stand in it, first."""
    plain = "".join(c for c in given[:_CHARS] if c.isascii() and (c.isalnum() or c in "-_"))
    by_form = {handle.casefold(): handle for handle in handles}
    form = plain.casefold()
    within = [each for each in by_form if len(form) >= _PART and (form in each or each in form)]
    close = get_close_matches(form[-_HANDLE:], list(by_form), _SHOWN, like)
    return [by_form[each] for each in dict.fromkeys([*within, *close])][:_SHOWN]
