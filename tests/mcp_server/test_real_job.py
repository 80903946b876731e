"""A job on the real base model with the shipped hypernetwork, through the public door."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import anyio
import pytest
from support import connected, ten_orders

from hypernet.base_model.loading import fingerprint_of
from hypernet.hypernetwork.card import CARD_FILE, SHIPPED, WEIGHTS_FILE
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.model]

SENTIMENT = "Classify the sentiment of the product review as positive or negative."


async def test_weights_change_what_the_model_says_and_the_base_stays_as_it_is(database: Path):
    app = Application(Settings(database=database))
    async with connected(app) as call:
        with anyio.fail_after(250):
            task = await call("set_task", task=SENTIMENT, mode="adapter")
        session = task["session_id"]
        engine = app.loader.runtime and app.loader.runtime.engine
        weights = engine.base.forward.weights  # type: ignore[union-attr]  # the torch engine's own
        before = fingerprint_of(weights)
        review = "It broke after two days and the seller never answered. Waste of money."
        arguments = {"session_id": session, "input": review, "max_tokens": 8}
        ours = await call("run_step", **arguments)
        await call("set_task", session_id=session, task=SENTIMENT, mode="prompted")
        base = await call("run_step", **arguments)
        fork = await call(
            "set_task", session_id=session, task="Translate to French.", mode="adapter"
        )
        other = await call("run_step", **arguments)
        after = fingerprint_of(weights)
    app.close()
    assert ours["mode"] == "adapter"
    assert ours["tokens"]["prefix"] < 8 < base["tokens"]["prefix"]
    assert ours["output"] != base["output"]
    assert "negative" in ours["output"].lower()
    assert fork["adapter"]["digest"] != task["adapter"]["digest"]
    assert other["adapter_digest"] == fork["adapter"]["digest"]
    assert before == after


async def test_ten_orders_of_the_labels_give_the_same_choices_to_the_last_bit(database: Path):
    labels = ["shipping", "billing", "Returns", "damage", "other"]
    inputs = [
        "I was charged twice for one order.",
        "The parcel has not come.",
        "The cup is broken.",
    ]
    task = "Sort support messages by topic."
    answers = []
    app = Application(Settings(database=database))
    async with connected(app) as call:
        with anyio.fail_after(250):
            await call.begin(task)
        for order in ten_orders(labels):
            session = await call.begin(task, labels=order)
            steps = [await call("run_step", session_id=session, input=text) for text in inputs]
            # The list of a step stands in no prompt; the adapter is the task's own.
            by_step = await call(
                "run_step", session_id=await call.begin(task), input=inputs[0], labels=order
            )
            steps.append(by_step)
            answers.append([(step["output"], step["confidence"]) for step in steps])
    app.close()
    assert all(each == answers[0] for each in answers)
    assert len({output for output, _ in answers[0]}) > 1


async def test_memory_is_found_by_meaning_without_a_shared_word(database: Path):
    app = Application(Settings(database=database))
    async with connected(app) as call:
        with anyio.fail_after(250):
            session = await call.begin(SENTIMENT)
        texts = ["Our tenancy finishes in spring.", "Bananas are yellow.", "The train was late."]
        await call("remember", session_id=session, documents=texts)
        found = await call(
            "recall", session_id=session, query="When does the rental agreement end?"
        )
    app.close()
    best = max(found["excerpts"], key=lambda excerpt: excerpt["score"])
    assert best["text"] == texts[0]


def test_the_shipped_card_matches_its_weights_and_holds_what_it_must():
    folders = [card.parent for card in SHIPPED.glob(f"*/{CARD_FILE}")]
    assert folders
    for folder in folders:
        card = json.loads((folder / CARD_FILE).read_text())
        weights = (folder / WEIGHTS_FILE).read_bytes()
        assert card["weights_sha256"] == hashlib.sha256(weights).hexdigest()
        figures = card["development"]["figures"]
        assert figures["matched"] < figures["shuffled"]
        assert figures["matched"] < figures["base"]
        assert card["base"]["fingerprint"]
        assert not any("NC" in task["license"] for task in card["data"]["tasks"])
    assert sum((f / WEIGHTS_FILE).stat().st_size for f in folders) < 40 * 2**20
