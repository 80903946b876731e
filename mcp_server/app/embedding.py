"""Texts' embeddings as the store keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints import Vector

if TYPE_CHECKING:
    from hypernet.hypernetwork.embedding import Embedder, Embedding
    from hypernet.runtime import Runtime


def vector_of(runtime: Runtime, text: str) -> Vector | None:
    """The vector of one text; None without an encoder or without a text."""
    if runtime.embedder is None or not text.strip():
        return None
    return as_stored(runtime.embedder, runtime.embedder.embed([text])[0])


def as_stored(embedder: Embedder, embedding: Embedding) -> Vector:
    """An embedding with the name of the encoder that made it."""
    return Vector(embedder.name, embedding.values_C, embedding.tokens_TC, embedding.words)
