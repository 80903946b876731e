"""Answers with and without `copy`, on tasks whose examples say that answers are copied.

    python -m bench.copying --tasks FILE... --json bench-copying.json

Each task is planned as a session with that many examples would be; all arms have the same adapter,
prefix and inputs. `letters` may begin and end inside a word, `copied` does what the examples do.
Needs the models and rouge-score; minutes.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from hypernet.adapters.plan import make_plan
from hypernet.copying import Copy, copies, copy_of
from hypernet.engine.interface import OUTPUT, Request
from hypernet.evaluation.scores import exact, interval
from hypernet.runtime import RuntimeOptions, load_runtime
from hypernet.task import Example, Task
from hypernet.training.task_files import read_any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hypernet.engine.interface import Generation
    from hypernet.runtime import Runtime
    from hypernet.training.data import Instance, TaskData

MOST_CHARACTERS, MOST_TOKENS = 3_000, 64
ARMS = ("free", "letters", "copied")


@dataclass(frozen=True)
class Answer:
    """One answer in one arm."""

    task: str
    seed: int
    arm: str
    text: str
    expected: tuple[str, ...]
    right: bool
    allowed: bool
    """A span of the input, or "none" where the examples have it."""
    reachable: bool
    """An accepted answer is allowed."""
    confidence: float
    tokens: int
    decode_ms: float


def drawn(
    files: Sequence[Path], most: int, examples: int, inputs: int, seed: int
) -> Iterator[tuple[TaskData, Task, list[Instance]]]:
    """Up to `most` tasks of each file whose drawn examples ask for copying, and what is asked."""
    for file in files:
        tasks, found = read_any(file), 0
        order = random.Random(seed)  # noqa: S311  # sampling, not secrets
        order.shuffle(tasks)
        for task in tasks:
            short = [i for i in task.instances if len(i.input) <= MOST_CHARACTERS]
            order.shuffle(short)
            shown = tuple(Example(i.input, i.outputs[0]) for i in short[:examples])
            described = replace(task.task, examples=shown).normalised()
            asked = short[examples : examples + inputs]
            if found < most and asked and copies(described):
                found += 1
                yield task, described, asked


def answers(
    runtime: Runtime, name: str, task: Task, asked: Sequence[Instance], seed: int
) -> Iterator[Answer]:
    """All arms of a task, one request at a time so that times compare."""
    engine = runtime.engine
    plan = make_plan(runtime.library, task, "auto", capabilities=engine.capabilities)
    for instance in asked:
        text, expected = instance.input.strip(), [o.strip() for o in instance.outputs]
        copy = copy_of(text, task)
        request = Request(text, plan.prefix, plan.adapter, MOST_TOKENS)
        arms = {
            "free": request,
            "letters": replace(request, copy=replace(copy, words=False)),
            "copied": replace(request, copy=copy),
        }
        for arm in random.Random(f"{seed}{text}").sample(ARMS, len(ARMS)):  # noqa: S311  # sampling
            done = engine.submit(arms[arm]).result()
            yield _answer(name, seed, arm, done, expected, copy)


def _answer(
    name: str, seed: int, arm: str, done: Generation, expected: Sequence[str], copy: Copy
) -> Answer:
    allowed = copy.span(done.text) is not None or done.text in copy.nothing
    return Answer(
        task=name,
        seed=seed,
        arm=arm,
        text=done.text,
        expected=tuple(expected),
        right=exact(done.text, expected),
        allowed=allowed,
        reachable=any(o in copy.text or o in copy.nothing for o in expected),
        confidence=(done.confidence or {})[OUTPUT],
        tokens=done.tokens.generated,
        decode_ms=done.decode_ms,
    )


def summary(found: Sequence[Answer]) -> dict[str, Any]:
    """Figures of the arms; differences are paired, with an interval over tasks."""
    names = sorted({a.task for a in found})
    rates: dict[str, list[float]] = {
        arm: [
            float(np.mean([a.right for a in found if (a.task, a.arm) == (n, arm)])) for n in names
        ]
        for arm in ARMS
    }

    def paired(one: str, other: str) -> dict[str, float]:
        return interval([a - b for a, b in zip(rates[one], rates[other], strict=True)])

    of = {arm: [a for a in found if a.arm == arm] for arm in ARMS}
    return {
        "tasks": len(names),
        "answers": len(of["free"]),
        "exact": {arm: interval(rates[arm]) for arm in ARMS},
        "copied - free": paired("copied", "free"),
        "letters - free": paired("letters", "free"),
        "copied - letters": paired("copied", "letters"),
        "no span": {arm: sum(not a.allowed for a in of[arm]) for arm in ARMS},
        "no span and wrong": {
            arm: sum(not (a.allowed or a.right) for a in of[arm]) for arm in ARMS
        },
        "reachable": float(np.mean([a.reachable for a in of["free"]])),
        "ms per token": {
            arm: sum(a.decode_ms for a in of[arm]) / max(1, sum(a.tokens for a in of[arm]))
            for arm in ARMS
        },
        "confidence tells right from wrong": {arm: separation(of[arm]) for arm in ARMS},
    }


def separation(found: Sequence[Answer]) -> float | None:
    """How often a right answer has a higher confidence than a wrong one; 0.5 is chance."""
    right = np.array([a.confidence for a in found if a.right])
    wrong = np.array([a.confidence for a in found if not a.right])
    if not (len(right) and len(wrong)):
        return None
    return float(np.mean(right[:, None] > wrong) + np.mean(right[:, None] == wrong) / 2)


@click.command()
@click.option("--tasks", "files", multiple=True, required=True, type=click.Path(path_type=Path))
@click.option("--most", default=16, help="Tasks of each file.")
@click.option("--examples", default=4)
@click.option("--inputs", default=6, help="Inputs of each task.")
@click.option("--seeds", default="0", help="Draws, by comma.")
@click.option("--json", "out", type=click.Path(path_type=Path))
def main(
    files: tuple[Path, ...], most: int, examples: int, inputs: int, seeds: str, out: Path | None
) -> None:
    """Measure answers with and without `copy`."""
    runtime = load_runtime(RuntimeOptions())
    found: list[Answer] = []
    started = time.monotonic()
    try:
        for seed in map(int, seeds.split(",")):
            for task, described, asked in drawn(files, most, examples, inputs, seed):
                found += answers(runtime, task.name, described, asked, seed)
                click.echo(f"{time.monotonic() - started:.0f} s, {task.name}", err=True)
    finally:
        runtime.close()
    report = summary(found)
    click.echo(json.dumps(report, indent=1))
    if out is not None:
        rows = [asdict(a) for a in found]
        out.write_text(json.dumps({"summary": report, "answers": rows}, ensure_ascii=False))


if __name__ == "__main__":
    main()
