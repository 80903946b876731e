"""A job's steps as every arm gets them: the same inputs, excerpts and right answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Agent = Literal["code", "intel", "papers"]
STEPS = 12


@dataclass(frozen=True)
class Named:
    """A task of an agent, with the solved examples that it has when it is saved by name."""

    name: str
    text: str
    labels: tuple[str, ...] = ()
    copy: bool | None = None
    ask_below: float | None = None
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Chunk:
    """What a search brought, with the tokens that the server counted."""

    text: str
    tokens: int


@dataclass(frozen=True)
class Step:
    """One question. `chunks` are all that was retrieved for it, `input` what was picked of that."""

    kind: str
    subject: str
    named: Named
    input: str
    chunks: tuple[Chunk, ...]
    expected: str
    labels: tuple[str, ...] = ()
    """Of this step alone, in place of the task's."""
    max_tokens: int = 64


@dataclass(frozen=True)
class Job:
    """A dozen steps, in the order in which they are taken."""

    agent: Agent
    seed: int
    number: int
    steps: tuple[Step, ...]

    @property
    def key(self) -> str:
        """Names the job in rows and sessions."""
        return f"{self.agent}-{self.seed}-{self.number}"


def write_job(job: Job, file: Path) -> None:
    """Keep a job: looking all of it up takes a minute."""
    file.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf-8")


def read_job(file: Path) -> Job:
    """A job that was kept."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    steps = [
        Step(
            **{
                **step,
                "named": Named(**{**step["named"], **_tupled(step["named"])}),
                "chunks": tuple(Chunk(**chunk) for chunk in step["chunks"]),
                "labels": tuple(step["labels"]),
            }
        )
        for step in kept["steps"]
    ]
    return Job(**{**kept, "steps": tuple(steps)})


def _tupled(named: dict[str, Any]) -> dict[str, Any]:
    pairs = tuple((given, out) for given, out in named["examples"])
    return {"labels": tuple(named["labels"]), "examples": pairs}


def in_turn(job: Job) -> Job:
    """The job with its steps rotated by its number: over a dozen jobs each has every position."""
    first = job.number % len(job.steps)
    return replace(job, steps=(*job.steps[first:], *job.steps[:first]))


def latest(chunks: Sequence[Chunk], most: int) -> list[Chunk]:
    """The last chunks of at most so many tokens together, the oldest out first."""
    kept: list[Chunk] = []
    left = most
    for chunk in reversed(chunks):
        if chunk.tokens > left:
            break
        kept.insert(0, chunk)
        left -= chunk.tokens
    return kept
