"""Tasks that last: saved, used by name, corrected, learned, through the public door."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from click.testing import CliRunner
from support import connected

from checkpoints import Store, TaskDefinition
from hypernet.engine.echo import EchoEngine
from mcp_server.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import Caller

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

LABELS = ["billing", "shipping"]
# The first word tells the label, and no input holds a label: the echo engine gets half right.
COINS = [
    {"input": f"{('money', 'parcel')[n % 2]} question number {n}", "output": LABELS[n % 2]}
    for n in range(16)
]
TICKETS = {"name": "tickets", "task": "Sort by topic.", "labels": LABELS}


async def card(call: Caller, name: str) -> dict[str, Any]:
    (content,) = (await call.client.read_resource(f"memory://tasks/{name}")).contents
    return dict(json.loads(content.text))


async def begun(call: Caller, name: str = "tickets") -> str:
    return str((await call("set_task", name=name))["session_id"])


async def test_a_saved_task_is_used_by_its_name_and_steps_run_with_its_labels(make_app: MakeApp):
    async with connected(make_app()) as call:
        saved = await call("save_task", **TICKETS)
        task = await call("set_task", name="tickets")
        step = await call("run_step", session_id=task["session_id"], input="about shipping")
    assert (saved["changed"], saved["task"]["version"]) == (True, 1)
    assert (task["name"], task["version"], task["labels"]) == ("tickets", 1, LABELS)
    assert (step["output"], step["answered_by"]) == ("shipping", "model")


async def test_what_is_saved_as_it_was_changes_nothing_and_says_so(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        again = await call("save_task", **TICKETS)
        other = await call("save_task", name="tickets", task="Sort tickets by topic.")
    assert (again["changed"], again["task"]["version"]) == (False, 1)
    assert (other["changed"], other["task"]["version"]) == (True, 2)
    assert other["task"]["labels"] == LABELS


async def test_a_corrected_input_is_never_answered_wrong_again(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = await begun(call)
        wrong = await call("run_step", session_id=session, input="my parcel never came")
        done = await call("correct_step", session_id=session, step=1, output="shipping")
        right = await call("run_step", session_id=session, input=" my  parcel never came")
        elsewhere = await begun(call)
        there = await call("run_step", session_id=elsewhere, input="my parcel never came")
        first = await call("status", session_id=session)
    assert wrong["output"] == "billing"
    assert (done["changed"], done["task"], done["version"], done["examples"]) == (
        True, "tickets", 2, 1,
    )  # fmt: skip
    assert (right["output"], right["answered_by"], right["confidence"]) == (
        "shipping", "example", 1.0,
    )  # fmt: skip
    assert right["tokens"]["generated"] == right["tokens"]["prompt"] == 0
    assert there["output"] == "shipping"
    assert first["sessions"][0]["steps"] == 2


async def test_a_correction_of_an_unnamed_task_teaches_the_session_alone(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin("Sort.", labels=LABELS)
        await call("run_step", session_id=session, input="my parcel never came")
        done = await call("correct_step", session_id=session, step=1, output="shipping")
        right = await call("run_step", session_id=session, input="my parcel never came")
        other = await call.begin("Sort.", labels=LABELS)
        there = await call("run_step", session_id=other, input="my parcel never came")
    assert (done["task"], done["changed"]) == (None, True)
    assert right["output"] == "shipping"
    assert there["output"] == "billing"


async def test_a_correction_can_be_taken_back_and_then_there_is_none_to_take_back(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = await begun(call)
        await call("run_step", session_id=session, input="my parcel never came")
        await call("correct_step", session_id=session, step=1, output="shipping")
        back = await call("correct_step", session_id=session, step=1, take_back=True)
        step = await call("run_step", session_id=session, input="my parcel never came")
        refused = await call.refused("correct_step", session_id=session, step=1, take_back=True)
    assert (back["taken_back"], back["examples"]) == (True, 0)
    assert (step["output"], step["answered_by"]) == ("billing", "model")
    assert "take_back: step 1 has no correction; nothing was changed" in refused


async def test_a_key_sent_again_after_a_correction_gives_the_recorded_answer(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = await begun(call)
        arguments = {"session_id": session, "input": "my parcel", "step_key": "one"}
        first = await call("run_step", **arguments)
        await call("correct_step", session_id=session, step=1, output="shipping")
        again = await call("run_step", **arguments)
    assert (again["replayed"], again["output"]) == (True, first["output"])


async def test_the_server_learns_a_task_in_the_background_and_serves_the_best_way(
    make_app: MakeApp,
):
    app = make_app()
    async with connected(app) as call:
        await call("save_task", **TICKETS, examples=COINS)
        session = await begun(call)
        await to_thread.run_sync(app.learner.wait)
        learned = await card(call, "tickets")
        task = await call("set_task", name="tickets")
        step = await call("run_step", session_id=session, input="parcel question of mine")
        listed = (await call("status"))["tasks"]
    quality = learned["quality"]
    ways = {each["way"]: each for each in quality["ways"]}
    assert (ways["prompted"]["right"], ways["words"]["right"]) == (8, 16)
    assert quality["serving"] in ("words", "both")
    assert 0.9 < quality["expected_accuracy"] < 1
    assert task["quality"] == quality
    assert (step["output"], step["answered_by"]) == ("shipping", quality["serving"])
    assert [(each["name"], each["examples"], each["serving"]) for each in listed] == [
        ("tickets", 16, quality["serving"])
    ]


async def test_a_probe_of_the_models_state_serves_where_the_model_itself_is_wrong(
    make_app: MakeApp,
):
    app = make_app(EchoEngine(states=True))
    async with connected(app) as call:
        await call("save_task", **TICKETS, examples=COINS)
        session = await begun(call)
        await to_thread.run_sync(app.learner.wait)
        quality = (await card(call, "tickets"))["quality"]
        step = await call("run_step", session_id=session, input="parcel question of mine")
    assert (quality["serving"], [each["way"] for each in quality["ways"]][-3:]) == (
        "probe", ["words", "probe", "both"],
    )  # fmt: skip
    assert (step["output"], step["answered_by"]) == ("shipping", "both")
    assert step["confidence"] == step["shares"]["shipping"] > 0.5


async def test_where_words_alone_serve_no_model_runs_beside_memory_either(make_app: MakeApp):
    app = make_app()
    alone = {
        "figures": {"prompted": {"right": 1, "asked": 4}, "words": {"right": 4, "asked": 4}},
        "serving": "words",
        "plan": "prompted",
        "examples": 7,
        "blend": {"model": 0.0, "words": 1.0, "probe": 0.0},
        "calibration": None,
        "probe": None,
    }
    async with connected(app) as call:
        await call("save_task", **TICKETS, examples=COINS[:7])
        session = await begun(call)
        assert app.learner.model is not None
        version = app.store().tasks.get("tickets")
        app.store().tasks.measured(version.digest, {app.learner.model: alone})
        await call("remember", session_id=session, text="parcel question answers", pinned=True)
        step = await call("run_step", session_id=session, input="parcel question of mine")
        listed = await call("run_step", session_id=session, input="parcel x", labels=LABELS)
    assert step["context"][-1]["tokens"] > 0
    assert (step["output"], step["answered_by"], step["tokens"]["prompt"]) == (
        "shipping", "words", 0,
    )  # fmt: skip
    assert listed["answered_by"] == "model"


async def test_a_few_corrections_after_learning_are_heard_at_once(make_app: MakeApp):
    app = make_app()
    async with connected(app) as call:
        await call("save_task", **TICKETS, examples=COINS)
        session = await begun(call)
        await to_thread.run_sync(app.learner.wait)
        await call("run_step", session_id=session, input="zebra crossing")
        await call("correct_step", session_id=session, step=1, output="shipping")
        await to_thread.run_sync(app.learner.wait)
        learned = await card(call, "tickets")
        step = await call("run_step", session_id=session, input="zebra crossing")
    assert (learned["version"], learned["examples"]) == (2, 17)
    assert learned["quality"]["version"] == 1
    assert (step["output"], step["answered_by"]) == ("shipping", "example")


async def test_an_answer_under_the_threshold_asks_for_review_with_the_reason(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS, ask_below=0.95)
        session = await begun(call)
        asked = await call("run_step", session_id=session, input="about shipping")
        lower = await call("run_step", session_id=session, input="about billing", ask_below=0.5)
        unnamed = await call.begin("Repeat.")
        unknown = await call("run_step", session_id=unnamed, input="x", ask_below=0.5)
        silent = await call("run_step", session_id=unnamed, input="x")
    assert asked["needs_review"]
    assert asked["review_reason"] == "confidence 0.90 is under ask_below 0.95"
    assert (lower["needs_review"], lower["review_reason"]) == (False, None)
    assert "is not known" in unknown["review_reason"]
    assert not silent["needs_review"]


async def test_going_back_to_an_earlier_version_is_one_call(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        await call("save_task", name="tickets", task="Nonsense.")
        back = await call("save_task", name="tickets", go_back_to=1)
        refused = await call.refused("save_task", name="tickets", go_back_to=1, task="x")
        same = await call.refused("save_task", name="tickets", go_back_to=1)
        unknown = await call.refused("save_task", name="tickets", go_back_to=99)
        other = [{"share": False}, {"copy": False}, {"ask_below": 0.0}, {"labels": []}]
        alone = [
            await call.refused("save_task", name="tickets", go_back_to=2, **each) for each in other
        ]
        none = await call.refused("save_task", name="tickets", go_back_to=-1)
    assert back["task"]["description"] == "Sort by topic."
    assert all("go_back_to: goes alone" in each for each in (refused, *alone))
    assert none == "go_back_to: -1 is not between 1 and 2147483647"
    assert same == "go_back_to: 1 is the current one; nothing was changed"
    assert unknown.startswith("go_back_to: there is no version 99 of task 'tickets'; nothing was")


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("set_task", {}, "task: say what the steps are for, or give the name"),
        ("set_task", {"name": "tickets", "task": "x"}, "name: give either"),
        ("set_task", {"name": "ticket"}, "tickets"),
        ("set_task", {"name": "tickets", "labels": LABELS}, "task: labels and examples need one"),
        ("set_task", {"name": "tickets", "mode": "prompted"}, "name: a saved task has its mode"),
        ("save_task", {"name": "new"}, "task: there is no task 'new' yet"),
        ("save_task", {"name": "../x", "task": "y"}, "name"),
        ("save_task", {"name": "tickets", "labels": ["one"]}, "labels"),
        ("save_task", {"name": "tickets", "ask_below": 1.5}, "ask_below: 1.5"),
        (
            "save_task",
            {"name": "tickets", "examples": [{"input": "x", "output": "other"}]},
            "examples[0].output",
        ),
        ("correct_step", {"session_id": "S", "step": 9, "output": "billing"}, "step"),
        ("correct_step", {"session_id": "S", "step": 1, "output": "other"}, "none of the labels"),
        ("correct_step", {"session_id": "S", "step": 0}, "step: 0"),
    ],
)
async def test_what_cannot_be_is_refused_by_the_name_of_the_argument(
    make_app: MakeApp, tool: str, arguments: dict[str, Any], message: str
):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = await begun(call)
        await call("run_step", session_id=session, input="x")
        given = {k: session if v == "S" else v for k, v in arguments.items()}
        refused = await call.refused(tool, **given)
        kept = await card(call, "tickets")
    assert message in refused
    assert (kept["version"], kept["examples"]) == (1, 0)


async def test_a_task_is_found_and_changed_by_its_name_however_many_there_are(
    make_app: MakeApp, database: Path
):
    with Store.open(database) as store:
        for number in range(1_001):
            store.tasks.save(f"a{number}", TaskDefinition("Sort."))
        store.tasks.save("tickets", TaskDefinition("Sort.", labels=tuple(LABELS), ask_below=0.5))
    shell = ["--database", str(database), "--engine", "echo", "tasks"]
    said = [
        (await to_thread.run_sync(CliRunner().invoke, main, [*shell, *each])).output
        for each in (["share", "tickets"], ["share", "tickets"], ["show", "tickets"])
    ]
    async with connected(make_app()) as call:
        added = await call("save_task", name="tickets", add=True, examples=COINS[:1])
        renamed = await call("save_task", name="tickets", task="Sort by topic.")
        alone = await call("save_task", name="tickets", share=False)
    assert [each.startswith("nothing changed") for each in said[:2]] == [False, True]
    assert re.search(r"shared +yes\n", said[2])
    assert (added["changed"], added["task"]["examples"]) == (True, 1)
    assert (renamed["task"]["labels"], renamed["task"]["ask_below"]) == (LABELS, 0.5)
    assert alone["changed"]
