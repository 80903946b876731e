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
    examples: tuple[tuple[str, str], ...] = ()
    """What it begins with; the others begin with none."""
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
# Lines as they could stand in any bill, written before a document was read: a name that is copied
# has no cheap rival, and is to be learned by the weights.
COMPANY = TaskSpec(
    "docparse company",
    "Extract the company's name from the line.",
    examples=(
        ("Brightwater Dental Ltd", "Brightwater Dental Ltd"),
        ("From: Novak & Sons Bakery", "Novak & Sons Bakery"),
        ("Yours sincerely, Halden Marine AS", "Halden Marine AS"),
        ("Alder Fitness | 12 Mill Road, Ashby", "Alder Fitness"),
        ("Ticket 88-1204      Corvo Cinemas SpA", "Corvo Cinemas SpA"),
        ("Peregrine Cabs LLC Official copy", "Peregrine Cabs LLC"),
        ("3 Shop: Tilda & Partners", "Tilda & Partners"),
        ("billed by Orchard Telecom GmbH, Westbury", "Orchard Telecom GmbH"),
        ("Thanks, your team at Mistral Bikes Co-op", "Mistral Bikes Co-op"),
        ("Sanderling Insurance - claims and service", "Sanderling Insurance"),
        ("    Kupfer Metallbau GmbH    Neustadt", "Kupfer Metallbau GmbH"),
        ("paid to Lumen Lighting SA in full", "Lumen Lighting SA"),
    ),
)
ITEM = TaskSpec(
    "docparse item",
    "Extract what was sold from the line of a bill, without numbers.",
    examples=(
        ("2 x window frame  310.00", "window frame"),
        ("garden shed, 1.940,50", "garden shed"),
        ("tennis lesson (3) 96.00", "tennis lesson"),
        ("- paper towels: 4,25", "paper towels"),
        ("violin strings .... 38.90", "violin strings"),
        ("1 | tomato salad | 7,80", "tomato salad"),
        ("88.00  passport photo (2)", "passport photo"),
        ("4 of garden chair -> 180,00", "garden chair"),
        ("logo redraw, 6 h 1 240,00", "logo redraw"),
        ("bus ticket x2 5.60", "bus ticket"),
        ("+ roof tiles 912.40", "roof tiles"),
        ("concert entry = 55,00", "concert entry"),
    ),
)

TASKS = (KIND, AMOUNTS, DATES, REFERENCES, SELLERS, COMPANY, ITEM)
