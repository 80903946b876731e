"""Refusals of requests: our own, and the protocol library's without its validator's report.

The library puts that report into the answer to a body that is no JSON-RPC message: the models it
tried, links to their documentation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Message, Send

BAD_REQUEST = 400
REPORT = "Validation error: "
INSTEAD = "Validation error: the body is not one JSON-RPC request, notification or response"


def refused(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal that says why."""
    return JSONResponse({"error": text}, status, headers)


def without_report(send: Send) -> Send:
    """`send`, with the validator's report taken out of a refusal."""
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
            for each in _replaced(held):
                await send(each)
            held.clear()

    return send_plain


def _replaced(held: list[Message]) -> list[Message]:
    body = b"".join(message.get("body", b"") for message in held[1:])
    try:
        answer = json.loads(body)
        report = answer["error"]["message"].startswith(REPORT)
    except (ValueError, TypeError, KeyError, AttributeError):
        return held
    if not report:
        return held
    answer["error"]["message"] = INSTEAD
    body = json.dumps(answer).encode()
    headers = [(name, value) for name, value in held[0]["headers"] if name != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    return [{**held[0], "headers": headers}, {"type": "http.response.body", "body": body}]
