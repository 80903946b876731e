"""An engine from outside: transformers and PEFT run the steps, one after another.

docs/engines.md walks through it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import peft
import torch
from transformers import AutoModelForCausalLM

from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import base_folder
from hypernet.engine.checks import check_fits
from hypernet.engine.interface import (
    Capabilities,
    EngineError,
    Generation,
    Limits,
    Request,
    StopReason,
    Ticket,
    TokenCounts,
)
from hypernet.runtime import Runtime, RuntimeOptions, load_writer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hypernet.progress import Progress


def load(options: RuntimeOptions, progress: Progress) -> Runtime:
    """The entry point: base, encoder and hypernetwork as they are, and another engine."""
    writer = load_writer(options, progress)
    folder = base_folder(writer.base.source, options.cache)
    return writer.runtime(PeftEngine(folder, writer.base.tokenizer), "peft")


class PeftEngine:
    """Greedy answers of one request at a time; neither labels nor schemas."""

    capabilities = Capabilities(prefix_without_adapter=False)  # PEFT acts on the whole prompt

    def __init__(self, folder: Path, tokenizer: Any) -> None:
        self._model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32).eval()
        self._tokenizer, self._chat = tokenizer, ChatFormat.of(tokenizer)
        self.limits = Limits(self._model.config.max_position_embeddings, rows=1, slots=1)
        self._worker = ThreadPoolExecutor(1)
        self._unfinished = 0

    @property
    def busy(self) -> tuple[int, int]:
        """Requests in the queue, and requests running."""
        return max(0, self._unfinished - 1), min(1, self._unfinished)

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return self._chat.count(text)

    def measure(self, prefix: str, input: str) -> tuple[int, int]:  # noqa: A002  # the wire's own word
        """Tokens of prefix and input in the prompt."""
        return len(self._chat.prefix_ids(prefix)), len(self._chat.step_ids(input))

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse every schema."""
        raise EngineError("output_schema: this engine keeps to none")

    def submit(self, request: Request) -> Ticket:
        """Queue a request, or refuse it at once."""
        if request.labels:
            raise EngineError("labels: this engine does not choose among any")
        if request.output_schema is not None:
            self.check_schema(request.output_schema)
        check_fits(self.limits, *self.measure(request.prefix, request.input), request.max_tokens)
        ticket = Ticket(request)
        self._unfinished += 1
        self._worker.submit(self._answer, ticket)
        return ticket

    def close(self) -> None:
        """Stop after what runs."""
        self._worker.shutdown(cancel_futures=True)

    def _answer(self, ticket: Ticket) -> None:
        try:
            if ticket.cancelled.is_set():
                raise EngineError("the request was cancelled before it began")
            done = self._generate(ticket.request)
            ticket.emit(done.text)
            ticket.finish(done)
        except Exception as error:  # it belongs to its request; the next one is served
            ticket.fail(error)
        finally:
            self._unfinished -= 1

    @torch.inference_mode()
    def _generate(self, request: Request) -> Generation:
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
            )[0, ids.shape[1] :].tolist()
        finally:
            if adapter is not None:
                model.unload()
        text = self._tokenizer.decode(answer, skip_special_tokens=True)
        reason: StopReason = "end" if answer[-1] == self._tokenizer.eos_token_id else "length"
        tokens = TokenCounts(len(prefix), 0, len(step), len(answer))
        return Generation(text, reason, tokens, prefill_ms=0.0, decode_ms=0.0)
