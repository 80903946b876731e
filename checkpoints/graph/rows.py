"""Rows in and out of a statement, on the paths that every step takes.

sqlite-utils looks the table up, wraps each statement in a savepoint and builds the same SQL anew
every time, which was a third of a step's commit; here the names are this package's own constants.
The caller holds the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database


def select(
    db: Database, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    """The rows of a query, by column name."""
    found = db.execute(sql, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def insert(db: Database, table: str, row: Mapping[str, Any]) -> int:
    """Insert one row and give its rowid. Table and columns are never a user's words."""
    columns, places = ", ".join(row), ", ".join("?" * len(row))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608  # constants, see above
    row_id: int = db.execute(sql, list(row.values())).lastrowid
    return row_id
