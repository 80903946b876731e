"""The words of a query and its pairs of characters: where they are, and how much each weighs."""

from __future__ import annotations

import math
from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from checkpoints.graph import characters
from checkpoints.text.words import characters_of, is_spaceless, query_terms, unaccented_words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlite_utils import Database

    from checkpoints.records import Vector
    from checkpoints.search.lineage import Lineage

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# How many items words and meaning each propose.
PROPOSED = 400
# How many neighbours on each side count for an item.
REACH = 4
# A stopword of the query, against the others' inverse document frequencies.
_STOPWORD = 0.5
# Characters to a token, at least, where an encoder has words of a script.
_CHARACTERS_OF_A_TOKEN = 1.25


class Words:
    """The words of a query: where they are, and how much each weighs.

    `unread` is the share of the query that the encoder has no words for.
    """

    def __init__(
        self, db: Database, known: Lineage, query: str, vector: Vector | None, visible: Mask
    ) -> None:
        self.known = known
        self.weights: dict[str, float] = {}
        self.parts: list[tuple[float, Mask]] = []
        self.scores = np.zeros(known.n + 1, np.float32)
        terms = query_terms(query)
        self.unread = terms.spaceless if terms.spaceless and not _reads(vector) else 0.0
        everything = bool(visible.all())
        # A word may stand beside a spaceless script, where only the second index has it.
        self.both = characters.in_use(db)
        for term in terms.words + terms.characters:
            slots = np.empty(0, np.int32)
            word = term in terms.words
            if word:
                slots = known.postings(db, term)
            if self.both:
                parts = unaccented_words(term) if word else [term]
                held = [known.character_postings(db, part) for part in parts]
                slots = np.union1d(slots, reduce(np.intersect1d, held)) if held else slots
            if not everything:
                slots = slots[visible[slots]]
            weight = math.log(1 + (known.n - len(slots) + 0.5) / (len(slots) + 0.5))
            self.weights[term] = weight
            if len(slots):
                # One element more than slots: what the index -1, for no neighbour, meets.
                present = np.zeros(known.n + 1, bool)
                present[slots] = True
                self.scores[slots] += weight
                self.parts.append((weight, present))
        self.total = sum(weight for weight, _ in self.parts) or 1.0

    def weight(self, word: str) -> float:
        """Of a word of the query's text; 0 for what is no word, or none to the encoder."""
        terms = query_terms(word)
        cut = terms.words if self.unread else terms.words + terms.characters
        return max((self.weights.get(part, _STOPWORD) for part in cut), default=0.0)

    def in_pairs(self, db: Database, candidates: Ints) -> Mask:
        """Which candidates the index of characters holds [C]."""
        if not self.both:
            return np.zeros(len(candidates), bool)
        return np.isin(
            self.known.text[candidates], characters.held(db, self.known.text[candidates])
        )

    def propose(self, allowed: Mask) -> Ints:
        """The items that hold the most of the query, with half of what their neighbours hold."""
        slots = np.flatnonzero(allowed & (self.scores[:-1] > 0))
        slots = slots[best_of(self.scores[slots], 4 * PROPOSED)]
        beside = self.scores[self.known.before[slots]] + self.scores[self.known.after[slots]]
        return slots[best_of(self.scores[slots] + 0.5 * beside, PROPOSED)]

    def coverage(self, window: Ints) -> tuple[Floats, Floats, Floats]:
        """Of candidates with neighbours as in `window` [9, C]: alone, with 1, with 4 a side."""
        own, near, wide = (np.zeros(window.shape[1]) for _ in range(3))
        for weight, present in self.parts:
            inside = present[window]
            own += weight * inside[REACH]
            near += weight * np.logical_or.reduce(inside[REACH - 1 : REACH + 2])
            wide += weight * np.logical_or.reduce(inside)
        return own / self.total, near / self.total, wide / self.total


def _reads(vector: Vector | None) -> bool:
    """Whether the encoder has words for what the query says in spaceless scripts.

    One that has none reads them character by character, or as unknown.
    """
    if vector is None:
        return False
    if vector.tokens is None:  # one that does not say how it reads is trusted
        return True
    tokens = [word for word in vector.words if is_spaceless(word)]
    characters = sum(len(characters_of(word)) for word, _ in groupby(tokens))
    return characters > _CHARACTERS_OF_A_TOKEN * len(tokens)


def best_of(scores: NDArray[np.floating[Any]], count: int) -> Ints:
    """Where the `count` highest scores are, in no order."""
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(-scores, count)[:count]
