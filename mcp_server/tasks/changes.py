"""What changes a named task: saving, correcting a step, going back; and how a task is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints import TaskDefinition, TaskExample
from checkpoints.text.graphemes import beginning
from hypernet.learning.quality import Quality
from mcp_server.schema import named
from mcp_server.schema.limits import InputError
from mcp_server.tasks.quality import quality_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checkpoints import Corrected, Saved, SetAside, Store, TaskVersion
    from mcp_server.schema.calls import SaveCall
    from mcp_server.tasks.learner import Doing

TEXT_SHOWN = 200
SHOWN = 20
"""Examples that were set aside, in a result."""


def save(store: Store, call: SaveCall, doing: Doing = None) -> named.SavedResult:
    """Make a named task or change one's own; what is left out stays as it was.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    saved = _saved(store, call)
    return named.SavedResult(
        changed=saved.changed,
        set_aside=_set_aside(saved.set_aside),
        task=card(store, call.name, doing),
    )


def correct(
    store: Store, session_id: str, step: int, output: str | None, *, take_back: bool = False
) -> named.CorrectedResult:
    """Record the right output of a step, that its own was right, or that a correction was wrong.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    if not take_back:
        return _corrected_result(store.tasks.correct(session_id, step, output))
    if output is not None:
        raise InputError("take_back: give either an output or take_back")
    standing = [
        each
        for each in store.tasks.corrections(session_id)
        if each.step == step and each.ended is None
    ]
    if not standing:
        raise InputError(f"take_back: step {step} has no correction; nothing was changed")
    return _corrected_result(store.tasks.take_back(standing[-1].id))


def _saved(store: Store, call: SaveCall) -> Saved:
    if call.go_back_to is not None:
        return store.tasks.go_back(call.name, call.go_back_to)
    before = _current(store, call.name)
    if before is None and call.task is None:
        raise InputError(f"task: there is no task {call.name!r} yet; say in a sentence what it is")
    definition = _definition(call, before)
    examples = None
    if call.examples is not None:
        examples = [TaskExample(each.input, each.output, "given") for each in call.examples]
    saved = store.tasks.save(call.name, definition, examples, add=call.add)
    if call.share is not None:
        store.tasks.share(call.name, call.share)
    return saved


def _current(store: Store, name: str) -> TaskVersion | None:
    known = {each.name: each for each in store.tasks.list() if each.own}
    return store.tasks.get(name) if name in known or "/" in name else None


def _definition(call: SaveCall, before: TaskVersion | None) -> TaskDefinition:
    """What the call says, over what there was."""
    old = TaskDefinition("") if before is None else before.definition
    form_given = call.labels is not None or call.output_schema is not None or call.copy is not None
    return TaskDefinition(
        description=old.description if call.task is None else call.task,
        labels=tuple(call.labels or ()) if form_given else old.labels,
        schema=call.output_schema if form_given else old.schema,
        copy=call.copy if form_given else old.copy,
        ask_below=old.ask_below if call.ask_below is None else call.ask_below,
        mode=old.mode,
    )


def _corrected_result(done: Corrected) -> named.CorrectedResult:
    correction = done.correction
    return named.CorrectedResult(
        output=correction.output,
        confirmed=correction.confirmed,
        changed=done.changed,
        taken_back=correction.ended == "taken back",
        task=None if done.version is None else done.version.task,
        version=None if done.version is None else done.version.number,
        examples=None if done.version is None else len(done.version.examples),
        note=done.example,
        set_aside=_set_aside(done.set_aside),
    )


def _set_aside(found: Sequence[SetAside]) -> list[named.SetAsideResult]:
    return [
        named.SetAsideResult(input=each.example.input, output=each.example.output, why=each.why)
        for each in found[:SHOWN]
    ]


def card(store: Store, name: str, doing: Doing = None) -> named.TaskCard:
    """A task as its user sees it; `doing` is what the learner does. Raises MemoryFault."""
    serving = store.tasks.serving(name)
    current, serves = serving.current or serving.version, serving.version
    definition = current.definition
    return named.TaskCard(
        name=current.task,
        owner=current.owner,
        version=current.number,
        description=definition.description,
        labels=list(definition.labels),
        output_schema=None if definition.schema is None else dict(definition.schema),
        copied=definition.copy,
        mode=definition.mode,
        ask_below=definition.ask_below,
        examples=len(current.examples),
        learning=None if doing is None or doing[0] != current.digest else doing[2],
        quality=quality_result(serves),
    )


def lines(store: Store, limit: int) -> list[named.TaskLine]:
    """The tasks that may be used, one's own first. Raises MemoryFault."""
    found = []
    for each in store.tasks.list(limit):
        quality = None if each.quality is None else Quality.from_dict(each.quality)
        found.append(
            named.TaskLine(
                name=each.name,
                owner=each.owner,
                version=each.version,
                description=beginning(each.description, TEXT_SHOWN),
                labels=len(each.labels),
                examples=each.examples,
                serving=None if quality is None else quality.serving,
                expected_accuracy=None if quality is None else round(quality.expected_accuracy, 3),
                shared=each.shared,
            )
        )
    return found
