"""Training and development tasks from questions and documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hypernet.task import Task
from hypernet.training.data import Instance, TaskData
from tasks.documents import documents_of
from tasks.drawing import random_from
from tasks.questions import Questions
from tasks.shared import shared_questions
from tasks.wordings import wordings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.drawing import Random
    from tasks.fields import Document
    from tasks.specification import Kind
    from tasks.wordings import Question

SEEN_WORDINGS, UNSEEN_WORDINGS, FEWEST = 24, 6, 12
MOST_ALIKE = 0.25
LICENSE = "generated"
REPLAY_TASKS, REPLAY_INSTANCES, REPLAY_WORDINGS = 240, 10, 6


@dataclass(frozen=True)
class Sizes:
    """How much is made."""

    documents: int = 48
    """Training documents of each kind."""
    per_task: int = 24
    """Instances of each task."""


@dataclass
class Made:
    """The tasks of each file."""

    train: list[TaskData] = field(default_factory=list)
    dev_known: list[TaskData] = field(default_factory=list)
    dev_fields: list[TaskData] = field(default_factory=list)
    dev_kinds: list[TaskData] = field(default_factory=list)

    def files(self) -> dict[str, list[TaskData]]:
        """The tasks by the file's name."""
        return {
            "train": self.train,
            "dev-known": self.dev_known,
            "dev-fields": self.dev_fields,
            "dev-kinds": self.dev_kinds,
        }

    def replay(self) -> list[TaskData]:
        """Some training tasks of every kind, a little of each: what weights bring along, so that
        training on other tasks does not forget them.
        """
        every = max(1, len(self.train) // REPLAY_TASKS)
        return [
            replace(
                task,
                instances=task.instances[:REPLAY_INSTANCES],
                paraphrases=task.paraphrases[:REPLAY_WORDINGS],
            )
            for task in self.train[::every]
        ]

    def summary(self, kinds: Sequence[Kind]) -> dict[str, Any]:
        """What there is, in numbers."""
        uses = Counter(i.input for task in self.train for i in task.instances)
        often = sum(count >= 10 for count in uses.values())
        return {
            "kinds": {kind.kind: kind.vertical for kind in kinds},
            "tasks": {name: len(tasks) for name, tasks in self.files().items()},
            "documents": len(uses),
            "instances": sum(uses.values()),
            "share of inputs under 10 tasks or more": round(often / max(1, len(uses)), 3),
        }


class Builder:
    """Makes the tasks of many kinds, each from the same seed."""

    def __init__(self, seed: int, sizes: Sizes) -> None:
        self._seed, self._sizes = seed, sizes
        # Wordings that any document's tasks have, and those of one kind's documents.
        self._taken: dict[str, dict[str, str]] = defaultdict(dict)
        self._made = Made()

    def built(self, kinds: Sequence[Kind]) -> Made:
        """All tasks over these kinds."""
        pools = {k.kind: documents_of(k, "train", self._sizes.documents, self._seed) for k in kinds}
        later = max(FEWEST, self._sizes.documents // 4)
        held = {k.kind: documents_of(k, "development", later * 2 if k.held_out else later,
                                     self._seed + 1) for k in kinds}  # fmt: skip
        trained = [kind for kind in kinds if not kind.held_out]
        mixed = [d for kind in trained for d in pools[kind.kind]]
        mixed_later = [d for kind in trained for d in held[kind.kind]]
        for question in shared_questions(trained, mixed, self._seed):
            self._known(f"shared/{question.name}", question, mixed, mixed_later, "shared")
        for kind in kinds:
            self._taken[kind.kind] = dict(self._taken["shared"])
            train, development = pools[kind.kind], held[kind.kind]
            secret = set(kind.held_out_fields)
            for question in Questions(kind, train, self._seed).all():
                name = f"{kind.vertical}/{kind.kind}/{question.name}"
                if kind.held_out:
                    self._new(name, question, development, kind.kind, self._made.dev_kinds)
                elif secret.intersection(question.fields):
                    self._new(name, question, development, kind.kind, self._made.dev_fields)
                else:
                    self._known(name, question, train, development, kind.kind)
        return self._made

    def _known(
        self,
        name: str,
        question: Question,
        train: Sequence[Document],
        development: Sequence[Document],
        group: str,
    ) -> None:
        """A trained task, and the same one with new inputs and held-out wordings."""
        task = self._task(name, question, train, group, ((SEEN_WORDINGS, False),))
        if task is None:
            return
        self._made.train.append(task)
        later = self._task(name, question, development, group, ((UNSEEN_WORDINGS, True),))
        if later:
            self._made.dev_known.append(later)

    def _new(
        self,
        name: str,
        question: Question,
        documents: Sequence[Document],
        group: str,
        tasks: list[TaskData],
    ) -> None:
        """A task that is never trained."""
        wanted = ((UNSEEN_WORDINGS, False), (UNSEEN_WORDINGS, True))
        task = self._task(name, question, documents, group, wanted)
        if task:
            tasks.append(task)

    def _task(
        self,
        name: str,
        question: Question,
        documents: Sequence[Document],
        group: str,
        wanted: Sequence[tuple[int, bool]],
    ) -> TaskData | None:
        """The task, or nothing if too few documents answer the question in different ways."""
        name = name.replace(" ", "_")
        rng = random_from(self._seed, name, len(documents))
        instances = instances_of(question, documents, self._sizes.per_task, rng)
        if len(instances) < FEWEST // 2:
            return None
        said: list[str] = []
        for count, unseen in wanted:
            owner = f"{name} unseen" if unseen else name
            taken = self._taken[group]
            said += wordings_of(question.asked, count, rng, taken, owner, unseen=unseen)
        if not said:
            raise ValueError(f"{name}: every wording is another task's")
        task = Task(said[0], question.labels)
        return TaskData(name, task, tuple(instances), LICENSE, tuple(said[1:]))


def instances_of(
    question: Question, documents: Sequence[Document], count: int, rng: Random
) -> list[Instance]:
    """Documents with their answers: as many of each label, few of the same answer otherwise."""
    answered: dict[str, list[Instance]] = defaultdict(list)
    for document in rng.sample(documents, len(documents)):
        answer = question.answer(document)
        if answer is not None:
            answered[answer].append(Instance(document.text, (answer,)))
    if question.labels and any(label not in answered for label in question.labels):
        return []
    if len(answered) < 2:
        return []
    most = count if question.labels else max(2, round(count * MOST_ALIKE))
    found: list[Instance] = []
    for turn in range(most):
        for same in answered.values():
            if turn < len(same) and len(found) < count:
                found.append(same[turn])
    if question.labels:
        fewest = Counter(i.outputs[0] for i in found)
        # A label that the rest outnumbers by far would teach to answer the rest.
        limit = 3 * min(fewest[label] for label in question.labels)
        found = [i for n, i in enumerate(found)
                 if sum(o.outputs == i.outputs for o in found[:n]) < max(limit, 2)]  # fmt: skip
    rng.shuffle(found)
    return found
