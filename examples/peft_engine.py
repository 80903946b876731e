"""An engine from outside: transformers and PEFT run the steps, one after another.

docs/engines.md walks through it.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import peft
import torch
from transformers import AutoModelForCausalLM, StoppingCriteria

from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import base_folder
from hypernet.engine.checks import check_fits
from hypernet.engine.interface import (
    Capabilities,
    EngineClosedError,
    EngineError,
    Generation,
    Limits,
    QueueFullError,
    Request,
    StopReason,
    Ticket,
    TokenCounts,
)
from hypernet.runtime import Runtime, RuntimeOptions, load_writer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hypernet.progress import Progress
    from hypernet.task import Turn


def load(options: RuntimeOptions, progress: Progress) -> Runtime:
    """The entry point: base, encoder and hypernetwork as they are, and another engine."""
    writer = load_writer(options, progress)
    folder = base_folder(writer.base.source, options.cache)
    return writer.runtime(PeftEngine(folder, writer.base.tokenizer), "peft")


class GivenUp(StoppingCriteria):  # type: ignore[misc]  # untyped upstream
    """Ends an answer between two tokens once nobody waits for it; `reason` then says why."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self.reason: StopReason | None = None

    def __call__(self, input_ids: torch.Tensor, scores: Any, **others: Any) -> torch.Tensor:
        """Whether to stop, for each row of the batch."""
        if self._ticket.cancelled.is_set():
            self.reason = "cancelled"
        elif self._ticket.late:
            self.reason = "time"
        return torch.full((len(input_ids),), self.reason is not None, device=input_ids.device)


class PeftEngine:
    """Greedy answers of one request at a time; neither labels, schemas nor stop texts."""

    capabilities = Capabilities(prefix_without_adapter=False)  # PEFT acts on the whole prompt

    def __init__(self, folder: Path, tokenizer: Any) -> None:
        self._model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32).eval()
        self._tokenizer, self._chat = tokenizer, ChatFormat.of(tokenizer)
        self.limits = Limits(self._model.config.max_position_embeddings, rows=1, slots=1)
        self._worker = ThreadPoolExecutor(1)
        self._lock = threading.Lock()
        self._unfinished: list[Ticket] = []
        self._closed = False

    @property
    def busy(self) -> tuple[int, int]:
        """Requests in the queue, and requests running."""
        unfinished = len(self._unfinished)
        return max(0, unfinished - 1), min(1, unfinished)

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return self._chat.count(text)

    def measure(
        self,
        prefix: str,
        input: str,  # noqa: A002  # the wire's own word
        history: Sequence[Turn] = (),
    ) -> tuple[int, int]:
        """Tokens of prefix and input in the prompt; there is no history, see `capabilities`."""
        return len(self._chat.prefix_ids(prefix)), len(self._chat.step_ids(input))

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse every schema."""
        raise EngineError("output_schema: this engine keeps to none")

    def submit(self, request: Request) -> Ticket:
        """Queue a request, or refuse it at once."""
        if request.labels:
            raise EngineError("labels: this engine does not choose among any")
        if request.stop:
            raise EngineError("stop: this engine ends at no text")
        if request.temperature > 0:
            raise EngineError("temperature: this engine always takes the likeliest token; give 0")
        if request.history:
            raise EngineError("history: this engine reads no earlier turns")
        if request.output_schema is not None:
            self.check_schema(request.output_schema)
        check_fits(self.limits, *self.measure(request.prefix, request.input), request.max_tokens)
        with self._lock:
            if self._closed:
                raise EngineClosedError("the engine is closed")
            if self.busy[0] >= self.limits.queue:
                raise QueueFullError(f"{self.limits.queue} requests wait already; try again later")
            ticket = Ticket(request)
            self._unfinished.append(ticket)
            self._worker.submit(self._answer, ticket)
        return ticket

    def close(self) -> None:
        """Cancel what runs, fail what waits, and stop the thread."""
        with self._lock:
            self._closed = True
            for ticket in self._unfinished:
                ticket.cancel()
        self._worker.shutdown()  # those that wait still go through `_answer`, which fails them

    def _answer(self, ticket: Ticket) -> None:
        try:
            if self._closed:
                raise EngineClosedError("the engine is closed")
            if ticket.cancelled.is_set():
                raise EngineError("the request was cancelled before it began")
            done = self._generate(ticket)
            ticket.emit(done.text)
            ticket.finish(done)
        except Exception as error:  # it belongs to its request; the next one is served
            ticket.fail(error)
        finally:
            with self._lock:
                self._unfinished.remove(ticket)

    @torch.inference_mode()
    def _generate(self, ticket: Ticket) -> Generation:
        request, given_up = ticket.request, GivenUp(ticket)
        prefix, step = self._chat.prefix_ids(request.prefix), self._chat.step_ids(request.input)
        model, adapter = self._model, request.adapter
        if adapter is not None:
            model = peft.get_peft_model(model, peft.LoraConfig(**adapter.peft_config())).eval()
            peft.set_peft_model_state_dict(model, adapter.peft_tensors())
        try:
            ids = torch.tensor([prefix + step])
            answer = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=request.max_tokens,
                do_sample=False,
                stopping_criteria=[given_up],
            )[0, ids.shape[1] :].tolist()
        finally:
            if adapter is not None:
                model.unload()
        text = self._tokenizer.decode(answer, skip_special_tokens=True)
        ended = answer[-1] == self._tokenizer.eos_token_id
        reason: StopReason = "end" if ended else given_up.reason or "length"
        tokens = TokenCounts(len(prefix), 0, len(step), len(answer))
        return Generation(text, reason, tokens, prefill_ms=0.0, decode_ms=0.0)
