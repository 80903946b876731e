"""What of a schema reaches clients, and what they need not pay for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, Field
from support import connected

from mcp_server.protocol.tools import schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio


class Part(BaseModel):
    """A part that is in two places."""

    title: str


class Whole(BaseModel):
    """A model whose fields have names of JSON Schema."""

    default: int | None = None
    title: Part
    description: Part | None = Field(description="Said by a person.")
    properties: dict[str, int] = {}


def test_a_result_s_schema_keeps_its_fields_and_loses_what_says_nothing():
    lean = schemas.of_result(Whole.model_json_schema())
    assert lean == {
        "$defs": {
            "Part": {
                "properties": {"title": {"type": "string"}},
                "required": ["title"],
                "type": "object",
            }
        },
        "properties": {
            "default": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "title": {"$ref": "#/$defs/Part"},
            "description": {
                "anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}],
                "description": "Said by a person.",
            },
            "properties": {"additionalProperties": {"type": "integer"}, "type": "object"},
        },
        "required": ["title", "description"],
        "type": "object",
    }


async def test_a_type_that_is_used_in_one_place_stands_there(make_app: Callable[..., Application]):
    async with connected(make_app()) as call:
        tool = next(t for t in (await call.client.list_tools()).tools if t.name == "set_task")
    arguments, result = tool.input_schema, tool.output_schema
    assert "$defs" not in json.dumps([arguments, result])
    examples = arguments["properties"]["examples"]["anyOf"][0]
    assert set(examples["items"]["properties"]) == {"input", "output"}
    assert set(result["properties"]["fit"]["anyOf"][0]["properties"]) >= {"level", "nearest"}
