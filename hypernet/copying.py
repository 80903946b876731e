"""Answers that are copied: what of, where they then stand in it, and which tasks ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypernet.task import Task

NOTHING = "none"
FEWEST_EXAMPLES = 2
# Scripts that put no spaces between words: there each character stands for itself.
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
PIECE = re.compile(rf"(?:(?![{UNSPACED}])\w)+|.", re.DOTALL)


@dataclass(frozen=True)
class Copy:
    """The text that an answer is to be a span of."""

    text: str
    nothing: tuple[str, ...] = ()
    """Whole answers that are allowed beside a span, for a text without what is asked for."""
    words: bool = False
    """No span begins or ends inside a word or a number."""

    @property
    def pieces(self) -> list[str]:
        """The text in the pieces between which a span may begin and end."""
        return PIECE.findall(self.text) if self.words else list(self.text)

    def allows(self, answer: str) -> bool:
        """Whether an answer, perhaps cut short, is a span or one of those for nothing."""
        return answer in self.text or any(each.startswith(answer) for each in self.nothing)

    def span(self, answer: str) -> tuple[int, int] | None:
        """Where the answer first stands in the text, start and end in characters.

        None where it does not, for an empty one, and for one of those for nothing.
        """
        start = self.text.find(answer)
        if start < 0 or not answer or answer in self.nothing:
            return None
        return start, start + len(answer)


def copies(task: Task) -> bool:
    """Whether a task's examples show that its answers are spans of their inputs.

    At least two have to be spans, and not all the same: one repeated answer is rather a label.
    """
    found = [e for e in task.examples if not _is_nothing(e.output)]
    return (
        not task.labels
        and len(found) >= FEWEST_EXAMPLES
        and len({e.output for e in found}) > 1
        and all(e.output and e.output in e.input for e in found)
    )


def copy_of(text: str, task: Task) -> Copy:
    """How a task's answer is copied out of a text.

    Where an example answers "none", so may the answer; where those of all the others are whole
    words, so is the answer.
    """
    nothing = {e.output for e in task.examples if _is_nothing(e.output)}
    found = [e for e in task.examples if e.output not in nothing]
    words = bool(found) and all(_whole(e.output, e.input) for e in found)
    return Copy(text, tuple(sorted(nothing)), words)


def _whole(output: str, text: str) -> bool:
    """Whether some place where the output stands begins and ends between two pieces."""
    ends = {0}
    for piece in PIECE.finditer(text):
        ends.add(piece.end())
    start = text.find(output)
    while start >= 0 and not (start in ends and start + len(output) in ends):
        start = text.find(output, start + 1)
    return start >= 0


def _is_nothing(output: str) -> bool:
    return output.casefold() == NOTHING
