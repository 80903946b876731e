"""What corrections do to the next call of the same input, and what may not be taught."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from serving import connected_to, listening
from support import connected

from hypernet.engine.echo import EchoEngine
from mcp_server.http.tokens import Tokens, add_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from support import Caller

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

LABELS = ["billing", "shipping"]
TICKETS = {"name": "tickets", "task": "Sort by topic.", "labels": LABELS}
PARCEL = "my parcel never came"
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}


class Lenient(EchoEngine):
    """Takes any schema; answers are the inputs all the same."""

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        pass


async def card(call: Caller, name: str = "tickets") -> dict[str, Any]:
    (content,) = (await call.client.read_resource(f"memory://tasks/{name}")).contents
    return dict(json.loads(content.text))


async def corrected(call: Caller, **arguments: Any) -> str:
    """A session of no named task in which one step was corrected to "shipping"."""
    session = await call.begin("Sort.")
    await call("run_step", session_id=session, input=PARCEL, **arguments)
    await call("correct_step", session_id=session, step=1, output="shipping")
    return session


# The same input again


@pytest.mark.parametrize(
    ("again", "output", "by"),
    [
        ({"labels": LABELS}, "shipping", "example"),
        ({"labels": [" Shipping ", "shipping", "refund"]}, "shipping", "example"),
        ({"labels": ["billing", "refund"]}, "billing", "model"),
        ({}, "shipping", "example"),
        ({"temperature": 1.5}, "shipping", "example"),
        ({"task": "Sort."}, "shipping", "example"),
        ({"copy": True}, PARCEL, "model"),
        ({"task": "Something else."}, PARCEL, "model"),
        ({"output_schema": SCHEMA}, None, "model"),
    ],
)
async def test_a_corrected_input_is_answered_by_its_correction_where_that_is_allowed(
    make_app: MakeApp, again: dict[str, Any], output: str | None, by: str
):
    async with connected(make_app(Lenient())) as call:
        session = await corrected(call, labels=LABELS)
        given = PARCEL if output is not None else '{"a": "b"}'
        if output is None:
            await call("run_step", session_id=session, input=given)
            await call("correct_step", session_id=session, step=2, output="no JSON")
        step = await call("run_step", session_id=session, input=given, **again)
    assert (step["output"], step["answered_by"]) == (output or given, by)


async def test_a_correction_of_a_step_with_memory_says_that_the_model_answers_it_again(
    make_app: MakeApp,
):
    asked = {"input": "When does the lease end?"}
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, text="The lease ends in May.", source="a.md")
        await call("run_step", session_id=session, **asked)
        await call("run_step", session_id=session, **asked, context_tokens=0)
        with_memory = await call("correct_step", session_id=session, step=1, output="May")
        without = await call("correct_step", session_id=session, step=2, output="in May")
        again = await call("run_step", session_id=session, **asked)
        alone = await call("run_step", session_id=session, **asked, context_tokens=0)
    assert "the model answers the same input anew, and context_tokens 0" in with_memory["note"]
    assert "context_tokens" not in without["note"]
    assert (again["answered_by"], alone["answered_by"]) == ("model", "example")
    assert alone["output"] == "in May"


async def test_several_steps_are_corrected_and_confirmed_in_one_call(make_app: MakeApp):
    inputs = [PARCEL, "I was billed twice: billing", "a refund, billing"]
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        ran = await call("run_steps", session_id=session, inputs=inputs)
        wanted = {"1": "shipping", "2": "billing", "3": "shipping"}
        done = await call("correct_step", session_id=session, outputs=wanted)
        same = await call("correct_step", session_id=session, outputs=wanted)
        again = await call("run_steps", session_id=session, inputs=inputs)
        examples = (await card(call))["examples"]
    assert [each["output"] for each in ran["steps"]] == ["billing"] * 3
    assert [each["step"] for each in done["steps"]] == [1, 2, 3]
    assert [each["confirmed"] for each in done["steps"]] == [False, True, False]
    assert (done["changed"], done["confirmed"], done["output"]) == (True, False, None)
    assert done["note"] == "2 corrected, 1 confirmed"
    assert (done["task"], done["examples"]) == ("tickets", 3) == ("tickets", examples)
    assert same["note"] == "2 corrected, 1 confirmed; recorded so before: 3 of them"
    assert done["version"] == same["version"] == 2
    assert not same["changed"]
    assert not any(each["changed"] for each in same["steps"])
    assert [each["output"] for each in again["steps"]] == ["shipping", "billing", "shipping"]
    assert {each["answered_by"] for each in again["steps"]} == {"example"}


@pytest.mark.parametrize(
    ("outputs", "problem"),
    [
        ({"1": "shipping", "2": "lost"}, "outputs[2]: 'lost' is none of the labels"),
        ({"1": "shipping", "9": "billing"}, "outputs[9]: the session has no step 9"),
        ({"1": "shipping", "two": "billing"}, "outputs[two]: is not the number of a step"),
        ({"1": "shipping", "-2": "billing"}, "outputs[-2]: is not the number of a step"),
        ({"1": "shipping", "01": "billing"}, "outputs[01]: step 1 is given twice"),
        ({"1": "shipping", "0": "billing"}, "outputs[0]: 0 is not between 1 and 2147483647"),
        ({"1": "shipping", "9" * 5_000: "billing"}, "is not the number of a step"),
        ({"1": "shipping", "2": " "}, "outputs[2]: must not be empty"),
        ({"1": "x" * 8_001}, "outputs[1]: 8001 characters, the limit is 8000"),
        ({}, "step: give the number of the step, or outputs of several"),
        ({"1": "shipping", "3": "billing"}, "outputs[3]: step 1 has the same input and another an"),
        ({str(n): "billing" for n in range(1, 102)}, "outputs: 101 entries, the limit is 100"),
    ],
)
async def test_where_one_of_several_corrections_is_refused_none_is_made(
    make_app: MakeApp, outputs: dict[str, str], problem: str
):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_steps", session_id=session, inputs=[PARCEL, "billing", f"{PARCEL} "])
        refused = await call.refused("correct_step", session_id=session, outputs=outputs)
        task = await card(call)
    assert problem in refused
    assert (task["version"], task["examples"]) == (1, 0)


async def test_one_step_and_several_are_not_corrected_in_the_same_call(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin("Sort.")
        await call("run_step", session_id=session, input=PARCEL)
        several = {"session_id": session, "outputs": {"1": "shipping"}}
        for one in ({"step": 1}, {"output": "billing"}):
            refused = await call.refused("correct_step", **several, **one)
            assert "outputs: give either outputs of several steps, or one step" in refused
        back = await call.refused("correct_step", **several, take_back=True)
        neither = await call.refused("correct_step", session_id=session, output="shipping")
        filled_in = await call("correct_step", session_id=session, step=1, outputs={})
    assert "take_back: takes back one step's correction; give its step" in back
    assert "step: give the number of the step, or outputs of several" in neither
    assert filled_in["confirmed"]


async def test_of_several_corrections_the_line_of_a_step_with_memory_says_so(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin("Answer.")
        await call("remember", session_id=session, text="The lease ends in May.")
        await call("run_step", session_id=session, input="When does the lease end?")
        await call("run_step", session_id=session, input="Why?", context_tokens=0)
        outputs = {"1": "May", "2": "It was agreed."}
        done = await call("correct_step", session_id=session, outputs=outputs)
    had, had_not = (each["note"] for each in done["steps"])
    assert "the step had memory in its prompt" in had
    assert "memory" not in done["note"] + had_not


async def test_examples_that_many_corrections_push_out_are_counted(make_app: MakeApp):
    inputs = [f"parcel {n}" for n in range(30)]
    given = [{"input": text, "output": "billing"} for text in inputs]
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS, examples=[*given, {"input": "x", "output": "shipping"}])
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_steps", session_id=session, inputs=inputs)
        outputs = {str(n): "shipping" for n in range(1, 31)}
        done = await call("correct_step", session_id=session, outputs=outputs)
    assert len(done["set_aside"]) == 20
    assert "30 examples are set aside, 20 of them shown" in done["note"]
    assert (done["version"], done["examples"]) == (2, 31)


async def test_of_several_corrections_one_that_the_schema_does_not_allow_is_named(
    make_app: MakeApp,
):
    async with connected(make_app(engine=Lenient())) as call:
        await call("save_task", name="facts", task="Extract.", output_schema=SCHEMA)
        session = (await call("set_task", name="facts"))["session_id"]
        inputs = ['{"a": "b"}', '{"a": "x"}']
        await call("run_steps", session_id=session, inputs=inputs)
        outputs = {"1": '{"a": "c"}', "2": "nonsense"}
        refused = await call.refused("correct_step", session_id=session, outputs=outputs)
        examples = (await card(call, "facts"))["examples"]
    assert "outputs[2]: " in refused
    assert "nothing was changed" in refused
    assert examples == 0


async def test_corrections_of_steps_without_a_saved_task_are_heard_at_once(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin("Sort.")
        await call("run_steps", session_id=session, inputs=[PARCEL, "and a bill"])
        outputs = {"2": "money", "1": "parcels"}
        done = await call("correct_step", session_id=session, outputs=outputs)
        again = await call("run_steps", session_id=session, inputs=["and a bill", PARCEL])
    assert done["task"] is None
    assert [each["step"] for each in done["steps"]] == [2, 1]
    assert [each["output"] for each in again["steps"]] == ["money", "parcels"]


async def test_a_step_corrected_twice_is_answered_by_the_later_correction(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input=PARCEL)
        await call("correct_step", session_id=session, step=1, output="shipping")
        twice = await call("correct_step", session_id=session, step=1, output="billing")
        same = await call("correct_step", session_id=session, step=1, output="billing")
        step = await call("run_step", session_id=session, input=PARCEL)
    assert (twice["changed"], twice["confirmed"], twice["examples"]) == (True, True, 1)
    assert (same["changed"], same["note"]) == (False, "recorded like this before")
    assert (step["output"], step["answered_by"]) == ("billing", "example")


async def test_the_correction_of_an_input_that_was_made_last_answers_it_made_before_or_not(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        named = (await call("set_task", name="tickets"))["session_id"]
        alone = (await call("set_task", task="Sort.", labels=TICKETS["labels"]))["session_id"]
        answered = []
        for session in (named, alone):
            for _ in range(2):
                await call("run_step", session_id=session, input=PARCEL)
            for step, output in ((1, "shipping"), (2, "billing"), (1, "shipping")):
                done = await call("correct_step", session_id=session, step=step, output=output)
                assert done["changed"]
            found = await call("run_step", session_id=session, input=PARCEL)
            answered.append((found["output"], found["answered_by"]))
        again = await call("correct_step", session_id=named, step=1, output="shipping")
    assert answered == [("shipping", "example")] * 2
    assert (again["changed"], again["note"]) == (False, "recorded like this before")


async def test_taking_back_twice_leaves_the_correction_of_a_step_that_had_the_same_number(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        start = await call("checkpoint_memory", session_id=session)
        for given in (PARCEL, "the courier was late"):
            await call("restore_memory", checkpoint_id=start["checkpoint_id"])
            await call("run_step", session_id=session, input=given)
            await call("correct_step", session_id=session, step=1, output="shipping")
        await call("correct_step", session_id=session, step=1, take_back=True)
        again = await call.refused("correct_step", session_id=session, step=1, take_back=True)
        first = await call("run_step", session_id=session, input=PARCEL)
    assert "step 1 has no correction" in again
    assert (first["output"], first["answered_by"]) == ("shipping", "example")


async def test_a_correction_made_again_after_going_back_answers_its_input_again(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input=PARCEL)
        await call("correct_step", session_id=session, step=1, output="shipping")
        await call("save_task", name="tickets", go_back_to=1)
        without = await call("run_step", session_id=session, input=PARCEL)
        again = await call("correct_step", session_id=session, step=1, output="shipping")
        step = await call("run_step", session_id=session, input=PARCEL)
    assert (without["output"], without["answered_by"]) == ("billing", "model")
    assert (again["changed"], again["examples"]) == (True, 1)
    assert (step["output"], step["answered_by"]) == ("shipping", "example")


async def test_a_correction_to_what_a_given_example_says_answers_its_input(make_app: MakeApp):
    async with connected(make_app()) as call:
        given = [{"input": PARCEL, "output": "billing"}]
        await call("save_task", **TICKETS, examples=given)
        session = (await call("set_task", name="tickets"))["session_id"]
        wrong = await call("run_step", session_id=session, input=PARCEL)
        await call("correct_step", session_id=session, step=1, output="shipping")
        right = await call("run_step", session_id=session, input=PARCEL)
    assert (wrong["output"], wrong["answered_by"]) == ("billing", "example")
    assert (right["output"], right["answered_by"]) == ("shipping", "example")


async def test_a_correction_outlives_a_restore_to_before_its_step_and_counts_in_a_fork(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session = await call.begin("Sort.", labels=LABELS)
        await call("run_step", session_id=session, input="first")
        mark = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
        await call("run_step", session_id=session, input=PARCEL)
        await call("correct_step", session_id=session, step=2, output="shipping")
        late = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
        fork = (await call("restore_memory", checkpoint_id=late, fork=True))["session"]
        await call("restore_memory", checkpoint_id=mark, session_id=session)
        refused = await call.refused("correct_step", session_id=session, step=2, output="billing")
        back = await call("run_step", session_id=session, input=PARCEL)
        there = await call("run_step", session_id=fork["session_id"], input=PARCEL)
        own = await call("correct_step", session_id=fork["session_id"], step=2, output="billing")
    assert "the session has no step 2; it has steps 1 to 1; nothing was changed" in refused
    assert (back["output"], there["output"]) == ("shipping", "shipping")
    assert own["changed"]


# What may not be taught


async def test_examples_and_corrections_that_do_not_fit_the_schema_are_refused(
    make_app: MakeApp,
):
    async with connected(make_app(Lenient())) as call:
        task = {"name": "fields", "task": "Extract.", "output_schema": SCHEMA}
        none = await call.refused("save_task", **{**task, "output_schema": {"type": "nonsense"}})
        misfit = await call.refused(
            "save_task", **task, examples=[{"input": "x", "output": '{"b": 1}'}]
        )
        await call("save_task", **task, examples=[{"input": "x", "output": '{"a": "y"}'}])
        later = await call.refused(
            "save_task", name="fields", add=True, examples=[{"input": "z", "output": "no JSON"}]
        )
        session = (await call("set_task", name="fields"))["session_id"]
        await call("run_step", session_id=session, input='{"a": "b"}')
        wrong = await call.refused("correct_step", session_id=session, step=1, output="nonsense")
        await call("correct_step", session_id=session, step=1, output='{"a": "c"}')
        step = await call("run_step", session_id=session, input='{"a": "b"}')
        kept = await card(call, "fields")
    assert "output_schema: $.type is no schema" in none
    assert "examples[0].output: $ does not fit" in misfit
    assert "examples[0].output: 'no JSON' is no JSON; nothing was changed" in later
    assert "output: 'nonsense' is no JSON; nothing was changed" in wrong
    assert (step["output"], step["answered_by"]) == ('{"a": "c"}', "example")
    assert (kept["version"], kept["examples"]) == (2, 2)


async def test_an_answer_among_labels_is_not_confirmed_for_a_task_with_a_schema(make_app: MakeApp):
    async with connected(make_app()) as call:
        schema = {"type": "object", "required": ["sum"]}
        await call("save_task", name="bills", task="Read the bill.", output_schema=schema)
        session = (await call("set_task", name="bills"))["session_id"]
        await call("run_step", session_id=session, input="7 dollars", labels=["cheap", "dear"])
        refused = await call.refused("correct_step", session_id=session, step=1)
        kept = await card(call, "bills")
    assert refused.startswith("output: 'cheap' is no JSON; nothing was changed")
    assert kept["examples"] == 0


async def test_a_schema_that_no_step_could_be_held_to_is_refused_when_its_task_is_saved(
    make_app: MakeApp,
):
    class Strict(EchoEngine):
        capabilities = replace(EchoEngine.capabilities, schema=True)

    task = {"name": "fields", "task": "Extract.", "output_schema": SCHEMA}
    async with connected(make_app(Strict())) as call:
        await call.begin("Sort.")
        refused = await call.refused("save_task", **task)
        listed = (await call("status"))["tasks"]
    assert refused == "output_schema: the echo engine answers by rule and keeps to none"
    assert listed == []


@pytest.mark.parametrize("wrong", [{"out": "shipping"}, {"answer": "shipping"}, {"takeBack": True}])
async def test_a_misspelt_correction_does_not_confirm_the_wrong_answer(
    make_app: MakeApp, wrong: dict[str, Any]
):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input=PARCEL)
        refused = await call.refused("correct_step", session_id=session, step=1, **wrong)
        before = await card(call)
        told = await call("correct_step", session_id=session, step=1, output="shipping", **wrong)
        n8n = await call("correct_step", session_id=session, step=1, toolCallId="x")
    (name,) = wrong
    assert refused.startswith(f"{name} is no argument")
    assert refused.endswith("; nothing was changed")
    assert before["examples"] == 0
    assert (told["changed"], told["ignored"]) == (True, [name])
    assert "ignored" not in n8n


async def test_a_name_is_the_same_in_either_unicode_form(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **{**TICKETS, "name": "caf\u00e9"})
        changed = await call("save_task", name="cafe\u0301", ask_below=0.5)
        task = await call("set_task", name="cafe\u0301")
    assert (changed["task"]["version"], task["version"]) == (2, 2)
    assert changed["task"]["description"] == "Sort by topic."


async def test_sharing_is_a_change_and_sharing_again_is_none(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        once = await call("save_task", name="tickets", share=True)
        again = await call("save_task", name="tickets", share=True)
        back = await call("save_task", name="tickets", share=False)
    assert [each["changed"] for each in (once, again, back)] == [True, False, True]
    assert back["task"]["version"] == 1


async def test_a_task_of_many_examples_is_not_learned_again_for_one_more(make_app: MakeApp):
    app = make_app()
    many = [{"input": f"question {n}", "output": LABELS[n % 2]} for n in range(40)]
    async with connected(app) as call:
        await call("save_task", **TICKETS, examples=many)
        await call("set_task", name="tickets")
        await to_thread.run_sync(app.learner.wait)
        more = [{"input": "one more", "output": "billing"}]
        await call("save_task", name="tickets", examples=more, add=True)
        await to_thread.run_sync(app.learner.wait)
        quality = (await card(call))["quality"]
    assert (quality["version"], quality["examples"]) == (1, 40)
    assert quality["ways"][0]["asked"] == 10


async def test_a_revoked_adapter_of_a_task_says_how_to_go_on(make_app: MakeApp):
    async with connected(make_app()) as call:
        given = [{"input": f"about {label}", "output": label} for label in LABELS]
        await call("save_task", **TICKETS, examples=given)
        session = (await call("set_task", name="tickets"))["session_id"]
        digest = (await call("run_step", session_id=session, input="x"))["adapter_digest"]
        await call("revoke_adapter", session_id=session, adapter_digest=digest)
        refused = await call.refused("run_step", session_id=session, input="y")
        await call("save_task", name="tickets", examples=given[:1])
        step = await call("run_step", session_id=session, input="y")
    assert "teach a saved one otherwise with save_task" in refused
    assert step["adapter_digest"] != digest


# Whose task it is


@asynccontextmanager
async def two_principals(app: Application, file: Path) -> AsyncIterator[tuple[Caller, Caller]]:
    """Alice's and Bob's clients of one server, over HTTP."""
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    async with (
        listening(app, Tokens(file)) as address,
        connected_to(address, alice, "auto", "http") as hers,
        connected_to(address, bob, "auto", "http") as his,
    ):
        yield hers, his


@pytest.mark.slow
async def test_a_shared_task_is_used_and_not_taught_by_others_and_no_more_when_it_is_unshared(
    make_app: MakeApp, tmp_path: Path
):
    async with two_principals(make_app(), tmp_path / "tokens") as (hers, his):
        await hers("save_task", **TICKETS)
        unknown = await his.refused("set_task", name="tickets")
        await hers("save_task", name="tickets", share=True)
        session = (await his("set_task", name="alice/tickets"))["session_id"]
        await his("run_step", session_id=session, input=PARCEL, step_key="k")
        foreign = await hers.refused("correct_step", session_id=session, step=1, output="shipping")
        done = await his("correct_step", session_id=session, step=1, output="shipping")
        heard = await his("run_step", session_id=session, input=PARCEL)
        unchanged = await card(hers)
        taken = await his.refused("save_task", name="alice/tickets", ask_below=0.5)
        await hers("save_task", name="tickets", share=False)
        gone = await his.refused("run_step", session_id=session, input="again")
        again = await his("run_step", session_id=session, input=PARCEL, step_key="k")
        tasks = (await his("status"))["tasks"]
    assert "there is no task 'tickets'" in unknown
    assert "there is no session" in foreign
    assert (done["task"], done["changed"]) == (None, True)
    assert "belongs to another principal" in done["note"]
    assert (heard["output"], heard["answered_by"]) == ("shipping", "example")
    assert (unchanged["version"], unchanged["examples"]) == (1, 0)
    assert "it can be used, not changed" in taken
    assert "there is no task" in gone
    assert (again["replayed"], tasks) == (True, [])


@pytest.mark.slow
async def test_a_session_keeps_anothers_shared_task_where_one_of_its_name_is_saved_later(
    make_app: MakeApp, tmp_path: Path
):
    async with two_principals(make_app(), tmp_path / "tokens") as (hers, his):
        await hers("save_task", **TICKETS, share=True)
        session = (await his("set_task", name="tickets"))["session_id"]
        await his("save_task", name="tickets", task="Tell the tone.")
        step = await his("run_step", session_id=session, input=PARCEL)
        await hers("save_task", name="tickets", share=False)
        gone = await his.refused("run_step", session_id=session, input="again")
        own = (await his("set_task", name="tickets"))["session_id"]
        free = await his("run_step", session_id=own, input=PARCEL)
    assert (step["output"], free["output"]) == ("billing", PARCEL)
    assert "there is no task 'alice/tickets'" in gone


# Memory beside a saved task


async def test_a_saved_task_with_labels_answers_from_its_input_unless_memory_is_asked_for(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("remember", session_id=session, text="A parcel that never came is billing.")
        alone = await call("run_step", session_id=session, input="my parcel never came")
        await call("correct_step", session_id=session, step=1, output="shipping")
        corrected = await call("run_step", session_id=session, input="my parcel never came")
        asked = await call(
            "run_step", session_id=session, input="my parcel never came", context_tokens=64
        )
    tokens = [sum(part["tokens"] for part in step["context"]) for step in (alone, asked)]
    assert tokens[0] == 0 < tokens[1]
    assert (corrected["output"], corrected["answered_by"]) == ("shipping", "example")
    assert asked["answered_by"] == "model"


async def test_a_saved_task_of_free_answers_is_given_memory(make_app: MakeApp):
    async with connected(make_app()) as call:
        await call("save_task", name="reply", task="Reply to the customer.")
        session = (await call("set_task", name="reply"))["session_id"]
        await call("remember", session_id=session, text="A parcel that never came is sent again.")
        step = await call("run_step", session_id=session, input="my parcel never came")
    assert sum(part["tokens"] for part in step["context"]) > 0
