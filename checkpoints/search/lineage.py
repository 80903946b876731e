"""What one session can see of memory, as arrays: one slot per item, oldest first.

Built from the rows of the session's own history and of no other, so whatever ranks over these
arrays cannot meet another session's items. Kept in step by reading what came since the last
look; the database stays the truth. Of the vectors only the signs are here, one bit a number.
The caller holds the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from cachetools import LRUCache

from checkpoints.graph import characters
from checkpoints.graph.history import head, tuples_in_lineage
from checkpoints.graph.vectors import encoder_id, packed_signs, words_of
from checkpoints.records import one_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlite_utils import Database

    Ints = NDArray[np.int64]
    # The slots that hold a term, and how many of the lineage's were looked at for it.
    _Posting = tuple[NDArray[np.int32], int]

# Slots of all sessions kept in memory, at about 150 bytes each.
MOST_SLOTS = 1_000_000
# Numbers kept in one session's posting lists, at 4 bytes each.
MOST_POSTINGS = 4_000_000

# The plus keeps SQLite from looking for the node in the bounds of items.seq, a scan for each item.
_ITEMS = """
SELECT items.id, items.text_id, items.seq, nodes.steps, items.ordinal, length(texts.text),
       items.source, items.kind, items.origin
FROM lineage
CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
    AND items.seq > :seen
JOIN nodes INDEXED BY nodes_by_place ON nodes.branch = items.branch AND nodes.seq = +items.seq
JOIN texts ON texts.id = items.text_id
ORDER BY items.seq, items.position
"""

_NEWLY_SUPERSEDED = """
SELECT superseded.item_id FROM lineage
CROSS JOIN superseded ON superseded.branch = lineage.branch AND superseded.seq <= lineage.top
    AND superseded.seq > :seen
"""

_VECTORS_OF_NEW_ITEMS = """
SELECT DISTINCT items.text_id, vectors.data FROM lineage
CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
    AND items.seq > :seen
CROSS JOIN vectors ON vectors.text_id = items.text_id AND vectors.encoder = :encoder
"""

_NEW_VECTORS = """
SELECT DISTINCT items.text_id, vectors.data FROM vectors
CROSS JOIN items ON items.text_id = vectors.text_id
CROSS JOIN lineage ON items.branch = lineage.branch AND items.seq <= lineage.top
WHERE vectors.id > :seen_vector AND vectors.encoder = :encoder
"""


class Lineage:
    """The items of one history, in slots 0 to n-1.

    `before` and `after` [n+1] are the slots of an item's neighbours in its source, -1 for none;
    their last element, which index -1 meets, is -1 too. `live` [n] are those that no later version
    of their source replaced; others are nobody's neighbours. `signs` [W, n] are the vectors' signs,
    64 to a word, where `has_vector` [n]; `size` is how many numbers a vector has.
    """

    def __init__(self, branch: int, encoder: str | None) -> None:
        self.branch, self.encoder = branch, encoder
        self.n, self.size = 0, 0
        self.item = self.text = self.seq = self.step = self.chars = np.empty(0, np.int64)
        self.source = self.kind = self.origin = np.empty(0, np.int64)
        self.names: dict[str, int] = {}
        self.before = self.after = np.full(1, -1)
        self.signs = np.empty((0, 0), np.uint64)
        self.has_vector = self.live = np.empty(0, bool)
        self._seen_vector = 0
        self._filled_to: int | None = None
        self._last_in_order: dict[tuple[int, int], int] = {}
        self._postings: LRUCache[str, _Posting] = LRUCache(
            MOST_POSTINGS, lambda posting: min(len(posting[0]), MOST_POSTINGS)
        )
        self._by_text: tuple[Ints, Ints] = (self.text, self.text)

    def code(self, name: str) -> int:
        """The number that `source`, `kind` and `origin` hold for a name; -1 if none holds it."""
        return self.names.get(one_form(name), -1)

    def slots_of_texts(self, text_ids: Sequence[int] | Ints) -> Ints:
        """The slots of those texts that are items here; a text of several sources has several."""
        return self._slots_by_text(np.asarray(text_ids, np.int64))[0]

    def _slots_by_text(self, wanted: Ints) -> tuple[Ints, Ints]:
        """The slots of texts, one text's after another's, and how many each text has."""
        texts, slots = self._by_text
        first = np.searchsorted(texts, wanted)
        counts = np.searchsorted(texts, wanted, side="right") - first
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return slots[np.repeat(first, counts) + within], counts

    def postings(self, db: Database, word: str) -> NDArray[np.int32]:
        """The slots of the items that hold a word, as the full-text index cuts and stems it."""
        return self._posting(db, word, "item_index", f'"{word}"')

    def character_postings(self, db: Database, term: str) -> NDArray[np.int32]:
        """The slots of the items that hold a term of the index of characters; "茶*" begins any."""
        quoted = f'"{term[:-1]}" *' if term.endswith("*") else f'"{term}"'
        return self._posting(db, f"{term} ", "character_index", quoted)

    def _posting(self, db: Database, key: str, index: str, quoted: str) -> NDArray[np.int32]:
        slots, covered = self._postings.pop(key, (np.empty(0, np.int32), 0))
        if covered < self.n:
            # Only texts from the first new slot's smallest id on can be new to this history.
            since = int(self.text[covered:].min())
            # As one text: a row each would take most of the time of a search.
            ids = db.execute(
                f"SELECT group_concat(rowid) FROM {index} "  # noqa: S608  # one of two fixed names
                f"WHERE {index} MATCH ? AND rowid >= ?",
                [quoted, since],
            ).fetchone()[0]
            found = self.slots_of_texts(np.fromstring(ids or "", np.int64, sep=","))
            slots = np.concatenate([slots, found[found >= covered].astype(np.int32)])
        self._postings[key] = (slots, self.n)
        return slots

    def catch_up(self, db: Database) -> None:
        """Read the items and vectors that came since the last time."""
        if self._filled_to != (filled_to := characters.filled_to(db)):
            self._filled_to = filled_to
            self._postings.clear()
        seen = int(self.seq[-1]) if self.n else -1
        superseded = tuples_in_lineage(db, self.branch, _NEWLY_SUPERSEDED, seen=seen)
        gone = np.array([item_id for (item_id,) in superseded], np.int64)
        self._retire(np.flatnonzero(np.isin(self.item, gone)))
        rows = tuples_in_lineage(db, self.branch, _ITEMS, seen=seen)
        if rows:
            self._append(rows, gone)
        encoder = None if self.encoder is None else encoder_id(db, self.encoder)
        if encoder is None:
            return
        size = db.execute("SELECT size FROM encoders WHERE id = ?", [encoder]).fetchone()[0]
        self.size = int(size)
        newest = int(db.execute("SELECT coalesce(max(id), 0) FROM vectors").fetchone()[0])
        values: dict[str, Any] = {
            "seen": seen,
            "seen_vector": self._seen_vector,
            "encoder": encoder,
        }
        for query, new in (
            (_VECTORS_OF_NEW_ITEMS, bool(rows)),
            (_NEW_VECTORS, newest > self._seen_vector and seen >= 0),
        ):
            if new:
                self._add_signs(tuples_in_lineage(db, self.branch, query, **values))
        self._seen_vector = newest

    def _append(self, rows: list[tuple[Any, ...]], gone: Ints) -> None:
        item, text, seq, step, ordinal, chars, source, kind, origin = zip(*rows, strict=True)
        for name, values in (
            ("item", item),
            ("text", text),
            ("seq", seq),
            ("step", step),
            ("chars", chars),
        ):
            setattr(self, name, np.concatenate([getattr(self, name), np.array(values, np.int64)]))
        for name, texts in (("source", source), ("kind", kind), ("origin", origin)):
            codes = [self.names.setdefault(one_form(value), len(self.names)) for value in texts]
            setattr(self, name, np.concatenate([getattr(self, name), np.array(codes, np.int64)]))
        first, self.n = self.n, self.n + len(rows)
        none = np.full(len(rows) + 1, -1)
        self.before = np.concatenate([self.before[:-1], none])
        self.after = np.concatenate([self.after[:-1], none])
        self.live = np.concatenate([self.live, ~np.isin(np.array(item, np.int64), gone)])
        for slot, number in enumerate(ordinal, start=first):
            if self.live[slot]:
                self._link(slot, number)
        self.has_vector = np.concatenate([self.has_vector, np.zeros(len(rows), bool)])
        if self.size:
            self._widen()
        order = np.argsort(self.text, kind="stable")
        self._by_text = (self.text[order], order)

    def _link(self, slot: int, number: int) -> None:
        # Outputs of steps are one source: the job itself.
        source = -1 if self.kind[slot] == self.code("step") else int(self.source[slot])
        previous = self._last_in_order.get((source, number - 1))
        if previous is not None and self.live[previous]:
            self.before[slot], self.after[previous] = previous, slot
        # What was replaced in the middle of a source gets its neighbours on both sides.
        following = self._last_in_order.get((source, number + 1))
        if following is not None and self.live[following] and self.before[following] < 0:
            self.after[slot], self.before[following] = following, slot
        self._last_in_order[source, number] = slot

    def _retire(self, slots: Ints) -> None:
        self.live[slots] = False
        for slot in slots.tolist():
            for here, there in ((self.before, self.after), (self.after, self.before)):
                if here[slot] >= 0 and there[here[slot]] == slot:
                    there[here[slot]] = -1
                here[slot] = -1

    def _add_signs(self, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        self._widen()
        slots, counts = self._slots_by_text(np.array([row[0] for row in rows], np.int64))
        of_texts = signs([row[1] for row in rows], self.size)
        self.signs[:, slots] = np.repeat(of_texts, counts, axis=1)
        self.has_vector[slots] = True

    def _widen(self) -> None:
        wide = np.zeros((words_of(self.size), self.n), np.uint64)
        if self.signs.size:
            wide[:, : self.signs.shape[1]] = self.signs
        self.signs = wide


def signs(data: Sequence[bytes], size: int) -> NDArray[np.uint64]:
    """The signs of stored vectors: [W, N], one bit a number, 64 to a word, padded with zeros."""
    negative = np.frombuffer(b"".join(data), "<f2").reshape(len(data), size) < 0
    return np.ascontiguousarray(packed_signs(negative).T)


def lineage_cache() -> LRUCache[int, Lineage]:
    """A cache of lineages by branch, those used last; the very last one however large it is."""
    return LRUCache(MOST_SLOTS, lambda lineage: min(lineage.n, MOST_SLOTS))


def current(
    db: Database, cache: LRUCache[int, Lineage], branch: int, encoder: str | None
) -> Lineage:
    """The lineage of a branch, up to date, from the cache if it is there and still true."""
    # Taken out, because it grows: the cache measures what is put in.
    known = cache.pop(branch, None)
    if known is None or not _holds(db, known, encoder):
        known = Lineage(branch, encoder)
    known.catch_up(db)
    if int(known.live.sum()) != head(db, branch).items:
        # What was cached is of a branch that is gone and whose number was given out again.
        known = Lineage(branch, encoder)
        known.catch_up(db)
    cache[branch] = known
    return known


def _holds(db: Database, known: Lineage, encoder: str | None) -> bool:
    if encoder is not None and known.encoder != encoder:
        return False
    last = [int(known.item[-1]), int(known.text[-1]), int(known.seq[-1])] if known.n else None
    return last is None or bool(
        db.execute("SELECT 1 FROM items WHERE id = ? AND text_id = ? AND seq = ?", last).fetchone()
    )
