"""Arguments drawn from the tools' own schemas, valid, nearly so, and wild: each call is answered.

More examples: HYPERNET_FUZZ_EXAMPLES=5000.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from security.inside import leaks
from support import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy
    from security.conftest import Door

QUICK = 500
EXAMPLES = int(os.environ.get("HYPERNET_FUZZ_EXAMPLES", QUICK))
HOSTILE = [
    "", " ", "\x00", "a\x00b", "\ud800", "../../x", "a/b", "x" * 65, "x" * 9_000, '"', "*", "NEAR",
    "content:x", "a NEAR/2 b", "'; DROP TABLE steps;--", "(", "^x", "-x", "AND", "{x}", "%s%n",
    "é" * 3, "٣", "\u202e", "null", "[1]", "{}", "1e999", "true",
]  # fmt: skip
WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(),
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), max_size=3),
    st.dictionaries(st.sampled_from(HOSTILE[5:]), st.none(), max_size=2),
)


def fitting(schema: dict[str, Any], whole: dict[str, Any]) -> SearchStrategy[Any]:
    """Values of a schema: of its type, though not always within the limits that it does not say."""
    if "$ref" in schema:
        return fitting(whole["$defs"][schema["$ref"].rsplit("/", 1)[1]], whole)
    if "anyOf" in schema:
        return st.one_of([fitting(each, whole) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    kind = schema.get("type")
    if kind == "object":
        if not (fields := schema.get("properties")):
            return st.dictionaries(st.text(max_size=5), WILD, max_size=3)
        return st.fixed_dictionaries({name: fitting(each, whole) for name, each in fields.items()})
    if kind == "array":
        return st.lists(fitting(schema["items"], whole), max_size=4)
    if kind == "string" and schema.get("format") == "date-time":
        return st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
    simple: dict[str | None, SearchStrategy[Any]] = {
        "string": st.one_of(st.text(max_size=30), st.sampled_from(HOSTILE)),
        "integer": st.one_of(st.integers(-2, 12), st.integers()),
        "number": st.one_of(st.floats(0, 2), st.floats()),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return simple[kind]


def arguments_of(schema: dict[str, Any], good: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Arguments of a tool: known good ones, or fitting its schema, or with wild ones among them."""
    known = {name: st.just(good[name]) for name in schema["properties"] if name in good}
    fields = {
        name: st.one_of(known[name], fitting(each, schema))
        if name in known
        else fitting(each, schema)
        for name, each in schema["properties"].items()
    }
    wild = {
        name: st.integers(0, 3).flatmap(lambda n, value=value: WILD if n == 0 else value)
        for name, value in fields.items()
    }

    def whole(values: dict[str, SearchStrategy[Any]]) -> SearchStrategy[dict[str, Any]]:
        needed = {name: values[name] for name in schema.get("required", ()) if name in values}
        rest = {name: value for name, value in values.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional=rest)

    return st.one_of(
        whole(known), whole(fields), whole(wild), st.fixed_dictionaries({}, optional=wild)
    )


def test_any_arguments_get_a_result_or_a_refusal_that_names_a_field(
    open_door: Callable[..., Door],
):
    door = open_door()
    session = door.tool("set_task", task=KNOWN)["session_id"]
    door.tool("run_step", session_id=session, input="a first step")
    door.tool("remember", session_id=session, text="of the web", source="web")
    point = door.tool("checkpoint_memory", session_id=session)["checkpoint_id"]
    good = {
        "session_id": session, "checkpoint_id": point, "task": KNOWN, "input": "sun", "text": "t",
        "inputs": ["sun"],
        "query": "step", "item_ids": [1], "source": "web", "adapter_digest": "none", "label": "l",
        "name": "moods", "step": 1, "output": "rain",
    }  # fmt: skip
    # What is deleted for good must not be what all the other calls need.
    other = door.tool("set_task", task=KNOWN)["session_id"]
    door.tool("remember", session_id=other, text="of the web", source="web")
    own: dict[str, dict[str, Any]] = {"delete_memory": {"session_id": other}}
    tools = {tool.name: tool.input_schema for tool in door.do("list_tools").tools}
    calls = st.sampled_from(sorted(tools)).flatmap(
        lambda name: st.tuples(st.just(name), arguments_of(tools[name], good | own.get(name, {})))
    )
    # These have just answered; on a busy machine every drawn call of one may run out of its time.
    seen = {(name, False) for name in ("set_task", "run_step", "remember", "checkpoint_memory")}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=EXAMPLES == QUICK,  # the quick suite fails for changes, not by chance
    )
    @given(calls)
    def call(chosen: tuple[str, dict[str, Any]]) -> None:
        name, arguments = chosen
        result = door.do("call_tool", name, arguments)
        seen.add((name, result.is_error))
        if not result.is_error:
            assert result.structured_content is not None
            return
        text = result.content[0].text
        field = text.replace("[", ":").replace(".", ":").split(":")[0]
        assert {field, f"{field}s"} & set(tools[name]["properties"]), (name, arguments, text)
        assert "internal error" not in text, (name, arguments, text)
        assert not leaks(text), text
        assert len(text) < 1_000

    call()
    assert seen == {(name, refused) for name in tools for refused in (True, False)}
    assert door.app.store().maintenance.verify() == []
    door.tool("restore_memory", checkpoint_id=point)
    assert door.tool("run_step", session_id=session, input="it works", task=KNOWN)["step"] == 2
