"""The memory of agent jobs in one SQLite file: every read and every write goes through `Store`.

History is a graph of immutable, content-addressed nodes. A session points at a branch of it;
restoring and forking make a new branch and copy nothing. Knows nothing of models, prompts or
protocols. One connection, one lock file, one thread at a time.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkpoints import (
    history,
    items,
    marks,
    migrations,
    ranking,
    search,
    vectors,
    writes,
)
from checkpoints.connection import Connection
from checkpoints.database import open_file, open_memory, open_reader
from checkpoints.drafts import check_items, check_step
from checkpoints.errors import ForeignCheckpoint, LimitExceeded, MemoryFault
from checkpoints.filters import check_filters
from checkpoints.limits import StoreLimits, check_identifier, check_json, check_name, check_text
from checkpoints.policy import CheckpointPolicy
from checkpoints.records import (
    Appended,
    CheckpointRecord,
    Hit,
    ItemDraft,
    Quarantined,
    Remembered,
    SessionRecord,
    StepDraft,
    StepRecord,
    Vector,
    text_digest,
)
from checkpoints.upkeep import Upkeep
from checkpoints.vectors import check_vector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from sqlite_utils import Database

    from checkpoints.lineage import Lineage

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
        self.upkeep = Upkeep(connection, limits, forget=self._lineages.clear)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        policy: CheckpointPolicy = CheckpointPolicy(),  # noqa: B008  # frozen, safe to share
        limits: StoreLimits = StoreLimits(),  # noqa: B008  # frozen, safe to share
    ) -> Store:
        """Open or create the database at `path`; ":memory:" keeps it in this process only.

        Raises StoreLocked, StoreNewer, StoreReadOnly or NotADatabase. An older schema is
        migrated, after a verified backup beside the file.
        """
        if str(path) == ":memory:":
            db, lock, name = open_memory(), None, ":memory:"
        else:
            db, lock = open_file(Path(path))
            name = Path(path).name
        return cls(Connection(db, lock, name, limits.database_bytes), str(path), policy, limits)

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

    def create_session(self, principal: str | None = None) -> SessionRecord:
        """Start a session, owned by `principal` if given. Raises LimitExceeded."""
        check_name("principal", principal, self._limits.name_chars)
        with self._connection.writing() as db:
            branch = writes.add_branch(db)
            row = self._add_session(db, branch, principal, last_checkpoint=None)
            writes.add_node(
                db, branch, "root", {"session": row["id"]}, row["created_at"], after=None
            )
            return history.session_record(db, row)

    def session(self, session_id: str) -> SessionRecord:
        """The session as it stands. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return history.session_record(db, history.session_row(db, session_id))

    def sessions(self, limit: int = 50) -> list[SessionRecord]:
        """The `limit` sessions created last, newest first."""
        with self._connection.reading() as db:
            rows = list(
                db.query("SELECT * FROM sessions ORDER BY number DESC LIMIT ?", [_bounded(limit)])
            )
            return [history.session_record(db, row) for row in rows]

    def set_task(self, session_id: str, task: Mapping[str, Any]) -> SessionRecord:
        """Make `task` the current task, as a part of the history.

        Setting the task that is already current writes nothing, so a retry is harmless.
        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        task_json = check_json("task", task, self._limits.json_chars)
        with self._connection.writing() as db:
            self._connection.require_room(db, len(task_json))
            row = history.session_row(db, session_id)
            at = history.head(db, row["branch"])
            task_id = writes.add_text(db, task_json)
            if task_id != at.task_id:
                now = writes.touch(db, row["id"])
                content = {"task": text_digest(task_json)}
                writes.add_node(db, row["branch"], "task", content, now, after=at, task_id=task_id)
            return history.session_record(db, history.session_row(db, session_id))

    def append_step(self, session_id: str, draft: StepDraft) -> Appended:
        """Store a step, its output as a memory item, and the checkpoint due, or nothing at all.

        A `step_key` already in the history returns the recorded step, replayed, and writes
        nothing. An empty output, or one already in memory, makes no new item. Raises
        UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        checked = check_step(draft, self._limits)
        with self._connection.writing() as db:
            row = history.session_row(db, session_id)
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
                db, history.session_row(db, session_id)["branch"], _bounded(n)
            )

    def steps(self, session_id: str, last: int | None = None) -> list[StepRecord]:
        """All steps, or the `last` ones, in order. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            branch = history.session_row(db, session_id)["branch"]
            after = 0 if last is None else history.head(db, branch).steps - _bounded(last)
            return history.steps_after(db, branch, after)

    def find_step(self, session_id: str, step_key: str) -> StepRecord | None:
        """The step stored under an idempotency key. Raises UnknownSession or BadIdentifier."""
        check_text("step_key", step_key, self._limits.step_key_chars)
        with self._connection.reading() as db:
            return history.step_keyed(db, history.session_row(db, session_id)["branch"], step_key)

    def replay(self, session_id: str, step_key: str) -> Appended | None:
        """The step of an idempotency key, as `append_step` gave it back. Raises as `find_step`."""
        check_text("step_key", step_key, self._limits.step_key_chars)
        with self._connection.reading() as db:
            row = history.session_row(db, session_id)
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
            row = history.session_row(db, session_id)
            at = history.head(db, row["branch"])
            return writes.add_checkpoint(
                db, session_id, at, label, row["last_checkpoint"], writes.utc_now()
            )

    def checkpoint_record(self, checkpoint_id: str) -> CheckpointRecord:
        """A checkpoint of any session. Raises UnknownCheckpoint or BadIdentifier."""
        with self._connection.reading() as db:
            return history.checkpoint_record(history.checkpoint_row(db, checkpoint_id))

    def checkpoints(self, session_id: str) -> list[CheckpointRecord]:
        """The checkpoints in the session's visible history, oldest first.

        Those before a fork are included and say whose they are. Raises UnknownSession or
        BadIdentifier.
        """
        with self._connection.reading() as db:
            row = history.session_row(db, session_id)
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
            checkpoint = history.checkpoint_row(db, checkpoint_id)
            if session_id is not None and session_id != checkpoint["session_id"]:
                raise ForeignCheckpoint(checkpoint_id, session_id)
            row = history.session_row(db, checkpoint["session_id"])
            branch = writes.add_branch(db, checkpoint["branch"], checkpoint["seq"])
            if fork:
                owner = row["id"]
                row = self._add_session(db, branch, row["principal"], checkpoint_id)
                marks.copy(db, owner, row["id"])
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
            return items.remember(db, history.session_row(db, session_id), drafts, data)

    def held(self, session_id: str, texts: Sequence[str]) -> set[str]:
        """Those of `texts` that are in the session's memory already.

        Raises UnknownSession or BadIdentifier.
        """
        with self._connection.reading() as db:
            return items.held(db, history.session_row(db, session_id)["branch"], texts)

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

    def recall(
        self,
        session_id: str,
        query: str,
        limit: int = 20,
        *,
        vector: Vector | None = None,
        neighbours: int = 0,
        sources: Sequence[str] = (),
        kinds: Sequence[str] = (),
        origins: Sequence[str] = (),
        from_step: int | None = None,
        to_step: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Hit]:
        """The `limit` memory items that best match `query`, best first.

        Ranked by its words and, with its `vector`, by meaning. `neighbours` items on each side
        of a found one in its source follow it, marked as not found. Filters are described at
        `filters.Filters`; times carry a time zone. Raises UnknownSession, BadIdentifier,
        BadValue or LimitExceeded.
        """
        check_text("query", query, self._limits.query_chars)
        if vector is not None:
            check_vector("vector", vector, self._limits)
        filters = check_filters(
            self._limits,
            sources=sources,
            kinds=kinds,
            origins=origins,
            from_step=from_step,
            to_step=to_step,
            since=since,
            until=until,
        )
        with self._connection.reading() as db:
            row = history.session_row(db, session_id)
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

    def pin(self, session_id: str, item_ids: Sequence[int], pinned: bool = True) -> None:
        """Pin items of the session's memory, or take their pins off.

        Raises UnknownSession, BadIdentifier or BadValue.
        """
        with self._connection.writing() as db:
            row = history.session_row(db, session_id)
            for item_id in item_ids:
                text_id = marks.item_row(db, row, item_id)["text_id"]
                if pinned:
                    marks.pin(db, row["id"], text_id, writes.utc_now())
                else:
                    marks.unpin(db, row["id"], text_id)

    def pinned(self, session_id: str) -> list[Hit]:
        """The session's pinned items, oldest first. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return search.pinned(db, history.session_row(db, session_id))

    def quarantine(
        self,
        session_id: str,
        *,
        reason: str,
        item_id: int | None = None,
        source: str | None = None,
    ) -> int:
        """Keep an item's text, or all that a source sent and will send, out of the memory.

        It never comes back from a search, as a neighbour or as a pin, until released; how many
        visible items are hidden by this mark. Raises UnknownSession, BadIdentifier, BadValue or
        LimitExceeded.
        """
        check_name("reason", reason, self._limits.label_chars)
        check_name("source", source, self._limits.source_chars)
        with self._connection.writing() as db:
            row = history.session_row(db, session_id)
            self._connection.require_room(db, len(reason))
            mark = marks.mark_of(db, row, item_id, source)
            marks.quarantine(db, row, mark, reason, writes.utc_now())
            return len(marks.marked_items(db, row, mark))

    def release(
        self, session_id: str, *, item_id: int | None = None, source: str | None = None
    ) -> int:
        """Take a quarantine back; how many items that mark had hidden, 0 if there was none.

        An item in quarantine both by itself and by its source stays hidden until both are
        released. Raises UnknownSession, BadIdentifier or BadValue.
        """
        check_name("source", source, self._limits.source_chars)
        with self._connection.writing() as db:
            row = history.session_row(db, session_id)
            mark = marks.mark_of(db, row, item_id, source)
            return len(marks.marked_items(db, row, mark)) if marks.release(db, row, mark) else 0

    def quarantined(self, session_id: str) -> list[Quarantined]:
        """What is kept out of the session's memory. Raises UnknownSession or BadIdentifier."""
        with self._connection.reading() as db:
            return marks.quarantined(db, history.session_row(db, session_id))

    def checkpoint_before(self, session_id: str, item_id: int) -> CheckpointRecord | None:
        """The session's latest checkpoint from before an item came: restore it to be rid of that.

        None if there is none. Raises UnknownSession, BadIdentifier or BadValue.
        """
        with self._connection.reading() as db:
            return marks.checkpoint_before(db, history.session_row(db, session_id), item_id)

    def verify(self) -> list[str]:
        """Re-derive every hash, total and link; return what is wrong, nothing when all is well."""
        return self.upkeep.verify()

    def _add_session(
        self, db: Database, branch: int, principal: str | None, last_checkpoint: str | None
    ) -> dict[str, Any]:
        self._connection.require_room(db)
        if (count := db["sessions"].count) >= self._limits.sessions:
            raise LimitExceeded(
                "sessions", count, self._limits.sessions, "stored", "use a new database file"
            )
        now = writes.utc_now()
        row = {
            "id": _handle(),
            "branch": branch,
            "last_checkpoint": last_checkpoint,
            "principal": principal,
            "created_at": now,
            "updated_at": now,
        }
        db["sessions"].insert(row)
        return row


def _handle() -> str:
    """A session's name: 192 random bits, in letters that a shell takes for no option."""
    while (handle := secrets.token_urlsafe(24)).startswith("-"):
        pass
    return handle


def _bounded(number: int) -> int:
    return min(max(number, 0), _MOST)
