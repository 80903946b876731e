"""Texts that were stored without a vector get one, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from checkpoints import MemoryFault
from mcp_server.app.embedding import as_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkpoints import Store
    from hypernet.hypernetwork.embedding import Embedder

LOG = logging.getLogger(__name__)
# About half a second of the encoder on two cores: the wait until a cancelled call ends.
BATCH = 64


class Backlog:
    """Gives vectors to texts that were stored without, on a thread of its own.

    Those are the texts that came while the model loaded, or that another encoder read.
    """

    def __init__(
        self, embedder: Callable[[], Embedder | None], store: Callable[[], Store | None]
    ) -> None:
        """Both give None until there is one."""
        self._embedder, self._store = embedder, store
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = self._closed = False

    def start(self) -> None:
        """Begin, once model and store are there; while it runs, go round once more."""
        with self._lock:
            self._wanted = True
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=self._run, name="hypernet-backlog", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """Stop after the present batch."""
        with self._lock:
            self._closed, thread = True, self._thread
        if thread is not None:
            thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._closed or not self._wanted:
                    self._thread = None
                    return
                self._wanted = False
            embedder, store = self._embedder(), self._store()
            if embedder is None or store is None:
                continue
            try:
                self._fill(store, embedder)
            except MemoryFault as fault:  # raised again to whoever uses the store next
                LOG.warning("vectors: %s", fault)

    def _fill(self, store: Store, embedder: Embedder) -> None:
        last = 0
        while not self._closed and (
            batch := store.maintenance.without_vectors(embedder.name, BATCH, last)
        ):
            read = embedder.embed([text for _, text in batch])
            store.maintenance.add_vectors(
                [
                    (text_id, text, as_stored(embedder, embedding))
                    for (text_id, text), embedding in zip(batch, read, strict=True)
                ]
            )
            last = batch[-1][0]
