"""What changes a named task: saving, correcting a step, going back; and how a task is shown."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from checkpoints import BadValue, TaskDefinition, TaskExample, UnknownTask, UnknownVersion
from checkpoints.text.graphemes import beginning
from mcp_server.schema import named
from mcp_server.schema.fitting import check_schema, misfit
from mcp_server.schema.limits import InputError
from mcp_server.tasks.quality import measured_with, quality_of, quality_result
from mcp_server.tasks.reliability import estimate, expected_level
from mcp_server.tasks.serving import form_of, mode_of, task_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checkpoints import Corrected, NamedTask, Saved, SetAside, StepRecord, Store, TaskVersion
    from mcp_server.schema.calls import SaveCall
    from mcp_server.tasks.learner import Learner

TEXT_SHOWN = 200
WITH_MEMORY = (
    "the step had memory in its prompt: where it has some again, the model answers the same input "
    "anew, and context_tokens 0 leaves it out"
)
WITH_TURNS = (
    "the step had earlier turns before it: where it has some again, the model answers the same "
    "input anew"
)
SHOWN = 20
"""Examples that were set aside, in a result."""


def save(
    store: Store, call: SaveCall, principal: str | None, learner: Learner
) -> named.SavedResult:
    """Make a named task or change one's own; what is left out stays as it was.

    `principal` is whose call it is.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    saved, changed = _saved(store, call, principal)
    return named.SavedResult(
        changed=changed,
        set_aside=_set_aside(saved.set_aside),
        task=card(store, call.name, learner),
    )


def take_away(store: Store, name: str, given_input: str, learner: Learner) -> named.SavedResult:
    """Make one's own task do without the examples given for an input.

    Raises:
        MemoryFault: nothing was changed.
    """
    saved = store.tasks.take_away(name, given_input)
    return named.SavedResult(changed=saved.changed, task=card(store, name, learner))


def correct(
    store: Store, session_id: str, step: int, output: str | None, *, take_back: bool = False
) -> named.CorrectedResult:
    """Record the right output of a step, that its own was right, or that a correction was wrong.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    ran = store.step(session_id, step)
    if not take_back:
        if ran is not None and ran.task_version is not None:
            right = ran.output if output is None else output
            _check_fits("output", right, _definition_of(store, ran.task_version))
        done = _corrected_result(store.tasks.correct(session_id, step, output))
        done.note = "; ".join(filter(None, [done.note, *_not_heard_of(ran)]))
        return done
    if output is not None:
        raise InputError("take_back: give either an output or take_back")
    standing = [
        each
        for each in store.tasks.corrections(session_id)
        if each.step == step
        and each.ended is None
        # One that a restore put out of sight may have had the same number.
        and (ran is None or each.node_id == ran.node_id)
    ]
    if not standing:
        raise InputError(f"take_back: step {step} has no correction; nothing was changed")
    return take_back_correction(store, standing[-1].id)


def correct_many(
    store: Store, session_id: str, outputs: Mapping[int, str]
) -> named.CorrectedResult:
    """Record the right outputs of several steps, by their numbers: of all or of none.

    Raises:
        MemoryFault, InputError: nothing was changed; it names the step.
    """
    ran = {step: store.step(session_id, step) for step in outputs}
    versions = {each.task_version for each in ran.values() if each and each.task_version}
    definitions = {version: _definition_of(store, version) for version in versions}
    for step, output in outputs.items():
        each = ran[step]
        if each is not None and each.task_version is not None:
            _check_fits(f"outputs[{step}]", output, definitions[each.task_version])
    made = store.tasks.correct_many(session_id, outputs)
    done = [_corrected_result(each) for each in made]
    aside = [each for one in made for each in one.set_aside]
    learning = [each for each in done if each.task is not None]
    last = (learning or done)[-1]
    confirmed = sum(each.confirmed for each in done)
    before = sum(not each.changed for each in done)
    notes = [f"{len(done) - confirmed} corrected, {confirmed} confirmed"]
    if before:
        notes.append(f"recorded so before: {before} of them")
    if len(aside) > SHOWN:
        notes.append(f"{len(aside)} examples are set aside, {SHOWN} of them shown")
    return named.CorrectedResult(
        changed=before < len(done),
        output=None,
        confirmed=confirmed == len(done),
        task=last.task,
        version=last.version,
        examples=last.examples,
        note="; ".join(notes),
        set_aside=_set_aside(aside),
        steps=[
            named.CorrectedLine(
                step=step,
                changed=each.changed,
                output=beginning(each.output or "", TEXT_SHOWN),
                confirmed=each.confirmed,
                task=each.task,
                note="; ".join(filter(None, [each.note, *_not_heard_of(ran[step])])),
            )
            for step, each in zip(outputs, done, strict=True)
        ],
    )


def take_back_correction(store: Store, correction: str) -> named.CorrectedResult:
    """Make a task do without a correction. Raises MemoryFault: nothing was changed."""
    return _corrected_result(store.tasks.take_back(correction))


def _not_heard_of(ran: StepRecord | None) -> Iterator[str]:
    """Where the model answers the input of a corrected step anew, by the step's own prompt."""
    result: Mapping[str, Any] = {} if ran is None else ran.result
    if any(part["tokens"] for part in result.get("context", ())):
        yield WITH_MEMORY
    if result.get("history", {}).get("turns"):
        yield WITH_TURNS


def _saved(store: Store, call: SaveCall, principal: str | None) -> tuple[Saved, bool]:
    """What was saved, and whether anything is other than before."""
    if call.go_back_to is not None:
        return _gone_back(store, call.name, call.go_back_to), True
    mine = _mine(store, call.name, principal)
    before = None if mine is None else store.tasks.get(call.name)
    if before is None and call.task is None:
        if "/" in call.name:
            store.tasks.versions(call.name, 1)  # says why it cannot be changed
        raise InputError(f"task: there is no task {call.name!r} yet; say in a sentence what it is")
    definition = _definition(call, before)
    if call.output_schema is not None:
        check_schema("output_schema", call.output_schema)
        _check_kept(call, call.output_schema, before)
    for number, example in enumerate(call.examples or ()):
        _check_fits(f"examples[{number}].output", example.output, definition)
    examples = None
    if call.examples is not None:
        examples = [TaskExample(each.input, each.output, "given") for each in call.examples]
    saved = store.tasks.save(call.name, definition, examples, add=call.add)
    turned = call.share is not None and call.share != (mine is not None and mine.shared)
    if turned:
        store.tasks.share(call.name, bool(call.share))
    return saved, saved.changed or turned


def _gone_back(store: Store, name: str, version: int) -> Saved:
    """An earlier version made the current one; a refusal names the argument that has its number."""
    try:
        return store.tasks.go_back(name, version)
    except (BadValue, UnknownVersion) as error:
        raise InputError(re.sub(r"^version(?=: )", "go_back_to", str(error))) from error


def _definition_of(store: Store, digest: str) -> TaskDefinition:
    try:
        return store.tasks.version(digest).definition
    except UnknownVersion:  # deleted since, or shared no more
        return TaskDefinition("")


def _check_fits(field: str, output: str, definition: TaskDefinition) -> None:
    """Refuse an output that its task's schema does not allow."""
    problem = None if definition.schema is None else misfit(output, definition.schema)
    if problem is not None:
        raise InputError(f"{field}: {problem}; nothing was changed. Give one of output_schema")


def _check_kept(call: SaveCall, schema: Mapping[str, Any], before: TaskVersion | None) -> None:
    """Refuse a schema under which examples that stay would be taught as answers."""
    if before is None:
        return
    replaced = call.examples is not None and not call.add
    kept = [each for each in before.examples if each.correction or not replaced]
    wrong = [fault for each in kept if (fault := misfit(each.output, schema)) is not None]
    if wrong:
        raise InputError(
            f"output_schema: {len(wrong)} of the {len(kept)} examples that stay are no answer of "
            f"it (the first: {wrong[0]}); nothing was changed. Give examples that are, which "
            "replace those given before, take back corrections that are not, or save another task"
        )


def _mine(store: Store, name: str, principal: str | None) -> NamedTask | None:
    """The caller's own task of a name; the file's owner may change another's by `OWNER/NAME`."""
    owner, slash, short = unicodedata.normalize("NFC", name).rpartition("/")
    whose = (owner or None) if slash else principal
    try:
        found = store.tasks.line(f"{whose or ''}/{short}")
    except UnknownTask:
        return None
    return found if found.own else None


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


def card(store: Store, name: str, learner: Learner | None = None) -> named.TaskCard:
    """A task as its user sees it, and what the learner does with it. Raises MemoryFault."""
    model = None if learner is None else learner.model
    serving = store.tasks.serving(name, measured_with(model))
    current, serves = serving.current or serving.version, serving.version
    definition, quality = current.definition, quality_result(serves, model)
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
        learning=None if learner is None else learner.state_of(current.digest),
        quality=quality,
        estimate=None if quality is not None or learner is None else expected(current, learner),
    )


def expected(version: TaskVersion, learner: Learner) -> named.EstimateResult | None:
    """How good a version that was not measured is by others, if the model is loaded."""
    if (runtime := learner.runtime) is None:
        return None
    task = task_of(version)
    level = expected_level(task, mode_of(version), runtime)
    return estimate(level, task, form_of(version), runtime)


def lines(store: Store, limit: int, model: str | None = None) -> list[named.TaskLine]:
    """The tasks that may be used, one's own first; `model` is loaded. Raises MemoryFault."""
    found = []
    for each in store.tasks.list(limit, measured_with(model)):
        quality = quality_of(each.quality, model)
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
