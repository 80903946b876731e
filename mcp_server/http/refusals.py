"""Refusals of requests: our own, and the protocol library's without its validator's report.

The library puts that report into the answer to a body that is no JSON-RPC message: the models it
tried, links to their documentation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp.types import INVALID_REQUEST, PARSE_ERROR
from starlette.responses import JSONResponse

from mcp_server.openai.errors import PATH, refusal_body
from mcp_server.page.login import for_people
from mcp_server.page.rendering import html
from mcp_server.schema.frames import WRONG_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.types import Message, Send

    from mcp_server.http.bodies import Body

ACCEPTED, BAD_REQUEST = 202, 400
REPORT = "Validation error: "
# All that the older transport says of such a body.
OLDER = b"Could not parse message"
INSTEAD = "Validation error: the body is not one JSON-RPC request, notification or response"


def refused(
    path: str, status: int, text: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal that says why, in the form of those who call `path`."""
    if for_people(path):
        return html("problem.html", {"title": "Not now", "text": text}, status, headers)
    body = refusal_body(status, text) if for_openai(path) else {"error": text}
    return JSONResponse(body, status, headers)


def for_openai(path: str) -> bool:
    """Whether a path is one of OpenAI's clients."""
    return path == PATH or path.startswith(f"{PATH}/")


def readable(send: Send, body: Body) -> Send:
    """`send`, with the body's id in the refusal of a body, and the validator's report taken out.

    A request that the library accepted as a notification, for its id, is refused instead.
    """
    held: list[Message] = []

    async def send_plain(message: Message) -> None:
        if message["type"] == "http.response.start" and (
            message["status"] == BAD_REQUEST
            or (message["status"] == ACCEPTED and body.has_wrong_id)
        ):
            held.append(message)
            return
        if not held:
            await send(message)
            return
        held.append(message)
        if not message.get("more_body", False):
            for each in _replaced(held, body):
                await send(each)
            held.clear()

    return send_plain


def _replaced(held: list[Message], body: Body) -> list[Message]:
    text = b"".join(message.get("body", b"") for message in held[1:])
    answer: dict[str, Any]
    if held[0]["status"] == ACCEPTED:
        answer = _error(INVALID_REQUEST, WRONG_ID)
    elif text == OLDER:
        answer = _error(PARSE_ERROR, INSTEAD)
    else:
        try:
            answer = json.loads(text)
            report = answer["error"]["message"].startswith(REPORT)
        except (ValueError, TypeError, KeyError, AttributeError):
            return held
        if report:
            answer["error"]["message"] = INSTEAD
    if answer.get("id") is None:
        answer["id"] = body.request_id
    text = json.dumps(answer).encode()
    headers = [
        (name, value)
        for name, value in held[0]["headers"]
        if name not in (b"content-length", b"content-type")
    ]
    headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", str(len(text)).encode()))
    start = {**held[0], "status": BAD_REQUEST, "headers": headers}
    return [start, {"type": "http.response.body", "body": text}]


def _error(code: int, text: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": text}}
