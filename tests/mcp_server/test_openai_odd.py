"""What odd clients send to /v1: lists without an end, half bodies, forms that say nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openai_clients import TASK, Noting, Writing, client_of, said
from serving import requests_to
from support import connected

from mcp_server.http.application import build_app
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
APIS = {
    CHAT: {"model": "auto", "messages": [TASK, *said("a b")]},
    RESPONSES: {"model": "auto", "input": "a b"},
}
both = pytest.mark.parametrize("path", APIS, ids=["chat", "responses"])

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    (CHAT, {"messages": [5] * 100_000}, "messages[0]", "should be an object with fields"),
    (CHAT, {"messages": said("a") * 10_001}, "messages", "should have 10000 or fewer"),
    (CHAT, {"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "should be text"),
    (
        CHAT,
        {"messages": [{"role": "user", "content": [5] * 100_000}]},
        "messages[0].content[0]",
        "should be an object with fields",
    ),
    (
        CHAT,
        {"messages": [{"role": "user", "content": [{"type": "text", "text": None}]}]},
        "messages[0].content[0].text",
        "must be a text",
    ),
    (CHAT, {"stop": 5}, "stop", "should be text or a list"),
    (CHAT, {"stop": ["a", 5, None]}, "stop[1]", "should be text"),
    (CHAT, {"tool_choice": True}, "tool_choice", "should be text or an object with fields"),
    (CHAT, {"tool_choice": "required"}, "tool_choice", "'required' needs tools"),
    (
        CHAT,
        {"response_format": {"json_schema": {"name": "y", "schema": {"type": "object"}}}},
        "response_format.type",
        "should be text, json_object or json_schema",
    ),
    (RESPONSES, {"input": 5}, "input", "should be text or a list"),
    (RESPONSES, {"input": ["a"] * 100_000}, "input[0]", "should be an object with fields"),
    (
        RESPONSES,
        {"input": [{"type": "function_call_output", "call_id": "1", "output": 5}]},
        "input[0].output",
        "must be a text or a list of parts",
    ),
    (RESPONSES, {"stop": [5]}, "stop[0]", "should be text"),
    (RESPONSES, {"include": [5] * 100_000}, "include[0]", "should be text"),
    (RESPONSES, {"tools": [], "tool_choice": "x"}, "tool_choice", "'x' needs tools"),
    (
        RESPONSES,
        {"text": {"format": {"schema": {"type": "object"}}}},
        "text.format.type",
        "should be text, json_object or json_schema",
    ),
]


@pytest.mark.parametrize(
    ("path", "change", "param", "problem"), WRONG, ids=[each[2] + each[3][:9] for each in WRONG]
)
async def test_the_first_thing_that_is_wrong_is_told_in_the_clients_words(
    make_app: Maker, path: str, change: dict[str, Any], param: str, problem: str
):
    async with requests_to(make_app()) as client:
        answer = await client.post(path, json=APIS[path] | change)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param)
    assert error["message"].startswith(f"{param}: {problem}")
    assert len(error["message"]) < 200


@both
@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
async def test_numbers_that_no_client_could_read_back_are_refused(
    make_app: Maker, path: str, number: str
):
    body = json.dumps(APIS[path] | {"metadata": {"x": 0}}).replace('"x": 0', f'"x": {number}')
    async with requests_to(make_app()) as client:
        answer = await client.post(path, content=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_json")
    assert error["message"].startswith(f"body: {number} is ")


@both
async def test_of_many_fields_that_nobody_knows_some_are_named(make_app: Maker, path: str):
    strange = {f"field {n:04}": n for n in range(1_000)}
    async with requests_to(make_app()) as client:
        answer = await client.post(path, json=APIS[path] | strange)
    ignored = answer.json()["hypernet"]["ignored"]
    assert (ignored[0], ignored[-1]) == ("field 0000", "and 968 more")
    assert len(ignored) == 33


@both
async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_error(
    make_app: Maker, path: str
):
    app = make_app()
    server, sent = build_server(app), list[Any]()
    arrived = iter([
        {"type": "http.request", "body": b'{"model":', "more_body": True},
        {"type": "http.disconnect"},
    ])  # fmt: skip

    async def receive() -> Any:
        return next(arrived)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost:8000"), (b"content-type", b"application/json")]
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 5), "server": ("localhost", 8000),
    }  # fmt: skip
    await build_app(server, app)(scope, receive, send)
    assert sent == []


async def test_log_probabilities_of_a_recorded_text_are_refused_as_of_a_new_one(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    headers = {"X-Session-Id": session, "Idempotency-Key": "k"}
    async with requests_to(app) as client:
        first = await client.post(CHAT, json=APIS[CHAT], headers=headers)
        again = [
            await client.post(path, json=body | more, headers=headers)
            for path, body, more in (
                (CHAT, APIS[CHAT], {"logprobs": True}),
                (
                    RESPONSES,
                    APIS[RESPONSES] | {"instructions": TASK["content"]},
                    {"top_logprobs": 1},
                ),
            )
        ]
    assert first.status_code == 200
    assert [each.json()["error"]["param"] for each in again] == ["logprobs", "top_logprobs"]


async def test_an_earlier_refusal_and_a_call_of_the_older_form_are_read(make_app: Maker):
    engine = Noting()
    messages: Any = [
        *said("first"),
        {"role": "assistant", "content": None, "refusal": "I cannot."},
        *said("second"),
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "done"},
    ]
    async with client_of(make_app(engine)) as client:
        await client.chat.completions.create(model="auto", messages=messages)
    asked = engine.asked[0]
    turns = [(turn.user, turn.answer) for turn in asked.history]
    assert turns == [("first", "I cannot."), ("second", "{}")]
    assert asked.input == "done"


@pytest.mark.parametrize(
    ("parameters", "closed"),
    [
        (None, True),
        ({}, True),
        ({"type": "object", "properties": {}, "title": "Now"}, True),
        ({"type": "object", "properties": {}, "additionalProperties": True}, False),
        ({"type": "object"}, False),
    ],
    ids=["none", "empty", "no-properties", "open", "any-object"],
)
async def test_a_function_without_parameters_is_called_without_any(
    make_app: Maker, parameters: Any, closed: bool
):
    engine = Writing()
    function = {"name": "now"} | ({} if parameters is None else {"parameters": parameters})
    tools: Any = [{"type": "function", "function": function}]
    async with client_of(make_app(engine)) as client:
        await client.chat.completions.create(
            model="auto", messages=said("x"), tools=tools, tool_choice="required"
        )
    schema = engine.asked[0].output_schema or {}
    assert (schema.get("additionalProperties") is False) == closed
    assert closed or schema == parameters


async def test_json_that_a_stop_ended_is_refused_by_that_name(make_app: Maker):
    form: Any = {"type": "json_object"}
    async with requests_to(make_app(Writing())) as client:
        changes: list[dict[str, Any]] = [{"stop": "2026"}, {"max_tokens": 1}]
        told = [
            (await client.post(CHAT, json=APIS[CHAT] | {"response_format": form} | change)).json()
            for change in changes
        ]
    errors = [each["error"] for each in told]
    assert [error["param"] for error in errors] == ["stop", "max_tokens"]
    assert "Call again with texts that" in errors[0]["message"]
    assert "Call again with more max_tokens" in errors[1]["message"]


async def test_what_has_no_effect_inside_a_field_or_on_a_label_is_named(make_app: Maker):
    app = make_app()
    body = {"model": "auto", "input": "a b", "text": {"type": "json_schema", "verbosity": "low"}}
    sampled = {"stop": ["b"], "temperature": 1, "messages": said("It is bad.")}
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", name="mood", task="Good or bad?", labels=["good", "bad"])
        told = [
            (await client.post(RESPONSES, json=body | {"include": ["web.sources"]})).json(),
            (await client.post(CHAT, json=sampled | {"model": "task:mood"})).json(),
            (await client.post(CHAT, json=sampled | {"model": "auto"})).json(),
        ]
    assert [each["hypernet"]["ignored"] for each in told] == [
        ["text.type", "include: web.sources"],
        ["temperature: a label is chosen, not written", "stop: a label is chosen, not written"],
        [],
    ]
    assert told[1]["choices"][0]["message"]["content"] == "bad"
