"""One running request: its sampling, its text as it grows, and when it stops.

Knows nothing of the model. Greedy at temperature 0; otherwise seeded per request, so that the same
seed draws the same tokens whatever else is in the batch.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from hypernet.engine.interface import EngineError, Generation, StopReason, Ticket, TokenCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from hypernet.engine.torch.constrain import Constraint


class Row:
    """State of a request while it occupies a row of the batch."""

    def __init__(
        self,
        ticket: Ticket,
        tokenizer: Any,
        slot: int,
        tokens: TokenCounts,
        prefill_ms: float,
        constraint: Constraint | None = None,
    ) -> None:
        self.ticket, self.tokenizer, self.slot = ticket, tokenizer, slot
        self.tokens, self.prefill_ms = tokens, prefill_ms
        self.constraint = constraint
        self.ids: list[int] = []
        self.text = ""
        self.stop_reason: StopReason | None = None
        self.error: Exception | None = None
        self.confidence: Mapping[str, float] | None = None
        self._started = time.perf_counter()
        self._context = self._told = 0
        self._emitted = 0
        self._random = torch.Generator().manual_seed(ticket.request.seed)

    def accept(self, logits_V: Tensor) -> None:
        """Choose the next token, pass on its text, and see whether that was the last.

        Raises:
            EngineError: the logits are not finite.
        """
        request = self.ticket.request
        token = self._choose(logits_V)
        if self.constraint is not None:
            self.constraint.accept(token)
        if token == self.tokenizer.eos_token_id:
            self._pass_on(final=True)
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
        self._pass_on(final=self.stop_reason is not None)

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
            confidence=self.confidence,
        )

    def choose_label(self, label: str, confidence: Mapping[str, float]) -> None:
        """End with one of the allowed labels."""
        self.text, self.confidence, self.stop_reason = label, confidence, "label"
        self._pass_on(final=True)

    def _choose(self, logits_V: Tensor) -> int:
        # By numpy: torch's threads, once woken for so little, would keep the decode step's waiting.
        logits = logits_V.float().cpu().numpy()
        if not np.isfinite(logits.max()):  # both NaN and infinity reach the maximum
            raise EngineError("output: the logits are not finite; an adapter's values overflow")
        if self.constraint is not None:
            logits = np.where(self.constraint.allowed_V().numpy(), logits, -np.inf)
        temperature = self.ticket.request.temperature
        if temperature <= 0:
            return int(logits.argmax())
        probabilities_V = torch.softmax(torch.from_numpy(logits) / temperature, -1)
        return int(torch.multinomial(probabilities_V, 1, generator=self._random))

    def _decode(self) -> None:
        # Decoded with what was told last before it: a token's text can depend on the one before,
        # and half a character decodes to U+FFFD until its other half comes. Both bounds are ends
        # of whole characters.
        before = self.tokenizer.decode(self.ids[self._context : self._told])
        after = self.tokenizer.decode(self.ids[self._context :])
        if after.endswith("\N{REPLACEMENT CHARACTER}"):
            return
        self.text += after[len(before) :]
        self._context, self._told = self._told, len(self.ids)

    def _pass_on(self, *, final: bool) -> None:
        # A stop string may begin at the end of what is there: that much is held back.
        longest = max((len(s) for s in self.ticket.request.stop), default=1) - 1
        end = len(self.text) if final else max(self._emitted, len(self.text) - longest)
        if end > self._emitted:
            self.ticket.emit(self.text[self._emitted : end])
            self._emitted = end
