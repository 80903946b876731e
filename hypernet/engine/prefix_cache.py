"""Prefixes that the base has read: token ids to KV segment, least recently used out first.

Knows nothing of adapters: a prefix's KV is the base's whatever adapter follows.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypernet.engine.kv_cache import Segment


class PrefixCache:
    """Segments within a byte budget; one that alone is over it is used but not kept."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes, self.used_bytes = budget_bytes, 0
        self._segments: OrderedDict[tuple[int, ...], Segment] = OrderedDict()

    def get(self, ids: tuple[int, ...], read: Callable[[], Segment]) -> tuple[Segment, bool]:
        """The segment of these ids, read where missing; and whether it was there."""
        segment = self._segments.get(ids)
        if segment is not None:
            self._segments.move_to_end(ids)
            return segment, True
        segment = read()
        if segment.nbytes <= self.budget_bytes:
            self._segments[ids] = segment
            self.used_bytes += segment.nbytes
        while self.used_bytes > self.budget_bytes:
            _, old = self._segments.popitem(last=False)
            self.used_bytes -= old.nbytes
        return segment, False
