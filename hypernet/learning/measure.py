"""Every way to serve a task, asked the same examples that it has not learned from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from hypernet.adapters.cache import AdapterCache
from hypernet.files import PRIVATE, replacing
from hypernet.learning.answers import Answer, Form, ask, right
from hypernet.learning.folds import folds
from hypernet.learning.ways import MODEL_WAYS, WITHOUT_WEIGHTS, plan_way
from hypernet.learning.words import WordsModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hypernet.adapters.plan import Mode
    from hypernet.learning.ways import Way
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime
    from hypernet.task import Example, Task

Answers = tuple[Answer | None, ...]


@dataclass(frozen=True)
class HeldOut:
    """Examples that were held out, and what each way answered to them; None where nothing could."""

    examples: tuple[Example, ...]
    answers: Mapping[Way, Answers]

    def right(self, way: Way) -> list[bool]:
        """Which of a way's answers are right."""
        return [right(a, e) for a, e in zip(self.answers[way], self.examples, strict=True)]


def measure(
    runtime: Runtime,
    task: Task,
    form: Form,
    mode: Mode,
    progress: Progress,
    partial: Path | None = None,
) -> HeldOut:
    """Learn from a part of the examples and ask the rest, in turns, in every way.

    Args:
        runtime: the model side.
        task: with its examples.
        form: what answers look like.
        mode: where the task's text goes.
        progress: called as the work goes on; what it raises ends it.
        partial: a file that keeps what was answered so far: a later call with the same examples
            goes on from it.

    Raises:
        ValueError: there are too few examples to hold any out, or there is no way to serve it.
    """
    turns = list(folds(task))
    key = _key(runtime, task, form, mode)
    done = _read(partial, key)
    found: dict[Way, list[Answer | None]] = {}
    ways = MODEL_WAYS if runtime.library is not None else WITHOUT_WEIGHTS
    work = len(turns) * len(ways)
    cannot: dict[Way, ValueError] = {}
    for turn, (kept, held) in enumerate(turns):
        part = replace(task, examples=tuple(kept))
        library = runtime.library and AdapterCache(runtime.library.source, capacity=2)
        for place, way in enumerate(ways):
            name, begun = f"{turn} {way}", turn * len(ways) + place

            told = _within(
                progress, begun / work, 1 / work, f"held-out part {turn + 1} of {len(turns)}: "
            )
            told(0.0, f"asking {len(held)} examples, {way}")
            if way in cannot:
                continue
            if name not in done:
                capabilities = runtime.engine.capabilities
                try:
                    plan = plan_way(way, part, mode, library, capabilities, _within(told, 0.0, 0.5))
                except ValueError as error:  # as where no example is short enough to train on
                    cannot[way] = error
                    continue
                texts = [e.input for e in held]
                done[name] = ask(runtime.engine, plan, part, form, texts, _within(told, 0.5, 0.5))
                _write(partial, key, done)
            found.setdefault(way, []).extend(done[name])
        if task.labels and runtime.embedder is not None:
            words = WordsModel.fit(kept, task.labels, runtime.embedder)
            found.setdefault("words", []).extend(words.answers([e.input for e in held]))
    if set(ways) <= set(cannot):
        raise next(iter(cannot.values()))
    examples = tuple(example for _, held in turns for example in held)
    answers = {way: tuple(each) for way, each in found.items() if way not in cannot}
    return HeldOut(examples, answers)


def _within(progress: Progress, begin: float, length: float, before: str = "") -> Progress:
    """The progress of a piece of the work, which begins somewhere in it and is so much of it."""
    return lambda fraction, message: progress(begin + length * fraction, before + message)


def _key(runtime: Runtime, task: Task, form: Form, mode: Mode) -> str:
    """What answers must have been measured with to be gone on from."""
    parts = [task.normalised().to_dict(), asdict(form), mode, runtime.about]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _read(partial: Path | None, key: str) -> dict[str, list[Answer | None]]:
    if partial is None:
        return {}
    try:
        stored = json.loads(partial.read_text(encoding="utf-8"))
        if stored["key"] != key:
            return {}
        answers = stored["answers"].items()
        return {name: [each and Answer(**each) for each in found] for name, found in answers}
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return {}


def _write(partial: Path | None, key: str, done: Mapping[str, Sequence[Answer | None]]) -> None:
    if partial is None:
        return
    answers = {name: [each and asdict(each) for each in found] for name, found in done.items()}
    with replacing(partial, permissions=PRIVATE) as stream:
        stream.write(json.dumps({"key": key, "answers": answers}).encode())
