"""A real server over an in-memory client, with a real store and the torch-free engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support import KNOWN

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.hypernetwork.embedding import Embedder
from hypernet.runtime import Runtime
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    """Both protocol eras: the stateless one and the one with a handshake."""
    return str(request.param)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "memory.db"


@pytest.fixture
def make_app(database: Path) -> Iterator[Callable[..., Application]]:
    """Applications over one database; `engine` may be an EchoEngine with a hook."""
    made: list[Application] = []

    def make(engine: EchoEngine | None = None, load: Any = None, **settings: Any) -> Application:
        def echo(options: object, progress: object) -> Runtime:
            return Runtime(
                engine or EchoEngine(),
                AdapterCache(EchoSource(known=(KNOWN,))),
                {"engine": "echo"},
                Embedder("echo", echo_embeddings),
            )

        chosen = {"database": database, "engine": "echo", **settings}
        app = Application(Settings(**chosen), load or echo)
        made.append(app)
        return app

    yield make
    for app in made:
        app.close()
