"""Loading the model side in the background."""

from __future__ import annotations

import pytest

from hypernet.runtime import RuntimeOptions
from mcp_server.app.loader import Loader
from mcp_server.app.progress import CallProgress

pytestmark = pytest.mark.anyio


async def test_what_waits_for_the_model_is_begun_before_any_call_gets_it():
    seen: list[tuple[str, bool]] = []

    def loaded() -> None:
        seen.append((loader.state, loader.runtime is not None))

    async def send(done: float, total: float, message: str) -> None:
        pass

    loader = Loader(RuntimeOptions(engine="echo"), loaded=loaded)
    await loader.ready(CallProgress(send, "loading"))
    try:
        assert seen == [("loading", True)]
        assert loader.state == "ready"
    finally:
        loader.close()
