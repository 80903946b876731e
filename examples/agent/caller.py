"""Calling tools while somebody is shown what the server is busy with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from examples.agent.server import Link

Finished = TypeVar("Finished", contravariant=True)


class Display(Protocol):
    """Who shows the run."""

    def status(self, text: str) -> None:
        """What is waited for."""
        ...

    def event(self, text: str) -> None:
        """Something happened."""
        ...


class TableDisplay(Display, Protocol[Finished]):
    """Who shows the run, and what it has finished."""

    def finished(self, row: Finished) -> None:
        """A part of the run is done."""
        ...


class Caller:
    """Calls a server's tools; the status says which one, and what the server reports of it."""

    def __init__(self, link: Link, display: Display) -> None:
        self._link, self._display = link, display
        self.doing = ""
        """What the calls are made for, at the beginning of the status, such as `step 3, `."""

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool.

        Raises:
            ExampleError: the tool refused, or the server is gone.
        """
        what = f"{self.doing}{tool}"
        self._display.status(what)
        return await self._link.call(
            tool, arguments, lambda text: self._display.status(f"{what}: {text}")
        )
