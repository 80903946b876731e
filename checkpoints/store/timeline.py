"""A job's history as people look at it: all of it is reading, also beside a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints.graph import history
from checkpoints.limits import bounded
from checkpoints.timeline import branching, comparison, lines, past_items
from checkpoints.timeline.place import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility
    from checkpoints.records import CheckpointRecord, StepRecord
    from checkpoints.timeline.place import Place
    from checkpoints.timeline.values import Branching, Comparison, Fork, PastItem, Side, StepLine


class Timeline:
    """What a history looks like; `Store.timeline` gives it.

    A `handle` is a session's id, for its history as it is now, or a checkpoint's, for the history
    up to there: also where a restore has put that out of sight. Any method may raise MemoryFault;
    for a handle that leads to nothing UnknownSession or BadIdentifier.
    """

    def __init__(self, connection: Connection, visibility: Visibility) -> None:
        """`visibility` says which sessions and named tasks there are."""
        self._connection = connection
        self._visibility = visibility

    def side(self, handle: str) -> Side:
        """Whose history it is, and how many steps it has."""
        with self._connection.reading() as db:
            return comparison.side(self._place(db, handle))

    def lines(self, handle: str, after: int = 0, limit: int = 50) -> list[StepLine]:
        """The `limit` steps with a number above `after` in short, in order."""
        with self._connection.reading() as db:
            place = self._place(db, handle)
            first = bounded(after) + 1
            return lines.lines(db, self._visibility, place, first, first + bounded(limit) - 1)

    def step(self, handle: str, n: int) -> StepRecord | None:
        """Step number `n`; None: there is none."""
        with self._connection.reading() as db:
            place = self._place(db, handle)
            return history.step_numbered(db, place.branch, bounded(n), last_seq=place.last_seq)

    def line(self, handle: str, n: int) -> StepLine | None:
        """The same in short."""
        return next((line for line in self.lines(handle, n - 1, 1) if line.n == n), None)

    def checkpoints(self, handle: str, first: int, last: int) -> list[CheckpointRecord]:
        """The checkpoints with `first` to `last` steps, oldest first; 0 is before any step."""
        with self._connection.reading() as db:
            place = self._place(db, handle)
            return lines.checkpoints(db, place, bounded(first), bounded(last))

    def branching(self, session_id: str, first: int, last: int) -> Branching:
        """What left a session's history when it had `first` to `last` steps: restores, forks."""
        with self._connection.reading() as db:
            place = self._place(db, session_id)
            return branching.branching(db, self._visibility, place, bounded(first), bounded(last))

    def origin(self, session_id: str) -> Fork | None:
        """The session that this one was forked from, where it is there still; None: from none."""
        with self._connection.reading() as db:
            return branching.origin(db, self._visibility, self._place(db, session_id))

    def items(self, handle: str, item_ids: Sequence[int]) -> dict[int, PastItem]:
        """Those of some memory items that the history holds, also replaced and quarantined ones."""
        with self._connection.reading() as db:
            return past_items.past_items(db, self._place(db, handle), item_ids)

    def with_adapter(self, handle: str, digest: str) -> list[int]:
        """The numbers of the steps that ran with an adapter, in order."""
        with self._connection.reading() as db:
            return lines.with_adapter(db, self._place(db, handle), digest)

    def compare(self, one: str, other: str, after: int | None = 0, limit: int = 50) -> Comparison:
        """Two histories side by side: the `limit` pairs of steps after number `after`.

        None begins shortly before the first difference.
        """
        with self._connection.reading() as db:
            left, right = self._place(db, one), self._place(db, other)
            start = None if after is None else bounded(after)
            return comparison.compare(db, self._visibility, left, right, start, bounded(limit))

    def _place(self, db: Database, handle: str) -> Place:
        return place_of(db, self._visibility, handle)
