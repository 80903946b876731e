"""A soak of the engine: many generations in random company must give what each gives alone.

`python -m bench.soak --generations 10000 --adapters 200` runs the real model. Requests join and
leave, are cancelled in mid-text, and use far more adapters than there are slots.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from hypernet.engine.interface import EngineError, Request
from hypernet.runtime import RuntimeOptions, load_runtime
from hypernet.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.engine.interface import Engine, Ticket

IN_FLIGHT = 24
CANCELLED_SHARE = 0.1


@dataclass(frozen=True)
class Report:
    """What a soak found. `wrong` names the requests whose text was not theirs."""

    generations: int
    cancelled: int
    wrong: tuple[str, ...]


def soak(engine: Engine, requests: Sequence[Request], count: int, seed: int) -> Report:
    """Run each request alone, then `count` of them in random order and company.

    A cancelled one must have given the beginning of its text.

    Raises:
        EngineError: a request that was not cancelled failed.
    """
    alone = [engine.submit(request).result().text for request in requests]
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    running: deque[tuple[int, Ticket]] = deque()
    wrong: list[str] = []
    cancelled = 0

    def finish(number: int, ticket: Ticket) -> None:
        given_up = ticket.cancelled.is_set()
        try:
            text = ticket.result().text
        except EngineError:
            if given_up:
                return  # it had not begun
            raise
        whole = alone[number]
        if not (whole.startswith(text) if given_up else text == whole):
            wrong.append(f"{requests[number].input!r}: {text!r} instead of {whole!r}")

    for _ in range(count):
        number = rng.randrange(len(requests))
        ticket = engine.submit(requests[number])
        running.append((number, ticket))
        if rng.random() < CANCELLED_SHARE:
            cancelled += 1
            for _ in islice(ticket, rng.randrange(4)):
                pass  # it is given up after its first pieces
            ticket.cancel()
        while len(running) > rng.randrange(1, IN_FLIGHT):
            finish(*running.popleft())
    while running:
        finish(*running.popleft())
    return Report(count, cancelled, tuple(wrong))


def main() -> None:
    """Soak the real model under generated adapters."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=10_000)
    parser.add_argument("--adapters", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    runtime = load_runtime(RuntimeOptions())
    if runtime.library is None:
        sys.exit("there is no hypernetwork for this base")
    words = ("name", "sort", "shorten", "judge", "translate", "count", "extract", "explain")
    requests = [
        Request(
            f"Input {n}: {words[n * 3 % len(words)]} what stands here.",
            prefix="" if n % 3 else f"{words[n % len(words)]} it.\n\n",
            adapter=runtime.library.source.write(
                Task(f"{words[n % len(words)]} the {words[n // 8 % len(words)]} of number {n}")
            ),
            max_tokens=4 + n % 13,
        )
        for n in range(options.adapters)
    ]
    report = soak(runtime.engine, requests, options.generations, options.seed)
    runtime.close()
    for line in report.wrong[:10]:
        print(line)
    print(
        f"{report.generations} generations, {options.adapters} adapters, {report.cancelled} "
        f"cancelled, {len(report.wrong)} wrong"
    )
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()
