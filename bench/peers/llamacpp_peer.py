"""llama.cpp through llama-cpp-python: the same GGUF weights, each adapter as a GGUF file.

Its Python package puts one adapter on one model object, so several adapters are several objects,
which run one after another.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch

from bench.peers import NotMeasuredError
from bench.peers.gguf_lora import convert
from hypernet.adapters.peft_format import save_peft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.peers import Call
    from hypernet.adapters.adapter import Adapter

WINDOW = 1024


class LlamaCpp:
    """Model objects by adapter, all on one GGUF file."""

    def __init__(self, gguf: Path, scratch: Path) -> None:
        if gguf.suffix != ".gguf":
            raise NotMeasuredError("the base's weights are not a GGUF file, which it needs")
        try:
            self._package = import_module("llama_cpp")
        except ImportError as error:
            raise NotMeasuredError("llama_cpp is not installed (llama-cpp-python)") from error
        except (OSError, RuntimeError) as error:  # its compiled library does not load
            raise NotMeasuredError(f"llama_cpp does not load: {error}") from error
        self._gguf, self._scratch = gguf, scratch
        self._models: dict[str, Any] = {}
        self.version = str(self._package.__version__)

    def decode(self, calls: Sequence[Call], tokens: int) -> float:
        """Tokens per second over all calls one after another, after the first token of each."""
        elapsed = 0.0
        for call in calls:
            stream = self._stream(call)
            next(stream)
            started = time.perf_counter()
            for _ in range(tokens - 1):
                next(stream)
            elapsed += time.perf_counter() - started
        return len(calls) * (tokens - 1) / elapsed

    def first_token(self, call: Call) -> float:
        """Milliseconds to read a prompt and choose the first token."""
        stream = self._stream(call)
        started = time.perf_counter()
        next(stream)
        return 1000 * (time.perf_counter() - started)

    def text(self, call: Call, count: int) -> str:
        """The first `count` greedy tokens as text, the adapter acting on the whole prompt."""
        stream = self._stream(call)
        ids = [next(stream) for _ in range(count)]
        model = self._model(call.adapter)
        return str(
            model.detokenize(ids, prev_tokens=call.ids, special=True).decode(errors="replace")
        )

    def close(self) -> None:
        """Free all models."""
        for model in self._models.values():
            model.close()

    def _stream(self, call: Call) -> Iterator[int]:
        """Greedy tokens without end. Nothing is computed before the first is asked for."""
        model = self._model(call.adapter)
        # Forgets the prompt before, whose beginning would else be reused.
        model.reset()
        stream: Iterator[int] = model.generate(call.ids, temp=0.0, repeat_penalty=1.0)
        return stream

    def _model(self, adapter: Adapter | None) -> Any:
        if adapter is None:
            raise ValueError("the peer is only asked with an adapter")
        if adapter.digest not in self._models:
            folder = self._scratch / "gguf" / adapter.digest
            save_peft(adapter, folder, "")
            file = folder / "adapter.gguf"
            convert(folder, file, self._gguf)
            threads = torch.get_num_threads()
            self._models[adapter.digest] = self._package.Llama(
                model_path=str(self._gguf),
                lora_path=str(file),
                n_ctx=WINDOW,
                n_threads=threads,
                n_threads_batch=threads,
                logits_all=False,
                verbose=False,
            )
        return self._models[adapter.digest]
