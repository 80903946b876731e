"""A step key belongs to what was first sent under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support import KNOWN, connected

from hypernet.engine.echo import EchoEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


class AnySchema(EchoEngine):
    """Takes any schema, and answers with its input all the same."""

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse none."""


FIRST: dict[str, Any] = {
    "input": "a dog and an ant",
    "task": "Name the animal.",
    "documents": ["Dogs bark."],
    "step_key": "k",
}
LABELS = {"labels": ["dog", "ant"]}
SCHEMA = {"output_schema": {"type": "string"}, "input": '"a dog"', "context_tokens": 0}
OTHERS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"input": "a cat"}, "input"),
    ({}, {"input": "a dog and an ant "}, "input"),
    ({}, {"task": "Name the colour."}, "task"),
    ({}, {"task": None}, "task"),
    ({}, {"input": "a cat", "task": "Name the colour."}, "input, task"),
    ({}, LABELS, "labels"),
    (LABELS, {"labels": None}, "labels"),
    (LABELS, {"labels": ["dog", "ant", "cat"]}, "labels"),
    ({}, {"documents": None}, "documents"),
    ({}, {"documents": ["Dogs bite."]}, "documents"),
    (SCHEMA, {"output_schema": None}, "output_schema"),
    (SCHEMA, {"output_schema": {"type": "string", "maxLength": 9}}, "output_schema"),
    ({}, {"copy": True}, "copy"),
    ({}, {"max_tokens": 9}, "max_tokens"),
    ({}, {"temperature": 0.5}, "temperature"),
    ({}, {"seed": 3}, "seed"),
    ({}, {"context_tokens": 0}, "context_tokens"),
]


@pytest.mark.parametrize(("asked", "other", "names"), OTHERS)
async def test_a_key_sent_with_something_else_is_an_error_that_names_both_steps(
    make_app: MakeApp, era: str, asked: dict[str, Any], other: dict[str, Any], names: str
):
    async with connected(make_app(AnySchema()), era) as call:
        first = {**FIRST, **asked, "session_id": await call.begin(KNOWN)}
        done = await call("run_step", **first)
        refusal = await call.refused("run_step", **{**first, **other})
        again = await call("run_step", **first)
        steps = (await call("status", session_id=first["session_id"]))["sessions"][0]["steps"]
    now = {**first, **other}["input"]
    inputs = f"Its input begins {first['input']!r}, this one {now!r}"
    if now == first["input"]:
        inputs = f"Its input is the same, {now!r}"
    assert refusal == (
        f"step_key: 'k' belongs to step 1, which was sent with another {names}; nothing ran. "
        f"{inputs}. Give this step a key of its own"
    )
    assert again == done | {"replayed": True}
    assert steps == 1


async def test_a_key_sent_again_with_other_waiting_order_or_form_is_the_same_step(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session = await call.begin()
        asked = {"session_id": session, "input": "a dog", "step_key": "k"}
        done = await call("run_step", **asked, task="Name it.", labels=["a  dog", "ant"])
        again = await call(
            "run_step", **asked, task=" Name\nit.", labels=["ant", "a dog"], max_seconds=9
        )
    assert again == done | {"replayed": True}
    assert "asked" not in done


async def test_a_key_belongs_to_the_task_that_the_session_had(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin("Name the animal.")
        asked = {"session_id": session, "input": "x" * 5_000, "step_key": "k"}
        await call("run_step", **asked)
        await call("set_task", session_id=session, task="Name the colour.")
        refusal = await call.refused("run_step", **asked)
        await call("set_task", session_id=session, task="Name the animal.")
        again = await call("run_step", **asked)
    assert "another task" in refusal
    assert len(refusal) < 400
    assert again["replayed"]


EXAMPLE = {"input": "a red fox", "output": "fox"}
SETTINGS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"examples": [EXAMPLE]}, "examples"),
    ({"examples": [EXAMPLE]}, {"examples": [{**EXAMPLE, "output": "red fox"}]}, "examples"),
    ({"examples": [EXAMPLE]}, {}, "examples"),
    ({}, {"mode": "prompted"}, "mode"),
    ({"mode": "adapter"}, {"mode": "prompted"}, "mode"),
    ({"examples": [EXAMPLE]}, {"examples": [EXAMPLE], "refine": True}, "refine"),
    ({}, LABELS, "labels"),
    (LABELS, {"labels": ["dog", "cat"]}, "labels"),
    ({}, {"task": "Name the colour.", "mode": "prompted"}, "task, mode"),
]


@pytest.mark.parametrize(("then", "now", "names"), SETTINGS)
async def test_a_key_belongs_to_all_that_the_session_s_task_was_set_with(
    make_app: MakeApp, then: dict[str, Any], now: dict[str, Any], names: str
):
    async with connected(make_app()) as call:
        setting = {"task": KNOWN}
        session = await call.begin(**{**setting, **then})
        asked = {"session_id": session, "input": "a dog", "step_key": "k"}
        done = await call("run_step", **asked)
        await call("set_task", session_id=session, **{**setting, **now})
        refusal = await call.refused("run_step", **asked)
        fresh = await call("run_step", **{**asked, "step_key": "of its own"})
        await call("set_task", session_id=session, **{**setting, **then})
        again = await call("run_step", **asked)
    assert f"which was sent with another {names}; nothing ran" in refusal
    assert (fresh["step"], fresh["replayed"]) == (2, False)
    assert again == done | {"replayed": True}


async def test_the_refusal_shows_where_two_inputs_begin_to_differ(make_app: MakeApp):
    letter = "Dear Sir or Madam, with reference to our contract of last May I write to you " * 9
    async with connected(make_app()) as call:
        session = await call.begin()
        step = {"session_id": session, "context_tokens": 0}
        texts = {
            "k": (f"{letter}about a dog.", f"{letter}about a cat."),
            "shorter": (letter, f"{letter}at last"),
            "form": (f"{letter}caf\u00e9", f"{letter}cafe\u0301"),
            "unseen": (f"{letter}a dog", f"{letter}a\u200b dog"),
        }
        told = {}
        for key, (then, now) in texts.items():
            await call("run_step", **step, input=then, step_key=key)
            told[key] = await call.refused("run_step", **step, input=now, step_key=key)
    assert f"alike for {len(letter) + 8} characters; " in told["k"]
    assert "says 'rite to you about a dog.', this one 'rite to you about a cat.'" in told["k"]
    assert "I write to you ', this one " in told["shorter"]
    assert "write to you at last'" in told["shorter"]
    assert "caf\\xe9', this one " in told["form"]
    assert "cafe\\u0301'" in told["form"]
    assert "a\\u200b dog'" in told["unseen"]


async def test_a_step_s_resource_shows_what_was_observed_alone(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="a", step_key="k")
        whole = await call.client.read_resource(f"memory://sessions/{session}/steps/1")
    assert '"asked"' not in whole.contents[0].text
