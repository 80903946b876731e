"""One request on its way: its prompt as token ids, and the answer as it grows."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypernet.engine.interface import OUTPUT, EngineError, Generation, TokenCounts
from hypernet.engine.vllm.api import GarbledError, GoneError, ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypernet.engine.interface import Request, StopReason, Ticket
    from hypernet.engine.vllm.wire import Choice, Completion


ROUNDING = 0.01
"""What rounding may leave above 0 of a log-probability."""
MOST_EMPTY = 16
"""Pieces without a token that an answer may have."""


@dataclass(eq=False)
class Answer:
    """A ticket's answer. What was given to its reader is never taken back."""

    ticket: Ticket
    before_ids: list[int]
    """History and prefix."""
    step_ids: list[int]
    """The input, and what opens the answer."""
    text: str = ""
    stop_reason: StopReason | None = None
    confidence: Mapping[str, float] | None = None
    reused: int = 0
    ids: list[int] = field(default_factory=list)
    """Tokens written, without the end mark."""
    _emitted: str = ""
    _emitted_ids: list[int] = field(default_factory=list)
    _logprobs: list[float] = field(default_factory=list)
    _pieces: int = 0
    _began: float = field(default_factory=time.perf_counter)
    _first: float | None = None

    @property
    def request(self) -> Request:
        """What was asked."""
        return self.ticket.request

    @property
    def prompt_ids(self) -> list[int]:
        """All that the model reads."""
        return [*self.before_ids, *self.step_ids]

    def begin(self) -> None:
        """Begin, or begin again: the server broke off, and the same answer is asked for anew."""
        if len(self.text) == len(self._emitted):
            self._emitted_ids = self.ids
        self.text, self.stop_reason, self._first = "", None, None
        self.ids, self._logprobs, self._began = [], [], time.perf_counter()
        self._pieces = 0

    def take(self, piece: Completion) -> None:
        """Take the next piece of the answer, and give on what is new of it.

        Raises:
            ServerError: an answer that was begun anew goes on otherwise than what was given on, or
                this is no piece of the answer asked for.
            EngineError: a probability is not finite.
        """
        self._pieces += 1
        if self._pieces > self.request.max_tokens + MOST_EMPTY:
            raise self._too_long()
        if piece.usage is not None:
            self.reused = min(piece.usage.cached, len(self.before_ids))
        for choice in piece.choices:
            self._take(choice)

    def choose(self, label: str, shares: Mapping[str, float]) -> None:
        """End with one of the labels."""
        self.text, self.confidence, self.stop_reason = label, shares, "label"
        self._emit()

    def rate(self, confidence: float | None) -> None:
        """Replace the confidence; None takes it away."""
        self.confidence = None if confidence is None else {OUTPUT: confidence}
        self._logprobs = []

    def give_up(self) -> None:
        """End with what there is: nobody waits, or the time is over."""
        if len(self.text) < len(self._emitted):  # begun anew, and not as far as before
            self.text, self.ids, self._logprobs = self._emitted, self._emitted_ids, []
        self.stop_reason = "cancelled" if self.ticket.cancelled.is_set() else "time"

    def generation(self) -> Generation:
        """The result."""
        now = time.perf_counter()
        first = now if self._first is None else self._first
        confidence = self.confidence
        if confidence is None and self._logprobs:
            confidence = {OUTPUT: math.exp(sum(self._logprobs) / len(self._logprobs))}
        return Generation(
            text=self.text,
            stop_reason=self.stop_reason or "cancelled",
            tokens=TokenCounts(
                len(self.before_ids), self.reused, len(self.step_ids), len(self.ids)
            ),
            prefill_ms=1000 * (first - self._began),
            decode_ms=1000 * (now - first),
            confidence=confidence,
        )

    def _take(self, choice: Choice) -> None:
        self._check(choice)
        if self._first is None:
            self._first = time.perf_counter()
        self.text += choice.text
        # The end mark is a token too, but none of the answer's.
        ended = choice.finish_reason == "stop" and not isinstance(choice.stop_reason, str)
        self.ids += (choice.token_ids or ())[: -1 if ended else None]
        for logprob in () if choice.logprobs is None else choice.logprobs.token_logprobs:
            # None is how vLLM's JSON has what is no number.
            if logprob is None or not math.isfinite(logprob) or logprob > ROUNDING:
                raise EngineError("output: the logits are not finite; an adapter's values overflow")
            self._logprobs.append(logprob)
        if choice.finish_reason is not None:
            self.stop_reason = _reason(choice)
        self._emit()

    def _check(self, choice: Choice) -> None:
        if choice.index != 0:
            raise GarbledError("engine vllm: the server sent another answer than the one asked for")
        if self.stop_reason is not None:
            raise GarbledError("engine vllm: the server's answer goes on behind its end")
        if len(self.ids) + len(choice.token_ids or ()) > self.request.max_tokens:
            raise self._too_long()

    def _too_long(self) -> GarbledError:
        most = self.request.max_tokens
        return GarbledError(
            f"engine vllm: the server's answer has more than {most} tokens, its max_tokens"
        )

    def _emit(self) -> None:
        known = min(len(self.text), len(self._emitted))
        whole = self.stop_reason is not None
        if self.text[:known] != self._emitted[:known] or (whole and known < len(self._emitted)):
            raise ServerError(
                "engine vllm: the server broke off in the middle of an answer, and now begins "
                "another one; run the step again"
            )
        if len(self.text) > known:
            self.ticket.emit(self.text[known:])
            self._emitted = self.text


def _reason(choice: Choice) -> StopReason:
    if choice.finish_reason == "length":
        return "length"
    if choice.finish_reason == "stop":
        return "stop" if isinstance(choice.stop_reason, str) else "end"
    said = f"engine vllm: the server ended an answer by {choice.finish_reason!r:.50}"
    if choice.finish_reason in ("abort", "error"):
        raise GoneError(f"{said}, as when it is shut down; run the step again once it is up")
    raise GarbledError(said)
