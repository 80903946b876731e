"""What the frozen base makes of texts, inputs and answers, computed when it is first drawn.

Before the adapter acts nothing ever changes. So a document that many tasks ask about is read once,
and its keys and values serve them all; a task's text is read once as a prefix. An input behind its
task's text is read as drawn: there are too many pairs of them to meet one twice. What was computed
is kept within a budget of bytes, the least recently used out first.

Many texts are read in one pass, side by side, and each looks at itself alone. Passes are all of one
size, so that none comes out otherwise, to the bit, for what stands beside it: a run that was
stopped must take the same steps whatever it still remembers.

Letters: T tokens, P tokens before, L layers, G key-value heads, d head size, D hidden size,
C the encoder's vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import torch
from cachetools import LRUCache

from hypernet.base_model.frozen_prefix import PrecomputedSample
from hypernet.base_model.kv_cache import Segment
from hypernet.base_model.reading import Run, read_together
from hypernet.hypernetwork.conditioning import MOST_TEXT_TOKENS, TaskReading, example_states

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from torch import Tensor

    from hypernet.base_model.chat import Sample
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
        return self.texts([task])[0]

    def texts(self, tasks: Sequence[Task]) -> list[ReadTask]:
        """Tasks' texts as the condition has them."""
        return self._each([("text", task) for task in tasks], ReadTask, self._read_texts)

    def prefixes(self, tasks: Sequence[Task]) -> list[Segment]:
        """Tasks' texts as steps' prefixes: keys and values of all layers."""
        return self._each([("prefix", task) for task in tasks], Segment, self._read_prefixes)

    def inputs(self, inputs: Sequence[tuple[int, ...]]) -> list[Segment]:
        """Steps' own texts, read without a task: keys and values of all layers."""
        return self._each([("input", ids) for ids in inputs], Segment, self._read_inputs)

    def plain(self, samples: Sequence[Sample]) -> list[PrecomputedSample]:
        """Samples without the task in the prompt, computed up to the adapted layers."""
        pasts = self.inputs([sample.input_ids for sample in samples])
        return self._acted_on(samples, pasts)

    def prefixed(self, samples: Sequence[Sample], tasks: Sequence[Task]) -> list[PrecomputedSample]:
        """Samples behind their task's text, computed up to the adapted layers."""
        prefixes = self.prefixes(tasks)
        runs = [Run(s.input_ids, past) for s, past in zip(samples, prefixes, strict=True)]
        return self._acted_on(samples, self._segments(runs))

    def examples(self, samples: Sequence[Sample]) -> list[Tensor]:
        """The two states [2, D] that each example leaves: see `conditioning.example_states`."""
        keys = [("example", sample) for sample in samples]
        return [one.states_2D for one in self._each(keys, ReadExample, self._read_examples)]

    def _read_texts(self, tasks: Sequence[Task]) -> list[ReadTask]:
        prefixes = [self.reader.chat.prefix_ids(task.prefix_text()) for task in tasks]
        runs = [Run(ids[:MOST_TEXT_TOKENS]) for ids in prefixes]
        states = self._states(runs, self.read_layer)
        return [self._read_text(*pair) for pair in zip(tasks, states, strict=True)]

    def _read_text(self, task: Task, states_TD: Tensor) -> ReadTask:
        return ReadTask(self.reader.encoder([task.conditioning_text()])[0], states_TD)

    def _read_prefixes(self, tasks: Sequence[Task]) -> list[Segment]:
        runs = [Run(self.reader.chat.prefix_ids(task.prefix_text())) for task in tasks]
        found = []
        for task, reading in zip(
            tasks, read_together(self.base, runs, self.read_layer), strict=True
        ):
            if len(reading.states_TD) <= MOST_TEXT_TOKENS and ("text", task) not in self.kept:
                # the condition mostly has it too
                self._keep(("text", task), self._read_text(task, reading.states_TD))
            found.append(reading.segment())
        return found

    def _read_inputs(self, inputs: Sequence[tuple[int, ...]]) -> list[Segment]:
        return self._segments([Run((*self._head, *ids)) for ids in inputs])

    def _read_examples(self, samples: Sequence[Sample]) -> list[ReadExample]:
        pasts = self.inputs([sample.input_ids for sample in samples])
        runs = [Run(s.acted_ids, past) for s, past in zip(samples, pasts, strict=True)]
        states = self._states(runs, self.read_layer)
        return [
            ReadExample(example_states(states_TD, len(sample.invocation_ids)))
            for sample, states_TD in zip(samples, states, strict=True)
        ]

    def _acted_on(
        self, samples: Sequence[Sample], pasts: Sequence[Segment]
    ) -> list[PrecomputedSample]:
        runs = [Run(s.acted_ids, past) for s, past in zip(samples, pasts, strict=True)]
        states = self._states(runs, self.first_layer)
        return [
            PrecomputedSample(sample, states_TD, past.above(self.first_layer))
            for sample, states_TD, past in zip(samples, states, pasts, strict=True)
        ]

    def _segments(self, runs: Sequence[Run]) -> list[Segment]:
        whole = self.base.config.layers
        return [one.segment() for one in read_together(self.base, runs, whole)]

    def _states(self, runs: Sequence[Run], layer: int) -> list[Tensor]:
        return [one.states_TD for one in read_together(self.base, runs, layer, above=False)]

    def _each(
        self,
        keys: Sequence[tuple[str, Any]],
        kind: type[S],
        read: Callable[[Sequence[Any]], Sequence[S]],
    ) -> list[S]:
        """What is known under some keys, and of the others what `read` gives of them."""
        found = {key: known for key in keys if (known := self._known(key, kind)) is not None}
        new = [key for key in dict.fromkeys(keys) if key not in found]
        for key, value in zip(new, read([what for _, what in new]), strict=True):
            found[key] = self._keep(key, value)
        return [found[key] for key in keys]

    def _known(self, key: Hashable, kind: type[S]) -> S | None:
        found = self.kept.get(key)
        return found if isinstance(found, kind) else None

    def _keep(self, key: Hashable, value: S) -> S:
        if value.nbytes <= self.kept.maxsize:  # one that is larger than all the room is not kept
            self.kept[key] = value
        return value


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
