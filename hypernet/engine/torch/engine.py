"""The engine: one thread owns the frozen base and runs a changing batch of rows on it.

Each turn of the loop reads a chunk of the text of a request that is starting, decodes one token for
all running rows, and lets finished rows leave. Knows nothing of tasks, sessions or how adapters are
made.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, cast

import torch

from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import RowCache
from hypernet.engine.interface import (
    EngineClosedError,
    EngineError,
    Generation,
    Limits,
    QueueFullError,
    Request,
    Ticket,
    TokenCounts,
    check_fits,
    check_labels,
)
from hypernet.engine.torch.constrain import Grammars, check_schema
from hypernet.engine.torch.labels import NEUTRAL_INPUTS, Priors, choose, score
from hypernet.engine.torch.prefix_cache import PrefixCache
from hypernet.engine.torch.scheduler import Waiting
from hypernet.engine.torch.sequence import Row
from hypernet.engine.torch.slots import SlotPool

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from torch import Tensor

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.cpu.decoder import CpuDecoder

PREFIX_BUDGET_BYTES = 256 * 2**20
CHUNK = 256
"""Tokens read at a time. Texts are cut at multiples of it, so that a text that goes on from a
cached one is read in the same pieces, to the same bits, as one that does not."""


class TorchEngine:
    """Continuous batching over one frozen base; see `base.Engine` for the contract."""

    def __init__(
        self,
        base: BaseModel,
        *,
        rank: int = 16,
        rows: int = 8,
        slots: int = 32,
        queue: int = 256,
        decoder: CpuDecoder | None = None,
        idle_s: float = 60.0,
    ) -> None:
        """Start the thread.

        Args:
            base: the frozen model.
            rank: the highest LoRA rank of an adapter.
            rows: requests that run at once.
            slots: adapters kept in place, the base among them.
            queue: requests that may wait.
            decoder: a faster way to decode than torch's, for the same base and so many rows.
            idle_s: seconds without work after which the room that long texts took is given back.

        Raises:
            ValueError: there are too few slots for the rows.
        """
        if slots <= rows + 1:
            raise ValueError(f"slots must be over rows + 1, got {slots} and {rows}")
        self.base, self.forward = base, base.forward
        self.chat = ChatFormat.of(base.tokenizer)
        self.slots = SlotPool(
            base.forward.config,
            slots,
            rank,
            self.forward.dtype,
            self.forward.device,
            banks=rows + 2,
        )
        self._limits = Limits(
            window=base.forward.config.window, rows=rows, slots=slots, queue=queue
        )
        self._cache = RowCache(self.forward.config, rows, self.forward.dtype, self.forward.device)
        self._prefixes = PrefixCache(PREFIX_BUDGET_BYTES, CHUNK)
        self._priors = Priors()
        self._grammars = Grammars(base.tokenizer, base.forward.config.vocab)
        self._decoder, self._idle_s = decoder, idle_s
        self._running: list[Row] = []
        self._starting: tuple[Ticket, Generator[None, None, Row]] | None = None
        self._waiting = Waiting()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="hypernet-engine", daemon=True)
        self._thread.start()

    @property
    def limits(self) -> Limits:
        """What the engine can take."""
        return self._limits

    @property
    def busy(self) -> tuple[int, int]:
        """Requests that wait, and rows in use, at this moment."""
        return len(self._waiting), len(self._running) + (self._starting is not None)

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return self.chat.count(text)

    def measure(self, prefix: str, input: str) -> tuple[int, int]:  # noqa: A002  # the wire's own word
        """Tokens that prefix and input take in the prompt, chat markup included."""
        return len(self.chat.prefix_ids(prefix)), len(self.chat.step_ids(input))

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
        if "" in request.stop:
            raise EngineError("stop: an empty text would end every answer at once")
        check_labels(request.labels)
        if request.output_schema is not None:
            if request.labels:
                raise EngineError("output_schema: give either labels or a schema")
            self.check_schema(request.output_schema)
        answers = max((len(self.chat.answer_ids(label)) for label in request.labels), default=0)
        prefix, prompt = self.measure(request.prefix, request.input)
        check_fits(self._limits, prefix, prompt, answers or request.max_tokens)
        ticket = Ticket(request)
        with self._changed:
            if self._closed:
                raise EngineClosedError("the engine is closed")
            if len(self._waiting) >= self._limits.queue:
                raise QueueFullError(f"{self._limits.queue} requests wait already; try again later")
            self._waiting.put(ticket)
            self._changed.notify()
        return ticket

    def close(self) -> None:
        """Cancel what runs, fail what waits, and stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        if self._decoder is not None:
            self._decoder.close()

    def _serve(self) -> None:
        with torch.inference_mode():
            while self._wait_for_work():
                try:
                    self._begin()
                    self._read_on()
                    self._decode()
                    self._leave()
                except Exception as error:  # the thread must outlive any one batch
                    self._fail_all(error)
        self._fail_all(EngineClosedError("the engine was closed"))

    def _wait_for_work(self) -> bool:
        with self._changed:
            while not (self._waiting or self._running or self._starting or self._closed):
                if not self._changed.wait(self._idle_s):
                    self._cache.shrink()
            return not self._closed

    def _begin(self) -> None:
        """Take the next request, when a row is free and no other is being read."""
        while self._starting is None and len(self._running) < self._limits.rows:
            with self._changed:
                if not self._waiting or self._closed:
                    return
                ticket = self._waiting.take(row.ticket.request.session for row in self._running)
            if not self._given_up(ticket):
                self._starting = (ticket, self._start(ticket))

    def _read_on(self) -> None:
        """One chunk of the request that is starting; with its last one it becomes a row."""
        if self._starting is None:
            return
        ticket, reading = self._starting
        if self._given_up(ticket):
            reading.close()
            self._starting = None
            return
        try:
            next(reading)
        except StopIteration as ended:
            self._starting = None
            self._running.append(ended.value)
        except Exception as error:  # a request that cannot start must not take others along
            self._starting = None
            ticket.fail(error)

    def _given_up(self, ticket: Ticket) -> bool:
        """End a ticket that was cancelled, or whose time is over, before its first token."""
        if ticket.cancelled.is_set():
            ticket.fail(EngineError("the request was cancelled before it began"))
            return True
        if ticket.late:
            ticket.finish(Generation("", "time", TokenCounts(0, 0, 0, 0), 0.0, 0.0))
            return True
        return False

    def _start(self, ticket: Ticket) -> Generator[None, None, Row]:
        """Prefill: the prefix by the base (or from the cache), then the input under the adapter.

        Gives way after each chunk. Its row in the cache is the one behind the running ones.
        """
        request, started = ticket.request, time.perf_counter()
        prefix_ids = tuple(self.chat.prefix_ids(request.prefix))
        step_ids = self.chat.step_ids(request.input)
        # Now, so that a request too large for the memory fails alone.
        self._cache.reserve(len(prefix_ids) + len(step_ids) + request.max_tokens)
        slot = self.slots.acquire(cast("Adapter | None", request.adapter))
        try:
            reused = yield from self._read_prefix(prefix_ids)
            logits_V = yield from self._read(step_ids, slot)
            tokens = TokenCounts(len(prefix_ids), reused, len(step_ids), 0)
            elapsed_ms = 1000 * (time.perf_counter() - started)
            constraint = (
                None
                if request.output_schema is None
                else self._grammars.start(request.output_schema)
            )
            row = Row(ticket, self.base.tokenizer, slot, tokens, elapsed_ms, constraint)
            if request.labels:
                chosen = yield from self._choose_label(request, prefix_ids, slot, logits_V)
                row.choose_label(*chosen)
            else:
                row.accept(logits_V)
        except BaseException:
            self.slots.release(slot)
            raise
        return row

    def _read_prefix(self, ids: tuple[int, ...]) -> Generator[None, None, int]:
        """Put a prefix into the starting row; how many of its tokens came from the cache."""
        known = self._prefixes.longest(ids)
        self._cache.put(len(self._running), known)
        if known is None or known.length < len(ids):
            reused = 0 if known is None else known.length
            yield from self._read(ids[reused:], slot=0)
            self._prefixes.keep(ids, self._cache.take(len(self._running)))
            return reused
        return len(ids)

    def _read(self, ids: Sequence[int], slot: int) -> Generator[None, None, Tensor]:
        """Read a text behind what the starting row holds; logits [V] after its last token."""
        for start in range(0, len(ids), CHUNK):
            if start:
                yield
            index = len(self._running)  # running rows may have left meanwhile
            last_D = self._advance([ids[start : start + CHUNK]], range(index, index + 1), [slot])[0]
        return self.forward.logits(last_D)

    def _decode(self) -> None:
        rows = [row for row in self._running if row.stop_reason is None]
        if len(rows) < len(self._running) or not rows:
            return  # a row has ended with its first token: it leaves first
        tokens, slots = [row.ids[-1] for row in rows], [row.slot for row in rows]
        if self._decoder is not None:
            self._cache.reserve(max(self._cache.length_R[: len(rows)]) + 1)
            logits_BV = self._decoder.step(self._cache, self.slots, tokens, slots)
            self._cache.grow(range(len(rows)), 1)
        else:
            last_BD = self._advance([[token] for token in tokens], range(len(rows)), slots)
            logits_BV = self.forward.logits(last_BD)
        for row, logits_V in zip(rows, logits_BV, strict=True):
            try:
                row.accept(logits_V)
            except Exception as error:  # one row's trouble is not its neighbours'
                row.error = error

    def _leave(self) -> None:
        """Let finished rows go, keeping the running ones dense and the starting one behind them."""
        for index in reversed(range(len(self._running))):
            row = self._running[index]
            if row.stop_reason is None and row.error is None:
                continue
            last = len(self._running) - 1
            if index != last:
                self._cache.move(last, index)
                self._running[index] = self._running[last]
            self._running.pop()
            if self._starting is not None:
                self._cache.move(last + 1, last)
            self.slots.release(row.slot)
            if row.error is not None:
                row.ticket.fail(row.error)
            else:
                row.ticket.finish(row.generation())

    def _advance(self, ids: Sequence[Sequence[int]], rows: range, slots: list[int]) -> Tensor:
        """Run equally many new tokens of each row; the last one's hidden state of each, [B, D]."""
        ids_BT = torch.tensor(ids, device=self.forward.device)
        view = self._cache.view(rows, ids_BT.shape[1])
        x_BTD = self.forward.run(
            self.forward.embed(ids_BT),
            view.positions_BT,
            view,
            view.mask_BTS,
            self.slots.delta(slots),
        )
        view.commit()
        return x_BTD[:, -1]

    def _choose_label(
        self, request: Request, prefix_ids: tuple[int, ...], slot: int, logits_V: Tensor
    ) -> Generator[None, None, tuple[str, dict[str, float]]]:
        """Score the labels after the row's input, and after inputs that say nothing."""
        answers = [self.chat.answer_ids(label) for label in request.labels]
        delta = self.slots.delta([slot] * len(answers))
        score_B = score(self.forward, self._cache, len(self._running), delta, logits_V, answers)
        adapter = request.adapter.digest if request.adapter else None
        key = (request.prefix, adapter, request.labels)
        prior_B = self._priors.get(key)
        if prior_B is None:
            scores = []
            for text in NEUTRAL_INPUTS:
                yield
                yield from self._read_prefix(prefix_ids)
                neutral_V = yield from self._read(self.chat.step_ids(text), slot)
                index = len(self._running)
                scores.append(score(self.forward, self._cache, index, delta, neutral_V, answers))
            prior_B = self._priors.keep(key, scores)
        return choose(request.labels, score_B, prior_B)

    def _fail_all(self, error: Exception) -> None:
        if self._starting is not None:
            ticket, reading = self._starting
            reading.close()
            self._starting = None
            ticket.fail(error)
        with self._changed:
            tickets = [row.ticket for row in self._running] + self._waiting.take_all()
            for row in self._running:
                self.slots.release(row.slot)
            self._running = []
        for ticket in tickets:
            ticket.fail(error)
