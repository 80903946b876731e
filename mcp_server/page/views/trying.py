"""Trying an input under a task's ways, and testing a task: the forms, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_server.page.problems import problem_of
from mcp_server.page.views.task import head
from mcp_server.page.visit import Shown
from mcp_server.schema import limits
from mcp_server.tasks.quality import MEANING
from mcp_server.tasks.reading import FileError

if TYPE_CHECKING:
    from typing import Any

    from mcp_server.jobs.answers.trying import Column, Side, Tried
    from mcp_server.page.views.task import Head
    from mcp_server.page.visit import Visit
    from mcp_server.tasks.reading import Read
    from mcp_server.tasks.testing import Tested

SHARES = 8
WRONG = 50
PROBLEMS = 10
CHARS = 400
OUTPUT_CHARS = 20_000
KEPT_CHARS = 50_000
"""Of what was sent in a form, in the form that is shown again."""
BAD = 400

TITLES: dict[Column, tuple[str, str]] = {
    "prompted": ("Prompted", "The base model with the task's text in its prompt. No weights."),
    "text": ("Text only", "Weights that the hypernetwork wrote from the task's text."),
    "examples": ("Learned", "Weights written from the text and all examples."),
    "trained": ("Learned", "These weights, trained further on the examples."),
    "served": ("As steps are served", ""),
}
ANSWERED = {
    "model": "By the model.",
    "words": "By the classifier of words alone: no language model ran.",
    "both": "By the model, with the classifier of words.",
    "example": "By an example or a correction of this very input: no model ran.",
}


@dataclass(frozen=True)
class Card:
    """A way that was tried, as its card shows it. `same` is whether it answers as the first."""

    title: str
    about: str
    tried: Tried
    shares: tuple[tuple[str, float], ...]
    more_shares: int
    same: bool


def form_to_try(visit: Visit, name: str) -> Shown:
    """The form for an input."""
    return shown_tried(head(visit, name), "")


def form_to_test(visit: Visit, name: str) -> Shown:
    """The form for examples."""
    return shown_tested(head(visit, name), "")


def shown_tried(
    about: Head, text: str, side: Side | None = None, error: Exception | None = None
) -> Shown:
    """What an input came to under each way, or why it was not asked."""
    if side is not None and side.failed:
        error, side = side.tried[0].error, None  # said once
    problem = None if error is None else problem_of(error)
    values: dict[str, Any] = {
        "about": about,
        "text": text[:KEPT_CHARS],
        "most": limits.INPUT_CHARS,
        "side": side,
        "cards": [] if side is None else _cards(side),
        "problem": None if problem is None else problem.text,
        "output_chars": OUTPUT_CHARS,
    }
    status = 200 if problem is None else problem.status
    return Shown("try.html", f"Try {about.task.name}", values, status)


def _cards(side: Side) -> list[Card]:
    cards = []
    outputs = [each.answer.output for each in side.tried if each.answer is not None]
    for each in side.tried:
        title, text = TITLES[each.way]
        observed = each.observed or {}
        if each.way == "served":
            how = f"{side.serving}: {MEANING[side.serving]}" if side.serving else "not measured yet"
            text = f"{how}. {ANSWERED.get(str(observed.get('answered_by')), '')}".strip()
        shares = sorted((observed.get("shares") or {}).items(), key=lambda pair: -pair[1])
        same = each.answer is not None and each.answer.output == outputs[0]
        shown = tuple(shares[:SHARES])
        cards.append(Card(title, text, each, shown, len(shares) - len(shown), same))
    return cards


def shown_tested(
    about: Head,
    text: str,
    read: Read | None = None,
    done: Tested | None = None,
    error: Exception | None = None,
) -> Shown:
    """How many answers were right, and which were not; or why nothing was asked."""
    problems = () if read is None else read.problems
    values: dict[str, Any] = {
        "about": about,
        "text": text[:KEPT_CHARS],
        "most": limits.EXAMPLES,
        "done": done,
        "wrong": [] if done is None else done.wrong[:WRONG],
        "problem": None if error is None else str(error),
        "problems": [f"{where}: {why}" for where, why in problems[:PROBLEMS]],
        "problems_more": max(0, len(problems) - PROBLEMS),
        "meaning": MEANING,
        "chars": CHARS,
    }
    status = 200
    if error is not None:
        status = BAD if isinstance(error, FileError) else problem_of(error).status
    return Shown("test.html", f"Test {about.task.name}", values, status)
