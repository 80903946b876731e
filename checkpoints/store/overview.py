"""All jobs at a glance: what each is at, and whether somebody should look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkpoints.graph import history
from checkpoints.limits import bounded

if TYPE_CHECKING:
    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility
    from checkpoints.records import SessionRecord

LAST_STEPS = 20
_CHECKPOINTS = """
SELECT count(*) FROM lineage
CROSS JOIN checkpoints ON checkpoints.branch = lineage.branch AND checkpoints.seq <= lineage.top
WHERE checkpoints.pruned_at IS NULL
"""
# json_valid: an imported session may hold what it likes.
_LAST = """
SELECT steps.n,
       CASE WHEN json_valid(result_json) THEN json_extract(result_json, '$.saturation') END,
       CASE WHEN json_valid(result_json) THEN json_extract(result_json, '$.needs_review') END
FROM lineage CROSS JOIN steps ON steps.branch = lineage.branch AND +steps.seq <= lineage.top
WHERE steps.n > :after ORDER BY steps.n DESC
"""


@dataclass(frozen=True)
class JobLine:
    """A session in a list.

    `saturation` is the last step's share of the window, `asked` how many of the last `looked_at`
    steps ask for review.
    """

    session: SessionRecord
    checkpoints: int
    saturation: float | None
    asked: int
    looked_at: int


class Overview:
    """All sessions at a glance; `Store.overview` gives it. Any method may raise MemoryFault."""

    def __init__(self, connection: Connection, visibility: Visibility) -> None:
        """`visibility` says which sessions there are."""
        self._connection, self._visibility = connection, visibility

    def jobs(self, limit: int = 50, skip: int = 0) -> list[JobLine]:
        """The sessions that were active last, the latest first, after the first `skip`."""
        with self._connection.reading() as db:
            lines = []
            for row in self._visibility.active(db, bounded(limit), bounded(skip)):
                session = history.session_record(db, row)
                counted = history.tuples_in_lineage(db, row["branch"], _CHECKPOINTS)
                last = history.tuples_in_lineage(
                    db, row["branch"], _LAST, after=session.steps - LAST_STEPS
                )
                share = last[0][1] if last else None
                lines.append(
                    JobLine(
                        session,
                        checkpoints=counted[0][0],
                        saturation=share if isinstance(share, (int, float)) else None,
                        asked=sum(bool(asked) for _, _, asked in last),
                        looked_at=len(last),
                    )
                )
            return lines

    def count(self) -> int:
        """How many sessions there are."""
        with self._connection.reading() as db:
            return self._visibility.count(db)
