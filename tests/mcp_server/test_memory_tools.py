"""Checkpoints, restore, fork, documents and recall, through the public door."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

import pytest
from support import KNOWN, connected

from mcp_server.schema.uris import SESSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


async def test_a_checkpoint_falls_due_every_third_step_and_in_between_on_demand(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        steps = [await call("run_step", session_id=session, input=f"s{n}") for n in range(6)]
        asked = await call("checkpoint_memory", session_id=session, label="before the end")
    due = [step["checkpoint"] and step["checkpoint"]["step"] for step in steps]
    assert due == [None, None, 3, None, None, 6]
    assert asked["parent"] == steps[5]["checkpoint"]["checkpoint_id"]
    assert (asked["step"], asked["label"]) == (6, "before the end")


async def test_the_checkpoint_interval_is_a_setting(make_app: MakeApp):
    async with connected(make_app(checkpoint_every=1)) as call:
        session = await call.begin()
        step = await call("run_step", session_id=session, input="x")
    assert step["checkpoint"]["step"] == 1


async def test_restore_takes_the_session_back_to_its_steps_task_and_memory(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="first")
        point = await call("checkpoint_memory", session_id=session)
        await call("set_task", task="Other.", session_id=session)
        await call("remember", session_id=session, text="later knowledge")
        await call("run_step", session_id=session, input="second")
        restored = await call("restore_memory", checkpoint_id=point["checkpoint_id"])
        again = await call("run_step", session_id=session, input="third")
        found = await call("recall", session_id=session, query="later knowledge second")
    assert restored["session"]["steps"] == 1
    assert restored["session"]["task"] == KNOWN
    assert again["step"] == 2
    assert found["excerpts"] == []


async def test_a_fork_goes_its_own_way_and_the_original_stays(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="shared beginning")
        point = await call("checkpoint_memory", session_id=session)
        await call("run_step", session_id=session, input="original way")
        fork = await call("restore_memory", checkpoint_id=point["checkpoint_id"], fork=True)
        other = fork["session"]["session_id"]
        await call("run_step", session_id=other, input="another way")
        original = await call("recall", session_id=session, query="way beginning")
        forked = await call("recall", session_id=other, query="way beginning")
    assert fork["forked"]
    assert other != session
    assert {e["text"] for e in original["excerpts"]} == {"shared beginning", "original way"}
    assert {e["text"] for e in forked["excerpts"]} == {"shared beginning", "another way"}


async def test_documents_of_a_step_are_stored_and_retrieved_into_its_prompt(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call(
            "run_step",
            session_id=session,
            input="when does the lease end",
            documents=["The lease ends in May.", "Bananas are yellow."],
        )
        without = await call(
            "run_step", session_id=session, input="when does the lease end", context_tokens=0
        )
    assert [e["text"] for e in step["retrieved"]] == ["The lease ends in May."]
    assert step["tokens"]["retrieved"] > 0
    assert "The lease ends in May." in step["output"]
    assert without["retrieved"] == []


async def test_earlier_outputs_are_found_by_recall_but_do_not_enter_prompts(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="the lease ends in May")
        step = await call("run_step", session_id=session, input="lease")
        found = await call("recall", session_id=session, query="lease May")
    assert step["retrieved"] == []
    assert next((e["text"], e["step"]) for e in found["excerpts"]) == ("the lease ends in May", 1)


async def test_recall_shows_what_a_step_was_given_beside_what_it_answered(make_app: MakeApp):
    long = "Which of the two is it? " + "\U0001f469\u200d\U0001f680 and more " * 200
    async with connected(make_app()) as call:
        session = await call.begin(labels=["yes", "no"])
        await call("remember", session_id=session, text="no lease without a deposit")
        await call("run_step", session_id=session, input="Is the lease ended? no")
        await call("run_step", session_id=session, input=f"{long} yes")
        found = await call("recall", session_id=session, query="yes or no")
        narrow = await call(
            "recall",
            session_id=session,
            query="yes",
            kind="step",
            budget_tokens=found["tokens"] - 1,
        )
        pins = await call("pin_memory", session_id=session, item_ids=[2])
    given = {e["text"]: e["input"] for e in found["excerpts"]}
    assert given["no lease without a deposit"] is None
    assert given["no"] == "Is the lease ended? no"
    assert given["yes"].startswith("Which of the two is it? ")
    assert 480 < len(given["yes"]) <= 500
    # Cut between characters as a reader sees them: not within the one of three code points.
    assert long.startswith(given["yes"].removesuffix("…"))
    assert not given["yes"].removesuffix("…").endswith(("\U0001f469", "\u200d"))
    # What is shown counts.
    assert found["tokens"] > len(long[:400].split())
    assert narrow["tokens"] < found["tokens"]
    assert [e["input"] for e in pins["pinned"]] == ["Is the lease ended? no"]


async def test_a_merged_excerpt_says_which_item_is_which_part_of_it(make_app: MakeApp):
    words = " ".join(f"word{n}" for n in range(300))
    async with connected(make_app()) as call:
        session = await call.begin()
        stored = await call("remember", session_id=session, text=words, source="long.md")
        found = await call("recall", session_id=session, query="word150", budget_tokens=4000)
        singles = {}
        for item in stored["item_ids"]:
            await call("pin_memory", session_id=session, item_ids=[item])
            (pinned,) = (await call("pin_memory", session_id=session, item_ids=[]))["pinned"]
            singles[item] = pinned
            await call("pin_memory", session_id=session, item_ids=[item], pinned=False)
        apart = await call("recall", session_id=session, query="word150", budget_tokens=90)
    merged = next(e for e in found["excerpts"] if len(e["item_ids"]) > 1)
    assert [p["item_id"] for p in merged["pieces"]] == merged["item_ids"]
    ends = [(p["start"], p["end"]) for p in merged["pieces"]]
    assert (ends[0][0], ends[-1][1]) == (0, len(merged["text"]))
    for piece in merged["pieces"]:
        own = merged["text"][piece["start"] : piece["end"]]
        assert own.startswith(singles[piece["item_id"]]["text"])
        assert own in words
    assert all(e["pieces"] == [] for e in apart["excerpts"] if len(e["item_ids"]) == 1)
    assert any(len(e["item_ids"]) == 1 for e in apart["excerpts"])


async def test_retrieved_excerpts_stay_within_their_token_budget_in_original_order(
    make_app: MakeApp,
):
    documents = [f"lease number {n} " + "word " * 30 for n in range(20)]
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, documents=documents, source="register")
        step = await call("run_step", session_id=session, input="lease", context_tokens=120)
        found = await call("recall", session_id=session, query="lease", budget_tokens=100)
    assert 0 < step["tokens"]["retrieved"] <= 120
    texts = [e["text"].strip() for e in step["retrieved"]]
    assert texts == [d.strip() for d in documents if d.strip() in texts]
    assert found["tokens"] <= 100
    assert found["left_out"] == 20 + 1 - len(found["excerpts"])  # the step's output is one too
    assert {e["source"] for e in found["excerpts"]} == {"register"}


async def test_one_oversized_document_is_split_and_nothing_of_it_is_lost(make_app: MakeApp):
    words = [f"word{n}" for n in range(2000)]
    async with connected(make_app()) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, text=" ".join(words))
        last = await call("recall", session_id=session, query="word1999")
        again = await call("remember", session_id=session, text=" ".join(words))
    assert done["stored"] > 10
    assert "word1999" in max(last["excerpts"], key=lambda e: e["score"])["text"]
    assert (again["stored"], again["duplicates"]) == (0, done["stored"])


async def test_a_text_of_two_sources_is_found_and_quarantined_by_each(make_app: MakeApp):
    text = "The lease ends in May."
    async with connected(make_app()) as call:
        session = await call.begin()
        for source in ("a.md", "b.md"):
            done = await call("remember", session_id=session, text=text, source=source)
            assert done["stored"] == 1
        second = await call("recall", session_id=session, query="lease", sources=["b.md"])
        before = await call("run_step", session_id=session, input="lease")
        hidden = await call("quarantine_memory", session_id=session, source="a.md")
        after = await call("run_step", session_id=session, input="lease")
        other = await call("quarantine_memory", session_id=session, source="b.md")
    assert [e["source"] for e in second["excerpts"]] == ["b.md"]
    assert [e["source"] for e in before["retrieved"]] == ["a.md"]
    assert (hidden["items"], hidden["used_by_steps"]) == (1, [1])
    assert [e["source"] for e in after["retrieved"]] == ["b.md"]
    assert (other["items"], other["used_by_steps"]) == (1, [2])


async def test_a_source_that_nothing_has_is_refused_with_the_nearest_names(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        empty = await call.refused("quarantine_memory", session_id=session, source="handbook.md")
        for name in ("docs/handbook.md", "docs/leave.md", "forum.html"):
            await call("remember", session_id=session, text=f"lease of {name}", source=name)
        wrong = {"session_id": session, "source": "handbook.md"}
        hidden = await call.refused("quarantine_memory", **wrong)
        released = await call.refused("quarantine_memory", **wrong, release=True)
        searched = await call.refused(
            "recall", session_id=session, query="lease", sources=["forum.html", "docs/leaf.md"]
        )
        await call("quarantine_memory", session_id=session, source="docs/handbook.md")
        marked = await call.refused("quarantine_memory", **wrong, release=True)
        item = (await call("recall", session_id=session, query="forum lease"))["excerpts"][0]
        free = await call.refused(
            "quarantine_memory", session_id=session, item_id=item["item_ids"][0], release=True
        )
        left = await call("pin_memory", session_id=session, item_ids=[])
        known = await call(
            "recall", session_id=session, query="lease", sources=["docs/handbook.md"]
        )
    assert "source: the session's memory has nothing from 'handbook.md'" in empty
    assert "nothing was changed; did you mean 'docs/handbook.md'" in hidden
    assert "the quarantine has nothing from 'handbook.md'" in released
    assert "'docs/leaf.md'; nothing was changed; did you mean 'docs/leave.md'" in searched
    assert "did you mean 'docs/handbook.md'" in marked
    assert "is not in quarantine" in free
    assert (left["pinned"], known["excerpts"]) == ([], [])


async def test_a_phrase_of_a_language_without_spaces_is_recalled_and_filtered(make_app: MakeApp):
    refund, tea = (
        "\u5ba2\u4eba\u4e03\u5929\u5185\u53ef\u9000\u6b3e",
        "\u8336\u9986\u5728\u6865\u8fb9",
    )
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, text=tea, source="tea.md")
        await call("remember", session_id=session, text=refund, source="shop.md")
        both = {"session_id": session, "query": "\u9000\u6b3e"}
        found = await call("recall", **both)
        elsewhere = await call("recall", **both, sources=["tea.md"])
        await call("quarantine_memory", session_id=session, source="shop.md", reason="wrong")
        hidden = await call("recall", **both)
    assert [excerpt["text"] for excerpt in found["excerpts"]] == [refund]
    assert elsewhere["excerpts"] == hidden["excerpts"] == []


async def test_beginnings_are_cut_between_what_readers_see_as_characters(make_app: MakeApp):
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    text = family * 100
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call("run_step", session_id=session, input=text, step_key="k")
        refused = await call.refused("run_step", session_id=session, input="x", step_key="k")
        (item,) = (await call("remember", session_id=session, text=text))["item_ids"]
        pinned = await call("pin_memory", session_id=session, item_ids=[item])
        steps = await call.client.read_resource(f"{SESSIONS}/{session}/steps")
    assert step["step"] == 1
    (line,) = json.loads(steps.contents[0].text)["steps"]
    shown = [pinned["pinned"][0]["text"], line["input"], line["output"]]
    for beginning in shown:
        assert 150 < len(beginning) <= 200
        assert beginning == family * (len(beginning) // len(family))
    quoted = refused.split("begins ")[1].split(", this")[0]
    assert ast.literal_eval(quoted) in {family * n for n in range(1, 100)}


async def test_a_large_budget_is_filled_from_more_matches_than_a_small_one(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        for n in range(80):
            await call(
                "remember", session_id=session, text=f"lease number {n}", source=f"lease {n}"
            )
        large, small = [
            await call("recall", session_id=session, query="lease", budget_tokens=budget)
            for budget in (8_192, 2_000)
        ]
    assert (len(large["excerpts"]), large["left_out"]) == (80, 0)
    assert len(small["excerpts"]) == 50
