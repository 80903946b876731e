"""Distributions, a run and a server for the demo's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from examples.competitive_intel.agent import Row
from examples.competitive_intel.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Callable


def facts(name: str, **fields: Any) -> Facts:
    defaults = {
        "version": "1.0",
        "summary": f"What {name} does.",
        "licence": "MIT",
        "python": ">=3.10",
        "status": "4 - Beta",
    }
    return Facts(name, **{**defaults, **fields})


RIVALS = [
    facts("click", needs=("colorama",)),
    facts("httpx", needs=("anyio", "certifi"), python=">=3.9"),
    facts("jsonschema", python=">=3.9"),
    facts("pydantic", licence="MPL-2.0"),
    facts("requests", python=">=3.10"),
    facts("typer", needs=("click", "rich"), status="5 - Production/Stable"),
    facts("zebra"),
]


def row(step: int, **fields: Any) -> Row:
    defaults: dict[str, Any] = {
        "step": step,
        "key": f"key-{step}",
        "kind": "area",
        "subject": "click",
        "task": "Classify.",
        "named": None,
        "mode": "adapter",
        "fit": "known",
        "answered_by": "model",
        "adapter": "0123456789abcdef",
        "adapter_cached": False,
        "adapter_ms": 4.0,
        "prefix_tokens": 3,
        "prefix_reused": 1,
        "prompt_tokens": 20,
        "retrieved_tokens": 0,
        "generated_tokens": 2,
        "model_ms": 30.0,
        "saturation": 0.01,
        "output": "web",
        "confidence": 0.5,
        "expected": "web",
        "correct": True,
        "checkpoint": None,
        "sources": (),
        "replayed": False,
    }
    return Row(**{**defaults, **fields})


def step_result(step: int, output: str, *, replayed: bool) -> dict[str, Any]:
    return {
        "step": step,
        "output": output,
        "confidence": 0.75,
        "shares": {output: 0.75, "other": 0.25},
        "mode": "adapter",
        "fit": "known",
        "answered_by": "both",
        "adapter_digest": "0123456789abcdef",
        "adapter_cached": False,
        "tokens": {"prefix": 0, "prefix_reused": 0, "prompt": 9, "retrieved": 0, "generated": 1},
        "timings": {"generation_ms": 1.0, "prefill_ms": 2.0, "decode_ms": 3.0},
        "saturation": 0.01,
        "retrieved": [],
        "checkpoint": None,
        "replayed": replayed,
    }


QUALITY = {
    "serving": "both",
    "expected_accuracy": 0.9,
    "ways": [
        {"way": "prompted", "right": 3, "asked": 17},
        {"way": "both", "right": 16, "asked": 17},
    ],
}


def status(learned: list[str], learning: str | None = None) -> dict[str, Any]:
    """What the server tells of named tasks."""
    lines = [{"name": name, "serving": "both", "expected_accuracy": 0.9} for name in learned]
    return {"tasks": lines, "learning": learning, "message": "", "model": "ready"}


class FakeLink:
    """Answers each tool with what it was given for it."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def call(
        self, tool: str, arguments: dict[str, Any], show: Callable[[str], None]
    ) -> dict[str, Any]:
        self.calls.append((tool, arguments))
        show("busy")
        return self.answers[tool]


class FakeDisplay:
    """Keeps what it was shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.rows: list[Row] = []

    def status(self, text: str) -> None:
        self.lines.append(text)

    def event(self, text: str) -> None:
        self.lines.append(text)

    def finished(self, row: Row) -> None:
        self.rows.append(row)
