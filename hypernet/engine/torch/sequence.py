"""One request from admission to its end: its sampling, its text as it grows, and when it stops.

Greedy at temperature 0; otherwise seeded per request, so that the same seed draws the same tokens
whatever else is in the batch. V is the vocabulary.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from hypernet.engine.interface import (
    OUTPUT,
    EngineError,
    Generation,
    StopReason,
    Ticket,
    TokenCounts,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray
    from torch import Tensor

    from hypernet.engine.torch.constrain import Constraint

NOTHING = TokenCounts(0, 0, 0, 0)


class Sequence:
    """State of a request while it waits, is read (prefill), and is written (decode)."""

    def __init__(self, ticket: Ticket, tokenizer: Any) -> None:
        self.ticket, self.tokenizer = ticket, tokenizer
        self.row = 0
        """Where its keys and values are; the scheduler assigns it."""
        self.prefill: Generator[None, None, None] | None = None
        """The reading of its text, one chunk at a time, once that has begun."""
        self.slot = 0
        """That of its adapter, once its text is read."""
        self.tokens, self.prefill_ms = NOTHING, 0.0
        self.constraint: Constraint | None = None
        self.ids: list[int] = []
        self.text = ""
        self.stop_reason: StopReason | None = None
        self.error: Exception | None = None
        self.confidence: Mapping[str, float] | None = None
        self.state_D: NDArray[np.float32] | None = None
        self._choices, self._log_probability = 0, 0.0
        """Tokens chosen, the end included, and the sum of their log-probabilities in nats."""

    def start(
        self,
        slot: int,
        tokens: TokenCounts,
        prefill_ms: float,
        constraint: Constraint | None = None,
    ) -> None:
        """Begin the answer: the text is read.

        Args:
            slot: that of its adapter, pinned.
            tokens: those of the prompt.
            prefill_ms: how long reading took.
            constraint: what the answer has to follow.
        """
        self.slot, self.tokens, self.prefill_ms = slot, tokens, prefill_ms
        self.constraint = constraint
        self._started = time.perf_counter()
        # Bounds in `ids`: of what is decoded together with what is new, and of what is in `text`.
        self._context = self._decoded = 0
        self._emitted = 0
        self._random = torch.Generator().manual_seed(self.ticket.request.seed)

    @property
    def finished(self) -> bool:
        """Whether no token follows."""
        return self.stop_reason is not None or self.error is not None

    def accept(self, logits_V: Tensor) -> None:
        """Choose the next token, emit its text, and see whether that was the last.

        Raises:
            EngineError: the logits are not finite.
        """
        request = self.ticket.request
        token = self._choose(logits_V)
        if self.constraint is not None:
            self.constraint.accept(token)
        if token == self.tokenizer.eos_token_id:
            self._emit(final=True)
            self.stop_reason = "end"
            return
        self.ids.append(token)
        self._decode()
        stops = [i for s in request.stop if (i := self.text.find(s)) >= 0]
        if stops:
            self.text = self.text[: min(stops)]
            self.stop_reason = "stop"
        elif self.constraint is not None and self.constraint.done:
            self.stop_reason = "end"
        elif len(self.ids) >= request.max_tokens:
            self.stop_reason = "length"
        elif self.ticket.cancelled.is_set():
            self.stop_reason = "cancelled"
        elif self.ticket.late:
            self.stop_reason = "time"
        self._emit(final=self.stop_reason is not None)

    def choose_label(
        self, label: str, confidence: Mapping[str, float], state_D: NDArray[np.float32]
    ) -> None:
        """End with one of the allowed labels, chosen in this state."""
        self.text, self.confidence, self.stop_reason = label, confidence, "label"
        self.state_D = state_D
        self._emit(final=True)

    def finish(self) -> None:
        """Give the ticket its result, or its error."""
        copy = self.ticket.request.copy
        if self.error is None and copy is not None and not copy.allows(self.text):
            # A tokenizer whose text is not its tokens' bytes: never give out what is not there.
            self.error = EngineError("copy: the output is not a span of the input")
        if self.error is not None:
            self.ticket.fail(self.error)
        else:
            self.ticket.finish(self.generation())

    def generation(self) -> Generation:
        """The finished request's result."""
        return Generation(
            text=self.text,
            stop_reason=self.stop_reason or "cancelled",
            tokens=TokenCounts(
                self.tokens.prefix, self.tokens.prefix_reused, self.tokens.prompt, len(self.ids)
            ),
            prefill_ms=self.prefill_ms,
            decode_ms=1000 * (time.perf_counter() - self._started),
            confidence=self.confidence or self._mean_probability(),
            state_D=self.state_D,
        )

    def _mean_probability(self) -> Mapping[str, float] | None:
        if not self._choices:
            return None
        return {OUTPUT: math.exp(self._log_probability / self._choices)}

    def _choose(self, logits_V: Tensor) -> int:
        # By numpy: torch's threads, once woken for so little, would keep the decode step's waiting.
        logits = logits_V.float().cpu().numpy()
        top = logits.max()
        if not np.isfinite(top):  # both NaN and infinity reach the maximum
            raise EngineError("output: the logits are not finite; an adapter's values overflow")
        allowed = logits
        if self.constraint is not None:
            allowed = np.where(self.constraint.allowed_V().numpy(), logits, -np.inf)
        temperature = self.ticket.request.temperature
        if temperature <= 0:
            token = int(allowed.argmax())
        else:
            probabilities_V = torch.softmax(torch.from_numpy(allowed) / temperature, -1)
            token = int(torch.multinomial(probabilities_V, 1, generator=self._random))
        # Of all tokens, not of those allowed: what the model was made to write says that it is.
        self._choices += 1
        self._log_probability += float(logits[token] - top - np.log(np.exp(logits - top).sum()))
        return token

    def _decode(self) -> None:
        # Together with the tokens last decoded: a token's text can depend on the one before, and
        # half a character decodes to U+FFFD until its other half comes. Both bounds are ends of
        # whole characters.
        before = self.tokenizer.decode(self.ids[self._context : self._decoded])
        after = self.tokenizer.decode(self.ids[self._context :])
        if after.endswith("\N{REPLACEMENT CHARACTER}"):
            return
        self.text += after[len(before) :]
        self._context, self._decoded = self._decoded, len(self.ids)

    def _emit(self, *, final: bool) -> None:
        # A stop string may begin at the end of what is there: that much is held back.
        longest = max((len(s) for s in self.ticket.request.stop), default=1) - 1
        end = len(self.text) if final else max(self._emitted, len(self.text) - longest)
        if end > self._emitted:
            self.ticket.emit(self.text[self._emitted : end])
            self._emitted = end
