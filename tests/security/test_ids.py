"""Ids never become paths or queries: every id of every tool, template and prompt, by its schema."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, PromptReference, ResourceTemplateReference
from security.inside import leaks
from support import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from security.conftest import Door

TRAVERSALS = [
    "..", "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x", "%2e%2e%2fx",
    "....//x", "x/../../y", "~root", "file:///etc/passwd", "\\\\host\\share", "a\x00b", "x" * 65,
    "'; DROP TABLE sessions;--", "\uff0e\uff0e/x", "CON", "a b",
]  # fmt: skip
# Of these some are well-formed ids (CON): unknown then, which is refused as well.
OTHERWISE = {
    "set_task": {"task": KNOWN},
    "remember": {"text": "x"},
    "run_steps": {"inputs": ["x"]},
    "correct_step": {"step": 1},
    "quarantine_memory": {"source": "x"},
    "delete_memory": {"whole_session": True},
}
SAMPLE: dict[str, Any] = {"string": "x", "integer": 1, "array": [], "boolean": False}


def state(folder: Path) -> dict[str, bytes]:
    """The files around the database, without what its own log holds."""
    return {
        str(file.relative_to(folder)): b""
        for file in folder.rglob("*")
        if not file.name.endswith(("-wal", "-shm"))
    }


def test_no_id_argument_of_any_tool_takes_a_path(open_door: Callable[..., Door], tmp_path: Path):
    door = open_door()
    session = door.tool("set_task", task=KNOWN)["session_id"]
    before, tried = state(tmp_path), set()
    for tool in door.do("list_tools").tools:
        fields = tool.input_schema["properties"]
        needed = {
            field: session if field == "session_id" else SAMPLE[fields[field]["type"]]
            for field in tool.input_schema.get("required", ())
        } | OTHERWISE.get(tool.name, {})
        for name in (name for name in fields if name.endswith("_id") and name != "item_id"):
            tried.add((tool.name, name))
            for hostile in [*TRAVERSALS, ""]:
                text = door.refused(tool.name, **{**needed, name: hostile})
                assert text.startswith((f"{name}:", "checkpoint_id:")), (tool.name, text)
                assert not leaks(text.replace(repr(hostile), "")), (tool.name, text)
    assert len(tried) >= 10
    assert state(tmp_path) == before


def test_no_parameter_of_any_resource_takes_a_path(open_door: Callable[..., Door], tmp_path: Path):
    door = open_door()
    session = door.tool("set_task", task=KNOWN)["session_id"]
    before, tried = state(tmp_path), set()
    for template in door.do("list_resource_templates").resource_templates:
        names = re.findall(r"\{[?&]?(\w+)\}", template.uri_template)
        for aimed, hostile in itertools.product(names, TRAVERSALS):
            uri = template.uri_template
            for name in names:
                other = session if name.startswith("session") else "1"
                value = quote(hostile, safe="") if name == aimed else other
                uri = re.sub(r"\{[?&]?" + name + r"\}", lambda _, v=value: v, uri)
            with pytest.raises(MCPError) as refused:
                door.do("read_resource", uri)
            tried.add((template.uri_template, aimed))
            assert refused.value.error.code == INVALID_PARAMS, uri
            assert not leaks(refused.value.error.message.replace(uri, "")), uri
    assert len(tried) >= 5
    assert state(tmp_path) == before


def test_no_completion_or_prompt_takes_a_path(open_door: Callable[..., Door]):
    door = open_door()
    tried = set()
    for template in door.do("list_resource_templates").resource_templates:
        for name in re.findall(r"\{[?&]?(\w+)\}", template.uri_template):
            reference = ResourceTemplateReference(type="ref/resource", uri=template.uri_template)
            for hostile in TRAVERSALS:
                found = door.do("complete", reference, {"name": name, "value": hostile})
                assert found.completion.values == []
    for prompt in door.do("list_prompts").prompts:
        ids = [each.name for each in prompt.arguments or () if each.name.endswith("_id")]
        for name, hostile in itertools.product(ids, TRAVERSALS):
            named = PromptReference(type="ref/prompt", name=prompt.name)
            found = door.do("complete", named, {"name": name, "value": hostile})
            assert found.completion.values == []
            with pytest.raises(MCPError) as refused:
                door.do("get_prompt", prompt.name, {name: hostile})
            tried.add((prompt.name, name))
            assert refused.value.error.code == INVALID_PARAMS
            assert not leaks(refused.value.error.message.replace(repr(hostile), ""))
    assert tried
