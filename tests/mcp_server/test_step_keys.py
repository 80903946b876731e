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
    assert refusal == (
        f"step_key: 'k' belongs to step 1, which was sent with another {names}; nothing ran. Its "
        f"input begins {first['input']!r}, this one {now!r}. Give this step a key of its own"
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


async def test_a_step_s_resource_shows_what_was_observed_alone(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="a", step_key="k")
        whole = await call.client.read_resource(f"memory://sessions/{session}/steps/1")
    assert '"asked"' not in whole.contents[0].text
