"""Prefixes that the base has read: token ids to KV segment, least recently used out first.

Knows nothing of adapters: a prefix's KV is the base's whatever adapter follows.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypernet.base_model.kv_cache import Segment


class PrefixCache:
    """Segments within a byte budget; one that alone is over it is used but not kept.

    A text that goes on from a cached one takes over what they share, in whole chunks.
    """

    def __init__(self, budget_bytes: int, chunk: int) -> None:
        self.budget_bytes, self.chunk, self.used_bytes = budget_bytes, chunk, 0
        self._segments: OrderedDict[tuple[int, ...], Segment] = OrderedDict()

    def longest(self, ids: tuple[int, ...]) -> Segment | None:
        """What is known of the beginning of these ids: all of it, or whole chunks, or nothing."""
        segment = self._segments.get(ids)
        if segment is not None:
            self._segments.move_to_end(ids)
            return segment
        best, length = None, 0
        for known in self._segments:
            shared = self._shared(known, ids)
            if shared > length:
                best, length = known, shared
        if best is None:
            return None
        self._segments.move_to_end(best)
        return self._segments[best].first(length)

    def keep(self, ids: tuple[int, ...], segment: Segment) -> None:
        """Keep what these ids left, and let the least recently used go."""
        if segment.nbytes > self.budget_bytes or ids in self._segments:
            return
        self._segments[ids] = segment
        self.used_bytes += segment.nbytes
        while self.used_bytes > self.budget_bytes:
            _, old = self._segments.popitem(last=False)
            self.used_bytes -= old.nbytes

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
