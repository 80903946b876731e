"""Many clients on one server over HTTP: does every call succeed, and how even are the latencies?

A real server process with the echo engine and a new database; the clients are coroutines of one
process that write the protocol's messages themselves, so that what is timed is the server. Each
client keeps a session of its own and runs one step after the other; at the end the server must know
every step that was acknowledged.

    python -m bench.http_load --clients 64 --seconds 60 --json bench-http.json
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOCOL = "2025-11-25"
HEADERS = {"Accept": "application/json, text/event-stream"}
INPUT = "the notice period is ninety days from the end of the quarter"
# The first calls open connections and files: what they take is counted apart.
WARM_UP_SECONDS = 1.0


@dataclass
class Record:
    """What the clients saw: seconds of each timed call, errors in words, steps by session."""

    latencies: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)


class RpcClient:
    """One client of the protocol's handshake era, over one kept connection."""

    def __init__(self, http: httpx2.AsyncClient, address: str) -> None:
        self._http, self._address, self._number = http, address, 0
        self._headers = dict(HEADERS)

    async def open(self) -> None:
        """Do the handshake. Raises RuntimeError or httpx2.HTTPError."""
        about = {"name": "http_load", "version": "1"}
        hello = {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": about}
        await self.request("initialize", hello)
        await self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """A tool's structured result. Raises RuntimeError or httpx2.HTTPError."""
        result = await self.request("tools/call", {"name": tool, "arguments": arguments})
        if result.get("isError"):
            raise RuntimeError(result["content"][0]["text"])
        structured: dict[str, Any] = result["structuredContent"]
        return structured

    async def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of a request. Raises RuntimeError or httpx2.HTTPError."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        response = await self._post(message)
        for line in response.text.splitlines():
            body = json.loads(line.removeprefix("data:")) if line.startswith("data: {") else {}
            if body.get("id") == self._number:
                if "error" in body:
                    raise RuntimeError(body["error"]["message"])
                result: dict[str, Any] = body["result"]
                return result
        raise RuntimeError(f"no answer in {response.text[:200]!r}")

    async def _post(self, message: dict[str, Any]) -> httpx2.Response:
        response = await self._http.post(self._address, json=message, headers=self._headers)
        response.raise_for_status()
        if (session := response.headers.get("mcp-session-id")) is not None:
            self._headers |= {"Mcp-Session-Id": session, "Mcp-Protocol-Version": PROTOCOL}
        return response


@contextmanager
def server(folder: Path, engine: str = "echo", *more: str) -> Iterator[str]:
    """A server process on a free port; gives its address. `more` are other options of it."""
    command = [sys.executable, "-m", "mcp_server", "--transport", "http", "--port", "0"]
    options = ["--engine", engine, "--database", str(folder / "memory.db"), *more]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, *options], stderr=log)
        try:
            while not (found := re.search(r"running on (\S+)", (folder / "log").read_text())):
                if process.poll() is not None:
                    raise SystemExit(f"the server ended: {(folder / 'log').read_text()}")
                time.sleep(0.05)
            yield found[1]
        finally:
            process.terminate()
            process.wait(20)


class Start:
    """Where the clients wait for each other, so that the clock runs when all have a session."""

    def __init__(self, clients: int) -> None:
        self._missing, self._all, self.at = clients, anyio.Event(), 0.0

    async def together(self) -> None:
        """Wait for the others; each client comes here once, also one that failed."""
        self._missing -= 1
        if not self._missing:
            self.at = time.perf_counter()
            self._all.set()
        await self._all.wait()


async def work(number: int, address: str, start: Start, seconds: float, record: Record) -> None:
    """One client: steps one after the other until the time is over."""
    async with httpx2.AsyncClient(timeout=60) as http:
        client = RpcClient(http, f"{address}/mcp")
        try:
            await client.open()
            session = (await client.call("set_task", task=f"Repeat what client {number} says."))[
                "session_id"
            ]
        except (RuntimeError, httpx2.HTTPError) as error:
            record.errors.append(f"beginning: {error!r}")
            await start.together()
            return
        await start.together()
        record.steps[session] = 0
        while (began := time.perf_counter()) < start.at + seconds:
            try:
                await client.call("run_step", session_id=session, input=INPUT)
            except (RuntimeError, httpx2.HTTPError) as error:
                record.errors.append(repr(error))
                continue
            record.steps[session] += 1
            if began > start.at + WARM_UP_SECONDS:
                record.latencies.append(time.perf_counter() - began)
        try:
            status = await client.call("status", session_id=session)
        except (RuntimeError, httpx2.HTTPError) as error:
            record.errors.append(f"end: {error!r}")
            return
        if (kept := status["sessions"][0]["steps"]) != record.steps[session]:
            record.errors.append(f"{record.steps[session]} steps acknowledged, {kept} kept")


async def run(address: str, clients: int, seconds: float) -> Record:
    """All clients at once."""
    record, start = Record(), Start(clients)
    async with anyio.create_task_group() as tasks:
        for number in range(clients):
            tasks.start_soon(work, number, address, start, seconds, record)
    return record


def summary(record: Record, clients: int, seconds: float) -> dict[str, Any]:
    """The figures: latencies in milliseconds, from the calls after the warm-up."""
    ordered = sorted(record.latencies)
    if not ordered:
        raise SystemExit(f"no call was timed: {record.errors[:3]}")

    def percentile(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return {
        "clients": clients,
        "seconds": seconds,
        "steps": sum(record.steps.values()),
        "steps_per_second": round(sum(record.steps.values()) / seconds, 1),
        "errors": len(record.errors),
        "first_errors": record.errors[:5],
        "p50_ms": round(percentile(0.5), 2),
        "p99_ms": round(percentile(0.99), 2),
        "max_ms": round(1000 * ordered[-1], 2),
        "p99_over_p50": round(percentile(0.99) / percentile(0.5), 2),
    }


def measure(clients: int = 64, seconds: float = 60) -> dict[str, Any]:
    """The figures of one run on a server of its own."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        record = anyio.run(run, address, clients, seconds)
    return summary(record, clients, seconds)


def main() -> None:
    """Measure, print, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    figures = measure(chosen.clients, chosen.seconds)
    print(json.dumps(figures, indent=1))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")
    sys.exit(1 if figures["errors"] else 0)


if __name__ == "__main__":
    main()
