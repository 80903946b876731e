"""The background learner: with which model a task was measured, and what goes wrong on the way."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from serving import connected_to, listening
from support import connected

from hypernet.adapters.cache import AdapterCache, NoneShortEnoughError
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.engine.interface import Capabilities
from hypernet.hypernetwork.embedding import Embedder
from hypernet.learning.answers import Form
from hypernet.runtime import Runtime
from hypernet.task import Example, Task
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.tasks.estimate import estimate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import Caller

    from hypernet.adapters.cache import RefinedAdapter
    from hypernet.engine.interface import Adapter
    from hypernet.progress import Progress
    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

LABELS = ["billing", "shipping"]
# The first word tells the label, and no input holds a label: the echo engine gets half right.
COINS = [
    {"input": f"{('money', 'parcel')[n % 2]} question number {n}", "output": LABELS[n % 2]}
    for n in range(16)
]
TICKETS = {"name": "tickets", "task": "Sort by topic.", "labels": LABELS, "examples": COINS}


def loading(
    base: str = "one",
    engine: EchoEngine | None = None,
    source: EchoSource | None = None,
    *,
    weights: bool = True,
) -> Callable[[object, object], Runtime]:
    """What loads a model side around the echo engine, by the name of its base."""

    def load(options: object, progress: object) -> Runtime:
        library = AdapterCache(source or EchoSource()) if weights else None
        about = {"engine": "echo", "base_fingerprint": base, "hypernetwork": "echo 1"}
        return Runtime(engine or EchoEngine(), library, about, Embedder("echo", echo_embeddings))

    return load


async def card(call: Caller, name: str = "tickets") -> dict[str, Any]:
    (content,) = (await call.client.read_resource(f"memory://tasks/{name}")).contents
    return dict(json.loads(content.text))


async def learned(app: Application, call: Caller, **arguments: Any) -> dict[str, Any]:
    """The card of a task that was saved and learned."""
    await call("save_task", **{**TICKETS, **arguments})
    await call("set_task", name="tickets")  # the model is loaded now
    await to_thread.run_sync(app.learner.wait)
    return await card(call)


# With which model


async def test_a_quality_names_the_model_that_it_was_measured_with(make_app: MakeApp):
    app = make_app(load=loading("one"))
    async with connected(app) as call:
        quality = (await learned(app, call))["quality"]
    assert quality["measured_with"] == "echo, one, echo 1, echo"


async def test_another_model_does_not_serve_by_it_and_measures_for_itself(
    make_app: MakeApp, database: Path
):
    first = make_app(load=loading("one"))
    async with connected(first) as call:
        await learned(first, call)
    first.close()
    held = threading.Event()
    engine = EchoEngine(before_token=lambda n: held.wait() and None)
    second = make_app(load=loading("two", engine))
    async with connected(second) as call:
        before = await call("set_task", name="tickets")
        (line,) = (await call("status"))["tasks"]
        held.set()
        await to_thread.run_sync(second.learner.wait)
        after = await card(call)
    second.close()
    third = make_app(load=loading("one"))
    async with connected(third) as call:
        again = await call("set_task", name="tickets")
        (kept,) = (await call("status"))["tasks"]
    assert (before["quality"], line["serving"]) == (None, None)
    assert after["quality"]["measured_with"] == "echo, two, echo 1, echo"
    assert again["quality"]["measured_with"] == "echo, one, echo 1, echo"
    assert kept["serving"] == again["quality"]["serving"]


@pytest.mark.parametrize(
    "damage",
    ["no JSON", "[]", "{}", '{"echo, one, echo 1, echo": {"figures": {}}}'],
)
async def test_a_quality_that_cannot_be_read_is_measured_again(
    make_app: MakeApp, database: Path, damage: str
):
    app = make_app(load=loading("one"))
    async with connected(app) as call:
        expected = (await learned(app, call))["quality"]
    app.close()
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE task_versions SET quality_json = ?", [damage])
    app = make_app(load=loading("one"))
    async with connected(app) as call:
        task = await call("set_task", name="tickets")
        await to_thread.run_sync(app.learner.wait)
        assert (await card(call))["quality"] == expected
        assert task["session_id"]


# What goes wrong


class Untrainable(EchoSource):
    """Writes adapters, and can train none."""

    def refine(
        self, task: Task, start: Adapter, *, in_prompt: bool, progress: Progress = print
    ) -> RefinedAdapter:
        raise NoneShortEnoughError


class PartlyTrainable(EchoSource):
    """Trains adapters, but none of the parts of a task in one go."""

    def refine_together(self, starts: Any, **named: Any) -> Any:
        raise NoneShortEnoughError


@pytest.mark.parametrize("source", [EchoSource(), PartlyTrainable()])
def test_the_time_is_estimated_and_nothing_kept_also_where_a_part_cannot_be_trained_on(
    source: EchoSource,
):
    examples = tuple(Example(f"text {n}", ("one", "two")[n % 2]) for n in range(16))
    library = AdapterCache(source)
    runtime = Runtime(EchoEngine(), library, {}, Embedder("echo", echo_embeddings))
    task = Task("Sort.", ("one", "two"), examples)
    found = estimate(runtime, task, Form(), "auto")
    assert (found.turns, found.questions) == (4, 64)
    assert found.seconds > 0
    assert not library.get(task).cached


async def test_a_way_that_cannot_be_had_is_left_out_and_the_others_are_measured(
    make_app: MakeApp,
):
    app = make_app(load=loading(source=Untrainable()))
    async with connected(app) as call:
        quality = (await learned(app, call))["quality"]
        step = await call(
            "run_step",
            session_id=(await call("set_task", name="tickets"))["session_id"],
            input="parcel question of mine",
        )
    assert [each["way"] for each in quality["ways"]] == [
        "prompted", "text", "examples", "words", "both",
    ]  # fmt: skip
    assert step["output"] == "shipping"


async def test_without_a_hypernetwork_a_task_is_measured_in_the_prompt(make_app: MakeApp):
    app = make_app(load=loading(weights=False))
    async with connected(app) as call:
        quality = (await learned(app, call))["quality"]
        session = (await call("set_task", name="tickets"))["session_id"]
        step = await call("run_step", session_id=session, input="parcel question of mine")
    assert [each["way"] for each in quality["ways"]] == ["prompted", "examples", "words", "both"]
    assert (step["output"], step["mode"]) == ("shipping", "prompted")


async def test_an_engine_that_runs_no_hybrid_measures_all_ways(make_app: MakeApp):
    class Plain(EchoEngine):
        capabilities = Capabilities(prefix_without_adapter=False, copy=False)

    app = make_app(load=loading(engine=Plain()))
    async with connected(app) as call:
        quality = (await learned(app, call))["quality"]
        session = (await call("set_task", name="tickets"))["session_id"]
        step = await call("run_step", session_id=session, input="parcel question of mine")
    assert len(quality["ways"]) == 6
    assert step["output"] == "shipping"


async def test_a_task_that_cannot_be_learned_says_why_and_the_next_is_learned(
    make_app: MakeApp,
):
    class Fails(EchoSource):
        def refine_together(self, starts: Any, **named: Any) -> Any:
            if starts[0][0].description == "Sort by topic.":
                raise KeyError("a secret of the inside")
            return super().refine_together(starts, **named)

    app = make_app(load=loading(source=Fails()))
    async with connected(app) as call:
        failed = await learned(app, call)
        await call("save_task", **{**TICKETS, "name": "others", "task": "Sort otherwise."})
        await to_thread.run_sync(app.learner.wait)
        other = await card(call, "others")
        session = (await call("set_task", name="tickets"))["session_id"]
        step = await call("run_step", session_id=session, input="about shipping")
    assert failed["quality"] is None
    assert failed["learning"] == "not learned: the server's log has the details"
    assert other["quality"] is not None
    assert step["output"] == "shipping"


async def test_examples_that_no_window_holds_are_no_reason_to_serve_the_task_worse(
    make_app: MakeApp,
):
    app = make_app(load=loading(engine=EchoEngine(window=500), weights=False))
    long = [
        {"input": f"{example['input']} {'word ' * 200}", "output": example["output"]}
        for example in COINS
    ]
    async with connected(app) as call:
        await call("save_task", **{**TICKETS, "examples": long[:7]})  # too few to be learned
        session = (await call("set_task", name="tickets"))["session_id"]
        first = await call("run_step", session_id=session, input="about shipping")
        found = await learned(app, call, examples=long)
        step = await call("run_step", session_id=session, input="parcel question of mine")
    assert first["output"] == "shipping"
    assert 200 < first["tokens"]["prefix"] <= 250
    assert found["examples"] == 16
    assert step["output"] == "shipping"


async def test_a_server_that_is_closed_while_it_learns_ends_and_the_next_goes_on(
    make_app: MakeApp,
):
    begun, held = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        begun.set()
        held.wait()

    app = make_app(load=loading(engine=EchoEngine(before_token=hold)))
    async with connected(app) as call:
        await call("save_task", **TICKETS)
        await call("set_task", name="tickets")
        await to_thread.run_sync(begun.wait)
        threading.Timer(0, held.set).start()
        await to_thread.run_sync(app.close)
    app = make_app(load=loading())
    async with connected(app) as call:
        await call("set_task", name="tickets")
        await to_thread.run_sync(app.learner.wait)
        assert (await card(call))["quality"]["examples"] == 16


@pytest.mark.slow
async def test_what_is_being_learned_is_told_to_whose_task_it_is_alone(
    make_app: MakeApp, tmp_path: Path
):
    begun, held = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        begun.set()
        held.wait()

    file = tmp_path / "tokens"
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app(load=loading(engine=EchoEngine(before_token=hold)))
    async with (
        listening(app, Tokens(file)) as address,
        connected_to(address, alice, "auto", "http") as hers,
        connected_to(address, bob, "auto", "http") as his,
    ):
        await hers("save_task", **TICKETS)
        await hers("set_task", name="tickets")
        await to_thread.run_sync(begun.wait)
        mine, other = await hers("status"), await his("status")
        held.set()
        await to_thread.run_sync(app.learner.wait)
    assert mine["learning"].startswith("tickets: held-out part 1 of 4")
    assert (other["learning"], other["tasks"]) == (None, [])


async def test_corrections_while_a_task_is_learned_are_heard_at_once_and_none_is_lost(
    make_app: MakeApp,
):
    begun, held = threading.Event(), threading.Event()
    runs = iter(range(10_000))

    def hold(number: int) -> None:
        if next(runs):  # the step's own answer comes first
            begun.set()
            held.wait()

    app = make_app(load=loading(engine=EchoEngine(before_token=hold)))
    async with connected(app) as call:
        await call("save_task", **{**TICKETS, "examples": COINS[:4]})
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input="zebra crossing")
        await call("save_task", name="tickets", examples=COINS)
        await to_thread.run_sync(begun.wait)
        done = await call("correct_step", session_id=session, step=1, output="shipping")
        step = await call("run_step", session_id=session, input="zebra crossing")
        back = await call("correct_step", session_id=session, step=1, take_back=True)
        held.set()
        await to_thread.run_sync(app.learner.wait)
        after = await card(call)
    assert (done["version"], done["examples"]) == (3, 17)
    assert (step["output"], step["answered_by"]) == ("shipping", "example")
    assert back["taken_back"]
    assert (after["version"], after["examples"]) == (4, 16)
    assert (after["quality"]["version"], after["quality"]["examples"]) == (2, 16)


async def test_what_is_deleted_while_it_is_learned_is_learned_no_further_and_leaves_nothing(
    make_app: MakeApp, tmp_path: Path
):
    begun, held = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        begun.set()
        held.wait()

    cache = tmp_path / "cache"
    app = make_app(load=loading(engine=EchoEngine(before_token=hold)), cache=cache)
    async with connected(app) as call:
        session = await call.begin()
        remembered = COINS[3]["input"]
        await call("remember", session_id=session, text=remembered, source="mail")
        await call("save_task", **TICKETS)
        await to_thread.run_sync(begun.wait)
        await call("delete_memory", session_id=session, source="mail")
        held.set()
        await to_thread.run_sync(app.learner.wait)
        after = await card(call)
    assert (after["version"], after["examples"]) == (2, 15)
    assert after["quality"]["version"] == 2
    assert list((cache / "learning").rglob("*.json")) == []
