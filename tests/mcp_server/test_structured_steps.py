"""A structured answer that was cut is an error, and its step can be sent again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from support import KNOWN, connected

from checkpoints import StepDraft
from hypernet.engine.echo import EchoEngine
from hypernet.engine.interface import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

WHOLE = '{"a": 1, "b": [2, 3]}'


class AnySchema(EchoEngine):
    """Takes any schema, and answers with its input all the same."""

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse none."""


def asked(session: str, **other: Any) -> dict[str, Any]:
    return {"session_id": session, "input": WHOLE, "output_schema": {"type": "object"}, **other}


@pytest.mark.parametrize("key", [{}, {"step_key": "k"}])
async def test_json_cut_at_max_tokens_is_an_error_that_holds_what_there_is(
    make_app: MakeApp, era: str, key: dict[str, str]
):
    async with connected(make_app(AnySchema()), era) as call:
        session = await call.begin()
        refusals = [
            await call.refused("run_step", **asked(session, max_tokens=3, **key)) for _ in range(2)
        ]
        steps = (await call("status", session_id=session))["sessions"][0]["steps"]
        done = await call("run_step", **asked(session, max_tokens=6, **key))
    same = "the same step_key and " if key else ""
    for refusal in refusals:
        assert refusal == (
            "max_tokens: the JSON was cut after 3 tokens; no step was recorded. Call again "
            f"with {same}more max_tokens, 2048 at most, or a smaller schema; it allows more fields "
            "than it names: close its objects with additionalProperties: false. What there is: "
            '{"a": 1, "b":'
        )
    assert steps == 0
    assert (done["step"], done["output"], done["replayed"]) == (1, WHOLE, False)


CLOSED = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
OPEN = {"type": "object", "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "advised"),
    [
        (OPEN, True),
        (CLOSED, False),
        ({}, True),
        ({"type": ["object", "null"]}, True),
        ({"properties": {"a": {"type": "integer"}}}, True),
        ({**CLOSED, "additionalProperties": {"type": "string"}}, True),
        ({**CLOSED, "properties": {"a": OPEN}}, True),
        ({**CLOSED, "properties": {"a": CLOSED}}, False),
        ({"type": "array", "items": OPEN}, True),
        ({"type": "array", "items": CLOSED}, False),
        ({"type": "array"}, False),
        ({"anyOf": [CLOSED, OPEN]}, True),
        ({"$ref": "#/$defs/x", "$defs": {"x": OPEN}}, True),
        ({"$ref": "#/$defs/x", "$defs": {"x": CLOSED}}, False),
        ({"enum": ["a"]}, False),
        ({**CLOSED, "properties": {"a": True}}, True),
    ],
)
async def test_a_cut_answer_is_advised_to_close_objects_that_allow_more(
    make_app: MakeApp, schema: dict[str, Any], advised: bool
):
    async with connected(make_app(AnySchema())) as call:
        arguments = asked(await call.begin(), max_tokens=3) | {"output_schema": schema}
        refusal = await call.refused("run_step", **arguments)
    assert ("additionalProperties: false" in refusal) is advised


@pytest.mark.parametrize(
    ("text", "tokens", "whole"),
    [
        (WHOLE, 5, True),  # its last token is the last that there was room for
        ('{"a": 1} x', 2, True),
        ("12 3", 1, False),  # of a number nobody knows whether it is over
        ("true x", 1, True),
        ('"a b"', 1, False),
        ("[1, 2", 2, False),
    ],
)
async def test_an_answer_is_whole_if_nothing_more_can_come(
    make_app: MakeApp, text: str, tokens: int, whole: bool
):
    async with connected(make_app(AnySchema())) as call:
        arguments = asked(await call.begin(), max_tokens=tokens) | {"input": text}
        result = await call.client.call_tool("run_step", arguments)
    assert result.is_error is not whole


async def test_json_cut_by_time_is_an_error_too(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch):
    over = threading.Event()
    monkeypatch.setattr(Ticket, "late", property(lambda _: over.is_set()))
    engine = AnySchema(before_token=lambda token: over.set() if token == 1 else None)
    async with connected(make_app(engine)) as call:
        refusal = await call.refused("run_step", **asked(await call.begin()))
    assert refusal.startswith("max_seconds: the time was over before the JSON was whole")
    assert refusal.endswith('What there is: {"a":')


async def test_what_is_no_json_at_all_is_an_error(make_app: MakeApp):
    async with connected(make_app(AnySchema())) as call:
        session = await call.begin()
        refusal = await call.refused("run_step", **asked(session) | {"input": "plain words"})
        step = await call("run_step", session_id=session, input="plain words", max_tokens=1)
    assert refusal.startswith("output_schema: the answer is no JSON (stop_reason end)")
    assert (step["step"], step["output"], step["stop_reason"]) == (1, "plain", "length")


async def test_a_cut_answer_that_an_earlier_release_recorded_is_no_success_either(
    make_app: MakeApp,
):
    app = make_app(AnySchema())
    async with connected(app) as call:
        session = await call.begin()
        await call("run_step", **asked(session, step_key="whole"))
        seen = app.store().steps(session)[0].result
        old = {name: value for name, value in seen.items() if name != "asked"}
        old["stop_reason"] = "length"
        draft = StepDraft(WHOLE, '{"a": 1,', {"description": KNOWN}, "adapter", None, old, "cut")
        app.store().append_step(session, draft)
        refusal = await call.refused("run_step", **asked(session, step_key="cut"))
        other = await call("run_step", **asked(session, step_key="other"))
    assert refusal == (
        "step_key: 'cut' belongs to step 2, whose output is no whole JSON; nothing ran. Call "
        'again with another step_key and more max_tokens. What there is: {"a": 1,'
    )
    assert other["output"] == WHOLE
