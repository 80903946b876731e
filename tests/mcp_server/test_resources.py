"""Memory as resources, in both eras: what can be read, what is missing, what may be cached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS
from support import KNOWN, connected

from checkpoints import Store
from mcp_server.schema.limits import INPUT_SHOWN, OUTPUT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import Caller

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

SESSIONS = "memory://sessions"


async def read(call: Caller, uri: str) -> dict[str, Any]:
    (content,) = (await call.client.read_resource(uri)).contents
    assert content.mime_type == "application/json"
    return dict(json.loads(content.text))  # type: ignore[union-attr]  # none of ours is binary


async def missing(call: Caller, uri: str) -> str:
    with pytest.raises(MCPError) as caught:
        await call.client.read_resource(uri)
    assert caught.value.error.code == INVALID_PARAMS
    return caught.value.error.message


async def test_what_can_be_read_is_listed_in_a_stable_order(make_app: MakeApp, era: str):
    async with connected(make_app(), era) as call:
        listed = (await call.client.list_resources()).resources
        templates = (await call.client.list_resource_templates()).resource_templates
        repeated = (await call.client.list_resource_templates()).resource_templates
    assert [each.uri for each in listed] == [SESSIONS, "memory://tasks"]
    assert [each.uri_template.removeprefix(SESSIONS) for each in templates] == [
        "/{session_id}",
        "/{session_id}/steps{?after}",
        "/{session_id}/steps/{n}",
        "/{session_id}/checkpoints",
        "/{session_id}/checkpoints/{checkpoint_id}",
        "/{session_id}/adapters/{digest}",
        "memory://tasks/{name}",
    ]
    assert repeated == templates
    for each in [*listed, *templates]:
        assert each.title
        assert each.description
        assert each.mime_type == "application/json"
    weights = {each.name: each.annotations.priority for each in [*listed, *templates]}
    assert max(weights, key=lambda name: weights[name]) == "session"
    assert min(weights, key=lambda name: weights[name]) == "adapter"


async def test_a_session_its_steps_and_its_checkpoints_can_be_read(make_app: MakeApp, era: str):
    async with connected(make_app(), era) as call:
        session = await call.begin()
        for n in range(1, 5):
            ran = await call("run_step", session_id=session, input=f"step {n}", step_key=f"k{n}")
        status = (await call("status", session_id=session))["sessions"][0]
        state = await read(call, f"{SESSIONS}/{session}")
        steps = await read(call, f"{SESSIONS}/{session}/steps")
        step = await read(call, ran["resource"])
        found = (await read(call, f"{SESSIONS}/{session}/checkpoints"))["checkpoints"]
        one = await read(call, f"{SESSIONS}/{session}/checkpoints/{found[0]['checkpoint_id']}")
    assert state == status
    assert (state["last_checkpoint"], state["last_checkpoint_step"]) == (one["checkpoint_id"], 3)
    assert [each["output"] for each in steps["steps"]] == [f"step {n}" for n in range(1, 5)]
    assert steps["steps"][-1]["resource"] == ran["resource"]
    assert (step["step"], step["step_key"], step["input"]) == (4, "k4", "step 4")
    assert (step["output"], step["task"]) == ("step 4", KNOWN)
    assert step["details"]["tokens"] == ran["tokens"]
    assert found == [one]


async def test_sessions_are_listed_the_newest_first_and_no_more_than_a_page(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mcp_server.jobs.queries.PAGE", 2)
    async with connected(make_app()) as call:
        begun = [await call.begin() for _ in range(3)]
        listed = await read(call, SESSIONS)
    assert [each["session_id"] for each in listed["sessions"]] == [begun[2], begun[1]]
    assert listed["more"]


async def test_lists_hold_beginnings_and_stay_small_however_much_a_session_holds(make_app: MakeApp):
    task = "Repeat the text. " * 400
    async with connected(make_app()) as call:
        session = await call.begin(task)
        await call.begin(task)
        listed = [*(await read(call, SESSIONS))["sessions"], *(await call("status"))["sessions"]]
        alone = (await call("status", session_id=session))["sessions"]
        for n in range(3):
            documents = [f"{n}-{m} " + "word " * 50 for m in range(50)]
            await call("remember", session_id=session, documents=documents, pinned=True)
        pins = await call("pin_memory", session_id=session, item_ids=[])
    assert {each["task"] for each in listed} == {task[:200]}
    assert len(listed) == 4
    assert alone[0]["task"] == task.strip()
    assert pins["pinned_count"] == 150
    assert len(pins["pinned"]) == 100
    assert pins["pinned"][-1]["text"].startswith("2-49 word")
    assert {len(each["text"]) for each in pins["pinned"]} == {200}


async def test_steps_are_read_page_by_page(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mcp_server.jobs.queries.PAGE", 2)
    async with connected(make_app()) as call:
        session = await call.begin()
        for n in range(1, 6):
            await call("run_step", session_id=session, input=f"{n}")
        numbers, after = [], 0
        while after is not None:
            page = await read(call, f"{SESSIONS}/{session}/steps?after={after}")
            numbers.append([each["step"] for each in page["steps"]])
            after = page["next_after"]
    assert numbers == [[1, 2], [3, 4], [5]]


async def test_what_is_not_there_is_the_protocols_error_for_a_missing_resource(
    make_app: MakeApp, era: str
):
    async with connected(make_app(), era) as call:
        session, other = await call.begin(), await call.begin()
        made = (await call("checkpoint_memory", session_id=other))["checkpoint_id"]
        at = f"{SESSIONS}/{session}"
        assert "no session" in await missing(call, f"{SESSIONS}/nobody")
        assert "no session" in await missing(call, f"{SESSIONS}/nobody/steps/1")
        assert "has no step 1" in await missing(call, f"{at}/steps/1")
        assert "not a number" in await missing(call, f"{at}/steps/first")
        assert "not a number" in await missing(call, f"{at}/steps?after=-1")
        assert "no checkpoint" in await missing(call, f"{at}/checkpoints/none")
        assert "not made in" in await missing(call, f"{at}/checkpoints/{made}")
        assert "ran with adapter" in await missing(call, f"{at}/adapters/none")
        assert "1 to 64 characters" in await missing(call, f"{SESSIONS}/{'x' * 65}")
        assert "1 to 64 characters" in await missing(call, f"{SESSIONS}/a%20b")
        assert "Unknown resource" in await missing(call, f"{SESSIONS}/..%2F..%2Fetc")
        assert "Unknown resource" in await missing(call, "memory://elsewhere")


async def test_a_database_that_cannot_be_opened_is_named_when_a_resource_is_read(
    make_app: MakeApp,
):
    app = make_app()
    app.settings.database.parent.mkdir()
    with Store.open(app.settings.database):
        async with connected(app) as call:
            with pytest.raises(MCPError, match="in use by process") as caught:
                await call.client.read_resource(SESSIONS)
    assert caught.value.error.code == INTERNAL_ERROR


async def test_an_adapter_tells_the_task_it_was_written_from_and_the_steps_that_ran_with_it(
    make_app: MakeApp,
):
    first = make_app()
    async with connected(first) as call:
        task = await call("set_task", task=KNOWN, labels=["good", "bad"])
        session, digest = task["session_id"], task["adapter"]["digest"]
        unused = await read(call, f"{SESSIONS}/{session}/adapters/{digest}")
        await call("run_step", session_id=session, input="good")
        other = await call.begin("Classify the weather.")
        assert "ran with" in await missing(call, f"{SESSIONS}/{other}/adapters/{digest}")
    first.close()
    async with connected(make_app()) as call:
        used = await read(call, f"{SESSIONS}/{session}/adapters/{digest}")
    assert (unused["task"], unused["labels"], unused["steps"]) == (KNOWN, ["good", "bad"], [])
    assert (unused["loaded"], unused["rank"]) == (True, 16)
    assert (used["task"], used["steps"], used["loaded"], used["rank"]) == (KNOWN, [1], False, None)


async def test_a_long_output_is_shortened_with_a_link_to_the_whole_also_when_replayed(
    make_app: MakeApp, era: str
):
    long = "x" * OUTPUT_SHOWN + " end"
    async with connected(make_app(), era) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": long, "step_key": "k"}
        first = await call.client.call_tool("run_step", arguments)
        second = await call.client.call_tool("run_step", arguments)
        whole = await read(call, str(first.content[1].uri))  # type: ignore[union-attr]  # the link
    assert first.structured_content
    assert second.structured_content == first.structured_content | {"replayed": True}
    assert first.structured_content["output"] == long[:OUTPUT_SHOWN]
    assert first.structured_content["output_truncated"]
    assert [block.type for block in first.content] == ["text", "resource_link"]
    assert second.content[1:] == first.content[1:]
    assert whole["output"] == long


async def test_a_short_output_is_sent_as_text_and_structure_without_a_link(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        arguments = {"session_id": session, "input": "x" * OUTPUT_SHOWN}
        result = await call.client.call_tool("run_step", arguments)
    (block,) = result.content
    assert block.type == "text"
    assert json.loads(block.text) == result.structured_content
    assert not result.structured_content["output_truncated"]


async def test_a_step_with_a_huge_input_stays_under_what_older_clients_take(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call("run_step", session_id=session, input="é" * 400_000, labels=["a", "b"])
        whole = await read(call, step["resource"])
    assert whole["input_truncated"]
    assert len(whole["input"]) == INPUT_SHOWN
    assert len(json.dumps(json.dumps(whole))) < 2**20


async def test_only_what_never_changes_may_be_cached(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call("run_step", session_id=session, input="x")
        made = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
        kept = await call.client.read_resource(f"{SESSIONS}/{session}/checkpoints/{made}")
        fresh = [
            await call.client.read_resource(uri)
            for uri in (SESSIONS, f"{SESSIONS}/{session}", step["resource"])
        ]
        lists = [
            await call.client.list_tools(),
            await call.client.list_prompts(),
            await call.client.list_resources(),
            await call.client.list_resource_templates(),
        ]
    assert (kept.ttl_ms, kept.cache_scope) == (3_600_000, "private")
    assert {(each.ttl_ms, each.cache_scope) for each in fresh} == {(0, "private")}
    assert {(each.ttl_ms, each.cache_scope) for each in lists} == {(3_600_000, "public")}


async def test_a_step_that_another_one_replaced_after_a_restore_is_read_as_it_now_is(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session = await call.begin()
        back = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
        step = await call("run_step", session_id=session, input="before")
        await call("restore_memory", checkpoint_id=back)
        gone = await missing(call, step["resource"])
        await call("run_step", session_id=session, input="after")
        now = await read(call, step["resource"])
    assert "has no step 1" in gone
    assert now["output"] == "after"
