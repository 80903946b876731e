"""One call's progress: a single count over all its stages, which only ever increases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Stage = Literal["loading", "refining", "learning", "reading", "storing", "generating"]


async def unheard(text: str) -> None:
    """Nobody waits for the answer's text before it is whole."""


def waits() -> bool:
    """The caller waits for the result."""
    return False


class CallProgress:
    """Reports to whoever waits for a call how far it is: each of its stages counts 1."""

    def __init__(
        self,
        send: Callable[[float, float, str], Awaitable[None]],
        *stages: Stage,
        wrote: Callable[[str], Awaitable[None]] = unheard,
        lasts: Callable[[], bool] = waits,
    ) -> None:
        """`send` takes what is done, what there is in all, and a message. `stages` in order.

        `wrote` takes the answer's text, piece by piece as it comes. `lasts` is called when a part
        begins that may take long: it tells whether the caller asks for the result later.
        """
        self._send, self._stages, self.wrote, self.lasts = send, stages, wrote, lasts
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
