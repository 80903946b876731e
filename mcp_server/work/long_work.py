"""The long work of one process: the calls that run, and those whose callers ask later.

It is kept in memory: what a call stored outlives the process, its result does not.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio

from mcp_server.work.work import WORK, Work, WorkLimitError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from anyio.abc import TaskGroup

    from mcp_server.work.work import WorkState

KEPT = 256
"""Most tasks of one principal, those that have ended too: none is forgotten before its time, so
more calls are answered when they end, as those of clients that cannot ask later.
"""
# What ends by itself when its time is over may take this share of it beyond that.
GRACE_SHARE = 0.1


class UnknownWorkError(Exception):
    """No such work is known to this principal."""


class LongWork:
    """All calls of one process that may take long. For one thread, the event loop's."""

    def __init__(
        self,
        most: int,
        kept_seconds: float,
        refused: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`most` calls of a principal may run on at once; results are kept `kept_seconds`.

        `refused` is called for each one more.
        """
        self._most, self._kept_seconds, self._refused, self._clock = (
            most,
            kept_seconds,
            refused,
            clock,
        )
        self._groups: list[TaskGroup] = []
        self._running: dict[str, Work] = {}
        self._later: dict[str, Work] = {}
        """Those that last or lasted, the oldest first."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """While it is open, calls can run on; those that still do at the end are cancelled.

        It may be open several times at once: the first one carries what runs on.
        """
        async with anyio.create_task_group() as group:
            self._groups.append(group)
            try:
                yield
            finally:
                self._groups.remove(group)
                group.cancel_scope.cancel()

    def work(
        self,
        tool: str,
        principal: str | None,
        subject: str,
        *,
        asks_later: bool = False,
        seconds: float | None = None,
    ) -> Work:
        """A call that is to be run, by `running` or, where its caller can ask later, by `run`."""
        self._forget()
        room = sum(each.principal == principal for each in self._later.values()) < KEPT
        admit = self._admit if asks_later and room and self._groups else None
        return Work(tool, principal, subject, seconds=seconds, admit=admit)

    @contextmanager
    def running(self, work: Work) -> Iterator[None]:
        """What runs inside is this work, and is seen while it does."""
        self._running[work.id] = work
        token = WORK.set(work)
        try:
            yield
        finally:
            WORK.reset(token)
            del self._running[work.id]

    async def run(self, work: Work, call: Callable[[], Awaitable[Any]]) -> Any:
        """Run a call; its answer, or None where it lasts and is asked for later.

        A caller that gives up before that ends it.

        Raises:
            Exception: what the call raised.
        """
        self._groups[0].start_soon(self._run, work, call)
        try:
            await work.settled.wait()
        except anyio.get_cancelled_exc_class():
            work.scope.cancel()
            raise
        if work.lasting:
            return None
        if work.error is not None:
            raise work.error
        return work.answer

    def find(self, work_id: str, principal: str | None) -> Work:
        """Work that lasts or lasted.

        Raises:
            UnknownWorkError: there is none of this principal, or no more.
        """
        self._forget()
        work = self._later.get(work_id)
        if work is None or work.principal != principal:
            raise UnknownWorkError
        return work

    def cancel(self, work: Work) -> None:
        """Stop it as soon as may be, if it still runs; what it stored stays."""
        if work.status == "working":
            work.tell(work.fraction, "stopping")
            work.scope.cancel()

    def seen_by(self, principal: str | None) -> list[WorkState]:
        """How far the running work is that a principal may know of, the oldest first.

        None is who started the process, and sees all.
        """
        return [
            work.seen()
            for work in list(self._running.values())
            if principal in (None, work.principal)
        ]

    def kept_ms(self, work: Work) -> int:
        """How long work is known at least, in milliseconds from its beginning."""
        if work.forgotten_at is None:
            return round(1000 * ((work.seconds or 0.0) * (1 + GRACE_SHARE) + self._kept_seconds))
        ran = (work.updated - work.began).total_seconds()
        return round(1000 * (ran + self._kept_seconds))

    async def _run(self, work: Work, call: Callable[[], Awaitable[Any]]) -> None:
        try:
            with work.scope, self.running(work):
                try:
                    work.answer = await call()
                except Exception as error:  # whatever it was, whoever asks for the result gets it
                    work.error = error
                work.end("completed" if work.error is None else "failed")
        finally:
            if work.status == "working":
                work.end("cancelled")
            work.forgotten_at = self._clock() + self._kept_seconds
            self._forget()

    def _admit(self, work: Work) -> None:
        mine = [each for each in self._later.values() if each.principal == work.principal]
        if sum(each.status == "working" for each in mine) >= self._most:
            self._refused()
            raise WorkLimitError(
                f"long_calls: {self._most} of yours run as tasks, the limit; wait for one to end "
                "or cancel one, and send this again; nothing was changed"
            )
        self._later[work.id] = work

    def _forget(self) -> None:
        now = self._clock()
        for work in list(self._later.values()):
            if work.forgotten_at is not None and work.forgotten_at <= now:
                del self._later[work.id]
