"""An adapter: LoRA A and B for some linears of the base, as a value.

Letters: I inputs, O outputs, r rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import torch

from hypernet.base_model.llama import PATHS

if TYPE_CHECKING:
    from torch import Tensor

    from hypernet.adapters.cache import Refinement

Factors = Mapping[tuple[int, str], tuple[torch.Tensor, torch.Tensor]]
PEFT_PREFIX = "base_model.model."
"""What PEFT puts before a module's own name."""


@dataclass(frozen=True)
class Adapter:
    """The addition x @ A · diag(gains) @ B to each adapted linear; the LoRA scale is in B or gains.

    Generated adapters share one `basis` and differ in their gains; any other has a basis of its
    own and no gains. `parent` is the digest of the adapter that a refined one was trained on from.
    """

    digest: str
    rank: int
    basis: Factors
    """(layer, linear) to A [I, r] and B [r, O]; of generated adapters, as they are stored."""
    gains: Mapping[tuple[int, str], Tensor] | None = None
    """(layer, linear) to a factor per rank [r]."""
    parent: str | None = None
    paths: Mapping[str, str] = field(default_factory=lambda: PATHS)
    """Each linear's module in the base, with `{layer}` left open; the Llama family's by default."""
    invocation: tuple[int, ...] = ()
    """Token ids from which on it acts, behind an input that the base alone reads (activated LoRA,
    arXiv 2504.12397). None: it acts on the input too."""
    refinement: Refinement | None = None
    """The gradient steps that it took on a task's examples, if any."""

    @cached_property
    def factors(self) -> Factors:
        """A and B with the gains worked in, as plain LoRA has them."""
        if self.gains is None:
            return self.basis
        return {
            key: (a_Ir.float() * self.gains[key], b_rO.float())
            for key, (a_Ir, b_rO) in self.basis.items()
        }

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
        """The fields of `peft.LoraConfig` that describe `peft_tensors`: all but the base's name.

        alpha equals the rank and rsLoRA is off, so PEFT's own scale is 1 and nothing is applied
        twice.
        """
        linears = [name for name in self.paths if any(name == own for _, own in self.factors)]
        layers = sorted({layer for layer, _ in self.factors})
        config: dict[str, Any] = {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "r": self.rank,
            "lora_alpha": self.rank,
            "lora_dropout": 0.0,
            "bias": "none",
            "use_rslora": False,
            "fan_in_fan_out": False,
            "inference_mode": True,
        }
        if self.invocation:
            config["alora_invocation_tokens"] = list(self.invocation)
        if set(product(layers, linears)) != set(self.factors):
            modules = [self.paths[name].format(layer=layer) for layer, name in self.factors]
            return config | {"target_modules": modules}
        stem = self.paths[linears[0]].partition(".{layer}.")[0]
        return config | {
            "target_modules": linears,
            "layers_to_transform": layers,
            "layers_pattern": stem.rpartition(".")[2],
        }

    def peft_tensors(self) -> dict[str, Tensor]:
        """The factors by PEFT's names: lora_A.weight [r, I] and lora_B.weight [O, r] of each."""
        tensors: dict[str, Tensor] = {}
        for (layer, linear), (a_Ir, b_rO) in self.factors.items():
            path = PEFT_PREFIX + self.paths[linear].format(layer=layer)
            tensors[f"{path}.lora_A.weight"] = a_Ir.T.contiguous()
            tensors[f"{path}.lora_B.weight"] = b_rO.T.contiguous()
        return tensors
