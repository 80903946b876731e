"""Where named tasks are used: in which jobs their steps ran, and which steps taught them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkpoints.graph import history
from checkpoints.limits import bounded
from checkpoints.tasks import named, versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility
    from checkpoints.records import SessionRecord

JOBS = 50
STEPS = 100

_RAN = """
SELECT count(*), max(ran.n), max(ran.created_at) FROM (
    SELECT steps.n, nodes.created_at, json_extract(nodes.content_json, '$.task_version') AS version
    FROM lineage CROSS JOIN steps ON steps.branch = lineage.branch AND steps.seq <= lineage.top
    JOIN nodes ON nodes.branch = steps.branch AND nodes.seq = steps.seq
    WHERE steps.n > :after
) AS ran JOIN task_versions ON task_versions.digest = ran.version AND task_versions.task = :task
"""

_CORRECTED = """
SELECT corrections.id, corrections.session_id, corrections.n FROM task_version_examples AS held
JOIN task_examples ON task_examples.id = held.example
JOIN corrections ON corrections.number = task_examples.correction
WHERE held.version = ?
"""


@dataclass(frozen=True)
class TaskJob:
    """A session with steps that ran with a task: how many of its last ones, and the last of all."""

    session: SessionRecord
    steps: int
    last: int
    last_at: str


class TaskUse:
    """Where named tasks are used; `Store.task_use` gives it. Any method may raise MemoryFault."""

    def __init__(self, connection: Connection, visibility: Visibility) -> None:
        """`visibility` says which sessions there are, and which tasks may be used."""
        self._connection, self._visibility = connection, visibility

    def jobs(self, name: str, limit: int = JOBS) -> list[TaskJob]:
        """The sessions whose last steps ran with some version of a task, the latest active first.

        Of the `limit` sessions that were active last the last `STEPS` steps of each are looked at.
        Raises UnknownTask or BadValue.
        """
        with self._connection.reading() as db:
            task = named.usable(db, self._visibility.principal, name)["number"]
            found = []
            for row in self._visibility.active(db, bounded(limit), 0):
                session = history.session_record(db, row)
                after = session.steps - STEPS
                [(steps, last, last_at)] = history.tuples_in_lineage(
                    db, row["branch"], _RAN, after=after, task=task
                )
                if steps:
                    found.append(TaskJob(session, steps, last, last_at))
            return found

    def corrected(self, name: str) -> Mapping[str, tuple[str, int]]:
        """The corrections behind the examples of one's own task, by id: session and step.

        Raises UnknownTask or BadValue.
        """
        with self._connection.reading() as db:
            task = named.own(db, self._visibility.principal, name)
            rows = db.execute(_CORRECTED, [versions.current(db, task)["id"]])
            return {correction: (session_id, n) for correction, session_id, n in rows}
