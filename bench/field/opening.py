"""From process start to the first answer over a database of a given size.

    python -m bench.field.opening [--gib 0.1 1 4] [--folder DIR] [--json FILE]

A database of sessions with documents (texts, vectors, token signs, the search index) and steps is
made, about a minute a GiB, the first part through the store. Then the real server is started on it
over stdio with the torch-free engine: once for each first call, each time after the file has left
the page cache.
`checked_…` is when the check of the whole file, which goes on behind the answers, was over.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.startup import INITIALIZE
from checkpoints import CheckpointPolicy, ItemDraft, StepDraft, Store, Vector
from checkpoints.records import text_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GIB = 1024**3
SIZES = (0.1, 1.0, 4.0)
ENCODER = "echo"
VECTOR_SIZE = 128
TOKENS = 300
VOCABULARY = 20_000
WORDS_OF_ITEM = 80
ITEMS = 1_000
STEPS = 40
ROOM_MB = 64 * 1024
MOST_CHECK_SECONDS = 900
BASE_BYTES = 64 * 1024**2
MOST_ROWS = 1_000_000
# The tables in an order in which references hold, and what a row of the first part is known by.
COPIED = {
    "texts": "id",
    "branches": "id",
    "nodes": "branch",
    "steps": "branch",
    "items": "id",
    "vectors": "id",
    "token_signs": "vector",
    "checkpoints": "number",
    "sessions": "number",
}
NUMBERS = {
    *("id", "number", "branch", "parent_branch", "vector"),
    *("text_id", "input_id", "output_id", "task_id"),
}
# Spaces leave JSON what it is.
OTHER_TEXT = "text || printf('%*s', :number, '')"
EXPRESSIONS = {
    ("texts", "text"): OTHER_TEXT,
    ("texts", "sha256"): f"sha256_of({OTHER_TEXT})",
    ("nodes", "id"): "id",
    **{
        (table, name): f"{name} || '-' || :number"
        for table, name in (
            ("checkpoints", "id"),
            ("checkpoints", "session_id"),
            ("checkpoints", "parent"),
            ("sessions", "id"),
            ("sessions", "last_checkpoint"),
        )
    },
}


def build(path: Path, gib: float, seed: int = 0) -> str:
    """Make a database of at least `gib` GiB; returns the handle of a session in its middle.

    The first part goes through the store, the rest are copies of its rows under other numbers.
    """
    base = min(gib * GIB, BASE_BYTES)
    handles = _through_the_store(path, base, random.Random(seed))  # noqa: S311  # sampling
    size = path.stat().st_size
    copies = max(0, math.ceil(gib * GIB / size) - 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.create_function("sha256_of", 1, text_digest, deterministic=True)
        db.execute("PRAGMA synchronous = OFF")
        for number in range(1, copies + 1):
            db.execute("BEGIN")
            _copy_rows(db, number)
            db.execute("COMMIT")
    middle = handles[len(handles) // 2]
    return f"{middle}-{copies // 2}" if copies > 1 else middle


def _through_the_store(path: Path, size: float, rng: random.Random) -> list[str]:
    words = [f"{rng.choice('bcdfglmnprst')}{'aeiou'[n % 5]}{n:x}" for n in range(VOCABULARY)]
    # A few words are in most texts and most words in few, as in any language.
    weights = np.cumsum(1 / np.arange(1, VOCABULARY + 1)).tolist()

    def text(count: int) -> str:
        return " ".join(rng.choices(words, cum_weights=weights, k=count))

    vectors, handles = list(_vectors()), list[str]()
    task: dict[str, Any] = {"description": "Answer from the file."}
    with Store.open(path, policy=CheckpointPolicy(10)) as store:
        while path.stat().st_size < size or not handles:
            handles.append(store.create_session().id)
            store.set_task(handles[-1], {"task": task, "mode": "auto", "refined": False})
            drafts = [
                ItemDraft(
                    text(WORDS_OF_ITEM),
                    f"reports/{number // 50}.md",
                    place=f"§ {number % 50}",
                    vector=rng.choice(vectors),
                )
                for number in range(ITEMS)
            ]
            store.remember(handles[-1], drafts)
            for number in range(STEPS):
                excerpts = [{"text": text(WORDS_OF_ITEM), "item_ids": [number]} for _ in range(6)]
                draft = StepDraft(
                    input=text(200),
                    output=text(40),
                    task=task,
                    mode="adapter",
                    adapter_digest="0" * 64,
                    result={"retrieved": excerpts, "tokens": {"prompt": 700}},
                    step_key=f"key {number}",
                    vector=rng.choice(vectors),
                )
                store.append_step(handles[-1], draft)
    return handles


def _copy_rows(db: sqlite3.Connection, number: int) -> None:
    """All that the store wrote once more, as other sessions with other texts."""
    values = {"number": number, "by": number * MOST_ROWS, "most": MOST_ROWS}
    for table, key in COPIED.items():
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        new = ", ".join(EXPRESSIONS.get((table, name), _shifted(name)) for name in columns)
        db.execute(f"INSERT INTO {table} SELECT {new} FROM {table} WHERE {key} < :most", values)  # noqa: S608  # constants and the schema's own names
    db.execute(
        "INSERT INTO item_index (rowid, text) "
        "SELECT id, text FROM item_texts WHERE id >= :by AND id < :by + :most",
        values,
    )


def _shifted(column: str) -> str:
    return f"{column} + :by" if column in NUMBERS else column


def _vectors() -> Iterator[Vector]:
    rng = np.random.default_rng(0)
    for _ in range(64):
        values = rng.standard_normal(VECTOR_SIZE).astype(np.float32)
        tokens = rng.standard_normal((TOKENS, VECTOR_SIZE)).astype(np.float32)
        yield Vector(ENCODER, values / np.linalg.norm(values), tokens)


def forget_pages(path: Path) -> None:
    """Take the file out of the page cache, where the system lets us."""
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


class Server:
    """The server's process, spoken to line by line."""

    def __init__(self, database: Path) -> None:
        variables = {"DATABASE": str(database), "DATABASE_MB": str(ROOM_MB), "ENGINE": "echo"}
        named = {f"HYPERNET_MCP_{name}": value for name, value in variables.items()}
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mcp_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **named},
        )
        self._number = 1
        self._send(INITIALIZE)
        self._answer(1)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    @property
    def seconds(self) -> float:
        """Since the start of the process."""
        return time.perf_counter() - self._started

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """A tool's structured result. Raises RuntimeError if it is refused."""
        self._number += 1
        params = {"name": tool, "arguments": arguments}
        request = {"jsonrpc": "2.0", "id": self._number, "method": "tools/call", "params": params}
        self._send(request)
        result: dict[str, Any] = self._answer(self._number)["result"]
        if result.get("isError"):
            raise RuntimeError(f"{tool}: {result['content']}")
        content: dict[str, Any] = result["structuredContent"]
        return content

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.communicate()

    def _send(self, message: dict[str, Any]) -> None:
        if self._process.stdin is None:
            raise RuntimeError("no pipe")
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self, number: int) -> dict[str, Any]:
        if self._process.stdout is None:
            raise RuntimeError("no pipe")
        for line in self._process.stdout:
            message: dict[str, Any] = json.loads(line)
            if message.get("id") == number:
                return message
        raise RuntimeError("the server ended")


def first_answers(path: Path, session: str) -> dict[str, float]:
    """Seconds from process start to the answer to a first call, for three kinds of call."""
    with Store.open_reader(path) as store:
        query = store.steps(session, 1)[0].output[:60]
    calls: dict[str, dict[str, Any]] = {
        "status": {},
        "set_task": {"task": "Sort the tickets by topic."},
        "recall": {"session_id": session, "query": query, "budget_tokens": 500},
    }
    seconds = {}
    for tool, arguments in calls.items():
        forget_pages(path)
        server = Server(path)
        try:
            answer = server.call(tool, **arguments)
            seconds[tool] = server.seconds
        finally:
            server.close()
        if tool == "recall" and not answer["excerpts"]:
            raise RuntimeError("recall found nothing of what a step had said")
    return seconds


def seconds_checked(path: Path) -> float:
    """Seconds from process start until `status` says that the whole file is sound."""
    forget_pages(path)
    server = Server(path)
    try:
        while (state := server.call("status")["database"]) == "being checked":
            if server.seconds > MOST_CHECK_SECONDS:
                raise RuntimeError(f"the check goes on after {MOST_CHECK_SECONDS} s")
            time.sleep(0.5)
        if state != "sound":
            raise RuntimeError(f"the database is {state}")
        return server.seconds
    finally:
        server.close()


def measure(sizes: Sequence[float] = SIZES, folder: Path | None = None) -> dict[str, float]:
    """Make a database of each size, in `folder`, and delete it again; the figures by name.

    `open_4gib_s` is the slowest of the first answers at the largest size, `open_empty_s` the same
    where there is no database yet: what Python and the imports take.
    """
    figures = {}
    with tempfile.TemporaryDirectory(dir=folder) as made:
        empty = Server(Path(made) / "empty.db")
        empty.call("set_task", task="Sort the tickets by topic.")
        figures["open_empty_s"] = round(empty.seconds, 2)
        empty.close()
        for gib in sizes:
            path = Path(made) / f"{gib}.db"
            name = f"{gib:g}".replace(".", "_")
            session = build(path, gib)
            seconds = first_answers(path, session)
            figures[f"open_{name}gib_s"] = round(max(seconds.values()), 2)
            figures |= {f"open_{name}gib_{tool}_s": round(s, 2) for tool, s in seconds.items()}
            figures[f"checked_{name}gib_s"] = round(seconds_checked(path), 1)
            for file in path.parent.glob(f"{path.name}*"):
                file.unlink()
    return figures


def main() -> None:
    """Measure, print a table, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, nargs="+", default=SIZES)
    parser.add_argument("--folder", type=Path, help="where there is room for the largest twice")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = measure(arguments.gib, arguments.folder)
    for name, value in report.items():
        print(f"{name:24} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
