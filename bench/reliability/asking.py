"""Development tasks asked as a step would be, without examples or trained on some."""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.learning.cases import cases
from hypernet.adapters.plan import enough_to_refine, make_plan
from hypernet.copying import copies
from hypernet.learning.answers import Form, ask, right
from hypernet.learning.judges.words import answerable
from hypernet.learning.serve import words_of
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.learning.cases import Case
    from hypernet.engine.interface import Engine
    from hypernet.hypernetwork.fit import FitLevel
    from hypernet.hypernetwork.reliability import Kind, Level
    from hypernet.runtime import Runtime

MARGIN = 16
"""Tokens that an answer may be longer than the longest right one."""
MOST_TOKENS = 128
ORDER_SEED = 1


@dataclass(frozen=True)
class Work:
    """A task, under one draw of inputs, asked for one kind of answers."""

    key: str
    case: Case
    kind: Kind


@dataclass(frozen=True)
class Row:
    """What a model answered to a task's inputs. Without the texts of inputs and answers."""

    key: str
    model: str
    task: str
    level: Level
    kind: Kind
    answers: Sequence[dict[str, Any]]
    """Of each: `confidence`, whether it was `right`, and with labels `shares` and the `wanted`;
    with examples `words` too, the shares of a classifier of their words."""

    def __str__(self) -> str:
        """For the progress."""
        hit = sum(each["right"] for each in self.answers)
        return f"{self.task}, {self.kind}, {self.level}: {hit} of {len(self.answers)} right"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def work(
    files: Sequence[Path],
    runtime: Runtime,
    *,
    seeds: Sequence[int],
    examples: int,
    ask: int,
    most_tokens: int,
    most_tasks: int,
) -> list[Work]:
    """All that is to be asked, a draw after the other, its tasks in an order of chance.

    Who stops early has asked a sample of them.

    Args:
        files: task files or folders.
        runtime: counts tokens, and knows the fit.
        seeds: one draw of inputs each.
        examples: how many a task is trained on; a task with fewer, or for which a step would not
            train, is passed over. 0: without.
        ask: inputs of a task; one with fewer than half as many is passed over.
        most_tokens: of an input; longer ones are left out.
        most_tasks: of each file and fit, the same under every draw.

    Raises:
        ValueError: there is no hypernetwork, so no fit.
    """
    engine, library = runtime.engine, runtime.library
    if library is None:
        raise ValueError("there is no hypernetwork for this base, so no task has a fit")
    found: list[Work] = []
    for seed in seeds:
        drawn: list[Work] = []
        for file in files:
            limits = {"ask": ask, "most_tokens": most_tokens}
            own = [
                case
                for case in cases([file], engine, counts=[examples], seeds=[seed], **limits)
                if not examples or (enough_to_refine(case.task) and answerable(case.task))
            ]
            levels = {
                case.name: library.source.fit(case.task.without_examples()).level for case in own
            }
            kept = _some(levels, most_tasks)
            drawn += [
                Work(_key(file, case, kind), case, kind)
                for case in own
                if case.name in kept
                for kind in _kinds(case, engine)
            ]
        order = np.random.default_rng(ORDER_SEED).permutation(len(drawn))
        found += [drawn[int(place)] for place in order]
    return found


def asked(runtime: Runtime, each: Work) -> Row:
    """What is answered."""
    task, inputs = each.case.task, [one.input for one in each.case.asked]
    engine = runtime.engine
    plan = make_plan(
        runtime.library,
        task,
        "auto",
        capabilities=engine.capabilities,
        refined=enough_to_refine(task),
    )
    assert plan.entry is not None  # noqa: S101  # for the type checker: `work` has looked
    longest = max(engine.count(one.output) for one in each.case.asked)
    form = Form(copy=each.kind == "copied", max_tokens=min(MOST_TOKENS, longest + MARGIN))
    answers = ask(engine, plan, task, form, inputs)
    words: Sequence[Mapping[str, float] | None] = [None] * len(inputs)
    if task.labels and task.examples and runtime.embedder is not None:
        words = words_of(task, runtime.embedder).shares(inputs)
    return Row(
        each.key,
        runtime.identity,
        each.case.name,
        plan.entry.fit.level if plan.entry.refinement is None else "trained",
        each.kind,
        [
            {
                "confidence": answer.confidence,
                "right": right(answer, one),
                "shares": None if answer.shares is None else dict(answer.shares),
                "wanted": None if answer.shares is None else as_read(one.output),
                **({} if heard is None else {"words": dict(heard)}),
            }
            for answer, one, heard in zip(answers, each.case.asked, words, strict=True)
            if answer is not None and answer.confidence is not None
        ],
    )


def _key(file: Path, case: Case, kind: Kind) -> str:
    count = len(case.task.examples)
    return f"{file.name} {case.name} {case.seed} {kind}" + (f" of {count}" if count else "")


def _kinds(case: Case, engine: Engine) -> list[Kind]:
    if case.task.labels:
        return ["labels"]
    if case.task.examples:  # these say it
        return ["copied" if copies(case.task) and engine.capabilities.copy else "free"]
    # What its user would say of it, who has seen some answers.
    spans = copies(replace(case.task, examples=case.asked)) and engine.capabilities.copy
    return ["free", "copied"] if spans else ["free"]


def _some(levels: Mapping[str, FitLevel], most: int) -> set[str]:
    """Names of so many tasks of each level, drawn by chance."""
    drawn = sorted(levels, key=lambda name: zlib.crc32(name.encode()))
    by_level: dict[FitLevel, list[str]] = {}
    for name in drawn:
        by_level.setdefault(levels[name], []).append(name)
    return {name for names in by_level.values() for name in names[:most]}
