"""The gate before all of HTTP: Host and Origin, the token, the rate, open streams, slow bodies.

A request that is refused here has reached nothing: no tool ran and no session was touched.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import anyio
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecurityMiddleware
from starlette.authentication import AuthCredentials
from starlette.requests import ClientDisconnect, Request

from mcp_server.app.principal import PRINCIPAL
from mcp_server.http.bodies import Body
from mcp_server.http.names import one_spelling, open_to_pages, without_own_origin
from mcp_server.http.rates import Rates
from mcp_server.http.refusal_log import RefusalLog
from mcp_server.http.refusals import for_openai, readable, refused
from mcp_server.page import login
from mcp_server.page.login import for_people
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mcp_server.app.settings import Settings
    from mcp_server.http.tokens import Tokens
    from mcp_server.telemetry.metrics import Metrics

PROBES = ("/healthz", "/readyz")
FAILED_LOGINS_PER_MINUTE = 30
REALM = 'Bearer realm="hypernet-mcp"'
METRICS = "/metrics"
EVENTS = "/events"
# What the protocol library's check of the headers answers, and which header was at fault.
HEADERS = {421: "host", 403: "origin"}


class Gate:
    """An ASGI application around another; `tokens` None lets everyone in as nobody."""

    def __init__(
        self,
        inner: ASGIApp,
        settings: Settings,
        security: TransportSecuritySettings,
        tokens: Tokens | None,
        metrics: Metrics,
    ) -> None:
        self._inner, self._settings, self._metrics, self._tokens = inner, settings, metrics, tokens
        self._security = TransportSecurityMiddleware(security)
        self._admitted = open_to_pages(self._admit, security)
        self._rates = Rates(settings.requests_per_minute)
        self._failures = Rates(FAILED_LOGINS_PER_MINUTE)
        self._streams: Counter[str | None] = Counter()
        self._log = RefusalLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        scope = one_spelling(scope)
        if scope["path"] in PROBES:
            await self._inner(scope, receive, send)
            return
        request = Request(scope)
        # The page's forms come from the server's own origin, whatever a proxy calls it.
        seen = without_own_origin(scope) if for_people(scope["path"]) else scope
        refusal = await self._security.validate_request(Request(seen))
        if refusal is not None:
            self._note_header(request, refusal)
            if for_openai(scope["path"]):
                text = bytes(refusal.body).decode()
                refusal = refused(scope["path"], refusal.status_code, text)
        # A browser asks whether its page may call before it sends the token.
        await (refusal or self._admitted)(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._tokens is not None:
            request = Request(scope, receive)
            answer = (
                await self._enter_by_form(request, self._tokens)
                if scope["path"] in (login.LOGIN, login.LOGOUT)
                else self._enter(request, self._tokens)
            )
            if answer is not None:
                await answer(scope, receive, send)
                return
        user = scope.get("user")
        principal = user.username if user else None
        context = PRINCIPAL.set(principal)
        try:
            path = scope["path"]
            short = path == METRICS or for_openai(path) or (for_people(path) and path != EVENTS)
            if scope["method"] in ("GET", "HEAD") and not short:
                await self._stream(principal, scope, receive, send)
            else:
                await self._answer(scope, receive, send)
        finally:
            PRINCIPAL.reset(context)

    async def _enter_by_form(self, request: Request, tokens: Tokens) -> Response:
        """What a browser's log-in comes to: the form, or the way on with the token kept."""
        if request.method != "POST":
            where = request.query_params.get("next", "/")
            kept = login.cookie_of(request)
            if kept and tokens.principal_of(kept) is not None:
                return login.inside(where)
            return login.asked(where, status=200)
        try:
            with anyio.fail_after(self._settings.body_seconds):
                given, where = await login.given(request)
        except (InputError, TimeoutError, ClientDisconnect) as error:
            return login.asked("/", str(error) or "the form did not arrive in time", 400)
        if request.url.path == login.LOGOUT:
            return login.left()
        if tokens.principal_of(given) is None:
            return self._unknown(request, given, where)
        return login.entered(request, given, where)

    def _enter(self, request: Request, tokens: Tokens) -> Response | None:
        path = request.scope["path"]
        if path.startswith(login.STATIC):
            return None  # the same for everyone, and the form needs it
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else ""
        if not given and for_people(path):
            given = login.cookie_of(request)
        name = tokens.principal_of(given) if given else None
        if name is None:
            where = f"{path}?{request.url.query}" if request.url.query else path
            return self._unknown(request, given, where if request.method == "GET" else "/")
        if wait := self._rates.take(name):
            limit = self._settings.requests_per_minute
            return self._too_many(request, "rate", f"requests; the limit is {limit} a minute", wait)
        readers = self._settings.metrics_readers
        if request.url.path == METRICS and readers and name not in readers:
            self._metrics.refused.labels(limit="metrics").inc()
            problem = "the metrics are for others; see HYPERNET_MCP_METRICS_READERS"
            return refused(METRICS, 403, problem)
        # The protocol library binds each of its connections to this user. It needs no secret.
        access = AccessToken(token="", client_id=name, scopes=[])
        request.scope["user"] = AuthenticatedUser(access)
        request.scope["auth"] = AuthCredentials()
        return None

    def _unknown(self, request: Request, given: str, where: str) -> Response:
        """The refusal of who has no token that is known; browsers are asked for one."""
        path, address = request.url.path, _address(request)
        people = for_people(path)
        if people and not given:
            return login.asked(where)
        if wait := self._failures.take(address):
            return self._too_many(request, "log-ins", "failed log-ins", wait)
        self._metrics.refused.labels(limit="token").inc()
        challenge = f'{REALM}, error="invalid_token"' if given else REALM
        problem = "this token is not known here" if given else "a token is needed"
        why = "unknown token" if given else "no token"
        self._log.note("log-in", address, reason=why, path=path)
        if people:
            return login.asked(where, problem)
        headers = {"WWW-Authenticate": challenge}
        return refused(path, 401, f"{problem}: send Authorization: Bearer", headers)

    def _note_header(self, request: Request, refusal: Response) -> None:
        if (header := HEADERS.get(refusal.status_code)) is not None:
            self._metrics.refused.labels(limit=header).inc()
            sent = {header: request.headers.get(header, "")}
            self._log.note(header, _address(request), **sent, path=request.url.path)

    def _too_many(self, request: Request, limit: str, what: str, wait: float) -> Response:
        self._metrics.refused.labels(limit=limit).inc()
        seconds = str(math.ceil(wait))
        text = f"too many {what}; try again in {seconds} s"
        return refused(request.url.path, 429, text, {"Retry-After": seconds})

    async def _stream(self, who: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        most = self._settings.streams
        if self._streams[who] >= most:
            what = f"open event streams; the limit is {most}"
            answer = self._too_many(Request(scope), "streams", what, 5)
            await answer(scope, receive, send)
            return
        self._streams[who] += 1
        try:
            with self._metrics.streams.track_inprogress():
                await self._inner(scope, receive, send)
        finally:
            self._streams[who] -= 1
            if not self._streams[who]:
                del self._streams[who]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Body(receive, self._settings.body_seconds, self._settings.body_bytes)

        async def send_in_time(message: Message) -> None:
            if not body.late:
                await send(message)

        # Only the protocol library's refusals need to be made readable.
        sends = send_in_time if for_openai(scope["path"]) else readable(send_in_time, body)
        with self._metrics.in_flight.track_inprogress():
            try:
                await self._inner(scope, body.receive, sends)
            except ClientDisconnect:
                if not body.late:  # it left before it had said all: nobody is there to be told
                    return
        if body.late:
            self._metrics.refused.labels(limit="body").inc()
            seconds = f"{self._settings.body_seconds:g}"
            answer = refused(scope["path"], 408, f"the body did not arrive within {seconds} s")
            await answer(scope, receive, send)


def _address(request: Request) -> str:
    """The client's, or what a trusted proxy says of it."""
    return request.client.host if request.client else ""
