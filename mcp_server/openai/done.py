"""What a call came to, in one form for both APIs, and what their answers share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mcp_server.jobs.present import HISTORY, observed_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mcp_server.jobs.answers.answering import Answer
    from mcp_server.openai.asked import Asked

CUT = ("length", "time")
# What OpenAI writes for a probability of nothing.
NEVER = -9999.0


@dataclass(frozen=True)
class Event:
    """One event of a stream: data is JSON, or a text that is sent as it is."""

    data: Any
    name: str | None = None


@dataclass(frozen=True)
class Done:
    """An answer: its text, whether it was cut, its tokens, and the labels' shares if it is one."""

    text: str
    cut: bool
    prompt_tokens: int
    cached: int
    generated: int
    shares: Mapping[str, float] | None
    extension: dict[str, Any]
    """What OpenAI's form has no place for, under `hypernet`."""
    record: dict[str, Any]
    """For the counters and the log: as `run_step` returns it."""


class Answering(Protocol):
    """How one API writes one answer, whole or as a stream."""

    def whole(self, done: Done) -> dict[str, Any]:
        """The body of an answer that is not streamed."""

    def begun(self) -> Iterator[Event]:
        """The events with which a stream begins."""

    def more(self, text: str) -> Iterator[Event]:
        """The events of a piece of text."""

    def ended(self, done: Done) -> Iterator[Event]:
        """The events with which a stream ends."""

    def failed(self, error: dict[str, Any]) -> Iterator[Event]:
        """The events of an error after the stream began."""


def done_of(asked: Asked, answer: Answer, session_id: str | None) -> Done:
    """An answer of the jobs in this form."""
    found = observed_of(answer.output, answer.mode, answer.details)
    tokens, appended = found["tokens"], answer.appended
    brought = answer.details.get(HISTORY) or {"turns": 0, "tokens": 0, "left_out": 0}
    extension = {
        "mode": answer.mode,
        "adapter_digest": answer.adapter_digest,
        "fit": found.get("fit"),
        "confidence": found.get("confidence"),
        "answered_by": found.get("answered_by"),
        "needs_review": bool(found.get("needs_review")),
        "review_reason": found.get("review_reason"),
        "stop_reason": found.get("stop_reason"),
        "saturation": found.get("saturation"),
        "history": brought,
        "retrieved_tokens": tokens.get("retrieved", 0),
        "ignored": [*asked.ignored, *_unheeded(asked, found.get("stop_reason"))],
    }
    if appended is not None:
        checkpoint = appended.checkpoint
        extension |= {
            "session_id": session_id,
            "step": appended.step.n,
            "checkpoint_id": None if checkpoint is None else checkpoint.id,
            "replayed": appended.replayed,
        }
    record = {
        **found,
        "output": answer.output,
        "mode": answer.mode,
        "adapter_digest": answer.adapter_digest,
        "session_id": session_id,
        "checkpoint": appended is not None and appended.checkpoint is not None,
        "replayed": appended is not None and appended.replayed,
    }
    return Done(
        text=answer.output,
        cut=found.get("stop_reason") in CUT,
        prompt_tokens=tokens["prefix"] + tokens["prompt"],
        cached=tokens["prefix_reused"],
        generated=tokens["generated"],
        shares=found.get("shares"),
        extension=extension,
        record=record,
    )


def _unheeded(asked: Asked, stop_reason: str | None) -> list[str]:
    """What of a call has no effect on an answer that was chosen and not written."""
    if stop_reason != "label":
        return []
    given = {"temperature": asked.temperature > 0, "stop": asked.stop}
    return [f"{name}: a label is chosen, not written" for name in given if given[name]]


def rest_of(done: Done, sent: str) -> str:
    """What of an answer a stream has not told yet."""
    return done.text.removeprefix(sent) if done.text.startswith(sent) else ""


def logprob_entries(done: Done, top: int | None) -> list[dict[str, Any]] | None:
    """A label as one token, with the log-probabilities of the likeliest labels; None: not asked."""
    if top is None:
        return None
    shares = done.shares or {done.text: 1.0}
    likeliest = sorted(shares, key=lambda label: -shares[label])[:top]
    entry = _entry(done.text, shares.get(done.text, 0.0))
    return [{**entry, "top_logprobs": [_entry(label, shares[label]) for label in likeliest]}]


def _entry(label: str, share: float) -> dict[str, Any]:
    logprob = math.log(share) if share > 0 else NEVER
    return {"token": label, "bytes": list(label.encode()), "logprob": logprob}
