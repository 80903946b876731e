"""Checks of what a caller wants stored, before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from checkpoints.errors import BadValue, LimitExceeded
from checkpoints.graph.vectors import check_vector
from checkpoints.limits import check_json, check_name, check_text
from checkpoints.records import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checkpoints.graph.vectors import StoredVector
    from checkpoints.limits import StoreLimits
    from checkpoints.records import ItemDraft, StepDraft

_MOST_ORDER = 2**31
_DIGEST = re.compile(r"[0-9a-f]{64}")


def check_items(items: Sequence[ItemDraft], limits: StoreLimits) -> list[StoredVector | None]:
    """The vectors as they are stored. Raises BadValue or LimitExceeded, naming item and field."""
    if len(items) > limits.items_per_call:
        raise LimitExceeded(
            "items", len(items), limits.items_per_call, "in one call", "send them in parts"
        )
    data: list[StoredVector | None] = []
    for position, item in enumerate(items):
        field = f"items[{position}]"
        check_text(f"{field}.source", item.source, limits.source_chars)
        check_text(f"{field}.place", item.place, limits.source_chars)
        check_name(f"{field}.text", item.text, limits.text_chars)
        if item.origin not in get_args(Origin):
            raise BadValue(f"{field}.origin", f"is none of {', '.join(get_args(Origin))}")
        if item.order is not None and not 0 <= item.order < _MOST_ORDER:
            raise BadValue(f"{field}.order", f"is not between 0 and {_MOST_ORDER - 1}")
        data.append(
            None if item.vector is None else check_vector(f"{field}.vector", item.vector, limits)
        )
    return data


@dataclass(frozen=True)
class CheckedStep:
    """The parts of a step draft as they are stored; `size` is about what they take, in bytes."""

    task_json: str
    result_json: str
    vector: StoredVector | None
    size: int


def check_step(draft: StepDraft, limits: StoreLimits) -> CheckedStep:
    """Raises BadValue or LimitExceeded, naming the field."""
    check_text("input", draft.input, limits.text_chars)
    check_text("output", draft.output, limits.text_chars)
    check_text("mode", draft.mode, limits.name_chars)
    check_name("adapter_digest", draft.adapter_digest, limits.name_chars)
    check_name("step_key", draft.step_key, limits.step_key_chars)
    if draft.task_version is not None and not _DIGEST.fullmatch(draft.task_version):
        raise BadValue("task_version", "is no digest of a version: 64 hex digits")
    task_json = check_json("task", draft.task, limits.json_chars)
    result_json = check_json("result", draft.result, limits.json_chars)
    vector = None if draft.vector is None else check_vector("vector", draft.vector, limits)
    size = sum(map(len, (draft.input, draft.output, task_json, result_json, vector or b"")))
    return CheckedStep(task_json, result_json, vector, size)
