"""Taking deleted texts out of steps that had them in their prompts, or that quote them.

A step stays: its number, its key, its place in the history. Where the text was, `[deleted]` stands;
its node keeps its id, which other nodes and checkpoints build on, and is marked as redacted. The
caller holds the transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkpoints.deletion.family import IN_FAMILY
from checkpoints.deletion.quotes import Quotes, is_gone
from checkpoints.graph import writes
from checkpoints.graph.rows import select
from checkpoints.records import DELETED, canonical_json, text_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlite_utils import Database

    _Row = dict[str, Any]

# Words in a row that no two people write by chance; of a shorter text the fewest, if all are there.
_LEAST, _LEAST_WHOLE = 8, 3
# The same where the text is known to have been in the prompt.
_LEAST_IN_PROMPT = 4
# What a task is chosen by must stay what it is.
_KEPT_IN_TASKS = frozenset({"labels", "mode"})
_PLACE_WORDS = ("input", "output", "task")

_STEPS = f"""
SELECT steps.branch, steps.seq, steps.n, steps.input_id, steps.output_id, steps.task_id,
       steps.result_json, nodes.content_json, inputs.text AS input, outputs.text AS output,
       tasks.text AS task
FROM steps
JOIN nodes ON nodes.branch = steps.branch AND nodes.seq = steps.seq
JOIN texts AS inputs ON inputs.id = steps.input_id
JOIN texts AS outputs ON outputs.id = steps.output_id
JOIN texts AS tasks ON tasks.id = steps.task_id
WHERE steps.{IN_FAMILY} ORDER BY steps.branch, steps.seq
"""  # noqa: S608  # a constant

_TASKS = f"""
SELECT DISTINCT texts.id AS task_id, texts.text AS task FROM nodes
JOIN texts ON texts.id = nodes.task_id WHERE nodes.{IN_FAMILY}
"""  # noqa: S608  # a constant


@dataclass
class Traces:
    """What a redaction left to do: totals that change, texts that may be unused now.

    `steps` are the numbers of the steps that it changed.
    """

    steps: set[int] = field(default_factory=set)
    changes: list[tuple[int, int, int, int]] = field(default_factory=list)
    texts: set[int] = field(default_factory=set)
    item_texts: set[int] = field(default_factory=set)


class Redaction:
    """Cuts some texts, known by their items' ids too, out of one family's steps and tasks."""

    def __init__(
        self,
        db: Database,
        texts: set[str],
        item_ids: set[int],
        answers: set[tuple[int, int]],
        now: str,
    ) -> None:
        """`answers` are the places of steps whose whole output is to go."""
        self._db, self._item_ids, self._answers, self._now = db, item_ids, answers, now
        self._quotes = Quotes(texts, _LEAST, _LEAST_WHOLE)
        self._in_prompt = Quotes(texts, _LEAST_IN_PROMPT, 1)
        self._tasks: dict[int, str] = {}
        self.traces = Traces()

    def carry_out(self) -> Traces:
        """Change the steps, then the tasks that sessions have."""
        for step in select(self._db, _STEPS):
            self._step(step)
        for row in select(self._db, _TASKS):
            task = self._task(row)
            if task != row["task"]:
                self._session_task(row["task_id"], task)
        return self.traces

    def _step(self, step: _Row) -> None:
        result = json.loads(step["result_json"])
        held = any(self._item_ids.intersection(ids) for ids in _id_lists(result))
        followed = any(self.traces.steps.intersection(steps) for steps in _step_lists(result))
        quotes = self._in_prompt if held or followed else self._quotes
        new = {"input": self._quotes.cut(step["input"]), "task": self._task(step)}
        whole = (step["branch"], step["seq"]) in self._answers
        new["output"] = DELETED if whole else quotes.cut(step["output"])
        result = self._quotes.cut_all(result)
        if held:
            _forget_items(result, self._item_ids, quotes)
        result_json = canonical_json(result)
        if result_json == step["result_json"] and all(new[w] == step[w] for w in _PLACE_WORDS):
            return
        self.traces.steps.add(step["n"])
        ids = {word: self._replaced(step, word, new[word]) for word in _PLACE_WORDS}
        place = step["branch"], step["seq"]
        self._db.execute(
            "UPDATE steps SET input_id = ?, output_id = ?, task_id = ?, result_json = ?, "
            "result_sha256 = ? WHERE branch = ? AND seq = ?",
            [*(ids[word] for word in _PLACE_WORDS), result_json, text_digest(result_json), *place],
        )
        if any(new[word] != step[word] for word in _PLACE_WORDS):
            content = json.loads(step["content_json"])
            content |= {word: text_digest(new[word]) for word in _PLACE_WORDS}
            redact_node(self._db, step["branch"], step["seq"], content, self._now)
        if new["output"] != step["output"]:
            self._output_item(step, ids["output"], new["output"])

    def _replaced(self, step: _Row, word: str, text: str) -> int:
        old: int = step[f"{word}_id"]
        if text == step[word]:
            return old
        self.traces.texts.add(old)
        return writes.add_text(self._db, text)

    def _output_item(self, step: _Row, text_id: int, text: str) -> None:
        """Let the memory item that the step's output is say what is left of it, if anything is."""
        branch, seq = step["branch"], step["seq"]
        found = self._db.execute(
            "SELECT id, source FROM items WHERE branch = ? AND seq = ? AND kind = 'step'",
            [branch, seq],
        ).fetchone()
        if found is None:
            return
        old, source = step["output_id"], found[1]
        self.traces.item_texts.add(old)
        before = len(step["output"].encode())
        if is_gone(text):
            self._db.execute("DELETE FROM items WHERE id = ?", [found[0]])
            self.traces.changes.append((branch, seq, -1, -before))
        else:
            writes.index_text(self._db, text_id, text)
            self._db.execute("UPDATE items SET text_id = ? WHERE id = ?", [text_id, found[0]])
            self.traces.changes.append((branch, seq, 0, len(text.encode()) - before))
        move_marks(self._db, old, text_id, source)

    def _task(self, row: _Row) -> str:
        known = self._tasks.get(row["task_id"])
        if known is None:
            task = json.loads(row["task"])
            known = canonical_json(self._quotes.cut_all(task, _KEPT_IN_TASKS))
            self._tasks[row["task_id"]] = known
        return known

    def _session_task(self, old: int, task: str) -> None:
        self.traces.texts.add(old)
        places = select(
            self._db,
            f"SELECT branch, seq FROM nodes WHERE kind = 'task' AND task_id = ? AND {IN_FAMILY}",  # noqa: S608  # a constant
            [old],
        )
        new = writes.add_text(self._db, task)
        self._db.execute(
            f"UPDATE nodes SET task_id = ? WHERE task_id = ? AND {IN_FAMILY}",  # noqa: S608  # a constant
            [new, old],
        )
        for place in places:
            content = {"task": text_digest(task)}
            redact_node(self._db, place["branch"], place["seq"], content, self._now)


def redact_node(db: Database, branch: int, seq: int, content: Mapping[str, Any], now: str) -> None:
    """Give a node other content under the id that it has."""
    db.execute(
        "UPDATE nodes SET content_json = ? WHERE branch = ? AND seq = ?",
        [canonical_json(content), branch, seq],
    )
    db.execute(
        "INSERT INTO redacted (branch, seq, redacted_at) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET redacted_at = excluded.redacted_at",
        [branch, seq, now],
    )


def move_marks(db: Database, old: int, new: int, source: str) -> None:
    """Let the pins and quarantines of a step's output go on with what is left of it."""
    values = {"old": old, "new": new, "source": source}
    sessions = f"session_id IN (SELECT id FROM sessions WHERE {IN_FAMILY})"  # noqa: S608  # a constant
    digest = "(SELECT sha256 FROM texts WHERE id = :{})"
    for statement in (
        f"UPDATE OR REPLACE pins SET text_id = :new WHERE text_id = :old AND source = :source "  # noqa: S608  # a constant
        f"AND {sessions}",
        f"UPDATE OR REPLACE quarantine SET text_sha256 = {digest.format('new')} "  # noqa: S608  # a constant
        f"WHERE text_sha256 = {digest.format('old')} AND source = :source AND {sessions}",
    ):
        db.execute(statement, values)


def _id_lists(result: Any) -> Iterator[set[int]]:
    for name in ("retrieved", "context"):
        for part in _parts(result, name):
            yield _numbers(part.get("item_ids"))


def _step_lists(result: Any) -> Iterator[set[int]]:
    for part in _parts(result, "context"):
        yield _numbers(part.get("steps"))


def _parts(result: Any, name: str) -> list[_Row]:
    # An imported session may hold what it likes.
    found = result.get(name) if isinstance(result, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _numbers(value: Any) -> set[int]:
    return {each for each in value if isinstance(each, int)} if isinstance(value, list) else set()


def _forget_items(result: Any, item_ids: set[int], quotes: Quotes) -> None:
    for excerpt in _parts(result, "retrieved"):
        ids, text = _numbers(excerpt.get("item_ids")), str(excerpt.get("text", ""))
        # The ids of an imported session's results are those of another database.
        if not ids & item_ids or ((left := quotes.cut(text)) == text and DELETED not in text):
            continue
        if ids <= item_ids:
            excerpt |= {"text": DELETED, "source": DELETED, "place": ""}
        else:
            excerpt |= {"text": left, "place": ""}
    for name in ("retrieved", "context"):
        for part in _parts(result, name):
            if _numbers(part.get("item_ids")) & item_ids:
                part["item_ids"] = [each for each in part["item_ids"] if each not in item_ids]
