"""One request of the page: whose it is, what it asks for, what it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkpoints.text.graphemes import beginning
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints import Store
    from mcp_server.app.application import Application

MOST_DIGITS = 9


@dataclass(frozen=True)
class Notice:
    """What a change came to, shown once on the page that follows it."""

    text: str
    changed: bool = True


@dataclass(frozen=True)
class Visit:
    """One request.

    `store` is the store as the visitor may see it, `query` what follows the path's question mark.
    `may_change` is False where the page is a reader's. `forgery` stands in every form, so that no
    other site can send one. `leaves` says whether there is a log-in to leave.
    """

    app: Application
    store: Store
    path: str
    query: Mapping[str, str]
    may_change: bool
    forgery: str
    leaves: bool
    notice: Notice | None = None

    def number(self, name: str, otherwise: int | None = None) -> int | None:
        """A number of the query, 0 or more.

        Raises:
            InputError: it is none.
        """
        text = self.query.get(name, "")
        if not text:
            return otherwise
        return whole_number(name, text)


@dataclass(frozen=True)
class Shown:
    """What a view shows: a template and its values."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Done:
    """What an action came to: the page to go to and what is said there."""

    where: str
    notice: Notice


def whole_number(name: str, text: str) -> int:
    """A number of at most nine digits.

    Raises:
        InputError: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise InputError(f"{name}: {beginning(text, 20)!r} is not a number of at most 9 digits")
    return int(text)
