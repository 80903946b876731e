"""Our own engine, asked through what it offers every caller."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import torch

from bench.peers import NotMeasuredError
from bench.peers.workload import endless
from hypernet.engine.cpu.store import decoder_for
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.runtime import RuntimeOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.peers import Call
    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Generation, Ticket


class Ours:
    """The engine with all that it does beside computing: queue, threads, text piece by piece."""

    def __init__(self, base: BaseModel, *, rank: int, rows: int, slots: int) -> None:
        self.engine = start(endless(base), rank=rank, rows=rows, slots=slots)
        self._readers = ThreadPoolExecutor(rows)

    def decode(self, calls: Sequence[Call], tokens: int) -> float:
        """Tokens per second of all calls together, while all of them run.

        Raises:
            NotMeasuredError: the calls did not run at the same time.
        """
        # They start one after another: the first need more tokens to run along with the last.
        tokens += len(calls) - 1
        tickets = [self.engine.submit(_request(call, tokens)) for call in calls]
        times = list(self._readers.map(_times, tickets))
        begin, end = max(t[0] for t in times), min(t[-1] for t in times)
        if end <= begin:
            raise NotMeasuredError(f"{tokens} tokens are too few: the rows did not run together")
        made = 0.0
        for ticket, at in zip(tickets, times, strict=True):
            # A piece may hold two tokens, when the first ended within a character.
            each = ticket.result().tokens.generated / len(at)
            made += each * sum(begin < t <= end for t in at)
        return made / (end - begin)

    def first_token(self, call: Call) -> float:
        """Milliseconds from asking to having the first token."""
        started = time.perf_counter()
        self.run(call, 1)
        return 1000 * (time.perf_counter() - started)

    def text(self, call: Call, count: int) -> str:
        """The first `count` greedy tokens as text."""
        return self.run(call, count).text

    def run(self, call: Call, tokens: int) -> Generation:
        """One call and its result."""
        return self.engine.submit(_request(call, tokens)).result()

    def serve(self, calls: Sequence[Call], tokens: int) -> float:
        """Tokens per second over calls that queue up for the rows, reading included."""
        started = time.perf_counter()
        tickets = [self.engine.submit(_request(call, tokens)) for call in calls]
        made = sum(ticket.result().tokens.generated for ticket in tickets)
        return made / (time.perf_counter() - started)

    def install(self, adapter: Adapter) -> float:
        """Milliseconds to put an adapter into a slot."""
        started = time.perf_counter()
        install(self.engine, adapter)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return 1000 * (time.perf_counter() - started)

    def close(self) -> None:
        """Stop the engine."""
        self.engine.close()
        self._readers.shutdown()


def start(base: BaseModel, *, rank: int, rows: int, slots: int) -> TorchEngine:
    """The engine, set up as the server does it."""
    decoder = decoder_for(base, rows, RuntimeOptions().cache)
    return TorchEngine(base, rank=rank, rows=rows, slots=slots, decoder=decoder)


def install(engine: Any, adapter: Adapter) -> None:
    """Have an idle engine hold an adapter, without running it."""
    with torch.inference_mode():  # as on the engine's own thread, whose tensors these are
        engine.runner.slots.release(engine.runner.slots.acquire(adapter))


def _request(call: Call, tokens: int) -> Request:
    return Request(
        input=call.input,
        prefix=call.prefix,
        adapter=call.adapter,
        max_tokens=tokens,
        temperature=0,
    )


def _times(ticket: Ticket) -> list[float]:
    at = [time.perf_counter() for _ in ticket]
    ticket.result()  # raises what the engine could not do
    return at
