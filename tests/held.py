"""A real server process that stops where a test wants it: the command itself, its echo engine held.

`python held.py FOLDER WHERE …` is `hypernet-mcp …`, waiting at WHERE ("loading", "storing" from the
second batch on, or "generating" before the third token) for the file FOLDER/go. FOLDER/reached says
that it waits, FOLDER/ended how its last generation ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from processes import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hypernet.engine.interface import Request, Ticket
    from hypernet.hypernetwork.embedding import Embedding


class Held:
    """The test's side: the process, and the files by which they talk."""

    def __init__(self, folder: Path, where: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.where = folder, where
        self.database = folder / "memory" / "memory.db"

    @property
    def command(self) -> list[str]:
        return [sys.executable, __file__, str(self.folder), self.where]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HYPERNET_MCP_ENGINE": "echo",
            "HYPERNET_MCP_DATABASE": str(self.database),
            "HYPERNET_MCP_DOCUMENTS": str(self.folder),
        }

    async def reached(self) -> None:
        await _written(self.folder / "reached")

    def go(self) -> None:
        (self.folder / "go").touch()

    async def ended(self) -> dict[str, Any]:
        """How the last generation ended: `stop_reason` and `generated`, a number of tokens."""
        return dict(json.loads(await _written(self.folder / "ended")))

    @contextmanager
    def serving(self) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The process on a free port, and its address."""
        process = subprocess.Popen(
            [*self.command, "--transport", "http", "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        assert process.stderr is not None
        try:
            yield process, address_of(process)
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


async def _written(file: Path) -> str:
    with anyio.fail_after(30):
        while not file.exists():  # noqa: ASYNC110  # written by another process
            await anyio.sleep(0.01)
    return file.read_text()


def main(folder: Path, where: str, arguments: Sequence[str]) -> None:
    """The server's side: hold the echo engine and be the command."""
    from hypernet.engine import echo
    from mcp_server.cli.main import main as command

    # As from a terminal: tests that run in the background have SIGINT ignored, and hand that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    engine, vectors, batches = echo.EchoEngine, echo.echo_embeddings, [0]

    def wait(cancelled: Callable[[], bool] = lambda: False) -> None:
        (folder / "reached").touch()
        while not (folder / "go").exists() and not cancelled():
            threading.Event().wait(0.005)

    class HeldEngine(engine):  # type: ignore[misc, valid-type]  # a class held in a variable
        def __init__(self) -> None:
            super().__init__(before_token=self.hold)
            self.ticket: Ticket | None = None
            if where == "loading":
                wait()

        def hold(self, n: int) -> None:
            if where == "generating" and n == 2:
                wait(lambda: self.ticket is not None and self.ticket.cancelled.is_set())

        def submit(self, request: Request) -> Ticket:
            ticket: Ticket = super().submit(request)
            self.ticket = ticket
            threading.Thread(target=self.write_end, args=[ticket], daemon=True).start()
            return ticket

        def write_end(self, ticket: Ticket) -> None:
            done = ticket.result()
            end = {"stop_reason": done.stop_reason, "generated": done.tokens.generated}
            (folder / "ended.part").write_text(json.dumps(end))
            (folder / "ended.part").replace(folder / "ended")

    def held_vectors(texts: Sequence[str]) -> list[Embedding]:
        batches[0] += 1
        if where == "storing" and batches[0] == 2:
            wait()
        return vectors(texts)

    echo.EchoEngine, echo.echo_embeddings = HeldEngine, held_vectors  # type: ignore[misc]  # for this process
    command(arguments, prog_name="hypernet-mcp")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
