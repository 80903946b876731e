"""Tasks that last: named, versioned, taught by corrections of steps.

A task belongs to its principal, and a shared one may be used by others, never changed. Every change
is a new version; versions are immutable, and a step names the one that it ran with.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue, LimitExceeded, UnknownCorrection, UnknownVersion
from checkpoints.graph import writes
from checkpoints.graph.rows import insert, select
from checkpoints.limits import bounded
from checkpoints.tasks import correction_rows, corrections, named, versions, views
from checkpoints.tasks.checks import (
    check_definition,
    check_examples,
    check_output,
    check_quality,
    check_task_name,
)
from checkpoints.tasks.folding import given_anew, without_given
from checkpoints.tasks.values import Saved, Serving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from checkpoints.file.connection import Connection
    from checkpoints.graph.access import Visibility
    from checkpoints.limits import StoreLimits
    from checkpoints.records import Deleted
    from checkpoints.store.deletions import Deletions
    from checkpoints.tasks.folding import Contribution
    from checkpoints.tasks.values import (
        Corrected,
        Correction,
        NamedTask,
        TaskCounts,
        TaskDefinition,
        TaskExample,
        TaskVersion,
        VersionSummary,
    )
    from checkpoints.tasks.versions import Measured

    _Row = dict[str, Any]


class Tasks:
    """The named tasks, and the corrections of steps; `Store.tasks` gives it.

    A name is the principal's own, or else one that another shares; `OWNER/NAME` says whose. Any
    method may raise MemoryFault; one that raises has changed nothing.
    """

    def __init__(
        self,
        connection: Connection,
        limits: StoreLimits,
        visibility: Visibility,
        deletions: Deletions,
    ) -> None:
        """`visibility` says which sessions there are, and whose tasks may be changed."""
        self._connection, self._limits, self._visibility = connection, limits, visibility
        self._deletions = deletions
        self._principal = visibility.principal

    def save(
        self,
        name: str,
        definition: TaskDefinition,
        examples: Sequence[TaskExample] | None = None,
        *,
        add: bool = False,
    ) -> Saved:
        """Make a task, or the next version of one's own; what is as it was makes none.

        `examples` replace those given before, or with `add` follow them; None leaves those.
        Examples from corrections stay. Of one input the later output stands; the earlier is set
        aside, as is what is none of new labels. Raises BadValue or LimitExceeded.
        """
        definition, definition_json = check_definition(definition, self._limits)
        given = None
        if examples is not None:
            given = check_examples(examples, definition.labels, self._limits)
        with self._connection.writing() as db:
            task = self._mine(db, name)
            size = sum(len(each.input) + len(each.output) for each in given or ())
            self._connection.require_room(db, size + len(definition_json))
            if task is None:
                task = self._begin(db, name)
                definition_id = writes.add_text(db, definition_json)
                known = [versions.add_contribution(db, task, each) for each in given or ()]
                at = versions.begin(db, task, definition_id, known)
                version = views.record(db, task, at)
                return Saved(version, True, views.left_out(given or (), version))
            at = versions.current(db, task)
            before = views.record(db, task, at)
            made = versions.remake(
                db,
                task,
                at,
                "saved",
                self._limits,
                contributions=self._with(db, task, at, given, add=add),
                definition_id=writes.add_text(db, definition_json),
            )
            version = views.record(db, task, made)
            lost = views.left_out((*before.examples, *(given or ())), version)
            return Saved(version, made["id"] != at["id"], lost)

    def _mine(self, db: Database, name: str) -> _Row | None:
        """The row of a task of one's own, if there is one."""
        if "/" in name:
            return named.own(db, self._principal, name)
        values = [check_task_name(name, self._limits), self._principal]
        sql = "SELECT * FROM named_tasks WHERE name = ? AND principal IS ?"
        return next(iter(select(db, sql, values)), None)

    def _begin(self, db: Database, name: str) -> _Row:
        limits = self._limits
        for most, count, unit in (
            (limits.tasks, db["named_tasks"].count, "stored"),
            (
                limits.principal_tasks,
                db["named_tasks"].count_where("principal = ?", [self._principal]),
                "of this principal stored",
            ),
        ):
            if count >= most:
                raise LimitExceeded("tasks", count, most, unit, "delete one that is not needed")
        now = writes.utc_now()
        row = {
            "id": secrets.token_hex(16),
            "name": check_task_name(name, limits),
            "principal": self._principal,
            "shared": 0,
            "current": 1,
            "created_at": now,
            "updated_at": now,
        }
        return {"number": insert(db, "named_tasks", row), **row}

    def _with(
        self,
        db: Database,
        task: _Row,
        at: _Row,
        given: Sequence[TaskExample] | None,
        *,
        add: bool,
    ) -> list[Contribution]:
        """The contributions of a task's next version, of which some examples are given."""
        pairs = versions.folded(db, at)
        if given is None:
            return [each for each, _ in pairs]
        kept, new = given_anew(pairs, given, add=add)
        count = sum(each.correction is None for each in kept) + len(new)
        if new and count > (most := self._limits.task_examples):
            raise LimitExceeded("examples", count, most, "with those before", "give fewer")
        return [*kept, *(versions.add_contribution(db, task, each) for each in new)]

    def take_away(self, name: str, given_input: str) -> Saved:
        """Make the next version of one's own task, without the examples given for an input.

        What corrections brought stays. Raises UnknownTask or BadValue.
        """
        with self._connection.writing() as db:
            task = named.own(db, self._principal, name)
            at = versions.current(db, task)
            pairs = versions.folded(db, at)
            kept = without_given(pairs, given_input)
            if len(kept) == len(pairs):
                raise BadValue("example", "none is given for this input; nothing was changed")
            made = versions.remake(db, task, at, "saved", self._limits, contributions=kept)
            return Saved(views.record(db, task, made), True)

    def get(self, name: str, version: int | None = None) -> TaskVersion:
        """A version of a task, by its number; None: the current one.

        Of another's task there is the current one alone. Raises UnknownTask, UnknownVersion or
        BadValue.
        """
        with self._connection.reading() as db:
            task = named.usable(db, self._principal, name)
            if version is None or version == task["current"]:
                return views.record(db, task, versions.current(db, task))
            task = named.own(db, self._principal, name)
            return views.record(db, task, versions.numbered(db, task, bounded(version)))

    def version(self, digest: str) -> TaskVersion:
        """The version that a step names; of another's task the current one and what serves alone.

        Raises UnknownVersion.
        """
        with self._connection.reading() as db:
            version, task = self._named(db, digest)
            if not named.changeable(task, self._principal):
                shown = (versions.current(db, task)["id"], versions.serving(db, task)["id"])
                if not task["shared"] or version["id"] not in shown:
                    raise UnknownVersion(digest)
            return views.record(db, task, version)

    def list(
        self, limit: int = 1_000, measured: Measured | None = None, skip: int = 0
    ) -> Sequence[NamedTask]:
        """The tasks that may be used, one's own first, then by name, after the first `skip`.

        `measured` as in `serving`.
        """
        with self._connection.reading() as db:
            rows = named.seen(db, self._principal, bounded(limit), bounded(skip))
            own = [named.changeable(row, self._principal) for row in rows]
            return [
                views.listed(db, row, own=mine, measured=measured)
                for row, mine in zip(rows, own, strict=True)
            ]

    def line(self, name: str, measured: Measured | None = None) -> NamedTask:
        """A task that may be used as `list` has it. Raises UnknownTask or BadValue."""
        with self._connection.reading() as db:
            row = named.usable(db, self._principal, name)
            own = named.changeable(row, self._principal)
            return views.listed(db, row, own=own, measured=measured)

    def versions(
        self, name: str, limit: int = 100, skip: int = 0, *, measured: bool = False
    ) -> Sequence[VersionSummary]:
        """The last versions of one's own task after the first `skip`, newest first.

        `measured`: of those alone of which something was measured. Raises UnknownTask or BadValue.
        """
        with self._connection.reading() as db:
            task = named.own(db, self._principal, name)
            return views.summaries(db, task, bounded(limit), bounded(skip), measured=measured)

    def go_back(self, name: str, version: int) -> Saved:
        """Make an earlier version the current one; the later ones stay.

        What was taken back, withheld or deleted since does not come back: then it is a new version
        on top of the earlier one. Raises UnknownTask, UnknownVersion or BadValue.
        """
        with self._connection.writing() as db:
            task = named.own(db, self._principal, name)
            at = versions.current(db, task)
            on = versions.numbered(db, task, bounded(version))
            if on["id"] == at["id"]:
                raise BadValue("version", f"{version} is the current one; nothing was changed")
            before = views.record(db, task, on)
            made = versions.remake(db, task, on, "went back", self._limits)
            after = views.record(db, task, made)
            return Saved(after, True, views.left_out(before.examples, after))

    def share(self, name: str, shared: bool = True) -> NamedTask:
        """Let others use one's own task by its name, or no more. Raises UnknownTask or BadValue."""
        with self._connection.writing() as db:
            task = named.own(db, self._principal, name)
            db.execute(
                "UPDATE named_tasks SET shared = ? WHERE number = ?", [int(shared), task["number"]]
            )
            return views.listed(db, task | {"shared": shared}, own=True)

    def delete(self, name: str, *, dry_run: bool = False) -> Deleted:
        """Delete one's own task for good, as `Deletions.task` does."""
        return self._deletions.task(name, dry_run=dry_run)

    def correct(self, session_id: str, n: int, output: str | None = None) -> Corrected:
        """Record the right output of step `n`, or with None that its own was right.

        The step stays as it was. The answer becomes an example of the named task that it ran with,
        in a new version; of none, or another's, it is kept with the session. A later correction of
        the step replaces it. Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        return self.correct_many(session_id, {n: output})[0]

    def correct_many(
        self, session_id: str, outputs: Mapping[int, str | None]
    ) -> Sequence[Corrected]:
        """The same for several steps, by their numbers, in one new version of each task.

        All or, where one is refused, none: then BadValue names the step.
        """
        for output in outputs.values():
            if output is not None:
                check_output(output, self._limits)
        with self._connection.writing() as db:
            session = self._visibility.session(db, session_id)
            self._connection.require_room(db, sum(len(each or "") for each in outputs.values()))
            return corrections.correct(db, session, outputs, self._limits)

    def take_back(self, correction_id: str) -> Corrected:
        """End a correction; its task goes on without it. Raises UnknownCorrection or BadValue."""
        with self._connection.writing() as db:
            rows = correction_rows.with_id(db, correction_id)
            for row in rows:
                sql = "SELECT principal FROM sessions WHERE id = ?"
                owner = db.execute(sql, [row["session_id"]]).fetchone()[0]
                if self._principal in (None, owner):
                    return corrections.take_back(db, row, self._limits)
            raise UnknownCorrection(correction_id)

    def corrections(
        self, session_id: str | None = None, *, name: str | None = None, limit: int = 1_000
    ) -> Sequence[Correction]:
        """The last corrections of a session's steps, or of a task of one's own, the oldest first.

        Those that were taken back or replaced say so. Raises UnknownSession, BadIdentifier,
        UnknownTask or BadValue.
        """
        if (session_id is None) == (name is None):
            raise BadValue("session_id, name", "give one of the two")
        with self._connection.reading() as db:
            if name is not None:
                task = named.own(db, self._principal, name)
                return correction_rows.of_task(db, task, bounded(limit))
            session = self._visibility.session(db, session_id or "")
            return correction_rows.of_session(db, session, bounded(limit))

    def session_examples(self, session_id: str, task: Mapping[str, Any]) -> Sequence[TaskExample]:
        """What a session's corrections give to its steps of a task that is not its principal's own.

        `task` is as steps record it; those with its description and labels count. Raises
        UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            session = self._visibility.session(db, session_id)
            return corrections.session_examples(db, session, task, self._limits)

    def measured(
        self,
        digest: str,
        quality: Mapping[str, Any],
        *,
        accepted: bool = True,
        anew: bool = False,
    ) -> None:
        """Record what was measured of a version, and whether it may serve.

        Each entry of `quality`, as of one model, is written once beside the others; `anew` is for
        one that cannot be read. The same again changes nothing. Raises UnknownVersion, BadValue or
        LimitExceeded.
        """
        quality_json = check_quality(quality, self._limits)
        with self._connection.writing() as db:
            self._connection.require_room(db, len(quality_json))
            version, task = self._named(db, digest)
            if not named.changeable(task, self._principal):
                raise UnknownVersion(digest)
            if version["redacted_at"] is not None:
                raise BadValue("version", "lost text for good meanwhile; measure the current one")
            if version["quality_json"] is not None:
                known = versions.quality(version) or {}
                other = any(known.get(name, each) != each for name, each in quality.items())
                if version["accepted"] != int(accepted) or (other and not anew):
                    raise BadValue(
                        "version",
                        f"{version['number']} of task {task['name']!r} was measured already; "
                        "nothing was changed",
                    )
                quality_json = check_quality({**known, **quality}, self._limits)
                if version["quality_json"] == quality_json:
                    return
            db.execute(
                "UPDATE task_versions SET quality_json = ?, accepted = ?, measured_at = ? "
                "WHERE id = ?",
                [quality_json, int(accepted), writes.utc_now(), version["id"]],
            )

    def serving(self, name: str, measured: Measured | None = None) -> Serving:
        """The version that the task's steps run with. Raises UnknownTask or BadValue.

        The newest accepted one on the way to the current version, if it has the current description
        and labels and no example that was withdrawn since; else the current version itself. Given
        `measured`, one of whose quality it says no is passed over.
        """
        with self._connection.reading() as db:
            task = named.usable(db, self._principal, name)
            row, at = versions.serving(db, task, measured), versions.current(db, task)
            serves = views.record(db, task, row)
            newer = row["id"] != at["id"]
            return Serving(serves, views.record(db, task, at) if newer else None)

    def to_learn(
        self, limit: int = 1_000, measured: Measured | None = None
    ) -> Sequence[TaskVersion]:
        """Current versions with examples that were not measured yet, the longest waiting first.

        Given `measured`, also those of whose quality it says no.
        """
        sql = """
        SELECT named_tasks.*, quality_json FROM named_tasks JOIN task_versions
        ON task_versions.task = named_tasks.number AND task_versions.number = named_tasks.current
        WHERE (:all OR quality_json IS NULL) AND (:principal IS NULL OR principal = :principal)
        AND EXISTS (
            SELECT 1 FROM task_version_examples WHERE version = task_versions.id AND state = 0
        )
        ORDER BY task_versions.created_at, task_versions.id
        """
        values = {"principal": self._principal, "all": measured is not None}
        with self._connection.reading() as db:
            due = [
                row
                for row in select(db, sql, values)
                if measured is None or not measured(versions.quality(row) or {})
            ]
            return [
                views.record(db, row, versions.current(db, row)) for row in due[: bounded(limit)]
            ]

    def counts(self, name: str, days: int = 90) -> TaskCounts:
        """How one's own task fares, with its last days. Raises UnknownTask or BadValue."""
        with self._connection.reading() as db:
            return named.counted(db, named.own(db, self._principal, name), bounded(days))

    def _named(self, db: Database, digest: str) -> tuple[_Row, _Row]:
        found = versions.named(db, digest)
        if found is None or found[0]["dropped_at"] is not None:
            raise UnknownVersion(digest)
        return found
