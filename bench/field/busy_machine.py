"""What does a busy machine cost? With torch's threads asleep while they wait, and spinning.

    python -m bench.field.busy_machine [--rounds 3] [--most 300] [--json FILE]

The real model writes a task's weights, trains them on eight examples and answers 64 tokens, in a
process of its own for each round: as it is shipped, with threads that sleep while they wait for
each other, and as torch has them, spinning; each on the machine as it is, and beside as many
processes that count in a loop as there are cores. What takes longer than `--most` seconds is ended
and told as that. Spinning is set by GNU's OpenMP (`GOMP_SPINCOUNT`), which torch's builds for Linux
bring.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
import json, random, time
from hypernet.engine.interface import Request
from hypernet.runtime import RuntimeOptions, load_runtime
from hypernet.task import Example, Task

runtime, first = load_runtime(RuntimeOptions(decode_at_once=True)), random.randrange(10**6)
examples = tuple(
    Example(f"Hello, order {first + n} never came.", str(first + n)) for n in range(8)
)
task, took = Task("Say the number of the order.", (), examples), {}
for what, work in (
    ("write", lambda: runtime.library.get(task)),
    ("train", lambda: runtime.library.refined(task, in_prompt=True)),
    ("answer", lambda: runtime.engine.submit(Request("Tell a story.", "", None, 64)).result()),
):
    began = time.perf_counter()
    work()
    took[what] = time.perf_counter() - began
print(json.dumps(took))
runtime.close()
"""
WAYS = {"asleep": {}, "spinning": {"GOMP_SPINCOUNT": "300000"}}
"""What is in the environment; 300,000 is what GNU's OpenMP takes where nothing is said."""
WHAT = ("write", "train", "answer")


def observe(rounds: int, most: float) -> dict[str, dict[str, float]]:
    """Median seconds by way and machine.

    Args:
        rounds: of each way on each machine, in turns.
        most: seconds for one.

    Raises:
        CalledProcessError: a process failed.
    """
    found: dict[str, list[dict[str, float]]] = {}
    for _ in range(rounds):
        for busy in (False, True):
            for way, said in WAYS.items():
                name = f"{way}, {'busy' if busy else 'as it is'}"
                with _counting(busy=busy):
                    found.setdefault(name, []).append(_took(said, most))
                print(name, found[name][-1], flush=True)
    return {
        name: {what: round(median(each[what] for each in rows), 2) for what in WHAT}
        for name, rows in found.items()
    }


def _took(said: dict[str, str], most: float) -> dict[str, float]:
    environment = {**os.environ, **said}
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment, capture_output=True, text=True, check=True, timeout=most,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return dict.fromkeys(WHAT, most)
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took


@contextmanager
def _counting(*, busy: bool) -> Iterator[None]:
    """Processes that never wait, if there are to be any."""
    counting = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(counting) for _ in range(busy * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def main() -> None:
    """Print the figures, and write them as JSON if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=float, default=300, help="seconds for one process")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = observe(given.rounds, given.most)
    print(json.dumps(found, indent=1))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
