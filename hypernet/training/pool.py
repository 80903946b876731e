"""The tasks that a run draws from: tokenised instances, wordings, and what a batch is made of."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hypernet.training.data import samples_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hypernet.base_model.chat import ChatFormat, Sample
    from hypernet.base_model.frozen_prefix import PrecomputedSample
    from hypernet.hypernetwork.conditioning import TaskReading
    from hypernet.task import Task
    from hypernet.training.config import Source, TrainConfig
    from hypernet.training.data import TaskData
    from hypernet.training.frozen_states import FrozenStates

T = TypeVar("T")


@dataclass(frozen=True)
class PoolTask:
    """A task to draw from."""

    data: TaskData
    source: Source
    wordings: tuple[Task, ...]
    """Those that fit a prompt, with and without the labels; the definition where none does."""
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class DevTask:
    """A development task: the same instances are asked in every evaluation."""

    data: TaskData
    source: str
    """Where it is from, as reports name it."""
    wording: Task
    samples: tuple[Sample, ...]
    examples: tuple[Sample, ...]
    """What is shown; none of it is asked."""


@dataclass(frozen=True)
class Draw:
    """What one sample of a batch is: the instance, where its task's text stands, and what is read.

    `examples` are other instances of the task; with neither text nor examples read, the sample
    trains the multi-task component.
    """

    sample: Sample
    wording: Task
    in_prompt: bool
    read_text: bool
    examples: tuple[Sample, ...]


def training_pool(
    tasks: Sequence[tuple[TaskData, Source]], config: TrainConfig, chat: ChatFormat
) -> list[PoolTask]:
    """Tokenise what is within the sources' limits; tasks of which nothing is are left out."""
    pool = []
    known: dict[str, tuple[int, ...]] = {}
    for data, source in tasks:
        rng = random.Random(f"{config.data_seed}-{data.name}")  # noqa: S311  # sampling, not secrets
        samples = samples_of(
            data, chat, count=source.instances, max_step=source.max_step,
            max_answer=source.max_answer, rng=rng, known=known,
        )  # fmt: skip
        if samples:
            wordings = _wordings(data, source, config, chat)
            pool.append(PoolTask(data, source, tuple(wordings), tuple(samples)))
    return pool


def _wordings(data: TaskData, source: Source, config: TrainConfig, chat: ChatFormat) -> list[Task]:
    every = data.wordings(config.max_paraphrases)
    short = [t for t in every if len(chat.prefix_ids(t.prefix_text())) <= source.max_prefix]
    return short or every[:1]


def development_pool(
    tasks: Sequence[tuple[TaskData, Source]], config: TrainConfig, chat: ChatFormat
) -> list[DevTask]:
    """Up to `dev_tasks` tasks of each source, tokenised; those of which nothing fits are left out.

    No example is one of the inputs that are asked, even when that leaves none to show.
    """
    pool = []
    known: dict[str, tuple[int, ...]] = {}
    count = config.dev_samples_per_task
    for data, source in _some_of_each(tasks, config):
        rng = random.Random(f"{config.data_seed}-{data.name}")  # noqa: S311  # sampling, not secrets
        drawn = samples_of(
            data, chat, count=count + config.dev_examples, max_step=source.max_step,
            max_answer=source.max_answer, rng=rng, known=known,
        )  # fmt: skip
        samples = drawn[:count]
        asked = {sample.input_ids for sample in samples}
        examples = tuple(s for s in drawn[count:] if s.input_ids not in asked)
        if samples:
            first = data.wordings(0)[0]
            pool.append(DevTask(data, source_name(source), first, tuple(samples), examples))
    return pool


def _some_of_each(
    tasks: Sequence[tuple[TaskData, Source]], config: TrainConfig
) -> list[tuple[TaskData, Source]]:
    """A fixed draw of the tasks, which stay in their order: like ones stand together."""
    chosen = []
    for source, own in by_source(tasks).items():
        rng = random.Random(f"{config.data_seed}-{source.tasks}")  # noqa: S311  # sampling, not secrets
        numbers = rng.sample(range(len(own)), min(config.dev_tasks, len(own)))
        chosen += [(own[n], source) for n in sorted(numbers)]
    return chosen


def by_source(pairs: Iterable[tuple[T, Source]]) -> dict[Source, list[T]]:
    """What comes from each source, in order."""
    found: dict[Source, list[T]] = {}
    for one, source in pairs:
        found.setdefault(source, []).append(one)
    return found


def source_name(source: Source) -> str:
    """A source as development figures name it: what was held out of training tasks is marked.

    By the file's own name: a card travels, and says nothing of the machine that it was made on.
    """
    return Path(source.tasks).name + (" (held out)" if source.held_out else "")


def draw_tasks(pool: Sequence[PoolTask], count: int, rng: random.Random) -> list[PoolTask]:
    """Tasks of a batch, each at most once: a source first, by its share, then one of its tasks."""
    left = by_source((task, task.source) for task in pool)
    chosen = []
    for _ in range(min(count, len(pool))):
        sources = [source for source, tasks in left.items() if tasks]
        tasks = left[rng.choices(sources, weights=[s.share for s in sources])[0]]
        chosen.append(tasks.pop(rng.randrange(len(tasks))))
    return chosen


def draw(task: PoolTask, config: TrainConfig, rng: random.Random) -> list[Draw]:
    """Some instances of a task, where the text stands, and what is read: nothing, text, examples.

    All of them share the text and what is read, so that it is read once.
    """
    samples = rng.sample(task.samples, min(config.samples_each, len(task.samples)))
    wording = rng.choice(task.wordings)
    in_prompt = rng.random() < config.in_prompt
    read_text, examples = _read(task, samples, config, rng)
    return [Draw(sample, wording, in_prompt, read_text, examples) for sample in samples]


def _read(
    task: PoolTask, samples: Sequence[Sample], config: TrainConfig, rng: random.Random
) -> tuple[bool, tuple[Sample, ...]]:
    """Whether the text is read, and which examples are."""
    kind = rng.random()
    if not config.conditioned or kind < config.nothing_read:
        return False, ()
    if kind <= 1 - config.examples_read:
        return True, ()
    # Never an input that is asked: the answer would be read off.
    asked = {sample.input_ids for sample in samples}
    others = [sample for sample in task.samples if sample.input_ids not in asked]
    shown = rng.sample(others, min(len(others), rng.randint(1, config.most_examples)))
    alone = rng.random() < config.examples_alone and len(shown) > 0
    return not alone, tuple(shown)


def computed(
    draws: Sequence[Draw], states: FrozenStates
) -> list[tuple[PrecomputedSample, TaskReading]]:
    """Each sample up to the adapted layers, and its condition; those of about one length stand
    together, as padding costs as much as text.
    """
    prompted = [d for d in draws if d.in_prompt]
    plain = [d for d in draws if not d.in_prompt]
    samples = states.plain([d.sample for d in plain])
    samples += states.prefixed([d.sample for d in prompted], [d.wording for d in prompted])
    shown = iter(states.examples([s for d in (*plain, *prompted) for s in d.examples]))
    states.texts([d.wording for d in (*plain, *prompted) if d.read_text])
    rows = []
    for d, sample in zip((*plain, *prompted), samples, strict=True):
        examples = [next(shown) for _ in d.examples]
        reading = states.reading(d.wording, examples, with_text=d.read_text)
        rows.append((sample, reading))
    rows.sort(key=lambda row: len(row[0].hidden_TD))
    return rows


def in_parts(
    rows: Sequence[tuple[PrecomputedSample, TaskReading]], most_tokens: int
) -> Iterator[list[tuple[PrecomputedSample, TaskReading]]]:
    """Rows in order of length, as many at once as have no more tokens, padding included."""
    part: list[tuple[PrecomputedSample, TaskReading]] = []
    for row in rows:
        if part and (len(part) + 1) * len(row[0].hidden_TD) > most_tokens:
            yield part
            part = []
        part.append(row)
    if part:
        yield part
