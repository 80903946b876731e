"""What of a schema reaches clients, and what they need not pay for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field
from support import KNOWN, connected

from bench.field.tools_list import tools_list_tokens
from mcp_server.protocol.tools import schemas
from mcp_server.schema import results

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


class Part(BaseModel):
    """A part that is in two places."""

    title: str


class Whole(BaseModel):
    """A model whose fields have names of JSON Schema."""

    default: int | None = None
    title: Part
    properties: dict[str, int] = {}
    kind: Literal["a", "b"]


def test_a_result_s_schema_names_its_fields_and_says_no_more():
    assert schemas.of_result(Whole.model_json_schema()) == {
        "required": ["default", "title", "properties", "kind"],
        "type": "object",
    }


class Given(BaseModel):
    """Arguments."""

    part: list[Part] | None = None
    kind: Literal["a", "b"] | None = Field(default=None, description="One of two.")
    flag: bool = False
    on: bool = True
    count: int | None = None
    free: dict[str, Any] | None = None


def test_arguments_keep_what_a_model_needs_and_have_one_type_each():
    lean = schemas.of_arguments(Given.model_json_schema())
    assert lean["properties"] == {
        "part": {
            "type": "array",
            "items": {
                "properties": {"title": {"type": "string"}},
                "required": ["title"],
                "type": "object",
            },
        },
        "kind": {"type": "string", "enum": ["a", "b"], "description": "One of two."},
        "flag": {"type": "boolean"},
        "on": {"default": True, "type": "boolean"},
        "count": {"type": "integer"},
        "free": {"type": "object"},
    }


async def test_every_argument_has_one_type_which_some_clients_need(make_app: MakeApp):
    async with connected(make_app()) as call:
        tools = (await call.client.list_tools()).tools
    for tool in tools:
        for name, schema in tool.input_schema["properties"].items():
            assert isinstance(schema["type"], str), (tool.name, name)
            assert schema["type"] != "array" or schema["items"]["type"], (tool.name, name)


async def test_a_type_that_is_used_in_one_place_stands_there(make_app: Callable[..., Application]):
    async with connected(make_app()) as call:
        tool = next(t for t in (await call.client.list_tools()).tools if t.name == "set_task")
    arguments = tool.input_schema
    assert "$defs" not in json.dumps(arguments)
    examples = arguments["properties"]["examples"]
    assert set(examples["items"]["properties"]) == {"input", "output"}


def test_the_page_on_calls_says_what_every_field_of_every_result_is():
    page = Path(__file__).parents[2].joinpath("docs", "calls.md").read_text(encoding="utf-8")
    section = page.partition("\n## Results\n")[2].partition("\n## ")[0]
    models = [each for each in vars(results).values() if isinstance(each, type)]
    wire = [each for each in models if each.__module__ == results.__name__]
    missing = {
        (model.__name__, field)
        for model in wire
        if model is not results.ExampleArgument
        for field in model.model_fields
        if f"`{field}`" not in section
    }
    assert missing == set()


async def test_every_result_fits_the_outline_of_its_tool_and_has_no_other_field(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        outlines = {t.name: t.output_schema for t in (await call.client.list_tools()).tools}
        found = {"set_task": await call("set_task", task=KNOWN, labels=["good", "bad"])}
        session = {"session_id": found["set_task"]["session_id"]}
        digest = found["set_task"]["adapter"]["digest"]
        for tool, arguments in (
            ("remember", {"text": "The lease ends in May."}),
            ("run_step", {"input": "lease, good"}),
            ("run_steps", {"inputs": ["a good lease"]}),
            ("correct_step", {"step": 1, "output": "good"}),
            ("checkpoint_memory", {}),
            ("recall", {"query": "lease"}),
            ("pin_memory", {"item_ids": [1]}),
            ("quarantine_memory", {"item_id": 1}),
            ("revoke_adapter", {"adapter_digest": digest}),
            ("status", {}),
        ):
            found[tool] = await call(tool, **session, **arguments)
        found["save_task"] = await call("save_task", name="moods", task=KNOWN)
        point = found["checkpoint_memory"]["checkpoint_id"]
        found["restore_memory"] = await call("restore_memory", checkpoint_id=point)
        found["delete_memory"] = await call("delete_memory", **session, item_id=1)
    assert set(found) == set(outlines)
    for name, result in found.items():
        assert list(result) == outlines[name]["required"], name
        jsonschema.validate(result, outlines[name])


@pytest.mark.model
def test_the_list_that_a_server_sends_over_stdio_costs_at_most_4500_tokens():
    assert 0 < tools_list_tokens() <= 4_500
