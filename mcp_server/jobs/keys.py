"""A step key belongs to what was first sent under it; sent with something else it is refused."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from checkpoints import DELETED
from checkpoints.text.graphemes import beginning
from hypernet.task import as_read, in_order
from mcp_server.jobs.present import ASKED, task_text
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checkpoints import SessionRecord, StepRecord
    from mcp_server.schema.calls import StepCall

BEGINNING = 60


def asked(call: StepCall, labels: Sequence[str]) -> dict[str, Any]:
    """What a call asks for besides input and task, short; `labels` are its own or the task's."""
    values = {
        "labels": _digest([as_read(label) for label in in_order(labels)]) if labels else None,
        "output_schema": None if call.output_schema is None else _digest(call.output_schema),
        "copy": call.copy,
        "documents": _digest(call.documents) if call.documents else None,
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "seed": call.seed,
        "context_tokens": call.context_tokens,
    }
    return {name: value for name, value in values.items() if value is not None}


def check_same(call: StepCall, session: SessionRecord, step: StepRecord) -> None:
    """Refuse a call under the key of a step that asked for something else.

    Raises:
        InputError: names what differs, and both inputs by their beginnings.
    """
    task, labels = _task_now(call, session)
    then = step.result.get(ASKED)
    now = asked(call, call.labels or labels)
    other = [
        name
        for name, same in (
            ("input", step.input == call.input or DELETED in step.input),
            ("task", task is None or _same_task(task_text(step.task) or "", task)),
        )
        if not same
    ]
    if isinstance(then, dict):  # older records have none
        other += [name for name in (*now, *then) if now.get(name) != then.get(name)]
    if other:
        names = ", ".join(dict.fromkeys(other))
        raise InputError(
            f"step_key: {call.step_key!r} belongs to step {step.n}, which was sent with another "
            f"{names}; nothing ran. Its input begins {beginning(step.input, BEGINNING)!r}, this "
            f"one {beginning(call.input, BEGINNING)!r}. Give this step a key of its own"
        )


def _task_now(call: StepCall, session: SessionRecord) -> tuple[str | None, Sequence[str]]:
    """The description and labels of the task that the call would run with."""
    if call.task is not None:
        return call.task.description, call.task.labels
    task: Mapping[str, Any] | None = (session.task or {}).get("task")
    labels = task.get("labels") if isinstance(task, dict) else None
    texts = isinstance(labels, list) and all(isinstance(label, str) for label in labels)
    return task_text(task), labels if labels and texts else ()


def _same_task(then: str, now: str) -> bool:
    return as_read(then) == as_read(now) or DELETED in then


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
