"""Texts that were stored before they could be found get there, on a thread of its own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from checkpoints import MemoryFault
from hypernet.background import Background
from mcp_server.app.embedding import as_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from checkpoints import Store
    from hypernet.hypernetwork.embedding import Embedder

LOG = logging.getLogger(__name__)
# About half a second of the encoder on two cores: the wait until a cancelled call ends.
BATCH = 64
# Between transactions of the index: long enough for calls that wait for the database.
PAUSE_S = 0.02


class Backlog:
    """Makes up for what texts were stored without, on a thread of its own.

    Vectors, where they came while the model loaded or another encoder read them; and their place
    in the index of characters, where they were stored before there was one.
    """

    def __init__(
        self, embedder: Callable[[], Embedder | None], store: Callable[[], Store | None]
    ) -> None:
        """Both give None until there is one."""
        self._embedder, self._store = embedder, store
        self._background = Background("hypernet-backlog", self._round)

    def start(self) -> None:
        """Begin, once model and store are there; while it runs, go round once more."""
        self._background.start()

    def close(self) -> None:
        """Stop after the present batch."""
        self._background.close()

    def _round(self) -> None:
        embedder, store = self._embedder(), self._store()
        if store is None:
            return
        try:
            closing = self._background.closing
            while store.maintenance.fill_characters() and not closing.wait(PAUSE_S):
                pass
            if embedder is not None:
                self._fill(store, embedder)
        except MemoryFault as fault:  # raised again to whoever uses the store next
            LOG.warning("backlog: %s", fault)

    def _fill(self, store: Store, embedder: Embedder) -> None:
        last = 0
        while not self._background.closing.is_set() and (
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
