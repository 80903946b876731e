"""Pins and quarantine: what a session always has in mind, and what it is kept from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue
from checkpoints.graph import history, items, quarantine, sources, writes
from checkpoints.limits import check_name
from checkpoints.records import Marking
from checkpoints.search import hits
from checkpoints.tasks.corrections import sift
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility
    from checkpoints.limits import StoreLimits
    from checkpoints.records import CheckpointRecord, Hit, Quarantined


class Marks:
    """What is marked in a session's memory; `Store.marks` gives it.

    Any method may raise MemoryFault; one that raises has changed nothing.
    """

    def __init__(self, connection: Connection, limits: StoreLimits, visibility: Visibility) -> None:
        """`visibility` says which sessions there are."""
        self._connection = connection
        self._limits = limits
        self._visibility = visibility

    def pin(self, session_id: str, item_ids: Sequence[int], pinned: bool = True) -> Marking:
        """Pin items of the session's memory, or take their pins off: all of them or none.

        One that is in quarantine cannot be pinned, as it would not be seen, and one that is not
        pinned cannot be unpinned. Raises UnknownSession, BadIdentifier or BadValue.
        """
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            for item_id in item_ids:
                history.item_row(db, row, item_id, "item_ids")
            ids = list(dict.fromkeys(item_ids))
            mark = self._pin if pinned else self._unpin
            done = [mark(db, row, each) for each in ids]
            if not any(done):
                same = ", ".join(map(str, ids))
                told = f"pinned already: {same}" if ids else "no item was named"
                return Marking(0, f"{told}; nothing was changed")
            same = ", ".join(
                str(item_id) for item_id, new in zip(ids, done, strict=True) if not new
            )
            return Marking(sum(done), f"pinned already: {same}" if same else None)

    def _pin(self, db: Database, session: dict[str, Any], item_id: int) -> bool:
        item = history.item_row(db, session, item_id)
        if item["superseded"]:
            raise BadValue(
                "item_ids",
                f"item {item_id} was replaced when {beginning(item['source'], 100)!r} was "
                "remembered again; nothing was pinned; recall gives the new one's id",
            )
        if quarantine.hidden(db, session, [item_id]):
            raise BadValue(
                "item_ids",
                f"item {item_id} is in quarantine, by itself or with its source "
                f"{beginning(item['source'], 100)!r}, and would not be seen; release it first; "
                "nothing was pinned",
            )
        return items.pin(db, session["id"], item["text_id"], item["source"], writes.utc_now())

    def _unpin(self, db: Database, session: dict[str, Any], item_id: int) -> bool:
        item = history.item_row(db, session, item_id)
        if not items.unpin(db, session["id"], item["text_id"], item["source"]):
            raise BadValue("item_ids", f"item {item_id} is not pinned; nothing was changed")
        return True

    def pinned(self, session_id: str) -> list[Hit]:
        """The session's pinned items, oldest first. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return hits.pinned(db, self._visibility.session(db, session_id))

    def quarantine(
        self,
        session_id: str,
        *,
        reason: str | None = None,
        item_id: int | None = None,
        source: str | None = None,
    ) -> Marking:
        """Keep an item, or all that a source sent and will send, out of the memory.

        An item stays out when its source sends it again; the same text from another source is
        another item. It never comes back from a search, as a neighbour or as a pin, until released.
        What is in quarantine already only gets the reason, where one is given. Raises
        UnknownSession, UnknownSource, BadIdentifier, BadValue or LimitExceeded.
        """
        check_name("reason", reason, self._limits.label_chars)
        check_name("source", source, self._limits.source_chars)
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            self._connection.require_room(db, len(reason or ""))
            mark = quarantine.mark_of(db, row, item_id, source)
            if item_id is None and source is not None:
                sources.require_sources(db, row["branch"], "source", [source])
            marking = quarantine.keep_out(db, row, mark, reason, writes.utc_now())
            sift(db, row["id"], self._limits)
            return marking

    def release(
        self, session_id: str, *, item_id: int | None = None, source: str | None = None
    ) -> Marking:
        """Take a quarantine back.

        An item in quarantine both by itself and by its source stays hidden until both are
        released; the note says so. Raises UnknownSession, BadIdentifier, and UnknownSource or
        BadValue where there is no such quarantine.
        """
        check_name("source", source, self._limits.source_chars)
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            mark = quarantine.mark_of(db, row, item_id, source)
            marking = quarantine.let_in(db, row, mark, item_id)
            sift(db, row["id"], self._limits)
            return marking

    def sources_out(self, session_id: str, sources: Sequence[str]) -> list[str]:
        """Those of some sources that are in quarantine as a whole.

        Raises UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            return quarantine.sources_out(db, self._visibility.session(db, session_id), sources)

    def quarantined(self, session_id: str) -> list[Quarantined]:
        """What is kept out of the session's memory. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return quarantine.quarantined(db, self._visibility.session(db, session_id))

    def checkpoint_before(self, session_id: str, item_id: int) -> CheckpointRecord | None:
        """The session's latest checkpoint from before an item came: restore it to be rid of that.

        None if there is none. Raises UnknownSession, BadIdentifier or BadValue.
        """
        with self._connection.reading() as db:
            return history.checkpoint_before(db, self._visibility.session(db, session_id), item_id)
