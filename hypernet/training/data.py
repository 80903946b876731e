"""A task with its instances, and tokenised samples of them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hypernet.base_model.chat import Sample
from hypernet.copying import copies
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypernet.base_model.chat import ChatFormat

# Data under these terms may not end up in weights that are given away.
RESTRICTED = re.compile(r"\bNC\b|\bND\b|GPL|non-?commercial|no-?derivatives", re.IGNORECASE)
HELD_OUT_WORDINGS = 6
QUOTED_CHARS = 60


@dataclass(frozen=True)
class Instance:
    """One input with its accepted outputs."""

    input: str
    outputs: tuple[str, ...]
    where: str = field(default="", compare=False)
    """File and line, of what a folder of one's own tasks holds."""


@dataclass(frozen=True)
class TaskData:
    """A task with its instances and other wordings of its description."""

    name: str
    task: Task
    instances: tuple[Instance, ...]
    license: str = "Unknown"
    paraphrases: tuple[str, ...] = field(default=())
    copy: bool = False
    """Whether its answers are held to be spans of their inputs."""

    @property
    def restricted(self) -> bool:
        """Whether its licence forbids weights that are given away."""
        return bool(RESTRICTED.search(self.license))

    def wordings(self, paraphrases: int | None = None) -> list[Task]:
        """The task in its first wordings, the definition before them, with and without labels."""
        described = [self.task.description, *self.paraphrases[:paraphrases]]
        return [
            Task(text, labels).normalised()
            for text in described
            for labels in ([self.task.labels, ()] if self.task.labels else [()])
        ]

    @property
    def shows_copying(self) -> bool:
        """Whether all its instances show that answers are copied, as a session's examples would."""
        shown = tuple(Example(i.input, i.outputs[0]) for i in self.instances)
        return copies(replace(self.task, examples=shown))

    def split(self, held_out: float) -> tuple[TaskData, TaskData]:
        """A training and a development part, with other instances and, if there are, wordings."""
        order = list(self.instances)
        random.Random(self.name).shuffle(order)  # noqa: S311  # sampling, not secrets
        count = min(max(2, round(len(order) * held_out)), len(order) // 2)
        kept_back = min(HELD_OUT_WORDINGS, len(self.paraphrases) // 2)
        cut = len(self.paraphrases) - kept_back
        dev = replace(self, instances=tuple(order[:count]))
        if kept_back:
            first, *rest = self.paraphrases[cut:]
            dev = replace(dev, task=replace(self.task, description=first), paraphrases=tuple(rest))
        train = replace(self, instances=tuple(order[count:]), paraphrases=self.paraphrases[:cut])
        return train, dev


def refuse_odd_outputs(tasks: Iterable[TaskData]) -> None:
    """Refuse an output of a folder of one's own that is none of its task's labels.

    Raises:
        ValueError: names the first one, with its file and line.
    """
    for task in tasks:
        for instance in task.instances:
            odd = [output for output in instance.outputs if not task.task.allows(output)]
            if instance.where and odd:
                quoted = repr(odd[0][:QUOTED_CHARS])
                raise ValueError(
                    f"{instance.where}: the output {quoted} is none of the task's labels; "
                    "`hypernet train FOLDER --dry-run` lists all of them"
                )


def samples_of(
    data: TaskData,
    chat: ChatFormat,
    *,
    count: int,
    max_step: int,
    max_answer: int,
    rng: random.Random,
    known: dict[str, tuple[int, ...]] | None = None,
) -> list[Sample]:
    """Up to `count` of a task's instances, in random order, as token ids.

    Args:
        data: the task.
        chat: the base's chat markup and tokenizer.
        count: how many samples at most.
        max_step: most tokens of the step's part; longer instances are passed over.
        max_answer: most tokens of the answer's part, likewise.
        rng: draws instances and outputs.
        known: inputs that were tokenised before, and those that are now: tasks over the same
            inputs then share their ids.
    """
    known = {} if known is None else known
    invocation = tuple(chat.invocation_ids())
    found: list[Sample] = []
    for instance in rng.sample(data.instances, len(data.instances)):
        if len(found) == count:
            break
        output = rng.choice(instance.outputs)
        if (ids := known.get(instance.input)) is None:
            ids = known[instance.input] = tuple(chat.input_ids(instance.input))
        answer = tuple(chat.answer_ids(output))
        if len(ids) + len(invocation) <= max_step and len(answer) <= max_answer:
            found.append(Sample(ids, invocation, answer))
    return found
