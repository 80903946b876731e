"""Vectors of texts without a model: hashed runs of letters, for the echo engine's embedder."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from hypernet.hypernetwork.embedding import Embedding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

VECTOR_SIZE, MOST_WORDS = 128, 256


def echo_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors [N, C] of hashed three-letter runs: texts that share words lie close."""
    out_NC = np.zeros((len(texts), VECTOR_SIZE), dtype=np.float32)
    for row_C, text in zip(out_NC, texts, strict=True):
        padded = f"  {' '.join(text.casefold().split())}  "
        for at in range(len(padded) - 2):
            digest = zlib.crc32(padded[at : at + 3].encode(errors="replace"))
            row_C[digest % VECTOR_SIZE] += 1 if digest & 0x8000_0000 else -1
        row_C[0] += 1e-6  # no text is without a direction
        row_C /= np.linalg.norm(row_C)
    return out_NC


def echo_embeddings(texts: Sequence[str]) -> list[Embedding]:
    """Such vectors of texts and, as those of their tokens, of their words."""
    embeddings = []
    for text, values_C in zip(texts, echo_vectors(texts), strict=True):
        words = tuple(text.split()[:MOST_WORDS])
        tokens = [_word_vector(word) for word in words]
        matrix_TC = np.array(tokens, np.float32).reshape(-1, VECTOR_SIZE)
        embeddings.append(Embedding(values_C, matrix_TC, words))
    return embeddings


@lru_cache(maxsize=4096)
def _word_vector(word: str) -> NDArray[np.float32]:
    (vector_C,) = echo_vectors([word])
    return np.asarray(vector_C)
