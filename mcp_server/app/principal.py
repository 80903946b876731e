"""Whose call it is, and what that one may see: every way to the store leads through here.

Over HTTP with tokens a call has a principal, the name its token was issued to. On stdio, and
without tokens, there is none: whoever starts the process owns the file and sees everything. A
session's handle is a name, not a credential.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checkpoints import Store

PRINCIPAL: ContextVar[str | None] = ContextVar("principal", default=None)
"""Set where a request is let in; threads that work for the call inherit it."""


def principal() -> str | None:
    """The principal of the call that is running; None on stdio and without tokens."""
    return PRINCIPAL.get()


def visible(store: Store) -> Store:
    """The store as the running call may see it."""
    name = PRINCIPAL.get()
    return store if name is None else store.visible_to(name)
