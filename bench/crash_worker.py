"""The process that is killed: a client of the real server in one process, working on a real file.

Notes what it is about to send and, synced to the disk, what was answered. At a named point it kills
itself, as a kill from outside would at that moment; the points are reached by SQLite's own trace of
statements, so the product has no hook for them.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread
from mcp import Client

from bench.crash_tasks import EXAMPLES, LABELS, SESSION, TASK, question, saving
from bench.unsynced import SyncRecorder
from checkpoints import PrunePolicy
from mcp_server.app.application import Application
from mcp_server.app.progress import CallProgress
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

KEEP = 2
LONGEST_DELAY_S = 0.003


@dataclass(frozen=True)
class Point:
    """A moment to die at: one of the statements that match, or shortly after it began.

    Which of them is drawn from `nth_least` to `nth_most`. `operation` is the one that leads there.
    A point without a statement is the moment between the commit and the note of the answer.
    """

    name: str
    operation: str = "step"
    statement: str = ""
    nth_most: int = 1
    nth_least: int = 1
    during: bool = False
    delay_s: float = LONGEST_DELAY_S


MEASURED = "UPDATE task_versions SET quality_json"
BEGUN = r"INSERT INTO \W?named_tasks"
ROW = r"INSERT INTO \W?(steps|nodes|items|item_index|character_index|texts|vectors)|UPDATE sessions"
TAUGHT = r"INSERT (OR IGNORE )?INTO \W?(correction|task_|named_task)|UPDATE (correction|named_task)"
POINTS = (
    Point("before a write", "step", "BEGIN IMMEDIATE", 4),
    Point("within a write", "step", ROW, 12),
    Point("before a commit", "step", "COMMIT", 4),
    Point("during a commit", "step", "COMMIT", 4, during=True),
    Point("after a write, before the answer"),
    Point("within a remember", "remember", ROW, 9),
    Point("at a checkpoint", "checkpoint", "INSERT INTO checkpoints", 2),
    Point("during a checkpoint's commit", "checkpoint", "COMMIT", 6, during=True),
    Point("within a restore", "restore", r"INSERT INTO \W?branches", 2),
    Point(
        "within a deletion", "delete", "DELETE FROM|INSERT INTO (item|character)_index|UPDATE", 14
    ),
    Point("during a deletion's commit", "delete", "COMMIT", 3, during=True),
    Point("while a deletion writes the file anew", "delete", "VACUUM$", 2, during=True),
    Point(
        "within a prune",
        "prune",
        "DELETE FROM|INSERT INTO (item|character)_index|UPDATE checkpoints",
        12,
    ),
    Point("during a prune's commit", "prune", "COMMIT", 3, during=True),
    Point("while the file is made smaller", "prune", "VACUUM$", 2, during=True),
    Point("within a correction", "correct", TAUGHT, 12),
    Point("during a correction's commit", "correct", "COMMIT", 4, during=True),
    Point("within the saving of a task", "save", TAUGHT, 12),
    Point("before what was measured is recorded", "learn", MEASURED),
    Point("while what was measured is recorded", "learn", MEASURED, during=True),
    Point("while a task is learned", "learn", BEGUN, during=True, delay_s=0.5),
    Point("while a task is learned", "learn", BEGUN, during=True, delay_s=0.5),
)
MIGRATING = (
    Point("within a migration", "", "ALTER|CREATE|DROP|UPDATE|DELETE|INSERT|PRAGMA user_v", 25),
    Point("during a migration's backup", "", "VACUUM INTO", 1, during=True),
    Point("during a migration's commit", "", "COMMIT", 1, during=True),
)


AFTER_ANSWERS = Point("after ten answers", nth_least=11, nth_most=11)


@dataclass(frozen=True)
class Orders:
    """What one worker does until it is killed or has done `operations`.

    `synced` is the folder for what was synced (None: a plain kill), `sync` False switches syncing
    off, which the control uses.
    """

    database: Path
    log: Path
    seed: int
    first: int
    sessions: dict[str, str]
    checkpoints: dict[str, list[str]] = field(default_factory=dict)
    taught: int = 0
    """Steps of the session that runs with a named task."""
    retry: dict[str, Any] | None = None
    point: Point | None = None
    operations: int = 40
    synced: Path | None = None
    sync: bool = True


def work(orders: Orders, ready: Connection) -> None:
    """Do what is ordered; the entry of the process. Says on `ready` when it begins to work."""
    killer = _Killer(orders)
    if orders.synced is not None:
        SyncRecorder(orders.synced)
    _trace(killer, sync=orders.sync)
    anyio.run(_work, orders, killer, ready)


def die() -> None:
    """End this process at once, without any of Python's or SQLite's farewells."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


class _Killer:
    """Counts the statements that match its point, and dies at the one drawn."""

    def __init__(self, orders: Orders) -> None:
        rng = random.Random(orders.seed)  # noqa: S311  # sampling, not secrets
        self.point = orders.point
        self.left = rng.randint(self.point.nth_least, self.point.nth_most) if self.point else 0
        self.delay = rng.uniform(0, self.point.delay_s if self.point else 0)
        pattern = self.point.statement if self.point else ""
        self.pattern = re.compile(pattern) if pattern else None

    def saw(self, statement: str) -> None:
        """A statement begins."""
        if self.pattern is None or self.point is None or not self.pattern.match(statement):
            return
        self.left -= 1
        if self.left:
            return
        if not self.point.during:
            die()
        threading.Thread(target=self._soon, daemon=True).start()

    def _soon(self) -> None:
        time.sleep(self.delay)
        die()

    def answered(self) -> None:
        """An answer came that is not noted yet."""
        if self.point is not None and self.pattern is None:
            self.left -= 1
            if self.left <= 0:
                die()


class _Unsynced(sqlite3.Connection):
    """The control: a server that does not sync."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *values)


def _trace(killer: _Killer, *, sync: bool) -> None:
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def traced(*where: Any, **how: Any) -> sqlite3.Connection:
        if not sync:
            how["factory"] = _Unsynced
        connection = connect(*where, **how)
        connection.set_trace_callback(killer.saw)
        return connection

    sqlite3.connect = traced  # type: ignore[assignment]  # in this process alone


async def _work(orders: Orders, killer: _Killer, ready: Connection) -> None:
    app = Application(
        Settings(database=orders.database, engine="echo", cache=orders.database.parent)
    )
    log = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        async with Client(build_server(app)) as client:
            # Until then texts are stored without vectors, which is not what is tested here.
            await app.loader.ready(CallProgress(_silent, "loading"))
            ready.send("working")
            job = _Job(orders, app, client, killer, log)
            await job.run()
    finally:
        app.close()
        os.close(log)


async def _silent(share: float, total: float, message: str) -> None:
    pass


class _Job:
    """Operations drawn by seed, each noted before and after."""

    def __init__(
        self, orders: Orders, app: Application, client: Client, killer: _Killer, log: int
    ) -> None:
        self.orders, self.app, self.client, self.killer = orders, app, client, killer
        self.log, self.number = log, orders.first
        self.sessions = dict(orders.sessions)
        self.checkpoints = {name: list(ids) for name, ids in orders.checkpoints.items()}
        self.sources: list[tuple[str, str]] = []
        self.taught = orders.taught
        self.rng = random.Random(orders.seed)  # noqa: S311  # sampling, not secrets

    async def run(self) -> None:
        for name in ("main", "wander"):
            if name not in self.sessions:
                answer = await self.call("begin", name, "set_task", {"task": "Repeat."})
                self.sessions[name] = answer["session_id"]
        if SESSION not in self.sessions:
            await self.call("save", TASK, "save_task", saving(TASK, 0, EXAMPLES))
            answer = await self.call("begin", SESSION, "set_task", {"name": TASK})
            self.sessions[SESSION] = answer["session_id"]
        if self.orders.retry is not None:
            retry = self.orders.retry
            await self.call("step", retry["name"], "run_step", retry["arguments"])
        aimed = self.orders.point.operation if self.orders.point else ""
        for turn in range(self.orders.operations):
            kinds: tuple[str, ...] = (
                ("step",) * 8 + ("remember",) * 2 + ("taught",) * 4 + ("correct",) * 4
            )
            kinds += ("checkpoint", "restore", "delete", "prune", "save")
            await self.operate(aimed if aimed and turn % 3 == 2 else self.rng.choice(kinds))

    async def operate(self, kind: str) -> None:
        if kind in ("taught", "correct", "save", "learn"):
            await self.teach(kind)
            return
        name = "wander" if kind == "restore" else self.rng.choice(("main", "wander"))
        session = self.sessions[name]
        if kind == "step":
            words = f"step {self.number} of {name} " + "word " * self.rng.randrange(1, 8)
            arguments = {
                "session_id": session,
                "input": words,
                "step_key": f"key-{self.number}",
                "context_tokens": 0,
            }
            answer = await self.call("step", name, "run_step", arguments)
            if answer["checkpoint"] is not None:
                self.checkpoints.setdefault(name, []).append(answer["checkpoint"]["checkpoint_id"])
        elif kind == "remember":
            text = f"document {self.number} of {name} " + "fact " * self.rng.randrange(1, 60)
            source = f"file {self.number}"
            arguments = {"session_id": session, "text": text, "source": source}
            await self.call("remember", name, "remember", arguments)
            self.sources.append((name, source))
        elif kind == "delete" and self.sources:
            name, source = self.sources.pop(self.rng.randrange(len(self.sources)))
            arguments = {"session_id": self.sessions[name], "source": source}
            await self.call("delete", name, "delete_memory", arguments)
        elif kind == "checkpoint":
            arguments = {"session_id": session, "label": f"label {self.number}"}
            answer = await self.call("checkpoint", name, "checkpoint_memory", arguments)
            self.checkpoints.setdefault(name, []).append(answer["checkpoint_id"])
        elif kind == "restore" and self.checkpoints.get(name):
            # The labelled ones outlive a prune, the others may not: take one made lately.
            arguments = {"checkpoint_id": self.checkpoints[name][-1], "session_id": session}
            await self.call("restore", name, "restore_memory", arguments)
        elif kind == "prune":
            await self.prune()

    async def teach(self, kind: str) -> None:
        """An operation on named tasks."""
        if kind == "learn":
            # A new one: that it has enough new examples does not depend on what others did.
            name = f"task {self.number}"
            await self.call("save", name, "save_task", saving(name, self.number, EXAMPLES))
            await to_thread.run_sync(self.app.learner.wait)
        elif kind == "save":
            given = saving(TASK, 1_000 * self.number, 2, add=True)
            await self.call("save", TASK, "save_task", given)
        elif kind == "taught" or not self.taught:
            arguments = {
                "session_id": self.sessions[SESSION],
                "input": question(self.number),
                "step_key": f"key-{self.number}",
                "context_tokens": 0,
            }
            answer = await self.call("step", SESSION, "run_step", arguments)
            self.taught = max(self.taught, answer["step"])
        else:
            arguments = {
                "session_id": self.sessions[SESSION],
                "step": self.rng.randint(1, self.taught),
                "output": self.rng.choice(LABELS),
            }
            await self.call("correct", SESSION, "correct_step", arguments)

    async def call(self, kind: str, name: str, tool: str, arguments: dict[str, Any]) -> Any:
        self.note({"sent": self.number, "kind": kind, "name": name, "arguments": arguments})
        result = await self.client.call_tool(tool, arguments)
        answer = result.structured_content
        # What a restore had put out of sight may be pruned.
        gone = {"restore": "pruned", "delete": "has nothing from"}.get(kind, "")
        if result.is_error and gone and gone in str(result.content):
            answer = {}
        elif result.is_error or answer is None:
            raise RuntimeError(f"{tool}: {result.content}")
        self.killer.answered()
        self.note({"done": self.number, "refused": not answer, "answer": answer}, synced=True)
        self.number += 1
        return answer

    async def prune(self) -> None:
        self.note({"sent": self.number, "kind": "prune", "name": "", "arguments": {}})
        maintenance = self.app.store().maintenance
        await to_thread.run_sync(lambda: maintenance.prune(PrunePolicy(KEEP)))
        self.note({"done": self.number, "answer": {}}, synced=True)
        self.number += 1

    def note(self, line: dict[str, Any], *, synced: bool = False) -> None:
        """One line of the log; an answer's is on the disk before the next call is sent."""
        os.write(self.log, json.dumps(line).encode() + b"\n")
        if synced:
            os.fsync(self.log)
