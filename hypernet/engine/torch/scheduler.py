"""Requests that wait for a row: first come first served, but no session keeps the others out.

Knows nothing of models or rows.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypernet.engine.interface import Ticket


class Waiting:
    """A queue of tickets in the order of their coming. Guarded by the engine's own lock."""

    def __init__(self) -> None:
        self._tickets: list[Ticket] = []

    def __len__(self) -> int:
        return len(self._tickets)

    def put(self, ticket: Ticket) -> None:
        """Last in line."""
        self._tickets.append(ticket)

    def take(self, running: Iterable[str]) -> Ticket:
        """The one that came first, among those whose session has the fewest rows running."""
        rows = Counter(running)
        chosen = min(self._tickets, key=lambda ticket: rows[ticket.request.session])
        self._tickets.remove(chosen)
        return chosen

    def take_all(self) -> list[Ticket]:
        """Everything that waits, in order."""
        tickets, self._tickets = self._tickets, []
        return tickets
