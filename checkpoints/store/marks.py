"""Pins and quarantine: what a session always has in mind, and what it is kept from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints.errors import BadValue
from checkpoints.graph import history, items, quarantine, sources, writes
from checkpoints.limits import check_name
from checkpoints.search import hits
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def pin(self, session_id: str, item_ids: Sequence[int], pinned: bool = True) -> None:
        """Pin items of the session's memory, or take their pins off.

        Raises UnknownSession, BadIdentifier or BadValue.
        """
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            for item_id in item_ids:
                item = history.item_row(db, row, item_id)
                if pinned and item["superseded"]:
                    raise BadValue(
                        "item_id",
                        f"item {item_id} was replaced when {beginning(item['source'], 100)!r} was "
                        "remembered again; recall gives the new one's id",
                    )
                if pinned:
                    items.pin(db, row["id"], item["text_id"], item["source"], writes.utc_now())
                else:
                    items.unpin(db, row["id"], item["text_id"], item["source"])

    def pinned(self, session_id: str) -> list[Hit]:
        """The session's pinned items, oldest first. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return hits.pinned(db, self._visibility.session(db, session_id))

    def quarantine(
        self,
        session_id: str,
        *,
        reason: str,
        item_id: int | None = None,
        source: str | None = None,
    ) -> int:
        """Keep an item, or all that a source sent and will send, out of the memory.

        An item stays out when its source sends it again; the same text from another source is
        another item. It never comes back from a search, as a neighbour or as a pin, until released;
        how many items are hidden by this mark. Raises UnknownSession, UnknownSource, BadIdentifier,
        BadValue or LimitExceeded.
        """
        check_name("reason", reason, self._limits.label_chars)
        check_name("source", source, self._limits.source_chars)
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            self._connection.require_room(db, len(reason))
            mark = quarantine.mark_of(db, row, item_id, source)
            if item_id is None and source is not None:
                sources.require_sources(db, row["branch"], "source", [source])
            quarantine.keep_out(db, row, mark, reason, writes.utc_now())
            return len(quarantine.marked_items(db, row, mark))

    def release(
        self, session_id: str, *, item_id: int | None = None, source: str | None = None
    ) -> int:
        """Take a quarantine back; how many items that mark had hidden.

        An item in quarantine both by itself and by its source stays hidden until both are
        released. Raises UnknownSession, BadIdentifier, and UnknownSource or BadValue where there
        is no such quarantine.
        """
        check_name("source", source, self._limits.source_chars)
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            mark = quarantine.mark_of(db, row, item_id, source)
            hidden = quarantine.marked_items(db, row, mark)
            if not quarantine.release(db, row, mark):
                quarantine.refuse_release(db, row, item_id, source)
            return len(hidden)

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
