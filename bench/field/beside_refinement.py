"""Do steps stay fast while another client's weights are refined? And how long does that then take?

    python -m bench.field.beside_refinement [--rounds 5] [--steps 40] [--json FILE]

A real server with the default model over HTTP and two clients of it, in a process of their own. One
client runs the same step again and again; the other sets a task with eight new examples, which are
refined on. Blocks of steps alone and beside a refinement alternate, so that whatever else the
machine does falls on both. `beside_refinement` is the median over the rounds of p95 beside / p95
alone. The last two figures are of one refinement that had the server to itself and of one beside
steps without a pause: what giving way costs it.

Where other processes use the same cores both figures of a round are slower, and p95 most of all:
more steps and rounds help; `p50_ratio` moves least.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import anyio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from bench.http_load import server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

STEP = {
    "input": "Tell of a lighthouse keeper.",
    "max_tokens": 24,
}
EXAMPLES = 8
SENTENCES = (
    "The tenant shall pay the rent of lot {n} monthly in advance, without deduction or set-off. ",
    "Either party may terminate agreement {n} upon ninety days' written notice to the other. ",
)
LABELS = ("payment", "termination")


async def observe(address: str, rounds: int, steps: int) -> dict[str, Any]:
    """The figures.

    Args:
        address: the server's.
        rounds: pairs of blocks.
        steps: in a block.

    Raises:
        RuntimeError: a call failed, or a refinement ended before its block did.
    """
    async with connected(address) as client, connected(address) as other:
        begin = {"task": "Write a story.", "mode": "prompted", "max_seconds": 3600}
        made = await called(client, "set_task", **begin)
        stepping = Stepping(client, made["session_id"])
        await stepping.block(3)  # what the first ones compile and read is not meant
        alone_s = await _refined(other, 0)
        alone, beside, beside_s = [], [], 0.0
        for number in range(1, rounds + 1):
            alone.append(await stepping.block(steps))
            last = number == rounds
            times, beside_s = await _beside(stepping, other, number, steps, to_the_end=last)
            beside.append(times)
    ratios = [p95(b) / p95(a) for a, b in zip(alone, beside, strict=True)]
    every_alone, every_beside = list(chain(*alone)), list(chain(*beside))
    return {
        "beside_refinement": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "p50_ratio": round(median(every_beside) / median(every_alone), 3),
        "alone_p50_s": round(median(every_alone), 4),
        "beside_p50_s": round(median(every_beside), 4),
        "alone_p95_s": round(median(map(p95, alone)), 4),
        "beside_p95_s": round(median(map(p95, beside)), 4),
        "worst_beside_s": round(max(every_beside), 4),
        "steps": [len(every_alone), len(every_beside)],
        "refinement_alone_s": round(alone_s, 2),
        "refinement_beside_steps_s": round(beside_s, 2),
    }


class Stepping:
    """A client that runs the same step again and again."""

    def __init__(self, client: Client, session_id: str) -> None:
        self._client, self._session = client, session_id

    async def block(self, count: int, go_on: Callable[[], bool] = lambda: False) -> list[float]:
        """Seconds of so many steps, and of more while `go_on` says so."""
        times: list[float] = []
        while len(times) < count or go_on():
            began = time.perf_counter()
            result = await called(self._client, "run_step", session_id=self._session, **STEP)
            times.append(time.perf_counter() - began)
            if result["tokens"]["generated"] != STEP["max_tokens"]:
                raise RuntimeError(f"the step is too short: {result['tokens']}")
        return times


async def _beside(
    stepping: Stepping, other: Client, number: int, steps: int, *, to_the_end: bool
) -> tuple[list[float], float]:
    """Steps while a refinement runs, and how long it took; the steps go on to its end if asked."""
    begun, seconds = anyio.Event(), 0.0

    async def refine() -> None:
        nonlocal seconds
        seconds = await _refined(other, number, begun)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(refine)
        await begun.wait()
        times = await stepping.block(steps)
        if seconds:
            raise RuntimeError(f"the refinement took {seconds:.1f} s, less than {steps} steps")
        if to_the_end:
            times += await stepping.block(0, lambda: not seconds)
    return times, seconds


async def _refined(client: Client, number: int, begun: anyio.Event | None = None) -> float:
    """Seconds of a refinement on examples that were not seen yet, from its first message on."""
    began = 0.0

    async def note(progress: float, total: float | None, message: str | None) -> None:
        nonlocal began
        if not began and "refining" in (message or ""):
            began = time.perf_counter()
            if begun is not None:
                begun.set()

    examples = [
        {"input": SENTENCES[n % 2].format(n=f"{number}-{n}") * 3, "output": LABELS[n % 2]}
        for n in range(EXAMPLES)
    ]
    arguments = {
        "task": "Say what kind of clause this is.",
        "examples": examples,
        "refine": True,
        "max_seconds": 3600,
    }
    await called(client, "set_task", progress=note, **arguments)
    return time.perf_counter() - began


async def called(client: Client, tool: str, progress: Any = None, **given: Any) -> dict[str, Any]:
    """A tool's structured result. Raises RuntimeError."""
    result = await client.call_tool(tool, given, progress_callback=progress)
    if result.is_error or result.structured_content is None:
        raise RuntimeError(f"{tool}: {result.content}")
    structured: dict[str, Any] = result.structured_content
    return structured


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Client]:
    """A client of the server."""
    async with Client(streamable_http_client(f"{address}/mcp")) as client:
        yield client


def p95(times: Sequence[float]) -> float:
    """The time that 95 in 100 do not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def measure(rounds: int = 5, steps: int = 40) -> dict[str, Any]:
    """The figures of one run on a server of its own."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), "torch") as address:
        return anyio.run(observe, address, rounds, steps)


def main() -> None:
    """Measure, print, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = measure(arguments.rounds, arguments.steps)
    for name, value in report.items():
        print(f"{name:28} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
