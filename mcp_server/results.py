"""The wire models: what each tool returns, as typed structures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from checkpoints import Origin
from hypernet.plan import UsedMode


class ExampleArgument(BaseModel):
    """A solved instance of the task."""

    input: str
    output: str


class FitResult(BaseModel):
    """How well the hypernetwork knows the task."""

    level: Literal["known", "near", "unknown"]
    similarity: float = Field(description="Cosine to the nearest training task.")
    nearest: list[str] = Field(description="The nearest training tasks, nearest first.")


class AdapterResult(BaseModel):
    """The adapter written for the task."""

    digest: str
    rank: int
    bytes: int
    generation_ms: float = Field(description="0 when the adapter was cached.")
    cached: bool
    parent: str | None = Field(
        default=None, description="Digest of the generated adapter that a refined one began from."
    )


class TaskResult(BaseModel):
    """What `set_task` returns."""

    session_id: str = Field(description="Pass this to every other tool. Valid until deleted.")
    mode: UsedMode = Field(description="How steps of this task will run.")
    adapter: AdapterResult | None = Field(description="None: the base runs with its own weights.")
    fit: FitResult | None = Field(description="None when there is no hypernetwork for the base.")
    note: str | None = None


class TokenResult(BaseModel):
    """Tokens of one step."""

    prefix: int = Field(description="The task in the prompt, read by the base alone.")
    prefix_reused: int = Field(description="Of these, tokens that were in the cache.")
    prompt: int = Field(description="The step's own text, retrieved excerpts included.")
    retrieved: int = Field(description="Of these, tokens of retrieved excerpts.")
    memory: int = Field(
        default=0, description="Of these, tokens of all parts of memory and their fence."
    )
    generated: int


class ExcerptResult(BaseModel):
    """A stretch of memory: one item, or neighbouring ones as one text."""

    text: str
    source: str
    place: str = Field(default="", description="Where in the source: page, heading or lines.")
    created_at: str
    score: float
    step: int | None = Field(description="The step whose output this is; None for documents.")
    origin: Origin = Field(default="user", description="Who wrote it.")
    pinned: bool = False
    item_ids: list[int] = Field(
        default_factory=list, description="For pin_memory and quarantine_memory."
    )


class PartResult(BaseModel):
    """One part of the memory in a prompt, and what of it was left out (recall finds that)."""

    part: Literal["recent", "retrieved", "pinned"]
    tokens: int
    budget: int = Field(description="Tokens that the part could have had.")
    steps: list[int] = Field(description="Earlier steps that were in the prompt.")
    item_ids: list[int] = Field(description="Memory items that were in the prompt.")
    left_out: int = Field(description="Steps or found items that had no room.")


class CheckpointResult(BaseModel):
    """A checkpoint."""

    checkpoint_id: str
    session_id: str
    step: int = Field(description="How many steps the session had.")
    parent: str | None
    label: str | None
    items: int = Field(description="Memory items that the session had.")
    bytes: int


class TimingResult(BaseModel):
    """Milliseconds of one step's parts."""

    generation_ms: float = Field(description="Writing the adapter.")
    prefill_ms: float
    decode_ms: float


class StepResult(BaseModel):
    """What `run_step` returns."""

    session_id: str
    step: int = Field(description="The step's number in its session, from 1.")
    output: str
    output_truncated: bool = Field(
        default=False, description="True: only the beginning; the resource has all of it."
    )
    resource: str = Field(description="Address of the resource with the whole step.")
    confidence: dict[str, float] | None = Field(description="With labels: each one's share.")
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
        default=None, description="Hash of the prompt: the same step of a resumed job has the same."
    )
    checkpoint: CheckpointResult | None = Field(description="The checkpoint that fell due, if any.")
    replayed: bool = Field(description="True: this step_key was done before; nothing ran.")


class SessionResult(BaseModel):
    """A session's state."""

    session_id: str
    steps: int
    items: int
    task: str | None
    last_checkpoint: str | None
    last_checkpoint_step: int | None = Field(description="How many steps it had.")
    created_at: str
    updated_at: str


class RestoreResult(BaseModel):
    """What `restore_memory` returns."""

    session: SessionResult
    checkpoint: CheckpointResult
    forked: bool


class FailedFileResult(BaseModel):
    """A file that could not be read."""

    name: str
    problem: str = Field(description="What is wrong and what mends it.")


class RememberResult(BaseModel):
    """What `remember` returns."""

    session_id: str
    stored: int = Field(description="Pieces stored; long documents are split.")
    duplicates: int = Field(description="Pieces that the session held already.")
    item_ids: list[int] = Field(description="Of the pieces stored, the first 100.")
    files: int = Field(description="Files read.")
    failed: list[FailedFileResult] = Field(description="Files not read, the first 100.")
    failed_count: int


class RecallResult(BaseModel):
    """What `recall` returns."""

    session_id: str
    excerpts: list[ExcerptResult] = Field(description="In their original order.")
    tokens: int
    left_out: int = Field(description="Further matches that the token budget had no room for.")


class PinResult(BaseModel):
    """What `pin_memory` returns."""

    session_id: str
    pinned: list[ExcerptResult] = Field(description="All that is pinned now.")


class QuarantinedResult(BaseModel):
    """Something kept out of the memory: a text or all of a source."""

    text: str | None = Field(description="Its beginning.")
    source: str | None
    reason: str
    created_at: str
    item_ids: list[int] = Field(description="The items hidden by this, the first 100.")
    steps: list[int] = Field(description="The steps whose output is hidden by this.")


class QuarantineResult(BaseModel):
    """What `quarantine_memory` returns."""

    session_id: str
    items: int = Field(description="Items that this call hid, or let back in.")
    used_by_steps: list[int] = Field(
        description="Steps whose prompt held such an item: their outputs may be misled."
    )
    quarantined: list[QuarantinedResult] = Field(description="All that is kept out now.")
    checkpoint_before: CheckpointResult | None = Field(
        description="The last checkpoint from before the item (of a source: its first one) came. "
        "restore_memory with it also undoes those steps."
    )


class RevokedResult(BaseModel):
    """An adapter that the session refuses."""

    digest: str
    reason: str
    created_at: str


class RevokeResult(BaseModel):
    """What `revoke_adapter` returns."""

    session_id: str
    revoked: list[RevokedResult] = Field(description="All that is refused now.")
    task: str | None = Field(description="What this adapter was written from, if a step used it.")
    used_by_steps: list[int] = Field(description="Steps that ran under this adapter.")
    checkpoint_before: CheckpointResult | None = Field(
        description="The last checkpoint from before the first of them; restore_memory with it "
        "also undoes them."
    )


class StatusResult(BaseModel):
    """What `status` returns."""

    version: str
    model: Literal["loading", "ready", "failed"]
    progress: float
    message: str
    about: dict[str, Any] = Field(description="What is loaded.")
    limits: dict[str, Any]
    document_folders: list[str] = Field(description="Folders that remember may read files from.")
    sessions: list[SessionResult] = Field(description="The one asked for, or the latest ones.")
