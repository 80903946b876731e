"""The command `python -m tasks.derived`: other questions over the inputs of given tasks.

Where a collection has one task for each set of inputs, the input tells the task. Derived tasks ask
something else of the same inputs: the same answer in other words or another form, yes or no about
one of the labels, something of the input itself, or the way back from answer to input.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from hypernet.task import Task
from hypernet.training.config import Source
from hypernet.training.data import Instance, TaskData
from hypernet.training.task_files import read_source, write_tasks
from tasks.drawing import random_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tasks.drawing import Random

INSTANCES, FEWEST = 48, 12
MOST_LABELS = 8
WORDINGS = 8
LONGEST_BACK = 60
"""Most words of an input that is to be written from the answer."""
SAID = yaml.safe_load((Path(__file__).parent / "derived.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Derived:
    """A question made of a task: which wordings it has, and its answers to the task's instances."""

    kind: str
    answer: Callable[[Instance], str | None]
    slots: Mapping[str, str]
    labels: tuple[str, ...] = ()
    input: Callable[[Instance], str] = lambda instance: instance.input


def derive(task: TaskData, count: int, seed: int) -> list[TaskData]:
    """Up to `count` tasks over the inputs of one, of as many kinds as possible."""
    rng = random_from("derived", seed, task.name)
    labels = _labels(task)
    kinds = [*(_of_labels(task, labels, rng) if labels else ()), *_of_answers(task, rng),
             *_of_inputs()]  # fmt: skip
    rng.shuffle(kinds)
    # Those about labels first: that is where the input most plainly tells the task.
    kinds.sort(key=lambda one: not one.labels)
    made = (_made(task, one, number, rng) for number, one in enumerate(kinds))
    found: list[TaskData] = []
    for one in made:
        if one is not None and len(found) < count:
            found.append(one)
    return found


def _labels(task: TaskData) -> tuple[str, ...]:
    seen = sorted({i.outputs[0] for i in task.instances})
    labels = task.task.labels or tuple(seen)
    return labels if 2 <= len(labels) <= MOST_LABELS and set(seen) <= set(labels) else ()


def _of_labels(task: TaskData, labels: Sequence[str], rng: Random) -> Iterator[Derived]:
    for kind, words in (("renamed", SAID["words"]), ("coded", SAID["codes"])):
        chosen = rng.choice([row for row in words if len(row) >= len(labels)])
        new = dict(zip(labels, rng.sample(chosen, len(labels)), strict=True))
        told = ", ".join(f'"{new[label]}" for "{label}"' for label in labels)
        yield Derived(kind, _renamed(new), {"told": told}, tuple(new.values()))
    for label in rng.sample(labels, min(2, len(labels))):
        yield Derived("about", _is(label), {"label": label}, ("yes", "no"))
    if len(labels) > 2:
        left = tuple(sorted(rng.sample(labels, 2)))
        yield Derived("between", lambda i: i.outputs[0] if i.outputs[0] in left else None,
                      {"first": left[0], "second": left[1]}, left)  # fmt: skip


def _renamed(names: Mapping[str, str]) -> Callable[[Instance], str]:
    return lambda instance: names[instance.outputs[0]]


def _is(label: str) -> Callable[[Instance], str]:
    return lambda instance: "yes" if instance.outputs[0] == label else "no"


def _of_answers(task: TaskData, rng: Random) -> Iterator[Derived]:
    key = rng.choice(SAID["keys"])
    yield Derived("json", lambda i: json.dumps({key: i.outputs[0]}, ensure_ascii=False),
                  {"key": key})  # fmt: skip
    if any(i.outputs[0] != i.outputs[0].upper() for i in task.instances):
        yield Derived("capitals", lambda i: i.outputs[0].upper(), {})
    yield Derived("quoted", lambda i: f'"{i.outputs[0]}"', {})
    if all(len(i.outputs[0].split()) > 2 for i in task.instances):
        yield Derived("back", lambda i: i.input if len(i.input.split()) <= LONGEST_BACK else None,
                      {}, input=lambda i: i.outputs[0])  # fmt: skip


def _of_inputs() -> Iterator[Derived]:
    yield Derived("first_word", lambda i: _words(i)[0], {})
    yield Derived("last_word", lambda i: _words(i)[-1], {})
    yield Derived("first_words", lambda i: " ".join(_words(i)[:3]), {})
    yield Derived("longest", lambda i: max(_words(i), key=len), {})
    yield Derived("question", lambda i: "yes" if "?" in i.input else "no", {}, ("yes", "no"))
    yield Derived("number", lambda i: "yes" if re.search(r"\d", i.input) else "no", {},
                  ("yes", "no"))  # fmt: skip


def _words(instance: Instance) -> list[str]:
    return re.findall(r"\w[\w'-]*", instance.input) or ["none"]


def _made(task: TaskData, derived: Derived, number: int, rng: Random) -> TaskData | None:
    """The task; None where the instances do not give enough different answers."""
    pairs = [(derived.input(i), derived.answer(i))
             for i in rng.sample(task.instances, len(task.instances))]  # fmt: skip
    by_answer: dict[str, list[Instance]] = {}
    for text, answer in pairs:
        if answer is not None:
            by_answer.setdefault(answer, []).append(Instance(text, (answer,)))
    found = _balanced(list(by_answer.values())) if len(by_answer) > 1 else []
    if len(found) < FEWEST:
        return None
    said = [_said(task, derived, rng) for _ in range(WORDINGS)]
    first, *rest = dict.fromkeys(said)
    return replace(
        task, name=f"{task.name}/{derived.kind}{number}", task=Task(first, derived.labels),
        instances=tuple(found), paraphrases=tuple(rest),
    )  # fmt: skip


def _balanced(groups: list[list[Instance]]) -> list[Instance]:
    """One of each answer in turn; of two answers, such as yes and no, as many of each."""
    two = 2
    most = min(len(group) for group in groups) if len(groups) == two else INSTANCES
    return [g[turn] for turn in range(most) for g in groups if turn < len(g)][:INSTANCES]


def _said(task: TaskData, derived: Derived, rng: Random) -> str:
    whole = rng.choice([task.task.description, *task.paraphrases]).strip()
    template: str = rng.choice(SAID["wordings"][derived.kind])
    return template.format(task=whole, **derived.slots)


def main(arguments: list[str] | None = None) -> int:
    """Write the file; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tasks.derived", description=__doc__)
    parser.add_argument("--tasks", required=True, help="task file or folder")
    parser.add_argument("--wordings", help="file of other wordings of the tasks")
    parser.add_argument("--out", type=Path, required=True, help="file for the derived tasks")
    parser.add_argument("--each", type=int, default=6, help="most derived tasks of a task")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        given = read_source(Source(chosen.tasks, wordings=chosen.wordings))
        made = [one for task in given for one in derive(task, chosen.each, chosen.seed)]
        write_tasks(chosen.out, made)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps({"given": len(given), "derived": len(made)}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
