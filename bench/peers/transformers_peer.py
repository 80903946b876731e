"""The base alone, by transformers' own `generate`."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from bench.peers import NotMeasuredError
from hypernet.base_model.loading import preferred_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.peers import Call


class Clock:
    """Where `generate` puts each token: the times of the prompt and of every token after it."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def put(self, _: Any) -> None:
        """Take tokens."""
        self.at.append(time.perf_counter())

    def end(self) -> None:
        """Nothing to end."""


class Transformers:
    """A base model without adapters."""

    def __init__(self, folder: Path, device: str) -> None:
        _, self._model = load(folder, device)

    def decode(self, calls: Sequence[Call], tokens: int) -> float:
        """Tokens per second of all calls in one batch, after the first of each."""
        at = generate(self._model, self._prompts(calls), tokens)[1]
        return len(calls) * (tokens - 1) / (at[-1] - at[1])

    def first_token(self, call: Call) -> float:
        """Milliseconds to read the call's prompt."""
        started = time.perf_counter()
        return 1000 * (generate(self._model, self._prompts([call]), 1)[1][1] - started)

    def _prompts(self, calls: Sequence[Call]) -> list[list[int]]:
        if any(call.adapter is not None for call in calls):
            raise NotMeasuredError("transformers alone runs no adapters")
        return [call.ids for call in calls]


def load(folder: Path, device: str) -> tuple[Any, Any]:
    """Tokenizer and model of a folder, in the precision that is fast on the device."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
    model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=preferred_dtype(device))
    model.to(device).eval()
    # No end token: all generate the number asked for, as ours does.
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = tokenizer.pad_token_id or 0
    return tokenizer, model


@torch.inference_mode()
def generate(
    model: Any, prompts: list[list[int]], tokens: int, **more: Any
) -> tuple[Any, list[float]]:
    """Greedy tokens of equally long prompts in one batch, and the time of each token."""
    ids = torch.tensor(prompts, device=model.device)
    clock = Clock()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=tokens,
            do_sample=False,
            streamer=clock,
            **more,
        )
    return out, clock.at
