"""What an engine is: the protocol and its messages. Imports neither torch nor a model.

A request's text has three parts: the earlier turns of a conversation, if there are any, the prefix
and the input. An adapter is active on everything generated and from where it says on: the input's
first token, or the markup that opens the answer (PEFT's `alora_invocation_tokens`). What acts on
what comes before is in `Capabilities`.
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

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from hypernet.copying import Copy
    from hypernet.task import Turn

StopReason = Literal["end", "length", "stop", "label", "cancelled", "time"]
OUTPUT = "output"


class EngineError(Exception):
    """A request that the engine refuses; the message names the field and the limit."""


class PromptTooLongError(EngineError):
    """Prefix, input and answer do not fit the model's window together."""


class QueueFullError(EngineError):
    """More requests wait than the engine lets wait."""


class EngineClosedError(EngineError):
    """The engine is shutting down or its model thread has died."""


class Adapter(Protocol):
    """A LoRA adapter, whatever wrote it and however it is kept."""

    @property
    def digest(self) -> str:
        """Identity."""

    @property
    def rank(self) -> int:
        """LoRA rank."""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""

    def peft_config(self) -> dict[str, Any]:
        """What PEFT's `adapter_config.json` holds; empty for an adapter without weights."""

    def peft_tensors(self) -> dict[str, torch.Tensor]:
        """What PEFT's `adapter_model.safetensors` holds, by PEFT's names.

        `….lora_A.weight` is [r, inputs], `….lora_B.weight` [outputs, r]; empty for an adapter
        without weights.
        """


@dataclass(frozen=True)
class Request:
    """One model call."""

    input: str
    prefix: str = ""
    adapter: Adapter | None = None
    max_tokens: int = 128
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """The answers to choose from, in an order that has no effect on the choice.

    Models read them as `as_read` in `hypernet/task.py` has it; the answer is one as given here.
    """
    output_schema: Mapping[str, Any] | None = None
    """A JSON schema that the answer keeps to."""
    copy: Copy | None = None
    """What the answer is a span of."""
    session: str = ""
    """Who asks: of those in the queue, the session with the fewest requests running is next."""
    max_seconds: float | None = None
    """From submission on; what there is by then is the answer."""
    history: tuple[Turn, ...] = ()
    """Turns before the prefix, the oldest first. What was read of them serves every prefix."""
    again: bool = False
    """Whether the same input comes again soon behind the same prefix, under other adapters: then
    what the base reads of it may be kept. It has no effect on the answer but its last bits."""


@dataclass(frozen=True)
class TokenCounts:
    """Tokens of one model call.

    `prefix` counts the history too; `prefix_reused` of these came from a cache.
    """

    prefix: int
    prefix_reused: int
    prompt: int
    generated: int


@dataclass(frozen=True, eq=False)
class Generation:
    """What a model call gave."""

    text: str
    stop_reason: StopReason
    tokens: TokenCounts
    prefill_ms: float
    decode_ms: float
    confidence: Mapping[str, float] | None = None
    """With labels: each one's probability among them, summing to 1, in the request's order. Else
    under `OUTPUT` the geometric mean of the probabilities of the tokens written, the end too."""
    state_D: NDArray[np.float32] | None = None
    """With labels, where the engine gives it (`Capabilities.states`): what the last layer left at
    the token before the answer, under the adapter."""


@dataclass(frozen=True)
class Limits:
    """What the engine can take."""

    window: int
    """Tokens of prefix, input and answer together."""
    rows: int
    """Requests that run at once."""
    slots: int
    """Adapters kept in place at once."""
    queue: int = 256
    """Requests that may wait."""


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do that not every engine can."""

    prefix_without_adapter: bool
    """The base alone reads the prefix, so its KV serves every adapter, and a task's text may be in
    the prompt beside the adapter, as in training. Elsewhere `hybrid` is not to be had."""
    copy: bool = False
    """An answer can be held to be a span of a text."""
    schema: bool = True
    """There are schemas that answers can be held to; `check_schema` says which are not."""
    history: bool = False
    """A request may bring earlier turns, and `measure` counts them."""
    states: bool = False
    """With labels, a generation holds the state in which the model chose among them."""


@dataclass(eq=False)
class Ticket:
    """A submitted request: its text as it comes, its result, and the way to give it up.

    Filled by the engine's thread, read by one other.
    """

    request: Request
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: bool = False
    """Whether the reader has been given all of the text."""
    trouble: str = ""
    """What the engine waits for before it tries again, for who does not wait so long."""
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

    @property
    def done(self) -> bool:
        """Whether there is a result, or an error, without waiting for it."""
        return self._result.done()

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


def confidence_of(
    text: str, found: Mapping[str, float] | None
) -> tuple[float | None, dict[str, float] | None]:
    """How sure a model is of an output, and the labels' shares where it chose among labels.

    Args:
        text: the output.
        found: as `Generation.confidence`.
    """
    if not found:
        return None, None
    if list(found) == [OUTPUT]:  # labels are two or more
        return found[OUTPUT], None
    return found.get(text), dict(found)


class Engine(Protocol):
    """Runs the frozen base under any mix of adapters. All methods are safe from any thread."""

    @property
    def limits(self) -> Limits:
        """What the engine can take."""

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do that not every engine can."""

    @property
    def busy(self) -> tuple[int, int]:
        """Requests in the queue, and requests running, at this moment."""

    def count(self, text: str) -> int:
        """Tokens of a text, by the model's own tokenizer."""

    def measure(
        self,
        prefix: str,
        input: str,  # noqa: A002  # the wire's own word
        history: Sequence[Turn] = (),
    ) -> tuple[int, int]:
        """Tokens that prefix and input take in the prompt, chat markup included.

        The prefix's are those of the history too; it is only given to an engine that takes it.
        """

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse a schema that answers cannot be kept to.

        Raises:
            EngineError: says why.
        """

    def submit(self, request: Request) -> Ticket:
        """Queue a request.

        Raises:
            PromptTooLongError, QueueFullError, EngineClosedError: nothing was queued.
        """

    def close(self) -> None:
        """Cancel what runs and stop the engine's thread. Safe to call twice."""
