"""Reading task files, and tokenised samples made from them.

A task file is JSON lines (gzipped when named .gz): {task, definition, examples, labels?, license,
instances: [{input, output: [...]}]}. Paraphrases come from a second file: {task, descriptions}.
Knows nothing of networks or batches.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypernet.task import Example, Task

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hypernet.chat import ChatFormat

# Data under these terms may not end up in weights that are given away.
RESTRICTED = re.compile(r"\bNC\b|\bND\b|GPL|non-?commercial|no-?derivatives", re.IGNORECASE)


@dataclass(frozen=True)
class Instance:
    """One input with its accepted outputs."""

    input: str
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class TaskData:
    """A task with its instances and other wordings of its description."""

    name: str
    task: Task
    instances: tuple[Instance, ...]
    license: str = "Unknown"
    paraphrases: tuple[str, ...] = field(default=())

    @property
    def restricted(self) -> bool:
        """Whether its licence forbids weights that are given away."""
        return bool(RESTRICTED.search(self.license))

    def wordings(self) -> list[Task]:
        """The task in each of its wordings, first the definition, with and without labels."""
        described = [self.task.description, *self.paraphrases]
        return [
            Task(text, labels).normalised()
            for text in described
            for labels in ([self.task.labels, ()] if self.task.labels else [()])
        ]


def read_tasks(
    file: Path, paraphrases: Path | None = None, most_paraphrases: int = 24
) -> list[TaskData]:
    """Read a task file, and the first so many paraphrases of each task from a second one.

    Raises:
        ValueError: a line is not a task; names file and line.
    """
    wordings = {}
    if paraphrases is not None:
        wordings = {
            row["task"]: tuple(row["descriptions"][:most_paraphrases])
            for _, row in _lines(paraphrases)
        }
    tasks = []
    for number, row in _lines(file):
        try:
            tasks.append(_task(row, wordings.get(row["task"], ())))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{file.name} line {number}: not a task ({error!r})") from error
    return tasks


def _task(row: dict[str, Any], paraphrases: tuple[str, ...]) -> TaskData:
    examples = tuple(Example(e["input"], e["output"]) for e in row.get("examples", ()))
    return TaskData(
        name=row["task"],
        task=Task(row["definition"], tuple(row.get("labels") or ()), examples),
        instances=tuple(Instance(i["input"], _outputs(i["output"])) for i in row["instances"]),
        license=row.get("license", "Unknown"),
        paraphrases=paraphrases,
    )


def _outputs(raw: Any) -> tuple[str, ...]:
    """One answer may stand alone; none would leave nothing to learn."""
    outputs = (raw,) if isinstance(raw, str) else tuple(raw)
    if not outputs or not all(isinstance(text, str) for text in outputs):
        raise TypeError("output must be a text or a list of texts")
    return outputs


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except json.JSONDecodeError as error:
                    raise ValueError(f"{file.name} line {number}: not JSON ({error})") from error


@dataclass(frozen=True)
class Sample:
    """One training example: token ids of the prompt part and of the answer."""

    wording: int | None
    step_ids: tuple[int, ...]
    answer_ids: tuple[int, ...]


def samples_of(
    data: TaskData,
    chat: ChatFormat,
    *,
    count: int,
    wording: int | None,
    max_step: int,
    max_answer: int,
    rng: random.Random,
) -> list[Sample]:
    """Up to `count` samples of a task; instances over the token limits are passed over.

    Args:
        data: the task.
        chat: the base's chat markup and tokenizer.
        count: how many samples at most.
        wording: which wording stands before the input as prefix; None for no task in the prompt.
        max_step: most tokens of the step's part.
        max_answer: most tokens of the answer's part.
        rng: draws instances and outputs.
    """
    found: list[Sample] = []
    for instance in rng.sample(data.instances, len(data.instances)):
        step = chat.step_ids(instance.input)
        answer = chat.answer_ids(rng.choice(instance.outputs))
        if len(step) <= max_step and len(answer) <= max_answer:
            found.append(Sample(wording, tuple(step), tuple(answer)))
        if len(found) == count:
            break
    return found


def by_length(samples: Sequence[Sample], batch: int) -> Iterator[list[Sample]]:
    """Batches of about equal length, so that little is padded."""
    ordered = sorted(samples, key=lambda s: len(s.step_ids) + len(s.answer_ids))
    for start in range(0, len(ordered), batch):
        yield ordered[start : start + batch]
