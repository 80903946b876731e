"""Documents into memory: read, cut, embedded and stored in batches, beside the steps that run.

A batch is one transaction. What is stored stays when a later one fails or the caller gives up, and
a repeated call goes on from there: texts known already cost nothing. A source that is remembered
again replaces its earlier version with the batch that ends it.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from checkpoints import ItemDraft, Version
from checkpoints.documents import (
    DocumentError,
    DocumentFile,
    PassedOverError,
    UnfinishedError,
    find_documents,
    split,
)
from mcp_server.app.embedding import as_stored
from mcp_server.app.threads import in_thread
from mcp_server.jobs.documents.files import AGAIN, FileReading
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from checkpoints import Remembered, Store
    from checkpoints.documents import Document
    from hypernet.hypernetwork.embedding import Embedder
    from mcp_server.app.application import Application
    from mcp_server.app.deadline import Deadline
    from mcp_server.app.progress import CallProgress
    from mcp_server.schema.calls import RememberCall

LOG = logging.getLogger(__name__)
# About half a second of the encoder on two cores: the wait until a cancelled call ends.
BATCH = 64
ITEM_IDS = 100
# Files in the error that none could be read.
_NAMED = 10
# Of a call's time: kept for the last batch and for what follows it, each; and what a batch may take
# beyond the end.
_KEPT_SHARE, _KEPT_SECONDS = 0.05, 2.0
GRACE_SHARE = 0.1


@dataclass(frozen=True)
class Indexed:
    """What a call stored, and what was not read or only in part.

    `item_ids` are the first ones; `hidden` are sources that are in quarantine.
    """

    stored: int = 0
    duplicates: int = 0
    superseded: int = 0
    item_ids: tuple[int, ...] = ()
    files: int = 0
    failed: tuple[DocumentError, ...] = ()
    partly: tuple[DocumentError, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the call has neither stored nor found anything."""
        return not (self.files or self.stored or self.duplicates)

    def with_failed(self, error: DocumentError) -> Indexed:
        """With one more file that was not read."""
        return replace(self, failed=(*self.failed, error))

    def with_file(self, name: str, document: Document) -> Indexed:
        """With one more file, and what of it is not in the text."""
        missed = tuple(DocumentError(name, problem) for problem in document.partly)
        return replace(self, files=self.files + 1, partly=self.partly + missed)

    def plus(self, done: Remembered) -> Indexed:
        """With one more batch."""
        return replace(
            self,
            stored=self.stored + done.stored,
            duplicates=self.duplicates + done.duplicates,
            superseded=self.superseded + done.superseded,
            item_ids=(self.item_ids + done.item_ids)[:ITEM_IDS],
        )


async def remember(
    app: Application,
    session_id: str,
    call: RememberCall,
    progress: CallProgress,
    deadline: Deadline,
) -> Indexed:
    """Store texts and the files at some paths; a file that cannot be read is reported, not fatal.

    So is one that there was no time for.

    Raises:
        InputError: a path is not allowed, or nothing could be read at all.
        WorkLimitError: the caller asks for results later, and as many calls as may run on.
        TimeOverError: the time was over before the texts were stored, or any file.
        MemoryFault: no such session, or the store is full; earlier batches stay.
    """
    store = await in_thread(app.store)
    await in_thread(lambda: store.session(session_id))
    found = [each for path in call.paths for each in await in_thread(partial(_find, app, path))]
    problems = [each for each in found if isinstance(each, DocumentError)]
    indexed = Indexed(
        failed=tuple(each for each in problems if not isinstance(each, PassedOverError)),
        partly=tuple(each for each in problems if isinstance(each, PassedOverError)),
    )
    files = [each for each in found if isinstance(each, DocumentFile)]

    batches = Batches(app, session_id)
    drafts = await in_thread(
        lambda: [_draft(call, p, call.source, "", order) for order, p in text_pieces(call.texts)]
    )
    batches.add(drafts, replacing=call.replaces)
    if files or len(drafts) > BATCH:
        progress.lasts()
    kept = min(_KEPT_SECONDS, _KEPT_SHARE * deadline.seconds)
    reading = FileReading(
        app.readers, files, lambda: deadline.left - 2 * kept - batches.seconds(BATCH - 1)
    )
    pieces: dict[str, int] = {}
    async with app.readers.reader() as reader:
        done = 0
        async for file, document in reading.documents(reader):
            done += 1
            told = f"reading: {done} of {len(files)} files, now {file.name}"
            message = f"{told}; {indexed.stored} pieces stored so far" if indexed.stored else told
            if not isinstance(document, UnfinishedError):
                await progress.report("reading", (done - 1) / len(files), message)
            if isinstance(document, DocumentError):
                indexed = indexed.with_failed(document)
                continue
            indexed = indexed.with_file(file.name, document)
            of_file = _file_drafts(file.name, document, call)
            before = len(batches.drafts)
            batches.add(of_file, replacing=not call.append)
            pieces[file.name] = len(batches.drafts) - before
            # What was read does not wait for a file that may take all the rest of the time.
            least = BATCH if reading.has_new else 1
            while len(batches.drafts) >= least and batches.seconds() < deadline.left - kept:
                indexed = indexed.plus(await batches.store())
                left = len(batches.drafts) / len(of_file)
                message = f"{told}; {indexed.stored} pieces stored so far"
                await progress.report("reading", (done - min(1.0, left)) / len(files), message)
    async for part in batches.store_all(progress, lambda: deadline.left - kept):
        indexed = indexed.plus(part)
    indexed = replace(indexed, duplicates=indexed.duplicates + batches.repeated)
    if any(draft.source not in pieces for draft in batches.drafts):  # texts, which come first
        raise deadline.error(progress)
    indexed = _with_unfinished(indexed, batches, pieces)
    if not any(isinstance(error, UnfinishedError) for error in indexed.failed):
        reading.finished()
    elif indexed.is_nothing:
        raise deadline.error(progress, f"{_why_nothing(indexed)}. ")
    if batches.sources:
        names = list(batches.sources)
        out = await in_thread(lambda: store.marks.sources_out(session_id, names))
        indexed = replace(indexed, hidden=tuple(out))
    if call.paths and not indexed.files and not call.texts and indexed.is_nothing:
        raise InputError(f"paths: {_why_nothing(indexed)}")
    return indexed


def _with_unfinished(indexed: Indexed, batches: Batches, pieces: dict[str, int]) -> Indexed:
    """With the files of which pieces are still to be stored, which are no read ones yet."""
    left = Counter(draft.source for draft in batches.drafts)
    errors = tuple(
        UnfinishedError(
            name, f"{pieces[name] - count} of its {pieces[name]} pieces stored in time; {AGAIN}"
        )
        for name, count in left.items()
    )
    return replace(indexed, files=indexed.files - len(errors), failed=(*errors, *indexed.failed))


def text_pieces(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The pieces of some texts of one source, numbered on from text to text."""
    order = 0
    for text in texts:
        for piece in split(text):
            yield order, piece
            order += 1
        order += 1  # the end of one text and the beginning of the next are no neighbours


class Batches:
    """What a call stores in a session, batch by batch, in order.

    `drafts` are still to come, `sources` all that they come from; `repeated` counts those that
    their source holds twice.
    """

    def __init__(self, app: Application, session_id: str) -> None:
        self.app, self.session_id = app, session_id
        self.drafts: list[ItemDraft] = []
        self.sources: dict[str, None] = {}
        self.repeated = 0
        self._slowest = 0.0
        self._texts: dict[str, frozenset[str]] = {}

    def add(self, drafts: Sequence[ItemDraft], *, replacing: bool = False) -> None:
        """Add pieces; `replacing`: they are all that their source consists of from now on."""
        if replacing and drafts:
            # Of a text that comes twice the first place counts, in whichever batch it is.
            firsts = {draft.text: draft for draft in reversed(drafts)}
            source, count = drafts[0].source, len(drafts)
            drafts = [draft for draft in drafts if firsts[draft.text] is draft]
            self.repeated += count - len(drafts)
            self._texts[source] = self._texts.get(source, frozenset()).union(firsts)
        self.drafts += drafts
        self.sources.update((draft.source, None) for draft in drafts[:1])

    def seconds(self, more: int = 0) -> float:
        """What it may take to store `more` pieces besides what is still to come of a batch."""
        count = min(len(self.drafts), BATCH - 1) + more
        return self._slowest * max(1, -(-count // BATCH))

    async def store_all(
        self, progress: CallProgress, room: Callable[[], float] | None = None
    ) -> AsyncIterator[Remembered]:
        """Store what is still to come, with progress, while there is `room` in seconds."""
        total = len(self.drafts)
        while self.drafts and (room is None or self.seconds() < room()):
            yield await self.store()
            if self.drafts:
                done = total - len(self.drafts)
                message = f"{done} of {total} pieces stored"
                await progress.report("storing", done / total, message)

    async def store(self) -> Remembered:
        """Store a batch with its vectors; while the model still loads, they follow later."""
        started = time.monotonic()
        try:
            return await self._store()
        finally:
            self._slowest = max(self._slowest, time.monotonic() - started)

    async def _store(self) -> Remembered:
        drafts, self.drafts = self.drafts[:BATCH], self.drafts[BATCH:]
        open_still = {draft.source for draft in self.drafts}
        versions = [
            Version(source, self._texts[source], complete=source not in open_still)
            for source in {draft.source for draft in drafts}.intersection(self._texts)
        ]
        app, session_id = self.app, self.session_id
        store, runtime = await in_thread(app.store), app.loader.runtime
        if runtime is None or runtime.embedder is None:
            done = await in_thread(lambda: store.remember(session_id, drafts, versions))
            app.backlog.start()  # loading may have ended meanwhile
            return done
        embedder = runtime.embedder
        ready = await in_thread(lambda: _embedded(store, session_id, embedder, drafts))
        return await in_thread(lambda: store.remember(session_id, ready, versions))


def _embedded(
    store: Store, session_id: str, embedder: Embedder, drafts: Sequence[ItemDraft]
) -> list[ItemDraft]:
    held = store.remembered(session_id, [draft.text for draft in drafts])
    new = [draft.text for draft in drafts if draft.text not in held]
    read = dict(zip(new, embedder.embed(new), strict=True)) if new else {}
    return [
        replace(draft, vector=as_stored(embedder, read[draft.text]))
        if draft.text in read
        else draft
        for draft in drafts
    ]


def _find(app: Application, path: str) -> list[DocumentFile | DocumentError]:
    roots = app.settings.documents
    if not roots:
        raise InputError(
            "paths: this server reads no files; start it with HYPERNET_MCP_DOCUMENTS naming the "
            "folders that it may read, or send the text itself"
        )
    try:
        return find_documents(path, roots, app.readers.limits)
    except DocumentError as error:
        raise InputError(f"paths: {error}") from error


def _why_nothing(indexed: Indexed) -> str:
    problems = [*indexed.failed, *indexed.partly]
    more = f"; {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
    return "; ".join(map(str, problems[:_NAMED])) + more or "no file is there; check the path"


def _file_drafts(name: str, document: Document, call: RememberCall) -> list[ItemDraft]:
    return [
        _draft(call, piece.text, name, piece.place, order)
        for order, piece in enumerate(document.pieces)
    ]


def _draft(call: RememberCall, text: str, source: str, place: str, order: int) -> ItemDraft:
    return ItemDraft(text, source, call.origin, call.pinned, place=place, order=order)
