"""Databases as earlier releases had them, made from one of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_TASKS = (
    "task_days",
    "task_version_examples",
    "task_examples",
    "correction_sources",
    "corrections",
    "task_versions",
    "named_tasks",
)


def forget_tasks(db: sqlite3.Connection) -> None:
    """Take away what the twelfth step of the schema adds, and be at the eleventh."""
    for table in _TASKS:
        db.execute(f"DROP TABLE {table}")
    db.execute("PRAGMA user_version = 11")
