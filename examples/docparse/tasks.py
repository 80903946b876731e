"""The agent's named tasks: small decisions, each of which a small model can learn.

The program finds what might be a fact (every date, every amount), and a task says what it is. A
document so gives many short examples of each task, where one answer for all of it would give one
long one.
"""

from __future__ import annotations

from dataclasses import dataclass

OTHER = "other"
OPEN, CLOSE = ">>", "<<"


@dataclass(frozen=True)
class TaskSpec:
    """The arguments of `save_task`: labels, or else the answer is copied from the input."""

    name: str
    text: str
    labels: tuple[str, ...] = ()
    max_tokens: int = 24


KIND = TaskSpec(
    "docparse kind",
    "Is this an invoice that is still to be paid, or a receipt for what was paid already?",
    ("invoice", "receipt"),
)
AMOUNTS = TaskSpec(
    "docparse amounts",
    "Three lines of a bill. What is the amount between >> and <<: the price of one line, the net "
    "amount before tax, the tax, the total with tax, or something else?",
    ("line", "net", "tax", "total", OTHER),
)
DATES = TaskSpec(
    "docparse dates",
    "Three lines of a bill. Is the date between >> and << the day on which it was issued, the day "
    "by which it is due, or another one?",
    ("issued", "due", OTHER),
)
REFERENCES = TaskSpec(
    "docparse references",
    "Three lines of a bill. Is what stands between >> and << the bill's own number, or something "
    "else?",
    ("number", OTHER),
)
SELLERS = TaskSpec(
    "docparse sellers",
    "Three lines of a bill. Does the one between >> and << name the company that sells, or is it "
    "something else, such as the buyer or an address?",
    ("seller", OTHER),
)
COMPANY = TaskSpec("docparse company", "Extract the company's name from the line.")
ITEM = TaskSpec("docparse item", "Extract what was sold from the line of a bill, without numbers.")

TASKS = (KIND, AMOUNTS, DATES, REFERENCES, SELLERS, COMPANY, ITEM)
