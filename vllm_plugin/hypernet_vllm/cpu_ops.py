"""vLLM's LoRA kernels for CPUs, run by run of equal adapters.

vLLM's own take the last slot's adapter for tokens that have none (an index of -1), so that the base
is answered for by whatever adapter is there, and gather a copy of the weights for every token. They
have room for a run a request, and a request under an activated adapter has two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def install() -> None:
    """Replace the kernels in this process, and what they are told of a batch.

    Raises:
        ImportError, AttributeError: this vLLM has none for CPUs, or has others.
    """
    from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU as Wrapper

    own = (_update_prefill_metadata, _shrink_prefill, _expand_prefill, _expand_slice_prefill)
    for function in own:
        getattr(Wrapper, function.__name__)  # there to be replaced
    for function in own:
        setattr(Wrapper, function.__name__, function)


def _update_prefill_metadata(self: Any, token_lora_tensor: torch.Tensor) -> None:
    """Note the rows of a batch that share an adapter, and its slot; those without one left out."""
    slots, lengths = token_lora_tensor.unique_consecutive(return_counts=True)  # type: ignore[no-untyped-call]  # torch's
    self.hypernet_runs, start = [], 0
    for slot, length in zip(slots.tolist(), lengths.tolist(), strict=True):
        if slot >= 0:
            self.hypernet_runs.append((slice(start, start + length), slot))
        start += length
    self.no_lora = not self.hypernet_runs


def _shrink_prefill(
    self: Any, y: torch.Tensor, x: torch.Tensor, w_t_all: torch.Tensor, scale: float
) -> None:
    """y [tokens, r] = x [tokens, inputs] @ A.T * scale; 0 for tokens without an adapter."""
    if self.no_lora:
        return
    y.zero_()
    for rows, slot in self.hypernet_runs:
        a_rI = w_t_all[slot].reshape(-1, w_t_all.shape[-1]).to(y.dtype)
        y[rows, : a_rI.shape[0]] = scale * (x[rows].to(y.dtype) @ a_rI.T)


def _expand_prefill(
    self: Any, y: torch.Tensor, x: torch.Tensor, w_t_all: torch.Tensor, add_inputs: bool
) -> None:
    """y [tokens, outputs] (+)= x [tokens, r] @ B.T."""
    _expand_slice_prefill(self, y, x, w_t_all, 0, y.shape[1], add_inputs)


def _expand_slice_prefill(
    self: Any,
    y: torch.Tensor,
    x: torch.Tensor,
    w_t_all: torch.Tensor,
    y_offset: int,
    y_slice_size: int,
    add_inputs: bool,
) -> None:
    """The same for a slice of the outputs."""
    for rows, slot in self.hypernet_runs:
        b_Or = w_t_all[slot].reshape(-1, w_t_all.shape[-1]).to(y.dtype)
        size = min(b_Or.shape[0], y_slice_size)  # either may be padded
        added = x[rows].to(y.dtype) @ b_Or[:size].T
        part = y[rows, y_offset : y_offset + size]
        part.copy_(part + added if add_inputs else added)
