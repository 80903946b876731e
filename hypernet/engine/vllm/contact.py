"""Staying in touch with a server: whether it is still the same, and what it has of our adapters."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from cachetools import TTLCache

from hypernet.engine.interface import EngineError
from hypernet.engine.vllm.api import FailedError, RefusedError
from hypernet.engine.vllm.server import raise_remedied

if TYPE_CHECKING:
    from hypernet.engine.interface import Adapter
    from hypernet.engine.vllm.adapters import AdapterFolder
    from hypernet.engine.vllm.api import Api
    from hypernet.engine.vllm.server import Acquaintance, Server

QUIET_SECONDS = 5.0
"""Without an answer for so long, a server may be another process: none starts faster."""
COMPARED_SECONDS = 60.0
"""Then its base is compared again, if that was so long ago; before, what it names is enough."""
KEPT_SECONDS = 60.0
"""For how long an adapter's directory is taken to be there."""
ADAPTERS_KEPT = 4096


class Contact:
    """A server that was got to know; for the tasks of one event loop."""

    def __init__(
        self, api: Api, acquaintance: Acquaintance, server: Server, folder: AdapterFolder
    ) -> None:
        self._api, self._acquaintance, self._server = api, acquaintance, server
        self._folder = folder if server.activated else folder.without_activation()
        self._answered = self._compared = time.monotonic()
        self._kept: TTLCache[str, str] = TTLCache(ADAPTERS_KEPT, KEPT_SECONDS)
        self._lock = anyio.Lock()

    def answered(self) -> None:
        """The server has just answered a request."""
        self._answered = time.monotonic()

    def lost(self) -> None:
        """It was away, or answered what it never does: whoever answers next is a stranger."""
        self._answered = self._compared = float("-inf")

    async def know(self) -> bool:
        """See whether a server that was away or quiet is the same; whether it was compared anew.

        Raises:
            ServerError: it cannot be reached.
            EngineError: it serves another base now.
        """
        async with self._lock:
            now = time.monotonic()
            if now - self._answered < QUIET_SECONDS:
                return False
            compare = now - self._compared >= COMPARED_SECONDS
            if compare or not await self._acquaintance.names_the_same(self._server):
                await self._acquaintance.know_again(self._server)
                self._compared, compare = time.monotonic(), True
            self._answered = time.monotonic()
            return compare

    async def name_of(self, adapter: Adapter) -> str:
        """The server's name of an adapter, whose directory is there now; the base's if it is empty.

        Raises:
            EngineError: it cannot be written.
        """
        name = self._kept.get(adapter.digest)
        if name is None:
            if adapter.peft_config():
                keep = self._folder.keep
                name = await anyio.to_thread.run_sync(keep, adapter, abandon_on_cancel=True)
            else:
                name = self._server.model
            self._kept[adapter.digest] = name
        return name

    async def tell(self, adapter: Adapter) -> str:
        """Tell the server of an adapter that it does not know; its name.

        Raises:
            EngineError: it does not take it; says what helps.
        """
        self._kept.pop(adapter.digest, None)  # another process may have made room meanwhile
        name = await self.name_of(adapter)
        try:
            await self._api.load(name, self._folder.path_of(name))
        except (RefusedError, FailedError) as error:
            if "alora" not in str(error).casefold():
                raise_remedied(error, adapter, self._folder)
            raise EngineError(
                f"{error}: it was started again without the plugin hypernet-mcp-vllm; start it "
                "with the plugin, or start hypernet-mcp again"
            ) from error
        return name
