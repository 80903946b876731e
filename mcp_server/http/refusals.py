"""Refusals of requests: our own, and the protocol library's without its validator's report.

The library puts that report into the answer to a body that is no JSON-RPC message: the models it
tried, links to their documentation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp.types import PARSE_ERROR
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Message, Send

    from mcp_server.http.bodies import Body

BAD_REQUEST = 400
REPORT = "Validation error: "
# All that the older transport says of such a body.
OLDER = b"Could not parse message"
INSTEAD = "Validation error: the body is not one JSON-RPC request, notification or response"


def refused(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal that says why."""
    return JSONResponse({"error": text}, status, headers)


def readable(send: Send, body: Body) -> Send:
    """`send`, with the body's id in the refusal of a body, and the validator's report taken out."""
    held: list[Message] = []

    async def send_plain(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == BAD_REQUEST:
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
    if text == OLDER:
        answer = {"jsonrpc": "2.0", "id": None, "error": {"code": PARSE_ERROR, "message": INSTEAD}}
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
    return [{**held[0], "headers": headers}, {"type": "http.response.body", "body": text}]
