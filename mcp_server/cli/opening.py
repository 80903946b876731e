"""Opening the database for a command, and saying in the shell's words what the store refuses."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checkpoints import Store
    from mcp_server.app.settings import Settings


@dataclass(frozen=True)
class Words:
    """What some commands call otherwise than tools do, and the advice that is for tools.

    `fields` are patterns of what begins a message, `remedies` parts of its last clause.
    """

    fields: Mapping[str, str]
    remedies: Mapping[str, str] = field(default_factory=dict)

    def said(self, message: str) -> str:
        """A message of the store or the model side in the shell's words."""
        for name, option in self.fields.items():
            message = re.sub(rf"^{name}(?=[:.])", option, message)
        for remedy, instead in self.remedies.items():
            message = re.sub(rf"; [^;]*{re.escape(remedy)}[^;]*$", f"; {instead}", message)
        return message


class Refusal(click.ClickException):
    """What the store or the model side refuses; exit status 2."""

    exit_code = 2


@contextlib.contextmanager
def reader(settings: Settings, words: Words) -> Iterator[Store]:
    """The database, for reading beside whoever has it."""
    from checkpoints import MemoryFault, Store

    _refuse_missing(settings)
    try:
        with Store.open_reader(settings.database) as store:
            yield store
    except MemoryFault as error:
        raise Refusal(words.said(str(error))) from error


@contextlib.contextmanager
def owner(
    settings: Settings,
    words: Words,
    *,
    scratch: bool = False,
    there: bool = False,
    beside: str = "",
) -> Iterator[Store]:
    """The database to itself; made where there is none.

    With `scratch` one in memory is made instead, with `there` none. `beside` says how the same is
    done while a server has the database.
    """
    from checkpoints import MemoryFault, Store, StoreLocked

    if there:
        _refuse_missing(settings)
    missing = scratch and not settings.database.exists()
    try:
        with Store.open(":memory:" if missing else settings.database) as store:
            yield store
    except StoreLocked as error:
        raise Refusal(f"{error}{f'; {beside}' if beside else ''}") from error
    except MemoryFault as error:
        raise Refusal(words.said(str(error))) from error


def _refuse_missing(settings: Settings) -> None:
    if not settings.database.exists():
        raise Refusal(
            f"database {settings.database} is not there: it is made at the first use of the server"
        )
