"""Many clients on one server, a second server after the same database, and readers beside them.

    python -m bench.contention [--clients 8] [--calls 40] [--json FILE]

Each client is a process of its own over streamable HTTP (echo engine). It runs steps in a session
of its own, and in one that all share, where all send the same step keys: each must run once.
Meanwhile a second server is started on the database, which must refuse every call and say who has
it, and `sessions list` and `sessions verify` run again and again. Everything that is not as it
should be is an unexpected error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from mcp import Client

from checkpoints import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTENS = re.compile(r"running on (http://127\.0\.0\.1:\d+)")


@dataclass
class Report:
    """What came of it; `unexpected` has a line for everything that was not as it should be."""

    clients: int
    steps: int = 0
    refused: int = 0
    reads: int = 0
    unexpected: list[str] = field(default_factory=list)


@contextmanager
def serving(database: Path, report: Report) -> Iterator[tuple[str, int]]:
    """A server process on a free port; gives its address and process id once it listens.

    A traceback in what it logs is an unexpected error.
    """
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mcp_server", "--transport", "streamable-http", "--port", "0"),
            *("--engine", "echo", "--database", str(database)),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    if process.stderr is None:
        raise RuntimeError("no pipe")
    logged: list[str] = []
    reader = threading.Thread(target=logged.extend, args=[process.stderr])
    try:
        for line in process.stderr:
            if found := LISTENS.search(line):
                reader.start()
                yield f"{found[1]}/mcp", process.pid
                break
        else:
            raise RuntimeError("the server ended before it listened")
    finally:
        process.terminate()
        process.wait(20)
        if reader.ident is not None:
            reader.join()
        process.stderr.close()
        if any("Traceback" in line for line in logged):
            report.unexpected.append("server: " + "".join(logged[-5:])[-500:])


async def _hammer(address: str, number: int, calls: int, shared: str) -> dict[str, Any]:
    """One client's work: what went wrong, and the outputs of the shared steps."""
    wrong: list[str] = []
    outputs: dict[str, str] = {}
    async with Client(address) as client:

        async def call(tool: str, **arguments: Any) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments)
            if result.is_error or result.structured_content is None:
                wrong.append(f"client {number}: {tool}: {result.content}")
                return {}
            answer: dict[str, Any] = result.structured_content
            return answer

        own = (await call("set_task", task="Repeat.")).get("session_id", "")
        for n in range(1, calls + 1):
            words = f"client {number} step {n}"
            mine = await call("run_step", session_id=own, input=words, step_key=f"k{n}")
            if (mine.get("step"), mine.get("output")) != (n, words):
                wrong.append(f"client {number}: step {n} came back as {mine}")
            key = f"shared-{n}"
            ours = await call("run_step", session_id=shared, input=f"shared {n}", step_key=key)
            outputs[key] = f"{ours.get('step')} {ours.get('output')}"
            if n % 5 == 0:
                await call("remember", session_id=shared, text=f"client {number} knows fact {n}")
                await call("recall", session_id=shared, query=f"fact {n}")
                await call("checkpoint_memory", session_id=own)
    return {"wrong": wrong, "outputs": outputs}


def _client(address: str, number: int, calls: int, shared: str) -> dict[str, Any]:
    arguments = [address, str(number), str(calls), shared]
    done = subprocess.run(
        [sys.executable, "-m", "bench.contention", "--as-client", *arguments],
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    if done.returncode:
        return {"wrong": [f"client {number} ended with {done.stderr[-500:]}"], "outputs": {}}
    report: dict[str, Any] = json.loads(done.stdout)
    return report


async def _begin(address: str) -> str:
    async with Client(address) as client:
        result = await client.call_tool("set_task", {"task": "Repeat."})
    return str((result.structured_content or {})["session_id"])


async def _attack(address: str, holder: int, session: str, report: Report) -> None:
    """Ask the second server for everything that would read or change the database."""
    async with Client(address) as client:
        for tool, arguments in (
            ("status", {}),
            ("set_task", {"task": "Take over."}),
            ("run_step", {"session_id": session, "input": "stolen"}),
            ("remember", {"session_id": session, "text": "stolen"}),
        ):
            result = await client.call_tool(tool, arguments)
            text = str(result.content)
            if result.is_error and f"in use by process {holder}" in text:
                report.refused += 1
            else:
                report.unexpected.append(f"second server: {tool} was answered with {text[:200]}")


def _read(database: Path, over: threading.Event, report: Report) -> None:
    """`sessions list` and `sessions verify` until it is over, and at least once each."""
    while True:
        for command in ("list", "verify"):
            server = [sys.executable, "-m", "mcp_server", "--database", str(database)]
            done = subprocess.run(
                [*server, "sessions", command, "--json"],
                capture_output=True,
                text=True,
                env=dict(os.environ),
            )
            report.reads += 1
            if done.returncode:
                report.unexpected.append(f"sessions {command}: {(done.stdout + done.stderr)[:300]}")
        if over.is_set():
            return


def contend(database: Path, clients: int, calls: int) -> Report:
    """All of it against one new database."""
    report = Report(clients)
    with serving(database, report) as (address, holder):
        shared = anyio.run(_begin, address)
        over = threading.Event()
        with ThreadPoolExecutor(clients + 2) as pool:
            reading = pool.submit(_read, database, over, report)
            working = [pool.submit(_client, address, n, calls, shared) for n in range(clients)]
            try:
                with serving(database, report) as (second, _):
                    anyio.run(_attack, second, holder, shared, report)
                reports = [each.result() for each in working]
            finally:
                over.set()  # else the pool would wait for the reader for ever
            reading.result()
    for each in reports:
        report.unexpected += each["wrong"]
        if each["outputs"] != reports[0]["outputs"]:
            report.unexpected.append("two clients were given different outputs for one step key")
    _compare(database, shared, clients, calls, report)
    return report


def _compare(database: Path, shared: str, clients: int, calls: int, report: Report) -> None:
    with Store.open(database) as store:
        report.unexpected += store.maintenance.verify()
        counts = {record.id: record.steps for record in store.sessions(clients + 2)}
        report.steps = sum(counts.values())
        if sorted(counts.values()) != [calls] * (clients + 1):
            report.unexpected.append(f"steps of the sessions: {counts}, expected {calls} of each")
        keys = sorted(str(step.step_key) for step in store.steps(shared))
        if keys != sorted(f"shared-{n}" for n in range(1, calls + 1)):
            report.unexpected.append("the shared steps are not each there once")


def main() -> None:
    """Contend, print, write JSON if asked."""
    if sys.argv[1:2] == ["--as-client"]:
        address, number, calls, shared = sys.argv[2:]
        print(json.dumps(anyio.run(_hammer, address, int(number), int(calls), shared)))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = contend(Path(folder) / "memory.db", arguments.clients, arguments.calls)
    for line in report.unexpected[:20]:
        print(line)
    summary = {
        "clients": report.clients,
        "steps": report.steps,
        "refused": report.refused,
        "reads": report.reads,
        "unexpected_errors": len(report.unexpected),
    }
    for name, value in summary.items():
        print(f"{name:18} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(summary, indent=1) + "\n")
    sys.exit(1 if report.unexpected else 0)


if __name__ == "__main__":
    main()
