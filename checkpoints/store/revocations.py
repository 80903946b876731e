"""Adapters that a session will not use again: generated weights are memory too.

Like pins and quarantine they are state, not history: restoring keeps them, a fork starts with a
copy. An adapter is known by its digest alone; the steps that used it say what it was written from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from checkpoints.errors import BadValue
from checkpoints.graph import history, writes
from checkpoints.graph.access import nearest_handles
from checkpoints.graph.quarantine import UNTOLD
from checkpoints.limits import check_name
from checkpoints.tasks.corrections import sift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility
    from checkpoints.limits import StoreLimits
    from checkpoints.records import CheckpointRecord


_DIGEST = re.compile(r"[0-9a-f]{24}")
# Two digests of 24 digits that are this much alike differ by a slip of the hand.
_MISTYPED = 0.9
_NONE = (
    "no adapter has such a digest, so this keeps none out: it is 24 characters out of 0-9 and a-f; "
    "give the adapter_digest of a step"
)


@dataclass(frozen=True)
class RevokedAdapter:
    """An adapter that a session refuses, and why; `created_at` is UTC in ISO 8601."""

    digest: str
    reason: str
    created_at: str


class Revocations:
    """What a session has revoked; `Store.revocations` gives it.

    Any method may raise MemoryFault; one that raises has changed nothing.
    """

    def __init__(self, connection: Connection, limits: StoreLimits, visibility: Visibility) -> None:
        """`visibility` says which sessions there are."""
        self._connection, self._limits, self._visibility = connection, limits, visibility

    def revoke(self, session_id: str, digest: str, reason: str | None = None) -> str | None:
        """Refuse an adapter from now on; doing so again only changes the reason, if one is given.

        Gives a note where it was revoked already, and where no adapter can have that digest. It
        need not have been used here. What is only nearly the digest of one that was is refused.
        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        if check_name("adapter_digest", digest, self._limits.name_chars) is None:
            raise BadValue("adapter_digest", "is missing")
        check_name("reason", reason, self._limits.label_chars)
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            steps = history.steps_after(db, row["branch"], 0)
            used = {step.adapter_digest for step in steps if step.adapter_digest}
            _check_digest(digest, used)
            self._connection.require_room(db, len(digest) + len(reason or ""))
            now = writes.utc_now()
            new = db.execute(
                "INSERT INTO revoked_adapters (session_id, digest, reason, created_at) "
                "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [row["id"], digest, reason or UNTOLD, now],
            )
            sift(db, row["id"], self._limits)
            if not new.rowcount:
                return _again(db, row["id"], digest, reason)
            return None if digest in used or _DIGEST.fullmatch(digest) else _NONE

    def release(self, session_id: str, digest: str) -> None:
        """Allow an adapter again.

        Raises UnknownSession, BadIdentifier, or BadValue for one that was not revoked.
        """
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            gone = db.execute(
                "DELETE FROM revoked_adapters WHERE session_id = ? AND digest = ?",
                [row["id"], digest],
            )
            if not gone.rowcount:
                sql = "SELECT digest FROM revoked_adapters WHERE session_id = ?"
                kept = [digest for (digest,) in db.execute(sql, [row["id"]])]
                raise BadValue("adapter_digest", f"was not revoked; {_meant(digest, kept)}")
            sift(db, row["id"], self._limits)

    def revoked(self, session_id: str) -> list[RevokedAdapter]:
        """What the session refuses, oldest first. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            row = self._visibility.session(db, session_id)
            rows = db.query(
                "SELECT digest, reason, created_at FROM revoked_adapters WHERE session_id = ? "
                "ORDER BY number",
                [row["id"]],
            )
            return [RevokedAdapter(**each) for each in rows]

    def checkpoint_before(self, session_id: str, step: int) -> CheckpointRecord | None:
        """The session's latest checkpoint from before a step; None if there is none.

        Raises UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            row = self._visibility.session(db, session_id)
            line = history.ancestry(db, row["last_checkpoint"])
            return next((record for record in line if record.step < step), None)


def _again(db: Database, session_id: str, digest: str, reason: str | None) -> str:
    """Change the reason of what was revoked before; what is to be said of that."""
    at = [session_id, digest]
    sql = "SELECT reason, created_at FROM revoked_adapters WHERE session_id = ? AND digest = ?"
    before, since = db.execute(sql, at).fetchone()
    told = f"was revoked already, since {since}"
    if reason is None or reason == before:
        return f"{told}; nothing was changed"
    change = "UPDATE revoked_adapters SET reason = ? WHERE session_id = ? AND digest = ?"
    db.execute(change, [reason, *at])
    return f"{told}; only its reason was changed"


def _check_digest(digest: str, used: set[str]) -> None:
    """Refuse a part of a digest, and one that is mistyped."""
    if digest in used:
        return
    near = nearest_handles(digest, sorted(used), _MISTYPED)
    if near and (not _DIGEST.fullmatch(digest) or get_close_matches(digest, near, 1, _MISTYPED)):
        raise BadValue(
            "adapter_digest", f"nothing in the session ran with {digest!r}; {_meant(digest, near)}"
        )


def _meant(digest: str, digests: Sequence[str]) -> str:
    near = nearest_handles(digest, digests)
    meant = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"{meant}nothing was changed"
