"""Refusals of a body, without what the validator said of it.

The protocol library puts its validator's whole report into the answer to a body that is no JSON-RPC
message: the models it tried, links to their documentation. Knows nothing of what a message holds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Send

BAD_REQUEST = 400
REPORT = "Validation error: "
TOLD = "Validation error: the body is not one JSON-RPC request, notification or response"


def plain(send: Send) -> Send:
    """`send`, with the validator's report taken out of a refusal."""
    held: list[Message] = []

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == BAD_REQUEST:
            held.append(message)
            return
        if not held:
            await send(message)
            return
        held.append(message)
        if not message.get("more_body", False):
            for each in _without_report(held):
                await send(each)
            held.clear()

    return told


def _without_report(held: list[Message]) -> list[Message]:
    body = b"".join(message.get("body", b"") for message in held[1:])
    try:
        answer = json.loads(body)
        report = answer["error"]["message"].startswith(REPORT)
    except (ValueError, TypeError, KeyError, AttributeError):
        return held
    if not report:
        return held
    answer["error"]["message"] = TOLD
    body = json.dumps(answer).encode()
    headers = [(name, value) for name, value in held[0]["headers"] if name != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    return [{**held[0], "headers": headers}, {"type": "http.response.body", "body": body}]
