"""Two histories side by side: two jobs, or a job and a branch of it, or one step of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from checkpoints import BadIdentifier, UnknownSession
from checkpoints.text.graphemes import beginning
from mcp_server.jobs.past.diffs import CHARS, Diff, diff
from mcp_server.jobs.past.prompts import prompt_of
from mcp_server.jobs.present import task_text
from mcp_server.page.parts.room import Room
from mcp_server.page.views.jobs import described
from mcp_server.page.visit import Shown
from mcp_server.schema.uris import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints import Comparison, Pair, Side, StepLine, StepRecord
    from mcp_server.jobs.past.values import PastPrompt
    from mcp_server.page.visit import Visit

PAGE = 50
LATEST = 30
"""Jobs to choose from, the ones begun last."""
SIDE_CHARS, SIDE_BYTES = 160, 500
"""Of each of a side's texts in a list of steps, and of all of them."""
LIST_BYTES = 60_000
"""Of the differences in a list."""
DIFF_BYTES = 36_000
"""Of the difference between two whole texts."""
WORDS = {
    "input": "input",
    "task": "task",
    "version": "version of the task",
    "mode": "mode",
    "adapter": "weights",
    "output": "output",
    "prompt": "prompt",
}


@dataclass(frozen=True)
class Texts:
    """The beginnings of a step's texts."""

    task: str
    input: str
    output: str


@dataclass(frozen=True)
class Stretch:
    """Pairs of steps of a page: such as do not differ as one, others one by one."""

    pairs: tuple[Pair, ...]
    same: bool
    sides: tuple[Texts | None, ...] = ()
    output: Diff | None = None
    """How the outputs differ, as far as lines of them go, and where there is room."""


@dataclass(frozen=True)
class Whole:
    """A step of one side, with its prompt."""

    step: StepRecord
    prompt: PastPrompt


def shown(visit: Visit) -> Shown:
    """The histories `a` and `b`, by the ids of jobs or checkpoints; with `n` that step of both.

    Raises:
        MemoryFault: memory cannot be read.
        InputError: a number is none.
        MissingError: neither has step `n`.
    """
    one, other = (visit.query.get(name, "").strip() for name in ("a", "b"))
    values: dict[str, Any] = {"a": one, "b": other, "problems": {}, "latest": _latest(visit)}
    if not one or not other:
        return Shown("compare.html", "Compare", values)
    for name, handle in (("a", one), ("b", other)):
        try:
            visit.store.timeline.side(handle)
        except (BadIdentifier, UnknownSession) as error:
            values["problems"][name] = str(error).partition(": ")[2] or str(error)
    if values["problems"]:
        return Shown("compare.html", "Compare", values, 404)
    n = visit.number("n")
    if n is not None:
        return _step(visit, one, other, n, values)
    return _histories(visit, one, other, values)


def _histories(visit: Visit, one: str, other: str, values: dict[str, Any]) -> Shown:
    """A page of both, from shortly before the first difference on if nothing else is asked for."""
    found = visit.store.timeline.compare(one, other, visit.number("after"), PAGE)
    starts = min([n for n in (found.first, found.first_prompt) if n is not None], default=None)
    values |= {
        "found": found,
        "starts": starts,
        "after": found.after,
        "page": PAGE,
        "longest": max(found.one.steps, found.other.steps),
        "sides": [_side(visit, each) for each in (found.one, found.other)],
        "stretches": list(_stretches(found)),
        "words": WORDS,
    }
    return Shown("compare.html", "Compare", values)


def _stretches(found: Comparison) -> Iterator[Stretch]:
    def same(pair: Pair) -> bool:
        return pair.one is not None and pair.other is not None and not pair.differing

    room = Room(LIST_BYTES)
    for alike, group in groupby(found.pairs, same):
        pairs = tuple(group)
        if alike:
            yield Stretch(pairs, same=True, sides=(_texts(pairs[0].one),))
            continue
        for pair in pairs:
            outputs = _outputs(pair)
            if outputs is not None and not room.fits("".join(run.text for run in outputs.runs)):
                outputs = None
            sides = (_texts(pair.one), _texts(pair.other))
            yield Stretch((pair,), same=False, sides=sides, output=outputs)


def _texts(line: StepLine | None) -> Texts | None:
    if line is None:
        return None
    room = Room(SIDE_BYTES)
    texts = (line.output, line.task, line.input)
    output, task, text = (room.take(beginning(each, SIDE_CHARS)).text for each in texts)
    return Texts(task, text, output)


def _outputs(pair: Pair) -> Diff | None:
    """How the outputs of a pair differ, as far as its lines have them."""
    if pair.one is None or pair.other is None or "output" not in pair.differing:
        return None
    one, other = _whole_part(pair.one), _whole_part(pair.other)
    left = pair.one.output_chars + pair.other.output_chars - len(one) - len(other)
    return replace(diff(one, other), cut=left)


def _whole_part(line: StepLine) -> str:
    """The beginning of an output without the ellipsis that says that there is more."""
    return line.output[:-1] if line.output_chars > len(line.output) else line.output


def _side(visit: Visit, side: Side) -> dict[str, Any]:
    task = visit.store.session(side.session_id).task
    return {"side": side, "task": task_text(described(task))}


def _step(visit: Visit, one: str, other: str, n: int, values: dict[str, Any]) -> Shown:
    """One step of both, with what differs in whole texts."""
    wholes = [_whole(visit, handle, n) for handle in (one, other)]
    if not any(wholes):
        raise MissingError(f"n: neither has a step {n}")
    left, right = wholes
    diffs: dict[str, Diff] = {}
    if left is not None and right is not None:
        diffs = {
            "Task": _diff(_task(left.step), _task(right.step)),
            "Input": _diff(left.step.input, right.step.input),
            "Prompt": _diff(left.prompt.whole, right.prompt.whole),
            "Output": _diff(left.step.output, right.step.output),
        }
    sides = [_side(visit, visit.store.timeline.side(handle)) for handle in (one, other)]
    values |= {
        "n": n,
        "wholes": wholes,
        "diffs": diffs,
        "sides": sides,
        "steps": [each["side"].steps for each in sides],
    }
    return Shown("compare_step.html", f"Compare step {n}", values)


def _diff(one: str, other: str) -> Diff:
    """How two texts differ, as far as there is room for it."""
    chars = CHARS
    while True:
        found = diff(one, other, chars)
        if Room(DIFF_BYTES).fits("".join(run.text for run in found.runs)):
            return found
        chars //= 2


def _whole(visit: Visit, handle: str, n: int) -> Whole | None:
    found = prompt_of(visit.store, handle, n)
    return None if found is None else Whole(*found)


def _task(step: StepRecord) -> str:
    return task_text(step.task) or ""


def _latest(visit: Visit) -> list[tuple[str, str]]:
    """The jobs that were begun last, by their tasks."""
    return [
        (session.id, task_text(described(session.task)) or "no task yet")
        for session in visit.store.sessions(LATEST)
    ]
