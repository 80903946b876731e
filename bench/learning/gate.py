"""One case: learned, and then every way and what is served asked the same other inputs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hypernet.learning.answers import Answer, Form, ask, right
from hypernet.learning.judges.words import WordsModel
from hypernet.learning.learn import learn
from hypernet.learning.serve import serve
from hypernet.learning.ways import MODEL_WAYS, plan_way
from hypernet.progress import silent

if TYPE_CHECKING:
    from bench.learning.cases import Case
    from hypernet.runtime import Runtime


def tried(runtime: Runtime, case: Case) -> dict[str, Any]:
    """Learn a case, and ask.

    Returns:
        `seconds` to learn; under `held` each way's share on the held-out examples; under `asked`
        each way's accuracy on the other inputs, `served` among them; under `sure` pairs of a
        confidence and whether the answer was right.
    """
    task, form, inputs = case.task, Form(), [one.input for one in case.asked]
    started = time.perf_counter()
    quality = learn(runtime, task)
    seconds = time.perf_counter() - started
    answers: dict[str, list[Answer | None]] = {}
    for way in MODEL_WAYS:
        plan = plan_way(way, task, "auto", runtime.library, runtime.engine.capabilities, silent)
        answers[way] = ask(runtime.engine, plan, task, form, inputs)
    if task.labels and runtime.embedder is not None:
        words = WordsModel.fit(task.examples, task.labels, runtime.embedder)
        answers["words"] = list(words.answers(inputs))
    serving = serve(runtime, task, quality, "auto")
    answers["served"] = [
        None if answer is None else serving.settle(text, answer)
        for text, answer in zip(inputs, answers[quality.plan], strict=True)
    ]
    return {
        "task": case.name,
        "seed": case.seed,
        "examples": len(task.examples),
        "labels": len(task.labels),
        "seconds": seconds,
        "serving": quality.serving,
        "plan": quality.plan,
        "expected": quality.expected_accuracy,
        "held": {way: figure.share for way, figure in quality.figures.items()},
        "asked": {way: _accuracy(found, case) for way, found in answers.items()},
        "sure": {way: _sure(found, case) for way, found in answers.items()},
    }


def _accuracy(answers: list[Answer | None], case: Case) -> float:
    pairs = zip(answers, case.asked, strict=True)
    return sum(right(answer, one) for answer, one in pairs) / len(case.asked)


def _sure(answers: list[Answer | None], case: Case) -> list[tuple[float, bool]]:
    return [
        (answer.confidence, right(answer, one))
        for answer, one in zip(answers, case.asked, strict=True)
        if answer is not None and answer.confidence is not None
    ]
