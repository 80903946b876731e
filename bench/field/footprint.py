"""What a server needs: memory at rest and per session and item, bytes on the disk, adapters' sizes.

    python -m bench.field.footprint [--sessions 80] [--steps 100] [--items 10000] [--json FILE]

A real server with the default model over HTTP and one client. Memory is the process's resident
set as `/metrics` tells it, at rest after each part; sizes on the disk are those of a compact copy
of the database, as `sessions backup` makes it. Sessions each have a task of their own: the first 64
keep an adapter in memory, the later ones take the place of the oldest.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from prometheus_client.parser import text_string_to_metric_families

from bench.field.beside_refinement import called, connected
from bench.http_load import server
from checkpoints import Store
from hypernet.adapters.cache import DEFAULT_CAPACITY

if TYPE_CHECKING:
    from mcp import Client

MIB = 1024**2
WORDS = 40
PER_CALL = 64
VOCABULARY = ("the", "notice", "period", "rent", "lot", "party", "shall", "pay", "court", "clause")
SUBJECTS = ("contracts", "invoices", "reviews", "tickets", "reports", "letters", "minutes", "logs")


class Server:
    """What can be seen of a running server."""

    def __init__(self, address: str, database: Path) -> None:
        self._address, self._database = address, database

    async def memory(self) -> float:
        """Its resident set, in MiB."""
        async with httpx2.AsyncClient() as http:
            text = (await http.get(f"{self._address}/metrics")).text
        return next(
            sample.value / MIB
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "process_resident_memory_bytes"
        )

    def disk(self, folder: Path) -> int:
        """Bytes of its database, without the room of deleted rows."""
        copy = folder / "copy.db"
        with Store.open_reader(self._database) as store:
            return store.maintenance.backup(copy, overwrite=True)

    async def ready(self) -> None:
        """Wait until the model is loaded."""
        async with httpx2.AsyncClient() as http:
            while (await http.get(f"{self._address}/readyz")).status_code != 200:  # noqa: ASYNC110  # another process
                await anyio.sleep(0.5)


async def observe(
    address: str, folder: Path, sessions: int, steps: int, items: int
) -> dict[str, Any]:
    """The figures, each part's from what it added. Raises RuntimeError."""
    seen = Server(address, folder / "memory.db")
    await seen.ready()
    found: dict[str, Any] = {"idle_mib": await seen.memory()}
    async with connected(address) as client:
        first = await called(client, "set_task", task="Say what the text is about.")
        session = first["session_id"]
        await called(client, "run_step", session_id=session, input=_text(0), max_tokens=16)
        found["first_task_mib"] = await seen.memory()
        found["written_adapter_bytes"] = first["adapter"]["bytes"]

        for number in range(sessions):
            if number == DEFAULT_CAPACITY - 1:
                found["full_adapter_cache_mib"] = await seen.memory()
            task = f"Sort {SUBJECTS[number % len(SUBJECTS)]} by topic {number}."
            await called(client, "set_task", task=task)
        found["sessions_mib"] = await seen.memory()

        found |= await _steps(client, seen, folder, session, steps)
        found |= await _items(client, seen, folder, session, items)
        refined = await called(
            client, "set_task", task="Say yes or no.", refine=True, max_seconds=3600,
            examples=[{"input": _text(n), "output": ("yes", "no")[n % 2]} for n in range(8)],
        )  # fmt: skip
        found["refined_adapter_bytes"] = refined["adapter"]["bytes"]
        found["after_refinement_mib"] = await seen.memory()
    return {name: round(value, 1) for name, value in found.items()}


async def _steps(
    client: Client, seen: Server, folder: Path, session: str, steps: int
) -> dict[str, float]:
    before, memory = seen.disk(folder), await seen.memory()
    for number in range(steps):
        given = {"input": _text(number), "max_tokens": 16, "context_tokens": 0}
        await called(client, "run_step", session_id=session, **given)
    added = seen.disk(folder) - before
    return {"step_bytes": added / steps, "steps_mib": await seen.memory() - memory}


async def _items(
    client: Client, seen: Server, folder: Path, session: str, items: int
) -> dict[str, float]:
    before, memory, stored = seen.disk(folder), await seen.memory(), 0
    for first in range(0, items, PER_CALL):
        texts = [_text(1_000_000 + n) for n in range(first, min(first + PER_CALL, items))]
        given = {"documents": texts, "source": "notes", "append": True, "max_seconds": 3600}
        stored += (await called(client, "remember", session_id=session, **given))["stored"]
    after_storing = await seen.memory()
    await called(client, "recall", session_id=session, query=_text(1_000_000))
    return {
        "items": stored,
        "item_bytes": (seen.disk(folder) - before) / stored,
        "storing_items_mib": after_storing - memory,
        "searching_items_mib": await seen.memory() - memory,
    }


def _text(number: int) -> str:
    """Sentences of some forty words that no other number has."""
    draw = random.Random(number)  # noqa: S311  # sampling, not secrets
    return f"Note {number}. " + " ".join(draw.choices(VOCABULARY, k=WORDS)) + "."


def measure(sessions: int = 80, steps: int = 100, items: int = 10_000) -> dict[str, Any]:
    """The figures of one server."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), "torch") as address:
        return anyio.run(observe, address, Path(folder), sessions, steps, items)


def main() -> None:
    """Measure, print, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=80)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = measure(arguments.sessions, arguments.steps, arguments.items)
    for name, value in report.items():
        print(f"{name:24} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
