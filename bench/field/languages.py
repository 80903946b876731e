"""Notes in languages that put no spaces between words, found by phrases that stand in them.

`notes.jsonl` has one-sentence notes, each with a phrase that stands in it word for word and in no
other of its language. All notes of a language are one session's memory, each a source of its own;
each phrase is looked up with the tool `recall`. The right note comes first where the excerpt with
the highest score is that note.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp import Client

from hypernet.runtime import RuntimeOptions, load_runtime
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.runtime import Runtime

NOTES = Path(__file__).with_name("notes.jsonl")
CJK = ("Chinese", "Japanese")


@dataclass(frozen=True)
class Note:
    """A sentence, and a phrase in it."""

    language: str
    note: str
    phrase: str


def read_notes(path: Path = NOTES) -> list[Note]:
    """The notes of all languages."""
    return [Note(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


async def cjk_first(runtime: Runtime | None = None) -> float:
    """The share of the Chinese and Japanese phrases for which the right note comes first.

    Without a `runtime` the server's own model and encoder are loaded, and closed at the end.
    """
    notes = [note for note in read_notes() if note.language in CJK]
    return first(await missed(notes, runtime), notes)


def first(misses: Sequence[Note], notes: Sequence[Note]) -> float:
    """The share of notes that are no misses."""
    return 1 - len(misses) / len(notes)


async def missed(notes: Sequence[Note], runtime: Runtime | None = None) -> list[Note]:
    """Those whose phrase brings another note first, or none."""
    loaded = load_runtime(RuntimeOptions()) if runtime is None else runtime
    by_language: dict[str, list[Note]] = defaultdict(list)
    for note in notes:
        by_language[note.language].append(note)
    try:
        with tempfile.TemporaryDirectory() as folder:
            app = Application(
                Settings(database=Path(folder) / "memory.db"),
                load=lambda options, progress: loaded,
            )
            async with Client(build_server(app)) as client:
                return [
                    note
                    for each in by_language.values()
                    for note in await _missed_of_one(client, each)
                ]
    finally:
        if runtime is None:
            loaded.close()


async def _missed_of_one(client: Client, notes: Sequence[Note]) -> list[Note]:
    """Of the notes of one language."""
    session = (await _call(client, "set_task", task="Answer from the notes."))["session_id"]
    for number, note in enumerate(notes):
        await _call(client, "remember", session_id=session, text=note.note, source=f"note {number}")
    misses = []
    for note in notes:
        found = await _call(client, "recall", session_id=session, query=note.phrase)
        best = max(found["excerpts"], key=lambda excerpt: excerpt["score"], default=None)
        if best is None or best["text"] != note.note:
            misses.append(note)
    return misses


async def _call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    if result.is_error or result.structured_content is None:
        raise RuntimeError(f"{tool}: {result.content}")
    return dict(result.structured_content)
