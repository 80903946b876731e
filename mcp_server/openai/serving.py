"""The routes of `/v1`: a body, its answer, whole or streamed, and clients that leave."""

from __future__ import annotations

import json
import math
import secrets
from typing import TYPE_CHECKING, Any, Protocol

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from mcp_server.app.principal import principal
from mcp_server.app.threads import in_thread
from mcp_server.openai import chat, models, responses
from mcp_server.openai.chat_answers import ChatAnswer
from mcp_server.openai.errors import PATH, ApiError, api_error
from mcp_server.openai.responses_answers import ResponsesAnswer
from mcp_server.openai.running import run
from mcp_server.schema.limits import beginning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from mcp_server.app.application import Application
    from mcp_server.openai.asked import Asked
    from mcp_server.openai.done import Answering, Done, Event

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SERVED = {
    f"{PATH}/chat/completions": "POST",
    f"{PATH}/responses": "POST",
    f"{PATH}/models": "GET",
}
STREAM = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class Api(Protocol):
    """How one API reads requests: a module of this folder."""

    NAME: str
    FIELDS: dict[str, str]

    def read(self, body: Any, headers: Mapping[str, str]) -> Asked:
        """What a body asks."""


def routes(app: Application) -> list[Route]:
    """All of `/v1`."""
    return [
        Route(f"{PATH}/chat/completions", Endpoint(app, chat, ChatAnswer), methods=["POST"]),
        Route(f"{PATH}/responses", Endpoint(app, responses, ResponsesAnswer), methods=["POST"]),
        Route(f"{PATH}/models", Models(app), methods=["GET"]),
        Route(f"{PATH}/models/{{model:path}}", Models(app), methods=["GET"]),
        Route(f"{PATH}/{{rest:path}}", _nothing, methods=METHODS),
        Route(PATH, _nothing, methods=METHODS),
    ]


class Endpoint:
    """One API's calls, as an ASGI application."""

    def __init__(self, app: Application, api: Api, answering: Callable[[Asked], Answering]) -> None:
        self._app, self._api, self._answering = app, api, answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the work ends when its client leaves."""
        request = Request(scope, receive)
        try:
            body = await _body(request, self._app.settings.body_bytes)
        except ClientDisconnect:  # nobody is left to be told
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_cancel_when_left, receive, tasks.cancel_scope)
            await self._answer(request, body, Reply(send))
            tasks.cancel_scope.cancel()

    async def _answer(self, request: Request, body: bytes | None, reply: Reply) -> None:
        answering: Answering | None = None
        fields = self._api.FIELDS
        try:
            with self._app.calls.run(self._api.NAME, principal(), {}) as call:
                asked = self._api.read(_json(body, self._app.settings.body_bytes), request.headers)
                call.arguments = {"session_id": asked.session, "input": asked.said.input}
                fields = {**fields, "step_key": asked.key_field}
                if asked.tool is not None:
                    fields = {**fields, "output_schema": "tools"}
                writing = answering = self._answering(asked)

                async def wrote(text: str) -> None:
                    if asked.stream:
                        if not reply.begun:
                            await reply.events(writing.begun())
                        await reply.events(writing.more(text))

                done = await run(self._app, asked, wrote)
                call.state, call.content = "ok", done.record
                if not asked.stream:
                    await reply.json(200, writing.whole(done), _session_header(done))
                    return
                if not reply.begun:
                    await reply.events(writing.begun(), _session_header(done))
                await reply.events(writing.ended(done))
                await reply.end()
        except Exception as error:
            told = api_error(error, fields, self._api.NAME)
            if not reply.begun or answering is None:
                await reply.json(told.status, told.body(), _retry_header(told))
                return
            await reply.events(answering.failed(told.body()))
            await reply.end()


class Models:
    """The models that the caller may use, as an ASGI application."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply, model = Reply(send), scope["path_params"].get("model")
        try:
            with self._app.calls.run("models", principal(), {}, limited=False) as call:
                store = await in_thread(self._app.store)
                found = await in_thread(
                    lambda: models.listed(store) if model is None else models.shown(store, model)
                )
                call.state = "ok"
                await reply.json(200, found)
        except Exception as error:
            told = api_error(error, {}, "models")
            await reply.json(told.status, told.body())


class Reply:
    """What is sent back: one JSON body, or events, of which the first begins the response."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False
        self._id = (b"x-request-id", secrets.token_hex(8).encode())

    async def json(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        """A whole answer."""
        text = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        length = (b"content-length", str(len(text)).encode())
        kind = (b"content-type", b"application/json")
        await self._start(status, [kind, length, *_encoded(headers)])
        await self._send({"type": "http.response.body", "body": text})

    async def events(
        self, events: Iterable[Event], headers: Mapping[str, str] | None = None
    ) -> None:
        """Some events of a stream, as one piece."""
        if not self.begun:
            await self._start(200, [*STREAM, *_encoded(headers)])
        text = "".join(map(_written, events))
        await self._send(
            {
                "type": "http.response.body",
                "body": text.encode(errors="replace"),
                "more_body": True,
            }
        )

    async def end(self) -> None:
        """The end of a stream."""
        await self._send({"type": "http.response.body", "body": b""})

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.begun = True
        start = {"type": "http.response.start", "status": status, "headers": [*headers, self._id]}
        await self._send(start)


async def _nothing(request: Request) -> JSONResponse:
    path = request.url.path
    where = f"{request.method} {path}: is not served"
    if (method := SERVED.get(path)) is not None:
        error = ApiError(405, f"{where}; send {method}", None, "method_not_allowed")
    else:
        message = f"{where}; {PATH} has models, chat/completions and responses"
        error = ApiError(404, message, None, "unknown_url")
    return JSONResponse(error.body(), error.status)


async def _body(request: Request, most: int) -> bytes | None:
    """The body; None where it is over the limit."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            return None
        parts.append(part)
    return b"".join(parts)


def _json(body: bytes | None, most: int) -> Any:
    if body is None:
        raise ApiError(413, f"body: over {most} bytes, the limit", None, "body_too_large")
    try:
        return json.loads(body, parse_constant=_no_number, parse_float=_number)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "body: is no JSON", None, "invalid_json") from error


def _no_number(text: str) -> float:
    # Python reads and writes what no other client of this door could read back.
    raise ApiError(400, f"body: {text} is no number of JSON", None, "invalid_json")


def _number(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ApiError(400, f"body: {beginning(text)} is too large a number", None, "invalid_json")
    return found


async def _cancel_when_left(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _written(event: Event) -> str:
    data = event.data if isinstance(event.data, str) else json.dumps(event.data)
    name = "" if event.name is None else f"event: {event.name}\n"
    return f"{name}data: {data}\n\n"


def _session_header(done: Done) -> dict[str, str]:
    session_id = done.extension.get("session_id")
    return {} if session_id is None else {"X-Session-Id": session_id}


def _retry_header(error: ApiError) -> dict[str, str]:
    return {"Retry-After": "1"} if error.status == 429 else {}


def _encoded(headers: Mapping[str, str] | None) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
