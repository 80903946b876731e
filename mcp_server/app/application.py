"""The process's singletons: settings, the store, and the model side being loaded.

Transports come and go, this stays.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import anyio

from checkpoints import CheckpointPolicy, StoreLimits
from checkpoints.documents import DocumentLimits
from hypernet.runtime import load_runtime
from mcp_server.app.backlog import Backlog
from mcp_server.app.loader import Loader, options_of
from mcp_server.app.principal import principal, visible
from mcp_server.app.reading import DocumentReaders
from mcp_server.tasks.learner import Learner, learning_folder
from mcp_server.telemetry.calls import Calls
from mcp_server.telemetry.faults import DatabaseFaults
from mcp_server.telemetry.running import Running
from mcp_server.work.long_work import LongWork
from mcp_server.work.work import WorkState

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkpoints import Store
    from hypernet.hypernetwork.embedding import Embedder
    from hypernet.runtime import Runtime
    from mcp_server.app.settings import Settings
    from mcp_server.telemetry.history import History
    from mcp_server.telemetry.metrics import Metrics


LOG = logging.getLogger(__name__)
# The first answer waits this long for the check of the whole database; the rest goes on behind it.
CHECK_SECONDS = 0.25


class Application:
    """What all calls of one server process share."""

    def __init__(self, settings: Settings, load: Callable[..., Runtime] = load_runtime) -> None:
        self.settings = settings
        self.readers = DocumentReaders(DocumentLimits())
        self.backlog = Backlog(self._embedder, lambda: self.opened)
        self.learner = Learner(
            lambda: self.loader.runtime,
            lambda: self.opened,
            learning_folder(settings.cache, settings.database),
            self._learned,
        )
        self.loader = Loader(options_of(settings), load, loaded=self._loaded)
        self.opened: Store | None = None
        """The store, once something has used it."""
        self._opening = threading.Lock()
        self.faults = DatabaseFaults()
        self.metrics: Metrics | None = None
        """Where the transports of a team count; on stdio nobody asks."""
        self.history: History | None = None
        """The last hour of some of the metrics, while there are any."""
        self.running = Running()
        self.calls = Calls(
            settings.calls,
            self.faults,
            lambda: self.metrics,
            self.running.changed,
            log_text=settings.log_text,
        )
        self.long_work = LongWork(settings.long_calls, settings.result_seconds, self._refused)
        self._locks: WeakValueDictionary[tuple[str | None, str], anyio.Lock] = WeakValueDictionary()

    def store(self) -> Store:
        """The store as the running call may see it; opened on first use.

        So a fault can be put right while the server runs.

        Raises:
            MemoryFault: locked, newer, read-only or no database; says what to do.
        """
        with self._opening:
            if self.opened is None:
                from checkpoints import Store  # here: the handshake need not wait for it

                policy = CheckpointPolicy(every=self.settings.checkpoint_every)
                limits = StoreLimits(
                    principal_sessions=self.settings.sessions_per_principal,
                    database_bytes=self.settings.database_mb * 1024**2,
                )
                self.opened = Store.open(
                    self.settings.database,
                    policy=policy,
                    limits=limits,
                    committed=self._committed,
                    check_seconds=CHECK_SECONDS,
                    checked=self._checked,
                )
                self._loaded()
            return visible(self.opened)

    def session_lock(self, session_id: str) -> anyio.Lock:
        """The lock that lets one step of a session run at a time."""
        # By principal too: waiting for another's session would reveal that it exists.
        key = (principal(), session_id)
        lock: anyio.Lock | None = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = anyio.Lock()
        return lock

    def working(self) -> list[WorkState]:
        """How far the long work is that the running call may know of, the oldest first.

        Calls that refine, read files or wait for what they saved to be learned, however they are
        asked for; and what is being learned that none of them waits for.
        """
        who = principal()
        calls = self.long_work.seen_by(who)
        learned = self.learner.doing
        if learned is None or who not in (None, learned.owner):
            return calls
        waiting = {(call.principal, call.subject) for call in calls if call.tool == "save_task"}
        if (learned.owner, learned.task) in waiting:
            return calls
        learning = WorkState(
            learned.digest,
            "learning",
            learned.owner,
            learned.task,
            learned.began,
            learned.fraction,
            learned.message,
        )
        return sorted([*calls, learning], key=lambda each: each.began)

    def close(self) -> None:
        """Stop the engine and close the file. What was acknowledged is committed already."""
        self.learner.close()
        self.backlog.close()
        self.loader.close()
        if self.opened is not None:
            self.opened.close()

    def _loaded(self) -> None:
        """Begin what waits for model and store."""
        self.backlog.start()
        self.learner.start()

    def _embedder(self) -> Embedder | None:
        return self.loader.runtime.embedder if self.loader.runtime else None

    def _committed(self, seconds: float) -> None:
        if self.metrics is not None:
            self.metrics.commits.observe(seconds)

    def _refused(self) -> None:
        if self.metrics is not None:
            self.metrics.refused.labels(limit="long_calls").inc()

    def _learned(self, owner: str | None, outcome: str, seconds: float) -> None:
        if self.metrics is not None:
            self.metrics.learned(owner, outcome, seconds)

    def _checked(self, problem: str | None, seconds: float) -> None:
        if problem is None:
            LOG.info("the database is sound; checking all of it took %.1f s", seconds)
        else:
            LOG.error(
                "the database is damaged (%s): nothing is written to it any more; export what you "
                "need, stop the server and restore a backup",
                problem,
            )

    def about(self) -> dict[str, Any]:
        """What is loaded, for `status`."""
        return dict(self.loader.runtime.about) if self.loader.runtime else {}
