"""The person who looks over what the agent read: simulated from the truth about each document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.docparse import tasks
from examples.docparse.decisions import DECIDED
from examples.docparse.record import FIELDS

if TYPE_CHECKING:
    from examples.docparse.decisions import Decided
    from examples.docparse.papers.making import Paper


@dataclass(frozen=True)
class Person:
    """Knows one document."""

    paper: Paper

    def wrong(self, record: dict[str, Any]) -> set[str]:
        """The fields that are not as the document has them."""
        truth = self.truth()
        return {name for name in FIELDS if record.get(name) != truth.get(name)}

    def truth(self) -> dict[str, Any]:
        """The record as it should be."""
        values = {name: fact.value for name, fact in self.paper.facts.items() if name in FIELDS}
        items = [{"item": item.value, "amount": amount.value} for item, amount in self.paper.rows]
        return {"kind": self.paper.layout.kind, **values, "items": items}

    def right_answer(self, decided: Decided) -> str | None:
        """What a step should have answered; None where its question has no answer."""
        if decided.task == tasks.KIND:
            return self.paper.layout.kind
        facts = {name: fact.shown for name, fact in self.paper.facts.items()}
        if decided.task == tasks.COMPANY:
            return facts["seller"] if facts["seller"] in decided.input else None
        if decided.task == tasks.ITEM:
            return next((i.shown for i, _ in self.paper.rows if i.shown in decided.input), None)
        assert decided.candidate is not None  # noqa: S101  # all other tasks ask about one
        shown, line = decided.candidate.shown, decided.candidate.line
        if decided.task == tasks.SELLERS:
            return "seller" if facts["seller"] in line else tasks.OTHER
        rows = [(item.shown, amount.shown) for item, amount in self.paper.rows]
        if decided.task == tasks.AMOUNTS and any(i in line and a == shown for i, a in rows):
            return "line"
        labels = {name: label for name, (task, label) in DECIDED.items() if task == decided.task}
        found = [label for name, label in labels.items() if facts.get(name) == shown]
        return found[0] if found else tasks.OTHER
