"""What the frozen layers make of texts, inputs and answers, computed when it is first drawn.

Below the adapted layers nothing ever changes. So a document that many tasks ask about is read once,
without a task, and its keys and values serve them all: an answer is then read behind it, a few
tokens. A task's text is read once as a prefix. Samples behind a task's text are computed as drawn:
there are too many of them to meet one twice. What was computed is kept within a budget of bytes,
the least recently used out first.

What is kept is read by itself, never beside others: sums over padded rows differ in their last
bits, and a run that was stopped must take the same steps whatever it still remembers.

Letters: T tokens, P tokens before, L layers, G key-value heads, d head size, D hidden size,
C the encoder's vector, B rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypeVar

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from cachetools import LRUCache
from torch.nn.utils.rnn import pad_sequence

from hypernet.base_model.frozen_prefix import PrecomputedSample, Prefix, positions_behind
from hypernet.base_model.kv_cache import AfterPrefix, Recorder, Segment
from hypernet.hypernetwork.conditioning import MOST_TEXT_TOKENS, TaskReading

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from torch import Tensor

    from hypernet.base_model.samples import Sample
    from hypernet.hypernetwork.conditioning import ConditionReader
    from hypernet.task import Task

ROWS = 32


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
class ReadInput:
    """A step's own text, read without a task.

    `hidden_TD` enters the first adapted layer, `last_D` (at the last token, in float32) the layer
    that is read; `past` has the layers below that one.
    """

    hidden_TD: Tensor
    last_D: Tensor
    past: Segment

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return _bytes(self.hidden_TD) + _bytes(self.last_D) + self.past.nbytes


class FrozenStates:
    """The frozen layers' results for one base, kept while there is room.

    Args:
        reader: the frozen base, its chat markup, the encoder, and the layer that is read.
        first_layer: the first adapted layer; not above the one that is read.
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
        with torch.inference_mode():
            recorder = Recorder()
            self._read(self._head, recorder, self.base.config.layers)
            self._no_task = _prefix(recorder.segment(first=first_layer))

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
            read = self.text(task)
            return TaskReading(read.vector_C, read.states_TD, pairs_E2D)
        vector_C = torch.zeros(self.reader.encoder.size)
        return TaskReading(vector_C, pairs_E2D.new_empty(0, self.base.config.hidden), pairs_E2D)

    @torch.inference_mode()
    def text(self, task: Task) -> ReadTask:
        """A task's text as the condition has it."""
        if (known := self._known(("text", task), ReadTask)) is not None:
            return known
        ids = self.reader.chat.prefix_ids(task.prefix_text())[:MOST_TEXT_TOKENS]
        _, states_TD = self._read(ids, Recorder(), self.read_layer)
        return self._keep_text(task, states_TD)

    @torch.inference_mode()
    def prefix(self, task: Task) -> Segment:
        """A task's text as a step's prefix: keys and values of all layers."""
        if (known := self._known(("prefix", task), Segment)) is not None:
            return known
        recorder = Recorder()
        ids = self.reader.chat.prefix_ids(task.prefix_text())
        _, states_TD = self._read(ids, recorder, self.base.config.layers)
        if len(ids) <= MOST_TEXT_TOKENS and ("text", task) not in self.kept:
            self._keep_text(task, states_TD)  # the condition mostly has it too
        return self._keep(("prefix", task), recorder.segment())

    @torch.inference_mode()
    def input(self, step_ids: tuple[int, ...]) -> ReadInput:
        """A step's own text, read without a task."""
        if (known := self._known(("input", step_ids), ReadInput)) is not None:
            return known
        recorder, start = Recorder(), len(self._head)
        x_TD, read_TD = self._read([*self._head, *step_ids], recorder, self.read_layer)
        # Clones: a view would keep alive what it was cut from.
        last_D = read_TD[-1].float().clone()
        past = _segment(recorder, start + len(step_ids))
        return self._keep(("input", step_ids), ReadInput(x_TD[start:].clone(), last_D, past))

    @torch.inference_mode()
    def plain(self, samples: Sequence[Sample]) -> list[PrecomputedSample]:
        """Samples without the task in the prompt, computed up to the adapted layers."""
        read = [self.input(sample.step_ids) for sample in samples]
        answers = self._behind(
            [one.past for one in read], [s.answer_ids[:-1] for s in samples], self.first_layer
        )
        return [
            PrecomputedSample(sample, torch.cat([one.hidden_TD, answer_TD]), self._no_task)
            for sample, one, answer_TD in zip(samples, read, answers, strict=True)
        ]

    @torch.inference_mode()
    def prefixed(self, samples: Sequence[Sample], tasks: Sequence[Task]) -> list[PrecomputedSample]:
        """Samples behind their task's text, computed up to the adapted layers."""
        read = [self.prefix(task) for task in tasks]
        ids = [(*s.step_ids, *s.answer_ids[:-1]) for s in samples]
        hidden = self._behind(read, ids, self.first_layer)
        return [
            PrecomputedSample(sample, hidden_TD, _prefix(segment.above(self.first_layer)))
            for sample, hidden_TD, segment in zip(samples, hidden, read, strict=True)
        ]

    @torch.inference_mode()
    def examples(self, samples: Sequence[Sample]) -> list[Tensor]:
        """The two states [2, D] that each example leaves: see `conditioning.example_states`."""
        read = [self.input(sample.step_ids) for sample in samples]
        answers = self._behind(
            [one.past for one in read], [s.answer_ids[:-1] for s in samples], self.read_layer
        )
        return [
            torch.stack([one.last_D, answer_TD.float().mean(0) if len(answer_TD) else one.last_D])
            for one, answer_TD in zip(read, answers, strict=True)
        ]

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

    def _read(self, ids: Sequence[int], recorder: Recorder, layers: int) -> tuple[Tensor, Tensor]:
        """States [T, D] entering the first adapted layer and the one that is read, if run so far.

        One layer after another is run, whichever of them are asked for.
        """
        x_1TD = self.base.embed(torch.tensor([list(ids)], device=self.base.device))
        positions_1T = torch.arange(len(ids), device=self.base.device)[None]
        entering = []
        for start, stop in pairwise((0, self.first_layer, self.read_layer, layers)):
            if start < stop:
                x_1TD = self.base.run(
                    x_1TD, positions_1T, recorder, None, layers=range(start, stop)
                )
            entering.append(x_1TD[0])
        return entering[0], entering[1]

    def _behind(
        self, pasts: Sequence[Segment], ids: Sequence[Sequence[int]], layers: int
    ) -> list[Tensor]:
        """States [T, D] of new tokens after the lowest layers, behind each row's past."""
        hidden, device = self.base.config.hidden, self.base.device
        nothing_TD = torch.empty(0, hidden, dtype=self.base.dtype, device=device)
        found: dict[int, Tensor] = {n: nothing_TD for n, row in enumerate(ids) if not len(row)}
        for part in _parts(ids):
            rows = [torch.tensor(list(ids[n]), device=device) for n in part]
            x_BTD = self.base.embed(pad_sequence(rows, batch_first=True))
            if layers > 0:
                cache, lengths = _side_by_side([pasts[n] for n in part], layers)
                positions_BT, mask_BTS = positions_behind(
                    lengths, max(lengths), x_BTD.shape[1], device
                )
                x_BTD = self.base.run(x_BTD, positions_BT, cache, mask_BTS, layers=range(layers))
            found |= {n: x_BTD[row, : len(ids[n])].clone() for row, n in enumerate(part)}
        return [found[n] for n in range(len(ids))]


def _side_by_side(pasts: Sequence[Segment], layers: int) -> tuple[AfterPrefix, list[int]]:
    """The lowest layers' keys and values of several pasts, padded, and each one's length."""
    lengths = [past.length for past in pasts]
    pads = [(0, 0, 0, max(lengths) - length) for length in lengths]
    k_BLGPd = torch.stack([F.pad(p.k_LGTd[:layers], by) for p, by in zip(pasts, pads, strict=True)])
    v_BLGPd = torch.stack([F.pad(p.v_LGTd[:layers], by) for p, by in zip(pasts, pads, strict=True)])
    return AfterPrefix({i: (k_BLGPd[:, i], v_BLGPd[:, i]) for i in range(layers)}), lengths


def _segment(recorder: Recorder, length: int) -> Segment:
    """What was recorded; where no layer ran there is a length and nothing else."""
    if not recorder.layers:
        return Segment(torch.empty(0, 1, length, 1), torch.empty(0, 1, length, 1))
    return recorder.segment()


def _prefix(segment: Segment) -> Prefix:
    return Prefix(segment.k_LGTd, segment.v_LGTd)


def _parts(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Numbers of the rows that hold anything, in batches of about equal length."""
    ordered = sorted((n for n, row in enumerate(ids) if len(row)), key=lambda n: len(ids[n]))
    for start in range(0, len(ordered), ROWS):
        yield ordered[start : start + ROWS]


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
