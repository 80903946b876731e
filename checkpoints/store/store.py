"""The memory of agent jobs in one SQLite file: every read and every write goes through `Store`.

History is a graph of immutable, content-addressed nodes. A session points at a branch of it;
restoring and forking make a new branch and copy nothing. One connection, one lock file, one thread
at a time.
"""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkpoints.errors import ForeignCheckpoint, MemoryFault
from checkpoints.file import migrations
from checkpoints.file.connection import Connection
from checkpoints.file.database import open_file, open_memory, open_reader
from checkpoints.file.place import ReaderPlace
from checkpoints.graph import history, items, sources, writes
from checkpoints.graph.access import Visibility
from checkpoints.graph.drafts import check_items, check_step
from checkpoints.graph.vectors import check_vector
from checkpoints.limits import (
    StoreLimits,
    bounded,
    check_identifier,
    check_json,
    check_name,
    check_text,
)
from checkpoints.policy import CheckpointPolicy
from checkpoints.records import (
    Appended,
    CheckpointRecord,
    Hit,
    ItemDraft,
    Remembered,
    SessionRecord,
    StepDraft,
    StepRecord,
    Vector,
    Version,
    text_digest,
)
from checkpoints.search import ranking
from checkpoints.search.filters import Filters
from checkpoints.search.lineage import lineage_cache
from checkpoints.store.contents import Contents
from checkpoints.store.deletions import Deletions
from checkpoints.store.maintenance import Maintenance
from checkpoints.store.marks import Marks
from checkpoints.store.overview import Overview
from checkpoints.store.revocations import Revocations
from checkpoints.store.task_use import TaskUse
from checkpoints.store.tasks import Tasks
from checkpoints.store.timeline import Timeline
from checkpoints.tasks import named
from checkpoints.text.words import is_spaceless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self


# Of an older database, before a search that needs it; the server does the rest behind.
_FILLS_AHEAD = 5


class Store:
    """One open database. Safe to share between threads, not to carry across a fork.

    Any method may raise MemoryFault: after `close`, in a forked process, or when the disk
    refuses. A call that raises has changed nothing, and the store stays usable.
    """

    def __init__(
        self, connection: Connection, policy: CheckpointPolicy, limits: StoreLimits
    ) -> None:
        self.schema_version = len(migrations.MIGRATIONS)
        self._connection = connection
        self._policy = policy
        self._limits = limits
        self._lineages = lineage_cache()
        self.maintenance = Maintenance(connection, limits, forget=self._lineages.clear)
        self._show(Visibility())

    def _show(self, visibility: Visibility) -> None:
        self._visibility = visibility
        self.overview = Overview(self._connection, visibility)
        self.contents = Contents(self._connection, visibility)
        self.marks = Marks(self._connection, self._limits, visibility)
        self.revocations = Revocations(self._connection, self._limits, visibility)
        self.deletions = Deletions(
            self._connection, self._limits, visibility, forget=self._lineages.clear
        )
        self.tasks = Tasks(self._connection, self._limits, visibility, self.deletions)
        self.timeline = Timeline(self._connection, visibility)
        self.task_use = TaskUse(self._connection, visibility)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        policy: CheckpointPolicy = CheckpointPolicy(),  # noqa: B008  # frozen, safe to share
        limits: StoreLimits = StoreLimits(),  # noqa: B008  # frozen, safe to share
        committed: Callable[[float], None] = lambda seconds: None,
        check_seconds: float | None = None,
        checked: Callable[[str | None, float], None] = lambda problem, seconds: None,
    ) -> Store:
        """Open or create the database at `path`; ":memory:" keeps it in this process only.

        `committed` is called with the seconds that each transaction took, its commit included.
        The whole file is checked. After `check_seconds` this goes on beside the first calls, and
        `checked` is called with what it found at its end (None: nothing) and its seconds: then
        nothing is written any more. None waits for it.

        Raises StoreLocked, StoreNewer, StoreReadOnly or NotADatabase. An older schema is
        migrated, after a verified backup beside the file.
        """
        if str(path) == ":memory:":
            connection = Connection(
                open_memory(), None, ":memory:", limits.database_bytes, committed=committed
            )
        else:
            opened = open_file(Path(path), check_seconds, checked)
            connection = Connection(
                opened.db,
                opened.lock,
                Path(path).name,
                limits.database_bytes,
                place=opened.place,
                check=opened.check,
                committed=committed,
            )
            connection.finish_deletion()
        return cls(connection, policy, limits)

    @classmethod
    def open_reader(cls, path: Path | str) -> Store:
        """Open an existing database for reading, beside a server that may hold it.

        Every call sees one moment of it; calls that would write raise MemoryFault. Raises
        NotADatabase, StoreOlder or StoreNewer.
        """
        limits, path = StoreLimits(), Path(path)
        db, place = open_reader(path), ReaderPlace(path)
        connection = Connection(db, None, path.name, limits.database_bytes, read_from=place)
        return cls(connection, CheckpointPolicy(), limits)

    def close(self) -> None:
        """Close the database and give its lock up; closing twice is fine."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def visible_to(self, principal: str | None) -> Store:
        """This store as `principal` may see it: its own sessions and their checkpoints, no others.

        Another's session or checkpoint is unknown there, in the words used for one that never was.
        None sees everything. `maintenance` is the whole database's, whoever looks.
        """
        check_name("principal", principal, self._limits.name_chars)
        seen = copy(self)
        seen._show(Visibility(principal))
        return seen

    def create_session(self, principal: str | None = None) -> SessionRecord:
        """Start a session, owned by `principal` if given; in `visible_to`'s store by its principal.

        Raises LimitExceeded, also for the sessions of one principal.
        """
        owner = principal if self._visibility.principal is None else self._visibility.principal
        check_name("principal", owner, self._limits.name_chars)
        with self._connection.writing() as db:
            self._connection.require_room(db)
            branch = writes.add_branch(db)
            row = writes.add_session(db, branch, owner, None, self._limits)
            writes.add_node(
                db, branch, "root", {"session": row["id"]}, row["created_at"], after=None
            )
            return history.session_record(db, row)

    def session(self, session_id: str) -> SessionRecord:
        """The session as it is now. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return history.session_record(db, self._visibility.session(db, session_id))

    def sessions(self, limit: int = 50) -> list[SessionRecord]:
        """The `limit` sessions created last, newest first."""
        with self._connection.reading() as db:
            rows = self._visibility.sessions(db, bounded(limit))
            return [history.session_record(db, row) for row in rows]

    def set_task(self, session_id: str, task: Mapping[str, Any]) -> SessionRecord:
        """Make `task` the current task, as a part of the history.

        Setting the task that is already current writes nothing, so a retry is harmless.
        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        task_json = check_json("task", task, self._limits.json_chars)
        with self._connection.writing() as db:
            self._connection.require_room(db, len(task_json))
            row = self._visibility.session(db, session_id)
            at = history.head(db, row["branch"])
            task_id = writes.add_text(db, task_json)
            if task_id != at.task_id:
                now = writes.touch(db, row["id"])
                content = {"task": text_digest(task_json)}
                writes.add_node(db, row["branch"], "task", content, now, after=at, task_id=task_id)
            return history.session_record(db, self._visibility.session(db, session_id))

    def append_step(self, session_id: str, draft: StepDraft) -> Appended:
        """Store a step, its output as a memory item, and a checkpoint where the policy has one.

        All of it or nothing. A `step_key` already in the history returns the recorded step,
        replayed, and writes nothing. An empty output, or one already in memory, makes no new
        item. Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        checked = check_step(draft, self._limits)
        with self._connection.writing() as db:
            row = self._visibility.session(db, session_id)
            branch = row["branch"]
            if draft.step_key is not None and (
                replayed := history.replayed(db, row, draft.step_key)
            ):
                return replayed
            self._connection.require_room(db, checked.size)
            now = writes.touch(db, session_id)
            at = history.head(db, branch)
            node = writes.add_step(db, branch, at, draft, checked, now)
            if draft.task_version is not None:
                asked = draft.needs_review
                named.count_step(db, draft.task_version, row["principal"], now, asked=asked)
            checkpoint = None
            if self._policy.is_due(node.steps):
                checkpoint = writes.add_checkpoint(
                    db, session_id, node, None, row["last_checkpoint"], now
                )
            step = history.step_numbered(db, branch, node.steps)
            if step is None:
                raise MemoryFault(f"step {node.steps}: could not be read back; nothing was changed")
            return Appended(step, checkpoint, replayed=False)

    def step(self, session_id: str, n: int) -> StepRecord | None:
        """Step number `n`, counted from 1. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return history.step_numbered(
                db, self._visibility.session(db, session_id)["branch"], bounded(n)
            )

    def steps(self, session_id: str, last: int | None = None) -> list[StepRecord]:
        """All steps, or the `last` ones, in order. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            branch = self._visibility.session(db, session_id)["branch"]
            after = 0 if last is None else history.head(db, branch).steps - bounded(last)
            return history.steps_after(db, branch, after)

    def replay(self, session_id: str, step_key: str) -> Appended | None:
        """The step stored under an idempotency key, as `append_step` gave it back, or None.

        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        check_text("step_key", step_key, self._limits.step_key_chars)
        with self._connection.reading() as db:
            return history.replayed(db, self._visibility.session(db, session_id), step_key)

    def checkpoint(self, session_id: str, label: str | None = None) -> CheckpointRecord:
        """Make the session's present state a checkpoint; the same one again if it is one already.

        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        check_name("label", label, self._limits.label_chars)
        with self._connection.writing() as db:
            self._connection.require_room(db)
            row = self._visibility.session(db, session_id)
            at = history.head(db, row["branch"])
            return writes.add_checkpoint(
                db, session_id, at, label, row["last_checkpoint"], writes.utc_now()
            )

    def checkpoint_record(self, checkpoint_id: str) -> CheckpointRecord:
        """A checkpoint of any session. Raises UnknownCheckpoint or BadIdentifier."""
        with self._connection.reading() as db:
            return history.checkpoint_record(self._visibility.checkpoint(db, checkpoint_id))

    def checkpoints(self, session_id: str) -> list[CheckpointRecord]:
        """The checkpoints in the session's visible history, oldest first.

        Those before a fork are included and say whose they are. Raises UnknownSession or
        BadIdentifier.
        """
        with self._connection.reading() as db:
            row = self._visibility.session(db, session_id)
            return list(history.ancestry(db, row["last_checkpoint"]))[::-1]

    def restore(
        self, checkpoint_id: str, *, session_id: str | None = None, fork: bool = False
    ) -> SessionRecord:
        """Put the session a checkpoint was made in back there, or `fork` a new session from it.

        What came after stays stored but out of sight, and comes back by restoring a later
        checkpoint. Works in a full database too, unless it forks. A fork keeps the principal.
        Raises UnknownCheckpoint, BadIdentifier, LimitExceeded, and ForeignCheckpoint when
        `session_id` is given and is not the owner.
        """
        if session_id is not None:
            check_identifier("session_id", session_id)
        with self._connection.writing() as db:
            checkpoint = self._visibility.checkpoint(db, checkpoint_id)
            if session_id is not None and session_id != checkpoint["session_id"]:
                raise ForeignCheckpoint(checkpoint_id, session_id, checkpoint["session_id"])
            row = self._visibility.session(db, checkpoint["session_id"])
            branch = writes.add_branch(db, checkpoint["branch"], checkpoint["seq"])
            if fork:
                forked = row["id"]
                self._connection.require_room(db)
                row = writes.add_session(db, branch, row["principal"], checkpoint_id, self._limits)
                writes.copy_marks(db, forked, row["id"])
            else:
                db.execute(
                    "UPDATE sessions SET branch = ?, last_checkpoint = ? WHERE id = ?",
                    [branch, checkpoint_id, row["id"]],
                )
                writes.touch(db, row["id"])
            return history.session_record(db, history.session_row(db, row["id"]))

    def remember(
        self, session_id: str, drafts: Sequence[ItemDraft], versions: Sequence[Version] = ()
    ) -> Remembered:
        """Store texts verbatim; one already in memory from its source is skipped and counted.

        `versions` says what some of the sources now consist of: what else they had leaves search
        and prompts, and stays in the history from before. A skipped one is still pinned, and given
        its vector, when the draft says so. Raises UnknownSession, BadIdentifier, BadValue or
        LimitExceeded.
        """
        data = check_items(drafts, self._limits)
        with self._connection.writing() as db:
            self._connection.require_room(
                db, sum(len(item.text) for item in drafts) + sum(len(blob or b"") for blob in data)
            )
            row = self._visibility.session(db, session_id)
            return items.remember(db, row, drafts, data, versions)

    def remembered(self, session_id: str, texts: Sequence[str]) -> set[str]:
        """Those of `texts` that are in the session's memory already.

        Raises UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            return items.remembered(db, self._visibility.session(db, session_id)["branch"], texts)

    def require_sources(self, session_id: str, names: Sequence[str]) -> None:
        """Raise UnknownSource for a name that nothing in the session's memory has as its source.

        Raises UnknownSession or BadIdentifier too.
        """
        with self._connection.reading() as db:
            branch = self._visibility.session(db, session_id)["branch"]
            sources.require_sources(db, branch, "sources", names)

    def holds(self, session_id: str, kind: str) -> bool:
        """Whether the session's memory has an item of that kind, "document" or "step".

        Raises UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            return history.holds(db, self._visibility.session(db, session_id)["branch"], kind)

    def recall(
        self,
        session_id: str,
        query: str,
        limit: int = 20,
        *,
        vector: Vector | None = None,
        neighbours: int = 0,
        filters: Filters = Filters(),  # noqa: B008  # frozen, safe to share
    ) -> list[Hit]:
        """The `limit` memory items that best match `query`, best first.

        Ranked by its words and, with its `vector`, by meaning. `neighbours` items on each side
        of a found one in its source follow it, marked as not found. Raises UnknownSession,
        BadIdentifier, BadValue or LimitExceeded.
        """
        check_text("query", query, self._limits.query_chars)
        if vector is not None:
            check_vector("vector", vector, self._limits)
        filters.check(self._limits)
        self._fill_ahead(query)
        with self._connection.reading() as db:
            row = self._visibility.session(db, session_id)
            return ranking.search(
                db,
                self._lineages,
                row,
                query,
                vector,
                filters,
                bounded(limit),
                bounded(neighbours),
            )

    def _fill_ahead(self, query: str) -> None:
        """Bring what a search would miss of a small, older database into the second index."""
        # A search is answered also where nothing can be written.
        with suppress(MemoryFault):
            for _ in range(_FILLS_AHEAD if is_spaceless(query) else 0):
                if not self.maintenance.fill_characters():
                    break
