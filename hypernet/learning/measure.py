"""Every way to serve a task, asked the same examples that it has not learned from."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from hypernet.adapters.cache import AdapterCache
from hypernet.adapters.plan import refine_ahead
from hypernet.learning.answers import Answer, Form, ask, likeness, right
from hypernet.learning.folds import folds
from hypernet.learning.judges.probe import Probe, spelled
from hypernet.learning.judges.words import WordsModel
from hypernet.learning.partial import Partial
from hypernet.learning.ways import MODEL_WAYS, WITHOUT_WEIGHTS, plan_way, probed
from hypernet.progress import silent
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hypernet.adapters.plan import Mode
    from hypernet.learning.ways import ModelWay, Way
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime
    from hypernet.task import Example, Task

Answers = tuple[Answer | None, ...]
PLACES = 1_024
"""Adapters of the usual size that are kept meanwhile: those of all parts, also of a large base."""


@dataclass(frozen=True)
class HeldOut:
    """Examples that were held out, and what each way answered to them; None where nothing could.

    Under `probe` are the answers of a probe alone, of states under the way `probed`.
    """

    examples: tuple[Example, ...]
    answers: Mapping[Way, Answers]
    probed: ModelWay = "prompted"
    probe: Probe | None = None
    """Learned from all examples, for those that serve."""

    def right(self, way: Way) -> list[bool]:
        """Which of a way's answers are right."""
        return [right(a, e) for a, e in zip(self.answers[way], self.examples, strict=True)]

    def likeness(self, way: Way) -> float | None:
        """How near a way's answers come on average; None where they are labels."""
        if any(each is not None and each.shares for each in self.answers[way]):
            return None
        pairs = zip(self.answers[way], self.examples, strict=True)
        return sum(likeness(a, e) for a, e in pairs) / len(self.examples)


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
    engine, library = runtime.engine, runtime.library
    done = Partial(partial, _key(runtime, task, form, mode))
    found: dict[Way, list[Answer | None]] = {}
    ways = WITHOUT_WEIGHTS if library is None else MODEL_WAYS
    probed_way, work = probed(library), len(turns) * len(ways) + 2
    cannot: dict[Way, ValueError] = {}
    states: dict[str, Answer | None] = {}
    if task.labels and engine.capabilities.states:
        told = _within(progress, 0.0, 1 / work, f"all examples, {probed_way}: ")
        try:
            states = _asked_all(runtime, probed_way, task, form, mode, told, done)
        except ValueError as error:
            cannot[probed_way] = error
    parts = [replace(task, examples=tuple(kept)) for kept, _ in turns]
    own = library and AdapterCache(library.source, capacity=PLACES)
    untried = [part for turn, part in enumerate(parts) if done.get(f"{turn} trained") is None]
    if own is not None and len(untried) > 1:
        told = _within(progress, 1 / work, 1 / work, "held-out parts: ")
        with suppress(ValueError):  # told of below, where each is asked for
            refine_ahead(own, untried, mode, capabilities=engine.capabilities, progress=told)
    for turn, (part, (kept, held)) in enumerate(zip(parts, turns, strict=True)):
        texts = [e.input for e in held]
        for place, way in enumerate(ways):
            name, begun = f"{turn} {way}", 2 + turn * len(ways) + place
            before = f"held-out part {turn + 1} of {len(turns)}: "
            told = _within(progress, begun / work, 1 / work, before)
            told(0.0, f"asking {len(held)} examples, {way}")
            if way in cannot:
                continue
            if way == probed_way and states:  # no example changes it
                found.setdefault(way, []).extend(states[text] for text in texts)
                continue
            answers = done.get(name)
            if answers is None:
                try:
                    plan = plan_way(
                        way, part, mode, own, engine.capabilities, _within(told, 0.0, 0.5)
                    )
                except ValueError as error:  # as where no example is short enough to train on
                    cannot[way] = error
                    continue
                told = _within(told, 0.5, 0.5)
                answers = ask(engine, plan, part, form, texts, told, again=True)
                done.add(name, answers)
            found.setdefault(way, []).extend(answers)
        if task.labels and runtime.embedder is not None:
            words = WordsModel.fit(kept, task.labels, runtime.embedder)
            found.setdefault("words", []).extend(words.answers(texts))
        if states:
            found.setdefault("probe", []).extend(_probed(kept, held, states, task.labels))
    if set(ways) <= set(cannot):
        raise next(iter(cannot.values()))
    examples = tuple(example for _, held in turns for example in held)
    there = {way: tuple(each) for way, each in found.items() if way not in cannot}
    return HeldOut(examples, there, probed_way, _fitted(task.examples, states))


def _asked_all(
    runtime: Runtime,
    way: ModelWay,
    task: Task,
    form: Form,
    mode: Mode,
    progress: Progress,
    done: Partial,
) -> dict[str, Answer | None]:
    """The answers to all of a task's inputs in a way that its examples do not change."""
    texts, name = list(dict.fromkeys(e.input for e in task.examples)), f"all {way}"
    answers = done.get(name)
    if answers is None:
        progress(0.0, "asking")
        capabilities = runtime.engine.capabilities
        plan = plan_way(way, task, mode, runtime.library, capabilities, silent)
        answers = ask(runtime.engine, plan, task, form, texts, progress, again=True)
        done.add(name, answers)
    return dict(zip(texts, answers, strict=True))


def _fitted(examples: Sequence[Example], states: Mapping[str, Answer | None]) -> Probe | None:
    """A probe of the examples whose inputs have a state; None where none has."""
    seen = [
        (answer.state_D, as_read(example.output))
        for example in examples
        if (answer := states.get(example.input)) is not None and answer.state_D is not None
    ]
    return Probe.fit([state_D for state_D, _ in seen], [x for _, x in seen]) if seen else None


def _probed(
    kept: Sequence[Example],
    held: Sequence[Example],
    states: Mapping[str, Answer | None],
    labels: Sequence[str],
) -> Answers:
    """What a probe of the kept examples answers to those held out."""
    probe = _fitted(kept, states)
    answers = [states[example.input] for example in held]
    return tuple(
        Answer.likeliest(spelled(probe.shares(answer.state_D), labels))
        if probe is not None and answer is not None and answer.state_D is not None
        else None
        for answer in answers
    )


def _within(progress: Progress, begin: float, length: float, before: str = "") -> Progress:
    """The progress of a piece of the work, which begins somewhere in it and is so much of it."""
    return lambda fraction, message: progress(begin + length * fraction, before + message)


def _key(runtime: Runtime, task: Task, form: Form, mode: Mode) -> str:
    """What answers must have been measured with to be gone on from."""
    parts = [task.normalised().to_dict(), asdict(form), mode, runtime.about]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
