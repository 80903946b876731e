"""Taking deleted texts out of steps that had them in their prompts, or that quote them.

A step stays: its number and its place in the history. Where the text was, `[deleted]` stands; its
node keeps its id, which other nodes and checkpoints build on, and is marked as redacted. The caller
holds the transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.deletion.family import IN_FAMILY
from checkpoints.deletion.quotes import is_gone
from checkpoints.deletion.traces import move_marks, redact_node
from checkpoints.graph import writes
from checkpoints.graph.rows import select
from checkpoints.records import DELETED, canonical_json, text_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlite_utils import Database

    from checkpoints.deletion.names import Names
    from checkpoints.deletion.neighbours import Shortened
    from checkpoints.deletion.quotes import Quotes
    from checkpoints.deletion.traces import Traces

    _Row = dict[str, Any]

_PLACE_WORDS = ("input", "output", "task")

_STEPS = f"""
SELECT steps.branch, steps.seq, steps.n, steps.step_key, steps.input_id, steps.output_id,
       steps.task_id, steps.result_json, nodes.content_json, inputs.text AS input,
       outputs.text AS output, tasks.text AS task
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


class Redaction:
    """Cuts some texts, known by their items' ids too, out of one family's steps and tasks."""

    def __init__(
        self,
        db: Database,
        quotes: Quotes,
        in_prompt: Quotes,
        names: Names,
        renamed: Mapping[str, str],
        traces: Traces,
        now: str,
    ) -> None:
        """What is cut: `in_prompt` where a text was in the prompt, `names` of keys and labels.

        `renamed` are sources under names that they have now.
        """
        self._db, self._quotes, self._in_prompt, self._now = db, quotes, in_prompt, now
        self._names, self._renamed, self._traces = names, renamed, traces
        self._tasks: dict[int, str] = {}
        self._labels: set[str] = set()

    def carry_out(
        self,
        item_ids: set[int],
        shortened: Mapping[int, Shortened],
        answers: set[tuple[int, int]],
    ) -> None:
        """Change the steps, then the tasks that sessions have.

        Args:
            item_ids: the items that are deleted.
            shortened: those that lost what they had in common with one, by their ids.
            answers: the places of steps whose whole output is to go.
        """
        self._item_ids, self._shortened, self._answers = item_ids, shortened, answers
        for step in select(self._db, _STEPS):
            self._step(step)
        for row in select(self._db, _TASKS):
            task = self._task(row)
            if task != row["task"]:
                self._session_task(row["task_id"], task)

    def _step(self, step: _Row) -> None:
        result = json.loads(step["result_json"])
        held = self._item_ids | self._shortened.keys()
        held_here = any(held.intersection(ids) for ids in _id_lists(result))
        followed = any(self._traces.steps.intersection(steps) for steps in _step_lists(result))
        quotes = self._in_prompt if held_here or followed else self._quotes
        new = {"input": self._quotes.cut(step["input"]), "task": self._task(step)}
        whole = (step["branch"], step["seq"]) in self._answers
        shares = self._shares(result)
        new["output"] = DELETED if whole else self._answer(step, shares, quotes)
        result = self._cut_result(result, shares)
        if held_here:
            _forget_items(result, self._item_ids, quotes)
        result_json = canonical_json(result)
        key = self._key(step["step_key"])
        if (
            result_json == step["result_json"]
            and key == step["step_key"]
            and all(new[w] == step[w] for w in _PLACE_WORDS)
        ):
            return
        self._traces.steps.add(step["n"])
        ids = {word: self._replaced(step, word, new[word]) for word in _PLACE_WORDS}
        place = step["branch"], step["seq"]
        self._db.execute(
            "UPDATE steps SET input_id = ?, output_id = ?, task_id = ?, step_key = ?, "
            "result_json = ?, result_sha256 = ? WHERE branch = ? AND seq = ?",
            [
                *(ids[word] for word in _PLACE_WORDS),
                key,
                result_json,
                text_digest(result_json),
                *place,
            ],
        )
        if any(new[word] != step[word] for word in _PLACE_WORDS):
            content = json.loads(step["content_json"])
            content |= {word: text_digest(new[word]) for word in _PLACE_WORDS}
            redact_node(self._db, step["branch"], step["seq"], content, self._now)
        if new["output"] != step["output"]:
            self._output_item(step, ids["output"], new["output"])

    def _key(self, key: str | None) -> str | None:
        """A step's key; none where it quotes: what is left of it is no key that anyone sends."""
        if key is None or self._names.cut(key) == key:
            return key
        self._traces.also["step keys"] += 1
        return None

    def _shares(self, result: Any) -> dict[str, str]:
        """The labels among the fields of a result, and what is left of each."""
        found: dict[str, str] = {}
        # Earlier releases recorded the labels' shares as the confidence.
        for name in ("shares", "confidence"):
            shares = result.get(name) if isinstance(result, dict) else None
            found |= (
                {each: self._names.apart(each) for each in shares or ()}
                if isinstance(shares, dict)
                else {}
            )
        return found

    def _answer(self, step: _Row, shares: Mapping[str, str], quotes: Quotes) -> str:
        """What is left of an output: of a label what is left of it wherever it stands."""
        output: str = step["output"]
        labels = set(shares).union(_labels(json.loads(step["task"])))
        return self._names.apart(output) if output in labels else quotes.cut(output)

    def _cut_result(self, result: Any, shares: Mapping[str, str]) -> Any:
        """A step's result without what is deleted; the kinds of things in it keep their names."""
        for excerpt in _parts(result, "retrieved"):
            ids = _numbers(excerpt.get("item_ids"))
            for each in ids.intersection(self._shortened):
                was = self._shortened[each]
                excerpt["text"] = str(excerpt.get("text", "")).replace(was.before, was.now)
                excerpt["pieces"] = []
            source = excerpt.get("source")
            if isinstance(source, str):
                excerpt["source"] = self._renamed.get(source) or self._names.cut(source)
        cut = self._quotes.cut_all(result)
        for name in ("shares", "confidence"):
            if isinstance(result, dict) and isinstance(result.get(name), dict):
                cut[name] = {shares[label]: share for label, share in result[name].items()}
        return cut

    def _replaced(self, step: _Row, word: str, text: str) -> int:
        old: int = step[f"{word}_id"]
        if text == step[word]:
            return old
        self._traces.texts.add(old)
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
        self._traces.item_texts.add(old)
        before = len(step["output"].encode())
        if is_gone(text):
            self._db.execute("DELETE FROM items WHERE id = ?", [found[0]])
            self._traces.changes.append((branch, seq, -1, -before))
        else:
            writes.index_text(self._db, text_id, text)
            self._db.execute("UPDATE items SET text_id = ? WHERE id = ?", [text_id, found[0]])
            self._traces.changes.append((branch, seq, 0, len(text.encode()) - before))
        move_marks(self._db, old, text_id, source)

    def _task(self, row: _Row) -> str:
        known = self._tasks.get(row["task_id"])
        if known is None:
            task = json.loads(row["task"])
            labels = _labels(task)
            left = {label: self._names.apart(label) for label in labels}
            self._labels.update(label for label in labels if left[label] != label)
            self._traces.also["labels of tasks"] = len(self._labels)
            known = canonical_json(self._cut_task(task, left))
            self._tasks[row["task_id"]] = known
        return known

    def _cut_task(self, value: Any, labels: Mapping[str, str], name: str = "") -> Any:
        """A task or a part of it. How it runs stays what it is; a label is the same everywhere."""
        if isinstance(value, dict):
            return {each: self._cut_task(value[each], labels, each) for each in value}
        if isinstance(value, list):
            return [self._cut_task(each, labels, name) for each in value]
        if not isinstance(value, str) or name == "mode":
            return value
        if labels and (name in ("labels", "output")):
            return self._names.apart(value)
        return self._quotes.cut(value)

    def _session_task(self, old: int, task: str) -> None:
        self._traces.texts.add(old)
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


def _labels(task: Any) -> list[str]:
    """The labels of a task, as a step or a session keeps it."""
    inner = task.get("task", task) if isinstance(task, dict) else None
    labels = inner.get("labels") if isinstance(inner, dict) else None
    return [each for each in labels if isinstance(each, str)] if isinstance(labels, list) else []


def _id_lists(result: Any) -> Iterator[set[int]]:
    for name in ("retrieved", "context"):
        for part in _parts(result, name):
            yield _numbers(part.get("item_ids"))


def _step_lists(result: Any) -> Iterator[set[int]]:
    for part in _parts(result, "context"):
        yield _numbers(part.get("steps"))
    # The earlier turns of a conversation are, or are kept with, steps.
    sent = result.get("sent") if isinstance(result, dict) else None
    yield _numbers([turn.get("step") for turn in _parts(sent, "turns")])


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
            excerpt |= {"text": DELETED, "source": DELETED, "place": "", "pieces": []}
        else:
            excerpt |= {"text": left, "place": "", "pieces": []}
    for name in ("retrieved", "context"):
        for part in _parts(result, name):
            if _numbers(part.get("item_ids")) & item_ids:
                part["item_ids"] = [each for each in part["item_ids"] if each not in item_ids]
