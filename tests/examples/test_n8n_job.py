"""The job's account of itself: rows, checks that can fail, and what machines read."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from n8n_fakes import (
    ALL,
    NODES,
    PAGES,
    FakeDisplay,
    FakeN8n,
    FakeServer,
    a_job,
    a_model_job,
    execution,
    step,
)
from rich.console import Console

from examples.agent.errors import ExampleError
from examples.n8n.checks import checks_of
from examples.n8n.instance import Execution, read_execution
from examples.n8n.job import Job, agrees, run_job
from examples.n8n.report import Screen, as_json, last_line

LAST_LINE = (
    "n8n: 20 steps, 5 tasks, 6 checkpoints, killed after 10, replayed 2 and once more 20, "
    "answers confirmed 20 of 20; model nodes: 6 with 5 adapters, 32 responses and 16 "
    "chat.completions, 20 recorded, 12 replayed once more, answers confirmed 24 of 24"
)


def failed(job: Job) -> list[str]:
    return [check.name for check in checks_of(job) if not check.holds]


def run(executions: list[Execution]) -> tuple[Job, FakeN8n, FakeDisplay]:
    server, display = FakeServer(), FakeDisplay()
    n8n: Any = FakeN8n(server, executions)
    fake: Any = server
    return run_job(n8n, "path", fake, NODES, PAGES, 10, display), n8n, display


def test_a_killed_job_goes_on_in_the_same_execution() -> None:
    """n8n's own second try finds the server again; then all is sent once more."""
    job, n8n, display = run([execution({9, 10}), execution(set(range(1, ALL + 1)))])
    assert failed(job) == []
    assert n8n.bodies == [{}, {"session_id": "session-1"}]
    assert [row.step for row in job.rows if row.replayed] == [9, 10]
    assert display.events[1] == (
        "started it again: 10 steps are there, the last checkpoint after step 9"
    )


def test_an_execution_that_gave_up_is_gone_on_with_under_its_session() -> None:
    """Where the server was away for longer than the nodes try again."""
    gave_up = replace(execution(set()), status="error", error="Knowledge: material: timed out")
    again = execution(set(range(1, ALL + 1)))
    job, n8n, display = run([gave_up, execution(set(range(1, 11))), again])
    assert failed(job) == []
    assert n8n.bodies == [{}, {"session_id": "session-1"}, {"session_id": "session-1"}]
    assert "failed at Knowledge: material: timed out" in display.events[2]
    assert sum(row.replayed for row in job.rows) == 10


def test_a_job_that_never_gets_to_its_end_says_where_it_stopped() -> None:
    gave_up = replace(execution(set()), status="error", error="Transform: record: no")
    with pytest.raises(ExampleError, match=r"does not get to its end: Transform: record: no"):
        run([gave_up, gave_up])


def test_a_server_that_answers_too_early_leaves_no_kill() -> None:
    """The workflow ended by itself: there was nothing to resume."""
    server, display = FakeServer(), FakeDisplay()
    server.started_again.set()
    n8n: Any = FakeN8n(server, [replace(execution(set()), status="error", error="Start: no")])
    fake: Any = server
    with pytest.raises(ExampleError, match=r"ended before the kill: .* failed at Start: no"):
        run_job(n8n, "path", fake, NODES, PAGES, ALL, display)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"kept": ()}, "killed in the middle"),
        ({"kept": ({**step(3), "output": "another"},), "ran_after": 19}, "nothing lost"),
        ({"kept": (step(3),), "ran_after": 20}, "nothing run twice"),
        ({"stored_again": 1}, "the whole job sent once more runs nothing"),
    ],
    ids=["no kill", "a lost answer", "a step run twice", "a text stored again"],
)
def test_each_check_fails_where_its_promise_is_broken(changes: dict[str, Any], name: str) -> None:
    assert name in failed(a_job(**changes))


def test_a_step_held_twice_fails_though_its_answer_is_right() -> None:
    held = a_job().held
    assert failed(a_job(held=(*held, {**step(20), "step": 21}))) == ["nothing run twice"]


def test_weights_that_stay_from_node_to_node_fail() -> None:
    rows = tuple(replace(row, adapter="one for all") for row in a_job().rows)
    assert failed(a_job(rows=rows)) == ["task and weights change from node to node"]
    rows = tuple(replace(row, adapter=None) for row in a_job().rows)
    assert failed(a_job(rows=rows)) == ["task and weights change from node to node"]


def test_a_checkpoint_that_is_missing_or_too_much_fails() -> None:
    rows = a_job().rows
    for changed in (replace(rows[2], checkpoint=None), replace(rows[3], checkpoint="more")):
        mixed = tuple(changed if row.step == changed.step else row for row in rows)
        assert failed(a_job(rows=mixed)) == ["a checkpoint every 3 steps"]


def test_a_step_that_ran_when_all_was_sent_once_more_fails() -> None:
    rows = tuple(replace(row, replayed_again=row.step != 7) for row in a_job().rows)
    assert failed(a_job(rows=rows)) == ["the whole job sent once more runs nothing"]


@pytest.mark.parametrize(
    ("output", "expected", "same"),
    [
        ("EUR 27.25", "27.25", True),
        ("27.25", "27.25", True),
        ("EUR 27.2", "27.25", False),
        ("EUR 127.25", "27.25", False),
        ("haldor", "Haldor", True),
        ("Haldor lamp", "Haldor", False),
        ('{"a": "x", "b": "EUR 1.00"}', '{"b": "1.00", "a": "X"}', True),
        ('{"a": "x"}', '{"b": "1.00", "a": "X"}', False),
        ("no JSON", '{"a": "x"}', False),
    ],
)
def test_an_answer_is_right_when_it_says_what_the_markup_says(
    output: str, expected: str, same: bool
) -> None:
    assert agrees(output, expected) is same


def test_a_failed_execution_tells_the_node_and_keeps_what_was_done() -> None:
    """As n8n's public interface gives it; what the failing node had done is not there."""
    kept = {
        "id": 3,
        "status": "error",
        "data": {
            "resultData": {
                "error": {"message": "Request timed out", "node": {"name": "Scraper: price"}},
                "lastNodeExecuted": "Scraper: price",
                "runData": {
                    "Start": [
                        {"executionStatus": "success", "data": {"main": [[{"json": {"body": {}}}]]}}
                    ],
                    "Model of price": [
                        {"executionStatus": "success", "data": {"ai_languageModel": [[{}]]}}
                    ],
                    "Scraper: price": [{"executionStatus": "error"}],
                },
            }
        },
    }
    read = read_execution(kept)
    assert read == Execution(
        "3", "error", "Scraper: price: Request timed out", {"Start": [{"body": {}}]}
    )


def test_the_screen_shows_steps_by_node_and_ends_with_the_line_for_machines() -> None:
    file = io.StringIO()
    job = a_job()
    with Screen(Console(file=file, width=120, highlight=False)) as screen:
        screen.event("n8n [runs]")
        screen.summary(job, a_model_job(), checks_of(job))
    text = file.getvalue()
    lines = text.splitlines()
    assert "\x1b" not in text
    assert lines[0] == "     -- n8n [runs]"
    assert lines[1] == "Scraper: maker | the task of Scraper: maker | hybrid, near, adapter-"
    assert lines[2].split() == ["1", "classic-teapot", "Mirelle", "right"]
    heads = [line for line in lines if line.startswith("Message: review")]
    assert heads == [
        "Message: review | the saved task's text | task:page-review, responses, OpenAI 2.3 | "
        "hybrid, adapter-",
        "Message: review again | - | task:page-review, chat.completions, OpenAI 1.8 | "
        "hybrid, adapter-",
    ]
    assert sum(line.lstrip().startswith("- ") for line in lines) == 4
    assert sum(line.startswith("ok ") for line in lines) == 6
    assert [line.split()[0] for line in lines if "*" in line] == ["9*", "10*", "*"]
    assert lines[-1] == LAST_LINE


def test_a_check_that_fails_is_shown_as_such() -> None:
    file = io.StringIO()
    job = a_job(stored_again=2)
    with Screen(Console(file=file, width=120, highlight=False)) as screen:
        screen.summary(job, a_model_job(), checks_of(job))
    said = "FAILED the whole job sent once more runs nothing: 20 of 20 steps replayed, 2 texts"
    assert said in file.getvalue()


def test_json_holds_steps_executions_checks_and_summary() -> None:
    job = a_job()
    data = as_json(job, a_model_job(), checks_of(job))
    assert len(data["steps"]) == ALL
    assert len(data["models"]["answers"]) == 24
    assert data["models"]["calls"]["responses"] == {"ok": 32, "error": 0}
    assert data["summary"]["model_confirmed"] == 24
    assert [each["status"] for each in data["executions"]] == ["success", "success"]
    assert all(check["holds"] for check in data["checks"])
    assert data["summary"]["confirmed"] == ALL
    assert data["summary"]["last_checkpoint_then"] == 9
    assert last_line(job, a_model_job()) == LAST_LINE
