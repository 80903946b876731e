"""The steps that run now, and the pages that watch them. For one thread, the event loop's."""

from __future__ import annotations

import secrets
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio

from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACE_SECONDS = 0.2
"""What happens in this time a watcher is told together: five times a second at most."""
INPUT_SHOWN = 500
MOST_NAMED = 100
"""Sessions that changed since a watcher looked; of more it is told that any may have."""


class StepCancelledError(Exception):
    """A running step was cancelled from elsewhere; says what to send."""


class NotRunningError(Exception):
    """The step that is to be cancelled does not run, or not any more."""


@dataclass(eq=False)
class RunningStep:
    """A step that runs.

    `n` is the number that it will have, `input` the beginning of its input, `doing` says what it
    waits for. Nobody but its own principal sees it.
    """

    session_id: str
    principal: str | None
    n: int
    input: str
    doing: Callable[[], str]
    heard: Callable[[RunningStep], None]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    pieces: list[str] = field(default_factory=list)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ended: anyio.Event = field(default_factory=anyio.Event)

    @property
    def text(self) -> str:
        """What the model wrote so far; the answer may be settled otherwise."""
        return "".join(self.pieces)

    def wrote(self, text: str) -> None:
        """The model wrote more."""
        self.pieces.append(text)
        self.heard(self)


@dataclass(frozen=True)
class Written:
    """What a running step wrote since a watcher was told of it; `new`: it was not told before.

    `pieces` are of its text, the first of them number `start`.
    """

    step: RunningStep
    new: bool
    start: int
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class News:
    """What a watcher has not been told yet.

    `changed` are the sessions in which a call ended; None: any may have changed.
    """

    written: tuple[Written, ...]
    changed: tuple[str, ...] | None


class Running:
    """The running steps of one process and their watchers.

    A watcher that is slow holds nothing up: what it missed it is told together. While nobody
    watches, a step costs its entry here and a list of its pieces.
    """

    def __init__(self, pace: float = PACE_SECONDS) -> None:
        """`pace` in seconds."""
        self._pace = pace
        self._steps: dict[str, RunningStep] = {}
        self._watchers: defaultdict[str | None, set[Watcher]] = defaultdict(set)

    @contextmanager
    def step(
        self, session_id: str, who: str | None, n: int, text: str, doing: Callable[[], str]
    ) -> Iterator[RunningStep]:
        """What runs inside is a step, which can be watched and cancelled; `text` is its input.

        Raises:
            StepCancelledError: it was cancelled, and was not recorded.
        """
        running = RunningStep(session_id, who, n, beginning(text, INPUT_SHOWN), doing, self._heard)
        self._steps[running.id] = running
        self._heard(running)
        try:
            with running.scope:
                yield running
        finally:
            del self._steps[running.id]
            running.ended.set()
            self.changed(session_id, who)
        if running.scope.cancelled_caught:
            raise StepCancelledError(
                "the step was cancelled on the page; no step was recorded: send it again, with "
                "the same step_key if it had one, to run it anew"
            )

    def now(self, who: str | None, session_id: str | None = None) -> list[RunningStep]:
        """The steps of a principal that run, or those of one session, the oldest first."""
        return [
            each
            for each in self._steps.values()
            if each.principal == who and session_id in (None, each.session_id)
        ]

    async def cancel(self, who: str | None, session_id: str, step_id: str) -> bool:
        """Cancel a step and wait for its end: at the model's next token, or once it is committed.

        Returns:
            Whether it was cancelled; if not, it was recorded before or failed by itself.

        Raises:
            NotRunningError: no such step of the principal's runs in the session.
        """
        running = self._steps.get(step_id)
        if running is None or (running.principal, running.session_id) != (who, session_id):
            raise NotRunningError(
                "the step does not run any more: it has ended, or was cancelled; nothing was "
                "changed"
            )
        running.scope.cancel()
        await running.ended.wait()
        return running.scope.cancelled_caught

    def changed(self, session_id: str, who: str | None) -> None:
        """A call that may have changed a session has ended."""
        for watcher in self._watchers.get(who, ()):
            watcher.note_change(session_id)

    def anything_changed(self) -> None:
        """Any session may have changed: another process wrote to the database."""
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.note_change(None)

    @contextmanager
    def watching(self, who: str | None, session_id: str | None = None) -> Iterator[Watcher]:
        """Watch a principal's steps and sessions, or one session; of all, texts are left out."""
        watcher = Watcher(self, who, session_id, self._pace)
        self._watchers[who].add(watcher)
        try:
            yield watcher
        finally:
            self._watchers[who].discard(watcher)
            if not self._watchers[who]:
                del self._watchers[who]

    def _heard(self, running: RunningStep) -> None:
        for watcher in self._watchers.get(running.principal, ()):
            watcher.note_step(running)


class Watcher:
    """One page that is open: an endless asynchronous iterator of `News`, none of them empty."""

    def __init__(
        self, running: Running, who: str | None, session_id: str | None, pace: float
    ) -> None:
        self._running, self._who, self._session, self._pace = running, who, session_id, pace
        self._told: dict[RunningStep, int] = {}
        self._changed: dict[str, None] = {}
        self._any_changed = False
        self._woken = anyio.Event()
        if running.now(who, session_id):
            self._woken.set()

    def __aiter__(self) -> Watcher:
        return self

    async def __anext__(self) -> News:
        """Wait for what is new."""
        while True:
            await self._woken.wait()
            await anyio.sleep(self._pace)
            self._woken = anyio.Event()
            news = self._collect()
            if news.written or news.changed is None or news.changed:
                return news

    def note_step(self, running: RunningStep) -> None:
        """A step began or wrote."""
        if running.session_id == self._session or (
            self._session is None and running not in self._told
        ):
            self._wake()

    def note_change(self, session_id: str | None) -> None:
        """A session may have changed; None: any."""
        if session_id is None:
            self._any_changed = True
            self._wake()
        elif self._session in (None, session_id):
            self._changed[session_id] = None
            self._any_changed |= len(self._changed) > MOST_NAMED
            self._wake()

    def _wake(self) -> None:
        if not self._woken.is_set():
            self._woken.set()

    def _collect(self) -> News:
        written, told = [], {}
        for step in self._running.now(self._who, self._session):
            pieces = step.pieces if self._session is not None else []
            new, start = step not in self._told, self._told.get(step, 0)
            told[step] = len(pieces)
            if new or start < len(pieces):
                written.append(Written(step, new, start, tuple(pieces[start:])))
        changed = None if self._any_changed else tuple(self._changed)
        self._told, self._changed, self._any_changed = told, {}, False
        return News(tuple(written), changed)
