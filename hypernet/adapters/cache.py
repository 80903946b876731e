"""Adapters by digest: written on demand, kept while there is room, least recently used out first.

An evicted adapter is written anew, bit for bit, when its task comes again. Knows nothing of
engines, sessions or tensors.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hypernet.engine.interface import Adapter
    from hypernet.hypernetwork.fit import Fit
    from hypernet.task import Task

DEFAULT_CAPACITY = 64
# How an entry came about, and for which place of the task's text.
GENERATED, IN_PROMPT, IN_WEIGHTS = "generated", "refined in the prompt", "refined in the weights"


Told = Callable[[int, int, float], None]
"""Takes the progress of a refinement: steps done, steps in all, the loss."""


class AdapterSource(Protocol):
    """What writes adapters: a hypernetwork on its base."""

    def write(self, task: Task) -> Adapter:
        """The adapter of a task; the same task gives the same bits."""
        ...

    def fit(self, task: Task) -> Fit:
        """How well the hypernetwork knows the task."""
        ...

    def multi_task(self) -> Adapter:
        """The part of every adapter that does not depend on the task."""
        ...

    def refine(self, task: Task, start: Adapter, *, in_prompt: bool, say: Told) -> Adapter:
        """An adapter trained further on the task's examples."""
        ...


@dataclass(frozen=True)
class Entry:
    """An adapter with what is known of it. `generation_ms` is 0 when it was cached.

    A refined adapter has the digest of the generated one that it started from as its parent.
    """

    adapter: Adapter
    fit: Fit
    cached: bool
    generation_ms: float
    parent: str | None = None


class AdapterLibrary:
    """Adapters of the tasks lately used. Safe from any thread."""

    def __init__(self, source: AdapterSource, capacity: int = DEFAULT_CAPACITY) -> None:
        self.source, self.capacity = source, capacity
        self.generated = self.reused = 0
        self._entries: OrderedDict[tuple[Task, str], Entry] = OrderedDict()
        self._multi_task: Adapter | None = None
        self._lock = threading.Lock()
        self._refining = threading.Lock()

    def get(self, task: Task) -> Entry:
        """The adapter of a task, from the cache or written now.

        An unknown task without examples gets the multi-task component alone.
        """
        key = (task.normalised(), GENERATED)
        with self._lock:
            return self._cached(key) or self._keep(key, self._make(key[0]))

    def refined(self, task: Task, *, in_prompt: bool, say: Told = lambda *_: None) -> Entry:
        """The adapter of a task after some gradient steps on its examples.

        The same examples give the same adapter again, from the cache or by the same steps.

        Args:
            task: with examples.
            in_prompt: whether the task's text will stand in the prompt.
            say: told after each step.

        Raises:
            ValueError: there is no example, or none within the limits.
        """
        key = (task.normalised(), IN_PROMPT if in_prompt else IN_WEIGHTS)
        with self._lock:  # who has an adapter already does not wait for another's refinement
            if (found := self._cached(key)) is not None:
                return found
        with self._refining:  # one at a time: a refinement takes all cores
            with self._lock:
                if (found := self._cached(key)) is not None:
                    return found
            parent = self.get(task)
            started = time.perf_counter()
            adapter = self.source.refine(key[0], parent.adapter, in_prompt=in_prompt, say=say)
            elapsed_ms = 1000 * (time.perf_counter() - started) + parent.generation_ms
            entry = Entry(adapter, parent.fit, False, elapsed_ms, parent.adapter.digest)
            with self._lock:
                return self._keep(key, entry)

    def find(self, digest: str, task: Task | None = None) -> Entry | None:
        """The entry of an adapter that is kept, of any task or of this one alone."""
        wanted = None if task is None else task.normalised()
        with self._lock:
            for (written_for, _), entry in self._entries.items():
                if entry.adapter.digest == digest and wanted in (None, written_for):
                    return entry
        return None

    def _cached(self, key: tuple[Task, str]) -> Entry | None:
        known = self._entries.get(key)
        if known is None:
            return None
        self._entries.move_to_end(key)
        self.reused += 1
        return replace(known, cached=True, generation_ms=0.0)

    def _keep(self, key: tuple[Task, str], entry: Entry) -> Entry:
        self._entries[key] = entry
        if len(self._entries) > self.capacity:
            self._entries.popitem(last=False)
        return entry

    def _make(self, task: Task) -> Entry:
        started = time.perf_counter()
        fit = self.source.fit(task)
        # An adapter written from the text of a task far from all training would be a guess.
        guess = fit.level == "unknown" and not task.examples
        there = guess and self._multi_task is not None
        if not guess:
            adapter = self.source.write(task)
        else:
            adapter = self._multi_task = self._multi_task or self.source.multi_task()
        elapsed_ms = 1000 * (time.perf_counter() - started)
        self.generated += not there
        return Entry(adapter, fit, cached=there, generation_ms=0.0 if there else elapsed_ms)
