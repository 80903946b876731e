"""What do open pages cost the steps that they watch?

A real server process with the echo engine; one client runs steps of a job one after the other over
HTTP. In turn nobody watches, and then some pages do, each as the page's own script does: it holds
the events of the job open and fetches the page anew when the job changes, as seldom as that allows.

    python -m bench.page_cost --pages 20 --rounds 4 --json page-cost.json
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2

from bench.http_load import RpcClient, server

if TYPE_CHECKING:
    from collections.abc import Callable

# As in mcp_server/page/static/page.js.
SHARE, PAUSE_SECONDS = 200, (1.0, 10.0)
APART, SOON_SECONDS = 5, (0.1, 2.0)
INPUT = "the notice period is ninety days from the end of the quarter"
WARM_UP_STEPS = 200


@dataclass
class Watched:
    """What the pages were sent: events, pages, their bytes, and seconds of each fetch."""

    events: int = 0
    bytes: int = 0
    fetches: list[float] = field(default_factory=list)


class Page:
    """One open page of a job."""

    def __init__(self, http: httpx2.AsyncClient, address: str, job: str, seen: Watched) -> None:
        self._http, self._address, self._job, self._seen = http, address, job, seen
        self._changed = anyio.Event()

    async def watch(self, opened: Callable[[], None]) -> None:
        """Watch until cancelled; `opened` is called once the events are under way."""
        events = f"{self._address}/events?job={self._job}"
        async with (
            anyio.create_task_group() as tasks,
            self._http.stream("GET", events) as answer,
        ):
            answer.raise_for_status()
            opened()
            tasks.start_soon(self._refresh)
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    self._seen.events += 1
                    self._changed.set()

    async def _refresh(self) -> None:
        took = 0.05
        while True:
            await self._changed.wait()
            apart = random.random() * min(APART * took, SOON_SECONDS[1])  # noqa: S311  # no secret
            await anyio.sleep(SOON_SECONDS[0] + apart)
            self._changed = anyio.Event()
            began = time.perf_counter()
            page = await self._http.get(f"{self._address}/jobs/{self._job}")
            page.raise_for_status()
            took = time.perf_counter() - began
            self._seen.fetches.append(took)
            self._seen.bytes += len(page.content)
            await anyio.sleep(min(max(SHARE * took, PAUSE_SECONDS[0]), PAUSE_SECONDS[1]) - took)


async def steps(client: RpcClient, session: str, seconds: float) -> list[float]:
    """Steps one after the other; the seconds of each."""
    taken, end = [], time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        await client.call("run_step", session_id=session, input=INPUT)
        taken.append(time.perf_counter() - began)
    return taken


async def watched_steps(
    client: RpcClient, address: str, session: str, pages: int, seconds: float, seen: Watched
) -> list[float]:
    """The same while pages watch, each over connections of its own."""
    missing, all_open = pages, anyio.Event()

    def opened() -> None:
        nonlocal missing
        missing -= 1
        if not missing:
            all_open.set()

    async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
        for _ in range(pages):
            http = await stack.enter_async_context(httpx2.AsyncClient(timeout=60))
            tasks.start_soon(Page(http, address, session, seen).watch, opened)
        await all_open.wait()
        taken = await steps(client, session, seconds)
        tasks.cancel_scope.cancel()
    return taken


async def run(address: str, pages: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Both ways in turn, the first of a round now this, now that."""
    alone: list[float] = []
    watched: list[float] = []
    seen = Watched()
    async with httpx2.AsyncClient(timeout=60) as http:
        client = RpcClient(http, f"{address}/mcp")
        await client.open()
        session = (await client.call("set_task", task="Repeat what is said."))["session_id"]
        for _ in range(WARM_UP_STEPS):
            await client.call("run_step", session_id=session, input=INPUT)
        for number in range(rounds):
            for watching in (number % 2 == 1, number % 2 == 0):
                if watching:
                    watched += await watched_steps(client, address, session, pages, seconds, seen)
                else:
                    alone += await steps(client, session, seconds)
    return summary(alone, watched, seen, pages)


def summary(alone: list[float], watched: list[float], seen: Watched, pages: int) -> dict[str, Any]:
    """The figures; of steps in milliseconds."""
    medians = [1000 * statistics.median(taken) for taken in (alone, watched)]
    return {
        "pages": pages,
        "steps_alone": len(alone),
        "steps_watched": len(watched),
        "alone_p50_ms": round(medians[0], 3),
        "watched_p50_ms": round(medians[1], 3),
        "watched_vs_alone": round(medians[1] / medians[0], 3),
        "events": seen.events,
        "fetches": len(seen.fetches),
        "fetch_p50_ms": round(1000 * statistics.median(seen.fetches), 1) if seen.fetches else None,
        "page_bytes": round(seen.bytes / len(seen.fetches)) if seen.fetches else None,
    }


def measure(pages: int = 20, rounds: int = 4, seconds: float = 15) -> dict[str, Any]:
    """The figures of one run on a server of its own."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        return anyio.run(run, address, pages, rounds, seconds)


def main() -> None:
    """Measure, print, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=15, help="of each half of a round")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    figures = measure(chosen.pages, chosen.rounds, chosen.seconds)
    print(json.dumps(figures, indent=1))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
