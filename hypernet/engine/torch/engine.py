"""The engine: one thread owns the frozen base and runs a changing batch of sequences on it.

Each step reads a chunk of the text of a request that is starting, decodes one token for all running
sequences, and lets the finished ones leave.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from hypernet.engine.checks import check_fits, check_form, check_labels, check_stop
from hypernet.engine.interface import (
    Capabilities,
    EngineClosedError,
    EngineError,
    Limits,
    Request,
    Ticket,
)
from hypernet.engine.torch.constrain import check_schema
from hypernet.engine.torch.runner import Runner
from hypernet.engine.torch.scheduler import Scheduler
from hypernet.engine.torch.sequence import Sequence as Running
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.cpu.decoder import CpuDecoder
    from hypernet.engine.cpu.store import DecoderOnDemand
    from hypernet.task import Turn

CHUNK = 256
"""Tokens read at a time, between which the running sequences get their next token."""


class TorchEngine:
    """Continuous batching over one frozen base; see `interface.Engine` for the contract."""

    capabilities = Capabilities(prefix_without_adapter=True, copy=True, history=True, states=True)

    def __init__(
        self,
        base: BaseModel,
        *,
        rank: int = 16,
        rows: int = 8,
        slots: int = 32,
        queue: int = 256,
        decoder: CpuDecoder | DecoderOnDemand | None = None,
        idle_s: float = 60.0,
        chunk: int = CHUNK,
    ) -> None:
        """Start the thread.

        Args:
            base: the frozen model.
            rank: the highest LoRA rank of an adapter.
            rows: requests that run at once.
            slots: adapters kept in place, the base among them.
            queue: requests that may wait.
            decoder: a faster way to decode than torch's, for the same base and as many rows.
            idle_s: seconds without work after which the room that long texts took is given back.
            chunk: tokens read at a time; see `Runner`.

        Raises:
            ValueError: there are too few slots for the rows.
        """
        if slots <= rows + 1:
            raise ValueError(f"slots must be over rows + 1, got {slots} and {rows}")
        self.base = base
        self._limits = Limits(
            window=base.forward.config.window, rows=rows, slots=slots, queue=queue
        )
        self.scheduler = Scheduler(rows, queue)
        self.runner = Runner(base, rank=rank, rows=rows, slots=slots, chunk=chunk, decoder=decoder)
        self.chat = self.runner.chat
        self.capabilities = replace(TorchEngine.capabilities, copy=self.runner.can_copy)
        self._idle_s = idle_s
        self._thread = threading.Thread(target=self._serve, name="hypernet-engine", daemon=True)
        self._thread.start()

    @property
    def limits(self) -> Limits:
        """What the engine can take."""
        return self._limits

    @property
    def busy(self) -> tuple[int, int]:
        """Requests in the queue, and requests running, at this moment."""
        return self.scheduler.busy

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return self.chat.count(text)

    def measure(
        self,
        prefix: str,
        input: str,  # noqa: A002  # the wire's own word
        history: Sequence[Turn] = (),
    ) -> tuple[int, int]:
        """Tokens that history and prefix, and the input, take in the prompt, markup included."""
        before = [*self.chat.history_ids(history), *self.chat.prefix_ids(prefix, history)]
        return len(before), len(self.chat.step_ids(input))

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse a schema that answers cannot be kept to.

        Raises:
            EngineError: says why.
        """
        check_schema(schema)

    def submit(self, request: Request) -> Ticket:
        """Queue a request.

        Raises:
            PromptTooLongError, QueueFullError, EngineClosedError, EngineError: nothing was queued.
        """
        if request.max_tokens < 1:
            raise EngineError(f"max_tokens: {request.max_tokens} is under 1")
        check_stop(request.stop)
        check_labels(request.labels)
        check_form(request)
        if request.copy is not None and not self.capabilities.copy:
            raise EngineError("copy: this base's tokens are not bytes, so none can be held to it")
        if request.output_schema is not None:
            self.check_schema(request.output_schema)
        labels = [self.chat.answer_ids(as_read(label)) for label in request.labels]
        answers = max(map(len, labels), default=0)
        prefix, prompt = self.measure(request.prefix, request.input, request.history)
        check_fits(self._limits, prefix, prompt, answers or request.max_tokens)
        ticket = Ticket(request)
        self.scheduler.add(Running(ticket, self.base.tokenizer))
        return ticket

    def close(self) -> None:
        """Cancel what runs, fail what waits, and stop the thread."""
        self.scheduler.close()
        self._thread.join()
        self.runner.close()

    def _serve(self) -> None:
        with torch.inference_mode():
            while self.scheduler.wait_for_work(self._idle_s, self.runner.shrink):
                try:
                    self._step()
                except Exception as error:  # the thread must outlive any one batch
                    self._fail_all(error)
        self._fail_all(EngineClosedError("the engine was closed"))

    def _step(self) -> None:
        """Schedule, run, postprocess."""
        starting = self.scheduler.schedule()
        if starting is not None:
            self._read_chunk(starting)

        batch = self.scheduler.batch()
        if batch:
            for sequence, logits_V in zip(batch, self.runner.decode(batch), strict=True):
                try:
                    sequence.accept(logits_V)
                except Exception as error:  # one sequence's trouble is not its neighbours'
                    sequence.error = error

        for sequence in self.scheduler.finished():
            for source, target in self.scheduler.leave(sequence):
                self.runner.move(source, target)
            self.runner.release(sequence)
            sequence.finish()

    def _read_chunk(self, sequence: Running) -> None:
        """Read one chunk of a text; with its last one the sequence runs."""
        if sequence.prefill is None:
            sequence.prefill = self.runner.prefill(sequence)
        try:
            next(sequence.prefill)
        except StopIteration:
            self.scheduler.started()
        except Exception as error:  # a request that cannot start must not take others along
            self.scheduler.dropped()
            sequence.ticket.fail(error)

    def _fail_all(self, error: Exception) -> None:
        for sequence in self.scheduler.clear():
            self.runner.release(sequence)
            sequence.ticket.fail(error)
