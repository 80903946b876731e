"""Where a task's page is: names belong to principals, and addresses say whose where need be."""

from __future__ import annotations

from urllib.parse import quote

OWNERLESS = "~"
"""In an address, the owner of what belongs to no principal: no token's name and no task's."""


def name_at(path: str) -> str:
    """The name, as the store takes it, in an address: `tickets`, `alice/tickets`, `~/tickets`."""
    owner, slash, name = path.rpartition("/")
    return f"{'' if owner == OWNERLESS else owner}{slash}{name}"


def name_of(name: str, owner: str | None, who: str | None) -> str:
    """The name, as the store takes it, that means a task of `owner` for the principal `who`."""
    return name if owner == who else f"{owner or ''}/{name}"


def address_of(name: str, owner: str | None, who: str | None) -> str:
    """The address of the page of a task of `owner` for the principal `who`."""
    if owner == who:
        return f"/tasks/{quote(name, safe='')}"
    return f"/tasks/{quote(owner or OWNERLESS, safe='~@')}/{quote(name, safe='')}"
