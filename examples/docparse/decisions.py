"""From what the tasks decided about a document's candidates to its record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from examples.docparse import tasks
from examples.docparse.sums import likeliest_reading
from examples.docparse.values import amount_of, date_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from examples.docparse.candidates import Candidate
    from examples.docparse.tasks import TaskSpec

# Which label of which task each field is; a document need not say the last two.
DECIDED: dict[str, tuple[TaskSpec, str]] = {
    "number": (tasks.REFERENCES, "number"),
    "seller": (tasks.SELLERS, "seller"),
    "date": (tasks.DATES, "issued"),
    "tax": (tasks.AMOUNTS, "tax"),
    "total": (tasks.AMOUNTS, "total"),
    "net": (tasks.AMOUNTS, "net"),
    "due": (tasks.DATES, "due"),
}
OPTIONAL = ("net", "due")


@dataclass(frozen=True)
class Answer:
    """What a step answered."""

    step: int
    output: str
    shares: Mapping[str, float] = field(default_factory=dict)
    """With labels, each one's."""
    unsure: bool = False
    by: str = "model"


@dataclass(frozen=True)
class Decided:
    """A step about a document: the candidate (none where it was about all of it) and the answer."""

    task: TaskSpec
    input: str
    answer: Answer
    candidate: Candidate | None = None
    label: str | None = None
    """What the candidate is taken for, where that is not left to the answer alone."""

    @property
    def taken(self) -> str:
        """The label that counts."""
        return self.answer.output if self.label is None else self.label


@dataclass
class Decisions:
    """All steps about one document."""

    made: list[Decided] = field(default_factory=list)
    adds_up: bool = False
    """Whether the amounts were read so that they add up."""

    def of(self, task: TaskSpec) -> list[Decided]:
        """Those of one task."""
        return [each for each in self.made if each.task == task]

    def read_amounts(self) -> None:
        """Take the likeliest reading of the amounts that adds up, if there is one.

        What each step answered stays known to who corrects it.
        """
        steps = self.of(tasks.AMOUNTS)
        amounts = [amount_of(each.candidate.shown) for each in steps if each.candidate is not None]
        reading = likeliest_reading(amounts, [each.answer.shares for each in steps])
        if reading is None:
            return
        self.adds_up = True
        labels = iter(reading)
        self.made = [
            replace(each, label=next(labels)) if each.task == tasks.AMOUNTS else each
            for each in self.made
        ]

    def chosen(self, name: str) -> Decided | None:
        """What decides a field: the candidate likeliest to be it.

        A field that may be missing is the candidate that was given its label, or none. So is any
        amount, where the amounts add up.
        """
        task, label = DECIDED[name]
        found = self.of(task)
        if name in OPTIONAL or (self.adds_up and task == tasks.AMOUNTS):
            found = [each for each in found if each.taken == label]
        return max(found, key=lambda each: each.answer.shares.get(label, 0.0), default=None)

    def lines(self) -> list[Decided]:
        """The amounts that are lines of the bill."""
        return [each for each in self.of(tasks.AMOUNTS) if each.taken == "line"]

    def to_copy_from(self, task: TaskSpec) -> list[Candidate]:
        """What names the company or an item, for the task that copies the name out of its line."""
        seller = self.chosen("seller")
        steps = self.lines() if task == tasks.ITEM else [seller] if seller else []
        return [each.candidate for each in steps if each.candidate is not None]

    def record(self) -> dict[str, Any]:
        """The document as JSON; fields that nothing was found for are left out."""
        (kind,) = self.of(tasks.KIND)
        found: dict[str, Any] = {"kind": kind.answer.output}
        for name in DECIDED:
            chosen = self.chosen(name)
            value = None if chosen is None else self._value(name, chosen)
            if value:
                found[name] = value
        items = [
            {"item": item.answer.output, "amount": f"{amount_of(line.candidate.shown):.2f}"}
            for line, item in zip(self.lines(), self.of(tasks.ITEM), strict=True)
            if line.candidate is not None
        ]
        return {**found, "items": items} if items else found

    def unsure(self) -> set[str]:
        """The fields whose deciding step was unsure; amounts that add up bear each other out."""
        deciding = {name: [self.chosen(name)] for name in DECIDED}
        deciding["seller"] += self.of(tasks.COMPANY)
        deciding["kind"] = list(self.of(tasks.KIND))
        deciding["items"] = [*self.lines(), *self.of(tasks.ITEM)]
        return {
            name
            for name, steps in deciding.items()
            if any(step is not None and self._doubted(step) for step in steps)
        }

    def _doubted(self, step: Decided) -> bool:
        return step.answer.unsure and not (self.adds_up and step.task == tasks.AMOUNTS)

    def _value(self, name: str, chosen: Decided) -> str | None:
        if name == "seller":
            return next((each.answer.output for each in self.of(tasks.COMPANY)), None)
        assert chosen.candidate is not None  # noqa: S101  # only `kind` has none
        shown = chosen.candidate.shown
        if name in ("date", "due"):
            return date_of(shown)
        return f"{amount_of(shown):.2f}" if name in ("net", "tax", "total") else shown
