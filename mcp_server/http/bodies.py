"""A request's body: read within a time, mended as lines on standard input are, kept for its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from mcp_server.schema.frames import LOOKED_THROUGH, has_wrong_id, mended_body, request_id

if TYPE_CHECKING:
    from starlette.types import Message, Receive


class Body:
    """The messages of a request, the body's within a time; what follows may take its own.

    A body within the limit is passed on whole and mended. What is over it is not held here: it is
    passed on as it came, for whoever refuses it.
    """

    def __init__(self, receive: Receive, seconds: float, most: int) -> None:
        self._receive, self._until = receive, anyio.current_time() + seconds
        self._most = most
        self._whole = False
        self._beginning = b""
        self.late = False

    @property
    def request_id(self) -> str | int | None:
        """The id in the body, as far as it can be made out."""
        return request_id(self._beginning.decode(errors="replace"))

    @property
    def has_wrong_id(self) -> bool:
        """Whether it is a request under an id that makes the protocol layer take it for none."""
        return has_wrong_id(self._beginning.decode(errors="replace"))

    async def receive(self) -> Message:
        """The next message; that the client left, for a body that is late."""
        if self._whole:
            return await self._receive()
        parts, size = [], 0
        with anyio.move_on_after(self._until - anyio.current_time()):
            while not self._whole and size <= self._most:
                message = await self._receive()
                if message["type"] != "http.request":
                    return message
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                self._whole = not message.get("more_body", False)
            return self._passed_on(b"".join(parts))
        self.late = True
        return {"type": "http.disconnect"}

    def _passed_on(self, body: bytes) -> Message:
        if len(body) <= self._most:
            body = mended_body(body)
            self._beginning = body[:LOOKED_THROUGH]
        return {"type": "http.request", "body": body, "more_body": not self._whole}
