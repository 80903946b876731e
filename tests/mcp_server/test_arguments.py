"""What is sent is what a tool gets: text that looks like JSON, nulls, and names of no argument."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support import KNOWN, connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

LIKE_JSON = [
    "null", "true", "123", "1.5", "1e999", '"x"', "[1]", "[]", '["a","b"]', '{"a":1}', "{}",
    "[" * 3_000, "9" * 5_000, " null ",
]  # fmt: skip


def is_text(schema: dict[str, Any]) -> bool:
    """Whether an argument may be any text."""
    forms = schema.get("anyOf", [schema])
    return any(
        each.get("type") == "string" and set(each) <= {"type", "description"} for each in forms
    )


async def reads(text: str, call: Any, session: str) -> list[Any]:
    """The places in which a text that was sent can be read again."""
    remembered = await call("remember", session_id=session, text=text, source=text[:900])
    item = remembered["item_ids"][0]
    (pinned,) = (await call("pin_memory", session_id=session, item_ids=[item]))["pinned"]
    marked = await call("checkpoint_memory", session_id=session, label=text[:200])
    await call("run_step", session_id=session, input="once", step_key=text[:200])
    again = await call("run_step", session_id=session, input="once", step_key=text[:200])
    hidden = await call(
        "quarantine_memory", session_id=session, source=text[:900], reason=text[:200]
    )
    revoked = await call(
        "revoke_adapter", session_id=session, adapter_digest=text[:200], reason=text[:200]
    )
    stopped = hidden["quarantined"][-1]
    return [
        (pinned["text"], text.strip()[:200]),
        (pinned["source"], text[:900]),
        (marked["label"], text[:200]),
        (again["replayed"], True),
        (stopped["source"], text[:900]),
        (stopped["reason"], text[:200]),
        (revoked["revoked"][-1]["digest"], text[:200]),
        (revoked["revoked"][-1]["reason"], text[:200]),
    ]


@pytest.mark.parametrize("text", LIKE_JSON, ids=[text[:10] for text in LIKE_JSON])
async def test_a_text_that_looks_like_json_is_that_text(make_app: MakeApp, text: str):
    async with connected(make_app()) as call:
        session = await call.begin()
        for read, sent in await reads(text, call, session):
            assert read == sent
        await call("set_task", session_id=session, task=text)
        shown = (await call("status", session_id=session))["sessions"][0]["task"]
        step = await call("run_step", session_id=session, input=text, task=text)
        await call("recall", session_id=session, query=text)
    assert shown == text.strip()
    assert step["output"] == text.strip()


@pytest.mark.parametrize("text", LIKE_JSON, ids=[text[:10] for text in LIKE_JSON])
async def test_no_text_argument_of_any_tool_is_taken_for_something_else(
    make_app: MakeApp, text: str
):
    async with connected(make_app()) as call:
        tools = (await call.client.list_tools()).tools
        for tool in tools:
            for name, schema in tool.input_schema["properties"].items():
                if not is_text(schema):
                    continue
                result = await call.client.call_tool(tool.name, {name: text})
                if result.is_error:
                    assert f"{name}: should be" not in result.content[0].text, (tool.name, name)


@pytest.mark.parametrize("text", ["null", "[1]", '{"a":1}'])
async def test_a_prompt_gets_the_text_that_was_sent(make_app: MakeApp, text: str):
    async with connected(make_app()) as call:
        prompt = await call.client.get_prompt("run_a_long_job", {"job": text})
    assert f"\n{text}\n" in prompt.messages[0].content.text


async def test_lists_and_objects_may_come_as_json_text(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin(examples='[{"input": "i", "output": "o"}]')
        step = await call("run_step", session_id=session, input="a b", labels='["a", "b"]')
        refusals = [
            await call.refused("run_step", session_id=session, input="a", labels=text)
            for text in ("null", "a", '"a"', "1", "[" * 5_000)
        ]
    assert step["output"] == "a"
    assert all(text.startswith("labels: should be a list") for text in refusals), refusals


async def test_null_means_left_out_for_every_argument(make_app: MakeApp, era: str):
    async with connected(make_app(), era) as call:
        session = await call.begin()
        point = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
        given: dict[str, dict[str, Any]] = {
            "set_task": {"task": KNOWN},
            "run_step": {"session_id": session, "input": "a"},
            "run_steps": {"session_id": session, "inputs": ["a"]},
            "correct_step": {"session_id": session, "step": 1, "output": "a"},
            "save_task": {"name": "moods", "task": KNOWN},
            "checkpoint_memory": {"session_id": session},
            "restore_memory": {"checkpoint_id": point},
            "remember": {"session_id": session, "text": "t", "source": "s"},
            "recall": {"session_id": session, "query": "t"},
            "pin_memory": {"session_id": session, "item_ids": []},
            "quarantine_memory": {"session_id": session, "source": "s"},
            "revoke_adapter": {"session_id": session, "adapter_digest": "d"},
            "delete_memory": {"session_id": session, "source": "s"},
            "status": {},
        }
        for tool in (await call.client.list_tools()).tools:
            properties, needed = tool.input_schema["properties"], tool.input_schema.get("required")
            nulls = dict.fromkeys([*properties, "unheardOf"])
            result = await call(tool.name, **{**nulls, **given[tool.name]})
            assert "ignored" not in result
            for name in needed or ():
                arguments = {**given[tool.name], name: None}
                assert await call.refused(tool.name, **arguments) == f"{name}: is missing"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"maxTokens": 3}, "max_tokens"),
        ({"stepKey": "k"}, "step_key"),
        ({"label": ["a", "b"]}, "labels"),
        ({"schema": {"type": "object"}}, "output_schema"),
        ({"Temperature": 1}, "temperature"),
    ],
)
async def test_a_name_that_is_no_argument_is_told_with_the_nearest_that_is(
    make_app: MakeApp, era: str, sent: dict[str, Any], meant: str
):
    (name,) = sent
    note = f"{name} is no argument, did you mean {meant}?"
    async with connected(make_app(), era) as call:
        session = await call.begin()
        step = await call.client.call_tool(
            "run_step", {"session_id": session, "input": "a b", **sent}
        )
        refusal = await call.refused("run_step", session_id=session, **sent)
    assert step.structured_content is not None
    assert (step.structured_content["ignored"], step.structured_content["output"]) == (
        [name],
        "a b",
    )
    assert step.structured_content["ignored_note"] == note
    assert json.loads(step.content[0].text) == step.structured_content
    assert refusal == f"input: is missing; {note}"


async def test_a_name_near_to_none_is_told_too_and_many_or_long_ones_are_cut(make_app: MakeApp):
    async with connected(make_app()) as call:
        one = await call("status", zebra=1)
        inside = await call(
            "set_task", task=KNOWN, examples=[{"input": "i", "output": "o", "note": "n"}]
        )
        many = await call("status", **{f"{'x' * 500}{number}": 1 for number in range(40)})
    assert one["ignored"] == ["zebra"]
    assert one["ignored_note"] == "zebra is no argument"
    assert inside["ignored"] == ["examples[0].note"]
    assert len(many["ignored"]) == 10
    assert many["ignored_note"].endswith("and 30 more")
    assert len(many["ignored_note"]) < 1_000


async def test_what_n8n_adds_to_every_call_does_no_harm(make_app: MakeApp):
    added = {"sessionId": "chat-1", "action": "sendMessage", "chatInput": "hi", "toolCallId": "c1"}
    async with connected(make_app()) as call:
        begun = await call("set_task", task=KNOWN, **added)
        session = begun["session_id"]
        step = await call("run_step", session_id=session, input="a", **added)
        refusal = await call.refused("run_step", input="a", **added)
    assert begun["ignored"] == ["sessionId"]
    assert step["output"] == "a"
    assert "ignored" not in step
    assert refusal == ("session_id: is missing; sessionId is no argument, did you mean session_id?")


async def test_an_empty_text_is_refused_under_its_own_name(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        one = await call.refused("remember", session_id=session, text="", documents=["kept?"])
        other = await call.refused("remember", session_id=session, text="kept?", documents=[" "])
        items = (await call("status", session_id=session))["sessions"][0]["items"]
    assert one == "text: must not be empty"
    assert other == "documents[0]: must not be empty"
    assert items == 0
