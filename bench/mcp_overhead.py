"""What the server adds to a step: a step through the server beside the engine called directly.

    python -m bench.mcp_overhead [--steps 400] [--json FILE]

The engine is `echo`, which takes no time of its own worth speaking of. Three ways take turns, step
by step, in one run: the engine alone; the server in this process, through the SDK's in-memory
client; the server as a process of its own on stdio, as clients start it. A step through the server
is committed with full sync before it returns, so the disk's time is in it; how much that is, is
measured at the store.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from mcp import Client, StdioServerParameters

from hypernet.engine.interface import Request
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from checkpoints import Store
    from hypernet.engine.interface import Engine

WARM_UP = 20
TASK = "Say what the text is about, in one sentence."
TEXT = "Step {n}. The supplier delivers within thirty days of the order, or the price falls by 2 %."


async def measure(steps: int = 400) -> dict[str, Any]:
    """Milliseconds: medians, and the 5th and 95th percentile of the overhead.

    Args:
        steps: how many steps go each way.
    """
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder) / "here.db", Path(folder) / "there.db"
        program = StdioServerParameters(
            command=str(Path(sys.executable).parent / "hypernet-mcp"),
            args=["--engine", "echo", "--database", str(there)],
            env=dict(os.environ),
        )
        app = Application(Settings(database=here, engine="echo"))
        try:
            async with Client(build_server(app)) as near, Client(program) as far:
                return await _take_turns(app, near, far, steps)
        finally:
            app.close()


async def _take_turns(app: Application, near: Client, far: Client, steps: int) -> dict[str, Any]:
    sessions = [await _begin(client) for client in (near, far)]
    runtime = app.loader.runtime
    if runtime is None:
        raise RuntimeError("the engine is not loaded after set_task")
    engine_ms, near_ms, far_ms = list[float](), list[float](), list[float]()
    commit_ms = _time_commits(app.store())
    for n in range(WARM_UP + steps):
        text = TEXT.format(n=n)
        turns = [
            (engine_ms, partial(_direct, runtime.engine, text)),
            (near_ms, partial(_step, near, sessions[0], text)),
            (far_ms, partial(_step, far, sessions[1], text)),
        ]
        for times, step in turns if n % 2 else reversed(turns):
            started = time.perf_counter()
            await step()
            times.append(1000 * (time.perf_counter() - started))
    engine, inside, outside, commit = (
        times[WARM_UP:] for times in (engine_ms, near_ms, far_ms, commit_ms)
    )
    over = [a - b for a, b in zip(outside, engine, strict=True)]
    percentiles = quantiles(over, n=20)
    return {
        "overhead_ms": round(median(over), 3),
        "overhead_ms_p5": round(percentiles[0], 3),
        "overhead_ms_p95": round(percentiles[-1], 3),
        "in_process_ms": round(median(a - b for a, b in zip(inside, engine, strict=True)), 3),
        "of_which_commit_ms": round(median(commit), 3),
        "engine_ms": round(median(engine), 3),
        "steps": steps,
    }


async def _begin(client: Client) -> str:
    result = await client.call_tool("set_task", {"task": TASK})
    if result.is_error or result.structured_content is None:
        raise RuntimeError(f"set_task failed: {result.content}")
    return str(result.structured_content["session_id"])


async def _step(client: Client, session: str, text: str) -> None:
    result = await client.call_tool("run_step", {"session_id": session, "input": text})
    if result.is_error:
        raise RuntimeError(f"run_step failed: {result.content}")


async def _direct(engine: Engine, text: str) -> None:
    ticket = engine.submit(Request(input=text, max_tokens=128))
    for _ in ticket:
        pass
    ticket.result()


def _time_commits(store: Store) -> list[float]:
    """The milliseconds of each commit of a step, from now on."""
    times: list[float] = []
    append = store.append_step

    def timed(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return append(*args, **kwargs)
        finally:
            times.append(1000 * (time.perf_counter() - started))

    store.append_step = timed  # type: ignore[method-assign]  # looked at, not changed
    return times


def main() -> None:
    """Measure, print, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = asyncio.run(measure(arguments.steps))
    for name, value in report.items():
        print(f"{name:20} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
