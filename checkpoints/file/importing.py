"""Reading the lines of an exported session back into a database, checking each before the next.

Every hash is derived again from what it covers; a line that is not exactly as it was written is
refused by its number. The caller's transaction ends with all of it or nothing.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from pydantic import ValidationError

from checkpoints.errors import BadLine, BadValue, MemoryFault, SessionExists
from checkpoints.file.export import FORMAT, READABLE, VERSION
from checkpoints.file.session_lines import (
    BranchLine,
    CheckpointLine,
    EndLine,
    Line,
    NodeLine,
    PinLine,
    QuarantineLine,
    RememberContent,
    RevokedLine,
    SessionLine,
    StepContent,
    StepPart,
    TextLine,
    read_lines,
    words_of,
)
from checkpoints.graph import history, items, writes
from checkpoints.graph.drafts import check_items
from checkpoints.limits import check_json, check_name, check_text
from checkpoints.records import ItemDraft, checkpoint_digest, text_digest

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


@dataclass
class _Branch:
    """A branch being filled: its row id here, and its last node (None: it has none yet)."""

    row_id: int
    after: history.Node | None


@dataclass
class _State:
    """How far an import has come; keys are the file's own branch numbers."""

    principal: str | None
    session: SessionLine | None = None
    branches: dict[int, _Branch] = field(default_factory=dict)
    checkpoints: set[str] = field(default_factory=set)
    nodes: int = 0
    steps: int = 0
    items: int = 0
    done: bool = False


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
    state = _State(principal)
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


def _take(db: Database, state: _State, line: Line, limits: StoreLimits) -> None:
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
        _node(db, state, line, limits)
    elif isinstance(line, CheckpointLine):
        _checkpoint(db, state, line, limits)
    elif isinstance(line, PinLine):
        db.execute(
            "INSERT INTO pins (session_id, text_id, source, created_at) "
            "SELECT DISTINCT ?, text_id, source, ? FROM items "
            "WHERE text_id = ? AND (source = ? OR ? IS NULL)",
            [
                state.session.id,
                line.created_at,
                _text_id(db, line.text),
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


def _session(db: Database, state: _State, line: SessionLine, limits: StoreLimits) -> None:
    if state.session is not None:
        raise BadValue("line", "is a second session; a file holds one")
    if line.format != FORMAT or line.version not in READABLE:
        raise BadValue("version", f"is {line.version}, this release reads {VERSION}; upgrade it")
    check_name("principal", line.principal, limits.name_chars)
    if db.execute("SELECT 1 FROM sessions WHERE id = ?", [line.id]).fetchone():
        raise SessionExists(line.id)
    state.session = line


def _branch(db: Database, state: _State, line: BranchLine) -> None:
    if line.number in state.branches:
        raise BadValue("number", "is a branch that was there before")
    if line.parent is None or line.seq is None:
        if state.branches or (line.parent, line.seq) != (None, None):
            raise BadValue("parent", "is missing; only the first branch has none")
        state.branches[line.number] = _Branch(writes.add_branch(db), None)
        return
    if line.parent not in state.branches:
        raise BadValue("parent", "is a branch that was not there before")
    # Whether the node is there shows when the branch is used: nodes come after all branches.
    parent = state.branches[line.parent].row_id
    state.branches[line.number] = _Branch(writes.add_branch(db, parent, line.seq), None)


def _node(db: Database, state: _State, line: NodeLine, limits: StoreLimits) -> None:
    branch = state.branches.get(line.branch)
    if branch is None:
        raise BadValue("branch", "was not there before")
    after = branch.after or _continued(db, branch.row_id)
    if line.seq != (after.seq + 1 if after else 0) or (line.kind == "root") != (after is None):
        raise BadValue("seq", "is not the node after the one before it")
    if (line.kind == "step") != (line.step is not None):
        raise BadValue("step", "belongs to step nodes, and to every one of them")
    if line.kind == "step" and line.step is not None and after is not None:
        node = _step(db, branch.row_id, line, line.step, after, limits)
        state.steps += 1
    elif line.kind == "remember":
        node = _remember(db, branch.row_id, line, after, limits)
    elif line.kind == "task":
        task_id = _text_id(db, _only(line.content, "task"))
        _check_json(db, "task", task_id, limits)
        node = writes.add_node(
            db, branch.row_id, "task", line.content, line.created_at, after=after, task_id=task_id
        )
    else:
        _only(line.content, "session")
        node = writes.add_node(
            db, branch.row_id, "root", line.content, line.created_at, after=after
        )
    if node.id != line.id:
        raise BadValue("id", "is not the hash of what the node holds")
    branch.after = node
    state.nodes += 1
    state.items += node.items - (after.items if after else 0)


def _continued(db: Database, branch: int) -> history.Node | None:
    parent, seq = db.execute(
        "SELECT parent_branch, fork_seq FROM branches WHERE id = ?", [branch]
    ).fetchone()
    if parent is None:
        return None
    node = history.node_at(db, parent, seq)
    if node is None:
        raise BadValue("branch", "continues a node that was not there before")
    return node


def _step(
    db: Database,
    branch: int,
    line: NodeLine,
    step: StepPart,
    after: history.Node,
    limits: StoreLimits,
) -> history.Node:
    content = StepContent.model_validate(line.content)
    check_name("step_key", step.step_key, limits.step_key_chars)
    check_text("mode", content.mode, limits.name_chars)
    check_name("adapter_digest", content.adapter_digest, limits.name_chars)
    result_json = check_json("result", step.result, limits.json_chars)
    ids = {name: _text_id(db, getattr(content, name)) for name in ("input", "output", "task")}
    _check_json(db, "task", ids["task"], limits)
    output = _text(db, ids["output"])
    if content.n != after.steps + 1:
        raise BadValue("content.n", f"is {content.n}, the next step is {after.steps + 1}")
    if step.is_item and not output:
        raise BadValue("step.is_item", "is set, but the output is empty")
    node = writes.add_node(
        db,
        branch,
        "step",
        line.content,
        line.created_at,
        after=after,
        steps=1,
        items=int(step.is_item),
        size=len(output.encode()) if step.is_item else 0,
    )
    writes.add_step_row(db, node, ids, step.step_key, result_json)
    if step.is_item:
        writes.add_output_item(db, node, ids["output"], output)
    return node


def _remember(
    db: Database,
    branch: int,
    line: NodeLine,
    after: history.Node | None,
    limits: StoreLimits,
) -> history.Node:
    content = RememberContent.model_validate(line.content)
    ids = [_text_id(db, item.text) for item in content.items]
    named = {(text_id, item.source) for text_id, item in zip(ids, content.items, strict=True)}
    if len(named) < len(ids):
        raise BadValue("content.items", "names a text of a source twice")
    drafts = [
        ItemDraft(
            text=_text(db, text_id),
            source=item.source,
            origin=item.origin,
            place=item.place,
            order=position if item.order is None else item.order,
        )
        for position, (text_id, item) in enumerate(zip(ids, content.items, strict=True))
    ]
    check_items(drafts, limits)
    gone: dict[int, int] = {}
    for each in content.superseded:
        now = items.current(db, branch, each.source, _text_id(db, each.text))
        if len(now) != 1 or now[0].id in gone:
            raise BadValue("content.superseded", "names what the source does not have there")
        gone[now[0].id] = now[0].size
    node = writes.add_node(
        db,
        branch,
        "remember",
        line.content,
        line.created_at,
        after=after,
        items=len(drafts) - len(gone),
        size=sum(len(draft.text.encode()) for draft in drafts) - sum(gone.values()),
    )
    writes.supersede(db, node, gone)
    for position, (text_id, draft) in enumerate(zip(ids, drafts, strict=True)):
        writes.add_item(db, node, position, text_id, draft, "document")
    return node


def _checkpoint(db: Database, state: _State, line: CheckpointLine, limits: StoreLimits) -> None:
    check_name("label", line.label, limits.label_chars)
    branch = state.branches.get(line.branch)
    node = None if branch is None else history.node_at(db, branch.row_id, line.seq)
    if node is None:
        raise BadValue("seq", "is a node that was not there before")
    if line.parent is not None and line.parent not in state.checkpoints:
        raise BadValue("parent", "is a checkpoint that was not there before")
    if line.id != checkpoint_digest(line.session_id, node.id, line.label, line.parent):
        raise BadValue("id", "is not the hash of what the checkpoint holds")
    if line.label is not None and line.pruned_at is not None:
        raise BadValue("pruned_at", "is set, but labelled checkpoints are never pruned")
    writes.add_checkpoint_row(
        db, line.id, line.session_id, node, line.label, line.parent, line.created_at, line.pruned_at
    )
    state.checkpoints.add(line.id)


def _end(db: Database, state: _State, line: EndLine) -> None:
    branch = state.branches.get(line.branch)
    if branch is None or (branch.after or _continued(db, branch.row_id)) is None:
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


def _only(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if len(content) != 1 or not isinstance(value, str):
        raise BadValue("content", f"is not one {name}")
    return value


def _text_id(db: Database, digest: str) -> int:
    row = db.execute("SELECT id FROM temp.brought WHERE sha256 = ?", [digest]).fetchone()
    if row is None:
        raise BadValue("content", "names a text that was not there before")
    return int(row[0])


def _text(db: Database, text_id: int) -> str:
    return str(db.execute("SELECT text FROM texts WHERE id = ?", [text_id]).fetchone()[0])


def _check_json(db: Database, name: str, text_id: int, limits: StoreLimits) -> None:
    text = _text(db, text_id)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadValue(name, "is not JSON") from None
    if not isinstance(value, dict) or check_json(name, value, limits.json_chars) != text:
        raise BadValue(name, "is not a canonical JSON object")
