"""How a call ended: recorded where the error is handled, read where it is counted and logged."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Outcome:
    """`kind` is the class of the error that ended the call; `text` the error's own."""

    kind: str | None = None
    text: str | None = None

    def set(self, error: BaseException) -> None:
        """Take these from an error."""
        self.kind, self.text = type(error).__name__, str(error)


_CURRENT: ContextVar[Outcome | None] = ContextVar("outcome", default=None)


@contextmanager
def call_outcome() -> Iterator[Outcome]:
    """The outcome of the call that runs inside."""
    outcome = Outcome()
    token = _CURRENT.set(outcome)
    try:
        yield outcome
    finally:
        _CURRENT.reset(token)


def record_error(error: BaseException, wrapper: type[BaseException]) -> None:
    """Record the error that ends the running call: the first inside that is no `wrapper`."""
    if (outcome := _CURRENT.get()) is not None:
        outcome.set(cause_of(error, wrapper))


def cause_of(error: BaseException, wrapper: type[BaseException] | tuple[()]) -> BaseException:
    """The first error inside that is no `wrapper`; the innermost where all are."""
    while isinstance(error, wrapper) and error.__cause__ is not None:
        error = error.__cause__
    return error
