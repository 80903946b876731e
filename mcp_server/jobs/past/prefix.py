"""The task's text as it stood before a step's input, made again from the task and its examples.

A record has the text's hash, not the text: which examples stood in it is found by trying.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checkpoints import MemoryFault, text_digest
from hypernet.task import Example, Task
from mcp_server.tasks.serving import task_of, with_examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from checkpoints import StepRecord, Store

# Of a step whose record does not say how many examples were shown.
TRIED = 40


@dataclass(frozen=True)
class Prefix:
    """The task's text; `certain` is whether it is known to be the one of then."""

    text: str
    certain: bool
    problem: str | None = None
    """Why it may be another."""


def prefix_of(
    store: Store,
    session_id: str,
    step: StepRecord,
    sent: Mapping[str, Any],
    fits: Callable[[str], bool],
) -> Prefix:
    """The text that a step's task had in its prompt.

    Args:
        store: as the visitor may see it.
        session_id: the step's.
        step: it.
        sent: what its record says of what was sent; earlier releases said nothing.
        fits: whether a text makes the prompt the recorded one, for those.
    """
    if step.mode == "adapter":
        return Prefix("", certain=True)
    digest = sent.get("prefix_sha256")
    first: str | None = None
    for text in _candidates(store, session_id, step, sent):
        if text_digest(text) == digest if digest is not None else fits(text):
            return Prefix(text, certain=True)
        first = text if first is None else first
    return Prefix(first or "", certain=False, problem=_problem(store, step))


def _candidates(
    store: Store, session_id: str, step: StepRecord, sent: Mapping[str, Any]
) -> Iterator[str]:
    """The texts that it may have been, the likelier ones first."""
    recorded = sent.get("examples")
    shown = recorded if isinstance(recorded, int) else None
    for task in _tasks(store, session_id, step):
        if not task.description:
            yield ""
            continue
        most = len(task.examples)
        counts = [0, *range(most, 0, -1)] if _without(step) else [*range(most, -1, -1)]
        for count in [shown] if shown is not None and shown <= most else counts[:TRIED]:
            # Where there is no room for all, the last ones stay.
            yield replace(task, examples=task.examples[most - count :]).prefix_text()


def _without(step: StepRecord) -> bool:
    """Whether the weights held the examples."""
    return step.mode == "hybrid" and step.result.get("fit") is not None


def _tasks(store: Store, session_id: str, step: StepRecord) -> Iterator[Task]:
    """The step's task, as it may have been taught then."""
    if step.task_version is not None:
        with suppress(MemoryFault):
            yield task_of(store.tasks.version(step.task_version))
    try:
        task = Task.from_dict(step.task)
    except (KeyError, TypeError, AttributeError):  # an imported session may hold what it likes
        return
    with suppress(MemoryFault):
        then = _taught(store, session_id, step)
        if then:
            yield with_examples(task, then)
    yield task


def _taught(store: Store, session_id: str, step: StepRecord) -> tuple[Example, ...]:
    """What corrections of the session had taught the task until then."""
    stood = {
        each.id
        for each in store.tasks.corrections(session_id)
        if each.created_at <= step.created_at and not (each.ended_at or "~") <= step.created_at
    }
    examples = store.tasks.session_examples(session_id, step.task)
    return tuple(Example(e.input, e.output) for e in examples if e.correction in stood)


def _problem(store: Store, step: StepRecord) -> str:
    if step.task_version is not None:
        try:
            if store.tasks.version(step.task_version).redacted:
                return "the task's version lost text for good since"
        except MemoryFault:
            return "the version of the task that it ran with is not there any more"
    return "the task's text or its examples are not those of then any more"
