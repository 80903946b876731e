"""The schema, as numbered steps from an empty database.

A released step is never edited: a change of schema is a new function at the end of the list.
Each function runs inside the caller's transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints.tasks.schema import m012_named_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

# "HNmc" in ASCII; tells our files from any other program's SQLite databases.
APPLICATION_ID = 0x484E6D63


def m001_history_graph(db: Database) -> None:
    """Sessions, branches, nodes, and what the nodes bring.

    A node carries the totals of the history up to itself, so that a session's summary is one
    row however long the history is. Every text is in `texts` once; `item_texts` is the part of
    it that is searchable.
    """
    db.executescript(
        """
        CREATE TABLE texts (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL
        ) STRICT;
        CREATE TABLE branches (
            id INTEGER PRIMARY KEY,
            parent_branch INTEGER REFERENCES branches(id),
            fork_seq INTEGER,
            CHECK ((parent_branch IS NULL) = (fork_seq IS NULL))
        ) STRICT;
        CREATE TABLE nodes (
            branch INTEGER NOT NULL REFERENCES branches(id),
            seq INTEGER NOT NULL,
            id TEXT NOT NULL,
            parent_id TEXT,
            kind TEXT NOT NULL CHECK (kind IN ('root', 'task', 'step', 'remember')),
            content_json TEXT NOT NULL,
            created_at TEXT NOT NULL,
            steps INTEGER NOT NULL,
            items INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            task_id INTEGER REFERENCES texts(id),
            PRIMARY KEY (branch, seq)
        ) STRICT;
        CREATE INDEX nodes_by_id ON nodes(id);
        CREATE TABLE steps (
            branch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            n INTEGER NOT NULL,
            input_id INTEGER NOT NULL REFERENCES texts(id),
            output_id INTEGER NOT NULL REFERENCES texts(id),
            task_id INTEGER NOT NULL REFERENCES texts(id),
            step_key TEXT,
            result_json TEXT NOT NULL,
            result_sha256 TEXT NOT NULL,
            PRIMARY KEY (branch, seq),
            UNIQUE (branch, n),
            UNIQUE (branch, step_key),
            FOREIGN KEY (branch, seq) REFERENCES nodes(branch, seq)
        ) STRICT;
        CREATE TABLE items (
            id INTEGER PRIMARY KEY,
            branch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            position INTEGER NOT NULL,
            text_id INTEGER NOT NULL REFERENCES texts(id),
            source TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('step', 'document')),
            UNIQUE (branch, seq, position),
            FOREIGN KEY (branch, seq) REFERENCES nodes(branch, seq)
        ) STRICT;
        CREATE INDEX items_by_text ON items(text_id, branch);
        CREATE TABLE checkpoints (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            session_id TEXT NOT NULL REFERENCES sessions(id),
            branch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            node_id TEXT NOT NULL,
            parent TEXT REFERENCES checkpoints(id),
            label TEXT,
            step INTEGER NOT NULL,
            items INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            FOREIGN KEY (branch, seq) REFERENCES nodes(branch, seq)
        ) STRICT;
        CREATE TABLE sessions (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            branch INTEGER NOT NULL REFERENCES branches(id),
            last_checkpoint TEXT REFERENCES checkpoints(id),
            principal TEXT,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT;
        CREATE VIEW item_texts AS
            SELECT id, text FROM texts WHERE id IN (SELECT text_id FROM items);
        CREATE VIRTUAL TABLE item_index USING fts5(
            text, content = 'item_texts', content_rowid = 'id', tokenize = 'porter unicode61'
        );
        """
    )


def m002_vectors_and_marks(db: Database) -> None:
    """Who wrote an item and where it is in its source; vectors; pins and quarantine.

    Vectors are derived from the texts; pins and quarantine are a session's state beside its
    history. Quarantine names a text by its hash, so that it holds for a text that was pruned
    and comes back. `ordinal` numbers the items of one source, for steps it is the step's number.
    """
    db.executescript(
        """
        ALTER TABLE items ADD COLUMN origin TEXT NOT NULL DEFAULT 'user'
            CHECK (origin IN ('user', 'tool', 'step'));
        ALTER TABLE items ADD COLUMN place TEXT NOT NULL DEFAULT '';
        ALTER TABLE items ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
        UPDATE items SET ordinal = position WHERE kind = 'document';
        UPDATE items SET origin = 'step', ordinal = (
            SELECT nodes.steps FROM nodes
            WHERE nodes.branch = items.branch AND nodes.seq = items.seq
        ) WHERE kind = 'step';
        -- A node's content may be long and stands before its date: searches read these here.
        CREATE INDEX nodes_by_place ON nodes(branch, seq, steps, created_at);
        CREATE TABLE encoders (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL
        ) STRICT;
        -- Never a number twice, also after pruning: readers ask for those after the last one seen.
        CREATE TABLE vectors (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            text_id INTEGER NOT NULL REFERENCES texts(id),
            encoder INTEGER NOT NULL REFERENCES encoders(id),
            data BLOB NOT NULL,
            crc32 INTEGER NOT NULL,
            UNIQUE (text_id, encoder)
        ) STRICT;
        CREATE TABLE pins (
            session_id TEXT NOT NULL REFERENCES sessions(id),
            text_id INTEGER NOT NULL REFERENCES texts(id),
            created_at TEXT NOT NULL,
            PRIMARY KEY (session_id, text_id)
        ) STRICT;
        CREATE TABLE quarantine (
            number INTEGER PRIMARY KEY,
            session_id TEXT NOT NULL REFERENCES sessions(id),
            text_sha256 TEXT,
            source TEXT,
            reason TEXT NOT NULL,
            created_at TEXT NOT NULL,
            UNIQUE (session_id, text_sha256),
            UNIQUE (session_id, source),
            CHECK ((text_sha256 IS NULL) <> (source IS NULL))
        ) STRICT;
        """
    )


def m003_pruning(db: Database) -> None:
    """Checkpoints that may be pruned, and whose owner may be in another database.

    A pruned checkpoint that others descend from stays as a mark, with all that its hash needs. The
    table is made anew because a session forked elsewhere brings checkpoints of a session that is
    not here, and SQLite cannot take a foreign key away.
    """
    db.executescript(
        """
        CREATE TEMP TABLE old_checkpoints AS SELECT * FROM checkpoints ORDER BY number;
        CREATE TEMP TABLE old_heads AS SELECT number, last_checkpoint FROM sessions;
        UPDATE sessions SET last_checkpoint = NULL;
        DELETE FROM checkpoints;
        DROP TABLE checkpoints;
        CREATE TABLE checkpoints (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            session_id TEXT NOT NULL,
            branch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            node_id TEXT NOT NULL,
            parent TEXT REFERENCES checkpoints(id),
            label TEXT,
            step INTEGER NOT NULL,
            items INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            pruned_at TEXT,
            FOREIGN KEY (branch, seq) REFERENCES nodes(branch, seq)
        ) STRICT;
        INSERT INTO checkpoints SELECT *, NULL FROM old_checkpoints;
        CREATE INDEX checkpoints_by_place ON checkpoints(branch, seq);
        CREATE INDEX checkpoints_by_parent ON checkpoints(parent);
        UPDATE sessions SET last_checkpoint = (
            SELECT last_checkpoint FROM old_heads WHERE old_heads.number = sessions.number
        );
        DROP TABLE old_checkpoints;
        DROP TABLE old_heads;
        """
    )


def m004_token_signs(db: Database) -> None:
    """The signs of a text's token vectors, beside its vector: searches compare words by them.

    In a table of their own, because a session's first search reads all its vectors and no tokens.
    Vectors from before have none here until the server has read their texts anew.
    """
    db.executescript(
        """
        CREATE TABLE token_signs (
            vector INTEGER PRIMARY KEY REFERENCES vectors(id),
            data BLOB NOT NULL,
            crc32 INTEGER NOT NULL
        ) STRICT;
        """
    )


def m005_revoked_adapters(db: Database) -> None:
    """Adapters that a session refuses; by digest, as adapters are never stored."""
    db.executescript(
        """
        CREATE TABLE revoked_adapters (
            number INTEGER PRIMARY KEY,
            session_id TEXT NOT NULL REFERENCES sessions(id),
            digest TEXT NOT NULL,
            reason TEXT NOT NULL,
            created_at TEXT NOT NULL,
            UNIQUE (session_id, digest)
        ) STRICT;
        """
    )


def m006_occurrences(db: Database) -> None:
    """Pins and quarantine are about a text of a source, as the same text may come from several.

    Until now a history held each text once, so a pin was of the source that it had; a quarantine
    of a text stays what it was, one of the text wherever it comes from (`source` is NULL).
    """
    db.executescript(
        """
        CREATE TEMP TABLE old_pins AS SELECT * FROM pins;
        DROP TABLE pins;
        CREATE TABLE pins (
            session_id TEXT NOT NULL REFERENCES sessions(id),
            text_id INTEGER NOT NULL REFERENCES texts(id),
            source TEXT NOT NULL,
            created_at TEXT NOT NULL,
            PRIMARY KEY (session_id, text_id, source)
        ) STRICT;
        INSERT INTO pins
            SELECT DISTINCT old_pins.session_id, old_pins.text_id, items.source, old_pins.created_at
            FROM old_pins JOIN items ON items.text_id = old_pins.text_id;
        DROP TABLE old_pins;
        CREATE TEMP TABLE old_quarantine AS SELECT * FROM quarantine ORDER BY number;
        DROP TABLE quarantine;
        CREATE TABLE quarantine (
            number INTEGER PRIMARY KEY,
            session_id TEXT NOT NULL REFERENCES sessions(id),
            text_sha256 TEXT,
            source TEXT,
            reason TEXT NOT NULL,
            created_at TEXT NOT NULL,
            CHECK (text_sha256 IS NOT NULL OR source IS NOT NULL)
        ) STRICT;
        CREATE UNIQUE INDEX quarantine_once ON quarantine(
            session_id, coalesce(text_sha256, ''), source IS NULL, coalesce(source, '')
        );
        INSERT INTO quarantine SELECT * FROM old_quarantine;
        DROP TABLE old_quarantine;
        """
    )


def m007_superseded(db: Database) -> None:
    """Items that a later version of their source replaced, each from a node of the history on."""
    db.executescript(
        """
        CREATE TABLE superseded (
            branch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            item_id INTEGER NOT NULL REFERENCES items(id),
            PRIMARY KEY (branch, seq, item_id),
            FOREIGN KEY (branch, seq) REFERENCES nodes(branch, seq)
        ) STRICT;
        CREATE INDEX superseded_items ON superseded(item_id);
        -- A folder that is remembered again asks for the items of each of its files.
        CREATE INDEX items_by_source ON items(source, branch);
        """
    )


def m008_token_ids(db: Database) -> None:
    """Which vectors have token signs, without reading the signs: each start asks about them all."""
    db.execute("CREATE INDEX token_signs_by_vector ON token_signs(vector)")


def m009_redacted(db: Database) -> None:
    """Nodes from whose content something was deleted for good: they keep ids that it had made."""
    db.executescript(
        """
        CREATE TABLE redacted (
            branch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            redacted_at TEXT NOT NULL,
            PRIMARY KEY (branch, seq),
            FOREIGN KEY (branch, seq) REFERENCES nodes(branch, seq)
        ) STRICT;
        """
    )


def m010_character_index(db: Database) -> None:
    """A second index, of pairs of characters, for scripts that put no spaces between words.

    It keeps no text and no positions. Filling it takes long in a large database, so the texts from
    before, up to the id `last`, are filled in later, those up to `done` so far.
    """
    db.executescript(
        """
        CREATE VIRTUAL TABLE character_index USING fts5(
            terms, content = '', detail = none, tokenize = 'porter ascii'
        );
        CREATE TABLE character_fill (
            done INTEGER NOT NULL,
            last INTEGER NOT NULL
        ) STRICT;
        INSERT INTO character_fill SELECT 0, coalesce(max(id), 0) FROM texts;
        """
    )


def m011_one_kana(db: Database) -> None:
    """The pairs of characters anew: hiragana and katakana are one, accents count for nothing."""
    db.executescript(
        """
        DROP TABLE character_index;
        CREATE VIRTUAL TABLE character_index USING fts5(
            terms, content = '', detail = none, tokenize = 'porter ascii'
        );
        UPDATE character_fill SET done = 0, last = (SELECT coalesce(max(id), 0) FROM texts);
        """
    )


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    m001_history_graph,
    m002_vectors_and_marks,
    m003_pruning,
    m004_token_signs,
    m005_revoked_adapters,
    m006_occurrences,
    m007_superseded,
    m008_token_ids,
    m009_redacted,
    m010_character_index,
    m011_one_kana,
    m012_named_tasks,
)


# What makes new tables and indexes and leaves every row that is no index's own as it is.
_ADDING = (
    m008_token_ids,
    m009_redacted,
    m010_character_index,
    m011_one_kana,
    m012_named_tasks,
)


def only_adds(version: int) -> bool:
    """Whether bringing a database from `version` up to date touches no row of it."""
    return all(migration in _ADDING for migration in MIGRATIONS[version:])


def migrate(db: Database, version: int) -> int:
    """Bring a database from `version` to the newest schema; return that version.

    The caller holds the transaction, so a failing step leaves the old schema whole.
    """
    for migration in MIGRATIONS[version:]:
        migration(db)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    return len(MIGRATIONS)
