"""Documents read in a process of their own, which ends with the call that needs it.

No document can hold up other calls: it fills neither the interpreter nor the memory of the server.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

from checkpoints.documents import DocumentError, DocumentLimits, UnfinishedError
from checkpoints.documents.worker import COMMAND, LINE_BYTES, Answer, over_memory, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import Process

    from checkpoints.documents import Document

# A process holds up to `memory_bytes`; more calls than these wait for their turn.
AT_ONCE = 4
_WATCH_SECONDS = 0.1
# Of documents whose call was not finished: their text, and how long they are held.
_HELD_CHARS = 16 * 2**20
_HELD_SECONDS = 900
_SLOW = 1_000  # names that are known to be slow

_BROKEN = (
    anyio.IncompleteRead,
    anyio.DelimiterNotFound,
    anyio.BrokenResourceError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
)


class DocumentReaders:
    """Lends processes that read documents, a few at a time."""

    def __init__(self, limits: DocumentLimits, at_once: int = AT_ONCE) -> None:
        self.limits = limits
        self.held = HeldDocuments()
        self._places = anyio.Semaphore(at_once)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[DocumentReader]:
        """A reader, whose process is ended with the block, whatever it does then."""
        async with self._places:
            reader = DocumentReader(self.limits)
            try:
                yield reader
            finally:
                with anyio.CancelScope(shield=True):
                    await reader.end()


class DocumentReader:
    """Reads documents one after the other; its process starts with the first."""

    def __init__(self, limits: DocumentLimits) -> None:
        self._limits = limits
        self._process: Process | None = None
        self._answers: BufferedByteReceiveStream | None = None

    async def read(self, name: str, data: bytes, seconds: float | None = None) -> Document:
        """The pieces of a document; it is given up after its limit of time, or after `seconds`.

        Raises:
            UnfinishedError: over `seconds`.
            DocumentError: as `read_document`, or over the limits of time and memory.
        """
        limits = self._limits
        share = limits.seconds if seconds is None else min(seconds, limits.seconds)
        limits.check_size(name, len(data))
        process, answers = await self._started()
        document: Document | None = None
        failed: DocumentError | None = None
        too_large, answered = False, Answer()
        with anyio.move_on_after(share) as timer:
            try:
                async with anyio.create_task_group() as group:

                    async def watch() -> None:
                        nonlocal too_large
                        while not too_large:
                            await anyio.sleep(_WATCH_SECONDS)
                            too_large = _memory(process.pid) > limits.memory_bytes
                        process.kill()

                    group.start_soon(watch)
                    assert process.stdin is not None  # noqa: S101  # it was opened with one
                    await process.stdin.send(request(name, data, limits))
                    while document is None:
                        document = answered.take(await answers.receive_until(b"\n", LINE_BYTES))
                    group.cancel_scope.cancel()
            except* DocumentError as refusal:
                (failed,) = (e for e in refusal.exceptions if isinstance(e, DocumentError))
            except* _BROKEN:
                pass  # it died, or says what is no answer
        if document is not None:
            return document
        if failed is not None:
            raise failed
        await self.end()
        if too_large:
            raise DocumentError(name, over_memory(limits))
        if timer.cancelled_caught and share < limits.seconds:
            raise UnfinishedError(name, f"not read in the {share:.3g} s that it had")
        if timer.cancelled_caught:
            problem = f"reading takes over {limits.seconds:g} s; split the file and try again"
            raise DocumentError(name, problem)
        raise DocumentError(name, "broke the program that reads it; save it anew and retry")

    async def end(self) -> None:
        """End the process, in the midst of a document too."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
        await process.aclose()

    async def _started(self) -> tuple[Process, BufferedByteReceiveStream]:
        if self._process is None or self._answers is None or self._process.returncode is not None:
            await self.end()
            # Given up in its midst, it would leave a process that nobody knows of.
            with anyio.CancelScope(shield=True):
                self._process = await anyio.open_process(
                    [sys.executable, "-c", COMMAND, *sys.path],
                    stderr=subprocess.DEVNULL,  # a library may print what it reads
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            assert self._process is not None  # noqa: S101  # it was opened
            assert self._process.stdout is not None  # noqa: S101  # it was opened with one
            self._answers = BufferedByteReceiveStream(self._process.stdout)
        return self._process, self._answers


class HeldDocuments:
    """What was read for a call that is not finished: sent again, it need not be read again."""

    def __init__(self) -> None:
        self._held: dict[bytes, tuple[float, Document]] = {}
        self._chars = 0
        self._slow: dict[str, float] = {}

    def find(self, key: bytes) -> Document | None:
        """The document with a `document_key`, if it is held."""
        held = self._held.get(key)
        return None if held is None else held[1]

    def keep(self, key: bytes, name: str, document: Document) -> None:
        """Hold a document, where there is room."""
        now = time.monotonic()
        for old in [old for old, (since, _) in self._held.items() if now - since > _HELD_SECONDS]:
            self.forget(old)
        size = _chars(document)
        if self._chars + size <= _HELD_CHARS and key not in self._held:
            self._held[key] = now, document
            self._chars += size
        self._slow.pop(name, None)

    def forget(self, key: bytes) -> None:
        """Hold it no longer."""
        held = self._held.pop(key, None)
        if held is not None:
            self._chars -= _chars(held[1])

    def note_slow(self, name: str, seconds: float) -> None:
        """Note that a document took longer than these."""
        self._slow[name] = max(seconds, self._slow.pop(name, 0.0))
        if len(self._slow) > _SLOW:
            self._slow.pop(next(iter(self._slow)))

    def seconds_tried(self, name: str) -> float:
        """How long a document was tried in vain; 0 for one that was not, or was read since."""
        return self._slow.get(name, 0.0)


def document_key(name: str, data: bytes) -> bytes:
    """What the same bytes under the same name have in common: they are the same document."""
    return hashlib.sha256(name.encode() + b"\0" + data).digest()


def _chars(document: Document) -> int:
    return sum(len(piece.text) for piece in document.pieces)


def _memory(process: int) -> int:
    import psutil  # here: a server without documents need not load it

    try:
        return int(psutil.Process(process).memory_info().rss)
    except psutil.Error:
        return 0  # it has ended
