"""What of deleted texts is left in a family's memory because it is what another item says itself.

The caller holds the transaction.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from checkpoints.deletion.family import IN_FAMILY
from checkpoints.deletion.quotes import Quotes, word_count
from checkpoints.graph.history import tuples_in_lineage
from checkpoints.graph.rows import select
from checkpoints.text.graphemes import shortened
from checkpoints.text.letters import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

    _Text = tuple[str, int, str]

# What is read at once, in characters, and how much of a name is shown.
_READ, _SHOWN = 500_000, 100
# How many are named.
_NAMED = 100

_ITEMS = f"""
SELECT items.source, items.id, texts.text FROM items JOIN texts ON texts.id = items.text_id
WHERE items.{IN_FAMILY} AND items.kind = 'document' ORDER BY items.id
"""  # noqa: S608  # a constant

_THEIR_ITEMS = """
SELECT items.source, items.id, texts.text FROM lineage
CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
JOIN texts ON texts.id = items.text_id WHERE items.kind = 'document'
"""

_THEIR_STEPS = """
SELECT '', steps.n, texts.text FROM lineage
CROSS JOIN steps ON steps.branch = lineage.branch AND steps.seq <= lineage.top
JOIN texts ON texts.id IN (steps.input_id, steps.output_id)
"""

_WORDS = f"""
SELECT DISTINCT '', 0, texts.text FROM steps
JOIN texts ON texts.id IN (steps.input_id, steps.output_id, steps.task_id)
WHERE steps.{IN_FAMILY}
UNION ALL {_ITEMS.replace("ORDER BY items.id", "")}
"""  # noqa: S608  # a constant


def left(db: Database, quotes: Quotes, source: str | None) -> tuple[str, ...]:
    """A line for each item that still quotes what `quotes` finds, and on a name of one word."""
    found: list[str] = []
    more = 0
    for name, item_id, _ in _holding(quotes, db.execute(_ITEMS)):
        if len(found) < _NAMED:
            found.append(
                f"item {item_id} of {shortened(name, _SHOWN)!r} says it too: delete it by its "
                "item_id"
            )
        else:
            more += 1
    if more:
        found.append(f"{more} more items say it too")
    if source is not None and word_count(source) == 1:
        word = Quotes((), 1, 1, [source])
        if count := sum(1 for _ in _holding(word, db.execute(_WORDS))):
            found.append(
                f"the source's name, {shortened(source, _SHOWN)!r}, is a single word and stands "
                f"in {count} other texts, where it was left"
            )
    return tuple(found)


def elsewhere(db: Database, quotes: Quotes, sessions: Sequence[str]) -> tuple[str, ...]:
    """A line for each item and step of other sessions of the family that quotes."""
    found: dict[tuple[str, int], str] = {}
    for session in sessions:
        branch = select(db, "SELECT branch FROM sessions WHERE id = ?", [session])[0]["branch"]
        for what, sql in (("item", _THEIR_ITEMS), ("step", _THEIR_STEPS)):
            for _, number, _ in _holding(quotes, tuples_in_lineage(db, branch, sql)):
                found.setdefault(
                    (what, number),
                    f"{what} {number} of session {session} quotes it: to be rid of that, delete "
                    f"{'it' if what == 'item' else 'its output'} there, or that session",
                )
    lines = list(found.values())
    more = [f"{len(lines) - _NAMED} more quote it"] if len(lines) > _NAMED else []
    return (*lines[:_NAMED], *more)


def _holding(quotes: Quotes, rows: Any) -> Iterator[_Text]:
    """Those texts that quote, a lot of them read at a time."""
    lot: list[_Text] = []
    size = 0
    for row in rows:
        lot.append(row)
        size += len(row[2])
        if size > _READ:
            yield from _of_lot(quotes, lot)
            lot, size = [], 0
    yield from _of_lot(quotes, lot)


def _of_lot(quotes: Quotes, lot: list[_Text]) -> Iterator[_Text]:
    starts = list(accumulate((len(text) + 1 for *_, text in lot), initial=0))
    spans = quotes.spans(SEPARATOR.join(text for *_, text in lot))
    for at in dict.fromkeys(bisect_right(starts, begin) - 1 for begin, _ in spans):
        yield lot[at]
