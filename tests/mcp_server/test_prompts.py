"""Prompts and completions, in both eras."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    ElicitRequestFormParams,
    ElicitResult,
    PromptReference,
    ResourceTemplateReference,
)
from support import KNOWN, connected

from hypernet.adapters.plan import ADVISED
from mcp_server.schema import uris

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import Caller

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


async def prompted(call: Caller, prompt: str, **arguments: str) -> str:
    (message,) = (await call.client.get_prompt(prompt, arguments)).messages
    assert message.role == "user"
    return message.content.text  # type: ignore[union-attr]  # ours are texts


async def completed(
    call: Caller,
    ref: PromptReference | ResourceTemplateReference,
    argument: str,
    value: str = "",
    **given: str,
) -> list[str]:
    result = await call.client.complete(
        ref, {"name": argument, "value": value}, context_arguments=given or None
    )
    return list(result.completion.values)


async def test_the_prompts_are_listed_in_a_stable_order_with_what_they_take(
    make_app: MakeApp, era: str
):
    async with connected(make_app(), era) as call:
        listed = (await call.client.list_prompts()).prompts
        repeated = (await call.client.list_prompts()).prompts
    assert repeated == listed
    assert {each.name: [a.name for a in each.arguments or []] for each in listed} == {
        "run_a_long_job": ["job"],
        "teach_a_task": ["task"],
        "resume_a_session": ["session_id"],
        "review_memory": ["session_id"],
    }
    for each in listed:
        assert each.title
        assert each.description
        assert all(a.description and a.required for a in each.arguments or [])


async def test_the_prompts_name_only_tools_that_there_are(make_app: MakeApp):
    async with connected(make_app()) as call:
        tools = {tool.name for tool in (await call.client.list_tools()).tools}
        session = await call.begin()
        texts = [
            await prompted(call, "run_a_long_job", job="Sort the {tickets}."),
            await prompted(call, "resume_a_session", session_id=session),
            await prompted(call, "review_memory", session_id=session),
        ]
        told = call.client.instructions
    assert "Sort the {tickets}." in texts[0]
    assert all(f"with {ADVISED} solved examples" in text for text in (told, texts[0]))
    named = {word.strip(".,;:()") for text in texts for word in text.split() if "_" in word}
    known = tools | {"session_id", "step_key", "ask_below", session}
    assert {"set_task", "run_step", "quarantine_memory"} <= named
    assert {name for name in named if not name.startswith("memory://")} <= known


class Person:
    """Who is at the client: fills every form in alike, and remembers them."""

    def __init__(self, action: str, **content: Any) -> None:
        self.action, self.content = action, content
        self.forms: list[ElicitRequestFormParams] = []

    async def __call__(self, context: Any, form: Any) -> ElicitResult:
        self.forms.append(form)
        content = self.content if self.action == "accept" else None
        return ElicitResult(action=self.action, content=content)  # type: ignore[arg-type]


FILLED = {
    "name": "tone",
    "labels": "calm, angry ,",
    "input_1": "Third time I write!",
    "answer_1": "angry",
    "input_2": "Whenever it suits {you}.",
    "rules": "Irony is angry.",
}


async def test_teaching_a_task_asks_the_person_for_cases_of_their_own(make_app: MakeApp, era: str):
    person = Person("accept", **FILLED)
    async with connected(make_app(), era, elicitation_callback=person) as call:
        text = await prompted(call, "teach_a_task", task="Tell the tone.")
    (form,) = person.forms
    assert set(FILLED) < set(form.requested_schema["properties"])
    assert "required" not in form.requested_schema
    told = json.loads(text[text.index("{\n") : text.index("\n}\n") + 2])
    assert told == {
        "name": "tone",
        "labels": ["calm", "angry"],
        "solved": [{"input": "Third time I write!", "output": "angry"}],
        "inputs without an answer": ["Whenever it suits {you}."],
        "rules": "Irony is angry.",
    }
    assert "save_task" in text


@pytest.mark.parametrize("action", ["accept", "decline", "cancel"])
async def test_who_fills_nothing_in_gets_the_prompt_as_it_is(
    make_app: MakeApp, era: str, action: str
):
    async with connected(make_app(), era) as call:
        plain = await prompted(call, "teach_a_task", task="Tell the tone.")
    person = Person(action)
    async with connected(make_app(), era, elicitation_callback=person) as call:
        assert await prompted(call, "teach_a_task", task="Tell the tone.") == plain
    assert len(person.forms) == 1


async def test_a_form_that_is_filled_in_wrongly_is_refused_by_field(make_app: MakeApp, era: str):
    person = Person("accept", input_1="x" * 4_001)
    async with connected(make_app(), era, elicitation_callback=person) as call:
        with pytest.raises(MCPError, match=r"input_1: .*4000 characters") as caught:
            await prompted(call, "teach_a_task", task="Tell the tone.")
    assert caught.value.error.code == INVALID_PARAMS


async def test_resuming_tells_where_the_session_stands(make_app: MakeApp, era: str):
    async with connected(make_app(), era) as call:
        session = await call.begin()
        for n in range(7):
            await call("run_step", session_id=session, input=f"item {n}")
        text = await prompted(call, "resume_a_session", session_id=session)
        state = (await call("status", session_id=session))["sessions"][0]
    assert f"task: {KNOWN}" in text
    assert "steps done: 7; items in memory: 7" in text
    assert f"last checkpoint: {state['last_checkpoint']}, after step 6" in text
    assert "above number 2" in text


async def test_a_prompt_for_nothing_or_for_an_unknown_session_is_refused(
    make_app: MakeApp, era: str
):
    async with connected(make_app(), era) as call:
        for prompt, arguments, expected in (
            ("run_a_long_job", {"job": " "}, "job: must not be empty"),
            ("run_a_long_job", {"job": "j" * 8001}, "job: 8001 characters, the limit is 8000"),
            ("resume_a_session", {"session_id": "nobody"}, "no session 'nobody'"),
            ("review_memory", {"session_id": "a b"}, "1 to 64 characters"),
        ):
            with pytest.raises(MCPError, match=expected) as caught:
                await call.client.get_prompt(prompt, arguments)
            assert caught.value.error.code == INVALID_PARAMS


async def test_handles_steps_checkpoints_and_adapters_are_completed_the_newest_first(
    make_app: MakeApp, era: str
):
    async with connected(make_app(), era) as call:
        sessions = [await call.begin() for _ in range(3)]
        made = []
        for n in range(12):
            step = await call("run_step", session_id=sessions[1], input=f"{n}")
            made += [step["checkpoint"]["checkpoint_id"]] if step["checkpoint"] else []
        one = ResourceTemplateReference(type="ref/resource", uri=uris.STEP)
        resume = PromptReference(type="ref/prompt", name="resume_a_session")
        given = {"session_id": sessions[1]}
        assert await completed(call, resume, "session_id") == sessions[::-1]
        assert await completed(call, one, "session_id", sessions[0][:9]) == [sessions[0]]
        assert await completed(call, one, "n", "1", **given) == ["12", "11", "10", "1"]
        checkpoint = ResourceTemplateReference(type="ref/resource", uri=uris.CHECKPOINT)
        assert await completed(call, checkpoint, "checkpoint_id", **given) == made[::-1]
        adapter = ResourceTemplateReference(type="ref/resource", uri=uris.ADAPTER)
        assert await completed(call, adapter, "digest", **given) == [step["adapter_digest"]]


async def test_nothing_is_offered_for_free_text_or_an_unknown_session(make_app: MakeApp):
    async with connected(make_app()) as call:
        job = PromptReference(type="ref/prompt", name="run_a_long_job")
        step = ResourceTemplateReference(type="ref/resource", uri=uris.STEP)
        assert await completed(call, job, "job", "Sort") == []
        assert await completed(call, step, "n", session_id="nobody") == []
        assert await completed(call, step, "n") == []


async def test_no_more_is_offered_than_the_protocol_allows(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mcp_server.protocol.completions.MOST", 2)
    async with connected(make_app()) as call:
        session = await call.begin()
        for n in range(3):
            await call("run_step", session_id=session, input=f"{n}")
        ref = ResourceTemplateReference(type="ref/resource", uri=uris.STEP)
        argument = {"name": "n", "value": ""}
        given = {"session_id": session}
        result = (await call.client.complete(ref, argument, context_arguments=given)).completion
    assert (result.values, result.total, result.has_more) == (["3", "2"], 3, True)
