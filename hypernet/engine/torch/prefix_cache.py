"""Prefixes that the base has read: token ids to KV segment, least recently used out first.

A prefix's KV is the base's, whatever adapter follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    from hypernet.base_model.kv_cache import Segment


class PrefixCache:
    """Segments within a byte budget; one that alone is over it is used but not kept.

    A text that goes on from a cached one takes over what they share, in whole chunks.
    """

    def __init__(self, budget_bytes: int, chunk: int) -> None:
        self.chunk = chunk
        self._segments: LRUCache[tuple[int, ...], Segment] = LRUCache(
            budget_bytes, getsizeof=lambda segment: segment.nbytes
        )

    def longest(self, ids: tuple[int, ...]) -> Segment | None:
        """What is known of the beginning of these ids: all of it, or whole chunks, or nothing."""
        if (segment := self._segments.get(ids)) is not None:
            return segment
        best, length = None, 0
        for known in self._segments:
            shared = self._shared(known, ids)
            if shared > length:
                best, length = known, shared
        return None if best is None else self._segments[best].first(length)

    def exact(self, ids: tuple[int, ...]) -> Segment | None:
        """What is known of just these ids."""
        return self._segments.get(ids)

    def keep(self, ids: tuple[int, ...], segment: Segment) -> None:
        """Keep what these ids left, and let the least recently used go."""
        if segment.nbytes <= self._segments.maxsize and ids not in self._segments:
            self._segments[ids] = segment

    def clear(self) -> None:
        """Forget all."""
        self._segments.clear()

    def _shared(self, known: tuple[int, ...], ids: tuple[int, ...]) -> int:
        """Tokens in whole chunks that both begin with; one token of `ids` stays to be read."""
        most = min(len(known), len(ids) - 1)
        length = 0
        while length + self.chunk <= most:
            end = length + self.chunk
            if known[length:end] != ids[length:end]:
                break
            length = end
        return length
