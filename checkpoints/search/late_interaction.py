"""Late interaction: how well each word of a query is met by some word of an item.

MaxSim (Khattab and Zaharia, ColBERT, 2020) over the signs of token vectors: the angle between two
vectors is π times the share of signs in which they differ (Charikar, 2002). So other words for the
same thing count, and one strong likeness is not averaged away over a long text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from checkpoints.graph.vectors import encoder_id, packed_signs, words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlite_utils import Database

    from checkpoints.records import Vector
    from checkpoints.search.lineage import Lineage

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_MOST_QUERY_TOKENS = 64


def likeness(
    db: Database, known: Lineage, vector: Vector, weights: Floats, slots: Ints
) -> tuple[Floats, Floats] | None:
    """For each slot, the weighted mean over the query's tokens of the best cosine in it.

    Args:
        db: where the items' tokens are.
        known: the history that the slots are of.
        vector: the query's, with its tokens.
        weights: of each query token [Q]; those of weight 0 are not looked at.
        slots: the items asked for [C].

    Returns:
        In the item itself, and in it or a neighbour of it [C]; an item without tokens has the
        mean of the others. None where there is nothing to compare.
    """
    telling = np.argsort(-weights, kind="stable")[:_MOST_QUERY_TOKENS]
    telling = telling[weights[telling] > 0]
    if vector.tokens is None or not len(telling):
        return None
    window = np.stack([slots, known.before[slots], known.after[slots]])
    present, inverse = np.unique(window, return_inverse=True)
    tokens, lengths = _tokens(db, known, vector.encoder, present)
    if not lengths.any():
        return None
    best_QU = np.full((len(telling), len(present)), np.nan)
    filled = np.flatnonzero(lengths)
    starts = np.concatenate([[0], np.cumsum(lengths[filled])[:-1]])
    for row, query in enumerate(packed_signs(np.asarray(vector.tokens)[telling] < 0)):
        differing = _differing(tokens, query)
        least = np.minimum.reduceat(differing, starts)
        best_QU[row, filled] = np.cos(np.pi / known.size * least)
    of = weights[telling] / weights[telling].sum()
    best_3QC = best_QU[:, inverse.reshape(window.shape)].transpose(1, 0, 2)
    own = of @ best_3QC[0]
    # Of an item without tokens its neighbours still have some, or else nothing is known.
    near = of @ np.fmax(best_3QC[0], np.fmax(best_3QC[1], best_3QC[2]))
    return _filled(own), _filled(near)


def _tokens(
    db: Database, known: Lineage, encoder: str, slots: Ints
) -> tuple[NDArray[np.uint64], Ints]:
    """The signs of the tokens of some items, one after the other [W, T], and how many each has."""
    wanted = known.text[slots].tolist()
    if len(slots) and slots[0] < 0:  # -1 is no item
        wanted[0] = None
    rows = db.execute(
        """
        SELECT wanted.key, token_signs.data FROM json_each(?) AS wanted
        CROSS JOIN vectors ON vectors.text_id = wanted.value AND vectors.encoder = ?
        CROSS JOIN token_signs ON token_signs.vector = vectors.id
        ORDER BY wanted.key
        """,
        [json.dumps(wanted), encoder_id(db, encoder)],
    ).fetchall()
    width = words_of(known.size)
    lengths = np.zeros(len(slots), np.int64)
    for place, data in rows:
        lengths[place] = len(data) // (8 * width)
    packed = np.frombuffer(b"".join(data for _, data in rows), "<u8").reshape(-1, width)
    return np.ascontiguousarray(packed.T, np.uint64), lengths


def _differing(tokens_WT: NDArray[np.uint64], query_W: NDArray[np.uint64]) -> NDArray[np.uint16]:
    differing = np.zeros(tokens_WT.shape[1], np.uint16)
    for theirs, ours in zip(tokens_WT, query_W, strict=True):
        differing += np.bitwise_count(theirs ^ ours)
    return differing


def _filled(values: Floats) -> Floats:
    unknown = np.isnan(values)
    usual = 0.0 if unknown.all() else values[~unknown].mean()
    return np.where(unknown, usual, values)
