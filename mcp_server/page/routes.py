"""The page's addresses: a view for each that is read, an action for each that changes something."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse
from starlette.routing import Route

from checkpoints import (
    BadIdentifier,
    BadValue,
    ForeignCheckpoint,
    LimitExceeded,
    MemoryFault,
    UnknownCheckpoint,
    UnknownCorrection,
    UnknownSession,
    UnknownSource,
    UnknownTask,
    UnknownVersion,
)
from mcp_server.app.threads import in_thread
from mcp_server.page import login
from mcp_server.page.forms import VISITOR, ForgeryError, Forms
from mcp_server.page.rendering import HEADERS, html, page, static
from mcp_server.page.views import compare, job, jobs, step
from mcp_server.page.visit import Visit
from mcp_server.schema.limits import InputError
from mcp_server.schema.uris import MissingError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from mcp_server.app.application import Application
    from mcp_server.page.visit import Done, Shown

    View = Callable[..., Shown]
    Action = Callable[..., Awaitable[Done]]

LOG = logging.getLogger(__name__)
NOTICE = "notice"
MISSING = (
    BadIdentifier, MissingError, UnknownCheckpoint, UnknownSession, UnknownSource, UnknownTask,
    UnknownVersion,
)  # fmt: skip
REFUSED = (BadValue, ForeignCheckpoint, InputError, LimitExceeded, UnknownCorrection)
UNFORESEEN = "An error that was not foreseen; the server's log has the details."


def routes(app: Application, *, may_change: bool = True, leaves: bool = False) -> list[Route]:
    """All of the page; with `may_change` False to be read only, with `leaves` one can log out."""
    door = Door(app, may_change=may_change, leaves=leaves)
    views: dict[str, View] = {
        "/": jobs.listed,
        "/jobs/{session_id}": job.shown,
        "/jobs/{session_id}/steps/{n}": step.shown,
        "/compare": compare.shown,
    }
    actions: dict[str, Action] = {}
    return [
        *(Route(path, door.view(view), methods=["GET"]) for path, view in views.items()),
        *(Route(path, door.action(act), methods=["POST"]) for path, act in actions.items()),
        Route(f"{login.STATIC}{{name}}", _static, methods=["GET"]),
        # With access tokens the gate answers these; without, everyone is in.
        Route(login.LOGIN, _in, methods=["GET"]),
    ]


class Door:
    """What each request of the page passes: who visits, what goes wrong, where to go then."""

    def __init__(self, app: Application, *, may_change: bool, leaves: bool) -> None:
        self._app, self._may_change, self._leaves = app, may_change, leaves
        self._forms = Forms()

    def view(self, show: View) -> Callable[[Request], Awaitable[Response]]:
        """An address that shows something."""

        async def answer(request: Request) -> Response:
            try:
                visitor = self._forms.visitor(request)

                def shown() -> Response:
                    visit = self._visit(request, visitor)
                    return page(show(visit, **request.path_params), visit)

                response = await in_thread(shown)
            except Exception as error:
                return _problem(error)
            if request.cookies.get(VISITOR) != visitor:
                secure = request.url.scheme == "https"
                response.set_cookie(
                    VISITOR, visitor, httponly=True, samesite="strict", secure=secure
                )
            return response

        return answer

    def action(self, act: Action) -> Callable[[Request], Awaitable[Response]]:
        """An address that changes something, and then leads to one that shows it."""

        async def answer(request: Request) -> Response:
            try:
                if not self._may_change:
                    raise ForgeryError("this page only shows: it is a reader's")
                form = await self._forms.read(request, self._app.settings.body_bytes)
                store = await in_thread(self._app.store)
                visit = self._made(store, request, self._forms.visitor(request))
                done = await act(visit, form, **request.path_params)
            except Exception as error:
                return _problem(error)
            path, _, rest = done.where.partition("#")
            name = urlencode({NOTICE: self._forms.keep(done.notice)})
            where = f"{path}{'&' if '?' in path else '?'}{name}{f'#{rest}' if rest else ''}"
            return RedirectResponse(where, 303, HEADERS)

        return answer

    def _visit(self, request: Request, visitor: str) -> Visit:
        return self._made(self._app.store(), request, visitor)

    def _made(self, store: Any, request: Request, visitor: str) -> Visit:
        query = dict(request.query_params)
        return Visit(
            app=self._app,
            store=store,
            path=request.url.path,
            query=query,
            may_change=self._may_change,
            forgery=self._forms.token(visitor),
            leaves=self._leaves,
            notice=self._forms.notice(query.pop(NOTICE, None)),
        )


async def _in(_: Request) -> Response:
    return RedirectResponse("/", 303, HEADERS)


async def _static(request: Request) -> Response:
    return static(request.path_params["name"])


def _problem(error: Exception) -> Response:
    """What went wrong as a page; `MemoryFault` and ours are written for people."""
    kinds: Mapping[Any, tuple[int, str]] = {
        MISSING: (404, "There is no such thing here"),
        REFUSED: (400, "That cannot be done"),
        ForgeryError: (403, "That cannot be done"),
        MemoryFault: (503, "The memory cannot be read"),
    }
    for kind, (status, title) in kinds.items():
        if isinstance(error, kind):
            return html("problem.html", {"title": title, "text": str(error)}, status)
    LOG.error("the page could not be made", exc_info=error)
    return html("problem.html", {"title": "That went wrong", "text": UNFORESEEN}, 500)
