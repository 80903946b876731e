"""Malformed messages at real servers, over stdio and HTTP: does one exit, hang, or tell too much?

    python -m bench.fuzz --messages 100000 [--seed 1] [--json FILE] [--failures FILE]
    python -m bench.fuzz --replay stdio:legacy:1-17

Messages go in batches of 50. After each batch a valid request must be answered, and so must every
message of the batch that is owed an answer. Every batch has a seed of its own, printed when
something was wrong with it, which `--replay` sends again. The engine is `echo`: what is fuzzed is
the server, not the model.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.fuzz.frames import Frames
from bench.fuzz.http import HttpServer, InProcess
from bench.fuzz.owed import Owed
from bench.fuzz.stdio import StdioServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    class Target(Protocol):
        """A server that takes frames."""

        def send(self, frames: list[bytes]) -> list[Any]:
            """Send them and give back what was answered meanwhile."""

        def probe(self, limit: float) -> bool:
            """Whether a valid request is answered within `limit` seconds."""

        def alive(self) -> bool:
            """Whether the process runs."""

        def close(self) -> None:
            """End it."""


BATCH = 50
PER_PROCESS = 2_000
PROBE_SECONDS = 30.0
SHARES = {
    "stdio:legacy": 0.30,
    "stdio:modern": 0.15,
    "stdio:raw": 0.05,
    "http:legacy": 0.10,
    "http:modern": 0.10,
    "asgi:legacy": 0.15,
    "asgi:modern": 0.15,
}
# Words of the inside. None of them is in a frame, so an echo of one's own text is no leak.
INSIDE = re.compile(
    r"Traceback|File \"|line \d+, in |site-packages|\.py\b|sqlite3?\.|OperationalError|pydantic|"
    r"errors\.pydantic|anyio|asyncio|starlette|uvicorn|object at 0x|<class|mcp_server|hypernet\.|"
    r"checkpoints\.|torch|KeyError|TypeError|ValueError|AttributeError|RecursionError|"
    r"/(usr|home|root|tmp|opt|var)/|[A-Z]:\\\\"
)


@dataclass
class Tally:
    """What came of it."""

    fuzzed: int = 0
    batches: int = 0
    answered: int = 0
    errors: int = 0
    exits: int = 0
    hangs: int = 0
    leaks: int = 0
    strays: int = 0
    """Answers that are no JSON-RPC."""
    unanswered: int = 0
    """Requests without an answer, and frames that are no message without a refusal."""
    failures: list[dict[str, str]] = field(default_factory=list)

    def failed(self, seed: str, what: str, text: str = "", count: int = 1) -> None:
        """Count and keep a failure."""
        setattr(self, what, getattr(self, what) + count)
        self.failures.append({"seed": seed, "what": what, "text": text[:500]})
        print(f"{seed}: {what} {text[:1000]}", file=sys.stderr)


TARGETS: dict[str, Callable[[Path, bool | None], Target]] = {
    "stdio": StdioServer,
    "http": HttpServer,
    "asgi": InProcess,
}
MODERN = {"legacy": False, "modern": True, "raw": None}


def fuzz(messages: int, seed: int, tally: Tally) -> None:
    """Send `messages` of them, each way its share."""
    for way, share in SHARES.items():
        batches = max(1, round(messages * share / BATCH))
        seeds = [f"{way}:{seed}-{number}" for number in range(batches)]
        started, before = time.monotonic(), tally.fuzzed
        # Without a handshake it is the first bytes that matter, so such a server is renewed often.
        each = 4 if way.endswith("raw") else PER_PROCESS // BATCH
        for at in range(0, batches, each):
            run(way, seeds[at : at + each], tally)
        rate = (tally.fuzzed - before) / (time.monotonic() - started)
        print(f"{way:14} {tally.fuzzed - before:7} sent, {rate:6.0f} per second")


def run(way: str, seeds: list[str], tally: Tally) -> None:
    """Some batches at one server, which is replaced when it fails."""
    kind, era = way.split(":")
    todo = list(seeds)
    while todo:
        with tempfile.TemporaryDirectory() as folder:
            target = TARGETS[kind](Path(folder), MODERN[era])
            try:
                while todo and batch(target, todo.pop(0), MODERN[era], tally):
                    pass
            finally:
                target.close()


def batch(target: Target, seed: str, modern: bool | None, tally: Tally) -> bool:
    """One batch and its probe; whether the server can take another."""
    frames = Frames(seed, bool(modern))
    sent = [frames.next() for _ in range(BATCH)]
    tally.fuzzed, tally.batches = tally.fuzzed + len(sent), tally.batches + 1
    by_line = seed.startswith("stdio")
    owed = Owed(sent, by_line=by_line)
    answers = target.send(sent)
    sound = target.probe(PROBE_SECONDS)
    answers += target.send([])
    owed.take(answers)
    until = time.monotonic() + PROBE_SECONDS
    while by_line and sound and owed.missing and time.monotonic() < until and target.alive():
        time.sleep(0.01)
        late = target.send([])
        owed.take(late)
        answers += late
    for answer in answers:
        tally.answered += 1
        if not isinstance(answer, dict):
            tally.failed(seed, "strays", repr(answer))
            continue
        if "unanswered" in answer:
            continue
        for text in error_texts(answer):
            tally.errors += 1
            if INSIDE.search(text):
                tally.failed(seed, "leaks", text)
    if not target.alive():
        tally.failed(seed, "exits")
    elif not sound:
        tally.failed(seed, "hangs")
    elif owed.missing:
        tally.failed(seed, "unanswered", str(owed), owed.missing)
    return target.alive() and sound


def error_texts(answer: dict[str, Any]) -> Iterator[str]:
    """The texts of a protocol error, of a tool's error, or of a refused HTTP request."""
    if "error" in answer:
        yield json.dumps(answer["error"])
    result = answer.get("result")
    if isinstance(result, dict) and result.get("isError"):
        for block in result.get("content", ()):
            yield str(block.get("text", ""))


def main() -> None:
    """Fuzz or replay, print a table, write JSON if asked; exit 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--failures", type=Path, help="write the failing batches' seeds here")
    parser.add_argument("--replay", help="the seed of a batch, as printed")
    arguments = parser.parse_args()
    tally, started = Tally(), time.monotonic()
    if arguments.replay:
        kind, era, _ = arguments.replay.split(":")
        run(f"{kind}:{era}", [arguments.replay], tally)
    else:
        fuzz(arguments.messages, arguments.seed, tally)
    report = asdict(tally) | {"seconds": round(time.monotonic() - started, 1)}
    failures = report.pop("failures")
    for name, value in report.items():
        print(f"{name:10} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    if arguments.failures:
        arguments.failures.write_text(json.dumps(failures, indent=1) + "\n")
    sys.exit(1 if failures else 0)
