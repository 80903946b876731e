"""What going through our server costs beside calling vLLM directly, and vLLM beside our engine."""

from __future__ import annotations

import threading
import time
from itertools import count
from statistics import median
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from mcp import Client

from hypernet.engine.interface import Request
from mcp_server.app.application import Application
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypernet.base_model.chat import ChatFormat
    from hypernet.engine.interface import Adapter, Engine
    from mcp_server.app.settings import Settings

CLIENTS = 16
TOKENS = 16
WARM_UP = 1
TASK = "Say in one word what note {n} is about: letter {letter}."
TEXT = (
    "Note {n}. The supplier delivers within thirty days of the order, or the price falls by two "
    "percent; whoever wants to give the goods back writes to the office within a week."
)


class Ways:
    """Two ways to the same steps: the tool `run_step`, and vLLM's own door."""

    def __init__(self, client: Client, http: httpx2.AsyncClient, chat: ChatFormat) -> None:
        self._client, self._http, self._chat = client, http, chat
        self._numbers = count()
        self._sessions: list[tuple[str, str]] = []

    async def open(self, sessions: int) -> None:
        """A session with a task, and so an adapter, of its own for each client."""
        for n in range(sessions):
            task = TASK.format(n=n, letter=chr(65 + n))
            opened = await self._tool("set_task", task=task, mode="adapter")
            self._sessions.append((opened["session_id"], opened["adapter"]["digest"]))
            await self.through(n)  # the first step hands its adapter over

    async def through(self, n: int) -> float:
        """Milliseconds of a step through us."""
        session, text = self._sessions[n][0], TEXT.format(n=next(self._numbers))
        began = time.perf_counter()
        await self._tool("run_step", session_id=session, input=text, max_tokens=TOKENS)
        return 1000 * (time.perf_counter() - began)

    async def direct(self, n: int) -> float:
        """Milliseconds of the same at vLLM's door, with what our engine asks it for."""
        text = TEXT.format(n=next(self._numbers))
        ids = [*self._chat.prefix_ids(""), *self._chat.step_ids(text)]
        body = {
            "model": self._sessions[n][1],
            "prompt": ids,
            "max_tokens": TOKENS,
            "temperature": 0,
            "logprobs": 0,
            "return_token_ids": True,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        began = time.perf_counter()
        async with self._http.stream("POST", "/v1/completions", json=body) as response:
            response.raise_for_status()
            async for _ in response.aiter_lines():
                pass
        return 1000 * (time.perf_counter() - began)

    async def _tool(self, name: str, **arguments: Any) -> dict[str, Any]:
        result = await self._client.call_tool(name, arguments)
        if result.is_error or result.structured_content is None:
            raise RuntimeError(f"{name} failed: {result.content}")
        found: dict[str, Any] = result.structured_content
        return found


async def overhead(settings: Settings, url: str, steps: int, rounds: int) -> dict[str, Any]:
    """Medians of one client's steps by both ways in turn, and the steps a second of 16 clients."""
    app = Application(settings)
    try:
        async with (
            Client(build_server(app)) as client,
            httpx2.AsyncClient(base_url=url, timeout=600) as http,
        ):
            await client.call_tool("set_task", {"task": "Wait until the model is there."})
            assert app.loader.runtime is not None  # noqa: S101  # for the type checker
            ways = Ways(client, http, app.loader.runtime.engine.chat)  # type: ignore[attr-defined]  # vllm's has one
            await ways.open(CLIENTS)
            return {**await _alone(ways, steps), **await _together(ways, steps, rounds)}
    finally:
        app.close()


async def _alone(ways: Ways, steps: int) -> dict[str, Any]:
    through, direct = list[float](), list[float]()
    for n in range(WARM_UP + steps):
        turns: list[tuple[list[float], Callable[[int], Any]]] = [
            (through, ways.through),
            (direct, ways.direct),
        ]
        for times, way in turns if n % 2 else reversed(turns):
            times.append(await way(n % CLIENTS))
    over = [a - b for a, b in zip(through[WARM_UP:], direct[WARM_UP:], strict=True)]
    return {
        "overhead_ms": round(median(over), 1),
        "through_ms": round(median(through[WARM_UP:]), 1),
        "direct_ms": round(median(direct[WARM_UP:]), 1),
        "overhead_steps": steps,
    }


async def _together(ways: Ways, steps: int, rounds: int) -> dict[str, Any]:
    rates: dict[str, list[float]] = {"through": [], "direct": []}
    for n in range(rounds + 1):
        for name in rates if n % 2 else reversed(rates):
            way = getattr(ways, name)
            began = time.perf_counter()
            async with anyio.create_task_group() as group:
                for number in range(CLIENTS):
                    group.start_soon(_client, way, number, max(1, steps // 8))
            rate = CLIENTS * max(1, steps // 8) / (time.perf_counter() - began)
            if n:
                rates[name].append(rate)
    ratios = [a / b for a, b in zip(rates["through"], rates["direct"], strict=True)]
    return {
        "through_vs_direct": round(median(ratios), 3),
        "through_steps_a_second": round(median(rates["through"]), 2),
        "direct_steps_a_second": round(median(rates["direct"]), 2),
        "clients": CLIENTS,
        "adapters": CLIENTS,
    }


async def _client(way: Callable[[int], Any], number: int, steps: int) -> None:
    for _ in range(steps):
        await way(number)


def job(engines: dict[str, Engine], adapters: Sequence[Adapter], rounds: int) -> dict[str, Any]:
    """Tokens a second of the same requests, one at a time and 16 at once, by engine and in turn."""
    found: dict[str, dict[int, list[float]]] = {name: {1: [], CLIENTS: []} for name in engines}
    for n in range(rounds + 1):
        for clients in (1, CLIENTS):
            for name in engines if n % 2 else reversed(list(engines)):
                rate = _rate(engines[name], adapters, clients)
                if n:
                    found[name][clients].append(rate)
    own, vllm = found["own"], found["vllm"]
    return {
        f"ours_vs_vllm_{clients}": round(
            median(a / b for a, b in zip(own[clients], vllm[clients], strict=True)), 3
        )
        for clients in (1, CLIENTS)
    } | {
        f"{name}_tokens_a_second_{clients}": round(median(rates), 1)
        for name, by_clients in found.items()
        for clients, rates in by_clients.items()
    }


def _rate(engine: Engine, adapters: Sequence[Adapter], clients: int) -> float:
    done: list[int] = []

    def work(number: int) -> None:
        for n in range(32 // clients):
            text = TEXT.format(n=100 * number + n)
            adapter = adapters[(number + n) % len(adapters)]
            request = Request(text, adapter=adapter, max_tokens=4 * TOKENS)
            done.append(engine.submit(request).result().tokens.generated)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)
