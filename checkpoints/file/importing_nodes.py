"""The nodes of an imported history: each is written only if it is what it names and follows.

The caller holds the transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkpoints.errors import BadValue
from checkpoints.file.session_lines import (
    GoneContent,
    ItemContent,
    NodeLine,
    RememberContent,
    SessionLine,
    StepContent,
    StepPart,
    SupersededContent,
)
from checkpoints.graph import history, items, writes
from checkpoints.graph.drafts import check_items
from checkpoints.limits import check_json, check_name, check_text
from checkpoints.records import ItemDraft

if TYPE_CHECKING:
    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits


@dataclass
class Branch:
    """A branch being filled: its row id here, and its last node (None: it has none yet)."""

    row_id: int
    after: history.Node | None


@dataclass
class State:
    """How far an import has come; keys are the file's own branch numbers."""

    principal: str | None
    session: SessionLine | None = None
    branches: dict[int, Branch] = field(default_factory=dict)
    checkpoints: set[str] = field(default_factory=set)
    nodes: int = 0
    steps: int = 0
    items: int = 0
    done: bool = False


def add_node(db: Database, state: State, line: NodeLine, limits: StoreLimits) -> None:
    """Write the next node of a branch. Raises BadValue, LimitExceeded or ValidationError."""
    branch = state.branches.get(line.branch)
    if branch is None:
        raise BadValue("branch", "was not there before")
    after = branch.after or continued(db, branch.row_id)
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
        task_id = text_id_of(db, _only(line.content, "task"))
        _check_json(db, "task", task_id, limits)
        node = writes.add_node(
            db,
            branch.row_id,
            "task",
            line.content,
            line.created_at,
            after=after,
            task_id=task_id,
            redacted_id=line.redacted_id,
        )
    else:
        _only(line.content, "session")
        node = writes.add_node(
            db, branch.row_id, "root", line.content, line.created_at, after=after
        )
    if node.id != line.id:
        raise BadValue("id", "is not the hash of what the node holds")
    if line.redacted_at is not None:
        db["redacted"].insert(
            {"branch": node.branch, "seq": node.seq, "redacted_at": line.redacted_at}
        )
    branch.after = node
    state.nodes += 1
    state.items += node.items - (after.items if after else 0)


def continued(db: Database, branch: int) -> history.Node | None:
    """The node that a branch continues; None for the first one. Raises BadValue."""
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
    ids = {name: text_id_of(db, getattr(content, name)) for name in ("input", "output", "task")}
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
        redacted_id=line.redacted_id,
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
    entries = (*content.items, *content.superseded)
    if line.redacted_at is None and any(isinstance(each, GoneContent) for each in entries):
        raise BadValue("content.items", "names something as deleted, in a node that is whole")
    # Where something was deleted, the others keep their positions.
    placed = {
        position: (text_id_of(db, item.text), item)
        for position, item in enumerate(content.items)
        if isinstance(item, ItemContent)
    }
    if len({(text_id, item.source) for text_id, item in placed.values()}) < len(placed):
        raise BadValue("content.items", "names a text of a source twice")
    drafts = {
        position: ItemDraft(
            text=_text(db, text_id),
            source=item.source,
            origin=item.origin,
            place=item.place,
            order=position if item.order is None else item.order,
        )
        for position, (text_id, item) in placed.items()
    }
    check_items(list(drafts.values()), limits)
    gone: dict[int, int] = {}
    for each in content.superseded:
        if not isinstance(each, SupersededContent):
            continue
        now = items.current(db, branch, [each.source], text_id_of(db, each.text))
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
        size=sum(len(draft.text.encode()) for draft in drafts.values()) - sum(gone.values()),
        redacted_id=line.redacted_id,
    )
    writes.supersede(db, node, gone)
    for position, draft in drafts.items():
        writes.add_item(db, node, position, placed[position][0], draft, "document")
    return node


def _only(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if len(content) != 1 or not isinstance(value, str):
        raise BadValue("content", f"is not one {name}")
    return value


def text_id_of(db: Database, digest: str) -> int:
    """The row id of a text that the file brought. Raises BadValue."""
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
