"""Taking away the texts that nothing holds any more, with their words and vectors.

Texts are stored once for all sessions: one that another session, source or step holds stays. The
caller holds the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints.deletion.prune import UNINDEXING
from checkpoints.tasks.schema import HELD_TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

_STILL_USED = f"""
SELECT text_id FROM items WHERE text_id IN (SELECT id FROM temp.candidates)
UNION SELECT input_id FROM steps WHERE input_id IN (SELECT id FROM temp.candidates)
UNION SELECT output_id FROM steps WHERE output_id IN (SELECT id FROM temp.candidates)
UNION SELECT task_id FROM steps WHERE task_id IN (SELECT id FROM temp.candidates)
UNION SELECT task_id FROM nodes WHERE task_id IN (SELECT id FROM temp.candidates)
UNION SELECT id FROM ({HELD_TEXTS}) WHERE id IN (SELECT id FROM temp.candidates)
"""  # noqa: S608  # a constant


def remove(db: Database, candidates: Iterable[int], items: Iterable[int]) -> set[int]:
    """Delete those texts of `candidates` that nothing holds; returns the others.

    `items` are those of them that were memory items when this transaction began: where none is
    left, the text leaves the search index.
    """
    for table in ("candidates", "unindexed"):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
        db.execute(f"CREATE TEMP TABLE {table} (id INTEGER PRIMARY KEY)")
    add = "INSERT OR IGNORE INTO temp.{} (id) VALUES (?)"
    db.conn.executemany(add.format("candidates"), [(each,) for each in candidates])
    db.conn.executemany(add.format("unindexed"), [(each,) for each in items])
    db.execute("DELETE FROM temp.unindexed WHERE id IN (SELECT text_id FROM items)")
    for statement in UNINDEXING:
        db.execute(statement)
    used = {row[0] for row in db.execute(_STILL_USED)}
    db.conn.executemany("DELETE FROM temp.candidates WHERE id = ?", [(each,) for each in used])
    for statement in (
        "DELETE FROM pins WHERE text_id IN (SELECT id FROM temp.candidates)",
        "DELETE FROM texts WHERE id IN (SELECT id FROM temp.candidates)",
        "DROP TABLE temp.unindexed",
        "DROP TABLE temp.candidates",
    ):
        db.execute(statement)
    return used


def holders(db: Database, texts: Iterable[int]) -> list[int]:
    """Branches that hold some of these texts."""
    db.execute("DROP TABLE IF EXISTS temp.candidates")
    db.execute("CREATE TEMP TABLE candidates (id INTEGER PRIMARY KEY)")
    db.conn.executemany("INSERT INTO temp.candidates VALUES (?)", [(each,) for each in texts])
    rows = db.execute(
        """
        SELECT branch FROM items WHERE text_id IN (SELECT id FROM temp.candidates)
        UNION SELECT branch FROM steps WHERE input_id IN (SELECT id FROM temp.candidates)
            OR output_id IN (SELECT id FROM temp.candidates)
            OR task_id IN (SELECT id FROM temp.candidates)
        ORDER BY branch
        """
    ).fetchall()
    db.execute("DROP TABLE temp.candidates")
    return [row[0] for row in rows]


def text_bytes(db: Database, texts: Iterable[int]) -> int:
    """What some texts take, in UTF-8."""
    sql = "SELECT length(CAST(text AS BLOB)) FROM texts WHERE id = ?"
    return sum(int(db.execute(sql, [text_id]).fetchone()[0]) for text_id in texts)
