"""Tasks with examples: weights refined on them, progress while that goes on, and the result."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import KNOWN, connected

from hypernet.adapters.cache import AdapterCache, NoneShortEnoughError
from hypernet.adapters.plan import ADVISED, CORRECTED_ANEW, REFINE_FROM, REFINED_ANEW
from hypernet.engine.echo import EchoEngine, EchoSource
from hypernet.runtime import Runtime
from hypernet.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

ENOUGH = [{"input": f"in {n}", "output": f"out {n}"} for n in range(REFINE_FROM)]


async def test_enough_examples_refine_the_weights_with_progress_and_name_the_parent(
    make_app: MakeApp, era: str
):
    reported: list[tuple[float, float | None, str | None]] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        reported.append((done, total, message))

    async with connected(make_app(), era) as call:
        await call("status")
        plain = await call("set_task", task=KNOWN, examples=ENOUGH, refine=False)
        arguments = {"task": KNOWN, "examples": ENOUGH}
        result = await call.client.call_tool("set_task", arguments, progress_callback=hear)
    assert not result.is_error, result.content
    assert result.structured_content
    adapter = result.structured_content["adapter"]
    assert adapter["parent"] == plain["adapter"]["digest"] != adapter["digest"]
    assert plain["adapter"]["parent"] is None
    how = result.structured_content["refined"]
    assert how == {
        "steps": REFINE_FROM,
        "examples": REFINE_FROM,
        "first_loss": 1.0,
        "last_loss": 1 / REFINE_FROM,
    }
    assert (plain["refined"], plain["examples"]) == (None, REFINE_FROM)
    refining = [(done, total) for done, total, text in reported if "refining" in str(text)]
    assert all("lower is better" in str(text) for _, _, text in reported if "loss" in str(text))
    assert refining == [(1 + (n + 1) / REFINE_FROM, 2) for n in range(REFINE_FROM)]
    assert [done for done, _, _ in reported] == sorted({done for done, _, _ in reported})


@pytest.mark.parametrize(
    ("count", "refine", "refined"),
    [
        (REFINE_FROM - 1, None, False),
        (REFINE_FROM, None, True),
        (REFINE_FROM, False, False),
        (1, True, True),
        (0, False, False),
        (0, None, False),
    ],
)
async def test_refine_is_for_the_caller_to_say_and_follows_the_examples_when_left_out(
    make_app: MakeApp, count: int, refine: bool | None, refined: bool
):
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, examples=ENOUGH[:count], refine=refine)
        step = await call("run_step", session_id=task["session_id"], input="x")
    assert (task["adapter"]["parent"] is not None) == refined
    assert (task["refined"] is not None) == refined
    assert task["examples"] == count
    assert ("refined" in task["adapter"]["digest"]) == refined
    assert step["adapter_digest"] == task["adapter"]["digest"]
    assert step["adapter_cached"]


async def test_refining_without_examples_is_refused_and_leaves_the_session_its_task(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session = await call.begin()
        message = await call.refused("set_task", task="Another.", session_id=session, refine=True)
        status = await call("status", session_id=session)
    assert message.endswith("refine: there are no examples to take steps on; pass examples")
    assert status["sessions"][0]["task"] == KNOWN


async def test_examples_that_the_weights_hold_are_not_in_the_prompt(make_app: MakeApp):
    near = "Classify the weather."
    async with connected(make_app()) as call:
        prefixes = {}
        for mode in ("adapter", "hybrid", "prompted"):
            session = await call.begin(near, examples=ENOUGH, mode=mode)
            step = await call("run_step", session_id=session, input="x")
            prefixes[mode] = step["tokens"]["prefix"]
    assert (prefixes["adapter"], prefixes["hybrid"]) == (0, 3)
    assert prefixes["prompted"] > 3 + 4 * REFINE_FROM


async def test_a_prompted_task_takes_no_steps_whatever_its_examples(make_app: MakeApp):
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, examples=ENOUGH, mode="prompted")
        step = await call("run_step", session_id=task["session_id"], input="x")
    assert (task["mode"], task["adapter"], task["refined"]) == ("prompted", None, None)
    assert task["note"] == "mode prompted: the examples are in the prompt, and nothing was refined"
    assert (step["adapter_digest"], step["adapter_cached"]) == (None, None)
    assert step["timings"]["generation_ms"] == 0


async def test_an_unknown_task_with_examples_has_an_adapter_of_its_own(make_app: MakeApp):
    async with connected(make_app()) as call:
        task = await call("set_task", task="Xyzzy plugh.", examples=ENOUGH[:2])
    assert task["fit"]["level"] == "unknown"
    assert task["adapter"]["digest"] != "echo-multi-task"
    assert task["note"] is None


async def test_after_a_restart_a_step_of_a_refined_task_runs_with_the_same_adapter(
    make_app: MakeApp, era: str
):
    first = make_app()
    async with connected(first, era) as call:
        task = await call("set_task", task=KNOWN, examples=ENOUGH)
    first.close()
    async with connected(make_app(), era) as call:
        step = await call("run_step", session_id=task["session_id"], input="on we go")
    assert step["adapter_digest"] == task["adapter"]["digest"]
    assert not step["adapter_cached"]


async def test_after_a_restart_a_task_that_was_not_refined_stays_so(make_app: MakeApp):
    first = make_app()
    async with connected(first) as call:
        task = await call("set_task", task=KNOWN, examples=ENOUGH, refine=False)
    first.close()
    async with connected(make_app()) as call:
        step = await call("run_step", session_id=task["session_id"], input="on we go")
    assert step["adapter_digest"] == task["adapter"]["digest"]


async def test_another_task_for_one_step_is_not_refined(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin(examples=ENOUGH)
        once = await call("run_step", session_id=session, input="x", task="Classify the year.")
        after = await call("run_step", session_id=session, input="x")
    assert "refined" not in once["adapter_digest"]
    assert "refined" in after["adapter_digest"]


async def test_examples_that_cannot_be_trained_on_are_refused_where_training_was_asked_for(
    make_app: MakeApp,
):
    class Picky(EchoSource):
        def refine(self, *args: Any, **named: Any) -> Any:
            raise NoneShortEnoughError

    def load(options: object, progress: object) -> Runtime:
        return Runtime(EchoEngine(), AdapterCache(Picky(known=(KNOWN,))), {})

    async with connected(make_app(load=load)) as call:
        message = await call.refused("set_task", task=KNOWN, examples=ENOUGH, refine=True)
        status = await call("status")
        task = await call("set_task", task=KNOWN, examples=ENOUGH)
        step = await call("run_step", session_id=task["session_id"], input="x")
    assert "examples: none is within" in message
    assert status["sessions"] == []
    assert (task["refined"], task["examples"]) == (None, REFINE_FROM)
    assert "examples: none is within 512 input and 192 answer tokens, and" in task["note"]
    assert step["adapter_digest"] == task["adapter"]["digest"]


@pytest.mark.parametrize(
    ("labels", "refined"),
    [(["a", "b", "a"], False), (["a", "a", "a", "a"], False), (["a", "a", "b", "a"], True)],
)
async def test_examples_with_labels_refine_from_four_on_if_they_are_not_all_of_one_label(
    make_app: MakeApp, labels: list[str], refined: bool
):
    shown = [{"input": f"in {n}", "output": label} for n, label in enumerate(labels)]
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, labels=["a", "b"], examples=shown)
        asked = await call("set_task", task=KNOWN, labels=["a", "b"], examples=shown, refine=True)
    assert (task["refined"] is not None) == refined
    assert asked["refined"]["examples"] == len(shown)


@pytest.mark.parametrize(
    ("given", "labels", "said"),
    [
        (0, [], "no solved examples: "),
        (1, [], "1 solved example: "),
        (3, ["a", "b"], "3 solved examples: "),
        (REFINE_FROM, [], None),
    ],
)
async def test_of_too_few_examples_to_train_on_a_task_says_what_to_send(
    make_app: MakeApp, given: int, labels: list[str], said: str | None
):
    shown = [{"input": f"in {n}", "output": "ab"[n % 2]} for n in range(given)]
    alike = [{"input": f"in {n}", "output": "a"} for n in range(4)]
    async with connected(make_app()) as call:
        one = await call("set_task", task=KNOWN, labels=["a", "b"], examples=alike)
        task = await call("set_task", task=KNOWN, labels=labels or None, examples=shown)
        prompted = await call("set_task", task=KNOWN, mode="prompted")
        await call("save_task", name="moods", task=KNOWN, labels=labels or None, examples=shown)
        saved = await call("set_task", name="moods")
    assert one["note"].startswith("4 solved examples, all of one label: ")
    assert one["note"].endswith("and examples of the others too")
    for found, send in ((task, "set_task again with this session_id"), (saved, "save_task with")):
        note = found["note"] or ""
        assert note.startswith(said or "")
        assert (send in note) == (said is not None)
        assert ("every label among them" in note) == bool(labels)
    assert prompted["note"] is None


async def test_of_one_input_only_the_last_example_counts_for_training(make_app: MakeApp):
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, examples=[ENOUGH[0]] * 8)
    assert (task["examples"], task["refined"]) == (1, None)
    assert task["note"].startswith("1 solved example: many")
    assert "was refined" not in task["note"]


async def test_while_a_saved_task_is_being_learned_its_weights_are_trained_on_some_examples(
    make_app: MakeApp,
):
    held, began = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        began.set()
        held.wait()

    shown = [
        {"input": f"in {n}", "output": "b" if n == 11 else "a"} for n in range(REFINED_ANEW + 4)
    ]
    app = make_app(engine=EchoEngine(before_token=hold))
    async with connected(app) as call:
        await call("save_task", name="moods", task=KNOWN, labels=["a", "b"], examples=shown)
        app.loader.start()
        await anyio.to_thread.run_sync(began.wait)
        task = await call("set_task", name="moods")
        held.set()
        await anyio.to_thread.run_sync(app.learner.wait)
    assert task["quality"] is None
    assert (task["examples"], task["refined"]["examples"]) == (len(shown), REFINED_ANEW)
    assert task["note"] == "not learned yet: so far its weights are trained on 8 of its 12 examples"


@pytest.mark.parametrize(("given", "anew"), [(2, True), (ADVISED, True), (CORRECTED_ANEW, False)])
async def test_a_correction_refines_anew_while_the_examples_are_few(
    make_app: MakeApp, given: int, anew: bool
):
    shown = [{"input": f"in {n}", "output": f"out {n}"} for n in range(given)]
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, examples=shown)
        session = task["session_id"]
        before = await call("run_step", session_id=session, input="x")
        await call("correct_step", session_id=session, step=1, output="y")
        after = await call("run_step", session_id=session, input="z")
        again = await call("run_step", session_id=session, input="z again")
    assert before["adapter_digest"] == task["adapter"]["digest"]
    assert (after["adapter_digest"] != before["adapter_digest"]) == anew
    assert "refined" in after["adapter_digest"]
    assert again["adapter_digest"] == after["adapter_digest"]
    assert again["adapter_cached"]


async def test_an_example_s_own_input_is_answered_as_the_example_says(make_app: MakeApp, era: str):
    shown = [{"input": "rain all day", "output": "bad"}, {"input": "sun", "output": "good"}]
    async with connected(make_app(), era) as call:
        session = await call.begin(examples=shown, labels=["good", "bad"])
        known = await call("run_step", session_id=session, input=" rain  all day", ask_below=0.9)
        other = await call("run_step", session_id=session, input="snow", ask_below=0.9)
        own = await call("run_step", session_id=session, input="sun", labels=["yes", "no"])
        await call("correct_step", session_id=session, step=1, output="good")
        after = await call("run_step", session_id=session, input="rain all day")
        await call("save_task", name="days", task="Tell the day.", examples=shown)
        saved = await call.begin(None, name="days")
        named = await call("run_step", session_id=saved, input="sun")
    assert (known["output"], known["answered_by"], known["confidence"]) == ("bad", "example", 1.0)
    assert not known["needs_review"]
    assert other["answered_by"] == "model"
    assert own["answered_by"] == "model"  # none of the labels that this step allows
    assert (after["output"], after["answered_by"]) == ("good", "example")
    assert (named["output"], named["answered_by"]) == ("good", "example")


async def test_corrections_stand_in_the_prompt_where_no_weights_hold_them_however_many(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, examples=ENOUGH, mode="prompted")
        session, prefixes = task["session_id"], []
        for n in range(CORRECTED_ANEW - len(ENOUGH) + 1):
            step = await call("run_step", session_id=session, input=f"asked {n}")
            prefixes.append(step["tokens"]["prefix"])
            await call("correct_step", session_id=session, step=n + 1, output=f"told {n}")
    assert len(set(prefixes)) == len(prefixes)
    assert prefixes == sorted(prefixes)


@pytest.mark.parametrize("refine", [None, False])
async def test_two_corrections_of_a_task_without_examples_are_trained_on_unless_it_says_no(
    make_app: MakeApp, refine: bool | None
):
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, refine=refine)
        session, digests = task["session_id"], []
        for n in range(3):
            step = await call("run_step", session_id=session, input=f"in {n}")
            digests.append(step["adapter_digest"])
            await call("correct_step", session_id=session, step=n + 1, output=f"out {n}")
        once = await call("run_step", session_id=session, input="x", task="Another.")
    assert len(set(digests)) == 3
    assert ["refined" in digest for digest in digests] == [False, False, refine is None]
    assert "refined" not in once["adapter_digest"]


async def test_a_step_key_holds_where_refine_says_what_the_examples_come_to_and_not_otherwise(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        task = await call("set_task", task=KNOWN, examples=ENOUGH, refine=True)
        session = task["session_id"]
        first = await call("run_step", session_id=session, input="x", step_key="a")
        await call("set_task", task=KNOWN, examples=ENOUGH, session_id=session)
        again = await call("run_step", session_id=session, input="x", step_key="a")
        await call("set_task", task=KNOWN, examples=ENOUGH, session_id=session, refine=False)
        refused = await call.refused("run_step", session_id=session, input="x", step_key="a")
    assert again["step"] == first["step"]
    assert "sent with another refine" in refused


async def test_a_saved_task_is_refined_on_its_few_examples_until_it_is_learned(make_app: MakeApp):
    shown = [{"input": f"in {n}", "output": f"out {n}"} for n in range(3)]
    async with connected(make_app()) as call:
        found = []
        for count in (1, 2, 3):
            await call("save_task", name="odd", task=KNOWN, examples=shown[:count])
            found.append(await call("set_task", name="odd"))
        step = await call("run_step", session_id=found[-1]["session_id"], input="x")
    assert [task["examples"] for task in found] == [1, 2, 3]
    assert [task["refined"] and task["refined"]["examples"] for task in found] == [None, 2, 3]
    assert step["adapter_digest"] == found[-1]["adapter"]["digest"]


async def test_a_cancelled_refinement_ends_and_lets_the_next_one_run(make_app: MakeApp):
    reached, released = threading.Event(), threading.Event()
    taken: list[int] = []

    class Held(EchoSource):
        def refine(self, task: Any, start: Any, *, in_prompt: bool, progress: Any) -> Any:
            def held(fraction: float, message: str) -> None:
                if task.description == "Held.":
                    reached.set()
                    assert released.wait(20)
                    taken.append(round(fraction * len(task.examples)))
                progress(fraction, message)

            return super().refine(task, start, in_prompt=in_prompt, progress=held)

    def load(options: object, progress: object) -> Runtime:
        return Runtime(EchoEngine(), AdapterCache(Held(known=(KNOWN,))), {})

    async with connected(make_app(load=load)) as call:
        async with anyio.create_task_group() as group:
            group.start_soon(
                lambda: call.client.call_tool("set_task", {"task": "Held.", "examples": ENOUGH})
            )
            await anyio.to_thread.run_sync(reached.wait)
            group.cancel_scope.cancel()
        await call("status")  # answered after the server has heard of the cancellation
        released.set()
        with anyio.fail_after(10):
            task = await call("set_task", task=KNOWN, examples=ENOUGH)
            status = await call("status")
    assert task["adapter"]["parent"]
    assert [s["session_id"] for s in status["sessions"]] == [task["session_id"]]
    assert taken == [1]


async def test_a_refinement_waits_between_its_pieces_while_steps_run_and_then_goes_on(
    make_app: MakeApp,
):
    began, going = threading.Event(), threading.Event()
    engine, turns = EchoEngine(), Turns(clock=itertools.count(0, 10_000).__next__)
    order: list[str] = []

    class InPieces(EchoSource):
        def refine(self, task: Any, start: Any, *, in_prompt: bool, progress: Any) -> Any:
            # By its clock it has worked for hours, so its share of the time is hours away.
            give_way = turns.behind()
            began.set()
            assert going.wait(20)
            give_way()
            order.append("refinement")
            return super().refine(task, start, in_prompt=in_prompt, progress=progress)

    def load(options: object, progress: object) -> Runtime:
        return Runtime(engine, AdapterCache(InPieces(known=(KNOWN,))), {}, turns=turns)

    def before_token(number: int) -> None:
        going.set()
        order.append(f"token {number}")

    async with connected(make_app(load=load)) as call:
        session = await call.begin()
        engine.before_token = before_token
        async with anyio.create_task_group() as group:
            refining = {"task": "Other.", "examples": ENOUGH}
            group.start_soon(lambda: call.client.call_tool("set_task", refining))
            await anyio.to_thread.run_sync(began.wait)
            await call("run_step", session_id=session, input="one two three")
    assert order == ["token 0", "token 1", "token 2", "refinement"]
