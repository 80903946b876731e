"""Errors say what to do, and nothing of the server's inside, in both eras."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, ResourceTemplateReference
from security.inside import leaks
from support import KNOWN

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoEngine, EchoSource
from hypernet.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from security.conftest import Door

INNER = "KeyError in /srv/secret.py, line 3"
ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])


def failing(*_: object) -> None:
    raise RuntimeError(INNER)


@ERAS
def test_an_unforeseen_error_in_a_tool_is_an_id_for_the_client_and_a_stack_in_the_log(
    open_door: Callable[..., Door], caplog: pytest.LogCaptureFixture, era: str
):
    def load(options: object, progress: object) -> Runtime:
        return Runtime(EchoEngine(before_token=failing), AdapterCache(EchoSource((KNOWN,))), {})

    door = open_door(load=load, era=era)
    session = door.tool("set_task", task=KNOWN)["session_id"]
    with caplog.at_level(logging.ERROR):
        text = door.refused("run_step", session_id=session, input="x")
    found = re.fullmatch(r"internal error; the server's log has the details \(id (\w+)\)", text)
    assert found is not None, text
    assert f"internal error {found[1]}" in caplog.text
    assert INNER in caplog.text
    assert door.tool("status", session_id=session)["sessions"][0]["steps"] == 0


@ERAS
def test_an_unforeseen_error_in_any_other_method_stays_inside_too(
    open_door: Callable[..., Door], monkeypatch: pytest.MonkeyPatch, era: str
):
    door = open_door(era=era)
    session = door.tool("set_task", task=KNOWN)["session_id"]
    template = door.do("list_resource_templates").resource_templates[0]
    monkeypatch.setattr(door.app, "store", failing)
    reference = ResourceTemplateReference(type="ref/resource", uri=template.uri_template)
    argument = {"name": "session_id", "value": session[:4]}
    for method, *arguments in (
        ("read_resource", template.uri_template.replace("{session_id}", session)),
        ("complete", reference, argument),
    ):
        with pytest.raises(MCPError) as refused:
            door.do(method, *arguments)
        assert refused.value.error.code == INTERNAL_ERROR
        assert not leaks(str(refused.value.error)), (method, refused.value.error)


@ERAS
@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("run_step", {"session_id": "x"}, "input: is missing"),
        ("run_step", {}, "session_id: is missing; input: is missing"),
        ("run_step", {"session_id": 5, "input": "x"}, "session_id: should be text"),
        (
            "set_task",
            {"task": "x", "examples": [{"input": 1, "output": "o"}]},
            "examples[0].input: should be text",
        ),
        ("pin_memory", {"session_id": "x", "item_ids": ["a"]}, "item_ids[0]: should be a whole"),
        ("recall", {"session_id": "x", "query": "q", "kind": "z"}, "kind: should be 'step' or"),
        ("nothing", {}, "name: there is no tool 'nothing'; tools/list names them"),
    ],
)
def test_arguments_that_do_not_fit_are_named_in_plain_words(
    open_door: Callable[..., Door], tool: str, arguments: dict[str, object], expected: str, era: str
):
    text = open_door(era=era).refused(tool, **arguments)
    assert text.startswith(expected)
    assert not leaks(text)


def test_many_problems_are_counted_instead_of_listed(open_door: Callable[..., Door]):
    text = open_door().refused("pin_memory", session_id="x", item_ids=["a"] * 20)
    assert text.endswith("and 15 more")


@ERAS
def test_an_unknown_prompt_or_a_missing_argument_of_one_is_invalid_params(
    open_door: Callable[..., Door], era: str
):
    door = open_door(era=era)
    needy = next(
        p for p in door.do("list_prompts").prompts if any(a.required for a in p.arguments or ())
    )
    for name in ("nothing", needy.name):
        with pytest.raises(MCPError) as refused:
            door.do("get_prompt", name)
        assert refused.value.error.code == INVALID_PARAMS
        assert not leaks(refused.value.error.message)


def test_an_unforeseen_error_while_loading_is_in_the_log_and_not_in_the_status(
    open_door: Callable[..., Door], caplog: pytest.LogCaptureFixture
):
    door = open_door(load=failing)
    while (status := door.tool("status"))["model"] == "loading":
        pass
    text = door.refused("set_task", task=KNOWN)
    assert "the server's log has the details" in status["message"]
    assert text.startswith("the model could not be loaded")
    assert INNER not in status["message"] + text
    assert INNER in caplog.text
