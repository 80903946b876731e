"""The values that go into and come out of memory, and the hashes that name them.

A hash covers what was done, never when or how fast: the same work from the same point gets the
same ids.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

DELETED = "[deleted]"
"""What stands where a text was deleted for good."""

# What stands in a node's content for an entry that was deleted for good.
GONE = {"deleted": True}

# Who wrote a memory item: the user (or the client for them), a tool, or a step's model call.
Origin = Literal["user", "tool", "step"]


@dataclass(frozen=True, eq=False)
class Vector:
    """A text's place in an encoder's space: `values` [C] float32 of unit length.

    `encoder` names the model that made it; only vectors of one encoder are ever compared.
    `tokens` [T, C] are the vectors of the text's tokens, of any length, and `words` the word of
    the text that each is of, empty for a token that says the encoder does not know it (read in
    queries alone; stored texts may leave all of it empty).
    Derived from the text, so no hash covers it.
    """

    encoder: str
    values: NDArray[np.float32]
    tokens: NDArray[np.float32] | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepDraft:
    """One finished model call, not yet stored.

    `result` is what was observed about the call (timings, token counts): stored, not hashed
    into the step's identity. Neither is `step_key`, which names the request, not the work, nor
    `vector`, which is the output's. `task_version` is the digest of the version of a named task
    that it ran with, `needs_review` whether a person was asked to look at it: counted only.
    """

    input: str
    output: str
    task: Mapping[str, Any]
    mode: str
    adapter_digest: str | None
    result: Mapping[str, Any]
    step_key: str | None = None
    vector: Vector | None = None
    task_version: str | None = None
    needs_review: bool = False


@dataclass(frozen=True)
class StepRecord:
    """A stored step; `n` counts from 1 within its session, `created_at` is UTC in ISO 8601.

    `task_version` is the digest of the version of a named task that it ran with.
    """

    n: int
    node_id: str
    input: str
    output: str
    task: dict[str, Any]
    mode: str
    adapter_digest: str | None
    result: dict[str, Any]
    step_key: str | None
    created_at: str
    task_version: str | None = None


@dataclass(frozen=True)
class ItemDraft:
    """A text to remember, verbatim, where it came from and who wrote it.

    `source` names the whole document ("report.pdf"): filters and quarantine act on it. `place`
    says where in it, for the reader ("p. 3", "§ Budget", "lines 10-42"). `order` numbers the
    pieces of one source from 0: consecutive numbers are neighbours, also over several calls;
    None numbers them as they come in this call. `pinned` and `vector` are kept beside the
    history, everything else is hashed into it.
    """

    text: str
    source: str
    origin: Origin = "user"
    pinned: bool = False
    vector: Vector | None = None
    place: str = ""
    order: int | None = None


@dataclass(frozen=True)
class CheckpointRecord:
    """A stored checkpoint: `items` memory items of `bytes` UTF-8 bytes after `step` steps.

    `parent` is the checkpoint before it in the same history; after a fork that one belongs to
    the session forked from.
    """

    id: str
    session_id: str
    step: int
    parent: str | None
    label: str | None
    items: int
    bytes: int
    node_id: str
    created_at: str


@dataclass(frozen=True)
class SessionRecord:
    """A session: `head` is the id of the last node of its visible history.

    `last_checkpoint` is the latest one in that history; right after a fork it is the
    checkpoint forked from.
    """

    id: str
    steps: int
    items: int
    task: dict[str, Any] | None
    head: str
    last_checkpoint: str | None
    created_at: str
    updated_at: str
    principal: str | None


@dataclass(frozen=True)
class Appended:
    """The outcome of `append_step`; `replayed` means the step was already stored."""

    step: StepRecord
    checkpoint: CheckpointRecord | None
    replayed: bool


@dataclass(frozen=True)
class Version:
    """All texts that a source now consists of: what else the memory has from it is superseded.

    `complete` is False while more of its texts follow in later calls: nothing leaves before.
    """

    source: str
    texts: frozenset[str]
    complete: bool = True


@dataclass(frozen=True)
class Remembered:
    """The outcome of `remember`; `item_ids` are those of the new items, in order.

    A text that only has another place in its source now is a duplicate, under a new id.
    """

    stored: int
    duplicates: int
    item_ids: tuple[int, ...]
    superseded: int = 0


@dataclass(frozen=True)
class Hit:
    """A memory item given back; a higher `score` is a better match.

    `kind` is "step" (the output of step number `step`) or "document" (`step` is None). `found`
    is False for one that was brought along as the neighbour of a found one, whose score it
    carries. `order` is its number within its source, for a step the step's. `input` is the
    beginning of what the step was given.
    """

    item_id: int
    text: str
    source: str
    kind: str
    step: int | None
    created_at: str
    score: float
    origin: Origin = "user"
    pinned: bool = False
    found: bool = True
    place: str = ""
    order: int = 0
    input: str | None = None


@dataclass(frozen=True)
class Quarantined:
    """A source, or a text of a source, kept out of a session's memory, and why.

    `item_ids` are the visible items it hides, oldest first, `steps` the numbers of the visible
    steps whose output it hides: neither belongs in a prompt.
    """

    text: str | None
    source: str | None
    reason: str
    created_at: str
    item_ids: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Marking:
    """What a mark changed: `items` came to be hidden, or to be seen again.

    `note` says what did not change, and why; None where all that was asked for was done.
    """

    items: int
    note: str | None = None


@dataclass(frozen=True)
class Deleted:
    """What was deleted for good, or would be; `text_bytes` is UTF-8.

    `redacted` are the numbers of the steps whose record held the text, which is cut out there.
    `shared_with` are sessions that had the same items by a fork and lost them too; `kept_by` those
    that still hold some of the text: another source or step of theirs says it, or a fork shares it.
    `also` counts what else it was cut out of, by kind; `left` says where in the session's own
    memory it stands still, and what to do about it. `tasks` names the named tasks that lost
    examples, or words of their definitions, by it.
    """

    items: int
    text_bytes: int
    steps: int = 0
    checkpoints: int = 0
    redacted: tuple[int, ...] = ()
    shared_with: tuple[str, ...] = ()
    kept_by: tuple[str, ...] = ()
    also: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()


def one_form(name: str) -> str:
    """A source's name in the one Unicode form that names are compared in, and kept in by now."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, finite numbers only.

    Raises TypeError or ValueError for a value that is not JSON.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def text_digest(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def node_digest(kind: str, parent_id: str | None, content_json: str) -> str:
    """The id of a history node; `content_json` is already canonical."""
    return text_digest(canonical_json([kind, parent_id, content_json]))


def checkpoint_digest(session_id: str, node_id: str, label: str | None, parent: str | None) -> str:
    """The id of a checkpoint: 32 hex characters. One whose label was cut since keeps its id."""
    return text_digest(canonical_json([session_id, node_id, label, parent]))[:32]
