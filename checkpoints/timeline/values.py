"""What is shown of a history: its steps in short, where it branched, and how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints.records import CheckpointRecord, Hit

SHOWN = 400
"""Characters of a step's texts in a `StepLine`."""


@dataclass(frozen=True)
class StepLine:
    """A step in short: of its texts the first `SHOWN` characters, and how long they are.

    `result` lacks the texts of what was in the prompt. `task` is what the task is for; of a named
    one `task_name` and `task_number` say which version it was, where one may see it. `corrected` is
    what a person said of it, if anything that still stands.
    """

    n: int
    node_id: str
    input: str
    input_chars: int
    output: str
    output_chars: int
    task: str
    labels: int
    mode: str
    adapter_digest: str | None
    result: Mapping[str, Any]
    created_at: str
    task_version: str | None = None
    task_name: str | None = None
    task_number: int | None = None
    corrected: Literal["corrected", "confirmed"] | None = None


@dataclass(frozen=True)
class LeftSteps:
    """Steps `first` to `last` that a restore put out of sight.

    They came after the visible step `at` (0: before any). `back` is the checkpoint that brings the
    most of them back; None: none leads there.
    """

    at: int
    first: int
    last: int
    back: CheckpointRecord | None


@dataclass(frozen=True)
class Fork:
    """Another session that shares the first `at` steps."""

    session_id: str
    at: int
    steps: int
    created_at: str


@dataclass(frozen=True)
class Branching:
    """Where a session's history branched; `more` counts what is left out."""

    left: tuple[LeftSteps, ...] = ()
    forks: tuple[Fork, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class PastItem:
    """A memory item as a prompt may have had it, and what became of it since."""

    item: Hit
    state: Literal["here", "quarantined", "replaced"] = "here"


What = Literal["input", "task", "version", "mode", "adapter", "output", "prompt"]


@dataclass(frozen=True)
class Side:
    """One of two histories that are compared: a session's, up to a checkpoint if one was named."""

    session_id: str
    checkpoint: CheckpointRecord | None
    steps: int


@dataclass(frozen=True)
class Pair:
    """The steps of one number in two histories; `differing` says in what.

    None: that history has no such step. `shared`: it is one and the same step.
    """

    n: int
    one: StepLine | None
    other: StepLine | None
    differing: tuple[What, ...] = ()
    shared: bool = False


@dataclass(frozen=True)
class Comparison:
    """A page of two histories, step by step.

    `shared` is how many first steps are the very same ones. `first` is the number of the first step
    that differs in anything but its prompt, or that only one of them has; `first_prompt` that of
    the first whose prompt differs, looked for among those before it. None: there is none.
    The pairs are those after number `after`.
    """

    one: Side
    other: Side
    shared: int
    first: int | None
    first_prompt: int | None
    after: int
    pairs: tuple[Pair, ...]
