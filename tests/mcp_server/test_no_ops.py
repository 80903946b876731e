"""A call that changed nothing, or less than was asked, says so or is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support import KNOWN, connected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import Caller

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

DIGEST = "0123456789abcdef01234567"


async def filled(call: Caller) -> tuple[str, list[int]]:
    """A session with two items of forum.html and one of b.md, in this order."""
    session = await call.begin()
    notes = ["The lease ends in May.", "Bananas are yellow."]
    done = await call("remember", session_id=session, documents=notes, source="forum.html")
    other = await call("remember", session_id=session, text="The lake is deep.", source="b.md")
    return session, [*done["item_ids"], *other["item_ids"]]


async def test_an_item_whose_source_is_still_in_quarantine_is_not_said_to_be_back(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session, (first, *_) = await filled(call)
        named = {"session_id": session}
        item = await call("quarantine_memory", **named, item_id=first)
        source = await call("quarantine_memory", **named, source="forum.html")
        back = await call("quarantine_memory", **named, item_id=first, release=True)
        found = await call("recall", **named, query="lease bananas")
        rest = await call("quarantine_memory", **named, source="forum.html", release=True)
    assert (item["items"], item["note"]) == (1, None)
    assert (source["items"], source["note"]) == (
        1,
        "1 of its items were out already, by another quarantine",
    )
    assert back["items"] == 0
    assert "it stays out: its source, 'forum.html'" in back["note"]
    assert found["excerpts"] == []
    assert (rest["items"], rest["note"]) == (2, None)


async def test_a_source_that_comes_back_names_the_items_that_stay_out(make_app: MakeApp):
    async with connected(make_app()) as call:
        session, (first, second, _) = await filled(call)
        named = {"session_id": session}
        await call("quarantine_memory", **named, source="forum.html")
        item = await call("quarantine_memory", **named, item_id=first)
        back = await call("quarantine_memory", **named, source="forum.html", release=True)
        found = await call("recall", **named, query="lease bananas")
    assert (item["items"], item["note"]) == (
        0,
        "1 of its items were out already, by another quarantine",
    )
    assert back["items"] == 1
    assert back["note"].endswith(f"in quarantine by itself: {first}")
    assert [e["item_ids"] for e in found["excerpts"]] == [[second]]


@pytest.mark.parametrize("by_item", [True, False])
async def test_a_repeated_quarantine_hides_nothing_and_keeps_its_new_reason(
    make_app: MakeApp, by_item: bool
):
    async with connected(make_app()) as call:
        session, (first, *_) = await filled(call)
        mark = {"session_id": session, **({"item_id": first} if by_item else {"source": "b.md"})}
        done = await call("quarantine_memory", **mark)
        same = await call("quarantine_memory", **mark)
        other = await call("quarantine_memory", **mark, reason="planted")
        again = await call("quarantine_memory", **mark, reason="planted")
        kept = await call("quarantine_memory", **mark)
        back = await call("quarantine_memory", **mark, reason="it was right", release=True)
    assert (done["items"], done["note"], done["quarantined"][0]["reason"]) == (
        1,
        None,
        "not trusted",
    )
    assert [each["items"] for each in (same, other, again, kept)] == [0, 0, 0, 0]
    for each in (same, again, kept):
        assert each["note"].startswith("was in quarantine already, since ")
        assert each["note"].endswith("; nothing was changed")
    assert other["note"].endswith("; only its reason was changed")
    assert [q["reason"] for q in kept["quarantined"]] == ["planted"]
    assert (back["items"], back["note"]) == (1, "a release keeps no reason")


async def test_a_repeated_revocation_keeps_its_new_reason_and_says_so(make_app: MakeApp):
    async with connected(make_app()) as call:
        named = {"session_id": await call.begin(), "adapter_digest": DIGEST}
        done = await call("revoke_adapter", **named, reason="planted")
        same = await call("revoke_adapter", **named)
        other = await call("revoke_adapter", **named, reason="wrong labels")
    assert done["note"] is None
    assert same["note"].startswith("was revoked already, since ")
    assert same["note"].endswith("; nothing was changed")
    assert other["note"].endswith("; only its reason was changed")
    assert [each["reason"] for each in same["revoked"]] == ["planted"]
    assert [each["reason"] for each in other["revoked"]] == ["wrong labels"]


async def test_a_revoked_text_that_is_no_digest_is_said_to_keep_nothing_out(make_app: MakeApp):
    async with connected(make_app()) as call:
        named = {"session_id": await call.begin(), "adapter_digest": "deadbeef"}
        done = await call("revoke_adapter", **named)
        back = await call("revoke_adapter", **named, release=True)
    assert done["note"].startswith("no adapter has such a digest, so this keeps none out")
    assert back["note"] is None


@pytest.mark.parametrize("by_item", [True, False])
async def test_replaced_items_are_not_counted_as_hidden_or_let_back_in(
    make_app: MakeApp, by_item: bool
):
    async with connected(make_app()) as call:
        session, (first, *_) = await filled(call)
        named = {"session_id": session}
        new = await call("remember", **named, text="The lease is over.", source="forum.html")
        mark = {**named, **({"item_id": first} if by_item else {"source": "forum.html"})}
        done = await call("quarantine_memory", **mark)
        back = await call("quarantine_memory", **mark, release=True)
    assert new["superseded"] == 2
    told = f"{1 if by_item else 2} of its items were replaced when their source was remembered"
    assert done["note"] == f"{told} again, and were in no search"
    assert back["note"] == f"{told} again, and stay in no search"
    assert done["items"] == back["items"] == (0 if by_item else 1)


async def test_pins_that_change_nothing_say_so_and_name_the_argument(make_app: MakeApp):
    async with connected(make_app()) as call:
        session, (first, second, _) = await filled(call)
        named = {"session_id": session}
        none = await call("pin_memory", **named, item_ids=[])
        await call("pin_memory", **named, item_ids=[first])
        again = await call("pin_memory", **named, item_ids=[first])
        both = await call("pin_memory", **named, item_ids=[first, second])
        unknown = await call.refused("pin_memory", **named, item_ids=[first, 999])
    assert none["note"] == "no item was named; nothing was changed"
    assert again["note"] == f"pinned already: {first}; nothing was changed"
    assert both["note"] == f"pinned already: {first}"
    assert unknown == "item_ids: the session's memory has no item 999; nothing was changed"


@pytest.mark.parametrize("by_item", [True, False])
async def test_what_is_in_quarantine_cannot_be_pinned(make_app: MakeApp, by_item: bool):
    async with connected(make_app()) as call:
        session, (first, _, third) = await filled(call)
        mark = {
            "session_id": session,
            **({"item_id": first} if by_item else {"source": "forum.html"}),
        }
        await call("quarantine_memory", **mark)
        refusal = await call.refused("pin_memory", session_id=session, item_ids=[third, first])
        before = await call("pin_memory", session_id=session, item_ids=[])
        await call("quarantine_memory", **mark, release=True)
        after = await call("pin_memory", session_id=session, item_ids=[third, first])
    assert f"item_ids: item {first} is in quarantine" in refusal
    assert "'forum.html', and would not be seen; release it first; nothing was pinned" in refusal
    assert before["pinned"] == []
    assert after["pinned_count"] == 2


async def test_pins_that_were_there_are_named_and_those_that_were_not_are_refused(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session, (first, second, third) = await filled(call)
        named = {"session_id": session}
        done = await call("pin_memory", **named, item_ids=[first, first])
        again = await call("pin_memory", **named, item_ids=[first, second])
        refusal = await call.refused("pin_memory", **named, item_ids=[first, third], pinned=False)
        kept = await call("pin_memory", **named, item_ids=[])
        off = await call("pin_memory", **named, item_ids=[first], pinned=False)
        twice = await call.refused("pin_memory", **named, item_ids=[first], pinned=False)
    assert (done["note"], again["note"], off["note"]) == (None, f"pinned already: {first}", None)
    assert f"item_ids: item {third} is not pinned; nothing was changed" in refusal
    assert kept["pinned_count"] == 2
    assert f"item {first} is not pinned" in twice


async def test_what_comes_from_a_source_in_quarantine_is_said_not_to_be_seen(make_app: MakeApp):
    async with connected(make_app()) as call:
        session, _ = await filled(call)
        await call("quarantine_memory", session_id=session, source="forum.html")
        text = {"session_id": session, "text": "The moon is round.", "append": True}
        hidden = await call("remember", **text, source="forum.html", pinned=True)
        seen = await call("remember", **text, source="b.md")
    assert hidden["note"].startswith("in quarantine: 'forum.html'; what is stored from there")
    assert seen["note"] is None


async def test_a_source_beside_nothing_but_paths_is_refused(make_app: MakeApp, tmp_path: Path):
    (tmp_path / "a.md").write_text("The lease ends in May.")
    async with connected(make_app(documents=(tmp_path,))) as call:
        session = await call.begin()
        named = {"session_id": session, "paths": [str(tmp_path / "a.md")]}
        refusal = await call.refused("remember", **named, source="policy")
        found = await call("recall", session_id=session, query="lease")
        both = await call("remember", **named, source="policy", text="The lake is deep.")
        alone = await call("remember", **named, source=None)
        excerpts = (await call("recall", session_id=session, query="lease lake"))["excerpts"]
    assert refusal.startswith("source: that of a file is its path")
    assert found["excerpts"] == []
    assert (both["stored"], alone["duplicates"]) == (2, 1)
    assert {e["source"] for e in excerpts} == {"policy", f"{tmp_path.name}/a.md"}


@pytest.mark.parametrize(
    ("filters", "answer"),
    [
        ({"from_step": 3, "to_step": 2}, "from_step: 3 is after to_step, 2: nothing is between"),
        (
            {"since": "2026-05-02T00:00Z", "until": "2026-05-01T00:00Z"},
            "since: 2026-05-02 00:00:00+00:00 is after until, 2026-05-01 00:00:00+00:00",
        ),
        ({"since": "2026-05-01T01:00+02:00", "until": "2026-04-30T22:30Z"}, "since: "),
        *(
            ({field: value}, f"{field}: {what} a date and time such as 2026-01-31T12:00:00Z or ")
            for field in ("since", "until")
            for value, what in (
                ("2026-05-01", "has no time zone; send"),
                ("2026-05-01T10:00:00", "has no time zone; send"),
                ("yesterday", "should be"),
                ("2026", "should be"),
                ("1767225600", "should be"),
                ("01.05.2026", "should be"),
                ("2026-13-01T00:00Z", "should be"),
                ("", "should be"),
                (True, "should be"),
                ([], "should be"),
            )
        ),
    ],
)
async def test_a_range_without_anything_in_it_and_a_time_in_no_form_are_refused(
    make_app: MakeApp, filters: dict[str, Any], answer: str
):
    async with connected(make_app()) as call:
        session, _ = await filled(call)
        refusal = await call.refused("recall", session_id=session, query="lease", **filters)
    assert answer in refusal


async def test_a_range_of_one_moment_or_step_is_taken(make_app: MakeApp):
    now = "2026-05-01T00:00:00Z"
    async with connected(make_app()) as call:
        session, _ = await filled(call)
        named = {"session_id": session, "query": "lease"}
        await call("recall", **named, since=now, until="2026-05-01T02:00+02:00")
        found = await call("recall", **named, from_step=0, to_step=0)
    assert found["excerpts"]


INTEGERS = [
    ("run_step", {"input": "a"}, "max_tokens"),
    ("run_step", {"input": "a"}, "temperature"),
    ("run_step", {"input": "a"}, "seed"),
    ("run_step", {"input": "a"}, "context_tokens"),
    ("run_step", {"input": "a"}, "max_seconds"),
    ("run_step", {"input": "a"}, "ask_below"),
    ("run_steps", {"inputs": ["a"]}, "max_tokens"),
    ("run_steps", {"inputs": ["a"]}, "ask_below"),
    ("run_steps", {"inputs": ["a"]}, "max_seconds"),
    ("correct_step", {"output": "a"}, "step"),
    ("save_task", {"name": "a", "task": "b"}, "ask_below"),
    ("save_task", {"name": "a"}, "go_back_to"),
    ("set_task", {"task": KNOWN}, "max_seconds"),
    ("remember", {"text": "a"}, "max_seconds"),
    ("recall", {"query": "lease"}, "budget_tokens"),
    ("recall", {"query": "lease"}, "from_step"),
    ("recall", {"query": "lease"}, "to_step"),
    ("recall", {"query": "lease"}, "max_seconds"),
    ("quarantine_memory", {}, "item_id"),
    ("delete_memory", {}, "item_id"),
]


@pytest.mark.parametrize(("tool", "arguments", "name"), INTEGERS)
@pytest.mark.parametrize("value", [True, False])
async def test_true_is_no_number(
    make_app: MakeApp, era: str, tool: str, arguments: dict[str, Any], name: str, value: bool
):
    async with connected(make_app(), era) as call:
        session, _ = await filled(call)
        refusal = await call.refused(tool, **{"session_id": session, **arguments, name: value})
        state = (await call("status", session_id=session))["sessions"][0]
    assert refusal.startswith(f"{name}: should be a ")
    assert (state["steps"], state["items"]) == (0, 3)


async def test_nor_is_it_one_in_a_list_and_flags_are_still_taken(make_app: MakeApp):
    async with connected(make_app()) as call:
        session, (first, *_) = await filled(call)
        named = {"session_id": session}
        refusal = await call.refused("pin_memory", **named, item_ids=[first, True])
        as_text = await call.refused("pin_memory", **named, item_ids="[true]")
        done = await call("pin_memory", **named, item_ids=[first], pinned=True)
        listed = set(await every_integer(call))
    assert refusal == "item_ids[1]: should be a whole number"
    assert as_text == "item_ids[0]: should be a whole number"
    assert done["pinned_count"] == 1
    assert listed == {(tool, name) for tool, _, name in INTEGERS} | {("pin_memory", "item_ids")}


async def every_integer(call: Caller) -> list[tuple[str, str]]:
    """Each tool's arguments that are numbers."""
    numbers = ("integer", "number")
    return [
        (tool.name, name)
        for tool in (await call.client.list_tools()).tools
        for name, schema in tool.input_schema["properties"].items()
        if schema.get("items", schema).get("type") in numbers
    ]
