"""What several test folders share: a caller of tools over an in-memory client."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mcp import Client

from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp_server.app.application import Application

KNOWN = "Classify the mood of the text."


class Caller:
    """Calls tools and gives back their structured result, or their error text."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return result.structured_content

    async def refused(self, tool: str, **arguments: Any) -> str:
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        return "".join(block.text for block in result.content if block.type == "text")

    async def begin(self, task: str = KNOWN, **arguments: Any) -> str:
        return str((await self("set_task", task=task, **arguments))["session_id"])


@asynccontextmanager
async def connected(app: Application, era: str = "auto") -> AsyncIterator[Caller]:
    """A client of the application's server."""
    async with Client(build_server(app), mode=era) as client:
        yield Caller(client)
