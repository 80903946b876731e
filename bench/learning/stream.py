"""A stream of one task's inputs, each wrong answer corrected: how many are wrong at its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypernet.adapters.plan import make_plan
from hypernet.learning.answers import Form, ask, right
from hypernet.learning.learn import due, learn
from hypernet.learning.serve import serve
from hypernet.progress import silent

if TYPE_CHECKING:
    from bench.learning.cases import Case
    from hypernet.learning.quality import Quality
    from hypernet.runtime import Runtime
    from hypernet.task import Task


def streamed(runtime: Runtime, case: Case) -> dict[str, Any]:
    """Ask a case's inputs one after the other; the task begins without examples.

    Returns:
        `wrong`, for each input in turn.
    """
    task = replace(case.task, examples=())
    learned: tuple[Task, Quality] | None = None
    wrong: list[bool] = []
    for one in case.asked:
        answer = _answered(runtime, task, learned, one.input)
        wrong.append(not right(answer, one))
        if wrong[-1]:
            task = replace(task, examples=(*task.examples, one))
            before = 0 if learned is None else len(learned[0].examples)
            if due(len(task.examples), before):
                learned = (task, learn(runtime, task, before=learned and learned[1].serving))
    return {"task": case.name, "labels": len(task.labels), "seed": case.seed, "wrong": wrong}


def _answered(runtime: Runtime, task: Task, learned: tuple[Task, Quality] | None, text: str) -> Any:
    if learned is None:
        capabilities = runtime.engine.capabilities
        plan = make_plan(runtime.library, task, "auto", capabilities=capabilities, progress=silent)
        return ask(runtime.engine, plan, task, Form(), [text])[0]
    serving = serve(runtime, task, learned[1], "auto", learned=learned[0])
    answer = ask(runtime.engine, serving.plan, task, Form(), [text])[0]
    return None if answer is None else serving.settle(text, answer)
