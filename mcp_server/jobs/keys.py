"""A step key belongs to what was first sent under it; sent with something else it is refused."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from checkpoints import DELETED
from checkpoints.text.graphemes import beginning, boundary
from hypernet.task import Task, as_read, in_order
from mcp_server.jobs.present import ASKED
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints import StepRecord
    from mcp_server.jobs.planning import TaskSetting
    from mcp_server.schema.calls import StepCall

BEGINNING = 60
# Of two inputs that are alike for long, how much is shown before the place where they part.
_BEFORE = 20


def asked(call: StepCall, setting: TaskSetting) -> dict[str, Any]:
    """What a call asks for besides input and task, short; `setting` is what it runs under."""
    labels = call.labels or setting.task.labels
    values = {
        "mode": setting.mode,
        "refine": setting.steps_on(setting.task),
        "labels": _digest([as_read(label) for label in in_order(labels)]) if labels else None,
        "output_schema": None if call.output_schema is None else _digest(call.output_schema),
        "copy": call.copy,
        "documents": _digest(call.documents) if call.documents else None,
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "seed": call.seed,
        "context_tokens": call.context_tokens,
        "stop": list(call.stop) or None,
        "history": _digest([[e.user, e.answer] for e in call.history]) if call.history else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def check_same(call: StepCall, setting: TaskSetting, step: StepRecord) -> None:
    """Refuse a call under the key of a step that asked for something else, or of another task.

    Raises:
        InputError: names what differs, and shows both inputs where they begin to.
    """
    if (differs := difference(call, setting, step)) is not None:
        raise InputError(f"step_key: {call.step_key!r} {differs}. Give this step a key of its own")


def difference(call: StepCall, setting: TaskSetting, step: StepRecord) -> str | None:
    """In what a call differs from the step of its key, as the rest of a sentence; None: nothing."""
    other = [] if step.input == call.input or DELETED in step.input else ["input"]
    other += _other_task(call, setting, step)
    if not other:
        return None
    names = ", ".join(dict.fromkeys(other))
    return (
        f"belongs to step {step.n}, which was sent with another {names}; nothing ran. "
        f"{_inputs(step.input, call.input)}"
    )


def _other_task(call: StepCall, setting: TaskSetting, step: StepRecord) -> list[str]:
    """What differs in the task, in how it runs, and in what else was asked for."""
    then = step.result.get(ASKED)
    now = asked(call, setting)
    known = then if isinstance(then, dict) else now  # the oldest records have none
    # What was deleted since cannot be compared, nor what earlier releases did not record.
    skipped = {name for name in ("mode", "refine") if name not in known}
    if _would_end_so(call, step):
        skipped.add("max_tokens")
    if DELETED in json.dumps([step.task, step.result.get("shares")]):
        skipped |= {"task", "examples", "labels"}
    ours, theirs = _described(setting.task.to_dict()), _described(step.task)
    differing = [name for name in ours if theirs and ours[name] != theirs[name]]
    differing += [name for name in (*now, *known) if now.get(name) != known.get(name)]
    return [name for name in differing if name not in skipped]


def _would_end_so(call: StepCall, step: StepRecord) -> bool:
    """Whether an answer ended by itself within the tokens that a call allows now."""
    tokens = step.result.get("tokens")
    generated = tokens.get("generated") if isinstance(tokens, dict) else None
    ended = step.result.get("stop_reason") in ("end", "label", "stop")
    return ended and isinstance(generated, int) and generated <= call.max_tokens


def _described(task: Mapping[str, Any]) -> dict[str, Any]:
    """What a task says, so that equal ones are equal; nothing of one that cannot be read."""
    try:
        read = Task.from_dict(task)
        pairs = [(e.input.strip(), e.output.strip()) for e in read.examples]
        return {"task": as_read(read.description), "examples": pairs}
    except (KeyError, TypeError, AttributeError):
        return {}


def _inputs(then: str, now: str) -> str:
    """A sentence that shows how two inputs differ, or that they do not."""
    if then == now:
        return f"Its input is the same, {beginning(then, BEGINNING)!r}"
    shown = [beginning(text, BEGINNING) for text in (then, now)]
    same = sum(1 for _ in takewhile(bool, map(str.__eq__, then, now)))
    at = boundary(then, same)
    if shown[0] != shown[1]:
        where = "Its input begins {}, this one {}"
    else:
        start = boundary(then, at - _BEFORE)
        shown = [beginning(text[start:], BEGINNING) for text in (then, now)]
        where = (
            f"The inputs are alike for {at} characters; around there its input says {{}}, "
            "this one {}"
        )
    alike = len({unicodedata.normalize("NFC", text) for text in shown}) == 1
    return where.format(*(ascii(text) if alike else repr(text) for text in shown))


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
