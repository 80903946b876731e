"""After a client cancels a step: how many tokens are still decoded until its row is free.

    python -m bench.mcp_cancel [--rounds 8] [--json FILE]

The real model behind the whole server, in this process, in both eras of the protocol. The client
gives up in the middle of a long answer; counted are the tokens of the row at that moment and at its
end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

import anyio
from anyio import to_thread
from mcp import Client

from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from hypernet.engine.interface import Engine, Request, Ticket
    from hypernet.engine.torch.engine import TorchEngine

ERAS = ("auto", "legacy")
TASK = "Continue the story."
INPUT = "Once upon a time there was a lighthouse keeper who counted the ships."
# The model must not end by itself before it is cancelled.
LONG = {"type": "string", "minLength": 2_000}
MAX_TOKENS = 400
# Where in the answer the client gives up; another place each round.
FIRST, APART = 12, 7


async def measure(rounds: int = 8) -> dict[str, Any]:
    """The most and the median of tokens decoded after the client gave up.

    Args:
        rounds: cancelled steps in each era.

    Raises:
        RuntimeError: a step ended before it was cancelled.
    """
    counts: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        app = Application(Settings(database=Path(folder) / "memory.db"))
        try:
            for era in ERAS:
                async with Client(build_server(app), mode=era) as client:
                    counts += await _rounds(app, client, rounds)
        finally:
            app.close()
    return {
        "cancel_tokens": max(counts),
        "cancel_tokens_median": median(counts),
        "cancelled_steps": len(counts),
    }


async def _rounds(app: Application, client: Client, rounds: int) -> list[int]:
    made = await client.call_tool("set_task", {"task": TASK, "mode": "hybrid"})
    if made.is_error or made.structured_content is None or app.loader.runtime is None:
        raise RuntimeError(f"set_task failed: {made.content}")
    session, engine = made.structured_content["session_id"], app.loader.runtime.engine
    tickets = _keep_tickets(engine)
    return [
        await _cancelled(client, session, engine, tickets, FIRST + APART * n) for n in range(rounds)
    ]


async def _cancelled(
    client: Client, session: str, engine: Engine, tickets: list[Ticket], after: int
) -> int:
    """Cancel a step once so many pieces came; the tokens that its row then still decoded."""
    seen, tokens = 0, None
    running = cast("TorchEngine", engine).scheduler.running

    async def count_pieces(progress: float, total: float | None, message: str | None) -> None:
        nonlocal seen, tokens
        seen += 1
        # The engine's thread goes on meanwhile: what it decodes from here on counts.
        if seen == after:
            tokens = len(running[0].ids)
            scope.cancel()

    arguments = {
        "session_id": session,
        "input": INPUT,
        "max_tokens": MAX_TOKENS,
        "output_schema": LONG,
    }
    with anyio.CancelScope() as scope:
        await client.call_tool("run_step", arguments, progress_callback=count_pieces)
    if tokens is None:
        raise RuntimeError(f"the step ended after {seen} pieces, before it was cancelled")
    ended = await to_thread.run_sync(tickets[-1].result)
    return ended.tokens.generated - tokens


def _keep_tickets(engine: Engine) -> list[Ticket]:
    """The tickets of all requests from now on."""
    tickets: list[Ticket] = []
    submit = type(engine).submit

    def kept(request: Request) -> Ticket:
        tickets.append(submit(engine, request))
        return tickets[-1]

    engine.submit = kept  # type: ignore[method-assign]  # looked at, not changed
    return tickets


def main() -> None:
    """Measure, print, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = asyncio.run(measure(arguments.rounds))
    for name, value in report.items():
        print(f"{name:22} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
