"""Loading the model side in the background, and waiting for it with progress.

The thread starts when the server does, so that the handshake never waits.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Literal

import anyio

from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.sources import ModelNotFoundError
from hypernet.engine.interface import EngineError
from hypernet.hypernetwork.card import BadHypernetworkError
from hypernet.model_files import BrokenModelError, short
from hypernet.runtime import Runtime, RuntimeOptions, load_runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.progress import CallProgress
    from mcp_server.app.settings import Settings

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.05
# Errors whose text was written for the user; any other's may tell of the inside.
SHOWN_ERRORS = (
    ModelNotFoundError, UnsupportedModelError, BrokenModelError, BadHypernetworkError, EngineError,
)  # fmt: skip
UNFORESEEN = "an error that was not foreseen; the server's log has the details"


class LoadError(Exception):
    """The model side could not be loaded; the message says what to do."""


def options_of(settings: Settings) -> RuntimeOptions:
    """What the settings say of the model side."""
    key = settings.engine_key
    return RuntimeOptions(
        engine=settings.engine,
        base=settings.base,
        encoder=settings.encoder,
        hypernetwork=settings.hypernetwork,
        device=settings.device,
        rows=settings.rows,
        decode=settings.decode,
        cache=settings.cache,
        engine_url=settings.engine_url,
        engine_key=None if key is None else key.get_secret_value(),
        adapters=settings.adapters,
        adapters_mb=settings.adapters_mb,
        engine_adapters=settings.engine_adapters,
        engine_patience=settings.engine_patience,
    )


class Loader:
    """One runtime per process, loaded once, on a thread of its own."""

    def __init__(
        self,
        options: RuntimeOptions,
        load: Callable[..., Runtime] = load_runtime,
        loaded: Callable[[], None] = lambda: None,
    ) -> None:
        """`loaded` is called once there is a runtime, before any call gets it.

        It must not block or raise.
        """
        self._options, self._load, self._loaded = options, load, loaded
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.state: Literal["loading", "ready", "failed"] = "loading"
        self.progress, self.message = 0.0, "not started"
        self.runtime: Runtime | None = None

    def start(self) -> None:
        """Begin loading; later calls do nothing, except after a failure, when they try again."""
        with self._lock:
            running = self._thread is not None and self._thread.is_alive()
            if self.state == "ready" or (self.state == "loading" and running):
                return
            self.state, self.message = "loading", "starting"
            self._thread = threading.Thread(target=self._run, name="hypernet-loader", daemon=True)
            self._thread.start()

    async def ready(self, progress: CallProgress) -> Runtime:
        """Wait for the runtime, reporting what is waited for.

        Raises:
            LoadError: it could not be loaded.
        """
        self.start()
        reported = -1.0
        while self.state == "loading":
            if self.progress > reported:
                reported = self.progress
                percent = f"{100 * reported:.0f} %"
                message = f"still loading the model, {percent}: {self.message}"
                await progress.report("loading", reported, message)
            await anyio.sleep(POLL_SECONDS)
        if self.runtime is None:
            raise LoadError(f"the model could not be loaded: {self.message}")
        return self.runtime

    @property
    def identity(self) -> str | None:
        """What measurements hold for (`Runtime.identity`); None: nothing is loaded yet."""
        return None if self.runtime is None else self.runtime.identity

    def close(self) -> None:
        """Stop the engine, if there is one."""
        if self.runtime is not None:
            self.runtime.close()

    def _run(self) -> None:
        try:
            self.runtime = self._load(self._options, self._set_progress)
        except BaseException as error:  # whatever it was, callers get an error, not a long wait
            # Its text is of models and paths, never of users, so the log may have it.
            if isinstance(error, SHOWN_ERRORS):
                self.message = str(error)
                LOG.error("the model could not be loaded: %s", self.message)
            else:
                self.message = UNFORESEEN
                what = f"{type(error).__name__}: {short(error)}"
                LOG.error("the model could not be loaded: %s", what, exc_info=error)
            self.state = "failed"  # last: who waits for it reads the message next
        else:
            self._loaded()  # first: who waits for the model finds what waited for it under way
            self.state, self.progress, self.message = "ready", 1.0, "ready"

    def _set_progress(self, fraction: float, message: str) -> None:
        self.progress, self.message = max(self.progress, fraction), message
