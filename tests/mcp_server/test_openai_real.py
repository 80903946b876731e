"""The real base model with the shipped hypernetwork behind OpenAI's own client."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio import to_thread
from openai_clients import SCHEMA, client_of, said
from support import connected

from mcp_server.app.application import Application
from mcp_server.app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.model]

REVIEW = "It broke after two days and the seller never answered. Waste of money."
SENTIMENT = "Classify the sentiment of the product review as positive or negative."
PLACE = "Name the city that the text is about."
TALK = [
    "I went to see the cathedral of Utrecht and the canals in the old town last spring.",
    "That must have been lovely. The tower of the cathedral can be climbed.",
    "We did climb it, all of its four hundred and sixty-five steps, and saw as far as Amsterdam.",
    "On a clear day one can. Did you take the train there?",
]


async def test_the_system_message_changes_the_weights_and_not_what_was_read(database: Path):
    app = Application(Settings(database=database))
    async with client_of(app) as client:
        client = client.with_options(timeout=250)

        async def ask(system: str | None, *texts: str, **arguments: Any) -> Any:
            first = [] if system is None else [{"role": "system", "content": system}]
            with anyio.fail_after(250):
                return await client.chat.completions.create(
                    model="auto", messages=[*first, *said(*texts)], max_tokens=8, **arguments
                )

        plain = await ask(None, REVIEW)
        sorted_ = await ask(SENTIMENT, REVIEW)
        history = [await ask(task, *TALK, REVIEW) for task in (SENTIMENT, PLACE, None)]
        stream = await client.chat.completions.create(
            model="auto",
            messages=[{"role": "system", "content": SENTIMENT}, *said(*TALK, REVIEW)],
            max_tokens=8,
            stream=True,
        )
        streamed = [chunk.choices[0].delta.content or "" async for chunk in stream]
        schema = await client.responses.create(
            model="auto",
            instructions="Extract the year.",
            input="It was founded in 1987.",
            text={"format": {"type": "json_schema", "name": "y", "schema": SCHEMA}},
        )
    app.close()
    assert "negative" in sorted_.choices[0].message.content.lower()
    assert plain.choices[0].message.content != sorted_.choices[0].message.content
    extensions = [each.model_extra["hypernet"] for each in history]
    assert extensions[0]["adapter_digest"] != extensions[1]["adapter_digest"]
    cached = [each.usage.prompt_tokens_details.cached_tokens for each in history]
    assert cached[0] == 0
    # All of it but the chat's opening, which is counted with what comes before.
    assert cached[1] >= extensions[1]["history"]["tokens"] > 60
    assert cached[2] >= extensions[2]["history"]["tokens"] > 60
    assert "".join(streamed) == history[0].choices[0].message.content
    assert isinstance(json.loads(schema.output_text)["year"], int)


async def test_a_named_tasks_labels_have_the_models_own_probabilities(database: Path):
    app = Application(Settings(database=database))
    async with connected(app) as call, client_of(app) as client:
        await call("save_task", name="mood", task=SENTIMENT, labels=["positive", "negative"])
        session = (await call("set_task", name="mood"))["session_id"]
        with anyio.fail_after(250):
            done = await client.with_options(timeout=250).chat.completions.create(
                model="task:mood", messages=said(REVIEW), logprobs=True, top_logprobs=2
            )
        step = await call("run_step", session_id=session, input=REVIEW)
    await to_thread.run_sync(app.learner.wait)
    app.close()
    (found,) = done.choices[0].logprobs.content
    assert done.choices[0].message.content == found.token == step["output"]
    shares = {top.token: math.exp(top.logprob) for top in found.top_logprobs}
    assert shares == pytest.approx(step["shares"])
