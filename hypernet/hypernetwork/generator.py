"""A trained hypernetwork with its encoder and fit gate: task text in, adapter out.

Knows nothing of caches or engines.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hypernet.adapters.refine import refine
from hypernet.base_model.loading import BadHypernetworkError
from hypernet.hypernetwork.conditioning import Reader, Reading
from hypernet.hypernetwork.fit import Fit, FitGate
from hypernet.hypernetwork.network import Condition, HyperNetwork, load_network
from hypernet.task import Task, adapter_digest

if TYPE_CHECKING:
    from torch import Tensor

    from hypernet.adapters.adapter import Adapter
    from hypernet.adapters.cache import Told
    from hypernet.base_model.chat import ChatFormat
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Adapter as AnyAdapter
    from hypernet.hypernetwork.encoder import Encoder

SHIPPED = Path(__file__).parents[1] / "weights"
WEIGHTS_FILE, CARD_FILE = "hypernetwork.safetensors", "card.json"


@dataclass(frozen=True, eq=False)
class Generator:
    """Writes adapters for one base; the `AdapterSource` of the real engine."""

    network: HyperNetwork
    reader: Reader
    gate: FitGate
    base_fingerprint: str
    version: str
    card: dict[str, Any]
    folder: Path

    def write(self, task: Task) -> Adapter:
        """The adapter of a task, from its description, labels and examples."""
        condition = Condition.of([self._read(task)])
        digest = adapter_digest(task, self.base_fingerprint, self.version)
        return self.network.generate(condition, digest)

    def multi_task(self) -> Adapter:
        """The part of every adapter that does not depend on the task."""
        digest = adapter_digest(Task("(multi-task component)"), self.base_fingerprint, self.version)
        return self.network.generate(Condition.null(self.network.config), digest)

    def refine(self, task: Task, start: AnyAdapter, *, in_prompt: bool, say: Told) -> Adapter:
        """The adapter after some gradient steps on the task's examples.

        Raises:
            ValueError: there is no example, or none within the limits.
        """
        llama, chat = self.reader.llama, self.reader.chat
        written = cast("Adapter", start)
        return refine(llama, chat, written, task, in_prompt=in_prompt, say=say)

    def fit(self, task: Task) -> Fit:
        """How well the hypernetwork knows the task, by its text."""
        return self.gate.judge(self._vector(task.without_examples()))

    def _read(self, task: Task) -> Reading:
        task = task.normalised()
        text = task.without_examples()
        return Reading(
            self._vector(text),
            self.reader.texts([text.prefix_text()])[0],
            self.reader.examples(task.examples),
        )

    @lru_cache(maxsize=8)  # noqa: B019  # a generator lives as long as its process
    def _vector(self, task: Task) -> Tensor:
        vector_C: Tensor = self.reader.encoder([task.normalised().conditioning_text()])[0]
        return vector_C


def find_weights(base_name: str, setting: str | None) -> Path | None:
    """The folder with a hypernetwork for a base: the one set, else the shipped one of that name."""
    if setting:
        return Path(setting).expanduser()
    for card in sorted(SHIPPED.glob(f"*/{CARD_FILE}")):
        if json.loads(card.read_text(encoding="utf-8"))["base"]["name"] == base_name:
            return card.parent
    return None


def load_generator(folder: Path, base: BaseModel, chat: ChatFormat, encoder: Encoder) -> Generator:
    """Load a hypernetwork for a base and the encoder that it was trained with.

    Raises:
        BadHypernetworkError: a file is missing or damaged, or was made with another encoder.
    """
    for name in (CARD_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise BadHypernetworkError(
                f"{folder}: {name} is missing, so this is no hypernetwork folder"
            )
    network, extra = load_network(folder / WEIGHTS_FILE)
    try:
        card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        trained_with = card["encoder"]
        gate = FitGate(
            known=card["fit"]["known"],
            near=card["fit"]["near"],
            names=[t["name"] for t in card["data"]["tasks"]],
            anchors_NWC=extra["anchors_NWC"].float(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadHypernetworkError(
            f"{folder}: {CARD_FILE} is damaged or incomplete ({error!r})"
        ) from error
    if trained_with["fingerprint"] != encoder.fingerprint:
        raise BadHypernetworkError(
            f"{folder}: trained with encoder {trained_with['name']} "
            f"({trained_with['fingerprint']}), but {encoder.fingerprint} is loaded"
        )
    version = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()[:16]
    if network.config.states != base.llama.config.hidden:
        raise BadHypernetworkError(
            f"{folder}: made for a base of hidden size {network.config.states}, "
            f"this one's is {base.llama.config.hidden}"
        )
    reader = Reader(base.llama, chat, encoder, network.config.first_layer)
    return Generator(network, reader, gate, base.fingerprint, version, card, folder)
