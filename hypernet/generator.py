"""A trained hypernetwork with its encoder and fit gate: task text in, adapter out.

Knows nothing of caches or engines.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from hypernet.fit import Fit, FitGate
from hypernet.network import HyperNetwork, load_network
from hypernet.task import Task, adapter_digest

if TYPE_CHECKING:
    from torch import Tensor

    from hypernet.adapter import Adapter
    from hypernet.encoder import Encoder

SHIPPED = Path(__file__).parent / "weights"
WEIGHTS_FILE, CARD_FILE = "hypernetwork.safetensors", "card.json"


@dataclass(frozen=True, eq=False)
class Generator:
    """Writes adapters for one base; the `AdapterSource` of the real engine."""

    network: HyperNetwork
    encoder: Encoder
    gate: FitGate
    base_fingerprint: str
    version: str
    card: dict[str, Any]

    def write(self, task: Task) -> Adapter:
        """The adapter of a task."""
        condition_C = self.network.standardise(self._vector(task)[None])[0]
        digest = adapter_digest(task, self.base_fingerprint, self.version)
        return self.network.generate(condition_C, digest)

    def multi_task(self) -> Adapter:
        """The part of every adapter that does not depend on the task."""
        condition_C = torch.zeros(self.network.config.condition)
        digest = adapter_digest(Task("(multi-task component)"), self.base_fingerprint, self.version)
        return self.network.generate(condition_C, digest)

    def fit(self, task: Task) -> Fit:
        """How well the hypernetwork knows the task."""
        return self.gate.judge(self._vector(task.without_examples()))

    @lru_cache(maxsize=8)  # noqa: B019  # a generator lives as long as its process
    def _vector(self, task: Task) -> Tensor:
        vector_C: Tensor = self.encoder([task.normalised().conditioning_text()])[0]
        return vector_C


def find_weights(base_name: str, setting: str | None) -> Path | None:
    """The folder with a hypernetwork for a base: the one set, else the shipped one of that name."""
    if setting:
        return Path(setting).expanduser()
    for card in sorted(SHIPPED.glob(f"*/{CARD_FILE}")):
        if json.loads(card.read_text())["base"]["name"] == base_name:
            return card.parent
    return None


def load_generator(folder: Path, encoder: Encoder, base_fingerprint: str) -> Generator:
    """Load a hypernetwork.

    Raises:
        ValueError: a file is missing or damaged, or was made with another encoder.
    """
    for name in (CARD_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise ValueError(f"{folder}: {name} is missing, so this is no hypernetwork folder")
    network, extra = load_network(folder / WEIGHTS_FILE)
    try:
        card = json.loads((folder / CARD_FILE).read_text())
        trained_with = card["encoder"]
        gate = FitGate(
            known=card["fit"]["known"],
            near=card["fit"]["near"],
            names=[t["name"] for t in card["data"]["tasks"]],
            anchors_NC=extra["anchors_NC"].float(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{folder}: {CARD_FILE} is damaged or incomplete ({error!r})") from error
    if trained_with["fingerprint"] != encoder.fingerprint:
        raise ValueError(
            f"{folder}: trained with encoder {trained_with['name']} "
            f"({trained_with['fingerprint']}), but {encoder.fingerprint} is loaded"
        )
    version = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()[:16]
    return Generator(network, encoder, gate, base_fingerprint, version, card)
