"""One call's progress: a single count over all its stages, which only ever increases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Stage = Literal["loading", "refining", "reading", "storing", "generating"]


async def unheard(text: str) -> None:
    """Nobody waits for the answer's text before it is whole."""


class CallProgress:
    """Reports to whoever waits for a call how far it is: each of its stages counts 1."""

    def __init__(
        self,
        send: Callable[[float, float, str], Awaitable[None]],
        *stages: Stage,
        wrote: Callable[[str], Awaitable[None]] = unheard,
    ) -> None:
        """`send` takes what is done, what there is in all, and a message. `stages` in order.

        `wrote` takes the answer's text, piece by piece as it comes.
        """
        self._send, self._stages, self.wrote = send, stages, wrote
        self._last = -1.0
        self.doing = "waiting for its turn"
        """The last message."""

    async def report(self, stage: Stage, fraction: float, message: str) -> None:
        """Send how much of a stage is done, from 0 to 1, unless as much was sent before."""
        self.doing = message
        done = self._stages.index(stage) + fraction
        if done > self._last:
            self._last = done
            await self._send(done, float(len(self._stages)), message)
