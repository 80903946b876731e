"""The memory of agent jobs in one SQLite file: every read and every write goes through `Store`.

History is a graph of immutable, content-addressed nodes. A session points at a branch of it;
restoring and forking make a new branch and copy nothing. Knows nothing of models, prompts or
protocols. One connection, one lock file, one thread at a time.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkpoints.drafts import check_items, check_step
from checkpoints.errors import ForeignCheckpoint, MemoryFault
from checkpoints.file import migrations
from checkpoints.file.connection import Connection
from checkpoints.file.database import open_file, open_memory, open_reader
from checkpoints.file.maintenance import Upkeep
from checkpoints.graph import history, items, marks, writes
from checkpoints.graph.access import Eyes
from checkpoints.graph.marking import Marks
from checkpoints.graph.revocations import Revocations
from checkpoints.limits import StoreLimits, check_identifier, check_json, check_name, check_text
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
    text_digest,
)
from checkpoints.search import ranking, vectors
from checkpoints.search.filters import Filters
from checkpoints.search.vectors import check_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from checkpoints.search.lineage import Lineage

# More rows than any answer holds, and a number SQLite can take.
_MOST = 2**31


class Store:
    """One open database. Safe to share between threads, not to carry across a fork.

    Any method may raise MemoryFault: after `close`, in a forked process, or when the disk
    refuses. A call that raises has changed nothing, and the store stays usable.
    """

    def __init__(
        self, connection: Connection, path: str, policy: CheckpointPolicy, limits: StoreLimits
    ) -> None:
        self.path = path
        self.schema_version = len(migrations.MIGRATIONS)
        self.sqlite_version = sqlite3.sqlite_version
        self._connection = connection
        self._policy = policy
        self._limits = limits
        self._lineages: OrderedDict[int, Lineage] = OrderedDict()
        self._eyes = Eyes()
        self.marks = Marks(connection, limits, self._eyes)
        self.revocations = Revocations(connection, limits, self._eyes)
        self.upkeep = Upkeep(connection, limits, forget=self._lineages.clear)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        policy: CheckpointPolicy = CheckpointPolicy(),  # noqa: B008  # frozen, safe to share
        limits: StoreLimits = StoreLimits(),  # noqa: B008  # frozen, safe to share
        committed: Callable[[float], None] = lambda seconds: None,
    ) -> Store:
        """Open or create the database at `path`; ":memory:" keeps it in this process only.

        `committed` is told the seconds that each transaction took, its commit included.

        Raises StoreLocked, StoreNewer, StoreReadOnly or NotADatabase. An older schema is
        migrated, after a verified backup beside the file.
        """
        if str(path) == ":memory:":
            db, lock, name = open_memory(), None, ":memory:"
        else:
            db, lock = open_file(Path(path))
            name = Path(path).name
        connection = Connection(db, lock, name, limits.database_bytes, committed=committed)
        return cls(connection, str(path), policy, limits)

    @classmethod
    def open_reader(cls, path: Path | str) -> Store:
        """Open an existing database for reading, beside a server that may hold it.

        Every call sees one moment of it; calls that would write raise MemoryFault. Raises
        NotADatabase, StoreOlder or StoreNewer.
        """
        limits, name = StoreLimits(), Path(path).name
        connection = Connection(
            open_reader(Path(path)), None, name, limits.database_bytes, read_only=True
        )
        return cls(connection, str(path), CheckpointPolicy(), limits)

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

    def seen_by(self, principal: str | None) -> Store:
        """This store as `principal` may see it: its own sessions and their checkpoints, no others.

        Another's session or checkpoint is unknown there, in the words used for one that never was.
        None sees everything. `upkeep` is the whole database's, whoever looks.
        """
        check_name("principal", principal, self._limits.name_chars)
        seen = copy(self)
        seen._eyes = Eyes(principal)
        seen.marks = Marks(self._connection, self._limits, seen._eyes)
        seen.revocations = Revocations(self._connection, self._limits, seen._eyes)
        return seen

    def create_session(self, principal: str | None = None) -> SessionRecord:
        """Start a session, owned by `principal` if given, else by whom this store is seen by.

        Raises LimitExceeded, also for the sessions of one principal.
        """
        owner = principal if self._eyes.principal is None else self._eyes.principal
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
        """The session as it stands. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return history.session_record(db, self._eyes.session(db, session_id))

    def sessions(self, limit: int = 50) -> list[SessionRecord]:
        """The `limit` sessions created last, newest first."""
        with self._connection.reading() as db:
            rows = self._eyes.sessions(db, _bounded(limit))
            return [history.session_record(db, row) for row in rows]

    def set_task(self, session_id: str, task: Mapping[str, Any]) -> SessionRecord:
        """Make `task` the current task, as a part of the history.

        Setting the task that is already current writes nothing, so a retry is harmless.
        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        task_json = check_json("task", task, self._limits.json_chars)
        with self._connection.writing() as db:
            self._connection.require_room(db, len(task_json))
            row = self._eyes.session(db, session_id)
            at = history.head(db, row["branch"])
            task_id = writes.add_text(db, task_json)
            if task_id != at.task_id:
                now = writes.touch(db, row["id"])
                content = {"task": text_digest(task_json)}
                writes.add_node(db, row["branch"], "task", content, now, after=at, task_id=task_id)
            return history.session_record(db, self._eyes.session(db, session_id))

    def append_step(self, session_id: str, draft: StepDraft) -> Appended:
        """Store a step, its output as a memory item, and the checkpoint due, or nothing at all.

        A `step_key` already in the history returns the recorded step, replayed, and writes
        nothing. An empty output, or one already in memory, makes no new item. Raises
        UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        checked = check_step(draft, self._limits)
        with self._connection.writing() as db:
            row = self._eyes.session(db, session_id)
            branch = row["branch"]
            if draft.step_key is not None and (
                seen := history.step_keyed(db, branch, draft.step_key)
            ):
                return Appended(
                    seen, history.checkpoint_at(db, row["last_checkpoint"], seen), replayed=True
                )

            self._connection.require_room(db, checked.size)
            now = writes.touch(db, session_id)
            at = history.head(db, branch)
            node = writes.add_step(db, branch, at, draft, checked, now)
            checkpoint = None
            if self._policy.due(node.steps):
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
                db, self._eyes.session(db, session_id)["branch"], _bounded(n)
            )

    def steps(self, session_id: str, last: int | None = None) -> list[StepRecord]:
        """All steps, or the `last` ones, in order. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            branch = self._eyes.session(db, session_id)["branch"]
            after = 0 if last is None else history.head(db, branch).steps - _bounded(last)
            return history.steps_after(db, branch, after)

    def find_step(self, session_id: str, step_key: str) -> StepRecord | None:
        """The step stored under an idempotency key. Raises UnknownSession or BadIdentifier."""
        check_text("step_key", step_key, self._limits.step_key_chars)
        with self._connection.reading() as db:
            return history.step_keyed(db, self._eyes.session(db, session_id)["branch"], step_key)

    def replay(self, session_id: str, step_key: str) -> Appended | None:
        """The step of an idempotency key, as `append_step` gave it back. Raises as `find_step`."""
        check_text("step_key", step_key, self._limits.step_key_chars)
        with self._connection.reading() as db:
            row = self._eyes.session(db, session_id)
            step = history.step_keyed(db, row["branch"], step_key)
            if step is None:
                return None
            due = history.checkpoint_at(db, row["last_checkpoint"], step)
            return Appended(step, due, replayed=True)

    def checkpoint(self, session_id: str, label: str | None = None) -> CheckpointRecord:
        """Make the session's present state a checkpoint; the same one again if it is one already.

        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        check_name("label", label, self._limits.label_chars)
        with self._connection.writing() as db:
            self._connection.require_room(db)
            row = self._eyes.session(db, session_id)
            at = history.head(db, row["branch"])
            return writes.add_checkpoint(
                db, session_id, at, label, row["last_checkpoint"], writes.utc_now()
            )

    def checkpoint_record(self, checkpoint_id: str) -> CheckpointRecord:
        """A checkpoint of any session. Raises UnknownCheckpoint or BadIdentifier."""
        with self._connection.reading() as db:
            return history.checkpoint_record(self._eyes.checkpoint(db, checkpoint_id))

    def checkpoints(self, session_id: str) -> list[CheckpointRecord]:
        """The checkpoints in the session's visible history, oldest first.

        Those before a fork are included and say whose they are. Raises UnknownSession or
        BadIdentifier.
        """
        with self._connection.reading() as db:
            row = self._eyes.session(db, session_id)
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
            checkpoint = self._eyes.checkpoint(db, checkpoint_id)
            if session_id is not None and session_id != checkpoint["session_id"]:
                raise ForeignCheckpoint(checkpoint_id, session_id)
            row = self._eyes.session(db, checkpoint["session_id"])
            branch = writes.add_branch(db, checkpoint["branch"], checkpoint["seq"])
            if fork:
                forked = row["id"]
                self._connection.require_room(db)
                row = writes.add_session(db, branch, row["principal"], checkpoint_id, self._limits)
                marks.copy(db, forked, row["id"])
            else:
                db.execute(
                    "UPDATE sessions SET branch = ?, last_checkpoint = ? WHERE id = ?",
                    [branch, checkpoint_id, row["id"]],
                )
                writes.touch(db, row["id"])
            return history.session_record(db, history.session_row(db, row["id"]))

    def remember(self, session_id: str, drafts: Sequence[ItemDraft]) -> Remembered:
        """Store texts verbatim; one already in the session's memory is skipped and counted.

        A skipped one is still pinned, and given its vector, when the draft says so. Raises
        UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        data = check_items(drafts, self._limits)
        with self._connection.writing() as db:
            self._connection.require_room(
                db, sum(len(item.text) for item in drafts) + sum(len(blob or b"") for blob in data)
            )
            return items.remember(db, self._eyes.session(db, session_id), drafts, data)

    def held(self, session_id: str, texts: Sequence[str]) -> set[str]:
        """Those of `texts` that are in the session's memory already.

        Raises UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            return items.held(db, self._eyes.session(db, session_id)["branch"], texts)

    def without_vectors(self, encoder: str, limit: int, after: int = 0) -> list[tuple[int, str]]:
        """Up to `limit` memory texts without a vector of `encoder` or its tokens: (text id, text).

        `after` is the last id of the batch before, so that a pass over all texts is one scan.
        """
        with self._connection.reading() as db:
            return vectors.texts_without(db, encoder, _bounded(limit), _bounded(after))

    def add_vectors(self, values: Sequence[tuple[int, Vector]]) -> int:
        """Give texts (by text id) the vectors or tokens they lack; how many were stored.

        A text that has one, or is gone, is passed over. Raises BadValue or LimitExceeded.
        """
        rows = [
            (text_id, vector.encoder, check_vector(f"vectors[{position}]", vector, self._limits))
            for position, (text_id, vector) in enumerate(values)
        ]
        with self._connection.writing() as db:
            self._connection.require_room(db, sum(len(vector) for _, _, vector in rows))
            return vectors.add_vectors(db, rows)

    def holds(self, session_id: str, kind: str) -> bool:
        """Whether the session's memory has an item of that kind, "document" or "step".

        Raises UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            return history.holds(db, self._eyes.session(db, session_id)["branch"], kind)

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
        with self._connection.reading() as db:
            row = self._eyes.session(db, session_id)
            return ranking.search(
                db,
                self._lineages,
                row,
                query,
                vector,
                filters,
                _bounded(limit),
                _bounded(neighbours),
            )

    def verify(self) -> list[str]:
        """Re-derive every hash, total and link; return what is wrong, nothing when all is well."""
        return self.upkeep.verify()


def _bounded(number: int) -> int:
    return min(max(number, 0), _MOST)
