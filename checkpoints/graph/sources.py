"""Which sources a history has, and what is said of a name that is none of them.

The caller holds the transaction.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from checkpoints.errors import UnknownSource
from checkpoints.graph.history import in_lineage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

# How many names, and how much of each, are compared: it takes a product of lengths.
_COMPARED, _CHARS = 2_000, 200
_LEAST_LIKE, _SHOWN = 0.3, 3


def require_sources(db: Database, branch: int, field: str, names: Iterable[str]) -> None:
    """Raise UnknownSource, with the nearest names, for one that no item of the history has."""
    for name in names:
        if not in_lineage(
            db,
            branch,
            """
            SELECT 1 FROM lineage
            CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
            WHERE items.source = :source LIMIT 1
            """,
            source=name,
        ):
            rows = in_lineage(
                db,
                branch,
                """
                SELECT DISTINCT items.source FROM lineage
                CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
                WHERE items.kind = 'document' LIMIT :most
                """,
                most=_COMPARED,
            )
            raise UnknownSource(field, name, nearest(name, [row["source"] for row in rows]))


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """The names most like one: those that hold it or are held by it first."""
    within = [each for each in names if each and (name in each or each in name)]
    ends = {each[-_CHARS:]: each for each in names}
    like = get_close_matches(name[-_CHARS:], list(ends), _SHOWN, _LEAST_LIKE)
    return list(dict.fromkeys([*sorted(within, key=len), *(ends[each] for each in like)]))[:_SHOWN]
