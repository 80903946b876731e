"""Entering with an access token: asked for once by a form, then kept in a cookie.

The cookie is read at the page's own addresses alone: what calls tools sends a header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from mcp_server.page.forms import fields_of, same_origin
from mcp_server.page.rendering import HEADERS, html
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from starlette.requests import Request

COOKIE = "hypernet_mcp_token"
LOGIN, LOGOUT, STATIC = "/login", "/logout", "/static/"
SHOWN = ("jobs", "tasks", "compare", "server")
FIRST = (*SHOWN, "events", "login", "logout", "static")
KEPT_SECONDS = 30 * 24 * 3600
FORM_BYTES = 10_000


def for_people(path: str) -> bool:
    """Whether an address is one of the page's."""
    return path == "/" or _first(path) in FIRST


def cookie_of(request: Request) -> str:
    """The access token that the visitor's browser keeps; empty without one."""
    return request.cookies.get(COOKIE, "")


async def given(request: Request) -> tuple[str, str]:
    """The token that the form was filled in with, and the page to go on to.

    Raises:
        InputError: the form was not the page's own.
    """
    if not same_origin(request):
        raise InputError("form: was sent by another site")
    fields = await fields_of(request, FORM_BYTES)
    return fields.get("token", "").strip(), _local(fields.get("next", "/"))


def asked(where: str, problem: str | None = None, status: int = 401) -> Response:
    """The form that asks for a token."""
    return html("login.html", {"where": _local(where), "problem": problem}, status)


def inside(where: str) -> Response:
    """The way on of who is logged in already."""
    return RedirectResponse(_local(where), 303, HEADERS)


def entered(request: Request, token: str, where: str) -> Response:
    """The way on, with the token kept."""
    response = RedirectResponse(where, 303, HEADERS)
    response.set_cookie(
        COOKIE,
        token,
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def left() -> Response:
    """The form again, with the token forgotten."""
    response = RedirectResponse(LOGIN, 303, HEADERS)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _local(where: str) -> str:
    """A page of this server's, whatever was asked for."""
    plain = where.isascii() and where.isprintable() and "\\" not in where
    there = plain and where.startswith("/") and not where.startswith("//")
    path = where.partition("?")[0]
    return where if there and (path == "/" or _first(path) in SHOWN) else "/"


def _first(path: str) -> str:
    # Of `*` and other targets of requests that are no paths too.
    return path.lstrip("/").partition("/")[0]
