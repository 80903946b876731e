"""What the frozen base makes of texts, inputs and answers, computed when it is first drawn.

Before the adapter acts nothing ever changes. So a document that many tasks ask about is read once,
and its keys and values serve them all; a task's text is read once as a prefix. An input behind its
task's text is read as drawn: there are too many pairs of them to meet one twice. What was computed
is kept within a budget of bytes, the least recently used out first.

Each is read by itself, never beside others: sums over padded rows differ in their last bits, and a
run that was stopped must take the same steps whatever it still remembers.

Letters: T tokens, P tokens before, L layers, G key-value heads, d head size, D hidden size,
C the encoder's vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import torch
from cachetools import LRUCache

from hypernet.base_model.frozen_prefix import acted_on, read, read_behind, states_behind
from hypernet.base_model.kv_cache import Segment
from hypernet.hypernetwork.conditioning import MOST_TEXT_TOKENS, TaskReading, example_states

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from torch import Tensor

    from hypernet.base_model.frozen_prefix import PrecomputedSample
    from hypernet.base_model.samples import Sample
    from hypernet.hypernetwork.conditioning import ConditionReader
    from hypernet.task import Task


class Sized(Protocol):
    """What knows how much memory it holds."""

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        ...


S = TypeVar("S", bound=Sized)


@dataclass(frozen=True)
class ReadTask:
    """A task's text as the condition has it: the encoder's vector [C] and token states [T, D]."""

    vector_C: Tensor
    states_TD: Tensor

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return _bytes(self.vector_C) + _bytes(self.states_TD)


@dataclass(frozen=True)
class ReadExample:
    """The two states [2, D] of an example."""

    states_2D: Tensor

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return _bytes(self.states_2D)


class FrozenStates:
    """The frozen base's results, kept while there is room.

    Args:
        reader: the frozen base, its chat markup, the encoder, and the layer that is read.
        first_layer: the first adapted layer.
        budget_bytes: how much may be kept.

    Raises:
        ValueError: the layer that is read lies below the first adapted one.
    """

    def __init__(self, reader: ConditionReader, first_layer: int, budget_bytes: int) -> None:
        if reader.read_layer < first_layer:
            raise ValueError(
                f"read_share: the condition is read at layer {reader.read_layer}, "
                f"below the first adapted one, {first_layer}"
            )
        self.reader, self.base = reader, reader.base
        self.first_layer, self.read_layer = first_layer, reader.read_layer
        self._head = tuple(reader.chat.prefix_ids(""))
        self.kept: LRUCache[Hashable, Sized] = LRUCache(budget_bytes, lambda one: one.nbytes)

    @property
    def nbytes(self) -> int:
        """Bytes kept now."""
        return int(self.kept.currsize)

    def reading(
        self, task: Task, examples: Sequence[Tensor] = (), *, with_text: bool = True
    ) -> TaskReading:
        """What the hypernetwork gets to see of a task.

        Args:
            task: one wording, without examples.
            examples: from `examples`.
            with_text: whether the text is read at all.
        """
        nothing_D = torch.empty(0, 2, self.base.config.hidden, device=self.base.device)
        pairs_E2D = torch.stack(list(examples)) if examples else nothing_D
        if with_text:
            text = self.text(task)
            return TaskReading(text.vector_C, text.states_TD, pairs_E2D)
        vector_C = torch.zeros(self.reader.encoder.size)
        return TaskReading(vector_C, pairs_E2D.new_empty(0, self.base.config.hidden), pairs_E2D)

    def text(self, task: Task) -> ReadTask:
        """A task's text as the condition has it."""
        if (known := self._known(("text", task), ReadTask)) is not None:
            return known
        return self._keep_text(task, self.reader.texts([task.prefix_text()])[0])

    def prefix(self, task: Task) -> Segment:
        """A task's text as a step's prefix: keys and values of all layers."""
        if (known := self._known(("prefix", task), Segment)) is not None:
            return known
        ids = self.reader.chat.prefix_ids(task.prefix_text())
        segment, states_TD = read(self.base, ids, self.read_layer)
        if len(ids) <= MOST_TEXT_TOKENS and ("text", task) not in self.kept:
            self._keep_text(task, states_TD)  # the condition mostly has it too
        return self._keep(("prefix", task), segment)

    def input(self, input_ids: tuple[int, ...]) -> Segment:
        """A step's own text, read without a task: keys and values of all layers."""
        if (known := self._known(("input", input_ids), Segment)) is not None:
            return known
        return self._keep(("input", input_ids), read(self.base, [*self._head, *input_ids])[0])

    def plain(self, samples: Sequence[Sample]) -> list[PrecomputedSample]:
        """Samples without the task in the prompt, computed up to the adapted layers."""
        pasts = [self.input(sample.input_ids) for sample in samples]
        return acted_on(self.base, self.first_layer, pasts, samples)

    def prefixed(self, samples: Sequence[Sample], tasks: Sequence[Task]) -> list[PrecomputedSample]:
        """Samples behind their task's text, computed up to the adapted layers."""
        prefixes = [self.prefix(task) for task in tasks]
        pasts = [
            read_behind(self.base, prefix, sample.input_ids)
            for prefix, sample in zip(prefixes, samples, strict=True)
        ]
        return acted_on(self.base, self.first_layer, pasts, samples)

    def examples(self, samples: Sequence[Sample]) -> list[Tensor]:
        """The two states [2, D] that each example leaves: see `conditioning.example_states`."""
        return [self._example(sample).states_2D for sample in samples]

    def _example(self, sample: Sample) -> ReadExample:
        if (known := self._known(("example", sample), ReadExample)) is not None:
            return known
        past = self.input(sample.input_ids)
        states_TD = states_behind(self.base, past, sample.acted_ids, self.read_layer)
        pair_2D = example_states(states_TD, len(sample.invocation_ids))
        return self._keep(("example", sample), ReadExample(pair_2D))

    def _keep_text(self, task: Task, states_TD: Tensor) -> ReadTask:
        vector_C = self.reader.encoder([task.conditioning_text()])[0]
        return self._keep(("text", task), ReadTask(vector_C, states_TD))

    def _known(self, key: Hashable, kind: type[S]) -> S | None:
        found = self.kept.get(key)
        return found if isinstance(found, kind) else None

    def _keep(self, key: Hashable, value: S) -> S:
        if value.nbytes <= self.kept.maxsize:  # one that is larger than all the room is not kept
            self.kept[key] = value
        return value


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
