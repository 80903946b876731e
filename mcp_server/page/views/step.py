"""One step: what exactly it was sent, what it answered, under which weights and task."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_server.jobs.adapters import adapter_card
from mcp_server.jobs.past import recorded
from mcp_server.jobs.past.prompts import prompt_of
from mcp_server.jobs.present import observed
from mcp_server.page.parts.room import Room
from mcp_server.page.parts.tokens import NAMES, bar
from mcp_server.page.views.job import place, window_of
from mcp_server.page.visit import Shown, whole_number
from mcp_server.schema.limits import InputError
from mcp_server.schema.uris import MissingError, step_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints import StepRecord
    from mcp_server.jobs.past.values import Block, PromptPart
    from mcp_server.page.parts.room import Beginning
    from mcp_server.page.visit import Visit

TEXT_BYTES = 120_000
OUTPUT_BYTES = 24_000
BLOCKS = 200
SHARES = 20
STEPS = 30
TITLES = {
    "turns": "Earlier turns",
    "task": "The task's text",
    "pinned": "Kept in view",
    "retrieved": "Excerpts",
    "recent": "Earlier steps",
    "input": "Input",
}
WHY = {
    "turns": "The oldest turns leave when the prompt is full.",
    "pinned": "Pinned items beyond the budget stay out, the oldest are in first.",
    "retrieved": "Found items beyond the budget, or like one that is in, stay out.",
    "recent": "Earlier steps beyond the budget stay out; recall finds them.",
}

ANSWERED = {
    "words": "a classifier without a language model",
    "both": "the model and a classifier",
    "example": "an example or a correction of the very same input",
}


@dataclass(frozen=True)
class ShownBlock:
    """A block of a prompt as far as the page shows it."""

    block: Block
    text: Beginning


@dataclass(frozen=True)
class ShownPart:
    """A part of a prompt: its blocks, or its text where it is not made of any."""

    part: PromptPart
    title: str
    why: str
    text: Beginning | None
    blocks: tuple[ShownBlock, ...]
    more: int


def shown(visit: Visit, session_id: str, n: str) -> Shown:
    """A step of a job, with `at` of its history at a checkpoint; `part` shows one part alone.

    Raises:
        MemoryFault: no such session or checkpoint.
        MissingError: no such step.
        InputError: `n` or `from` is no number, or there is no such part.
    """
    handle, point = place(visit, session_id)
    number = whole_number("n", n)
    found = prompt_of(visit.store, handle, number)
    if found is None:
        raise MissingError(f"job {session_id} has no step {number}")
    step, prompt = found
    line = visit.store.timeline.line(handle, number)
    details = observed(step) if isinstance(step.result, dict) else {}
    last = visit.store.timeline.side(handle).steps
    alone = visit.query.get("part", "")
    if alone not in ("", "output", *TITLES):
        raise InputError(f"part: there is no {alone[:20]!r}; it is one of {', '.join(TITLES)}")
    start = visit.number("from", 0) or 0
    values: dict[str, Any] = {
        "session_id": session_id,
        "address": f"/jobs/{session_id}",
        "at": "" if point is None else f"?at={point.id}",
        "amp": "?" if point is None else f"?at={point.id}&",
        "point": point,
        "step": step,
        "line": line,
        "last": last,
        "details": details,
        "bar": bar(step.result, window_of(visit)),
        "parts": NAMES,
        "resource": step_uri(session_id, number),
        "alone": alone,
        "from": start,
    }
    if alone:
        text = step.output if alone == "output" else _text(prompt.part(alone))  # type: ignore[arg-type]  # one of TITLES
        values |= {"text": Room(TEXT_BYTES).take(text[start:]), "length": len(text)}
        values["name"] = "Output" if alone == "output" else TITLES[alone]
        return Shown("step_part.html", f"Step {number}: {values['name']}", values)
    room = Room(TEXT_BYTES)
    shares = _shares(details.get("shares"))
    values |= {
        "output": Room(OUTPUT_BYTES).take(step.output),
        "prompt": prompt,
        "told": [_part(part, room) for part in prompt.parts],
        "shares": shares[:SHARES],
        "shares_left": max(len(shares) - SHARES, 0),
        "milliseconds": _milliseconds(details),
        "answered_by": _answered_by(details.get("answered_by")),
        "card": _card(visit, session_id, step),
        "steps_shown": STEPS,
    }
    return Shown("step.html", f"Step {number}", values)


def _text(part: PromptPart | None) -> str:
    return "" if part is None else part.text


def _part(part: PromptPart, room: Room) -> ShownPart:
    blocks = tuple(ShownBlock(each, room.take(each.text)) for each in part.blocks[:BLOCKS])
    return ShownPart(
        part,
        TITLES[part.name],
        WHY.get(part.name, ""),
        None if part.blocks or not part.text else room.take(part.text),
        blocks,
        len(part.blocks) - len(blocks),
    )


def _shares(found: object) -> list[tuple[str, float]]:
    """The likeliest labels first."""
    items = found.items() if isinstance(found, dict) else ()
    pairs = [(str(label), share) for label, share in items if recorded.number_of(share) is not None]
    return sorted(pairs, key=lambda pair: -pair[1])


def _answered_by(found: object) -> str | None:
    """Who answered, where it was not the model alone; earlier releases recorded nothing."""
    if found in (None, "model"):
        return None
    return ANSWERED.get(str(found), str(found))


def _milliseconds(details: Mapping[str, Any]) -> list[tuple[str, float]]:
    names = {
        "generation_ms": "writing the adapter",
        "prefill_ms": "reading the prompt",
        "decode_ms": "writing the answer",
    }
    timings = details.get("timings")
    found = timings if isinstance(timings, dict) else {}
    taken = [(told, recorded.number_of(found.get(name))) for name, told in names.items()]
    return [(told, each) for told, each in taken if each is not None]


def _card(visit: Visit, session_id: str, step: StepRecord) -> Any:
    """What is known of the step's adapter; None: the base's own weights, or out of sight."""
    if step.adapter_digest is None:
        return None
    with suppress(MissingError):
        return adapter_card(visit.app, session_id, step.adapter_digest)
    return None
