"""The wire models: what each tool returns, as typed structures.

Every client pays for each description, so few are sent, and no docstring is; docs/calls.md has all
of them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from checkpoints import Origin
from hypernet.adapters.plan import UsedMode
from mcp_server.schema.named import EstimateResult, QualityResult, TaskLine


class ExampleArgument(BaseModel):
    """A solved instance of the task."""

    input: str
    output: str


class FitResult(BaseModel):
    """How well the hypernetwork knows the task."""

    level: Literal["known", "near", "unknown"]
    similarity: float
    """Cosine to the nearest training task."""
    nearest: list[str]
    """Training tasks, the nearest first."""


class RefinementResult(BaseModel):
    """The gradient steps that an adapter took on the task's examples.

    The losses are those before the first and before the last step: how unlikely the examples'
    answers were, as the mean over their tokens.
    """

    steps: int
    examples: int
    """Those that were short enough to be used."""
    first_loss: float
    last_loss: float


class AdapterResult(BaseModel):
    """The adapter written for the task."""

    digest: str
    rank: int
    bytes: int
    generation_ms: float
    """0 if cached."""
    cached: bool
    parent: str | None = None
    """Of a refined one: the adapter it began from."""


class TaskResult(BaseModel):
    """What `set_task` returns."""

    session_id: str
    """For every other tool."""
    name: str | None = None
    """Of a saved task."""
    version: int | None = None
    quality: QualityResult | None = None
    """What was measured of a saved task; None: nothing yet."""
    estimate: EstimateResult | None = None
    """Of a task that was not measured, by its fit; None too where that tells nothing."""
    mode: UsedMode
    labels: list[str]
    """As they were given."""
    examples: int
    refined: RefinementResult | None
    """None: it took no steps on the examples."""
    adapter: AdapterResult | None
    """None: the base's own weights."""
    fit: FitResult | None
    """How well the task is known; None without a hypernetwork for the base."""
    note: str | None = None


class TokenResult(BaseModel):
    """Tokens of one step."""

    prefix: int
    """The task's text, where the prompt holds it."""
    prefix_reused: int
    """Of these, from the cache."""
    prompt: int
    """The step's own text with all memory."""
    retrieved: int
    """Of these, excerpts."""
    memory: int = 0
    """Of these, all memory with its fence."""
    generated: int


class PieceResult(BaseModel):
    """Which characters of an excerpt are an item's own text, and where in the source it stands."""

    item_id: int
    start: int
    end: int
    place: str


class ExcerptResult(BaseModel):
    """A stretch of memory: one item, or neighbouring ones as one text."""

    text: str
    source: str
    place: str = ""
    """Page, heading or lines."""
    created_at: str
    score: float
    step: int | None
    """The step whose output it is; None: a document."""
    input: str | None = None
    """The beginning of that step's input."""
    origin: Origin = "user"
    """Who wrote it."""
    pinned: bool = False
    item_ids: list[int] = Field(default_factory=list)
    """For pin_memory and quarantine_memory."""
    pieces: list[PieceResult] = Field(default_factory=list)
    """Of a merged one: which item is which part of the text."""


class PartResult(BaseModel):
    """One part of the memory in a prompt."""

    part: Literal["recent", "retrieved", "pinned"]
    tokens: int
    budget: int
    """The most it could have."""
    steps: list[int]
    item_ids: list[int]
    left_out: int
    """Steps or found items without room; recall finds them."""


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

    generation_ms: float
    """Writing the adapter."""
    prefill_ms: float
    decode_ms: float


class SpanResult(BaseModel):
    """Where an output stands in its input, in characters."""

    start: int
    end: int


class StepResult(BaseModel):
    """What `run_step` returns."""

    session_id: str
    step: int
    """Its number in the session, from 1."""
    output: str
    output_truncated: bool = False
    """Whether the resource has more."""
    resource: str
    """Where the whole step can be read."""
    span: SpanResult | None = None
    """With copy: its first place in the input."""
    confidence: float | None
    """Of the output. Of a measured task how likely it is right; else a label's share, or the
    geometric mean of its tokens' probabilities."""
    shares: dict[str, float] | None = None
    """Of the labels."""
    answered_by: Literal["model", "words", "both", "example"] = "model"
    """A classifier without a language model (words), model and classifier, or a correction of
    the very same input (example)."""
    needs_review: bool = False
    """Less sure than ask_below."""
    review_reason: str | None = None
    stop_reason: Literal["end", "length", "stop", "label", "cancelled", "time"]
    mode: UsedMode
    fit: Literal["known", "near", "unknown"] | None
    adapter_digest: str | None
    adapter_cached: bool | None
    """None: no adapter acted."""
    tokens: TokenResult
    saturation: float
    """Share of the usable window that the prompt filled."""
    timings: TimingResult
    retrieved: list[ExcerptResult]
    """As in recall."""
    context: list[PartResult] = Field(default_factory=list)
    """What memory the prompt held, part by part."""
    prompt_sha256: str | None = None
    """The same for the same step of a resumed job."""
    checkpoint: CheckpointResult | None
    """The one that fell due, if any."""
    replayed: bool
    """Recorded before; nothing ran."""


class StepLine(BaseModel):
    """What came of one input of `run_steps`: its step, or why it came to none.

    On the wire without what is null or false, as there are up to a hundred.
    """

    n: int
    """Its place in the list, from 1."""
    input: str
    """Its beginning."""
    step: int | None = None
    """For correct_step; None: it came to none."""
    output: str | None = None
    output_truncated: bool = False
    """Whether the resource has more of it."""
    resource: str | None = None
    """Where the whole step can be read, if it is not here."""
    confidence: float | None = None
    needs_review: bool = False
    stop_reason: str | None = None
    answered_by: str | None = None
    """Where it was not the model alone: as in `run_step`."""
    replayed: bool = False
    error: str | None = None

    @model_serializer(mode="wrap")
    def said(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The fields that say something."""
        return {
            name: value
            for name, value in whole(self).items()
            if value is not None and value is not False
        }


class StepsResult(BaseModel):
    """What `run_steps` returns."""

    session_id: str
    task: str
    """The beginning of the task that they ran under."""
    steps: list[StepLine]
    """In the order of the inputs."""
    left: int
    """Inputs that were not begun, the last ones."""
    note: str | None
    """What to send for those without a whole answer."""


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
    stored: int
    """Pieces added."""
    duplicates: int
    """Pieces that were there unchanged."""
    superseded: int
    """Pieces of an earlier version that were replaced."""
    item_ids: list[int]
    """The first 100 stored."""
    files: int
    failed: list[FailedFileResult]
    """The first 100."""
    failed_count: int
    partly: list[FailedFileResult]
    """Parts and files that were left out, the first 100."""
    note: str | None = None
    """Sources in quarantine: what is stored from them is not seen."""


class RecallResult(BaseModel):
    """What `recall` returns."""

    session_id: str
    excerpts: list[ExcerptResult]
    """In their original order."""
    tokens: int
    left_out: int
    """Matches without room."""


class PinResult(BaseModel):
    """What `pin_memory` returns."""

    session_id: str
    pinned: list[ExcerptResult]
    """Beginnings of the last 100 pinned now."""
    pinned_count: int
    note: str | None = None
    """What was pinned already."""


class QuarantinedResult(BaseModel):
    """Something kept out of the memory: a text or all of a source."""

    text: str | None
    """Its beginning."""
    source: str | None
    reason: str
    created_at: str
    item_ids: list[int]
    """The first 100."""
    steps: list[int]
    """Those whose output it hides."""


class QuarantineResult(BaseModel):
    """What `quarantine_memory` returns."""

    session_id: str
    items: int
    """How many this call hid, or let back in."""
    note: str | None = None
    """What it did not change, and why."""
    used_by_steps: list[int]
    """Steps with such an item in their prompt."""
    quarantined: list[QuarantinedResult]
    """The last 100 kept out now."""
    checkpoint_before: CheckpointResult | None
    """For restore_memory: the last from before the first such item."""


class DeleteResult(BaseModel):
    """What `delete_memory` returns."""

    session_id: str
    dry_run: bool
    items: int
    steps: int
    checkpoints: int
    text_bytes: int
    redacted_steps: int
    """Steps that quoted it, which is cut out there."""
    shared_with: list[str]
    """Forks that lost it too."""
    kept_by: list[str]
    """Sessions that hold the same text still."""
    left: list[str]
    """Where in this session's memory it stands still, and what to do."""
    note: str


class RevokedResult(BaseModel):
    """An adapter that the session refuses."""

    digest: str
    reason: str
    created_at: str


class RevokeResult(BaseModel):
    """What `revoke_adapter` returns."""

    session_id: str
    revoked: list[RevokedResult]
    """The last 100 refused now."""
    task: str | None
    """What it was written from, if a step used it."""
    used_by_steps: list[int]
    """Steps that ran under it."""
    checkpoint_before: CheckpointResult | None
    """For restore_memory: the last from before these steps."""
    note: str | None = None
    """What was revoked already."""


class StatusResult(BaseModel):
    """What `status` returns."""

    version: str
    model: Literal["loading", "ready", "failed"]
    progress: float
    message: str
    database: str
    """Whether its file is sound."""
    about: dict[str, Any]
    limits: dict[str, Any]
    document_folders: list[str]
    """Folders that remember may read files from."""
    sessions: list[SessionResult]
    """The one asked for, or the latest ones."""
    tasks: list[TaskLine] = Field(default_factory=list)
    """Saved ones, 20 at most."""
    learning: str | None = None
    """What is being learned in the background."""
