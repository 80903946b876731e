"""The wire models: what each tool returns, as typed structures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

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
    generated: int


class ExcerptResult(BaseModel):
    """A piece of memory."""

    text: str
    source: str
    created_at: str
    score: float
    step: int | None = Field(description="The step whose output this is; None for documents.")


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
    checkpoint: CheckpointResult | None = Field(description="The checkpoint that fell due, if any.")
    replayed: bool = Field(description="True: this step_key was done before; nothing ran.")


class SessionResult(BaseModel):
    """A session's state."""

    session_id: str
    steps: int
    items: int
    task: str | None
    last_checkpoint: str | None
    created_at: str
    updated_at: str


class RestoreResult(BaseModel):
    """What `restore_memory` returns."""

    session: SessionResult
    checkpoint: CheckpointResult
    forked: bool


class RememberResult(BaseModel):
    """What `remember` returns."""

    session_id: str
    stored: int = Field(description="Pieces stored; long documents are split.")
    duplicates: int = Field(description="Pieces that the session held already.")


class RecallResult(BaseModel):
    """What `recall` returns."""

    session_id: str
    excerpts: list[ExcerptResult] = Field(description="In their original order.")
    tokens: int
    left_out: int = Field(description="Further matches that the token budget had no room for.")


class StatusResult(BaseModel):
    """What `status` returns."""

    version: str
    model: Literal["loading", "ready", "failed"]
    progress: float
    message: str
    about: dict[str, Any] = Field(description="What is loaded.")
    limits: dict[str, Any]
    sessions: list[SessionResult] = Field(description="The one asked for, or the latest ones.")
