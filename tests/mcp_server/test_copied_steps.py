"""Copied outputs over MCP: asked for, shown by the examples, or not to be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import KNOWN, connected

from hypernet.engine.echo import EchoEngine
from hypernet.engine.interface import Capabilities, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypernet.engine.interface import Ticket
    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

SPANS = [
    {"input": "paid in 1999", "output": "1999"},
    {"input": "since 2001, or so", "output": "2001"},
]
NOTHING = {"input": "long ago", "output": "none"}
SPACED = "order  7741920\nof May"


class NothingFound(EchoEngine):
    """Answers as though the input did not hold what is asked for, where that is allowed."""

    def submit(self, request: Request) -> Ticket:
        assert request.copy is not None
        (nothing,) = request.copy.nothing
        return super().submit(Request(nothing))


class CannotCopy(EchoEngine):
    capabilities = Capabilities(prefix_without_adapter=True)


async def test_a_copied_output_is_in_the_input_as_it_is_and_the_result_says_where(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call("run_step", session_id=session, input=f" {SPACED}", copy=True)
        cut = await call("run_step", session_id=session, input=SPACED, copy=True, max_tokens=2)
        whole = await call.client.read_resource(f"memory://sessions/{session}/steps/1")
    assert (step["output"], step["span"]) == (SPACED, {"start": 1, "end": 1 + len(SPACED)})
    assert (cut["output"], cut["span"]) == ("order  7741920", {"start": 0, "end": 14})
    assert '"span":{"end":22,"start":1}' in whole.contents[0].text.replace(" ", "")  # type: ignore[union-attr]  # it is text


async def test_examples_that_are_spans_ask_for_copying_and_false_forbids_it(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin(examples=SPANS)
        shown = await call("run_step", session_id=session, input=SPACED)
        forbidden = await call("run_step", session_id=session, input=SPACED, copy=False)
        labelled = await call("run_step", session_id=session, input=SPACED, labels=["May", "June"])
    assert (shown["output"], shown["span"]["start"]) == (SPACED, 0)
    assert (forbidden["output"], forbidden["span"]) == ("order 7741920 of May", None)
    assert (labelled["output"], labelled["span"]) == ("May", None)


async def test_a_task_without_examples_that_are_spans_is_not_copied_unasked(make_app: MakeApp):
    async with connected(make_app()) as call:
        for examples in (None, [NOTHING, *SPANS[:1]], [SPANS[0], {"input": "a", "output": "b"}]):
            session = await call.begin(examples=examples)
            step = await call("run_step", session_id=session, input=SPACED)
            assert step["span"] is None


async def test_nothing_found_is_an_output_without_a_place(make_app: MakeApp):
    async with connected(make_app(NothingFound())) as call:
        session = await call.begin(examples=[*SPANS, NOTHING])
        step = await call("run_step", session_id=session, input=SPACED)
    assert (step["output"], step["span"]) == ("none", None)


async def test_memory_in_the_prompt_is_not_copied_from(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call(
            "run_step", session_id=session, input=SPACED, documents=["order 1 of May"], copy=True
        )
    assert step["retrieved"]
    assert step["output"] == SPACED


async def test_copying_on_an_engine_that_cannot_is_refused_by_name_and_never_tried_unasked(
    make_app: MakeApp,
):
    async with connected(make_app(CannotCopy())) as call:
        session = await call.begin(examples=SPANS)
        message = await call.refused("run_step", session_id=session, input=SPACED, copy=True)
        step = await call("run_step", session_id=session, input=SPACED)
    assert "copy: needs an engine with the capability copy" in message
    assert (step["step"], step["output"], step["span"]) == (1, "order 7741920 of May", None)


async def test_copying_from_a_task_with_labels_is_refused_by_name(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin(KNOWN, labels=["good", "bad"])
        message = await call.refused("run_step", session_id=session, input="x", copy=True)
    assert "copy: the task has labels" in message


async def test_a_copied_step_is_replayed_with_its_place(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": SPACED, "copy": True, "step_key": "k"}
        first, again = await call("run_step", **arguments), await call("run_step", **arguments)
    assert again["replayed"]
    assert again["span"] == first["span"] == {"start": 0, "end": len(SPACED)}
