"""The files of a call, each read in its turn and in its share of the call's time.

One that takes longer is given up and comes again after the others, with what is left. What was read
is held until the call is finished: sent again, it goes on from there.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from checkpoints.documents import DocumentError, UnfinishedError, read_bytes
from checkpoints.text.graphemes import beginning
from mcp_server.app.reading import document_key
from mcp_server.app.threads import in_thread
from mcp_server.schema.limits import SOURCE_CHARS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from checkpoints.documents import Document, DocumentFile
    from mcp_server.app.reading import DocumentReader, DocumentReaders

# Of the time that is left, while others wait that were not tried yet, or only some that were.
_SHARE, _SLOW_SHARE = 1 / 3, 1 / 2
_LEAST_SECONDS = 2.0
AGAIN = "call again with the same arguments to go on from there"
_ALONE = "call again with a larger max_seconds, remember it alone, or split the file"


class FileReading:
    """Reads a call's files; `room` tells how many seconds it may still take."""

    def __init__(
        self,
        readers: DocumentReaders,
        files: Sequence[DocumentFile],
        room: Callable[[], float],
    ) -> None:
        self._readers, self._room = readers, room
        # What an earlier call gave up must not keep this one from the others either.
        tried = readers.held.seconds_tried
        self._first = deque(file for file in files if not tried(file.name))
        slow = (file for file in files if tried(file.name))
        self._again = deque(sorted(slow, key=lambda file: tried(file.name)))
        self._tried: dict[DocumentFile, tuple[float, UnfinishedError]] = {}
        self._read: list[bytes] = []

    @property
    def has_new(self) -> bool:
        """Whether there are files that were not tried yet."""
        return bool(self._first)

    async def documents(
        self, reader: DocumentReader
    ) -> AsyncIterator[tuple[DocumentFile, Document | DocumentError]]:
        """Each file with what it holds, or why that is not known."""
        while (self._first or self._again) and self._room() > 0:
            file = (self._first or self._again).popleft()
            share = self._share()
            before, problem = self._tried.get(file, (0.0, None))
            if problem is not None and share <= before:
                yield file, problem
                continue
            try:
                document = await self._one(reader, file, share)
            except UnfinishedError as error:
                self._readers.held.note_slow(file.name, share)
                problem = UnfinishedError(file.name, f"{error.problem}; {_ALONE}")
                if before or not (self._first or self._again):
                    yield file, problem
                else:
                    self._tried[file] = share, problem
                    self._again.append(file)
            except DocumentError as error:
                yield file, error
            else:
                yield file, document
        for file in (*self._again, *self._first):
            _, problem = self._tried.get(file, (0.0, None))
            yield file, problem or UnfinishedError(file.name, f"not reached in time; {AGAIN}")

    def finished(self) -> None:
        """Nothing of the call is to be done again."""
        for key in self._read:
            self._readers.held.forget(key)

    async def _one(self, reader: DocumentReader, file: DocumentFile, seconds: float) -> Document:
        if len(file.name) > SOURCE_CHARS:
            raise DocumentError(
                f"{beginning(file.name, 100)}…",
                f"its path is over {SOURCE_CHARS} characters; move it up",
            )
        data = await in_thread(partial(read_bytes, file, self._readers.limits))
        held, key = self._readers.held, document_key(file.name, data)
        document = held.find(key)
        if document is None:
            document = await reader.read(file.name, data, seconds)
            held.keep(key, file.name, document)
        self._read.append(key)
        return document

    def _share(self) -> float:
        room = max(0.0, self._room())
        if self._first:
            return max(room * _SHARE, min(room, _LEAST_SECONDS))
        # Rather some of the slow ones whole than a little of each.
        return room * _SLOW_SHARE if self._again else room
