"""Token buckets: how many requests a minute each key may send."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = 10_000


@dataclass
class _Bucket:
    left: float
    filled_at: float


class Rates:
    """A bucket a key, full at first: `per_minute` at once, then as they flow back.

    The keys used last are kept, `KEYS` of them. For one thread, the event loop's.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._buckets: LRUCache[str, _Bucket] = LRUCache(KEYS)

    def take(self, key: str) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(self._most, now)
        flow = self._most / 60
        bucket.left = min(self._most, bucket.left + (now - bucket.filled_at) * flow)
        bucket.filled_at = now
        if bucket.left < 1:
            return (1 - bucket.left) / flow
        bucket.left -= 1
        return 0.0
