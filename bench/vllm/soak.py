"""Many clients, many adapters, and a server that is killed in between: is each answer its own?"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.vllm.cases import Asked
    from bench.vllm.server import VllmServer
    from hypernet.engine.interface import Engine, Request

CLIENTS = 16
TOKENS = 8


def soak(
    server: VllmServer, engine: Engine, asked: Sequence[Asked], *, requests: int, restarts: int
) -> dict[str, Any]:
    """Send each request alone first, then all of them from many clients while the server dies.

    Gives `wrong`, answers that are not those that the request gets alone; `lost`, requests without
    an answer, or with more than one; and how often the server was killed.
    """
    kinds = [_short(each) for each in asked]
    alone = [engine.submit(kind).result().text for kind in kinds]
    left = iter(range(requests))
    answers: dict[int, list[str]] = {number: [] for number in range(requests)}
    failed: list[str] = []
    lock = threading.Lock()

    def client() -> None:
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            try:
                found = engine.submit(kinds[number % len(kinds)]).result().text
            except Exception as error:  # counted as lost, and told
                failed.append(str(error))
            else:
                answers[number].append(found)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    killed = 0
    for kill in range(restarts):
        _wait_for(answers, failed, (kill + 1) * requests // (restarts + 1))
        server.kill()
        server.start()
        killed += 1
    for thread in threads:
        thread.join()
    wrong = sum(
        text != alone[number % len(kinds)] for number, texts in answers.items() for text in texts
    )
    return {
        "soak_requests": requests,
        "soak_adapters": len({each.adapter.digest for each in asked}),
        "soak_restarts": killed,
        "soak_s": round(time.monotonic() - began, 1),
        "wrong": wrong,
        "lost": sum(len(texts) != 1 for texts in answers.values()),
        "soak_errors": sorted(set(failed))[:5],
    }


def _wait_for(answers: dict[int, list[str]], failed: list[str], done: int) -> None:
    while sum(map(len, list(answers.values()))) + len(failed) < done:
        time.sleep(0.1)


def _short(asked: Asked) -> Request:
    return replace(asked.request("adapter", labels=False), max_tokens=TOKENS)
