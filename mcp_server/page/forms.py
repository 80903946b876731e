"""Forms: reading what one sends, keeping other sites' forms out, and notices for the next page."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from mcp_server.app.principal import principal
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from mcp_server.page.visit import Notice

FORM = "application/x-www-form-urlencoded"
FIELDS = 200
FORGERY = "forgery"
VISITOR = "hypernet_mcp_visitor"
NOTICES = 1_000


class ForgeryError(Exception):
    """A form that this page may not have sent; nothing was changed."""


class Forms:
    """The forms of one server process."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._notices: OrderedDict[str, Notice] = OrderedDict()

    def visitor(self, request: Request) -> str:
        """The visitor's cookie; a new one where there is none."""
        return request.cookies.get(VISITOR) or secrets.token_urlsafe(16)

    def token(self, visitor: str) -> str:
        """What a visitor's forms carry: no other site, and no other principal, can know it."""
        told = repr((principal(), visitor)).encode()
        return hmac.new(self._secret, told, sha256).hexdigest()

    async def read(self, request: Request, most: int) -> Mapping[str, str]:
        """The fields of a form that this page sent.

        Raises:
            ForgeryError: it came from elsewhere, or the server was started anew since.
            InputError: it is no form, or over `most` bytes.
        """
        if not same_origin(request):
            raise ForgeryError("the form was sent by another site")
        fields = await fields_of(request, most)
        visitor = request.cookies.get(VISITOR, "")
        if not hmac.compare_digest(fields.get(FORGERY, "").encode(), self.token(visitor).encode()):
            raise ForgeryError(
                "this page is from before the server was started or somebody else logged in, or "
                "cookies are refused: go back, reload it and send the form again"
            )
        return fields

    def keep(self, notice: Notice) -> str:
        """Keep a notice for the page that is gone to next; its name."""
        name = secrets.token_urlsafe(9)
        self._notices[name] = notice
        while len(self._notices) > NOTICES:
            self._notices.popitem(last=False)
        return name

    def notice(self, name: str | None) -> Notice | None:
        """A kept notice, this once."""
        return None if name is None else self._notices.pop(name, None)


def same_origin(request: Request) -> bool:
    """Whether a browser says that a request comes from a page of this very server."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:  # no page can have it said otherwise
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def fields_of(request: Request, most: int) -> Mapping[str, str]:
    """The fields of a form; of one that comes twice the last.

    Raises:
        InputError: it is no form, or over `most` bytes.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        raise InputError(f"content-type: send a form as {FORM}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise InputError(f"form: over {most} bytes, the limit")
    try:
        # Browsers send every line's end as two characters.
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError as error:  # not UTF-8, or too many
        raise InputError(f"form: cannot be read, or has over {FIELDS} fields") from error
    return {name: value.replace("\r\n", "\n") for name, value in pairs}
