"""Activated LoRA (arXiv 2504.12397) in vLLM: an adapter acts from its invocation tokens on.

What comes before them is read by the base alone, so its blocks of the KV cache serve every adapter.
The tokens are `alora_invocation_tokens` in PEFT's `adapter_config.json`; as in PEFT, the adapter
acts from the last place in the prompt on where they stand, and nowhere where they do not.
"""

from __future__ import annotations

import inspect
import json
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NEVER = 2**31 - 1
REQUESTS_KEPT = 4096
CONFIGS_KEPT = 65_536
MOST_CONFIG = 2**20


def install() -> None:
    """Teach this process; a second call does nothing.

    Raises:
        ImportError, AttributeError, TypeError: this vLLM is built otherwise, and nothing was done.
    """
    from vllm.lora.peft_helper import PEFTHelper
    from vllm.v1.core import block_pool, kv_cache_utils
    from vllm.v1.worker.gpu_input_batch import InputBatch

    if hasattr(InputBatch.make_lora_inputs, "__wrapped__"):
        return
    validate = _takes(PEFTHelper._validate_features, "self")
    inputs = _takes(
        InputBatch.make_lora_inputs, "self", "num_scheduled_tokens", "num_sampled_tokens"
    )
    keys = _takes(
        kv_cache_utils.generate_block_hash_extra_keys,
        "request", "start_token_idx", "end_token_idx", "start_mm_idx",
    )  # fmt: skip
    PEFTHelper._validate_features = _accepting(validate)
    InputBatch.make_lora_inputs = _from_invocation(inputs)
    block_pool.generate_block_hash_extra_keys = kv_cache_utils.generate_block_hash_extra_keys = (
        _shared_before_invocation(keys)
    )


def _takes(function: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """The function, once it is what this module was written for."""
    found = tuple(inspect.signature(function).parameters)
    if found != names:
        raise TypeError(f"{function.__qualname__} takes {found}, expected is {names}")
    return function


def _accepting(validate: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
    """vLLM's own refusals, less the one of activated LoRA."""

    @wraps(validate)
    def accepting(helper: Any) -> list[str]:
        tokens, helper.alora_invocation_tokens = helper.alora_invocation_tokens, None
        try:
            faults = validate(helper)
            if tokens and not _are_tokens(tokens):
                faults.append("alora_invocation_tokens are no list of token ids.")
            return faults
        finally:
            helper.alora_invocation_tokens = tokens

    return accepting


def _from_invocation(make: Callable[..., Any]) -> Callable[..., Any]:
    """The adapter of each token of a batch, none for those before its invocation."""
    first_of: dict[tuple[str, str], int] = {}

    def first(batch: Any, row: int, request: Any) -> int:
        key = (batch.req_ids[row], request.lora_path)
        # While the prompt is read it is looked at anew: a client may give two requests one id.
        reads = int(batch.num_computed_tokens_cpu[row]) < int(batch.num_prompt_tokens[row])
        if reads or key not in first_of:
            first_of.pop(key, None)
            if len(first_of) >= REQUESTS_KEPT:
                del first_of[next(iter(first_of))]
            prompt = batch.token_ids_cpu[row, : batch.num_prompt_tokens[row]].tolist()
            first_of[key] = first_active(prompt, invocation_tokens(request.lora_path))
        return first_of[key]

    @wraps(make)
    def from_invocation(batch: Any, num_scheduled_tokens: Any, num_sampled_tokens: Any) -> Any:
        prompts, tokens, requests = make(batch, num_scheduled_tokens, num_sampled_tokens)
        by_id, start, own = batch.lora_id_to_lora_request, 0, list(tokens)
        for row in range(batch.num_reqs):
            scheduled = int(num_scheduled_tokens[row])
            request = by_id.get(int(batch.request_lora_mapping[row]))
            if request is not None and invocation_tokens(request.lora_path):
                idle = first(batch, row, request) - int(batch.num_computed_tokens_cpu[row])
                idle = max(0, min(idle, scheduled))
                own[start : start + idle] = [0] * idle
            start += scheduled
        return prompts, tuple(own), requests

    return from_invocation


def _shared_before_invocation(make: Callable[..., Any]) -> Callable[..., Any]:
    """What tells blocks of the cache apart: not the adapter, where it does not act yet."""

    @wraps(make)
    def shared(
        request: Any, start_token_idx: int, end_token_idx: int, start_mm_idx: int
    ) -> tuple[tuple[Any, ...] | None, int]:
        keys, next_mm_idx = make(request, start_token_idx, end_token_idx, start_mm_idx)
        lora = request.lora_request
        if not keys or lora is None or not (tokens := invocation_tokens(lora.lora_path)):
            return keys, next_mm_idx
        if end_token_idx > _first_of(request, tokens):
            return keys, next_mm_idx
        return tuple(key for key in keys if key[0] != "lora") or None, next_mm_idx

    return shared


def _first_of(request: Any, tokens: Sequence[int]) -> int:
    """Where the adapter of a request sets in, kept with it: a prompt is hashed block by block."""
    known: int | None = getattr(request, "_hypernet_first_active", None)
    if known is None:
        known = request._hypernet_first_active = first_active(request.prompt_token_ids, tokens)
    return known


def first_active(prompt: Sequence[int] | None, tokens: Sequence[int]) -> int:
    """The place of the token of a prompt from which on an adapter acts; `NEVER` if it does not."""
    prompt = list(prompt or ())
    for start in range(len(prompt) - len(tokens), -1, -1):
        if prompt[start] == tokens[0] and prompt[start : start + len(tokens)] == list(tokens):
            return start
    return NEVER


def invocation_tokens(folder: str) -> tuple[int, ...]:
    """The tokens from which on the adapter in a folder acts; none: it acts on all of a prompt.

    A folder never changes its contents, which are named by their digest: what was read is kept.
    What could not be read is read again.
    """
    if folder not in _tokens_of:
        try:
            with (Path(folder) / "adapter_config.json").open("rb") as file:
                config = json.loads(file.read(MOST_CONFIG))
        except (OSError, ValueError, RecursionError):  # a name on the hub, or vLLM's own warm-up
            return ()
        tokens = config.get("alora_invocation_tokens") if isinstance(config, dict) else None
        if len(_tokens_of) >= CONFIGS_KEPT:
            _tokens_of.clear()
        _tokens_of[folder] = tuple(tokens) if tokens is not None and _are_tokens(tokens) else ()
    return _tokens_of[folder]


_tokens_of: dict[str, tuple[int, ...]] = {}


def _are_tokens(tokens: Any) -> bool:
    return isinstance(tokens, list) and all(type(token) is int for token in tokens)
