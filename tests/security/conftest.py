"""A server with an in-memory client that synchronous tests can call: for many small examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import start_blocking_portal
from mcp import Client
from support import KNOWN

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.hypernetwork.embedding import Embedder
from hypernet.runtime import Runtime
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anyio.from_thread import BlockingPortal


def echo_runtime(options: object, progress: object) -> Runtime:
    source = EchoSource(known=(KNOWN,))
    return Runtime(
        EchoEngine(), AdapterCache(source), {"engine": "echo"}, Embedder("echo", echo_embeddings)
    )


class Door:
    """Calls a server's methods from a synchronous test."""

    def __init__(self, app: Application, client: Client, portal: BlockingPortal) -> None:
        self.app, self._client, self._portal = app, client, portal

    def do(self, method: str, *arguments: Any) -> Any:
        """A method of the client by its name."""
        return self._portal.call(getattr(self._client, method), *arguments)

    def tool(self, name: str, **arguments: Any) -> dict[str, Any]:
        result = self.do("call_tool", name, arguments)
        assert not result.is_error, result.content
        content: dict[str, Any] = result.structured_content
        return content

    def refused(self, name: str, **arguments: Any) -> str:
        result = self.do("call_tool", name, arguments)
        assert result.is_error, result.structured_content
        return str(result.content[0].text)


@pytest.fixture
def open_door(tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Servers over databases of their own; `load` as in Application, the rest are settings."""
    with start_blocking_portal() as portal:
        opened: list[Any] = []

        def make(load: Any = echo_runtime, era: str = "auto", **settings: Any) -> Door:
            database = tmp_path / f"door{len(opened)}" / "memory.db"
            app = Application(Settings(database=database, engine="echo", **settings), load)
            client = Client(build_server(app), mode=era)
            entered = portal.wrap_async_context_manager(client)
            entered.__enter__()
            opened.append((entered, app))
            return Door(app, client, portal)

        yield make
        for entered, app in reversed(opened):
            entered.__exit__(None, None, None)
            app.close()
