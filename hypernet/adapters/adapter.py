"""An adapter: LoRA A and B for some linears of the base, and its PEFT directory form.

Knows nothing of how adapters are made or run. Letters: I inputs, O outputs, r rank.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from hypernet.base_model.llama import LINEARS, linear_path
from hypernet.base_model.loading import fingerprint_of

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.decoder import Shape
    from hypernet.engine.interface import Adapter as AnyAdapter

Factors = Mapping[tuple[int, str], tuple[torch.Tensor, torch.Tensor]]
MAX_RANK = 256
# PEFT settings that change what the tensors mean.
NOT_PLAIN = ("use_dora", "lora_bias", "rank_pattern", "alpha_pattern")


class BadAdapterError(ValueError):
    """An adapter file has missing, misshapen or non-finite tensors."""


@dataclass(frozen=True)
class Adapter:
    """The addition x @ A · diag(gains) @ B to each adapted linear; the LoRA scale is in B or gains.

    Generated adapters share one `basis` and differ in their gains; any other has a basis of its
    own and no gains. `parent` is the digest of the adapter that a refined one was trained on from.
    """

    digest: str
    rank: int
    basis: Factors
    """(layer, linear) to A [I, r] and B [r, O]."""
    gains: Mapping[tuple[int, str], Tensor] | None = None
    """(layer, linear) to a factor per rank [r]."""
    parent: str | None = None

    @cached_property
    def factors(self) -> Factors:
        """A and B with the gains worked in, as plain LoRA has them."""
        if self.gains is None:
            return self.basis
        return {key: (a_Ir * self.gains[key], b_rO) for key, (a_Ir, b_rO) in self.basis.items()}

    def scaled(self, scale: float) -> Adapter:
        """The same addition times a factor, under a digest that says so."""
        if scale == 1.0:
            return self
        digest = f"{self.digest}x{scale:g}"
        if self.gains is not None:
            gains = {key: gains_r * scale for key, gains_r in self.gains.items()}
            return replace(self, digest=digest, gains=gains)
        basis = {key: (a_Ir, b_rO * scale) for key, (a_Ir, b_rO) in self.basis.items()}
        return replace(self, digest=digest, basis=basis)

    @property
    def nbytes(self) -> int:
        """Bytes of what is this adapter's own."""
        own = (
            self.gains.values()
            if self.gains is not None
            else [tensor for factors in self.basis.values() for tensor in factors]
        )
        return sum(tensor.numel() * tensor.element_size() for tensor in own)

    def to(self, dtype: torch.dtype) -> Adapter:
        """The same addition as plain factors in another precision."""
        factors = {
            key: (a_Ir.to(dtype), b_rO.to(dtype)) for key, (a_Ir, b_rO) in self.factors.items()
        }
        return replace(self, basis=factors, gains=None)

    def peft_config(self) -> dict[str, Any]:
        """The fields of `peft.LoraConfig` that say what `peft_tensors` is, all but the base's."""
        layers = sorted({layer for layer, _ in self.factors})
        linears = [name for name in LINEARS if any(name == own for _, own in self.factors)]
        return {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "r": self.rank,
            "lora_alpha": self.rank,
            "lora_dropout": 0.0,
            "bias": "none",
            "use_rslora": False,
            "fan_in_fan_out": False,
            "inference_mode": True,
            "target_modules": linears,
            "layers_to_transform": layers,
            "layers_pattern": "layers",
        }

    def peft_tensors(self) -> dict[str, Tensor]:
        """The factors by PEFT's names: lora_A.weight [r, I] and lora_B.weight [O, r] of each."""
        tensors: dict[str, Tensor] = {}
        for (layer, linear), (a_Ir, b_rO) in self.factors.items():
            path = f"base_model.model.{linear_path(layer, linear)}"
            tensors[f"{path}.lora_A.weight"] = a_Ir.T.contiguous()
            tensors[f"{path}.lora_B.weight"] = b_rO.T.contiguous()
        return tensors


def save_peft(adapter: AnyAdapter, folder: Path, base_model: str) -> None:
    """Write `adapter_config.json` and `adapter_model.safetensors` as plain PEFT reads them.

    alpha equals the rank and rsLoRA is off, so PEFT's own scale is 1 and nothing is applied twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = adapter.peft_config() | {"base_model_name_or_path": base_model}
    metadata = {"digest": adapter.digest}
    save_file(adapter.peft_tensors(), str(folder / "adapter_model.safetensors"), metadata)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")


def load_peft(folder: Path, base: Shape) -> Adapter:
    """Read a PEFT LoRA directory; the digest is that of its tensors' bytes.

    Raises:
        BadAdapterError: names the tensor or field that is missing, misshapen, too large in rank,
            not finite, or of a form that is not plain LoRA; also for anything but safetensors.
    """
    config_file, weights_file = folder / "adapter_config.json", folder / "adapter_model.safetensors"
    for file in (config_file, weights_file):
        if not file.is_file():
            raise BadAdapterError(f"{file.name} is missing (only safetensors adapters are read)")
    rank, scale = _rank_and_scale(config_file)
    try:
        tensors = load_file(str(weights_file))
    except SafetensorError as error:
        raise BadAdapterError(f"{weights_file.name} is damaged: {error}") from error
    factors: dict[tuple[int, str], tuple[Tensor, Tensor]] = {}
    for layer in range(base.layers):
        for linear, (inputs, outputs) in base.linear_sizes().items():
            path = f"base_model.model.{base.path(layer, linear)}"
            a_rI = tensors.pop(f"{path}.lora_A.weight", None)
            b_Or = tensors.pop(f"{path}.lora_B.weight", None)
            if a_rI is None and b_Or is None:
                continue
            _check(f"{path}.lora_A", a_rI, (rank, inputs))
            _check(f"{path}.lora_B", b_Or, (outputs, rank), scale)
            assert a_rI is not None  # noqa: S101  # for the type checker: _check refused None
            assert b_Or is not None  # noqa: S101  # for the type checker: _check refused None
            factors[layer, linear] = (a_rI.T.contiguous(), b_Or.T.contiguous() * scale)
    if tensors or not factors:
        odd = next(iter(tensors), "no LoRA tensor at all")
        raise BadAdapterError(f"adapter_model.safetensors: {odd} does not fit the base model")
    named = {f"{key} {i}": t for key, ab in factors.items() for i, t in enumerate(ab)}
    return Adapter(digest=fingerprint_of(named), rank=rank, basis=factors)


def _rank_and_scale(file: Path) -> tuple[int, float]:
    try:
        config: Any = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise BadAdapterError(f"{file.name} is damaged: {error}") from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise BadAdapterError(f"{file.name}: peft_type must be LORA")
    rank = config.get("r")
    if type(rank) is not int or not 1 <= rank <= MAX_RANK:
        raise BadAdapterError(f"{file.name}: r is {rank!r}, allowed are 1 to {MAX_RANK}")
    alpha = config.get("lora_alpha", rank)
    if type(alpha) not in (int, float) or not math.isfinite(alpha):
        raise BadAdapterError(f"{file.name}: lora_alpha is {alpha!r}, not a finite number")
    if odd := [name for name in NOT_PLAIN if config.get(name)]:
        raise BadAdapterError(f"{file.name}: {odd[0]} is set; only plain LoRA is read")
    return rank, alpha / (rank**0.5 if config.get("use_rslora") else rank)


def _check(name: str, tensor: Tensor | None, shape: tuple[int, int], scale: float = 1.0) -> None:
    if tensor is None:
        raise BadAdapterError(f"{name} is missing")
    if tuple(tensor.shape) != shape:
        raise BadAdapterError(f"{name} has shape {tuple(tensor.shape)}, expected {shape}")
    if not tensor.dtype.is_floating_point or not bool(torch.isfinite(tensor.float() * scale).all()):
        raise BadAdapterError(f"{name} holds values that are not finite numbers")
