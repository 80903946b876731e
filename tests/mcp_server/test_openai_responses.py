"""The Responses API with OpenAI's own client: its items, its forms, the events of its stream."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai_clients import SCHEMA, Noting, Writing, client_of
from pydantic import BaseModel
from support import KNOWN, connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

FORM: Any = {"type": "json_schema", "name": "y", "schema": SCHEMA, "strict": True}


async def test_the_instructions_are_the_task(make_app: Maker):
    engine = Noting()
    async with client_of(make_app(engine)) as client:
        done = await client.responses.create(
            model="auto", instructions=KNOWN, input="it is good", metadata={"run": "7"}
        )
    assert (done.status, done.output_text) == ("completed", "it is good")
    assert done.model_extra["hypernet"]["fit"] == "known"
    assert engine.asked[0].adapter.digest == done.model_extra["hypernet"]["adapter_digest"]
    assert (done.instructions, done.metadata, done.model) == (KNOWN, {"run": "7"}, "auto")
    assert (done.usage.input_tokens, done.usage.output_tokens) == (3, 3)


async def test_items_are_the_conversation(make_app: Maker):
    engine = Noting()
    items: Any = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "who?"}]},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "me", "annotations": []}],
        },
        {"type": "reasoning", "id": "r", "summary": []},
        {"role": "user", "content": "note it"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "c", "output": "noted"},
    ]
    async with client_of(make_app(engine)) as client:
        first = await client.responses.create(model="auto", input=items)
        again = await client.responses.create(model="auto", input=items, instructions="Shout.")
    asked = engine.asked[0]
    assert [(turn.user, turn.answer) for turn in asked.history] == [
        ("who?", "me"),
        ("note it", '{"a": 1}'),
    ]
    assert (asked.input, asked.prefix.startswith("Be brief.")) == ("noted", True)
    assert engine.asked[1].prefix.startswith("Shout. Be brief.")
    assert first.usage.input_tokens_details.cached_tokens == 0
    assert again.usage.input_tokens_details.cached_tokens == 6


async def test_a_schema_is_kept_to_and_the_clients_parse_reads_it(make_app: Maker):
    class Found(BaseModel):
        year: int

    engine = Writing()
    async with client_of(make_app(engine)) as client:
        plain = await client.responses.create(model="auto", input="x", text={"format": FORM})
        parsed = await client.responses.parse(model="auto", input="x", text_format=Found)
    assert json.loads(plain.output_text) == {"year": 2026}
    assert parsed.output_parsed == Found(year=2026)
    assert engine.asked[0].output_schema == SCHEMA


TEXT_EVENTS = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]


async def test_a_stream_has_every_event_in_order_and_each_says_what_the_whole_does(
    make_app: Maker,
):
    async with client_of(make_app()) as client:
        stream = await client.responses.create(model="auto", input="one two three", stream=True)
        events = [event async for event in stream]
        whole = await client.responses.create(model="auto", input="one two three")
    assert list(dict.fromkeys(event.type for event in events)) == TEXT_EVENTS
    assert [event.sequence_number for event in events] == list(range(len(events)))
    by_type = {event.type: event for event in events}
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == by_type["response.output_text.done"].text == "one two three"
    assert by_type["response.content_part.done"].part.text == "one two three"
    done = by_type["response.completed"].response
    assert by_type["response.output_item.done"].item == done.output[0]
    assert by_type["response.created"].response.status == "in_progress"
    assert (done.output_text, done.usage) == (whole.output_text, whole.usage)
    assert {event.item_id for event in events if hasattr(event, "item_id")} == {done.output[0].id}


async def test_the_clients_own_stream_helper_puts_the_response_together(make_app: Maker):
    async with (
        client_of(make_app()) as client,
        client.responses.stream(model="auto", input="a b c") as stream,
    ):
        kinds = [event.type async for event in stream]
        done = await stream.get_final_response()
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert done.output_text == "a b c"


async def test_an_answer_that_was_cut_is_incomplete(make_app: Maker):
    async with client_of(make_app()) as client:
        cut = await client.responses.create(model="auto", input="a b c", max_output_tokens=2)
        stream = await client.responses.create(
            model="auto", input="a b c", max_output_tokens=2, stream=True
        )
        last = [event async for event in stream][-1]
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert (last.type, last.response.output_text) == ("response.incomplete", "a b")


async def test_a_forced_function_is_called_whole_and_streamed(make_app: Maker):
    tools: Any = [{"type": "function", "name": "note", "parameters": SCHEMA, "strict": True}]
    arguments: Any = {
        "model": "auto",
        "input": "x",
        "tools": tools,
        "tool_choice": {"type": "function", "name": "note"},
    }
    async with client_of(make_app(Writing())) as client:
        done = await client.responses.create(**arguments)
        async with client.responses.stream(**arguments) as stream:
            kinds = [event.type async for event in stream]
            pieced = await stream.get_final_response()
    for each in (done.output[0], pieced.output[0]):
        assert (each.type, each.name, json.loads(each.arguments)) == (
            "function_call",
            "note",
            {"year": 2026},
        )
    assert list(dict.fromkeys(kinds)) == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ]


async def test_labels_have_log_probabilities(make_app: Maker):
    app = make_app()
    async with connected(app) as call:
        await call("save_task", name="mood", task="Sort.", labels=["good", "bad"])
    async with client_of(app) as client:
        done = await client.responses.create(
            model="task:mood",
            input="it is bad",
            include=["message.output_text.logprobs"],
            top_logprobs=2,
        )
    (found,) = done.output[0].content[0].logprobs
    assert (found.token, math.exp(found.logprob)) == ("bad", pytest.approx(0.9))
    assert [top.token for top in found.top_logprobs] == ["bad", "good"]


# As its version 2.41.1 was seen to send them: the node OpenAI 2.3 with every option set, and the
# OpenAI Chat Model 1.3 below a Basic LLM Chain.
N8N_MESSAGE: dict[str, Any] = {
    "input": [
        {"role": "system", "content": [{"type": "input_text", "text": "Repeat what is said."}]},
        {"role": "user", "content": [{"type": "input_text", "text": "before"}]},
        {
            "role": "assistant",
            "content": [{"type": "output_text", "text": "I see.", "annotations": []}],
        },
        {"role": "user", "content": [{"type": "input_text", "text": "hello"}]},
    ],
    "parallel_tool_calls": True,
    "store": True,
    "max_output_tokens": 16,
    "prompt_cache_key": "k",
    "safety_identifier": "s",
    "service_tier": "auto",
    "temperature": 1,
    "top_p": 1,
    "top_logprobs": 0,
    "max_tool_calls": 15,
    "background": False,
    "truncation": "disabled",
    "reasoning": {"effort": "medium"},
    "text": {"verbosity": "medium", "format": {"type": "text"}},
    "prompt": {},
}
N8N_CHAIN: dict[str, Any] = {
    "input": [
        {"type": "message", "role": "system", "content": "Repeat what is said."},
        {"type": "message", "role": "user", "content": "hello"},
    ],
    "temperature": 0.7,
    "top_p": 1,
    "stream": False,
    "text": {},
}


@pytest.mark.parametrize(
    ("body", "ignored"),
    [(N8N_MESSAGE, ["store: nothing is kept to be looked up"]), (N8N_CHAIN, [])],
    ids=["openai-node", "chat-model"],
)
async def test_what_n8ns_model_nodes_send_is_accepted(
    make_app: Maker, body: dict[str, Any], ignored: list[str]
):
    app = make_app()
    session = app.store().create_session().id
    metadata = {"session_id": session, "step_key": "page 1"}
    async with client_of(app) as client:
        create: Any = client.responses.create
        done = await create(model="auto", metadata=metadata, **body)
        again = await create(model="auto", metadata=metadata, **body)
    extensions = [each.model_extra["hypernet"] for each in (done, again)]
    assert (done.output_text, done.store) == (again.output_text, False) == ("hello", False)
    assert [each["replayed"] for each in extensions] == [False, True]
    assert extensions[0]["ignored"] == ignored
    (step,) = app.store().steps(session)
    assert step.task is not None
    assert (step.task["description"], step.input) == ("Repeat what is said.", "hello")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("previous_response_id", "resp_1"),
        ("conversation", "conv_1"),
        ("background", True),
        ("prompt", {"id": "p"}),
        ("tools", [{"type": "web_search"}]),
        ("tools", [{"type": "function", "parameters": {}}]),
        ("tools", [{"type": "function", "name": "note", "parameters": ["year"]}]),
        ("input", [{"role": "user", "content": [{"type": "input_image", "image_url": "u"}]}]),
        ("input", [{"type": "item_reference", "id": "i"}]),
        ("input", [{"role": "critic", "content": "x"}]),
        ("input", [{"role": "assistant", "content": "x"}]),
        ("input", [{"role": "user", "content": 5}]),
        ("input", []),
    ],
    ids=[
        "previous", "conversation", "background", "prompt", "web-search",
        "tool-without-a-name", "tool-schema", "image", "reference", "role", "no-user", "number",
        "nothing",
    ],
)  # fmt: skip
async def test_what_is_not_supported_is_refused_by_name(make_app: Maker, field: str, value: Any):
    async with client_of(make_app()) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.responses.create(**{"model": "auto", "input": "x", field: value})
    assert str(refused.value.body["message"]).startswith(field)
    assert str(refused.value.param).startswith(field)
