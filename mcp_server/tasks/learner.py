"""Learning in the background: tasks with new examples are measured and trained, one at a time.

Killed at any moment it loses nothing: what is to be learned is in the store, and what was measured
so far in the cache folder. Steps go first, and run with what was accepted last.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checkpoints import BadValue, MemoryFault, UnknownTask, UnknownVersion
from hypernet.background import Background
from hypernet.engine.interface import EngineError
from hypernet.learning.learn import due, learn
from mcp_server.tasks.quality import measured_with, quality_of
from mcp_server.tasks.serving import form_of, mode_of, task_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from checkpoints import Store, TaskVersion
    from hypernet.learning.quality import Quality
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime

LOG = logging.getLogger(__name__)


def learning_folder(cache: Path, database: Path) -> Path:
    """Where what was measured so far of a database's tasks is kept."""
    of_file = hashlib.sha256(str(database.absolute()).encode()).hexdigest()
    return cache / "learning" / of_file[:16]


STOPPED = "not learned: it was stopped; it goes on where it stopped when it is asked for"


class StoppedError(Exception):
    """The server ends, or somebody stopped it."""


@dataclass(frozen=True)
class Doing:
    """What is being learned, whose it is, and how far it is, from 0 to 1."""

    digest: str
    owner: str | None
    task: str
    message: str
    fraction: float
    began: datetime


def learn_version(
    runtime: Runtime, store: Store, version: TaskVersion, folder: Path, progress: Progress
) -> Quality:
    """Learn a version of a task and record what was measured.

    Args:
        runtime: the model side.
        store: where the version is.
        version: the current one, not measured yet with this model.
        folder: keeps what was measured so far, for who is interrupted.
        progress: called as the work goes on; what it raises ends it, and nothing is lost.

    Raises:
        ValueError, EngineError, OSError: as `learn`, or the folder cannot be written.
        MemoryFault: the store cannot take it.
    """
    model, partial = runtime.identity, folder / f"{version.digest}.json"
    before = _measured(store, version, model)
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
    unreadable = model in (version.quality or {})
    store.tasks.measured(version.digest, {model: quality.to_dict()}, anew=unreadable)
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
        self._background = Background("hypernet-learner", self._round)
        self._failed: dict[str, str] = {}
        """Of versions that could not be learned, or were stopped, why."""
        self._asked: dict[str, None] = {}
        self._stopping: set[str] = set()
        self._doing: Doing | None = None

    @property
    def model(self) -> str | None:
        """What measurements hold for (`Runtime.identity`); None: nothing is loaded yet."""
        runtime = self._runtime()
        return None if runtime is None else runtime.identity

    @property
    def runtime(self) -> Runtime | None:
        """The model side; None: nothing is loaded yet."""
        return self._runtime()

    def state_of(self, digest: str) -> str | None:
        """What is being done to learn a version, or why it could not be learned."""
        doing = self._doing
        return doing.message if doing and doing.digest == digest else self._failed.get(digest)

    def told(self, principal: str | None) -> str | None:
        """Which task is being learned and what is being done for it, for who may know of it."""
        doing = self._doing
        return (
            f"{doing.task}: {doing.message}" if doing and principal in (None, doing.owner) else None
        )

    @property
    def doing(self) -> Doing | None:
        """What is being learned now."""
        return self._doing

    def will_learn(self, version: TaskVersion) -> bool:
        """Whether a version is still to be learned, as far as is known yet.

        Raises:
            MemoryFault: the store cannot tell.
        """
        runtime, store, doing = self._runtime(), self._store(), self._doing
        if self._background.closing.is_set():
            return False
        if doing is not None and doing.digest == version.digest:
            return True
        if version.digest in self._failed:
            return False
        if runtime is None or store is None:
            return due(len(version.examples))
        waiting = store.tasks.to_learn(measured=measured_with(runtime.identity))
        if version.digest not in {each.digest for each in waiting}:
            return False
        before = _measured(store, version, runtime.identity)
        return due(len(version.examples), 0 if before is None else before.examples)

    def ask(self, version: TaskVersion) -> None:
        """Learn a current version before others, and even if little is new or it was stopped."""
        self._failed.pop(version.digest, None)
        self._stopping.discard(version.digest)
        self._asked[version.digest] = None
        self.start()

    def stop(self, digest: str) -> bool:
        """Stop learning a version, within a piece of work; whether it was being learned.

        What was measured is kept, for when it is asked for; a newer version is learned as any.
        """
        doing = self._doing
        if doing is None or doing.digest != digest:
            return False
        self._stopping.add(digest)
        return True

    def start(self) -> None:
        """Begin, once model and store are there; while it runs, look once more at the end."""
        self._background.start()

    def wait(self) -> None:
        """Until all that was due when this was called has been learned."""
        self._background.wait()

    def close(self) -> None:
        """Stop within a piece of work."""
        self._background.close()

    def _round(self) -> None:
        runtime, store = self._runtime(), self._store()
        if runtime is None or store is None:
            return
        try:
            while not self._background.closing.is_set():
                waiting = store.tasks.to_learn(measured=measured_with(runtime.identity))
                version = self._next(store, runtime.identity, waiting)
                self._tidy({each.digest for each in waiting})
                if version is None:
                    break
                self._learn(runtime, store, version)
        except MemoryFault as fault:  # raised again to whoever uses the store next
            LOG.warning("learning: %s", fault)
        except Exception:  # whatever it was: the next correction is to begin it again
            LOG.exception("learning failed")

    def _next(self, store: Store, model: str, waiting: Sequence[TaskVersion]) -> TaskVersion | None:
        """The version that is asked for, or has waited longest, of those with enough new."""
        for version in waiting:
            if version.digest in self._asked:
                return version
        for version in waiting:
            if version.digest in self._failed:
                continue
            before = _measured(store, version, model)
            if due(len(version.examples), 0 if before is None else before.examples):
                return version
        return None

    def _tidy(self, waiting: set[str]) -> None:
        """Delete what was kept of versions that are not to be learned: it may quote their texts."""
        for kept in self._folder.glob("*.json"):
            if kept.stem not in waiting:
                kept.unlink(missing_ok=True)

    def _learn(self, runtime: Runtime, store: Store, version: TaskVersion) -> None:
        began, outcome, since = time.monotonic(), "failed", datetime.now(UTC)
        self._asked.pop(version.digest, None)

        def told(fraction: float, message: str) -> None:
            self._doing = Doing(
                version.digest, version.owner, version.task, message, fraction, since
            )
            if self._background.closing.is_set() or version.digest in self._stopping:
                raise StoppedError

        try:
            learn_version(runtime, store, version, self._folder, told)
            outcome = "learned"
            LOG.info("learned a task from %d examples", len(version.examples))
        except StoppedError:
            outcome = "stopped"
            if version.digest in self._stopping:
                self._failed[version.digest] = STOPPED
        except (UnknownVersion, BadValue) as fault:
            # It was deleted, lost text for good, or was measured by another server meanwhile.
            self._failed[version.digest] = f"not learned: {fault}"
            LOG.warning("learning: %s", fault)
        except MemoryFault:
            raise
        except Exception as error:  # whatever it was, other tasks are still to be learned
            if self._background.closing.is_set():  # the engine was closed under it
                outcome = "stopped"
                return
            # The same would come of it again; new examples make another version.
            shown = isinstance(error, (ValueError, EngineError))  # written for users
            reason = str(error) if shown else "the server's log has the details"
            self._failed[version.digest] = f"not learned: {reason}"
            LOG.warning("learning a task failed: %s", error, exc_info=None if shown else error)
        finally:
            self._doing = None
            self._stopping.discard(version.digest)
            self._ended(version.owner, outcome, time.monotonic() - began)


def _measured(store: Store, version: TaskVersion, model: str) -> Quality | None:
    """What was measured of the version that serves, if anything was."""
    name = f"{version.owner or ''}/{version.task}"
    try:
        serving = store.tasks.serving(name, measured_with(model)).version
    except UnknownTask:  # deleted meanwhile
        return None
    return quality_of(serving.quality, model)
