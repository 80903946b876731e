"""One training run's settings, read from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TrainConfig:
    """Everything a run depends on; equal settings and seed give equal weights on one machine."""

    name: str
    train_tasks: str
    dev_tasks: str
    train_paraphrases: str | None = None
    dev_paraphrases: str | None = None
    base: str | None = None
    encoder: str | None = None
    device: str = "cpu"
    seed: int = 0
    # the network
    rank: int = 16
    hidden: int = 512
    adapted_share: float = 1 / 3
    # the data
    samples_per_task: int = 24
    prefixed_per_task: int = 24
    prefix_wordings: int = 2
    max_paraphrases: int = 24
    dev_samples_per_task: int = 8
    max_prefix: int = 160
    max_step: int = 160
    max_answer: int = 40
    allow_restricted: bool = False
    # the optimisation
    steps: int = 1000
    batch: int = 32
    micro_batch: int = 16
    lora_rate: float = 1e-3
    trunk_rate: float = 5e-4
    weight_decay: float = 0.01
    warm_up: float = 0.06
    clip: float = 1.0
    label_smoothing: float = 0.1
    condition_dropout: float = 0.1
    condition_noise: float = 0.1
    evaluate_every: int = 100

    @classmethod
    def read(cls, file: Path) -> TrainConfig:
        """Read a TOML file.

        Raises:
            ValueError: names an unknown, missing or mistyped setting.
        """
        raw = tomllib.loads(file.read_text())
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(raw) - known):
            raise ValueError(f"{file.name}: unknown setting {unknown[0]!r}")
        try:
            config = cls(**raw)
        except TypeError as error:
            raise ValueError(f"{file.name}: {error}") from error
        if not 0 < config.adapted_share <= 1:
            raise ValueError(f"{file.name}: adapted_share must be over 0 and at most 1")
        return config

    def first_layer(self, layers: int) -> int:
        """The lowest adapted layer of a base with this many."""
        return layers - max(1, round(layers * self.adapted_share))
