"""One case: learned, and then every way and what is served asked the same other inputs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hypernet.learning.answers import Answer, Form, ask, likeness, right
from hypernet.learning.gate import choose
from hypernet.learning.judges.probe import spelled
from hypernet.learning.judges.words import WordsModel
from hypernet.learning.learn import remembering
from hypernet.learning.measure import measure
from hypernet.learning.serve import serve
from hypernet.learning.ways import MODEL_WAYS, plan_way
from hypernet.progress import silent
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.learning.cases import Case
    from hypernet.runtime import Runtime
    from hypernet.task import Example


def tried(runtime: Runtime, case: Case) -> dict[str, Any]:
    """Learn a case, and ask.

    Returns:
        `seconds` to learn; under `held` each way's share on the held-out examples; under `asked`
        each way's accuracy on the other inputs, `served` among them; under `sure` pairs of a
        confidence and whether the answer was right; under `shares` those of each way's labels,
        held out and asked, with the right ones: what another gate would make of them.
    """
    task, form, inputs = case.task, Form(), [one.input for one in case.asked]
    started = time.perf_counter()
    with remembering(runtime, task) as once:
        held = measure(once, task, form, "auto", silent)
        quality = choose(held)
        capabilities = runtime.engine.capabilities
        plan_way(quality.plan, task, "auto", once.library, capabilities, silent)
    seconds = time.perf_counter() - started
    answers: dict[str, list[Answer | None]] = {}
    for way in MODEL_WAYS:
        plan = plan_way(way, task, "auto", runtime.library, runtime.engine.capabilities, silent)
        answers[way] = ask(runtime.engine, plan, task, form, inputs)
    if task.labels and runtime.embedder is not None:
        words = WordsModel.fit(task.examples, task.labels, runtime.embedder)
        answers["words"] = list(words.answers(inputs))
    if held.probe is not None:
        answers["probe"] = [
            None
            if answer is None or answer.state_D is None
            else Answer.likeliest(spelled(held.probe.shares(answer.state_D), task.labels))
            for answer in answers[held.probed]
        ]
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
        "shares": {
            "held": _shares(held.answers, held.examples, task.labels),
            "asked": _shares(answers, case.asked, task.labels),
        },
    }


def _shares(
    answers: Mapping[Any, Sequence[Answer | None]],
    examples: Sequence[Example],
    labels: Sequence[str],
) -> dict[str, Any]:
    """Of each way the labels' shares for each example, in the labels' order, and the right label.

    Without labels the confidence of each answer, and whether it is right.
    """
    found: dict[str, Any] = {}
    if labels:
        known = [as_read(label) for label in labels]
        found["right"] = [known.index(as_read(one.output)) for one in examples]
    for way, given in answers.items():
        if not labels:
            pairs = zip(given, examples, strict=True)
            found[way] = [[a and a.confidence, right(a, e), likeness(a, e)] for a, e in pairs]
        else:
            found[way] = [
                a and a.shares and [round(a.shares[label], 6) for label in labels] for a in given
            ]
    return found


def _accuracy(answers: list[Answer | None], case: Case) -> float:
    pairs = zip(answers, case.asked, strict=True)
    return sum(right(answer, one) for answer, one in pairs) / len(case.asked)


def _sure(answers: list[Answer | None], case: Case) -> list[tuple[float, bool]]:
    return [
        (answer.confidence, right(answer, one))
        for answer, one in zip(answers, case.asked, strict=True)
        if answer is not None and answer.confidence is not None
    ]
