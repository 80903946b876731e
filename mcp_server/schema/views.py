"""The wire models of resources: lists of what a session holds, and single records, whole."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from mcp_server.schema.results import CheckpointResult, SessionResult


class SessionList(BaseModel):
    """Sessions, in the order of their creation, the newest first."""

    sessions: list[SessionResult]
    more: bool = Field(description="There are older ones; `status` finds one by its handle.")


class StepLine(BaseModel):
    """A step in a list: the beginnings of its texts."""

    step: int
    resource: str
    created_at: str
    input: str
    output: str


class StepList(BaseModel):
    """Steps by number, from 1; the next page begins after `next_after`."""

    session_id: str
    steps: list[StepLine]
    next_after: int | None


class WholeStep(BaseModel):
    """A step with all of its output, and what was observed while it ran."""

    session_id: str
    step: int
    step_key: str | None
    created_at: str
    task: str | None
    input: str
    input_truncated: bool
    output: str
    mode: str
    adapter_digest: str | None
    details: dict[str, Any] = Field(description="As in the result of run_step.")


class CheckpointList(BaseModel):
    """The checkpoints of a session's history, oldest first."""

    session_id: str
    checkpoints: list[CheckpointResult]
    more: bool = Field(description="There are older ones.")


class AdapterCard(BaseModel):
    """What is known of an adapter: never its weights, which are written anew from the task."""

    session_id: str
    digest: str
    task: str | None = Field(description="The text that the weights were written from.")
    labels: list[str]
    examples: int
    steps: list[int] = Field(description="The steps that ran with it, the last 100.")
    loaded: bool = Field(description="Whether it is in memory; the next three are known only then.")
    rank: int | None = None
    bytes: int | None = None
    parent: str | None = None
