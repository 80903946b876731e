"""The memory of agent jobs in one SQLite file: every read and every write goes through `Store`.

History is a graph of immutable, content-addressed nodes. A session points at a branch of it;
restoring and forking make a new branch and copy nothing. Knows nothing of models, prompts or
protocols. One connection, one lock file, one thread at a time.
"""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkpoints import history, migrations, search, verification, writes
from checkpoints.connection import Connection
from checkpoints.database import open_file, open_memory
from checkpoints.errors import ForeignCheckpoint, LimitExceeded, MemoryFault
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
    text_digest,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from sqlite_utils import Database

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
        limits = self._limits
        check_text("input", draft.input, limits.text_chars)
        check_text("output", draft.output, limits.text_chars)
        check_text("mode", draft.mode, limits.name_chars)
        check_name("adapter_digest", draft.adapter_digest, limits.name_chars)
        check_name("step_key", draft.step_key, limits.step_key_chars)
        task_json = check_json("task", draft.task, limits.json_chars)
        result_json = check_json("result", draft.result, limits.json_chars)
        incoming = sum(map(len, (draft.input, draft.output, task_json, result_json)))

        with self._connection.writing() as db:
            row = history.session_row(db, session_id)
            branch = row["branch"]
            if draft.step_key is not None and (
                seen := history.step_keyed(db, branch, draft.step_key)
            ):
                return Appended(
                    seen, history.checkpoint_at(db, row["last_checkpoint"], seen), replayed=True
                )

            self._connection.require_room(db, incoming)
            now = writes.touch(db, session_id)
            at = history.head(db, branch)
            node = writes.add_step(db, branch, at, draft, task_json, result_json, now)
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
                row = self._add_session(db, branch, row["principal"], checkpoint_id)
            else:
                db.execute(
                    "UPDATE sessions SET branch = ?, last_checkpoint = ? WHERE id = ?",
                    [branch, checkpoint_id, row["id"]],
                )
                writes.touch(db, row["id"])
            return history.session_record(db, history.session_row(db, row["id"]))

    def remember(self, session_id: str, items: Sequence[ItemDraft]) -> Remembered:
        """Store texts verbatim; one already in the session's memory is skipped and counted.

        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        self._check_items(items)
        with self._connection.writing() as db:
            self._connection.require_room(db, sum(len(item.text) for item in items))
            row = history.session_row(db, session_id)
            branch = row["branch"]
            new: dict[int, ItemDraft] = {}
            for item in items:
                text_id = writes.add_text(db, item.text)
                if text_id not in new and not history.is_item(db, branch, text_id):
                    new[text_id] = item
            if not new:
                return Remembered(0, len(items), ())
            content = [
                {"text": text_digest(item.text), "source": item.source} for item in new.values()
            ]
            node = writes.add_node(
                db,
                branch,
                "remember",
                {"items": content},
                writes.touch(db, row["id"]),
                after=history.head(db, branch),
                items=len(new),
                size=sum(len(item.text.encode()) for item in new.values()),
            )
            ids = tuple(
                writes.add_item(db, node, position, text_id, item.text, item.source, "document")
                for position, (text_id, item) in enumerate(new.items())
            )
            return Remembered(len(new), len(items) - len(new), ids)

    def recall(self, session_id: str, query: str, limit: int = 20) -> list[Hit]:
        """The `limit` memory items that best match any word of `query`, best first.

        Raises UnknownSession, BadIdentifier, BadValue or LimitExceeded.
        """
        check_text("query", query, self._limits.query_chars)
        with self._connection.reading() as db:
            return search.search(
                db, history.session_row(db, session_id)["branch"], query, _bounded(limit)
            )

    def verify(self) -> list[str]:
        """Re-derive every hash, total and link; return what is wrong, nothing when all is well."""
        with self._connection.reading() as db:
            return verification.problems(db)

    def _check_items(self, items: Sequence[ItemDraft]) -> None:
        limits = self._limits
        if len(items) > limits.items_per_call:
            raise LimitExceeded(
                "items", len(items), limits.items_per_call, "in one call", "send them in parts"
            )
        for position, item in enumerate(items):
            check_text(f"items[{position}].source", item.source, limits.source_chars)
            check_name(f"items[{position}].text", item.text, limits.text_chars)

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
            "id": secrets.token_urlsafe(24),
            "branch": branch,
            "last_checkpoint": last_checkpoint,
            "principal": principal,
            "created_at": now,
            "updated_at": now,
        }
        db["sessions"].insert(row)
        return row


def _bounded(number: int) -> int:
    return min(max(number, 0), _MOST)
