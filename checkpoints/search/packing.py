"""Choosing what of a search is shown: the best hits under a token budget, in their original order.

Neighbours become one excerpt, without the stretch that both hold. The caller counts the tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from checkpoints.records import Hit, Origin

# Longer than pieces of documents overlap; a shorter common stretch is chance.
_MOST_SHARED, _LEAST_SHARED = 200, 8


@dataclass(frozen=True)
class Piece:
    """An item of a merged excerpt: `text[start:end]` of the excerpt is its own text."""

    item_id: int
    start: int
    end: int
    place: str


@dataclass(frozen=True)
class Excerpt:
    """One item, or neighbouring items as one text; `score` is the best one's.

    `pieces` says of merged ones which item is which part; neighbours share what both hold.
    """

    text: str
    source: str
    place: str
    created_at: str
    score: float
    step: int | None
    origin: Origin
    pinned: bool
    item_ids: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()
    input: str | None = None


@dataclass(frozen=True)
class Packed:
    """What is shown, and how many found items are not."""

    excerpts: tuple[Excerpt, ...]
    left_out: int


def alone(hit: Hit) -> Excerpt:
    """A single item as an excerpt."""
    return _merged([hit])


def shown(excerpt: Excerpt | Hit) -> str:
    """An excerpt under its source, place and date, as prompts show it."""
    head = ", ".join(part for part in (excerpt.source, excerpt.place) if part)
    return f"[{' '.join(head.split())}, {excerpt.created_at[:10]}]\n{excerpt.text}"


def with_input(excerpt: Excerpt | Hit) -> str:
    """As `shown`, with the beginning of a step's input before its output."""
    asked = "" if excerpt.input is None else f"{excerpt.input}\n\n"
    return f"{asked}{shown(excerpt)}"


def pack(
    hits: Sequence[Hit],
    room: int,
    count: Callable[[str], int],
    form: Callable[[Hit | Excerpt], str] = shown,
) -> Packed:
    """The best hits that together take at most `room` tokens, then neighbours while they fit.

    Args:
        hits: best first, as `Store.recall` gives them.
        room: most tokens of all excerpts in their form, with a blank line between them.
        count: tokens of a text.
        form: how an excerpt will be shown.
    """
    cost = cache(lambda hit: count(f"{form(hit)}\n\n"))
    kept: dict[int, Hit] = {}
    refused: set[int] = set()
    spare = room
    while added := _fill(kept, [h for h in hits if h.item_id not in refused], spare, cost):
        # Joined, texts may take a token more than by themselves, and neighbours take fewer.
        while (spare := room - _taken(kept, count, form)) < 0 and added:
            refused.add(added[-1])
            del kept[added.pop()]
    texts = {hit.text for hit in kept.values()}
    left_out = len({h.item_id for h in hits if h.found and h.text not in texts})
    return Packed(_excerpts(kept), left_out)


def _fill(
    kept: dict[int, Hit], hits: Sequence[Hit], room: int, cost: Callable[[Hit], int]
) -> list[int]:
    """Keep the best of the other hits that fit, then neighbours; gives those that came."""
    before, texts = len(kept), {hit.text for hit in kept.values()}
    for found in (True, False):
        for hit in hits:
            if hit.found != found or hit.text in texts:
                continue
            if not found and not any(_adjacent(hit, other) for other in kept.values()):
                continue
            if cost(hit) <= room:
                room -= cost(hit)
                kept[hit.item_id] = hit
                texts.add(hit.text)
    return list(kept)[before:]


def _taken(
    kept: dict[int, Hit], count: Callable[[str], int], form: Callable[[Hit | Excerpt], str]
) -> int:
    return count("\n\n".join(map(form, _excerpts(kept))))


def _excerpts(kept: dict[int, Hit]) -> tuple[Excerpt, ...]:
    return tuple(_merged(run) for run in _runs(list(kept.values())))


def _adjacent(one: Hit, other: Hit) -> bool:
    same = (one.kind, one.source) == (other.kind, other.source)
    return same and one.kind == "document" and abs(one.order - other.order) == 1


def _runs(hits: list[Hit]) -> Iterator[list[Hit]]:
    """Neighbours together, all in their original order."""
    run: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: hit.item_id):
        if run and not (_adjacent(run[-1], hit) and run[-1].order < hit.order):
            yield run
            run = []
        run.append(hit)
    if run:
        yield run


def _merged(run: list[Hit]) -> Excerpt:
    first, text = run[0], run[0].text
    pieces = [Piece(first.item_id, 0, len(text), first.place)]
    for one, other in pairwise(run):
        shared = _shared(one.text, other.text)
        text += other.text[shared:] if shared else f"\n{other.text}"
        start = len(text) - len(other.text)
        pieces.append(Piece(other.item_id, start, len(text), other.place))
    places = list(dict.fromkeys(hit.place for hit in run if hit.place))
    return Excerpt(
        text=text,
        source=first.source,
        place=" to ".join([places[0], *places[-1:][: len(places) - 1]]) if places else "",
        created_at=first.created_at,
        score=max(hit.score for hit in run),
        step=first.step,
        origin=first.origin,
        pinned=any(hit.pinned for hit in run),
        item_ids=tuple(hit.item_id for hit in run),
        pieces=tuple(pieces) if len(pieces) > 1 else (),
        input=first.input,
    )


def _shared(one: str, other: str) -> int:
    """How many characters the end of `one` and the beginning of `other` have in common."""
    for length in range(min(len(one), len(other), _MOST_SHARED), _LEAST_SHARED - 1, -1):
        if one.endswith(other[:length]):
            return length
    return 0
