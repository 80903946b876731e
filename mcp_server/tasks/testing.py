"""Testing a task: inputs are asked as steps would ask them, nothing is recorded or learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypernet.learning.answers import right
from hypernet.learning.quality import Figure
from hypernet.task import Example
from mcp_server.tasks.serving import answers_to, prepare_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.learning.ways import Way
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime
    from mcp_server.tasks.reading import Found
    from mcp_server.tasks.serving import NamedTask, Settled

AT_ONCE = 32
"""Inputs that are asked between two signs of progress."""


@dataclass(frozen=True)
class Wrong:
    """An input that was answered wrong; `given` None: it is too long to be asked."""

    asked: Found
    given: str | None
    confidence: float | None


@dataclass(frozen=True)
class Tested:
    """How many answers were right, and which were not.

    `serving` is how the task is served, None while it is not measured. `among_its_examples` counts
    inputs that the task was taught: they flatter it.
    """

    serving: Way | None
    figure: Figure
    wrong: tuple[Wrong, ...]
    among_its_examples: int

    @property
    def unanswered(self) -> int:
        """How many were too long to be asked."""
        return sum(each.given is None for each in self.wrong)


def test_task(
    named: NamedTask, runtime: Runtime, asked: Sequence[Found], progress: Progress
) -> Tested:
    """Ask some inputs, and compare the answers.

    Args:
        named: as its next step uses it.
        runtime: the model side.
        asked: the inputs with their right outputs, at least one.
        progress: called while weights are made and after some answers; what it raises ends it.

    Raises:
        ValueError: the engine lacks the task's mode.
        EngineError: the engine is closed.
    """
    prepared = prepare_named(named, runtime, progress)
    answers: list[Settled | None] = []
    for begin in range(0, len(asked), AT_ONCE):
        part = asked[begin : begin + AT_ONCE]
        answers += answers_to(prepared, runtime, [each.input for each in part])
        progress(len(answers) / len(asked), f"{len(answers)} asked")
    wrong = [
        Wrong(
            each,
            None if answer is None else answer.answer.output,
            None if answer is None else answer.answer.confidence,
        )
        for each, answer in zip(asked, answers, strict=True)
        if not right(None if answer is None else answer.answer, Example(each.input, each.output))
    ]
    seen = {each.input.strip() for each in named.version.examples}
    return Tested(
        None if named.quality is None else named.quality.serving,
        Figure(len(asked) - len(wrong), len(asked)),
        tuple(wrong),
        sum(each.input.strip() in seen for each in asked),
    )
