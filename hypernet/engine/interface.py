"""What an engine is: the protocol and its messages. Imports neither torch nor a model.

A request's text has two parts. The prefix is read by the base alone, so its KV serves every
adapter; the adapter is active from the input's first token on, and on everything generated.
"""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_LABELS = 64

StopReason = Literal["end", "length", "stop", "label", "cancelled", "time"]


class EngineError(Exception):
    """A request that the engine refuses; the message names the field and the limit."""


class PromptTooLongError(EngineError):
    """Prefix, input and answer do not fit the model's window together."""


class QueueFullError(EngineError):
    """More requests wait than the engine lets wait."""


class EngineClosedError(EngineError):
    """The engine is shutting down or its model thread has died."""


class AdapterLike(Protocol):
    """What every adapter can say of itself, with or without tensors."""

    @property
    def digest(self) -> str:
        """Identity."""
        ...

    @property
    def rank(self) -> int:
        """LoRA rank."""
        ...

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        ...


@dataclass(frozen=True)
class Request:
    """One model call."""

    input: str
    prefix: str = ""
    adapter: AdapterLike | None = None
    max_tokens: int = 128
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    output_schema: Mapping[str, Any] | None = None
    """A JSON schema that the answer keeps to."""
    session: str = ""
    """Who asks: while requests wait, the session with the fewest rows is served first."""
    max_seconds: float | None = None
    """From submission on; what there is by then is the answer."""


@dataclass(frozen=True)
class TokenCounts:
    """Tokens of one model call. `prefix_reused` of the `prefix` tokens came from a cache."""

    prefix: int
    prefix_reused: int
    prompt: int
    generated: int


@dataclass(frozen=True)
class Generation:
    """What a model call gave."""

    text: str
    stop_reason: StopReason
    tokens: TokenCounts
    prefill_ms: float
    decode_ms: float
    confidence: Mapping[str, float] | None = None
    """With labels: each one's probability among them, summing to 1."""


@dataclass(frozen=True)
class Limits:
    """What the engine can take."""

    window: int
    rows: int
    slots: int
    queue: int = 256


@dataclass(eq=False)
class Ticket:
    """A submitted request: its text as it comes, its result, and the way to give it up.

    Filled by the engine's thread, read by one other.
    """

    request: Request
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: bool = False
    """Whether the reader has been given all of the text."""
    _submitted: float = field(default_factory=time.monotonic)
    _pieces: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    _result: Future[Generation] = field(default_factory=Future)

    def __iter__(self) -> Iterator[str]:
        """Pieces of text until the request ends."""
        while (piece := self._pieces.get()) is not None:
            yield piece

    def some(self) -> list[str]:
        """Wait for text: all pieces that are there then, none at the very end.

        With the last ones, or after them, `ended` is true.
        """
        pieces: list[str] = []
        while not self.ended and (not pieces or not self._pieces.empty()):
            piece = self._pieces.get()
            if piece is None:
                self.ended = True
            else:
                pieces.append(piece)
        return pieces

    def result(self) -> Generation:
        """Wait for the end.

        Raises:
            EngineError: the engine refused or failed the request.
        """
        return self._result.result()

    def cancel(self) -> None:
        """Stop at the next token; the result then holds what there is."""
        self.cancelled.set()

    @property
    def late(self) -> bool:
        """Whether the request's time is over."""
        seconds = self.request.max_seconds
        return seconds is not None and time.monotonic() - self._submitted > seconds

    def emit(self, piece: str) -> None:
        """For engines: pass on text."""
        self._pieces.put(piece)

    def finish(self, generation: Generation) -> None:
        """For engines: the request is done."""
        self._result.set_result(generation)
        self._pieces.put(None)

    def fail(self, error: Exception) -> None:
        """For engines: the request cannot be done."""
        self._result.set_exception(error)
        self._pieces.put(None)


class Engine(Protocol):
    """Runs the frozen base under any mix of adapters. All methods are safe from any thread."""

    @property
    def limits(self) -> Limits:
        """What the engine can take."""
        ...

    @property
    def busy(self) -> tuple[int, int]:
        """Requests that wait, and rows in use, at this moment."""
        ...

    def count(self, text: str) -> int:
        """Tokens of a text, by the model's own tokenizer."""
        ...

    def measure(self, prefix: str, input: str) -> tuple[int, int]:  # noqa: A002  # the wire's own word
        """Tokens that prefix and input take in the prompt, chat markup included."""
        ...

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse a schema that answers cannot be kept to.

        Raises:
            EngineError: says why.
        """
        ...

    def submit(self, request: Request) -> Ticket:
        """Queue a request.

        Raises:
            PromptTooLongError, QueueFullError, EngineClosedError: nothing was queued.
        """
        ...

    def close(self) -> None:
        """Cancel what runs and stop the engine's thread. Safe to call twice."""
        ...


def check_fits(limits: Limits, prefix: int, prompt: int, max_tokens: int) -> None:
    """Refuse what does not fit the window.

    Raises:
        PromptTooLongError: says by how much, and of what.
    """
    total = prefix + prompt + max_tokens
    if total > limits.window:
        raise PromptTooLongError(
            f"input: {prefix + prompt} prompt tokens and max_tokens {max_tokens} make {total}, "
            f"the model's window is {limits.window}; shorten the input or store it with `remember`"
        )


def check_labels(labels: Sequence[str]) -> None:
    """Refuse a label list that cannot be chosen from; an empty one means no labels.

    Raises:
        EngineError: one label, too many, an empty one, or the same one twice.
    """
    if not labels:
        return
    if not 2 <= len(labels) <= MOST_LABELS:
        raise EngineError(f"labels: {len(labels)} given, allowed are 2 to {MOST_LABELS} (or none)")
    if any(not label.strip() for label in labels):
        raise EngineError("labels: an empty label cannot be chosen")
    if len({label.strip() for label in labels}) < len(labels):
        raise EngineError("labels: the same label stands there twice")
