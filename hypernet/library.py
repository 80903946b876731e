"""Adapters by digest: written on demand, kept while there is room, least recently used out first.

An evicted adapter is written anew, bit for bit, when its task comes again. Knows nothing of
engines, sessions or tensors.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hypernet.engine.base import AdapterLike
    from hypernet.fit import Fit
    from hypernet.task import Task

DEFAULT_CAPACITY = 64


class AdapterSource(Protocol):
    """What writes adapters: a hypernetwork on its base."""

    def write(self, task: Task) -> AdapterLike:
        """The adapter of a task; the same task gives the same bits."""
        ...

    def fit(self, task: Task) -> Fit:
        """How well the hypernetwork knows the task."""
        ...

    def multi_task(self) -> AdapterLike:
        """The part of every adapter that does not depend on the task."""
        ...


@dataclass(frozen=True)
class Entry:
    """An adapter with what is known of it. `generation_ms` is 0 when it was cached."""

    adapter: AdapterLike
    fit: Fit
    cached: bool
    generation_ms: float


class AdapterLibrary:
    """Adapters of the tasks lately used. Safe from any thread."""

    def __init__(self, source: AdapterSource, capacity: int = DEFAULT_CAPACITY) -> None:
        self.source, self.capacity = source, capacity
        self.generated = self.reused = 0
        self._entries: OrderedDict[Task, Entry] = OrderedDict()
        self._multi_task: AdapterLike | None = None
        self._lock = threading.Lock()

    def get(self, task: Task) -> Entry:
        """The adapter of a task, from the cache or written now.

        An unknown task gets the multi-task component alone.
        """
        key = task.normalised().without_examples()
        with self._lock:
            known = self._entries.get(key)
            if known is not None:
                self._entries.move_to_end(key)
                self.reused += 1
                return replace(known, cached=True, generation_ms=0.0)
            entry = self._make(key)
            self._entries[key] = entry
            if len(self._entries) > self.capacity:
                self._entries.popitem(last=False)
            return entry

    def _make(self, task: Task) -> Entry:
        started = time.perf_counter()
        fit = self.source.fit(task)
        # An adapter written for a task far from all training would be a guess.
        there = fit.level == "unknown" and self._multi_task is not None
        if fit.level != "unknown":
            adapter = self.source.write(task)
        else:
            adapter = self._multi_task = self._multi_task or self.source.multi_task()
        elapsed_ms = 1000 * (time.perf_counter() - started)
        self.generated += not there
        return Entry(adapter, fit, cached=there, generation_ms=0.0 if there else elapsed_ms)
