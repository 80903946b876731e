"""Adapters by task: written on demand, kept while there is room, least recently used out first.

An evicted adapter is written anew, bit for bit, when its task comes again.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from cachetools import Cache, LRUCache

from hypernet.engine.interface import Adapter
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from hypernet.hypernetwork.fit import Fit
    from hypernet.progress import Progress
    from hypernet.task import Task

DEFAULT_CAPACITY = 64
USUAL_BYTES = 8 * 2**20
"""What an adapter may take of memory; a larger one counts as several of the capacity."""
MOST_STEP_TOKENS, MOST_ANSWER_TOKENS = 512, 192
TRAINED_ON = f"{MOST_STEP_TOKENS} input and {MOST_ANSWER_TOKENS} answer tokens"
"""The limits of an example that is trained on."""
# How an entry came about, and for which place of the task's text.
GENERATED, IN_PROMPT, IN_WEIGHTS = "generated", "refined in the prompt", "refined in the weights"


@dataclass(frozen=True)
class Refinement:
    """The gradient steps that an adapter took on a task's examples.

    The losses are those of the first and of the last step, each before it was taken: how unlikely
    the answers of that step's examples were, as the mean over their tokens (label-smoothed).
    """

    steps: int
    examples: int
    """Those within the token limits."""
    first_loss: float
    last_loss: float


def refining(done: int, steps: int, loss: float) -> str:
    """What is told of a refinement after each step."""
    return (
        f"refining on the examples, {done} of {steps} steps, loss {loss:.3f} "
        "(how unlikely their answers still are, per token; lower is better)"
    )


class NoneShortEnoughError(ValueError):
    """Of a task's examples none is within the limits of training."""

    def __init__(self) -> None:
        super().__init__(f"examples: none is within {TRAINED_ON}")


class RefinedAdapter(Adapter, Protocol):
    """An adapter that may have been trained further on examples."""

    @property
    def refinement(self) -> Refinement | None:
        """How, if it was."""
        ...


class AdapterSource(Protocol):
    """What writes adapters: a hypernetwork on its base. Safe from any thread."""

    def write(self, task: Task) -> Adapter:
        """The adapter of a task; the same task gives the same bits."""
        ...

    def fit(self, task: Task) -> Fit:
        """How well the hypernetwork knows the task."""
        ...

    def multi_task(self) -> Adapter:
        """The part of every adapter that does not depend on the task."""
        ...

    def refine(
        self, task: Task, start: Adapter, *, in_prompt: bool, progress: Progress = silent
    ) -> RefinedAdapter:
        """An adapter trained further on the task's examples."""
        ...

    def refine_together(
        self,
        starts: Sequence[tuple[Task, Adapter]],
        *,
        in_prompt: bool,
        progress: Progress = silent,
    ) -> Sequence[RefinedAdapter]:
        """Adapters of tasks of one text, each trained further on its own task's examples."""
        ...

    def remembering(self, task: Task) -> AbstractContextManager[AdapterSource]:
        """One that reads the task's examples once, for all adapters made of some of them."""
        ...


@dataclass(frozen=True)
class Entry:
    """An adapter with what is known of it. `generation_ms` is 0 when it was cached.

    A refined adapter has the digest of the generated one that it started from as its parent, and
    says how it was refined.
    """

    adapter: Adapter
    fit: Fit
    cached: bool
    generation_ms: float
    parent: str | None = None
    refinement: Refinement | None = None


class AdapterCache:
    """Adapters of the tasks lately used: so many small ones, or fewer refined ones of some size.

    Safe from any thread.

    Who asks for an adapter that is kept never waits; who asks for one that is being written waits
    for that one alone.
    """

    def __init__(self, source: AdapterSource, capacity: int = DEFAULT_CAPACITY) -> None:
        if capacity < 1:
            raise ValueError(f"capacity is {capacity}, must be 1 or more")
        self.source = source
        self._entries: LRUCache[tuple[Task, str], Entry] = LRUCache(
            capacity, getsizeof=lambda entry: min(capacity, _places(entry.adapter))
        )
        self._writing: dict[tuple[Task, str], threading.Event] = {}
        self._table = threading.Lock()
        """Held while the two above are looked at or changed, never while something is written."""
        self._multi_task: Adapter | None = None
        self._multi_task_lock = threading.Lock()
        self._refining = threading.Lock()

    def get(self, task: Task) -> Entry:
        """The adapter of a task, from the cache or written now.

        An unknown task without examples gets the multi-task component alone.
        """
        task = task.normalised()
        return self._once((task, GENERATED), lambda: self._write(task))

    def refined(self, task: Task, *, in_prompt: bool, progress: Progress = silent) -> Entry:
        """The adapter of a task after some gradient steps on its examples.

        The same examples give the same adapter again, from the cache or by the same steps.

        Args:
            task: with examples.
            in_prompt: whether the task's text will stand in the prompt.
            progress: called after each step.

        Raises:
            ValueError: there is no example.
            NoneShortEnoughError: there is none within the limits.
        """
        task = task.normalised()
        key = (task, IN_PROMPT if in_prompt else IN_WEIGHTS)
        return self._once(key, lambda: self._refine(task, in_prompt, progress))

    def refine_together(
        self, tasks: Sequence[Task], *, in_prompt: bool, progress: Progress = silent
    ) -> None:
        """Have ready what `refined` gives of several tasks of one text, trained in one go.

        Raises:
            ValueError: one has no example, or none within the limits.
        """
        tasks = [task.normalised() for task in tasks]
        with self._refining:
            parents = [self.get(task) for task in tasks]
            started = time.perf_counter()
            starts = [(task, parent.adapter) for task, parent in zip(tasks, parents, strict=True)]
            adapters = self.source.refine_together(starts, in_prompt=in_prompt, progress=progress)
            elapsed_ms = 1000 * (time.perf_counter() - started) / len(tasks)
        for task, parent, adapter in zip(tasks, parents, adapters, strict=True):
            key = (task, IN_PROMPT if in_prompt else IN_WEIGHTS)
            with self._table:
                self._entries[key] = _entry_of(adapter, parent, elapsed_ms)

    def find(self, digest: str, task: Task | None = None) -> Entry | None:
        """The entry of an adapter that is kept, of any task or of this one alone."""
        wanted = None if task is None else task.normalised()
        with self._table:
            for key in self._entries:
                entry: Entry = Cache.__getitem__(self._entries, key)  # a look is no use of it
                if entry.adapter.digest == digest and wanted in (None, key[0]):
                    return entry
        return None

    def adopt(self, other: AdapterCache) -> None:
        """Keep what another cache has, too."""
        with other._table:
            found = dict(other._entries)
        with self._table:
            self._entries.update(found)

    def _once(self, key: tuple[Task, str], write: Callable[[], Entry]) -> Entry:
        """What is kept under a key; else wait for who writes it, else write it.

        Where the other one's attempt fails, this one makes its own.
        """
        while True:
            with self._table:
                known = self._entries.get(key)
                if known is not None:
                    return replace(known, cached=True, generation_ms=0.0)
                other = self._writing.get(key)
                if other is None:
                    done = self._writing[key] = threading.Event()
                    break
            other.wait()
        try:
            entry = write()
            with self._table:
                self._entries[key] = entry
            return entry
        finally:
            with self._table:
                del self._writing[key]
            done.set()

    def _write(self, task: Task) -> Entry:
        started = time.perf_counter()
        fit = self.source.fit(task)
        # An adapter written from the text of a task far from all training would be a guess.
        guess = fit.level == "unknown" and not task.examples
        if not guess:
            adapter, cached = self.source.write(task), False
        else:
            with self._multi_task_lock:
                cached = self._multi_task is not None
                adapter = self._multi_task = self._multi_task or self.source.multi_task()
        elapsed_ms = 1000 * (time.perf_counter() - started)
        return Entry(adapter, fit, cached, generation_ms=0.0 if cached else elapsed_ms)

    def _refine(self, task: Task, in_prompt: bool, progress: Progress) -> Entry:
        with self._refining:  # one at a time: a refinement takes all cores
            parent = self.get(task)
            started = time.perf_counter()
            adapter = self.source.refine(
                task, parent.adapter, in_prompt=in_prompt, progress=progress
            )
            elapsed_ms = 1000 * (time.perf_counter() - started)
        return _entry_of(adapter, parent, elapsed_ms)


def _entry_of(refined: RefinedAdapter, parent: Entry, elapsed_ms: float) -> Entry:
    start, elapsed_ms = parent.adapter.digest, elapsed_ms + parent.generation_ms
    return Entry(refined, parent.fit, False, elapsed_ms, start, refined.refinement)


def _places(adapter: Adapter) -> int:
    """How many of the usual size an adapter counts as."""
    return max(1, -(-adapter.nbytes // USUAL_BYTES))
