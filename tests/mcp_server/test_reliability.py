"""Tasks that were not measured: how sure their answers are, by what their fit showed elsewhere."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from openai_clients import client_of, said
from support import KNOWN, connected

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.hypernetwork.embedding import Embedder
from hypernet.hypernetwork.reliability import Reliability
from hypernet.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import Caller

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

NEAR, FAR = "Classify the topic of the ticket.", "Sort by topic."
LABELS = ["billing", "shipping"]
CARD = {
    "reliability": {
        "known": {"free": {"offset": -1, "slope": 1, "accuracy": 0.2, "answers": 90, "tasks": 9}},
        "near": {
            "labels": {"power": 0.5, "accuracy": 0.55, "answers": 400, "tasks": 40},
            "free": {"offset": -2.0, "slope": 1.0, "accuracy": 0.1, "answers": 240, "tasks": 20},
            "copied": {"offset": 1.0, "slope": 0.0, "accuracy": 0.7, "answers": 96, "tasks": 8},
        },
    }
}
TRAINED = {
    "reliability": {
        "trained": {
            "labels": {"power": 0.5, "words": 4.0, "accuracy": 0.6, "answers": 700, "tasks": 60},
            "free": {"offset": -2.0, "slope": 1.0, "accuracy": 0.5, "answers": 600, "tasks": 50},
        }
    }
}
SHOWN = [
    {"input": f"{word} {n}", "output": label}
    for n in range(4)
    for word, label in (("alpha", "billing"), ("beta", "shipping"))
]
# The echo engine gives the label that it finds 0.9: a root takes that back to 0.75.
HALF = 0.9**0.5 / (0.9**0.5 + 0.1**0.5)


def loading(engine: EchoEngine | None = None, card: Any = CARD) -> Callable[..., Runtime]:
    """What loads the echo engine with the curves of a card."""

    def load(options: object, progress: object) -> Runtime:
        return Runtime(
            engine or EchoEngine(),
            AdapterCache(EchoSource(known=(KNOWN,))),
            {"engine": "echo"},
            Embedder("echo", echo_embeddings),
            reliability=Reliability.of_card(card),
        )

    return load


async def read(call: Caller, name: str) -> dict[str, Any]:
    (content,) = (await call.client.read_resource(f"memory://tasks/{name}")).contents
    return dict(json.loads(content.text))


# How sure an answer is


async def test_shares_of_a_task_without_examples_are_those_that_its_fit_allows(make_app: MakeApp):
    async with connected(make_app(load=loading())) as call:
        session = await call.begin(NEAR, labels=LABELS)
        step = await call("run_step", session_id=session, input="about shipping", step_key="k")
        other = await call("run_step", session_id=session, input="x", labels=["a", "b", "c"])
        again = await call("run_step", session_id=session, input="about shipping", step_key="k")
    assert (step["fit"], step["output"]) == ("near", "shipping")
    assert step["confidence"] == step["shares"]["shipping"] == pytest.approx(HALF)
    assert sum(step["shares"].values()) == pytest.approx(1)
    assert sum(other["shares"].values()) == pytest.approx(1)
    assert other["confidence"] == other["shares"]["a"] < 0.9
    assert (again["replayed"], again["confidence"]) == (True, step["confidence"])


async def test_an_answer_asks_for_review_by_the_confidence_that_it_shows(make_app: MakeApp):
    async with connected(make_app(load=loading())) as call:
        session = await call.begin(NEAR, labels=LABELS)
        asked = await call("run_step", session_id=session, input="billing", ask_below=0.8)
        stands = await call("run_step", session_id=session, input="billing", ask_below=0.7)
    assert asked["needs_review"]
    assert asked["review_reason"] == "confidence 0.75 is under ask_below 0.8"
    assert not stands["needs_review"]


async def test_free_and_copied_answers_have_curves_of_their_own(make_app: MakeApp):
    async with connected(make_app(load=loading(EchoEngine(sure=0.9)))) as call:
        session = await call.begin(NEAR)
        free = await call("run_step", session_id=session, input="any words")
        copied = await call("run_step", session_id=session, input="any words", copy=True)
        cut = await call("run_step", session_id=session, input="any words", max_tokens=1)
    assert free["confidence"] == pytest.approx(1 / (1 + math.exp(2 - math.log(9))))
    assert copied["confidence"] == pytest.approx(1 / (1 + math.exp(-1)))
    assert (cut["stop_reason"], cut["confidence"]) == ("length", 0.9)


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"reliability": None},
        {"reliability": ["near"]},
        {"reliability": {"near": 0.5}},
        {"reliability": {"near": {"labels": "sure"}}},
        {"reliability": {"near": {"labels": {"power": 0.5}}}},
        {
            "reliability": {
                "near": {"labels": {**CARD["reliability"]["near"]["labels"], "power": 0}}
            }
        },
        {
            "reliability": {
                "near": {"labels": {**CARD["reliability"]["near"]["labels"], "accuracy": "0.5"}}
            }
        },
        {
            "reliability": {
                "near": {"labels": {**CARD["reliability"]["near"]["labels"], "tasks": math.nan}}
            }
        },
    ],
    ids=range(9),
)
async def test_a_card_without_the_curve_or_with_a_damaged_one_leaves_shares_as_they_are(
    make_app: MakeApp, card: dict[str, Any]
):
    async with connected(make_app(load=loading(card=card))) as call:
        begun = await call("set_task", task=NEAR, labels=LABELS)
        step = await call("run_step", session_id=begun["session_id"], input="billing")
    assert (step["confidence"], begun["estimate"]) == (0.9, None)


async def test_what_ran_otherwise_than_the_development_tasks_is_as_sure_as_the_model_says(
    make_app: MakeApp,
):
    examples = [{"input": f"{LABELS[n % 2]} {n}", "output": LABELS[n % 2]} for n in range(8)]
    async with connected(make_app(load=loading())) as call:
        for arguments in ({"mode": "prompted"}, {"mode": "adapter"}, {"examples": examples}):
            begun = await call("set_task", task=NEAR, labels=LABELS, **arguments)
            step = await call("run_step", session_id=begun["session_id"], input="billing")
            assert (step["confidence"], begun["estimate"]) == (0.9, None), arguments
        far = await call("set_task", task=FAR, labels=LABELS)
        step = await call("run_step", session_id=far["session_id"], input="billing")
    assert (far["fit"]["level"], far["estimate"], step["confidence"]) == ("unknown", None, 0.9)


async def test_few_examples_change_nothing_of_it(make_app: MakeApp):
    examples = [{"input": "charged twice", "output": "billing"}]
    async with connected(make_app(load=loading())) as call:
        begun = await call("set_task", task=NEAR, labels=LABELS, examples=examples)
        step = await call("run_step", session_id=begun["session_id"], input="billing")
    assert (step["confidence"], begun["estimate"]["fit"]) == (pytest.approx(HALF), "near")


# Weights that were trained on examples


async def test_trained_weights_have_curves_of_their_own(make_app: MakeApp):
    shown = [{"input": f"so {word} it is", "output": word.upper()} for word in ("this", "that")]
    load = loading(EchoEngine(sure=0.9), card=TRAINED)
    async with connected(make_app(load=load)) as call:
        begun = await call("set_task", task=NEAR, examples=shown)
        trained = await call("run_step", session_id=begun["session_id"], input="any words")
        plain = await call("set_task", task=NEAR, examples=shown, refine=False)
        as_it_is = await call("run_step", session_id=plain["session_id"], input="any words")
    assert trained["confidence"] == pytest.approx(1 / (1 + math.exp(2 - math.log(9))))
    assert begun["estimate"] == {
        "expected_accuracy": 0.5,
        "fit": "trained",
        "answers": "free",
        "tasks": 50,
        "asked": 600,
    }
    assert (as_it_is["confidence"], plain["estimate"]) == (0.9, None)


async def test_a_classifier_of_the_examples_words_is_heard_beside_trained_weights(
    make_app: MakeApp,
):
    async with connected(make_app(load=loading(card=TRAINED))) as call:
        begun = await call("set_task", task=NEAR, labels=LABELS, examples=SHOWN)
        session = begun["session_id"]
        step = await call("run_step", session_id=session, input="beta 9", ask_below=0.5)
        own = await call("run_step", session_id=session, input="beta 9", labels=["a", "b"])
        many = await call("run_steps", session_id=session, inputs=["beta 7", "alpha 7", "beta 0"])
    assert (step["output"], step["answered_by"]) == ("shipping", "both")
    assert step["confidence"] == step["shares"]["shipping"] == max(step["shares"].values())
    assert sum(step["shares"].values()) == pytest.approx(1)
    assert (own["output"], own["answered_by"]) == ("a", "model")
    assert [(each["output"], each["answered_by"]) for each in many["steps"]] == [
        ("shipping", "both"),
        ("billing", "both"),
        ("shipping", "example"),
    ]
    assert (begun["estimate"]["fit"], begun["estimate"]["expected_accuracy"]) == ("trained", 0.6)


async def test_a_saved_task_hears_the_classifier_until_it_is_learned(make_app: MakeApp):
    app = make_app(load=loading(card=TRAINED))
    async with connected(app) as call:
        await call("save_task", name="greek", task=NEAR, labels=LABELS, examples=SHOWN[:7])
        begun = await call("set_task", name="greek")
        seven = await call("run_step", session_id=begun["session_id"], input="beta 9")
        await call("save_task", name="greek", examples=SHOWN[7:], add=True)
        eight = await call("run_step", session_id=begun["session_id"], input="beta 8")
    assert seven["answered_by"] == "model"
    assert (eight["output"], eight["answered_by"]) == ("shipping", "both")


@pytest.mark.parametrize(
    "arguments",
    [{"mode": "adapter"}, {"mode": "prompted"}, {"refine": False}, {"examples": SHOWN[:6]}],
    ids=["adapter", "prompted", "untrained", "six"],
)
async def test_the_classifier_is_heard_only_where_development_tasks_heard_it(
    make_app: MakeApp, arguments: dict[str, Any]
):
    async with connected(make_app(load=loading(card=TRAINED))) as call:
        given = {"task": NEAR, "labels": LABELS, "examples": SHOWN, **arguments}
        session = (await call("set_task", **given))["session_id"]
        step = await call("run_step", session_id=session, input="beta 9")
    assert (step["output"], step["answered_by"]) == ("billing", "model")


async def test_the_classifier_is_not_heard_where_memory_is_in_the_prompt(make_app: MakeApp):
    async with connected(make_app(load=loading(card=TRAINED))) as call:
        session = await call.begin(NEAR, labels=LABELS, examples=SHOWN)
        await call("remember", session_id=session, text="The beta 9 parcel is at the depot.")
        step = await call("run_step", session_id=session, input="beta 9 parcel")
        without = await call("run_step", session_id=session, input="beta 8", context_tokens=0)
    assert step["tokens"]["memory"] > 0
    assert (step["answered_by"], without["answered_by"]) == ("model", "both")


async def test_a_correction_that_is_no_label_of_the_task_leaves_the_classifier_out(
    make_app: MakeApp,
):
    async with connected(make_app(load=loading(card=TRAINED))) as call:
        odd = [*SHOWN, {"input": "gamma", "output": "billing or shipping"}]
        refused = await call.refused("set_task", task=NEAR, labels=LABELS, examples=odd)
    assert "is none of the labels" in refused


# How good a task is expected to be


async def test_set_task_says_what_accuracy_the_fit_lets_expect(make_app: MakeApp):
    async with connected(make_app(load=loading())) as call:
        labels = await call("set_task", task=NEAR, labels=LABELS)
        free = await call("set_task", task=KNOWN)
        shown = [{"input": f"so {word} it is", "output": word} for word in ("this", "that")]
        copied = await call("set_task", task=NEAR, examples=shown, refine=False)
    assert labels["quality"] is None
    assert labels["estimate"] == {
        "expected_accuracy": 0.55,
        "fit": "near",
        "answers": "labels",
        "tasks": 40,
        "asked": 400,
    }
    assert (free["estimate"]["fit"], free["estimate"]["expected_accuracy"]) == ("known", 0.2)
    assert (copied["estimate"]["answers"], copied["estimate"]["expected_accuracy"]) == (
        "copied",
        0.7,
    )


async def test_a_saved_task_shows_the_estimate_until_it_is_measured(make_app: MakeApp):
    app = make_app(load=loading())
    examples = [{"input": f"{LABELS[n % 2]} {n}", "output": LABELS[n % 2]} for n in range(8)]
    async with connected(app) as call:
        await call("save_task", name="tickets", task=NEAR, labels=LABELS)
        begun = await call("set_task", name="tickets")
        before = await read(call, "tickets")
        step = await call("run_step", session_id=begun["session_id"], input="shipping")
        saved = await call("save_task", name="tickets", ask_below=0.8)
        await call("save_task", name="tickets", examples=examples)
        await to_thread.run_sync(app.learner.wait)
        after = await read(call, "tickets")
        measured = await call("set_task", name="tickets")
    assert begun["estimate"] == before["estimate"] == saved["task"]["estimate"]
    assert (before["quality"], before["estimate"]["expected_accuracy"]) == (None, 0.55)
    assert step["confidence"] == pytest.approx(HALF)
    assert (after["estimate"], measured["estimate"]) == (None, None)
    assert after["quality"]["expected_accuracy"] == 0.9


async def test_a_saved_task_that_is_trained_on_its_few_examples_has_no_estimate(make_app: MakeApp):
    shown = [{"input": f"so {word} it is", "output": word} for word in ("this", "that")]
    async with connected(make_app(load=loading())) as call:
        await call("save_task", name="words", task=NEAR, examples=shown[:1])
        one = await call("set_task", name="words")
        two = await call("save_task", name="words", examples=shown)
        begun = await call("set_task", name="words")
        kept = await read(call, "words")
    assert one["estimate"] is not None
    assert begun["refined"]["examples"] == 2
    assert [two["task"]["estimate"], begun["estimate"], kept["estimate"]] == [None] * 3


async def test_structured_answers_have_no_estimate(make_app: MakeApp):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    async with connected(make_app(load=loading())) as call:
        await call("save_task", name="fields", task=NEAR, output_schema=schema)
        begun = await call("set_task", name="fields")
    assert begun["estimate"] is None


# At the door of OpenAI's clients


async def test_answers_of_a_saved_task_at_openais_door_are_as_sure(make_app: MakeApp):
    app = make_app(load=loading())
    async with connected(app) as call:
        await call("save_task", name="tickets", task=NEAR, labels=LABELS)
    async with client_of(app) as client:
        done = await client.chat.completions.create(
            model="task:tickets", messages=said("about shipping"), logprobs=True, top_logprobs=2
        )
    (token,) = done.choices[0].logprobs.content
    assert done.model_extra["hypernet"]["confidence"] == pytest.approx(HALF)
    assert math.exp(token.logprob) == pytest.approx(HALF)
