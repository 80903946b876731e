"""Where a history branched: steps that a restore put out of sight, forks, where it was forked from.

No row says which session wrote a branch that none stands on any more. Whoever restores or forks
needs a checkpoint: the first one that was made on a branch is of the session that wrote there, as a
fork makes its first where the branch that it left has one already. A branch without any is of
whoever wrote the one that it grew from. The caller holds the transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checkpoints.graph.history import checkpoint_record, head
from checkpoints.graph.rows import select
from checkpoints.timeline.place import first_step_after, segments, step_seqs, steps_at
from checkpoints.timeline.values import Branching, Fork, LeftSteps

if TYPE_CHECKING:
    from sqlite_utils import Database

    from checkpoints.graph.access import Visibility
    from checkpoints.records import CheckpointRecord
    from checkpoints.timeline.place import Place

_MOST = 100

_GROWN = """
SELECT id, parent_branch, fork_seq FROM branches WHERE parent_branch IS NOT NULL ORDER BY id
"""


@dataclass(frozen=True)
class _Departure:
    """A branch, or its end, that a history does not see: where it left it, and after which node."""

    branch: int
    after: int
    """The branch's own nodes above this one."""
    seq: int
    """The last node in sight, by its number in the history that is looked at."""
    at_branch: int


class Family:
    """The branches that grew from the root of a session's history, and whose they are."""

    def __init__(self, db: Database, session: dict[str, Any]) -> None:
        self._db = db
        self.parents: dict[int, tuple[int, int]] = {}
        self._seen = segments(db, session["branch"])
        members = {self._seen[0].branch}
        for branch, parent, seq in db.execute(_GROWN).fetchall():
            if parent in members:  # a branch is made after the one that it grew from
                members.add(branch)
                self.parents[branch] = (parent, seq)
        sql = "SELECT * FROM sessions WHERE branch IN (SELECT value FROM json_each(?))"
        rows = select(db, sql + " ORDER BY number", [json.dumps(list(members))])
        self.sessions = {row["id"]: row for row in rows}
        self._heads = {row["branch"]: row["id"] for row in rows}
        self._owners: dict[int, str | None] = {}

    def owner(self, branch: int) -> str | None:
        """The session that wrote a branch; None where nothing says."""
        if branch not in self._owners:
            sql = "SELECT session_id FROM checkpoints WHERE branch = ? ORDER BY seq, number LIMIT 1"
            made = self._db.execute(sql, [branch]).fetchone()
            found = self._heads.get(branch) or (made[0] if made else None)
            if found is None and branch in self.parents:
                found = self.owner(self.parents[branch][0])
            self._owners[branch] = found
        return self._owners[branch]

    def origin(self, session_id: str) -> tuple[str, int, int] | None:
        """The session that one was forked from, and the node; None: it began by itself."""
        branch: int | None = self.sessions[session_id]["branch"]
        while branch in self.parents:
            branch, seq = self.parents[branch]
            owner = self.owner(branch)
            if owner not in (None, session_id):
                return str(owner), branch, seq
        return None

    def departures(self, low: int, high: int) -> list[_Departure]:
        """What left the history between two of its nodes, in the order in which it was written."""
        tops = {each.branch: each.top for each in self._seen}
        ends = [
            _Departure(branch, top, top, branch)
            for branch, top in tops.items()
            if low <= top <= high
        ]
        left: dict[int, _Departure] = {}
        for branch, (parent, seq) in self.parents.items():
            if branch in tops:
                continue
            before = left.get(parent)
            at = before.seq if before is not None else min(seq, tops[parent])
            where = before.at_branch if before is not None else parent
            left[branch] = _Departure(branch, -1, at, where)
        grown = [each for each in left.values() if low <= each.seq <= high]
        return sorted([*ends, *grown], key=lambda each: (each.seq, each.branch))


def branching(
    db: Database, visibility: Visibility, place: Place, first: int, last: int
) -> Branching:
    """What branched off a session's history after the steps `first` to `last`; 0: before any."""
    session = place.session
    family = Family(db, session)
    low, high = step_seqs(db, place, first, last)
    left: list[LeftSteps] = []
    more = 0
    for each in family.departures(low, high):
        if family.owner(each.branch) != session["id"] or each.branch == session["branch"]:
            continue
        begins = first_step_after(db, each.branch, each.after)
        if begins is None:
            continue
        if len(left) == _MOST:
            more += 1
            continue
        left.append(_left(db, session["id"], each, begins))
    forks, more_forks = _forks(db, visibility, family, session["id"], first, last)
    return Branching(tuple(left), tuple(forks), more + more_forks)


def _left(db: Database, session_id: str, each: _Departure, begins: int) -> LeftSteps:
    ends = first_step_after(db, each.branch, each.after, last=True)
    at = steps_at(db, each.at_branch, each.seq)
    return LeftSteps(at, begins, ends or begins, _way_back(db, session_id, each))


def _way_back(db: Database, session_id: str, each: _Departure) -> CheckpointRecord | None:
    """The checkpoint that brings the most of some steps back into sight."""
    sql = """
    SELECT * FROM checkpoints WHERE branch = ? AND seq > ? AND session_id = ? AND pruned_at IS NULL
    ORDER BY seq DESC, number DESC LIMIT 1
    """
    rows = select(db, sql, [each.branch, each.after, session_id])
    return checkpoint_record(rows[0]) if rows else None


def _forks(
    db: Database, visibility: Visibility, family: Family, session_id: str, first: int, last: int
) -> tuple[list[Fork], int]:
    found: list[Fork] = []
    more = 0
    for each in family.sessions.values():
        if each["id"] == session_id or visibility.principal not in (None, each["principal"]):
            continue
        origin = family.origin(each["id"])
        if origin is None or origin[0] != session_id:
            continue
        at = steps_at(db, *origin[1:])
        if not first <= at <= last:
            continue
        if len(found) == _MOST:
            more += 1
            continue
        found.append(Fork(each["id"], at, head(db, each["branch"]).steps, each["created_at"]))
    return found, more


def origin(db: Database, visibility: Visibility, place: Place) -> Fork | None:
    """The session that one was forked from, where it is there and may be seen."""
    family = Family(db, place.session)
    found = family.origin(place.session["id"])
    row = None if found is None else family.sessions.get(found[0])
    if found is None or row is None or visibility.principal not in (None, row["principal"]):
        return None
    at = steps_at(db, *found[1:])
    return Fork(row["id"], at, head(db, row["branch"]).steps, row["created_at"])
