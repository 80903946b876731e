"""Full-text search over the memory items a session can see.

Knows nothing of writing. The user's words never reach the FTS5 query language as they are: they
are cut at everything the tokenizer also cuts at, and each word is quoted.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from checkpoints.history import in_lineage
from checkpoints.records import Hit

if TYPE_CHECKING:
    from sqlite_utils import Database

# Words that nearly every English text holds: as search terms they cost time and rank nothing.
_STOPWORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had"  # noqa: SIM905  # legible
    " has have he her his how i if in into is it its may me my of on or our she should so than"
    " that the their them then there these they this to was we were what when where which who why"
    " will with would you your".split()
)

_MOST_WORDS = 256


def match_expression(query: str) -> str | None:
    """The FTS5 expression for any of the words of `query`; None when it holds no word.

    Stopwords are left out, unless there is nothing else. Of a very long query the longest
    words are kept: they are the rarest, and the time of a search grows with their number.
    """
    words = dict.fromkeys("".join(_kept(c) for c in query).lower().split())
    telling = [word for word in words if word not in _STOPWORDS] or list(words)
    chosen = sorted(telling, key=len, reverse=True)[:_MOST_WORDS]
    return " OR ".join(f'"{word}"' for word in chosen) or None


def _kept(character: str) -> str:
    # Letters, marks, numbers and private use: the token characters of unicode61.
    category = unicodedata.category(character)
    return character if category[0] in "LMN" or category == "Co" else " "


def search(db: Database, branch: int, query: str, limit: int) -> list[Hit]:
    """The best `limit` items visible from `branch`, best first."""
    match = match_expression(query)
    if match is None or limit < 1:
        return []
    rows = in_lineage(
        db,
        branch,
        # Ranked first, and only the winners' texts are read.
        """
        SELECT items.id AS item_id, texts.text, items.source, items.kind,
               CASE items.kind WHEN 'step' THEN nodes.steps END AS step,
               nodes.created_at, best.score
        FROM (
            SELECT items.id, -bm25(item_index) AS score
            FROM item_index
            JOIN items ON items.text_id = item_index.rowid
            JOIN lineage ON items.branch = lineage.branch AND items.seq <= lineage.top
            WHERE item_index MATCH :match
            ORDER BY score DESC, items.id
            LIMIT :limit
        ) AS best
        JOIN items ON items.id = best.id
        JOIN nodes ON nodes.branch = items.branch AND nodes.seq = items.seq
        JOIN texts ON texts.id = items.text_id
        ORDER BY best.score DESC, items.id
        """,
        match=match,
        limit=limit,
    )
    return [Hit(**row) for row in rows]
