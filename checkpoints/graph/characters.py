"""The index of characters: what of memory is in scripts that put no spaces between words.

It holds such texts alone, as pairs of their characters, and no text itself: what is deleted from it
is derived anew from the text. The caller holds the transaction.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING

from checkpoints.text.words import character_terms, is_spaceless

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from sqlite_utils import Database

    Ints = NDArray[np.int64]

# What a fill looks through in one transaction at most: ids, and characters of texts. A tenth of a
# second where all of them are Chinese.
_IDS, _READ, _INDEXED = 5_000, 2_000_000, 30_000

_UNFILLED = """
SELECT texts.id, texts.text FROM texts
WHERE texts.id > ? AND texts.id <= ?
  AND EXISTS (SELECT 1 FROM items WHERE items.text_id = texts.id)
  AND NOT EXISTS (SELECT 1 FROM character_index_docsize WHERE id = texts.id)
ORDER BY texts.id
"""


def add(db: Database, text_id: int, text: str) -> None:
    """Index a text that becomes a memory item, if it has anything for this index."""
    if terms := character_terms(text):
        db.execute("INSERT INTO character_index (rowid, terms) VALUES (?, ?)", [text_id, terms])


def in_use(db: Database) -> bool:
    """Whether any text is in the index of characters."""
    row = db.execute("SELECT EXISTS (SELECT 1 FROM character_index_docsize)").fetchone()
    return bool(row[0])


def held(db: Database, text_ids: Ints) -> list[int]:
    """Those of some texts that are in the index of characters."""
    rows = db.execute(
        "SELECT value FROM json_each(?) WHERE value IN (SELECT id FROM character_index_docsize)",
        [json.dumps(text_ids.tolist())],
    )
    return [int(row[0]) for row in rows]


def filled_to(db: Database) -> int | None:
    """Up to which id the texts of before the index are in it; None once they all are."""
    row = db.execute("SELECT done FROM character_fill WHERE done < last").fetchone()
    return None if row is None else int(row[0])


def fill(db: Database) -> bool:
    """Index the next texts from before there was an index of characters; whether any are left."""
    row = db.execute("SELECT done, last FROM character_fill WHERE done < last").fetchone()
    if row is None:
        return False
    done, last = row
    upto, read, indexed = min(done + _IDS, last), 0, 0
    for text_id, text in db.execute(_UNFILLED, [done, upto]):
        read += len(text)
        if is_spaceless(text):
            add(db, text_id, text)
            indexed += len(text)
        if read > _READ or indexed > _INDEXED:
            upto = text_id
            break
    db.execute("UPDATE character_fill SET done = ?", [upto])
    return bool(upto < last)


def problems(db: Database) -> Iterator[str]:
    """What is wrong with the index, one line."""
    # FTS5's own check counts as a write, which a reader beside a server may not do.
    db.executescript(
        """
        CREATE VIRTUAL TABLE temp.fresh_pairs USING fts5(
            terms, content = '', detail = none, tokenize = 'porter ascii'
        );
        CREATE VIRTUAL TABLE temp.fresh_characters USING fts5vocab(temp, fresh_pairs, instance);
        CREATE VIRTUAL TABLE temp.kept_characters USING fts5vocab(main, character_index, instance);
        """
    )
    # Those that are still to be filled in are no fault.
    texts = db.execute(
        """
        SELECT id, text FROM character_fill CROSS JOIN item_texts
        WHERE NOT (id > done AND id <= last) OR id IN (SELECT id FROM character_index_docsize)
        ORDER BY id
        """
    )
    db.conn.executemany(
        "INSERT INTO temp.fresh_pairs (rowid, terms) VALUES (?, ?)",
        ((text_id, terms) for text_id, text in texts if (terms := character_terms(text))),
    )
    fresh, kept = (
        db.execute(f"SELECT CAST(term AS BLOB), doc FROM temp.{table}_characters")  # noqa: S608  # two fixed names
        for table in ("fresh", "kept")
    )
    if any(a != b for a, b in zip_longest(fresh, kept)):
        yield "index of characters: does not match the texts"
