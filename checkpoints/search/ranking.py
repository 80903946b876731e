"""Which items answer a query best: its words and its meaning, each item read with its neighbours.

What a session may see is settled before anything is ranked or cut off.

1. Words: each has the weight of its inverse document frequency in this history (BM25's, Robertson
   and Zaragoza, 2009). An item's coverage is the share of that weight found in it, with its 1 and
   with its 4 neighbours on each side: an answer is often spread over adjacent items.
2. Meaning: the signs of the vectors give an estimate of every cosine (the angle is π times the
   share of differing signs: Charikar, 2002); the best items' own cosines are then computed.
3. A weighted sum of these orders the items. The best are ordered anew with late interaction: how
   well each token of the query is met by one of the item's. The weights were fitted on
   conversations with known evidence; docs/log/checkpoints.md says what else was tried.
"""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from checkpoints.errors import BadValue
from checkpoints.graph.history import tuples_in_lineage
from checkpoints.graph.vectors import as_matrix, encoder_id
from checkpoints.search.filters import stored_moment
from checkpoints.search.hits import query_words, read_hits
from checkpoints.search.late_interaction import likeness
from checkpoints.search.lineage import Lineage, current, signs

if TYPE_CHECKING:
    from cachetools import LRUCache
    from numpy.typing import NDArray
    from sqlite_utils import Database

    from checkpoints.records import Hit, Vector
    from checkpoints.search.filters import Filters

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Weights:
    """How much each sign of relevance counts.

    `own`, `near` and `wide` are for the coverage of the item, with 1 and with 4 neighbours a
    side; `cosine` for the item's vector, `before` and `after` for its neighbours', each cosine
    in standard deviations above this history's mean; `length` for the logarithm of its length in
    words over `_SHORT`, up to `_LONG`: what is hardly more than a greeting seldom answers.
    `tokens` and `tokens_near` are for late interaction with the item, and with it or a neighbour.
    """

    own: float = 1.84
    near: float = 1.84
    wide: float = 2.77
    cosine: float = 0.81
    before: float = 0.30
    after: float = 0.04
    length: float = 1.6
    tokens: float = 0.0
    tokens_near: float = 0.0

    def of(self, signs: Floats) -> Floats:
        """The weighted sums of signs [7 or 9, C], in this order."""
        sums: Floats = np.array(astuple(self))[: len(signs)] @ signs
        return sums


_WEIGHTS = Weights()
_WITH_TOKENS = Weights(0.35, 0.38, 1.92, 0.20, 0.16, -0.08, 0.89, 5.8, 7.6)
_OWN, _COSINE = 0, 3
# A stopword of the query, against the others' inverse document frequencies.
_STOPWORD = 0.5
_SHORT, _LONG = 4, 32
_CHARS_PER_WORD = 5.5
_REACH = 4

# How many items each of the two searches proposes, and for how many the cosine is computed.
_PROPOSED = 400
_RESCORED = 100
# A cosine below this is chance: an item is found by its words or by more than this.
_LEAST_COSINE = 0.15
# Cosines of a question with texts that have nothing to do with it, and how many texts that is
# worth knowing in a short history.
_USUAL_MEAN, _USUAL_DEVIATION, _FEW = 0.1, 0.12, 30


def search(
    db: Database,
    cache: LRUCache[int, Lineage],
    session: dict[str, Any],
    query: str,
    vector: Vector | None,
    filters: Filters,
    limit: int,
    neighbours: int,
) -> list[Hit]:
    """The best `limit` items, best first, each followed by its neighbours.

    Raises BadValue for a vector of another size than those of its encoder.
    """
    known = current(db, cache, session["branch"], vector.encoder if vector else None)
    if limit < 1 or not known.n:
        return []
    visible = _visible(db, known, session)
    allowed = visible & _filtered(db, known, filters)
    if not allowed.any():
        return []
    words = _Words(db, known, query, visible)
    meaning = _Meaning(known, vector, visible)

    proposed = np.union1d(words.propose(allowed), meaning.propose(allowed))
    candidates = _with_neighbours(known, proposed)
    candidates = candidates[allowed[candidates]]
    signs = _signs(known, words, meaning, candidates)
    scores = _WEIGHTS.of(signs)
    cosines = meaning.cosine[meaning.differing[candidates]]
    if vector is not None and meaning.known:
        best = _best(scores, max(_RESCORED, limit))
        candidates, signs = candidates[best], signs[:, best]
        exact = _exact_cosines(db, known, vector, candidates)
        signs[_COSINE] += (exact - cosines[best]) / meaning.deviation
        scores, cosines = _WEIGHTS.of(signs), exact
        if vector.tokens is not None:
            weights = np.array([words.weight(word) for word in vector.words])
            like = likeness(db, known, vector, weights, candidates)
            if like is not None:
                scores = _WITH_TOKENS.of(np.vstack([signs, *like]))
    found = (signs[_OWN] > 0) | (cosines > _LEAST_COSINE)
    candidates, scores = candidates[found], scores[found]
    best = np.lexsort((candidates, -scores))
    # The same text from several sources takes one place.
    best = best[np.sort(np.unique(known.text[candidates[best]], return_index=True)[1])][:limit]
    wanted = _accompany(known, candidates[best], scores[best], allowed, neighbours)
    return read_hits(db, session, wanted)


class _Words:
    """The words of a query: where they are, and how much each weighs."""

    def __init__(self, db: Database, known: Lineage, query: str, visible: Mask) -> None:
        self.known = known
        self.weights: dict[str, float] = {}
        self.parts: list[tuple[float, Mask]] = []
        self.scores = np.zeros(known.n + 1, np.float32)
        everything = bool(visible.all())
        for word in query_words(query):
            slots = known.postings(db, word)
            if not everything:
                slots = slots[visible[slots]]
            weight = math.log(1 + (known.n - len(slots) + 0.5) / (len(slots) + 0.5))
            self.weights[word] = weight
            if len(slots):
                # One element more than slots: what the index -1, for no neighbour, meets.
                present = np.zeros(known.n + 1, bool)
                present[slots] = True
                self.scores[slots] += weight
                self.parts.append((weight, present))
        self.total = sum(weight for weight, _ in self.parts) or 1.0

    def weight(self, word: str) -> float:
        """Of a word of the query's text; 0 for what is no word."""
        cut = query_words(word)
        return max((self.weights.get(part, _STOPWORD) for part in cut), default=0.0)

    def propose(self, allowed: Mask) -> Ints:
        """The items that hold the most of the query, with half of what their neighbours hold."""
        slots = np.flatnonzero(allowed & (self.scores[:-1] > 0))
        slots = slots[_best(self.scores[slots], 4 * _PROPOSED)]
        beside = self.scores[self.known.before[slots]] + self.scores[self.known.after[slots]]
        return slots[_best(self.scores[slots] + 0.5 * beside, _PROPOSED)]

    def coverage(self, window: Ints) -> tuple[Floats, Floats, Floats]:
        """Of candidates with neighbours as in `window` [9, C]: alone, with 1, with 4 a side."""
        own, near, wide = (np.zeros(window.shape[1]) for _ in range(3))
        for weight, present in self.parts:
            inside = present[window]
            own += weight * inside[_REACH]
            near += weight * np.logical_or.reduce(inside[_REACH - 1 : _REACH + 2])
            wide += weight * np.logical_or.reduce(inside)
        return own / self.total, near / self.total, wide / self.total


class _Meaning:
    """The vector of a query: an estimate of its cosine with every item's."""

    def __init__(self, known: Lineage, vector: Vector | None, visible: Mask) -> None:
        # The last place of the tables, `size` + 1 differing signs, means no vector.
        size = known.size
        self.differing = np.full(known.n + 1, size + 1, np.uint16)
        self.cosine = np.zeros(size + 2)
        self.standard = np.zeros(size + 2)
        self.deviation = _USUAL_DEVIATION
        seen = known.has_vector & visible
        self.known = bool(vector is not None and seen.any())
        if vector is None or not self.known:
            return
        if len(vector.values) != size:
            raise BadValue(
                "vector",
                f"has {len(vector.values)} numbers, those of encoder {vector.encoder!r} have "
                f"{size}",
            )
        query = signs([np.asarray(vector.values).astype("<f2").tobytes()], size)
        differing = np.zeros(known.n, np.uint16)
        other, count = np.empty(known.n, np.uint64), np.empty(known.n, np.uint8)
        for ours, theirs in zip(query[:, 0], known.signs, strict=True):
            differing += np.bitwise_count(np.bitwise_xor(theirs, ours, out=other), out=count)
        np.copyto(self.differing[:-1], differing, where=seen)
        self._measure(np.bincount(self.differing, minlength=size + 2)[:-1])

    def _measure(self, counts: Ints) -> None:
        """The tables, from how many items differ in how many signs."""
        cosines = np.cos(np.pi / (len(counts) - 1) * np.arange(len(counts)))
        total = int(counts.sum())
        mean = float(counts @ cosines) / total
        spread = math.sqrt(float(counts @ (cosines - mean) ** 2) / total)
        # A few vectors say little of what is usual: the usual values count as many more.
        share = total / (total + _FEW)
        mean = share * mean + (1 - share) * _USUAL_MEAN
        self.deviation = share * spread + (1 - share) * _USUAL_DEVIATION
        self.cosine[:-1] = cosines
        self.standard[:-1] = (cosines - mean) / self.deviation

    def propose(self, allowed: Mask) -> Ints:
        """The items nearest to the query."""
        if not self.known:
            return np.empty(0, np.int64)
        nowhere = len(self.cosine) - 1
        differing = np.where(allowed, self.differing[:-1], np.uint16(nowhere))
        # Small whole numbers are ranked by counting them.
        counts = np.cumsum(np.bincount(differing, minlength=nowhere + 1)[:-1])
        most = min(int(np.searchsorted(counts, _PROPOSED)), nowhere - 1)
        nearer = np.flatnonzero(differing < most)
        ties = np.flatnonzero(differing == most)
        return np.concatenate([nearer, ties[: _PROPOSED - len(nearer)]])


def _signs(known: Lineage, words: _Words, meaning: _Meaning, candidates: Ints) -> Floats:
    """The signs of relevance of candidates [7, C], in the order of `Weights`."""
    window = np.empty((2 * _REACH + 1, len(candidates)), np.int64)
    window[_REACH] = candidates
    for distance in range(1, _REACH + 1):
        window[_REACH - distance] = known.before[window[_REACH - distance + 1]]
        window[_REACH + distance] = known.after[window[_REACH + distance - 1]]
    own, near, wide = words.coverage(window)
    before, cosines, after = (
        meaning.standard[meaning.differing[window[_REACH + side]]] for side in (-1, 0, 1)
    )
    length = np.clip(known.chars[candidates] / _CHARS_PER_WORD, _SHORT, _LONG)
    return np.stack([own, near, wide, cosines, before, after, np.log(length / _SHORT)])


def _exact_cosines(db: Database, known: Lineage, vector: Vector, candidates: Ints) -> Floats:
    cosines = np.zeros(len(candidates))
    has = np.flatnonzero(known.has_vector[candidates])
    encoder = encoder_id(db, vector.encoder)
    rows = db.execute(
        """
        SELECT vectors.data FROM json_each(?) AS wanted
        CROSS JOIN vectors ON vectors.text_id = wanted.value AND vectors.encoder = ?
        ORDER BY wanted.key
        """,
        [json.dumps(known.text[candidates[has]].tolist()), encoder],
    ).fetchall()
    if rows:
        cosines[has] = as_matrix([data for (data,) in rows], known.size) @ vector.values
    return cosines


def _visible(db: Database, known: Lineage, session: dict[str, Any]) -> Mask:
    """Of all items: those neither superseded nor in quarantine, nor answers of such a text."""
    hidden, answers = np.zeros((2, known.n), bool)
    marks = db.execute(
        "SELECT quarantine.text_sha256, texts.id, quarantine.source FROM quarantine "
        "LEFT JOIN texts ON texts.sha256 = quarantine.text_sha256 WHERE session_id = ?",
        [session["id"]],
    )
    for digest, text_id, source in marks:
        of_source = np.full(known.n, True) if source is None else known.source == known.code(source)
        if digest is None:
            hidden |= of_source
        elif text_id is not None:
            slots = known.slots_of_texts([text_id])
            answers[slots] = True
            hidden[slots] |= of_source[slots]
    if hidden.any():
        answers |= np.isin(known.text, known.text[hidden])
    visible: Mask = known.live & ~(hidden | (answers & (known.kind == known.code("step"))))
    return visible


def _filtered(db: Database, known: Lineage, filters: Filters) -> Mask:
    """Of all items: those that match the filters."""
    allowed = np.ones(known.n, bool)
    for codes, names in (
        (known.source, filters.sources),
        (known.kind, filters.kinds),
        (known.origin, filters.origins),
    ):
        if names:
            allowed &= np.isin(codes, [known.code(name) for name in names])
    if filters.from_step is not None:
        allowed &= known.step >= filters.from_step
    if filters.to_step is not None:
        allowed &= known.step <= filters.to_step
    if filters.since is not None or filters.until is not None:
        nodes = tuples_in_lineage(
            db,
            known.branch,
            """
            SELECT nodes.seq FROM lineage
            CROSS JOIN nodes ON nodes.branch = lineage.branch AND nodes.seq <= lineage.top
            WHERE nodes.created_at >= :since AND nodes.created_at <= :until
            """,
            since=stored_moment(filters.since) if filters.since else "",
            until=stored_moment(filters.until) if filters.until else "~",
        )
        allowed &= np.isin(known.seq, [seq for (seq,) in nodes])
    return allowed


def _with_neighbours(known: Lineage, slots: Ints) -> Ints:
    beside = np.concatenate([slots, known.before[slots], known.after[slots]])
    return np.unique(beside[beside >= 0])


def _accompany(
    known: Lineage, slots: Ints, scores: Floats, allowed: Mask, neighbours: int
) -> dict[int, tuple[float, bool]]:
    """Item id to score and whether it was found, each found one followed by its neighbours."""
    found = set(slots.tolist())
    wanted: dict[int, tuple[float, bool]] = {}
    for slot, score in zip(slots.tolist(), scores.tolist(), strict=True):
        wanted[int(known.item[slot])] = (score, True)
        for chain in (known.before, known.after):
            beside = slot
            for _ in range(neighbours):
                beside = int(chain[beside])
                if beside < 0:
                    break
                if allowed[beside] and beside not in found:
                    wanted.setdefault(int(known.item[beside]), (score, False))
    return wanted


def _best(scores: NDArray[np.floating[Any]], count: int) -> Ints:
    """Where the `count` highest scores are, in no order."""
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(-scores, count)[:count]
