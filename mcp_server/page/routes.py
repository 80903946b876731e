"""The page's requests: what each passes before it is shown something or changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse
from starlette.routing import Route

from mcp_server.app.threads import in_thread
from mcp_server.page import live, login
from mcp_server.page.addresses import ACTIONS, VIEWS
from mcp_server.page.forms import VISITOR, ForgeryError, Forms
from mcp_server.page.problems import problem_of
from mcp_server.page.rendering import HEADERS, html, page, static
from mcp_server.page.visit import Shown, Visit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from mcp_server.app.application import Application
    from mcp_server.page.addresses import Action, View

NOTICE = "notice"


def routes(app: Application, *, may_change: bool = True, leaves: bool = False) -> list[Route]:
    """All of the page; with `may_change` False to be read only, with `leaves` one can log out."""
    door = Door(app, may_change=may_change, leaves=leaves)
    return [
        Route("/events", door.events, methods=["GET"]),
        *(Route(path, door.view(view), methods=["GET"]) for path, view in VIEWS.items()),
        *(Route(path, door.action(act), methods=["POST"]) for path, act in ACTIONS.items()),
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
        """An address that changes something, and then leads to one that shows it.

        One that only runs something shows what came of it.
        """

        async def answer(request: Request) -> Response:
            try:
                if not self._may_change:
                    raise ForgeryError("this page only shows: it is a reader's")
                form = await self._forms.read(request, self._app.settings.body_bytes)
                store = await in_thread(self._app.store)
                visit = self._made(store, request, self._forms.visitor(request))
                done = await act(visit, form, **request.path_params)
                if isinstance(done, Shown):
                    return page(done, visit)
            except Exception as error:
                return _problem(error)
            path, _, rest = done.where.partition("#")
            name = urlencode({NOTICE: self._forms.keep(done.notice)})
            where = f"{path}{'&' if '?' in path else '?'}{name}{f'#{rest}' if rest else ''}"
            return RedirectResponse(where, 303, HEADERS)

        return answer

    async def events(self, request: Request) -> Response:
        """What happens to the visitor's jobs, as it happens; with `job` in that one."""
        try:
            job, head = request.query_params.get("job"), request.method == "HEAD"
            return await live.stream(self._app, job, head=head)
        except Exception as error:
            return _problem(error)

    def _visit(self, request: Request, visitor: str) -> Visit:
        return self._made(self._app.store(), request, visitor)

    def _made(self, store: Any, request: Request, visitor: str) -> Visit:
        query = dict(request.query_params)
        return Visit(
            app=self._app,
            store=store,
            path=request.scope["path"],
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
    told = problem_of(error)
    return html("problem.html", {"title": told.title, "text": told.text}, told.status)
