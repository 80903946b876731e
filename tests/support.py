"""What several test folders share: a caller of tools over an in-memory client."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mcp import Client

from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from mcp_server.app.application import Application

KNOWN = "Classify the mood of the text."


def ten_orders(labels: Sequence[str]) -> list[list[str]]:
    """Ten different orders of at least four labels, always the same ones."""
    rng = random.Random(0)  # noqa: S311  # sampling, not secrets
    orders: dict[tuple[str, ...], None] = {}
    while len(orders) < 10:
        orders[tuple(rng.sample(labels, len(labels)))] = None
    return [list(order) for order in orders]


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
async def connected(app: Application, era: str = "auto", **options: Any) -> AsyncIterator[Caller]:
    """A client of the application's server, with the SDK's own options."""
    async with Client(build_server(app), mode=era, **options) as client:
        yield Caller(client)
