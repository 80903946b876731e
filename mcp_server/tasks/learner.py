"""Learning in the background: tasks with new examples are measured and trained, one at a time.

Killed at any moment it loses nothing: what is to be learned is in the store, and what was measured
so far in the cache folder. Steps go first, and run with what was accepted last.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from checkpoints import MemoryFault
from hypernet.engine.interface import EngineError
from hypernet.learning.learn import due, learn
from hypernet.learning.quality import Quality
from mcp_server.tasks.serving import form_of, mode_of, task_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checkpoints import Store, TaskVersion
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime

LOG = logging.getLogger(__name__)

LEARNING = "learning"
"""In the cache folder: what was measured of versions that are being learned."""
Doing = tuple[str, float, str] | None
"""The digest of the version that is being learned, how far, and what is done; None: nothing."""


class StoppedError(Exception):
    """The server ends, or the version is not the current one any more."""


def learn_version(
    runtime: Runtime, store: Store, version: TaskVersion, folder: Path, progress: Progress
) -> Quality:
    """Learn a version of a task and record what was measured.

    Args:
        runtime: the model side.
        store: where the version is.
        version: the current one, not measured yet.
        folder: keeps what was measured so far, for who is interrupted.
        progress: called as the work goes on; what it raises ends it, and nothing is lost.

    Raises:
        ValueError, EngineError, OSError: as `learn`, or the folder cannot be written.
        MemoryFault: the store cannot take it.
    """
    before, partial = _measured(store, version), folder / f"{version.digest}.json"
    folder.mkdir(parents=True, exist_ok=True)
    quality = learn(
        runtime,
        task_of(version),
        form_of(version),
        mode_of(version),
        before=None if before is None else before.serving,
        progress=progress,
        partial=partial,
    )
    store.tasks.measured(version.digest, quality.to_dict())
    partial.unlink(missing_ok=True)
    return quality


class Learner:
    """The thread that learns named tasks."""

    def __init__(
        self,
        runtime: Callable[[], Runtime | None],
        store: Callable[[], Store | None],
        folder: Path,
        ended: Callable[[str | None, str, float], None] = lambda owner, outcome, seconds: None,
    ) -> None:
        """Both give None until there is one; `folder` keeps what was measured of a version.

        `ended` takes whose task was learned, `learned`, `stopped` or `failed`, and the seconds.
        """
        self._runtime, self._store, self._folder = runtime, store, folder
        self._ended = ended
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._closing = threading.Event()
        self._given_up: set[str] = set()
        self.doing: Doing = None

    def start(self) -> None:
        """Begin, once model and store are there; while it runs, look once more at the end."""
        with self._lock:
            self._wanted = True
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="hypernet-learner", daemon=True
                )
                self._thread.start()

    def wait(self) -> None:
        """Until all that was due when this was called has been learned."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def close(self) -> None:
        """Stop within a piece of work."""
        with self._lock:
            self._closing.set()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._closing.is_set() or not self._wanted:
                    self._thread = None
                    return
                self._wanted = False
            runtime, store = self._runtime(), self._store()
            if runtime is None or store is None:
                continue
            try:
                while not self._closing.is_set() and (version := self._next(store)) is not None:
                    self._learn(runtime, store, version)
            except MemoryFault as fault:  # raised again to whoever uses the store next
                LOG.warning("learning: %s", fault)

    def _next(self, store: Store) -> TaskVersion | None:
        """The version that has waited longest, of those with enough that is new."""
        for version in store.tasks.to_learn():
            before = _measured(store, version)
            known = 0 if before is None else before.examples
            if version.digest not in self._given_up and due(len(version.examples), known):
                return version
        return None

    def _learn(self, runtime: Runtime, store: Store, version: TaskVersion) -> None:
        began, outcome = time.monotonic(), "failed"

        def told(fraction: float, message: str) -> None:
            self.doing = version.digest, fraction, message
            if self._closing.is_set():
                raise StoppedError

        try:
            learn_version(runtime, store, version, self._folder, told)
            outcome = "learned"
            LOG.info("learned a task from %d examples", len(version.examples))
        except StoppedError:
            outcome = "stopped"
        except (ValueError, EngineError, OSError) as error:
            # The same would come of it again; new examples make another version.
            self._given_up.add(version.digest)
            LOG.warning("learning a task failed: %s", error)
        finally:
            self.doing = None
            self._ended(version.owner, outcome, time.monotonic() - began)


def _measured(store: Store, version: TaskVersion) -> Quality | None:
    """What was measured of the version that serves, if anything was."""
    name = version.task if version.owner is None else f"{version.owner}/{version.task}"
    serving = store.tasks.serving(name).version
    return None if serving.quality is None else Quality.from_dict(serving.quality)
