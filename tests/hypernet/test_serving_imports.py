"""What serves is free of training and evaluation."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from hypernet.engine.interface import Request
from hypernet.adapters.plan import make_plan
from hypernet.runtime import RuntimeOptions, load_runtime
from hypernet.task import Example, Task

runtime = load_runtime(RuntimeOptions())
task = Task("Classify the sentiment.", ("positive", "negative"), tuple(
    Example(f"{text} {n}", label)
    for n in range(4)
    for text, label in (("I loved it,", "positive"), ("A waste of money,", "negative"))
))
abilities = runtime.engine.capabilities
plan = make_plan(runtime.library, task, "auto", capabilities=abilities, refined=True)
request = Request("What a film!", plan.prefix, plan.adapter, labels=task.labels)
print(runtime.engine.submit(request).result().text, plan.entry.parent is not None)
runtime.close()
elsewhere = ("hypernet.training", "hypernet.evaluation")
print([name for name in sys.modules if name.startswith(elsewhere)])
"""


@pytest.mark.model
def test_the_real_runtime_refines_and_answers_without_training_or_evaluation() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    answer, modules = done.stdout.strip().splitlines()
    assert answer in ("positive True", "negative True")
    assert modules == "[]"
