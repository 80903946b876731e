"""What a step's prompt and answer took of the window, as one bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_server.jobs.past.recorded import MOST, number_of, whole_of

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH = 1000
"""Units of the whole bar."""
LEAST = 4
"""Units of a part that is not empty."""
NAMES = {
    "reused": "prefix, reused",
    "prefix": "prefix, read anew",
    "pinned": "pinned",
    "retrieved": "retrieved",
    "recent": "recent steps",
    "fence": "markings of the memory",
    "input": "input",
    "output": "output",
}
"""What the parts are called, in their order."""


@dataclass(frozen=True)
class Segment:
    """A part of the bar; `at` and `width` in units."""

    name: str
    tokens: int
    at: float
    width: float


@dataclass(frozen=True)
class Bar:
    """The parts that are not empty, and how much of the window they are together.

    `window` 0: not known, and the bar is as wide as its parts.
    """

    segments: tuple[Segment, ...]
    used: int
    window: int

    @property
    def said(self) -> str:
        """The same in words."""
        parts = ", ".join(f"{NAMES[each.name]} {each.tokens}" for each in self.segments)
        of = f" of a window of {self.window}" if self.window else ""
        return f"{self.used} tokens{of}: {parts}" if parts else "no tokens: no model ran"


def bar(result: Mapping[str, Any], window: int | None) -> Bar:
    """The bar of a step.

    Args:
        result: as the step recorded it.
        window: that of the model that is loaded; None: it is not, and is told by the record.
    """
    tokens = _mapping(result.get("tokens"))
    context = result.get("context")
    parts = {
        str(part.get("part")): _count(part.get("tokens"))
        for part in (context if isinstance(context, list) else ())
        if isinstance(part, dict)
    }
    prefix, reused = _count(tokens.get("prefix")), _count(tokens.get("prefix_reused"))
    prompt, memory = _count(tokens.get("prompt")), _count(tokens.get("memory"))
    held = {name: parts.get(name, 0) for name in ("pinned", "retrieved", "recent")}
    if not parts:  # earlier releases told no parts
        held["retrieved"] = _count(tokens.get("retrieved"))
    if not prompt:  # no model ran, so that nothing was read
        held, memory = dict.fromkeys(held, 0), 0
    memory = max(memory, sum(held.values()))
    counts = {
        "reused": min(reused, prefix),
        "prefix": max(prefix - reused, 0),
        **held,
        "fence": memory - sum(held.values()),
        "input": max(prompt - memory, 0),
        "output": _count(tokens.get("generated")),
    }
    used = sum(counts.values())
    whole = window if window is not None and window >= used else _told(result, prefix + prompt)
    scale = WIDTH / max(whole, used, 1)
    segments, at = [], 0.0
    for name, count in counts.items():
        if count:
            width = max(count * scale, LEAST)
            segments.append(Segment(name, count, round(at, 1), round(width, 1)))
            at += width
    return Bar(tuple(segments), used, whole if whole >= used else 0)


def _told(result: Mapping[str, Any], filled: int) -> int:
    """About what the prompt could have had, by the share of it that it filled."""
    share = number_of(result.get("saturation"))
    return round(filled / share) if share and 0 < filled / share < MOST else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return max(whole_of(value) or 0, 0)
