"""What a run needs to go on where it stopped, and the mean of the weights that it evaluated."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from hypernet.files import PRIVATE, keep_private, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from hypernet.hypernetwork.network import HyperNetwork


@dataclass
class RunState:
    """How far a run has come. `mean` holds the parameters averaged over all evaluations.

    The mean of weights along a run generalises better than its last ones (stochastic weight
    averaging: Izmailov et al., 2018), and with those it started from it keeps more of what they
    knew (Wortsman et al., 2022).
    """

    step: int = 0
    best: float = math.inf
    history: list[dict[str, Any]] = field(default_factory=list)
    mean: dict[str, Tensor] = field(default_factory=dict)
    averaged: int = 0
    """How many weights are in the mean."""

    def add(self, step: int, loss: float, found: dict[str, Any], network: HyperNetwork) -> None:
        """Note an evaluation, and take the weights that it was made of into the mean."""
        self.history.append({"step": step, "train": loss, **found})
        self.average(network)

    def average(self, network: HyperNetwork) -> None:
        """Take weights into the mean."""
        self.averaged += 1
        for name, parameter in network.named_parameters():
            value = parameter.detach()
            before = self.mean.get(name, torch.zeros_like(value))
            self.mean[name] = before + (value - before) / self.averaged

    def save(
        self, file: Path, step: int, network: HyperNetwork, optimiser: torch.optim.Optimizer
    ) -> None:
        """Write all of it for its owner alone; the file is there whole or as it was."""
        state = {
            "step": step,
            "best": self.best,
            "history": self.history,
            "mean": self.mean,
            "averaged": self.averaged,
            "network": network.state_dict(),
            "optimiser": optimiser.state_dict(),
        }
        with replacing(file, permissions=PRIVATE) as stream:
            torch.save(state, stream)


def resume(file: Path, network: HyperNetwork, optimiser: torch.optim.Optimizer) -> RunState:
    """Put network and optimiser where an earlier run left them; a new state if there was none."""
    if not file.is_file():
        return RunState()
    keep_private(file)  # an earlier version left it open to others
    saved = torch.load(file, weights_only=True)
    network.load_state_dict(saved["network"])
    optimiser.load_state_dict(saved["optimiser"])
    # A run begun before there was a mean starts one with its next evaluation.
    mean, averaged = saved.get("mean", {}), saved.get("averaged", 0)
    return RunState(saved["step"], saved["best"], saved["history"], mean, averaged)
