"""The tables of named tasks, as one step of the schema; released, it is never edited.

A version is immutable: its digest covers task, number, parent, definition and examples. A
contribution (a row of `task_examples`) is an example that was given or came from a correction;
each version lists the contributions that it knows, and the state of each: only those in state 0
are what the weights see. So a version that was left can be gone back to, and what was set aside
can come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

HELD_TEXTS = """
SELECT definition_id AS id FROM task_versions
UNION SELECT input_id FROM task_examples UNION SELECT output_id FROM task_examples
UNION SELECT input_id FROM corrections UNION SELECT output_id FROM corrections
"""
"""The texts that tasks and corrections hold."""


def m012_named_tasks(db: Database) -> None:
    """Named tasks, their versions and examples, corrections of steps, and counts by day.

    `current` is the number of a version, `follows` the id of the version that one was made from, or
    of the last before it that is kept. A version over the limit is dropped: it knows no example any
    more, and still says which task a step ran with. A correction of a pruned step has no place.
    `correction_sources` says which memory items a corrected step had in its input or its prompt,
    by text and source as quarantines name them.
    """
    db.executescript(
        """
        CREATE TABLE named_tasks (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            principal TEXT,
            shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
            current INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX named_tasks_once ON named_tasks(
            name, principal IS NULL, coalesce(principal, '')
        );
        CREATE TABLE task_versions (
            id INTEGER PRIMARY KEY,
            task INTEGER NOT NULL REFERENCES named_tasks(number),
            number INTEGER NOT NULL,
            digest TEXT NOT NULL UNIQUE,
            parent TEXT,
            follows INTEGER,
            definition_id INTEGER NOT NULL REFERENCES texts(id),
            cause TEXT NOT NULL,
            created_at TEXT NOT NULL,
            redacted_at TEXT,
            dropped_at TEXT,
            quality_json TEXT,
            accepted INTEGER CHECK (accepted IN (0, 1)),
            measured_at TEXT,
            UNIQUE (task, number),
            CHECK ((quality_json IS NULL) = (accepted IS NULL)),
            CHECK ((quality_json IS NULL) = (measured_at IS NULL))
        ) STRICT;
        CREATE TABLE corrections (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            session_id TEXT NOT NULL REFERENCES sessions(id),
            branch INTEGER,
            seq INTEGER,
            n INTEGER NOT NULL,
            node_id TEXT NOT NULL,
            ordinal INTEGER NOT NULL,
            input_id INTEGER NOT NULL REFERENCES texts(id),
            output_id INTEGER NOT NULL REFERENCES texts(id),
            confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
            task INTEGER REFERENCES named_tasks(number),
            task_version TEXT,
            task_key TEXT NOT NULL,
            adapter_digest TEXT,
            created_at TEXT NOT NULL,
            ended TEXT CHECK (ended IN ('taken back', 'replaced')),
            ended_at TEXT,
            UNIQUE (session_id, id),
            FOREIGN KEY (branch, seq) REFERENCES nodes(branch, seq),
            CHECK ((branch IS NULL) = (seq IS NULL)),
            CHECK ((ended IS NULL) = (ended_at IS NULL))
        ) STRICT;
        CREATE INDEX corrections_by_place ON corrections(branch, seq);
        CREATE INDEX corrections_by_task ON corrections(task);
        CREATE TABLE correction_sources (
            correction INTEGER NOT NULL REFERENCES corrections(number),
            text_sha256 TEXT NOT NULL,
            source TEXT NOT NULL,
            PRIMARY KEY (correction, text_sha256, source)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE task_examples (
            id INTEGER PRIMARY KEY,
            task INTEGER NOT NULL REFERENCES named_tasks(number),
            input_id INTEGER NOT NULL REFERENCES texts(id),
            output_id INTEGER NOT NULL REFERENCES texts(id),
            source TEXT NOT NULL,
            correction INTEGER UNIQUE REFERENCES corrections(number)
        ) STRICT;
        CREATE INDEX task_examples_by_task ON task_examples(task);
        CREATE TABLE task_version_examples (
            version INTEGER NOT NULL REFERENCES task_versions(id),
            position INTEGER NOT NULL,
            example INTEGER NOT NULL REFERENCES task_examples(id),
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
            PRIMARY KEY (version, position)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX task_version_examples_once ON task_version_examples(example, version);
        CREATE TABLE task_days (
            task INTEGER NOT NULL REFERENCES named_tasks(number),
            day TEXT NOT NULL,
            steps INTEGER NOT NULL DEFAULT 0,
            asked INTEGER NOT NULL DEFAULT 0,
            corrected INTEGER NOT NULL DEFAULT 0,
            confirmed INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (task, day)
        ) STRICT, WITHOUT ROWID;
        """
    )
