"""The wire models: what each tool returns, as typed structures.

Every client pays for each description, so there is one only where the name does not say it. The
docstrings are not sent.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from checkpoints import Origin
from hypernet.adapters.plan import UsedMode


class ExampleArgument(BaseModel):
    """A solved instance of the task."""

    input: str
    output: str


class FitResult(BaseModel):
    """How well the hypernetwork knows the task."""

    level: Literal["known", "near", "unknown"]
    similarity: float = Field(description="Cosine to the nearest training task.")
    nearest: list[str] = Field(description="Training tasks, the nearest first.")


class AdapterResult(BaseModel):
    """The adapter written for the task."""

    digest: str
    rank: int
    bytes: int
    generation_ms: float = Field(description="0 if cached.")
    cached: bool
    parent: str | None = Field(
        default=None, description="Of a refined one: the adapter it began from."
    )


class TaskResult(BaseModel):
    """What `set_task` returns."""

    session_id: str = Field(description="Pass this to every other tool. Valid until deleted.")
    mode: UsedMode = Field(description="How its steps will run.")
    adapter: AdapterResult | None = Field(description="None: the base's own weights.")
    fit: FitResult | None = Field(description="None without a hypernetwork for the base.")
    note: str | None = None


class TokenResult(BaseModel):
    """Tokens of one step."""

    prefix: int = Field(description="The task's text, where the prompt holds it.")
    prefix_reused: int = Field(description="Of these, from the cache.")
    prompt: int = Field(description="The step's own text with all memory.")
    retrieved: int = Field(description="Of these, excerpts.")
    memory: int = Field(default=0, description="Of these, all memory with its fence.")
    generated: int


class ExcerptResult(BaseModel):
    """A stretch of memory: one item, or neighbouring ones as one text."""

    text: str
    source: str
    place: str = Field(default="", description="Page, heading or lines.")
    created_at: str
    score: float
    step: int | None = Field(description="The step whose output it is; None: a document.")
    origin: Origin = Field(default="user", description="Who wrote it.")
    pinned: bool = False
    item_ids: list[int] = Field(
        default_factory=list, description="For pin_memory and quarantine_memory."
    )


class PartResult(BaseModel):
    """One part of the memory in a prompt."""

    part: Literal["recent", "retrieved", "pinned"]
    tokens: int
    budget: int = Field(description="The most it could have.")
    steps: list[int]
    item_ids: list[int]
    left_out: int = Field(description="Steps or found items without room; recall finds them.")


class CheckpointResult(BaseModel):
    """A checkpoint: `step` and `items` are how many the session had then."""

    checkpoint_id: str
    session_id: str
    step: int
    parent: str | None
    label: str | None
    items: int
    bytes: int


class TimingResult(BaseModel):
    """Milliseconds of one step's parts."""

    generation_ms: float = Field(description="Writing the adapter.")
    prefill_ms: float
    decode_ms: float


class SpanResult(BaseModel):
    """Where an output stands in its input, in characters."""

    start: int
    end: int


class StepResult(BaseModel):
    """What `run_step` returns."""

    session_id: str
    step: int = Field(description="Its number in the session, from 1.")
    output: str
    output_truncated: bool = Field(default=False, description="True: the resource has the rest.")
    resource: str = Field(description="Where the whole step can be read.")
    span: SpanResult | None = Field(
        default=None, description="With copy: its first place in the input."
    )
    confidence: dict[str, float] | None = Field(
        description="With labels: each one's share. Else of output: its tokens' mean probability."
    )
    stop_reason: Literal["end", "length", "stop", "label", "cancelled", "time"]
    mode: UsedMode
    fit: Literal["known", "near", "unknown"] | None
    adapter_digest: str | None
    adapter_cached: bool
    tokens: TokenResult
    saturation: float = Field(description="Share of the usable window that the prompt filled.")
    timings: TimingResult
    retrieved: list[ExcerptResult]
    context: list[PartResult] = Field(
        default_factory=list, description="What memory the prompt held, part by part."
    )
    prompt_sha256: str | None = Field(
        default=None, description="The same for the same step of a resumed job."
    )
    checkpoint: CheckpointResult | None = Field(description="The one that fell due, if any.")
    replayed: bool = Field(description="True: this step_key was done before; nothing ran.")


class SessionResult(BaseModel):
    """A session's state."""

    session_id: str
    steps: int
    items: int
    task: str | None
    last_checkpoint: str | None
    last_checkpoint_step: int | None
    created_at: str
    updated_at: str


class RestoreResult(BaseModel):
    """What `restore_memory` returns."""

    session: SessionResult
    checkpoint: CheckpointResult
    forked: bool


class FailedFileResult(BaseModel):
    """A file that could not be read, or not whole."""

    name: str
    problem: str


class RememberResult(BaseModel):
    """What `remember` returns."""

    session_id: str
    stored: int = Field(description="Pieces added.")
    duplicates: int = Field(description="Unchanged ones.")
    superseded: int = Field(description="Old ones replaced.")
    item_ids: list[int] = Field(description="The first 100 stored.")
    files: int
    failed: list[FailedFileResult] = Field(description="The first 100.")
    failed_count: int
    partly: list[FailedFileResult] = Field(description="Parts and files left out, the first 100.")


class RecallResult(BaseModel):
    """What `recall` returns."""

    session_id: str
    excerpts: list[ExcerptResult] = Field(description="In their original order.")
    tokens: int
    left_out: int = Field(description="Matches without room.")


class PinResult(BaseModel):
    """What `pin_memory` returns."""

    session_id: str
    pinned: list[ExcerptResult] = Field(description="Beginnings of the last 100 pinned now.")
    pinned_count: int


class QuarantinedResult(BaseModel):
    """Something kept out of the memory: a text or all of a source."""

    text: str | None = Field(description="Its beginning.")
    source: str | None
    reason: str
    created_at: str
    item_ids: list[int] = Field(description="The first 100.")
    steps: list[int] = Field(description="Those whose output it hides.")


class QuarantineResult(BaseModel):
    """What `quarantine_memory` returns."""

    session_id: str
    items: int = Field(description="How many this call hid, or let back in.")
    used_by_steps: list[int] = Field(description="Steps with such an item in their prompt.")
    quarantined: list[QuarantinedResult] = Field(description="The last 100 kept out now.")
    checkpoint_before: CheckpointResult | None = Field(
        description="The last from before the first such item, for restore_memory."
    )


class DeleteResult(BaseModel):
    """What `delete_memory` returns."""

    session_id: str
    dry_run: bool
    items: int
    steps: int
    checkpoints: int
    text_bytes: int
    redacted_steps: int = Field(description="Steps that quoted it, which is cut out there.")
    shared_with: list[str] = Field(description="Forks that lost it too.")
    kept_by: list[str] = Field(description="Sessions that hold the same text still.")
    note: str


class RevokedResult(BaseModel):
    """An adapter that the session refuses."""

    digest: str
    reason: str
    created_at: str


class RevokeResult(BaseModel):
    """What `revoke_adapter` returns."""

    session_id: str
    revoked: list[RevokedResult] = Field(description="The last 100 refused now.")
    task: str | None = Field(description="What it was written from, if a step used it.")
    used_by_steps: list[int] = Field(description="Steps that ran under it.")
    checkpoint_before: CheckpointResult | None = Field(
        description="The last from before these steps, for restore_memory."
    )


class StatusResult(BaseModel):
    """What `status` returns."""

    version: str
    model: Literal["loading", "ready", "failed"]
    progress: float
    message: str
    database: str = Field(description="Whether its file is sound.")
    about: dict[str, Any]
    limits: dict[str, Any]
    document_folders: list[str] = Field(description="Folders that remember may read files from.")
    sessions: list[SessionResult] = Field(description="The one asked for, or the latest ones.")
