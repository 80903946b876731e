"""The torch engine: one thread owns the frozen base and runs a changing batch of rows on it.

Each turn of the loop admits waiting requests into free rows, decodes one token for all rows, and
lets finished rows leave. Knows nothing of tasks, sessions or how adapters are made.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, cast

import torch

from hypernet.chat import ChatFormat
from hypernet.engine.base import (
    EngineClosedError,
    EngineError,
    Limits,
    QueueFullError,
    Request,
    Ticket,
    TokenCounts,
    check_fits,
    check_labels,
)
from hypernet.engine.kv_cache import Recorder, RowCache, Segment
from hypernet.engine.labels import Priors, choose, score
from hypernet.engine.prefix_cache import PrefixCache
from hypernet.engine.row import Row
from hypernet.engine.slots import SlotPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from hypernet.adapter import Adapter
    from hypernet.models import BaseModel

PREFIX_BUDGET_BYTES = 256 * 2**20


class TorchEngine:
    """Continuous batching over one frozen base; see `base.Engine` for the contract."""

    def __init__(
        self, base: BaseModel, *, rank: int = 16, rows: int = 8, slots: int = 32, queue: int = 256
    ) -> None:
        if slots <= rows + 1:
            raise ValueError(f"slots must be over rows + 1, got {slots} and {rows}")
        self.base, self.llama = base, base.llama
        self.chat = ChatFormat.of(base.tokenizer)
        self._limits = Limits(window=base.llama.config.window, rows=rows, slots=slots, queue=queue)
        self._slots = SlotPool(base.llama.config, slots, rank, self.llama.dtype, self.llama.device)
        self._cache = RowCache(self.llama.config, rows, self.llama.dtype, self.llama.device)
        self._prefixes = PrefixCache(PREFIX_BUDGET_BYTES)
        self._priors = Priors()
        self._running: list[Row] = []
        self._waiting: deque[Ticket] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="hypernet-engine", daemon=True)
        self._thread.start()

    @property
    def limits(self) -> Limits:
        """What the engine can take."""
        return self._limits

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return self.chat.count(text)

    def measure(self, prefix: str, input: str) -> tuple[int, int]:  # noqa: A002  # the wire's own word
        """Tokens that prefix and input take in the prompt, chat markup included."""
        return len(self.chat.prefix_ids(prefix)), len(self.chat.step_ids(input))

    def submit(self, request: Request) -> Ticket:
        """Queue a request.

        Raises:
            PromptTooLongError, QueueFullError, EngineClosedError, EngineError: nothing was queued.
        """
        if request.max_tokens < 1:
            raise EngineError(f"max_tokens: {request.max_tokens} is under 1")
        if "" in request.stop:
            raise EngineError("stop: an empty text would end every answer at once")
        check_labels(request.labels)
        answers = max((len(self.chat.answer_ids(label)) for label in request.labels), default=0)
        prefix, prompt = self.measure(request.prefix, request.input)
        check_fits(self._limits, prefix, prompt, answers or request.max_tokens)
        ticket = Ticket(request)
        with self._changed:
            if self._closed:
                raise EngineClosedError("the engine is closed")
            if len(self._waiting) >= self._limits.queue:
                raise QueueFullError(f"{self._limits.queue} requests wait already; try again later")
            self._waiting.append(ticket)
            self._changed.notify()
        return ticket

    def close(self) -> None:
        """Cancel what runs, fail what waits, and stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _serve(self) -> None:
        with torch.inference_mode():
            while self._wait_for_work():
                try:
                    self._admit()
                    if self._running:
                        self._decode()
                        self._leave()
                except Exception as error:  # the thread must outlive any one batch
                    self._fail_all(error)
        self._fail_all(EngineClosedError("the engine was closed"))

    def _wait_for_work(self) -> bool:
        with self._changed:
            while not (self._waiting or self._running or self._closed):
                self._changed.wait()
            return not self._closed

    def _admit(self) -> None:
        while len(self._running) < self._limits.rows:
            with self._changed:
                if not self._waiting or self._closed:
                    return
                ticket = self._waiting.popleft()
            if ticket.cancelled.is_set():
                ticket.fail(EngineError("the request was cancelled before it began"))
                continue
            try:
                self._start(ticket)
            except Exception as error:  # a request that cannot start must not take others along
                ticket.fail(error)
            self._leave()

    def _start(self, ticket: Ticket) -> None:
        """Prefill: the prefix by the base (or from the cache), then the input under the adapter."""
        request, started = ticket.request, time.perf_counter()
        prefix_ids = tuple(self.chat.prefix_ids(request.prefix))
        segment, reused = self._prefixes.get(prefix_ids, lambda: self._read(prefix_ids))
        slot = self._slots.acquire(cast("Adapter | None", request.adapter))
        index = len(self._running)

        def read(text: str) -> Tensor:
            self._cache.put(index, segment)
            return self._advance([self.chat.step_ids(text)], range(index, index + 1), [slot])[0]

        try:
            logits_V = read(request.input)
            prompt = self._cache.length_R[index] - len(prefix_ids)
            tokens = TokenCounts(len(prefix_ids), len(prefix_ids) if reused else 0, prompt, 0)
            elapsed_ms = 1000 * (time.perf_counter() - started)
            row = Row(ticket, self.base.tokenizer, slot, tokens, elapsed_ms)
            if request.labels:
                chosen = self._choose_label(request, index, slot, read, logits_V)
                row.choose_label(*chosen)
            else:
                row.accept(logits_V)
        except BaseException:
            self._slots.release(slot)
            raise
        self._running.append(row)

    def _decode(self) -> None:
        rows = self._running
        logits_BV = self._advance(
            [[row.ids[-1]] for row in rows], range(len(rows)), [row.slot for row in rows]
        )
        for row, logits_V in zip(rows, logits_BV, strict=True):
            try:
                row.accept(logits_V)
            except Exception as error:  # one row's trouble is not its neighbours'
                row.error = error

    def _leave(self) -> None:
        """Let finished rows go, keeping the running ones dense."""
        for index in reversed(range(len(self._running))):
            row = self._running[index]
            if row.stop_reason is None and row.error is None:
                continue
            last = len(self._running) - 1
            if index != last:
                self._cache.move(last, index)
                self._running[index] = self._running[last]
            self._running.pop()
            self._slots.release(row.slot)
            if row.error is not None:
                row.ticket.fail(row.error)
            else:
                row.ticket.finish(row.generation())

    def _read(self, ids: tuple[int, ...]) -> Segment:
        ids_1P = torch.tensor([ids], device=self.llama.device)
        recorder = Recorder()
        positions_1P = torch.arange(len(ids), device=self.llama.device)[None]
        self.llama.run(self.llama.embed(ids_1P), positions_1P, recorder, None)
        return recorder.segment()

    def _advance(self, ids: list[list[int]], rows: range, slots: list[int]) -> Tensor:
        """Run equally many new tokens of each row; logits [B, V] after each row's last."""
        ids_BT = torch.tensor(ids, device=self.llama.device)
        view = self._cache.view(rows, ids_BT.shape[1])
        delta = self._slots.delta(slots)
        x_BTD = self.llama.run(
            self.llama.embed(ids_BT), view.positions_BT, view, view.mask_BTS, delta
        )
        view.commit()
        return self.llama.logits(x_BTD[:, -1])

    def _choose_label(
        self, request: Request, row: int, slot: int, read: Callable[[str], Tensor], logits_V: Tensor
    ) -> tuple[str, dict[str, float]]:
        """Score the labels after the row's input, and after inputs that say nothing."""
        answers = [self.chat.answer_ids(label) for label in request.labels]
        delta = self._slots.delta([slot] * len(answers))
        score_B = score(self.llama, self._cache, row, delta, logits_V, answers)
        adapter = request.adapter.digest if request.adapter else None
        prior_B = self._priors.get(
            (request.prefix, adapter, request.labels),
            lambda text: score(self.llama, self._cache, row, delta, read(text), answers),
        )
        return choose(request.labels, score_B, prior_B)

    def _fail_all(self, error: Exception) -> None:
        with self._changed:
            tickets = [row.ticket for row in self._running] + list(self._waiting)
            for row in self._running:
                self._slots.release(row.slot)
            self._running, self._waiting = [], deque()
        for ticket in tickets:
            ticket.fail(error)
