"""Two histories side by side: what they share, where they part, and in what their steps differ.

The caller holds the transaction.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from checkpoints.graph.history import LAST_SEQ, tuples_in_lineage
from checkpoints.timeline.lines import lines
from checkpoints.timeline.place import segments, step_seqs, steps_at
from checkpoints.timeline.values import Comparison, Pair, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from checkpoints.graph.access import Visibility
    from checkpoints.timeline.place import Place
    from checkpoints.timeline.values import StepLine, What

# What a node says of its step, in the order in which it is shown.
_FIELDS: tuple[tuple[str, What], ...] = (
    ("input", "input"),
    ("task", "task"),
    ("task_version", "version"),
    ("mode", "mode"),
    ("adapter_digest", "adapter"),
    ("output", "output"),
)
# Rows at a time while the first difference is looked for.
_CHUNK = 500
# Steps shown before the first that differs.
_BEFORE = 2

_CONTENTS = """
SELECT nodes.steps, nodes.content_json FROM lineage
CROSS JOIN nodes ON nodes.branch = lineage.branch AND nodes.seq <= lineage.top
    AND nodes.seq BETWEEN :low AND :high
WHERE nodes.kind = 'step' ORDER BY nodes.seq
"""

# By its place in the text: reading the whole of every result as JSON takes twice as long. No
# text within it has such a key, as its quotes are escaped there.
_PROMPTS = """
SELECT steps.n, CASE instr(steps.result_json, '"prompt_sha256":"') WHEN 0 THEN '' ELSE
    substr(steps.result_json, instr(steps.result_json, '"prompt_sha256":"') + 17, 64) END
FROM lineage
CROSS JOIN steps ON steps.branch = lineage.branch AND steps.seq <= lineage.top
    AND steps.seq BETWEEN :low AND :high
ORDER BY steps.seq
"""


def compare(
    db: Database, visibility: Visibility, one: Place, other: Place, after: int | None, limit: int
) -> Comparison:
    """The `limit` pairs of steps after number `after`, and where the two histories part.

    None begins two steps before that.
    """
    shared = _shared(db, one, other)
    longest = max(one.steps, other.steps)
    first = _first(db, one, other, _CONTENTS, shared + 1, longest)
    before = longest if first is None else first
    first_prompt = _first(db, one, other, _PROMPTS, shared + 1, min(before, one.steps, other.steps))
    if after is None:
        starts = min((n for n in (first, first_prompt) if n is not None), default=1)
        after = max(starts - 1 - _BEFORE, 0)
    low, high = after + 1, min(after + limit, longest)
    left = {line.n: line for line in lines(db, visibility, one, low, high)}
    right = {line.n: line for line in lines(db, visibility, other, low, high)}
    contents = [dict(_rows(db, place, _CONTENTS, low, high)) for place in (one, other)]
    pairs = [
        Pair(
            n,
            left.get(n),
            right.get(n),
            _differing(left.get(n), right.get(n), [each.get(n) for each in contents]),
            shared=n <= shared,
        )
        for n in range(low, high + 1)
    ]
    return Comparison(side(one), side(other), shared, first, first_prompt, after, tuple(pairs))


def side(place: Place) -> Side:
    """Whose history ends at a place."""
    return Side(place.session["id"], place.checkpoint, place.steps)


def _shared(db: Database, one: Place, other: Place) -> int:
    """How many first steps two histories have in common as one and the same steps."""
    shared = 0
    for left, right in zip(
        segments(db, one.branch, one.last_seq),
        segments(db, other.branch, other.last_seq),
        strict=False,
    ):
        if left.branch != right.branch:
            break
        top = min(left.top, right.top)
        shared = min(one.steps, other.steps) if top == LAST_SEQ else steps_at(db, left.branch, top)
        if left.top != right.top:
            break
    return shared


def _first(db: Database, one: Place, other: Place, sql: str, first: int, last: int) -> int | None:
    """The first number, from `first` to `last`, at which a query gives not the same for both."""
    for low in range(first, last + 1, _CHUNK):
        high = min(low + _CHUNK - 1, last)
        rows = [_rows(db, place, sql, low, high) for place in (one, other)]
        if rows[0] == rows[1]:
            continue
        return next(int((left or right)[0]) for left, right in zip_longest(*rows) if left != right)
    return None


def _rows(db: Database, place: Place, sql: str, first: int, last: int) -> list[tuple[Any, ...]]:
    """The rows of the steps numbered `first` to `last`."""
    low, high = step_seqs(db, place, first, last)
    return tuples_in_lineage(db, place.branch, sql, last_seq=place.last_seq, low=low, high=high)


def _differing(
    left: StepLine | None, right: StepLine | None, contents: list[str | None]
) -> tuple[What, ...]:
    if left is None or right is None:
        return ()
    one, other = (json.loads(each or "{}") for each in contents)
    return tuple(_fields(one, other, left, right))


def _fields(
    one: dict[str, Any], other: dict[str, Any], left: StepLine, right: StepLine
) -> Iterator[What]:
    for name, what in _FIELDS:
        if one.get(name) != other.get(name):
            yield what
    if left.result.get("prompt_sha256") != right.result.get("prompt_sha256"):
        yield "prompt"
