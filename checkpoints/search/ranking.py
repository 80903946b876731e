"""Which items answer a query best: its words and its meaning, each item read with its neighbours.

What a session may see is settled before anything is ranked or cut off.

1. Words: each has the weight of its inverse document frequency in this history (BM25's, Robertson
   and Zaragoza, 2009). An item's coverage is the share of that weight found in it, with its 1 and
   with its 4 neighbours on each side: an answer is often spread over adjacent items.
   Where a script puts no spaces between words, pairs of its characters are the words.
2. Meaning: the signs of the vectors give an estimate of every cosine (the angle is π times the
   share of differing signs: Charikar, 2002); the best items' own cosines are then computed.
3. A weighted sum of these orders the items. The best are ordered anew with late interaction: how
   well each token of the query is met by one of the item's. The weights were fitted on
   conversations with known evidence; docs/log/checkpoints.md says what else was tried.

Of a query in a script that the encoder has no words for, the meaning is not looked at.
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
from checkpoints.search.hits import read_hits
from checkpoints.search.late_interaction import likeness
from checkpoints.search.lineage import Lineage, current, signs
from checkpoints.search.wording import PROPOSED, REACH, Words, best_of
from checkpoints.text.words import scripts

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

    def of(self, signs: Floats, unread: float) -> Floats:
        """The weighted sums of signs [7 or 9, C], in this order.

        `unread` is the share of the query that the encoder cannot read.
        """
        weights = (1 - unread) * np.array(astuple(self)) + unread * _PAIRS_ALONE
        sums: Floats = weights[: len(signs)] @ signs
        return sums


# Of a query in pairs of characters alone: their coverage, and the item's own first.
_PAIRS_ALONE = np.array([5.0, 1.0, 1.0, 0, 0, 0, 0.4, 0, 0])
_WEIGHTS = Weights()
_WITH_TOKENS = Weights(0.35, 0.38, 1.92, 0.20, 0.16, -0.08, 0.89, 5.8, 7.6)
_OWN, _NEAR, _COSINE = 0, 1, 3
# The likeness of a word to itself, in a text that the encoder may not be able to read.
_MET = 0.9
_SHORT, _LONG = 4, 32
_CHARS_PER_WORD = 5.5

# For how many items the cosine is computed.
_RESCORED = 100
# Of a query that is unread for more than this, a cosine says nothing.
_MOSTLY = 0.5
# A cosine below this is chance: an item is found by its words or by more than this. Of a text in
# another script than the query's more is chance: few encoders have words of both.
_LEAST_COSINE, _LEAST_ACROSS = 0.15, 0.35
_READ_CHARS = 200
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
    words = Words(db, known, query, vector, visible)
    meaning = _Meaning(known, vector, visible)

    proposed = np.union1d(words.propose(allowed), meaning.propose(allowed))
    candidates = _with_neighbours(known, proposed)
    candidates = candidates[allowed[candidates]]
    signs = _signs(known, words, meaning, candidates)
    scores = _WEIGHTS.of(signs, words.unread)
    cosines = meaning.cosine[meaning.differing[candidates]]
    if vector is not None and meaning.known:
        best = best_of(scores, max(_RESCORED, limit))
        candidates, signs = candidates[best], signs[:, best]
        exact = _exact_cosines(db, known, vector, candidates)
        signs[_COSINE] += (exact - cosines[best]) / meaning.deviation
        scores, cosines = _WEIGHTS.of(signs, words.unread), exact
        if vector.tokens is not None:
            weights = np.array([words.weight(word) for word in vector.words])
            like = likeness(db, known, vector, weights, candidates)
            if like is not None:
                met = _MET * signs[[_OWN, _NEAR]] * words.in_pairs(db, candidates)
                scores = _WITH_TOKENS.of(np.vstack([signs, np.maximum(like, met)]), words.unread)
    meant = (cosines > _LEAST_COSINE) & (words.unread < _MOSTLY) & (signs[_OWN] == 0)
    unsure = np.flatnonzero(meant & (cosines <= _LEAST_ACROSS))
    meant[unsure] = _in_scripts(db, known, query, candidates[unsure])
    found = (signs[_OWN] > 0) | meant
    candidates, scores = candidates[found], scores[found]
    best = np.lexsort((candidates, -scores))
    # The same text from several sources takes one place.
    best = best[np.sort(np.unique(known.text[candidates[best]], return_index=True)[1])][:limit]
    wanted = _accompany(known, candidates[best], scores[best], allowed, neighbours)
    return read_hits(db, session, wanted)


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
        most = min(int(np.searchsorted(counts, PROPOSED)), nowhere - 1)
        nearer = np.flatnonzero(differing < most)
        ties = np.flatnonzero(differing == most)
        return np.concatenate([nearer, ties[: PROPOSED - len(nearer)]])


def _signs(known: Lineage, words: Words, meaning: _Meaning, candidates: Ints) -> Floats:
    """The signs of relevance of candidates [7, C], in the order of `Weights`."""
    window = np.empty((2 * REACH + 1, len(candidates)), np.int64)
    window[REACH] = candidates
    for distance in range(1, REACH + 1):
        window[REACH - distance] = known.before[window[REACH - distance + 1]]
        window[REACH + distance] = known.after[window[REACH + distance - 1]]
    own, near, wide = words.coverage(window)
    before, cosines, after = (
        meaning.standard[meaning.differing[window[REACH + side]]] for side in (-1, 0, 1)
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


def _in_scripts(db: Database, known: Lineage, query: str, candidates: Ints) -> Mask:
    """Which candidates are mostly in a script that the query is in as well [C]."""
    rows = db.execute(
        """
        SELECT substr(texts.text, 1, ?) FROM json_each(?) AS wanted
        CROSS JOIN texts ON texts.id = wanted.value ORDER BY wanted.key
        """,
        [_READ_CHARS, json.dumps(known.text[candidates].tolist())],
    )
    asked = scripts(query) or {"LATIN": 0}
    return np.array([next(iter(scripts(text)), "LATIN") in asked for (text,) in rows], bool)


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
