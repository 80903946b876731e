"""Deleting for good: a session, a source of its memory, or one item.

Nothing of the text is left in the file, its log or its indexes, as far as no other session or
source holds it too. Copies elsewhere (backups, exports, logs) are not looked for.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from checkpoints.deletion import family, unused
from checkpoints.deletion.items import delete_items
from checkpoints.deletion.sessions import delete_session
from checkpoints.errors import MemoryFault
from checkpoints.graph import writes
from checkpoints.limits import check_name
from checkpoints.records import Deleted
from checkpoints.tasks import named
from checkpoints.tasks.forgetting import forget_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility
    from checkpoints.limits import StoreLimits


class _DryRun(Exception):  # noqa: N818  # not an error: it only ends a transaction
    pass


class Deletions:
    """What is deleted for good; `Store.deletions` gives it.

    Each is one transaction, and a dry run is the same one taken back. Then the file is written
    anew, which needs as much free disk as it will have; a MemoryFault that says "deleted, but"
    comes from there, and the next start tries again. Any other one has changed nothing.
    """

    def __init__(
        self,
        connection: Connection,
        limits: StoreLimits,
        visibility: Visibility,
        forget: Callable[[], None],
    ) -> None:
        """`forget` drops what is kept in memory of rows that go away."""
        self._connection, self._limits, self._visibility = connection, limits, visibility
        self._forget = forget

    def relatives(self, session_id: str) -> list[str]:
        """The session and those that share history with it. Raises UnknownSession."""
        with self._connection.reading() as db:
            family.gather(db, self._visibility.session(db, session_id)["branch"])
            return [row["id"] for row in family.sessions(db)]

    def session(self, session_id: str, *, dry_run: bool = False) -> Deleted:
        """Delete a session with all that no other one shares.

        Raises UnknownSession or BadIdentifier.
        """
        return self._carry_out(
            lambda db: delete_session(db, self._visibility.session(db, session_id), self._limits),
            dry_run,
        )

    def item(self, session_id: str, item_id: int, *, dry_run: bool = False) -> Deleted:
        """Delete the text of an item as its source has it, and what quotes it in steps.

        The sessions that share the item lose it too. Raises UnknownSession, BadIdentifier or
        BadValue.
        """
        return self._carry_out(
            lambda db: delete_items(
                db,
                self._visibility.session(db, session_id),
                self._visibility,
                self._limits,
                writes.utc_now(),
                item_id=item_id,
            ),
            dry_run,
        )

    def source(self, session_id: str, source: str, *, dry_run: bool = False) -> Deleted:
        """The same for all that a source ever sent, earlier versions of it included.

        Raises UnknownSession, BadIdentifier, UnknownSource or LimitExceeded.
        """
        check_name("source", source, self._limits.source_chars)
        return self._carry_out(
            lambda db: delete_items(
                db,
                self._visibility.session(db, session_id),
                self._visibility,
                self._limits,
                writes.utc_now(),
                source=source,
            ),
            dry_run,
        )

    def task(self, name: str, *, dry_run: bool = False) -> Deleted:
        """Delete a named task with its versions, examples and counts.

        Corrections stay beside their steps; steps that ran with it keep what they recorded.
        Raises UnknownTask or BadValue.
        """

        def delete(db: Database) -> Deleted:
            gone = forget_task(db, named.own(db, self._visibility.principal, name))
            size = unused.text_bytes(db, gone.texts)
            held = unused.text_bytes(db, unused.remove(db, gone.texts, ()))
            return Deleted(items=0, text_bytes=size - held, also=gone.also, tasks=tuple(gone.tasks))

        return self._carry_out(delete, dry_run)

    def _carry_out(self, delete: Callable[[Database], Deleted], dry_run: bool) -> Deleted:
        with suppress(_DryRun), self._connection.writing(references_at_end=True) as db:
            deleted = delete(db)
            if dry_run:
                raise _DryRun
            self._forget()
            self._connection.note_deletion()
        if dry_run:
            return deleted
        try:
            if self._connection.compact():
                return deleted
        except MemoryFault as error:
            raise MemoryFault(
                f"deleted, but the file could not be written anew ({error}), so parts of the text "
                "may be left in it; the next start tries again"
            ) from error
        raise MemoryFault(
            "deleted, but another process reads the database, so its write-ahead log holds the "
            "text still; it is emptied at the first write after that process has ended"
        )
