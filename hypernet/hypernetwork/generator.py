"""A trained hypernetwork with its encoder and fit gate: task text in, adapter out."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import torch

from hypernet.adapters.interruptible import Interruptible
from hypernet.adapters.refine import TRAINED_SHARE, refine_together, refined_digest
from hypernet.base_model.frozen_prefix import Pasts
from hypernet.hypernetwork.card import (
    NEEDED,
    VERSION_DIGITS,
    WEIGHTS_FILE,
    BadHypernetworkError,
    check_weights,
    read_card,
)
from hypernet.hypernetwork.conditioning import ConditionReader, TaskReading
from hypernet.hypernetwork.fit import Fit, FitGate
from hypernet.hypernetwork.network import HyperNetwork, load_network
from hypernet.hypernetwork.task_encoder import Condition
from hypernet.progress import silent
from hypernet.task import Task, adapter_digest
from hypernet.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.adapters.adapter import Adapter
    from hypernet.adapters.kept import KeptAdapters
    from hypernet.base_model.chat import ChatFormat
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Adapter as AnyAdapter
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.progress import Progress
    from hypernet.task import Example

READ_BYTES = 256 * 2**20
"""Of what is kept of a task's examples while several adapters are made of them."""


class Remembered:
    """What is read of some examples: their inputs behind texts, and their two states [2, D]."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.pasts = Pasts(READ_BYTES)
        self._examples = tuple(examples)
        self._states: dict[Example, Tensor] = {}

    def states(self, examples: Sequence[Example], reader: ConditionReader) -> Tensor | None:
        """Of these examples, [E, 2, D], all read together the first time; None of any others."""
        if not examples or not set(examples) <= set(self._examples):
            return None
        if not self._states:
            self._states.update(zip(self._examples, reader.examples(self._examples), strict=True))
        return torch.stack([self._states[example] for example in examples])

    def clear(self) -> None:
        """Forget all."""
        self.pasts.clear()
        self._states.clear()


@dataclass(frozen=True, eq=False)
class Generator:
    """Writes adapters for one base; the `AdapterSource` of the real engine."""

    network: HyperNetwork
    reader: ConditionReader
    gate: FitGate
    base_fingerprint: str
    version: str
    card: dict[str, Any]
    folder: Path
    turns: Turns = field(default_factory=Turns)
    """Behind whom examples are read and adapters are refined."""
    kept: KeptAdapters | None = None
    """Where refined adapters outlive the process, if they do."""
    together_bytes: int = 512 * 2**20
    """Most memory for what is trained in the same passes, and for what was read of its examples."""
    remembered: Remembered | None = None
    """What it has read of the examples that it makes several adapters of."""

    @contextmanager
    def remembering(self, task: Task) -> Iterator[Generator]:
        """One that writes the same adapters, and reads the task's examples once for all of them.

        For as long as the block runs; then what was read is forgotten.
        """
        remembered = Remembered(task.normalised().examples)
        try:
            yield replace(self, remembered=remembered)
        finally:
            remembered.clear()

    def write(self, task: Task) -> Adapter:
        """The adapter of a task, from its description, labels and examples."""
        condition = Condition.of([self._read(task)])
        digest = adapter_digest(task, self.base_fingerprint, self.version)
        return self.network.generate(condition, digest)

    def multi_task(self) -> Adapter:
        """The part of every adapter that does not depend on the task."""
        digest = adapter_digest(Task("(multi-task component)"), self.base_fingerprint, self.version)
        return self.network.generate(Condition.null(self.network.config), digest)

    def refine(
        self, task: Task, start: AnyAdapter, *, in_prompt: bool, progress: Progress = silent
    ) -> Adapter:
        """The adapter after some gradient steps on the task's examples, or as it was kept.

        `progress` is called between steps too, with what was told last: it may raise there.

        Raises:
            ValueError: there is no example, or none within the limits.
        """
        if self.kept is not None:
            written = cast("Adapter", start)
            known = self.kept.read(refined_digest(written, task, in_prompt=in_prompt))
            if known is not None:
                return known
        refined = self._refine([(task, start)], in_prompt, progress)[0]
        if self.kept is not None:
            self.kept.write(refined)
        return refined

    def refine_together(
        self,
        starts: Sequence[tuple[Task, AnyAdapter]],
        *,
        in_prompt: bool,
        progress: Progress = silent,
    ) -> list[Adapter]:
        """Adapters after as many steps each, in the same passes where memory allows it.

        Each is what so many steps of `refine` make, but for rounding and for those of the one with
        most examples; so none is kept in the cache folder.

        Raises:
            ValueError: one has no example, or none within the limits.
        """
        found: list[Adapter] = []
        for part in self._fitting(starts):
            before = len(found) / len(starts)

            def tell(fraction: float, message: str, part: Any = part, before: Any = before) -> None:
                progress(before + fraction * len(part) / len(starts), message)

            found += self._refine(part, in_prompt, tell)
        return found

    def _fitting(
        self, starts: Sequence[tuple[Task, AnyAdapter]]
    ) -> Iterator[list[tuple[Task, AnyAdapter]]]:
        """Those in a row that are trained together within `together_bytes`; one at least."""
        part: list[tuple[Task, AnyAdapter]] = []
        taken = 0
        for task, start in starts:
            size = _factor_bytes(start) + self._past_bytes(task)
            if part and taken + size > self.together_bytes:
                yield part
                part, taken = [], 0
            part.append((task, start))
            taken += size
        if part:
            yield part

    def _past_bytes(self, task: Task) -> int:
        """About what the keys and values of a task's text and examples take, read one by one."""
        chat, config = self.reader.chat, self.reader.base.config
        text = len(chat.prefix_ids(task.without_examples().prefix_text()))
        tokens = sum(text + len(chat.input_ids(e.input)) for e in task.examples)
        each = 2 * config.layers * config.kv_heads * config.head_dim
        return tokens * each * self.reader.base.dtype.itemsize

    def _refine(
        self, starts: Sequence[tuple[Task, AnyAdapter]], in_prompt: bool, progress: Progress
    ) -> list[Adapter]:
        give_way = self.turns.behind()
        told = (0.0, "reading the examples")

        def tell(fraction: float, message: str) -> None:
            nonlocal told
            told = fraction, message
            progress(*told)

        def between() -> None:
            give_way()
            progress(*told)

        return refine_together(
            self.reader.base,
            self.reader.chat,
            [(cast("Adapter", start), task) for task, start in starts],
            in_prompt=in_prompt,
            pasts=None if self.remembered is None else self.remembered.pasts,
            progress=tell,
            between=between,
        )

    def fit(self, task: Task) -> Fit:
        """How well the hypernetwork knows the task, by its text."""
        return self.gate.judge(self._vector(task.without_examples()))

    def _read(self, task: Task) -> TaskReading:
        task = task.normalised()
        text = task.without_examples()
        return TaskReading(
            self._vector(text),
            self.reader.texts([text.prefix_text()])[0],
            self._read_examples(task.examples),
        )

    def _read_examples(self, examples: Sequence[Example]) -> Tensor:
        # A text is read in the time of a few tokens, many examples in seconds.
        reader = replace(self.reader, base=Interruptible(self.reader.base, self.turns.behind()))
        if self.remembered is not None:
            known_E2D = self.remembered.states(examples, reader)
            if known_E2D is not None:
                return known_E2D
        return reader.examples(examples)

    @lru_cache(maxsize=8)  # noqa: B019  # a generator lives as long as its process
    def _vector(self, task: Task) -> Tensor:
        vector_C: Tensor = self.reader.encoder([task.normalised().conditioning_text()])[0]
        return vector_C


def _factor_bytes(start: AnyAdapter) -> int:
    """About what training an adapter takes: factors, gradients and Adam's two means, in float32."""
    factors = cast("Adapter", start).factors.values()
    return int(TRAINED_SHARE * sum(16 * (a.numel() + b.numel()) for a, b in factors))


def load_generator(
    folder: Path,
    base: BaseModel,
    chat: ChatFormat,
    encoder: Encoder,
    kept: KeptAdapters | None = None,
) -> Generator:
    """Load a hypernetwork for a base and the encoder that it was trained with.

    With `kept`, refined adapters are read from there and written to it.

    Raises:
        BadHypernetworkError: a file is missing or damaged, or was made with another encoder, for
            another base or for another chat template.
    """
    card = read_card(folder, *NEEDED)
    check_weights(folder)
    network, extra = load_network(folder / WEIGHTS_FILE, widen=False)
    if "anchors_NWC" not in extra:
        raise BadHypernetworkError(f"{folder}: {WEIGHTS_FILE} holds no vectors of training tasks")
    if network.config.invocation not in ((), tuple(chat.invocation_ids())):
        raise BadHypernetworkError(
            f"{folder}: its adapters act from other markup on than this base's chat template has"
        )
    trained_with, fit = card["encoder"], card["fit"]
    if trained_with["fingerprint"] != encoder.fingerprint:
        raise BadHypernetworkError(
            f"{folder}: trained with encoder {trained_with['name']} "
            f"({trained_with['fingerprint']}), but {encoder.fingerprint} is loaded"
        )
    if (difference := network.config.difference(base.forward.config)) is not None:
        raise BadHypernetworkError(f"{folder}: {difference}")
    names = [task["name"] for task in card["data"]["tasks"]]
    gate = FitGate(fit["known"], fit["near"], names, extra["anchors_NWC"])
    with (folder / WEIGHTS_FILE).open("rb") as stream:
        version = hashlib.file_digest(stream, "sha256").hexdigest()[:VERSION_DIGITS]
    reader = ConditionReader(base.forward, chat, encoder, network.config.reads_at)
    network.basis()  # now: threads that write their first adapters at once must share it
    return Generator(network, reader, gate, base.fingerprint, version, card, folder, kept=kept)
