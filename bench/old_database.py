"""A database as the first release wrote it, made row by row: what a migration starts from.

Uses the first schema and the hash functions, which never change, and none of today's writing code.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import sqlite_utils

from checkpoints.file.migrations import APPLICATION_ID, m001_history_graph
from checkpoints.records import canonical_json, checkpoint_digest, node_digest, text_digest

if TYPE_CHECKING:
    from pathlib import Path

SESSION = "session-of-the-first-release"
TASK = {"mode": "auto", "refined": False, "task": {"description": "Repeat."}}
EVERY = 3
_WHEN = "2025-01-02T03:04:05.006+00:00"


def write_version_1(path: Path, steps: int = 7) -> str:
    """Write a session of `steps` steps after a task and a document; returns its handle."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        db = sqlite_utils.Database(connection, execute_plugins=False)
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute("BEGIN")
        m001_history_graph(db)
        _History(db).write(steps)
        db.execute("COMMIT")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
    path.chmod(0o600)
    return SESSION


class _History:
    """The rows of one session on one branch."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self.db = db
        self.seq = -1
        self.parent: str | None = None
        self.task_id: int | None = None
        self.totals = {"steps": 0, "items": 0, "bytes": 0}

    def write(self, steps: int) -> None:
        self.db["branches"].insert({"id": 1, "parent_branch": None, "fork_seq": None})
        self._node("root", {"session": SESSION})
        task = canonical_json(TASK)
        self.task_id = self._text(task)
        self._node("task", {"task": text_digest(task)})
        self._document("The notice period is ninety days.", "contract.txt")
        last = None
        for n in range(1, steps + 1):
            self._step(n, task)
            if n % EVERY == 0:
                last = self._checkpoint(last)
        self.db["sessions"].insert(
            {
                "id": SESSION,
                "branch": 1,
                "last_checkpoint": last,
                "principal": None,
                "created_at": _WHEN,
                "updated_at": _WHEN,
            }
        )

    def _node(self, kind: str, content: dict[str, Any], **added: int) -> None:
        for name, more in added.items():
            self.totals[name] += more
        content_json = canonical_json(content)
        digest = node_digest(kind, self.parent, content_json)
        self.seq += 1
        self.db["nodes"].insert(
            {
                "branch": 1,
                "seq": self.seq,
                "id": digest,
                "parent_id": self.parent,
                "kind": kind,
                "content_json": content_json,
                "created_at": _WHEN,
                **self.totals,
                "task_id": self.task_id,
            }
        )
        self.parent = digest

    def _text(self, text: str) -> int:
        row = {"sha256": text_digest(text), "text": text}
        self.db["texts"].insert(row, ignore=True)
        found = self.db.execute("SELECT id FROM texts WHERE sha256 = ?", [row["sha256"]])
        return int(found.fetchone()[0])

    def _item(self, text: str, source: str, kind: str) -> None:
        text_id = self._text(text)
        self.db.execute("INSERT INTO item_index (rowid, text) VALUES (?, ?)", [text_id, text])
        self.db["items"].insert(
            {
                "branch": 1,
                "seq": self.seq,
                "position": 0,
                "text_id": text_id,
                "source": source,
                "kind": kind,
            }
        )

    def _document(self, text: str, source: str) -> None:
        content = {"items": [{"text": text_digest(text), "source": source}]}
        self._node("remember", content, items=1, bytes=len(text.encode()))
        self._item(text, source, "document")

    def _step(self, n: int, task: str) -> None:
        input_, output = f"question {n}", f"answer {n}"
        content = {
            "n": n,
            "input": text_digest(input_),
            "output": text_digest(output),
            "task": text_digest(task),
            "mode": "adapter",
            "adapter_digest": None,
        }
        self._node("step", content, steps=1, items=1, bytes=len(output.encode()))
        result_json = canonical_json({"n": n})
        self.db["steps"].insert(
            {
                "branch": 1,
                "seq": self.seq,
                "n": n,
                "input_id": self._text(input_),
                "output_id": self._text(output),
                "task_id": self._text(task),
                "step_key": f"key-{n}",
                "result_json": result_json,
                "result_sha256": text_digest(result_json),
            }
        )
        self._item(output, f"step {n}", "step")

    def _checkpoint(self, last: str | None) -> str:
        if self.parent is None:
            raise ValueError("a checkpoint needs a node")
        digest = checkpoint_digest(SESSION, self.parent, None, last)
        self.db["checkpoints"].insert(
            {
                "id": digest,
                "session_id": SESSION,
                "branch": 1,
                "seq": self.seq,
                "node_id": self.parent,
                "parent": last,
                "label": None,
                "step": self.totals["steps"],
                "items": self.totals["items"],
                "bytes": self.totals["bytes"],
                "created_at": _WHEN,
            }
        )
        return digest
