"""OpenAI's own Python client, connected to a served application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from openai import AsyncOpenAI
from serving import listening

from hypernet.engine.echo import EchoEngine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hypernet.engine.interface import Request, Ticket
    from mcp_server.app.application import Application
    from mcp_server.http.tokens import Tokens

SCHEMA = {
    "type": "object",
    "properties": {"year": {"type": "integer"}},
    "required": ["year"],
    "additionalProperties": False,
}
TASK = {"role": "system", "content": "Repeat what is said."}


class Noting(EchoEngine):
    """Keeps what it was asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked: list[Request] = []

    def submit(self, request: Request) -> Ticket:
        self.asked.append(request)
        return super().submit(request)


class Writing(Noting):
    """Says the same under any schema."""

    ANSWER = '{"year": 2026}'

    def check_schema(self, schema: Any) -> None:
        pass

    def _chosen(self, request: Request) -> list[str]:
        schema = request.output_schema
        return super()._chosen(request) if schema is None else self.ANSWER.split()


def said(*texts: str) -> list[Any]:
    """Messages of a user and answers, in turn."""
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


@asynccontextmanager
async def client_of(
    app: Application, tokens: Tokens | None = None, token: str | None = None
) -> AsyncIterator[AsyncOpenAI]:
    """A client that does not try again; without a token it sends one that is none."""
    async with (
        listening(app, tokens) as address,
        AsyncOpenAI(base_url=f"{address}/v1", api_key=token or "none", max_retries=0) as client,
    ):
        yield client
