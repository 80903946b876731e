"""Tasks made ready to train or evaluate on: tokenised, encoded, read up to the adapted layers.

Knows nothing of networks or losses.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from safetensors.torch import load_file, save_file

from hypernet.training import lower
from hypernet.training.data import Sample, TaskData, samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.chat import ChatFormat
    from hypernet.encoder import Encoder
    from hypernet.models import BaseModel
    from hypernet.task import Task
    from hypernet.training.config import TrainConfig


@dataclass(frozen=True)
class Corpus:
    """Tasks ready to train or evaluate on."""

    tasks: list[TaskData]
    ready: list[list[lower.Ready]]
    vectors: list[Tensor]
    """Per task, the encoder's vectors of all wordings [W, C]."""


def prepare(
    tasks: Sequence[TaskData],
    config: TrainConfig,
    base: BaseModel,
    encoder: Encoder,
    chat: ChatFormat,
    folder: Path | None,
    say: Callable[[str], None],
    *,
    dev: bool,
) -> Corpus:
    """Tokenise, encode, and compute what lies below the adapted layers.

    Args:
        tasks: what to prepare; tasks of which no instance fits the limits are left out.
        config: the run's settings.
        base: the frozen base.
        encoder: gives the conditions.
        chat: the base's chat markup.
        folder: keeps what was computed, for the next time; None keeps nothing.
        say: takes a line of progress.
        dev: draw the same instances with and without the task in the prompt.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    first_layer = config.first_layer(base.llama.config.layers)
    kept: list[TaskData] = []
    ready: list[list[lower.Ready]] = []
    started = time.monotonic()
    for number, data in enumerate(tasks):
        rng = random.Random(f"{config.seed}-{data.name}")  # noqa: S311  # sampling, not secrets
        wordings = data.wordings()
        groups = _groups(data, chat, config, rng, dev=dev)
        samples = [s for group in groups for s in group]
        if not samples:
            continue
        prefixes = [chat.prefix_ids(_prefix_text(wordings, group)) for group in groups]
        key = lower.key(base.fingerprint, first_layer, prefixes, samples)
        file = folder / f"{key}.safetensors" if folder is not None else None
        if file is not None and file.is_file():
            computed = lower.load(file, samples)
        else:
            computed = [
                one
                for prefix_ids, group in zip(prefixes, groups, strict=True)
                for one in lower.compute(base.llama, first_layer, prefix_ids, group)
            ]
            if file is not None:
                lower.save(file, computed, samples)
        kept.append(data)
        ready.append(computed)
        if (number + 1) % 20 == 0:
            left = (time.monotonic() - started) / (number + 1) * (len(tasks) - number - 1) / 60
            say(f"lower layers: {number + 1}/{len(tasks)} tasks, {left:.0f} min left")
    return Corpus(kept, ready, _vectors(kept, encoder, folder, say))


def _prefix_text(wordings: Sequence[Task], group: Sequence[Sample]) -> str:
    wording = group[0].wording if group else None
    return "" if wording is None else wordings[wording].prefix_text()


def _vectors(
    tasks: Sequence[TaskData],
    encoder: Encoder,
    folder: Path | None,
    say: Callable[[str], None],
) -> list[Tensor]:
    """The encoder's vectors of every task's wordings, kept in `folder` like the rest."""
    file = folder / "vectors.safetensors" if folder is not None else None
    known = load_file(str(file)) if file is not None and file.is_file() else {}
    texts = [[w.conditioning_text() for w in task.wordings()] for task in tasks]
    keys = [_digest([encoder.fingerprint, *wordings]) for wordings in texts]
    say(f"encoding the wordings of {sum(key not in known for key in keys)} tasks")
    for key, wordings in zip(keys, texts, strict=True):
        if key not in known:
            known[key] = encoder(wordings)
    if file is not None:
        save_file({key: known[key] for key in keys}, str(file))
    return [known[key] for key in keys]


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:24]


def _groups(
    data: TaskData,
    chat: ChatFormat,
    config: TrainConfig,
    rng: random.Random,
    *,
    dev: bool,
) -> list[list[Sample]]:
    """Samples that share a prefix: first those without the task in the prompt."""
    limits = {"max_step": config.max_step, "max_answer": config.max_answer}
    short = [
        w
        for w, task in enumerate(data.wordings())
        if len(chat.prefix_ids(task.prefix_text())) <= config.max_prefix
    ]
    if dev:
        # The same instances with and without the task in the prompt, so that arms are paired.
        seed = rng.random()
        count = config.dev_samples_per_task
        return [
            samples_of(data, chat, count=count, wording=w, rng=random.Random(seed), **limits)  # noqa: S311  # sampling, not secrets
            for w in (None, 0)
        ]
    chosen = rng.sample(short, min(len(short), config.prefix_wordings))
    plans: list[tuple[int | None, int]] = [(None, config.samples_per_task)]
    plans += [(w, config.prefixed_per_task // len(chosen)) for w in chosen]
    return [
        samples_of(data, chat, count=count, wording=w, rng=rng, **limits)
        for w, count in plans
        if count
    ]
