"""Tasks made ready to train or evaluate on: tokenised, read, computed up to the adapted layers."""

from __future__ import annotations

import hashlib
import json
import random
import time
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file

from hypernet.base_model import frozen_prefix
from hypernet.hypernetwork.conditioning import TaskReading, example_states
from hypernet.training.data import TaskData, drawn, samples_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.frozen_prefix import PrecomputedSample
    from hypernet.base_model.loading import BaseModel
    from hypernet.base_model.samples import Sample
    from hypernet.hypernetwork.conditioning import ConditionReader
    from hypernet.progress import Progress
    from hypernet.task import Example, Task
    from hypernet.training.config import Source, TrainConfig

MOST_IN_PROMPT, MOST_CHARACTERS_IN_PROMPT = 4, 320


@dataclass(frozen=True)
class ReadyTask:
    """A task to train or evaluate on."""

    data: TaskData
    source: Source
    samples: list[PrecomputedSample]
    """Samples; those whose wording is None have no task in the prompt."""
    pool: list[PrecomputedSample]
    """Samples that serve as examples only."""
    texts: dict[int, tuple[Tensor, Tensor]]
    """By wording: the encoder's vector [C] and the base's token states [T, D]."""

    def reading(
        self,
        wording: int | None,
        examples: Sequence[PrecomputedSample] = (),
        *,
        with_text: bool = True,
    ) -> TaskReading:
        """What the hypernetwork gets to see of the task.

        Args:
            wording: which wording was read; None takes the first.
            examples: samples without the task in the prompt, read as examples.
            with_text: whether the text is read at all.
        """
        vector_C, states_TD = self.texts[min(self.texts) if wording is None else wording]
        if not with_text:
            vector_C, states_TD = torch.zeros_like(vector_C), states_TD[:0]
        pairs = [example_states(r.hidden_TD, len(r.sample.step_ids)) for r in examples]
        width = states_TD.shape[1]
        return TaskReading(
            vector_C, states_TD, torch.stack(pairs) if pairs else torch.empty(0, 2, width)
        )

    def examples_for(self, sample: Sample) -> list[PrecomputedSample]:
        """What may be read as an example for a sample: anything but its own input."""
        return [r for r in self.pool if r.sample.step_ids != sample.step_ids]


def prepare(
    tasks: Sequence[tuple[TaskData, Source]],
    config: TrainConfig,
    base: BaseModel,
    reader: ConditionReader,
    folder: Path | None,
    progress: Progress,
    *,
    dev: bool,
) -> list[ReadyTask]:
    """Tokenise, read, and compute what comes before the adapted layers.

    Args:
        tasks: what to prepare, with the limits to keep; tasks of which no instance fits them are
            left out.
        config: the run's settings.
        base: the frozen base.
        reader: reads the tasks' texts.
        folder: keeps what was computed, for the next time; None keeps nothing.
        progress: called after every 20 tasks.
        dev: draw the same instances with and without the task in the prompt.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    kept: list[ReadyTask] = []
    started = time.monotonic()
    for number, (whole, source) in enumerate(tasks):
        data = replace(whole, paraphrases=whole.paraphrases[: config.max_paraphrases])
        rng = random.Random(f"{config.data_seed}-{data.name}")  # noqa: S311  # sampling, not secrets
        drawn = _Drawn.of(data, source, config, reader, rng, dev=dev)
        if drawn.samples:
            computed = _computed(drawn, data, base, reader, folder)
            # In training a sample's own input is left out when it is drawn; in development no
            # example may be one of the samples, even when that leaves none to show.
            plain = [r for r in computed if r.sample.wording is None]
            pool = computed[len(drawn.samples) :] if dev else plain
            texts = _texts(data, drawn.read, reader, folder)
            kept.append(ReadyTask(data, source, computed[: len(drawn.samples)], pool, texts))
        if (number + 1) % 20 == 0 or number + 1 == len(tasks):
            left = (time.monotonic() - started) / (number + 1) * (len(tasks) - number - 1) / 60
            # Of the run as a whole, whose steps are counted, nothing is done yet.
            progress(0.0, f"lower layers: {number + 1}/{len(tasks)} tasks, {left:.0f} min left")
    return kept


@dataclass(frozen=True)
class _Drawn:
    """What a task's part in the corpus is computed from."""

    groups: list[list[Sample]]
    """Samples that share a prefix: first those without the task in the prompt, then those with its
    text, then those with a few examples too."""
    pool: list[Sample]
    read: list[int]

    @property
    def samples(self) -> list[Sample]:
        return [s for group in self.groups for s in group]

    @classmethod
    def of(
        cls,
        data: TaskData,
        source: Source,
        config: TrainConfig,
        reader: ConditionReader,
        rng: random.Random,
        *,
        dev: bool,
    ) -> _Drawn:
        limits = {"max_step": source.max_step, "max_answer": source.max_answer}
        short = [
            w
            for w, task in enumerate(data.wordings())
            if len(reader.chat.prefix_ids(task.prefix_text())) <= source.max_prefix
        ] or [0]
        if dev:
            # The same instances with and without the task in the prompt, so that arms are paired.
            count = config.dev_samples_per_task
            instances = drawn(data, reader.chat, rng=rng, **limits)
            plain = [sample for _, sample in islice(instances, count + config.dev_examples)]
            prefixed = [replace(sample, wording=0) for sample in plain[:count]]
            return cls([plain[:count], prefixed], plain[count:], [0])
        prefixes: list[tuple[int | None, tuple[Example, ...]]] = [
            (w, ()) for w in rng.sample(short, min(len(short), config.prefix_wordings))
        ]
        for w in rng.sample(short, min(len(short), config.prefix_shown)):
            given = islice(
                drawn(data, reader.chat, rng=rng, **limits), rng.randint(1, config.most_examples)
            )
            prefixes.append((w, short_examples([example for example, _ in given])))
        counts = [source.samples_per_task]
        counts += [source.prefixed_per_task // len(prefixes)] * len(prefixes)
        groups = [
            samples_of(data, reader.chat, count=count, wording=w, in_prompt=few, rng=rng, **limits)
            for (w, few), count in zip([(None, ()), *prefixes], counts, strict=True)
            if count
        ]
        chosen = sorted({w for w, _ in prefixes if w is not None})
        others = [w for w in short if w not in chosen]
        more = min(len(others), max(0, config.read_wordings - len(chosen)))
        return cls(groups, [], sorted(chosen + rng.sample(others, more)))


def short_examples(given: Sequence[Example]) -> tuple[Example, ...]:
    """The few that are short enough to stand in a prompt; each answer once before any again."""
    chosen: list[Example] = []
    for again in (False, True):
        for example in given:
            seen = example.output in {e.output for e in chosen}
            length = sum(len(e.input) + len(e.output) for e in (*chosen, example))
            fits = len(chosen) < MOST_IN_PROMPT and length <= MOST_CHARACTERS_IN_PROMPT
            if fits and seen is again and example not in chosen:
                chosen.append(example)
    return tuple(chosen)


def _computed(
    drawn: _Drawn, data: TaskData, base: BaseModel, reader: ConditionReader, folder: Path | None
) -> list[PrecomputedSample]:
    groups = [*drawn.groups, drawn.pool] if drawn.pool else drawn.groups
    wordings = data.wordings()
    prefixes = [reader.chat.prefix_ids(_prefix_text(wordings, group)) for group in groups]
    samples = [s for group in groups for s in group]
    key = frozen_prefix.key(base.fingerprint, reader.first_layer, prefixes, samples)
    file = folder / f"{key}.safetensors" if folder is not None else None
    if file is not None and file.is_file():
        return frozen_prefix.load(file, samples)
    # The order of `samples` is kept: what is drawn from it must not depend on a cached file.
    computed = {
        id(one.sample): one
        for prefix_ids, group in zip(prefixes, groups, strict=True)
        for one in frozen_prefix.compute(base.forward, reader.first_layer, prefix_ids, group)
    }
    ordered = [computed[id(s)] for s in samples]
    if file is not None:
        frozen_prefix.save(file, ordered, samples)
    return ordered


def _prefix_text(wordings: Sequence[Task], group: Sequence[Sample]) -> str:
    if not group or group[0].wording is None:
        return ""
    return replace(wordings[group[0].wording], examples=group[0].examples).prefix_text()


def _texts(
    data: TaskData, read: Sequence[int], reader: ConditionReader, folder: Path | None
) -> dict[int, tuple[Tensor, Tensor]]:
    """Vector and token states of the chosen wordings, kept in `folder` like the rest."""
    wordings = data.wordings()
    described = [wordings[w].conditioning_text() for w in read]
    prefixes = [wordings[w].prefix_text() for w in read]
    what = [reader.encoder.fingerprint, reader.first_layer, described, prefixes]
    key = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:24]
    file = folder / f"{key}-read.safetensors" if folder is not None else None
    if file is not None and file.is_file():
        stored = load_file(str(file))
    else:
        stored = {"vectors": reader.encoder(described)}
        stored |= {f"s{n}": states_TD for n, states_TD in enumerate(reader.texts(prefixes))}
        if file is not None:
            save_file(stored, str(file))
    return {w: (stored["vectors"][n], stored[f"s{n}"]) for n, w in enumerate(read)}
