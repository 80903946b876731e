"""The page's views without the page, for a client that shows them in a frame of its own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.routing import compile_path

from mcp_server.page.addresses import VIEWS
from mcp_server.page.problems import problem_of
from mcp_server.page.rendering import fragment
from mcp_server.page.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_server.app.application import Application
    from mcp_server.page.addresses import View


class NoViewError(Exception):
    """There is no such view, or what it would show is not there; the message says which."""


def view_of(app: Application, path: str, query: Mapping[str, str]) -> str:
    """What the page shows at an address, to be read only.

    Raises:
        NoViewError: nothing is there.
    """
    found = _matched(path)
    if found is None:
        raise NoViewError(f"the page has no {path!r}")
    view, values = found
    try:
        visit = Visit(app, app.store(), path, query, may_change=False, forgery="", leaves=False)
        return fragment(view(visit, **values), visit)
    except Exception as error:
        raise NoViewError(problem_of(error).text) from error


def _matched(path: str) -> tuple[View, dict[str, Any]] | None:
    for pattern, view in _patterns():
        if (found := pattern.match(path)) is not None:
            return view, found.groupdict()
    return None


@cache
def _patterns() -> list[tuple[Any, View]]:
    return [(compile_path(path)[0], view) for path, view in VIEWS.items()]
