"""The values that go into and come out of the memory of named tasks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Cause = Literal[
    "saved", "corrected", "taken back", "withheld", "released", "went back", "text deleted"
]
"""What made a version."""


class State(IntEnum):
    """What a version does with an example that it knows."""

    USED = 0
    REPLACED = 1
    """A later example of the same input stands."""
    WITHHELD = 2
    """It came from a source in quarantine, or from a revoked adapter."""
    NO_LABEL = 3
    """Its output is none of the labels."""
    CROWDED = 4
    """There are as many newer ones as a task may have."""


@dataclass(frozen=True)
class TaskDefinition:
    """What a task is, without its examples.

    `schema` is a JSON schema of its answers, `copy` whether they are spans of their inputs (None:
    as the examples show), `ask_below` the confidence from 0 to 1 under which a person is asked.
    """

    description: str
    labels: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    copy: bool | None = None
    ask_below: float | None = None
    mode: str = "auto"

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form that `from_dict` reads back."""
        return {
            "description": self.description,
            "labels": list(self.labels),
            "schema": None if self.schema is None else dict(self.schema),
            "copy": self.copy,
            "ask_below": self.ask_below,
            "mode": self.mode,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TaskDefinition:
        """The definition that `to_dict` wrote. Raises KeyError or TypeError for another form."""
        return cls(**{**data, "labels": tuple(data["labels"])})


@dataclass(frozen=True)
class TaskExample:
    """An input with its right output.

    `source` says where a given one is from; `correction` is the id of the correction that brought
    it, None for a given one.
    """

    input: str
    output: str
    source: str = ""
    correction: str | None = None


@dataclass(frozen=True)
class SetAside:
    """An example that a version knows and does not use, and why, in words."""

    example: TaskExample
    why: str


@dataclass(frozen=True)
class TaskVersion:
    """One immutable version of a named task: `number` counts from 1, `digest` names it.

    `parent` is the digest of the version that it was made from. `examples` are those in use, the
    oldest first. `taught` are what corrections say that stand, also where an example that was given
    before says the same and is the one in use. `quality` is what was measured of it, None until
    then, and `accepted` whether it may serve; a `redacted` one lost text for good and does not.
    """

    task: str
    owner: str | None
    number: int
    digest: str
    parent: str | None
    definition: TaskDefinition
    examples: tuple[TaskExample, ...]
    taught: tuple[TaskExample, ...]
    set_aside: tuple[SetAside, ...]
    cause: Cause
    created_at: str
    quality: Mapping[str, Any] | None
    accepted: bool | None
    redacted: bool


@dataclass(frozen=True)
class VersionSummary:
    """A version without its texts; `examples` counts those in use."""

    number: int
    digest: str
    parent: str | None
    cause: Cause
    created_at: str
    examples: int
    set_aside: int
    quality: Mapping[str, Any] | None
    accepted: bool | None
    redacted: bool
    current: bool
    serving: bool


@dataclass(frozen=True)
class NamedTask:
    """A task as a list shows it: `version` is the current one's number, `serving` the one in use.

    `own` is whether it may be changed here; another's is there because it is `shared`.
    """

    name: str
    owner: str | None
    own: bool
    shared: bool
    version: int
    serving: int
    description: str
    labels: tuple[str, ...]
    examples: int
    quality: Mapping[str, Any] | None
    created_at: str
    updated_at: str


@dataclass(frozen=True)
class Saved:
    """The outcome of a change: the current version, whether it is new, and what it set aside now.

    `set_aside` are the examples that the version before used and this one does not, and new ones
    that it does not use.
    """

    version: TaskVersion
    changed: bool
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True)
class Serving:
    """What a task's steps run with: the newest accepted version, or the current one.

    `current` is the current version where it is newer and not accepted (yet).
    """

    version: TaskVersion
    current: TaskVersion | None


Ended = Literal["taken back", "replaced"]


@dataclass(frozen=True)
class Correction:
    """The right output of a step; `confirmed`: its own. Stands until `ended_at`.

    `task` names the task that it became an example of; None: it is kept with the session, for
    steps of the same description and labels. `task_version` is the version that the step ran with.
    `withheld`: something that the step had in its prompt is in quarantine, or its adapter revoked.
    """

    id: str
    session_id: str
    step: int
    node_id: str
    input: str
    output: str
    confirmed: bool
    task: str | None
    task_version: str | None
    created_at: str
    ended: Ended | None
    ended_at: str | None
    withheld: bool


@dataclass(frozen=True)
class Corrected:
    """The outcome of `correct` and `take_back`.

    `changed` is False where the step was corrected in the same way before. `version` is the current
    one of the task that changed; None: no named task of this principal. `example` says in words
    what became of it, and `set_aside` which examples the version does not use any more.
    """

    correction: Correction
    changed: bool
    version: TaskVersion | None
    example: str
    set_aside: tuple[SetAside, ...] = ()
    replaced: Correction | None = None


@dataclass(frozen=True)
class DayCounts:
    """A day's steps of a task, UTC: how many asked for review, were corrected, were confirmed."""

    day: str
    steps: int
    asked: int
    corrected: int
    confirmed: int


@dataclass(frozen=True)
class TaskCounts:
    """The same in all, and by day, the oldest first; days without any are left out."""

    steps: int
    asked: int
    corrected: int
    confirmed: int
    days: tuple[DayCounts, ...]
