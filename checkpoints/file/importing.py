"""Reading the lines of an exported session back into a database, checking each before the next.

Every hash is derived again from what it covers, but for the id of a node from which something was
deleted; a line that is not exactly as it was written is refused by its number. The caller's
transaction ends with all of it or nothing.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

from checkpoints.errors import BadLine, BadValue, MemoryFault, SessionExists
from checkpoints.file.export import FORMAT, READABLE, VERSION
from checkpoints.file.importing_nodes import Branch, State, add_node, continued, text_id_of
from checkpoints.file.session_lines import (
    BranchLine,
    CheckpointLine,
    CorrectionLine,
    EndLine,
    Line,
    NodeLine,
    PinLine,
    QuarantineLine,
    RevokedLine,
    SessionLine,
    TextLine,
    read_lines,
    words_of,
)
from checkpoints.graph import history, writes
from checkpoints.limits import check_name, check_text
from checkpoints.records import DELETED, checkpoint_digest, text_digest
from checkpoints.tasks import correction_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits


@dataclass(frozen=True)
class Imported:
    """The outcome of an import."""

    session_id: str
    nodes: int
    steps: int
    items: int
    checkpoints: int


def read(
    db: Database,
    file: IO[bytes],
    principal: str | None,
    limits: StoreLimits,
    require_room: Callable[[Database], None],
) -> Imported:
    """Write the session of a file, as `principal`'s.

    Raises BadLine, SessionExists, and LimitExceeded for a full database.
    """
    # A session's row is written last, when its branch and checkpoint are known.
    db.execute("PRAGMA defer_foreign_keys = ON")
    # Only texts of this file may be named: a hash alone must not open another session's text.
    db.execute("DROP TABLE IF EXISTS temp.brought")
    db.execute("CREATE TEMP TABLE brought (sha256 TEXT PRIMARY KEY, id INTEGER NOT NULL)")
    state = State(principal)
    number = 0
    for number, line in read_lines(file, limits.line_bytes):
        require_room(db)
        try:
            _take(db, state, line, limits)
        except SessionExists:
            raise
        except (MemoryFault, ValidationError, sqlite3.IntegrityError) as error:
            raise BadLine(number, words_of(error)) from error
    require_room(db)
    db.execute("DROP TABLE temp.brought")
    if state.session is None or not state.done:
        raise BadLine(number + 1, "the file ends too early")
    return Imported(
        session_id=state.session.id,
        nodes=state.nodes,
        steps=state.steps,
        items=state.items,
        checkpoints=len(state.checkpoints),
    )


def _take(db: Database, state: State, line: Line, limits: StoreLimits) -> None:
    if state.done:
        raise BadValue("line", "comes after the end")
    if isinstance(line, SessionLine):
        _session(db, state, line, limits)
        return
    if state.session is None:
        raise BadValue("line", "comes before the session's own")
    if isinstance(line, TextLine):
        check_text("text", line.text, max(limits.text_chars, limits.json_chars))
        db.execute(
            "INSERT INTO temp.brought (sha256, id) VALUES (?, ?)",
            [text_digest(line.text), writes.add_text(db, line.text)],
        )
    elif isinstance(line, BranchLine):
        _branch(db, state, line)
    elif isinstance(line, NodeLine):
        add_node(db, state, line, limits)
    elif isinstance(line, CheckpointLine):
        _checkpoint(db, state, line, limits)
    elif isinstance(line, CorrectionLine):
        _correction(db, state, line, limits)
    elif isinstance(line, PinLine):
        db.execute(
            "INSERT INTO pins (session_id, text_id, source, created_at) "
            "SELECT DISTINCT ?, text_id, source, ? FROM items "
            "WHERE text_id = ? AND (source = ? OR ? IS NULL)",
            [
                state.session.id,
                line.created_at,
                text_id_of(db, line.text),
                line.source,
                line.source,
            ],
        )
    elif isinstance(line, QuarantineLine):
        check_text("reason", line.reason, limits.source_chars)
        db["quarantine"].insert(
            {"session_id": state.session.id, **line.model_dump(exclude={"line"})}
        )
    elif isinstance(line, RevokedLine):
        check_name("digest", line.digest, limits.name_chars)
        check_name("reason", line.reason, limits.label_chars)
        db["revoked_adapters"].insert(
            {"session_id": state.session.id, **line.model_dump(exclude={"line"})}
        )
    else:
        _end(db, state, line)


def _session(db: Database, state: State, line: SessionLine, limits: StoreLimits) -> None:
    if state.session is not None:
        raise BadValue("line", "is a second session; a file holds one")
    if line.format != FORMAT or line.version not in READABLE:
        raise BadValue("version", f"is {line.version}, this release reads {VERSION}; upgrade it")
    check_name("principal", line.principal, limits.name_chars)
    if db.execute("SELECT 1 FROM sessions WHERE id = ?", [line.id]).fetchone():
        raise SessionExists(line.id)
    state.session = line


def _branch(db: Database, state: State, line: BranchLine) -> None:
    if line.number in state.branches:
        raise BadValue("number", "is a branch that was there before")
    if line.parent is None or line.seq is None:
        if state.branches or (line.parent, line.seq) != (None, None):
            raise BadValue("parent", "is missing; only the first branch has none")
        state.branches[line.number] = Branch(writes.add_branch(db), None)
        return
    if line.parent not in state.branches:
        raise BadValue("parent", "is a branch that was not there before")
    # Whether the node is there shows when the branch is used: nodes come after all branches.
    parent = state.branches[line.parent].row_id
    state.branches[line.number] = Branch(writes.add_branch(db, parent, line.seq), None)


def _checkpoint(db: Database, state: State, line: CheckpointLine, limits: StoreLimits) -> None:
    check_name("label", line.label, limits.label_chars)
    branch = state.branches.get(line.branch)
    node = None if branch is None else history.node_at(db, branch.row_id, line.seq)
    if node is None:
        raise BadValue("seq", "is a node that was not there before")
    if line.parent is not None and line.parent not in state.checkpoints:
        raise BadValue("parent", "is a checkpoint that was not there before")
    expected = checkpoint_digest(line.session_id, node.id, line.label, line.parent)
    # What was deleted from its label since, its id was made from.
    if line.id != expected and DELETED not in (line.label or ""):
        raise BadValue("id", "is not the hash of what the checkpoint holds")
    if line.label is not None and line.pruned_at is not None:
        raise BadValue("pruned_at", "is set, but labelled checkpoints are never pruned")
    writes.add_checkpoint_row(
        db, line.id, line.session_id, node, line.label, line.parent, line.created_at, line.pruned_at
    )
    state.checkpoints.add(line.id)


def _correction(db: Database, state: State, line: CorrectionLine, limits: StoreLimits) -> None:
    if state.session is None:
        raise BadValue("line", "comes before the session's own")
    branch = state.branches.get(line.branch)
    for each in line.sources:
        check_text("sources", each.source, limits.source_chars)
    correction_rows.bring(
        db,
        state.session.id,
        None if branch is None else (branch.row_id, line.seq),
        {
            **line.model_dump(exclude={"line", "branch", "seq", "output", "sources"}),
            "output_id": text_id_of(db, line.output),
            "confirmed": int(line.confirmed),
        },
        [(each.text, each.source) for each in line.sources],
    )


def _end(db: Database, state: State, line: EndLine) -> None:
    branch = state.branches.get(line.branch)
    if branch is None or (branch.after or continued(db, branch.row_id)) is None:
        raise BadValue("branch", "was not there before")
    if line.last_checkpoint is not None:
        if line.last_checkpoint not in state.checkpoints:
            raise BadValue("last_checkpoint", "was not there before")
        history.checkpoint_row(db, line.last_checkpoint)
    if state.session is not None:
        db["sessions"].insert(
            {
                **state.session.model_dump(exclude={"line", "format", "version"}),
                "principal": state.principal,
                "branch": branch.row_id,
                "last_checkpoint": line.last_checkpoint,
            }
        )
    state.done = True
