"""One call that may take long: whose it is, how far it is, and what came of it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

Status = Literal["working", "completed", "failed", "cancelled"]


class WorkLimitError(Exception):
    """As many calls of a principal run on as may; says what to do. Nothing was changed."""


@dataclass(frozen=True)
class WorkState:
    """How far some long work is, for who looks on.

    `tool` is `learning` for what is learned in the background; `subject` a session's handle or a
    saved task's name, empty for a session that is yet to begin; `fraction` goes from 0 to 1;
    `later` says whether its caller asks for the result by `id`.
    """

    id: str
    tool: str
    principal: str | None
    subject: str
    began: datetime
    fraction: float
    message: str
    later: bool = False


class Work:
    """A call that may take long, from its beginning until it is forgotten.

    For one thread, the event loop's; others may read.
    """

    def __init__(
        self,
        tool: str,
        principal: str | None,
        subject: str,
        *,
        seconds: float | None = None,
        admit: Callable[[Work], None] | None = None,
    ) -> None:
        """`seconds` are those it may take where the call itself does not say.

        `admit` is given where the caller can ask for the result later; it may raise WorkLimitError.
        """
        self.id = str(uuid4())
        self.tool, self.principal, self.subject = tool, principal, subject
        self.seconds, self._admit = seconds, admit
        self.began = self.updated = datetime.now(UTC)
        self.fraction, self.message = 0.0, "begun"
        self.lasting = False
        """Whether its caller was or is to be told to ask later."""
        self.settled = anyio.Event()
        """Set once its caller can be answered: it lasts, or has ended."""
        self.scope = anyio.CancelScope()
        self.status: Status = "working"
        self.answer: Any = None
        self.error: Exception | None = None
        self.forgotten_at: float | None = None
        """Where it lasted and has ended: by the clock of LongWork."""

    @property
    def asks_later(self) -> bool:
        """Whether the caller can ask for the result later."""
        return self._admit is not None

    def lasts(self) -> bool:
        """Say that the long part begins; whether the caller is answered now and asks later.

        Raises:
            WorkLimitError: as many of its principal's calls run on as may.
        """
        if self._admit is None:
            return False
        if not self.lasting:
            self._admit(self)
            self.lasting = True
            self.settled.set()
        return True

    def tell(self, fraction: float, message: str) -> None:
        """Note how far it is, from 0 to 1, and what is being done."""
        self.fraction, self.message = fraction, message
        self.updated = datetime.now(UTC)

    def end(self, status: Status) -> None:
        """Note that it has ended, and how."""
        self.status, self.updated = status, datetime.now(UTC)
        self.settled.set()

    def seen(self) -> WorkState:
        """How far it is now."""
        return WorkState(
            self.id,
            self.tool,
            self.principal,
            self.subject,
            self.began,
            self.fraction,
            self.message,
            self.lasting,
        )


WORK: ContextVar[Work | None] = ContextVar("work", default=None)
"""The long work that the running call is, if it is one."""
