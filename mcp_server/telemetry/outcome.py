"""How a call ended, noted where it is known and read where it is counted and logged.

Knows nothing of either.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Outcome:
    """`kind` is the class of the error that ended the call; `text` what the client was told."""

    kind: str | None = None
    text: str | None = None


_CURRENT: ContextVar[Outcome | None] = ContextVar("outcome", default=None)


@contextmanager
def following() -> Iterator[Outcome]:
    """The outcome of the call that runs inside."""
    outcome = Outcome()
    token = _CURRENT.set(outcome)
    try:
        yield outcome
    finally:
        _CURRENT.reset(token)


def note(error: BaseException, wrapper: type[BaseException]) -> None:
    """Note the error that ends the running call: the first inside that is no `wrapper`."""
    if (outcome := _CURRENT.get()) is not None:
        while isinstance(error, wrapper) and error.__cause__ is not None:
            error = error.__cause__
        outcome.kind, outcome.text = type(error).__name__, str(error)
