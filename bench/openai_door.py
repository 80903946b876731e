"""What OpenAI's door costs: /v1 beside the engine itself, and many clients on it at once.

The first figures are of the real model: the very same requests, once as a stream through /v1 and
once straight to the engine, in turn, with the server, its client and the engine in one process.
Then 64 clients use a server process with the echo engine, streaming and not, with and without a
session; what any of them sees that is not the right answer is an error.

    python -m bench.openai_door --json bench-openai.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import uvicorn

from bench.http_load import INPUT, server
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.http.application import build_app
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hypernet.engine.interface import Engine, Request, Ticket

TASK = "Say in one sentence what the customer wants."
TEXT = (
    "Number {n}: I ordered two lamps and a table on the third of May and was told that they would "
    "be here within a week. Only one lamp came, its shade is dented, and nobody answers the "
    "telephone. I do not want the table any more, but I would like to keep the lamps if you send "
    "me the other one and a new shade by the end of the month. Otherwise take all of it back."
)
MAX_TOKENS = 48
WARM_UP = 2


@dataclass
class Times:
    """Milliseconds to the first text and to the end, of each call."""

    first: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        """Their medians."""
        return {
            "first_ms": round(median(self.first[WARM_UP:]), 1),
            "total_ms": round(median(self.total[WARM_UP:]), 1),
        }


@asynccontextmanager
async def served(app: Application) -> AsyncIterator[str]:
    """The application on a free port; gives its address."""
    config = uvicorn.Config(build_app(build_server(app), app), log_config=None)
    listening = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as place:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listening.serve, [place])
            while not listening.started:
                await anyio.lowlevel.checkpoint()
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
            listening.should_exit = True


class Watched:
    """Notes the requests that an engine gets."""

    def __init__(self, engine: Engine) -> None:
        self.last: Request | None = None
        self._submit = engine.submit
        engine.submit = self.submit  # type: ignore[method-assign]  # looked at, not changed

    def submit(self, request: Request) -> Ticket:
        """Pass it on."""
        self.last = request
        return self._submit(request)


async def through_door(http: httpx2.AsyncClient, text: str, times: Times) -> str:
    """One streamed call, timed; the answer."""
    messages = [{"role": "system", "content": TASK}, {"role": "user", "content": text}]
    body = {"model": "auto", "messages": messages, "stream": True, "max_tokens": MAX_TOKENS}
    began = time.perf_counter()
    said: list[str] = []
    async with http.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            piece = json.loads(line.removeprefix("data: "))["choices"][0]["delta"].get("content")
            if piece:
                if not said:
                    times.first.append(1000 * (time.perf_counter() - began))
                said.append(piece)
    times.total.append(1000 * (time.perf_counter() - began))
    return "".join(said)


def straight(engine: Engine, request: Request, times: Times) -> str:
    """The same request to the engine, timed; the answer."""
    began = time.perf_counter()
    ticket = engine.submit(request)
    said: list[str] = []
    for piece in ticket:
        if piece:
            if not said:
                times.first.append(1000 * (time.perf_counter() - began))
            said.append(piece)
    text = ticket.result().text
    times.total.append(1000 * (time.perf_counter() - began))
    return text


async def beside_engine(rounds: int) -> dict[str, Any]:
    """`v1_vs_engine`: the medians of both ways, and the one over the other."""
    door, engine_alone = Times(), Times()
    with tempfile.TemporaryDirectory() as folder:
        app = Application(Settings(database=Path(folder) / "memory.db"))
        async with (
            served(app) as address,
            httpx2.AsyncClient(base_url=address, timeout=300) as http,
        ):
            await through_door(http, TEXT.format(n=0), Times())  # loads the model
            assert app.loader.runtime is not None  # noqa: S101  # for the type checker: it answered
            engine = app.loader.runtime.engine
            watched = Watched(engine)
            await through_door(http, TEXT.format(n=0), Times())
            if (asked := watched.last) is None:
                raise SystemExit("the engine got no request")

            async def ours(text: str) -> str:
                return await through_door(http, text, door)

            async def own(text: str) -> str:
                request = replace(asked, input=text, max_seconds=None)
                return await asyncio.to_thread(straight, engine, request, engine_alone)

            for number in range(1, rounds + WARM_UP + 1):
                text = TEXT.format(n=number)
                first, second = (own, ours) if number % 2 else (ours, own)
                if (one := await first(text)) != (other := await second(text)):
                    raise SystemExit(f"another answer through /v1: {one!r}, {other!r}")
        app.close()
    through, alone = door.summary(), engine_alone.summary()
    return {
        "rounds": rounds,
        "v1": through,
        "engine": alone,
        "first": round(through["first_ms"] / alone["first_ms"], 3),
        "total": round(through["total_ms"] / alone["total_ms"], 3),
    }


@dataclass
class Load:
    """What the clients of the second part saw."""

    answers: int = 0
    errors: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


async def use(number: int, address: str, until: float, load: Load) -> None:
    """One client: every second one streams, every fourth keeps a session."""
    stream, session = bool(number % 2), "new" if number % 4 == 0 else None
    messages = [{"role": "system", "content": f"Repeat what client {number} says."}]
    messages.append({"role": "user", "content": INPUT})
    async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
        for step in count(1):
            if (began := time.perf_counter()) > until:
                return
            body: dict[str, Any] = {"model": "auto", "messages": messages, "stream": stream}
            if session is not None:
                body["metadata"] = {"session_id": session}
            try:
                answer = await http.post("/v1/chat/completions", json=body)
                answer.raise_for_status()
                text, extension = _streamed(answer.text) if stream else _whole(answer.json())
            except (httpx2.HTTPError, ValueError, KeyError, IndexError) as error:
                load.errors.append(repr(error))
                continue
            if session is not None:
                session = extension["session_id"]
            if text != INPUT or extension.get("step", step) != step:
                load.errors.append(f"answered {text[:50]!r}, step {extension.get('step')}")
            load.answers += 1
            load.milliseconds.append(1000 * (time.perf_counter() - began))


def _whole(answer: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return answer["choices"][0]["message"]["content"], answer["hypernet"]


def _streamed(text: str) -> tuple[str, dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    if lines[-1] != "[DONE]":
        raise ValueError("the stream has no end")
    chunks = [json.loads(line) for line in lines[:-1]]
    said = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks]
    return "".join(said), chunks[-1]["hypernet"]


async def _all(address: str, clients: int, seconds: float) -> Load:
    load, until = Load(), time.perf_counter() + seconds
    async with anyio.create_task_group() as tasks:
        for number in range(clients):
            tasks.start_soon(use, number, address, until, load)
    return load


def under_load(clients: int, seconds: float) -> dict[str, Any]:
    """`v1_errors`, and how many answers there were and how long they took."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        load = anyio.run(_all, address, clients, seconds)
    ordered = sorted(load.milliseconds) or [0.0]
    return {
        "v1_errors": len(load.errors),
        "first_errors": load.errors[:5],
        "clients": clients,
        "seconds": seconds,
        "answers": load.answers,
        "p50_ms": round(median(ordered), 1),
        "p99_ms": round(ordered[int(0.99 * (len(ordered) - 1))], 1),
    }


def main() -> None:
    """Measure, print, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    figures: dict[str, Any] = under_load(chosen.clients, chosen.seconds)
    if chosen.rounds:
        figures["v1_vs_engine"] = asyncio.run(beside_engine(chosen.rounds))
    print(json.dumps(figures, indent=1))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")
    sys.exit(1 if figures["v1_errors"] else 0)


if __name__ == "__main__":
    main()
