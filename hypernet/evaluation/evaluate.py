"""The evaluation: every arm answers the same instances of the same tasks, and is scored.

Answers are written by the engine that serves users, greedily. What each arm is, is in `arms.py`,
how answers are scored in `scores.py`.
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hypernet.adapters.peft_format import load_peft
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import base_source, encoder_source
from hypernet.copying import copy_of
from hypernet.engine.cpu.store import decoder_for
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.evaluation.arms import (
    MOST_EXAMPLES,
    ORACLE_EXAMPLES,
    STATIC_FOLDER,
    Arm,
    Case,
    Maker,
    Work,
    has_labels,
    without_static,
)
from hypernet.evaluation.plan import (
    EvaluateOptions,
    as_many_as_there_are,
    plan_work,
    shown_of,
    usable_of,
)
from hypernet.evaluation.scores import exact, report_of, rouge_l, scorer
from hypernet.files import replacing
from hypernet.hypernetwork.card import CARD_FILE, find_weights
from hypernet.hypernetwork.encoder import Encoder
from hypernet.hypernetwork.generator import load_generator
from hypernet.progress import silent
from hypernet.task import Example, Task
from hypernet.training.task_files import task_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hypernet.engine.interface import Engine, Generation
    from hypernet.progress import Progress
    from hypernet.training.data import Instance, TaskData

ROWS, SLOTS = 16, 64
MOST_TOKENS, SPARE_TOKENS = 256, 8
JUNK_WORDS = 12

Cells = dict[str, dict[str, dict[str, dict[str, Any]]]]
"""Figures by seed, task and arm: means over the instances."""


def evaluate(options: EvaluateOptions, progress: Progress = silent) -> dict[str, Any]:
    """Run every arm on every task under every seed.

    Args:
        options: what to run; the same options go on from a partial result.
        progress: takes the fraction of the answers that are there, and a line.

    Returns:
        The report: `arms`, `contrasts`, `ratios`, `per_task` and what they were measured on.

    Raises:
        ValueError: an arm, a task or the hypernetwork does not fit the request; says which.
        FileNotFoundError: a task file is missing.
        ModelNotFoundError: a model is not to be had.
        ModuleNotFoundError: rouge-score is not installed; says what helps.
    """
    scorer()
    work = plan_work(options, progress)
    maker, about = _load(options)
    if maker.static is None:
        work = without_static(work, maker, progress, asked_for=options.arms is not None)
    # Figures on tasks that were trained on tell nothing of new tasks.
    trained = {task["name"] for task in maker.generator.card["data"]["tasks"]}
    about["trained_on"] = seen = [task.name for task in work.tasks if task.name in trained]
    if seen:
        progress(0.0, f"trained on {len(seen)} of these tasks: {', '.join(seen)}")
    if options.per_task is None:
        counts = {t.name: len(usable_of(t, maker.chat, options.max_input)) for t in work.tasks}
        work = as_many_as_there_are(work, counts, progress)
    key = _key(options, maker, about)
    rank = max(maker.generator.network.config.rank, maker.static.rank if maker.static else 0)
    engine = TorchEngine(
        maker.base,
        rank=rank,
        rows=ROWS,
        slots=SLOTS,
        queue=max(256, work.per_task),
        decoder=decoder_for(maker.base, ROWS, options.cache),
    )
    try:
        cells = run(work, maker, engine, options, key, progress)
    finally:
        engine.close()
    scales = {arm.name: maker.scale(arm) for arm in work.arms}
    return about | report_of(cells, work.arms, work.per_task, scales)


def run(
    work: Work,
    maker: Maker,
    engine: Engine,
    options: EvaluateOptions,
    key: str,
    progress: Progress,
) -> Cells:
    """The figures of every seed, task and arm, those of an earlier partial run included."""
    cases = draw(work, maker, options)
    partial = Path(f"{options.out}.partial.json") if options.out is not None else None
    cells = _resumed(partial, key, progress)
    already = sum(len(arms) for tasks in cells.values() for arms in tasks.values())
    total, started, done = len(cases) * len(work.arms), time.monotonic(), already
    for number, ((seed, name), case) in enumerate(cases.items()):
        if name in cells.get(str(seed), {}):
            continue
        found: dict[str, dict[str, Any]] = {}
        for arm in work.arms:
            found[arm.name] = _answer(arm, case, maker, engine, labels=work.labels)
            done += 1
            left = (time.monotonic() - started) / (done - already) * (total - done) / 60
            progress(
                done / total,
                f"seed {seed} task {number % len(work.tasks) + 1}/{len(work.tasks)} {name}"
                f" {arm.name}: ROUGE-L {found[arm.name]['rouge_l']:.3f}, {left:.0f} min left",
            )
        cells.setdefault(str(seed), {})[name] = found
        if partial is not None:
            with replacing(partial) as stream:
                stream.write(json.dumps({"key": key, "cells": cells}).encode() + b"\n")
    return cells


def draw(work: Work, maker: Maker, options: EvaluateOptions) -> dict[tuple[int, str], Case]:
    """What each seed asks of each task, drawn before anything runs.

    Raises:
        ValueError: a task has too few instances within `max_input` tokens; names it.
    """
    chat = maker.chat
    usable = {t.name: usable_of(t, chat, options.max_input) for t in work.tasks}
    for task in work.tasks:
        _check_enough(task.name, usable[task.name], work)
    most = {t.name: _answer_tokens(t, chat) for t in work.tasks}
    words = sorted({w for t in work.tasks for i in usable[t.name][:20] for w in i.input.split()})
    cases: dict[tuple[int, str], Case] = {}
    for seed in work.seeds:
        order = {t.name: _shuffled(usable[t.name], seed, t.name) for t in work.tasks}
        examples = {
            name: tuple(Example(i.input, i.outputs[0]) for i in instances[work.per_task :])
            for name, instances in order.items()
        }
        for number, task in enumerate(work.tasks):
            # Half the list away is another category: those of one category are together.
            other = work.tasks[(number + max(1, len(work.tasks) // 2)) % len(work.tasks)]
            alone = len(work.tasks) == 1
            junk = _random(seed, f"junk of {task.name}").choice(words, JUNK_WORDS)
            cases[seed, task.name] = Case(
                task=task.task.normalised().without_examples(),
                other=None if alone else other.task.normalised().without_examples(),
                junk=Task(" ".join(junk.tolist())),
                instances=order[task.name][: work.per_task],
                examples=examples[task.name][:MOST_EXAMPLES],
                other_examples=() if alone else examples[other.name][:MOST_EXAMPLES],
                training=examples[task.name][:ORACLE_EXAMPLES],
                seed=seed,
                max_tokens=most[task.name],
                copy=task.copy,
            )
    return cases


def _check_enough(name: str, usable: Sequence[Instance], work: Work) -> None:
    examples = shown_of(work)
    if len(usable) < work.per_task + examples:
        raise ValueError(
            f"task {name!r}: {len(usable)} different inputs are short enough, but {work.per_task}"
            f" are asked and {examples} others shown; lower per_task or the arms' k"
        )


def _answer_tokens(task: TaskData, chat: ChatFormat) -> int:
    longest = max(chat.count(output) for i in task.instances for output in i.outputs)
    return min(MOST_TOKENS, longest + SPARE_TOKENS)


def _shuffled(instances: Sequence[Instance], seed: int, name: str) -> tuple[Instance, ...]:
    return tuple(instances[n] for n in _random(seed, name).permutation(len(instances)))


def _random(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _answer(arm: Arm, case: Case, maker: Maker, engine: Engine, *, labels: bool) -> dict[str, Any]:
    """One arm's figures on one case. The seconds are those of its adapter and its free answers."""
    started = time.perf_counter()
    setting = maker.make(arm, case)
    ask = Request("", setting.prefix, setting.adapter, case.max_tokens)
    answers = list(_asked(engine, ask, case, copied=case.copy))
    seconds = time.perf_counter() - started
    pairs = [(a.text, i.outputs) for a, i in zip(answers, case.instances, strict=True)]
    figures: dict[str, Any] = {
        "rouge_l": _mean([rouge_l(text, outputs) for text, outputs in pairs]),
        "exact": _mean([exact(text, outputs) for text, outputs in pairs]),
        "label_accuracy": None,
        "prefix_tokens": _mean([a.tokens.prefix for a in answers]),
        "new_tokens": _mean([a.tokens.prompt for a in answers]),
        "examples_used": setting.examples,
        "seconds": seconds,
    }
    if labels and has_labels(case.task):
        chosen = _asked(engine, replace(ask, labels=case.task.labels), case)
        right = [exact(c.text, i.outputs) for c, i in zip(chosen, case.instances, strict=True)]
        figures["label_accuracy"] = _mean(right)
    return figures


def _asked(
    engine: Engine, ask: Request, case: Case, *, copied: bool = False
) -> Iterator[Generation]:
    described = replace(case.task, examples=case.training)
    asked = [replace(ask, input=instance.input) for instance in case.instances]
    if copied:  # of nothing nothing can be copied
        asked = [
            replace(one, copy=copy_of(one.input, described)) if one.input.strip() else one
            for one in asked
        ]
    tickets = [engine.submit(one) for one in asked]
    return (ticket.result() for ticket in tickets)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _load(options: EvaluateOptions) -> tuple[Maker, dict[str, Any]]:
    base = load_base(base_source(options.base), options.cache, device=options.device)
    folder = find_weights(base.name, options.hypernetwork)
    if folder is None:
        raise ValueError(f"no hypernetwork for base {base.name}; name one with --hypernetwork")
    chat = ChatFormat.of(base.tokenizer)
    encoder = Encoder.load(encoder_source(options.encoder))
    generator = load_generator(folder, base, chat, encoder)
    static = folder / STATIC_FOLDER
    maker = Maker(
        base,
        chat,
        generator,
        load_peft(static, base.forward.config) if static.is_dir() else None,
        options.refine_steps,
    )
    dtype = str(base.forward.dtype).removeprefix("torch.")
    about = {
        "hypernetwork": {"name": generator.card["name"], "version": generator.version},
        "base": {"name": base.name, "fingerprint": base.fingerprint, "dtype": dtype,
                 "device": options.device},
    }  # fmt: skip
    return maker, about


def _key(options: EvaluateOptions, maker: Maker, about: dict[str, Any]) -> str:
    """What a partial result must have been made with to be gone on from."""
    digest = hashlib.sha256()
    settings = {k: v for k, v in asdict(options).items() if k not in ("out", "cache", "tasks")}
    static = maker.static.digest if maker.static else None
    digest.update(json.dumps([settings, about, static]).encode())
    # The card's scales and thresholds decide too, and are not part of the weights' version.
    digest.update((maker.generator.folder / CARD_FILE).read_bytes())
    for file in chain.from_iterable(map(task_files, options.tasks)):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:24]


def _resumed(file: Path | None, key: str, progress: Progress) -> Cells:
    if file is None or not file.is_file():
        return {}
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["key"] == key:
            found: Cells = kept["cells"]
            return found
    except (ValueError, KeyError, TypeError):
        pass  # damaged: as good as another run's
    progress(0.0, f"{file.name} is of another run: starting anew")
    return {}
