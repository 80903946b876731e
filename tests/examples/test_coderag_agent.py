"""The code-retrieval agent against a server that answers by the book, or does not."""

from __future__ import annotations

from typing import Any, cast

import anyio
import pytest
from coderag_fakes import CLAMP, IS_WORD, excerpt, row, step_result
from competitive_fakes import FakeDisplay, FakeLink

from examples.agent.errors import ExampleError
from examples.coderag import passages
from examples.coderag.agent import Agent, Run, input_of, make_row
from examples.coderag.plan import Query, Step
from examples.coderag.report import (
    RETRIEVED,
    as_json,
    cells,
    last_line,
    problems,
    summarise,
    summary_lines,
)
from examples.coderag.tasks import NamedTask

SOURCE = "code/toolkit/tools.py"
EARLIER = "code/toolkit-earlier/clamp.py"
TWO = f"import sys\n\n\n{CLAMP}\n\n\n{IS_WORD}\n\nSIZE = 3\n"


def step(kind: Any, **fields: Any) -> Step:
    defaults: dict[str, Any] = {
        "number": 1,
        "package": "toolkit",
        "name": "clamp",
        "source": SOURCE,
        "queries": (Query("def clamp"),),
        "detail": "",
        "expected": "",
    }
    return Step(kind=kind, task=NamedTask(kind, "Do it."), **{**defaults, **fields})


def test_a_function_is_cut_out_of_the_excerpt_of_its_file() -> None:
    """Neighbours and other files with the same name stay out."""
    excerpts = [excerpt(IS_WORD, "code/other/tools.py"), excerpt(TWO)]
    assert passages.function_in(excerpts, SOURCE, "clamp") == CLAMP
    assert passages.function_in(excerpts, SOURCE, "is_word") == IS_WORD
    assert passages.function_in(excerpts, SOURCE, "word") is None


def test_what_memory_did_not_bring_is_not_in_the_input() -> None:
    """The step runs on the best that there is, and its row says so."""
    text, found = input_of(step("explain"), [excerpt(IS_WORD, score=2.0), excerpt("x = 1")])
    assert (text, found) == (IS_WORD, False)
    assert input_of(step("explain"), []) == ("", False)


def test_a_find_step_offers_what_memory_brought_with_its_documentation() -> None:
    """The wanted sentence comes last."""
    text, found = input_of(step("find", detail="Keep a value within its bounds"), [excerpt(TWO)])
    assert found
    assert text == (
        "Keep a value within its bounds: clamp\n"
        "Return True if the text is one word: is_word\n\n"
        "Wanted: Keep a value within its bounds"
    )


def test_a_comparison_takes_both_versions_from_memory() -> None:
    """Without the earlier one the difference is not to be had."""
    asked = step("compare", queries=(Query("def clamp"), Query("def clamp", (EARLIER,))))
    before = excerpt(CLAMP.replace("highest=10", "highest=11"), EARLIER)
    text, found = input_of(asked, [excerpt(TWO), before])
    assert found
    assert [line[0] for line in text.split("\n")] == ["-", "+"]
    assert not input_of(asked, [excerpt(TWO)])[1]


def test_a_step_looks_up_sets_its_named_task_and_runs_with_a_key() -> None:
    """And keeps memory out of the prompt by itself: the agent picked what goes in."""
    link = FakeLink(
        recall={"excerpts": [excerpt(TWO)], "tokens": 8_000},
        set_task={"session_id": "s"},
        run_step=step_result(1, "lowest=0"),
    )
    display, run = FakeDisplay(), Run(seed=1, session="s")
    one = step("default", detail="lowest", expected="lowest=0")
    anyio.run(Agent(cast("Any", link), display, run).take, one)
    assert [tool for tool, _ in link.calls] == ["recall", "set_task", "run_step"]
    assert link.calls[1][1]["name"] == "coderag-default"
    sent = link.calls[2][1]
    assert sent["step_key"] == one.key
    assert sent["context_tokens"] == 0
    assert sent["input"] == f"{CLAMP}\n\nParameter: lowest"
    (done,) = run.rows
    assert (done.correct, done.found, done.retrieved_tokens) == (True, True, 8_000)
    assert done.prompt_tokens == 95
    assert done.sources == (SOURCE,)


def test_the_agent_waits_for_tasks_to_be_learned_and_names_those_that_are_not() -> None:
    """A task that the server gives up does not hold up the job."""
    served = {"name": "coderag-default", "serving": "trained", "expected_accuracy": 0.9}
    unserved = {"name": "coderag-find", "serving": None, "expected_accuracy": None}
    status = {"tasks": [served, unserved], "learning": None, "message": "", "model": "ready"}
    link, display, run = FakeLink(save_task={}, status=status), FakeDisplay(), Run(seed=1)
    tasks = [NamedTask("default", "Do it."), NamedTask("find", "Do it.")]
    agent = Agent(cast("Any", link), display, run, poll_seconds=0.0)
    anyio.run(agent.save_tasks, tasks, 60.0)
    assert run.served == {"coderag-default": ("trained", 0.9)}
    assert any(line.startswith("coderag-find is not learned") for line in display.lines)


def test_a_step_numbered_otherwise_ends_the_run() -> None:
    """It would belong to another history."""
    with pytest.raises(ExampleError, match="step 1 came back as step 2"):
        make_row(step("explain"), step_result(2, "x"), [], is_found=True, seconds=1.0)


def test_a_wrong_and_an_unsure_answer_are_each_an_intervention() -> None:
    """One that is both counts once."""
    rows = [
        row(1),
        row(2, correct=False),
        row(3, review=True),
        row(4, correct=False, review=True, kind="find"),
    ]
    numbers = summarise(Run(seed=1, rows=rows))
    assert (numbers["right"], numbers["reviews"], numbers["interventions"]) == (2, 2, 3)
    assert numbers["by_kind"] == {
        "default": {"right": 2, "asked": 3},
        "find": {"right": 0, "asked": 1},
    }
    assert cells(rows[3])[7] == "no?"


def test_earlier_versions_are_of_the_package_that_they_are_versions_of() -> None:
    """They do not make up for a package that is missing."""
    rows = [row(sources=("code/a/x.py", "code/a-earlier/f.py", "code/b/y.py"))]
    assert summarise(Run(seed=1, rows=rows))["retrieved_packages"] == 2


def test_what_the_job_must_hold_is_named_where_it_does_not() -> None:
    """Wrong answers are counted, and no failure."""
    good = Run(seed=1, rows=[row(n, correct=False) for n in range(1, 13)])
    assert problems(summarise(good)) == []
    bad = Run(seed=1, rows=[row(1, sources=("code/a/x.py",), saturation=0.8)])
    said = problems(summarise(bad))
    assert [str(RETRIEVED) in said[0], "1 packages" in said[1], "0.80" in said[2]] == [True] * 3


def test_the_last_line_and_the_file_say_what_the_summary_says() -> None:
    """Machines read both."""
    run = Run(seed=5, session="s", rows=[row(n) for n in range(1, 13)])
    numbers = summarise(run)
    assert last_line(numbers) == (
        "coderag: seed 5, 12 steps, 12 right, 0 interventions, 96000 tokens retrieved from "
        "7 packages, max saturation 0.02"
    )
    assert any("default 12 of 12" in line for line in summary_lines(numbers))
    data = as_json(run)
    assert data["summary"] == numbers
    assert data["steps"][0]["intervention"] is False
