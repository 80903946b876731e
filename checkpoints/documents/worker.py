"""The process that reads documents, so that no document can stop the server or fill its memory.

It is given one line of JSON and a document's bytes, and answers with lines of JSON, the pieces in
batches and then how it went; then the next. Whoever started it ends it when a document takes
too long.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from checkpoints.documents.limits import DocumentError, DocumentLimits
from checkpoints.documents.parsing import Document, read_document
from checkpoints.documents.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of pieces in one line: whoever reads it does nothing else meanwhile.
_BATCH = 200
# The most bytes of such a line, JSON's escapes and long places included.
LINE_BYTES = 2**23
# Starts it with the modules of whoever starts it, wherever those lie.
COMMAND = (
    "import sys; sys.path[:] = sys.argv[1:]; import checkpoints.documents.worker as w; w.main()"
)


def request(name: str, data: bytes, limits: DocumentLimits) -> bytes:
    """What the process is sent for one document."""
    asked = {"name": name, "size": len(data), "limits": asdict(limits)}
    return json.dumps(asked).encode() + b"\n" + data


class Answer:
    """The document that the lines of the process hold."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []

    def take(self, line: bytes) -> Document | None:
        """The document, once this was its last line.

        Raises:
            DocumentError: it could not be read.
        """
        held = json.loads(line)
        if "problem" in held:
            raise DocumentError(str(held["name"]), str(held["problem"]))
        if "partly" in held:
            return Document(self._pieces, tuple(map(str, held["partly"])))
        self._pieces += [Piece(str(text), str(place)) for text, place in held["pieces"]]
        return None


def main() -> None:
    """Read documents until the input ends."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while line := source.readline():
        asked = json.loads(line)
        limits = DocumentLimits(**asked["limits"])
        _bound(limits)
        for part in _read(asked["name"], source.read(asked["size"]), limits):
            target.write(json.dumps(part).encode() + b"\n")
        target.flush()


def _read(name: str, data: bytes, limits: DocumentLimits) -> Iterator[dict[str, object]]:
    try:
        document = read_document(name, data, limits)
    except DocumentError as error:
        yield {"name": error.name, "problem": error.problem}
    except MemoryError:
        yield {"name": name, "problem": over_memory(limits)}
    except Exception as error:  # of a reader, on a file that nobody thought of
        problem = f"cannot be read ({type(error).__name__}); save it as PDF or text and retry"
        yield {"name": name, "problem": problem}
    else:
        pieces = [(piece.text, piece.place) for piece in document.pieces]
        for start in range(0, len(pieces), _BATCH):
            yield {"pieces": pieces[start : start + _BATCH]}
        yield {"partly": document.partly}


def over_memory(limits: DocumentLimits) -> str:
    """The problem of a document that takes more memory than it may."""
    return f"reading takes over {limits.memory_bytes >> 20} MiB of memory; split the file"


def _bound(limits: DocumentLimits) -> None:
    """The system's own limits, where it has them, for when nobody is left to end this process."""
    if sys.platform == "win32":
        return
    import resource

    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    bounds = {
        resource.RLIMIT_CPU: int(spent + limits.seconds) + 2,
        # Addresses, of which libraries and threads take some that are no memory.
        resource.RLIMIT_AS: limits.memory_bytes + 2**29,
    }
    for kind, most in bounds.items():
        _, hard = resource.getrlimit(kind)
        try:
            resource.setrlimit(
                kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
            )
        except (ValueError, OSError):
            continue  # not on this system
