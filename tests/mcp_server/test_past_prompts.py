"""The prompt of a recorded step, made again: the very one that the engine was sent, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from openai_clients import Noting, client_of, said
from support import KNOWN, connected

from checkpoints import DELETED, ItemDraft, StepDraft, TaskDefinition, TaskExample
from mcp_server.jobs.past.prompts import prompt_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypernet.engine.interface import Request
    from mcp_server.app.application import Application
    from mcp_server.jobs.past.values import PastPrompt, PromptPart, PromptPartName

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

PRIVATE = "The patient Zebulon Quixley takes warfarin against clots."
EXAMPLES = [{"input": f"case {n}", "output": f"answer {n}"} for n in range(3)]


def prompt(app: Application, handle: str, n: int) -> PastPrompt:
    found = prompt_of(app.store(), handle, n)
    assert found is not None
    return found[1]


def part(prompt: PastPrompt, name: PromptPartName) -> PromptPart:
    found = prompt.part(name)
    assert found is not None
    return found


def save(app: Application, examples: list[dict[str, str]]) -> None:
    definition = TaskDefinition("Tell it.", mode="prompted")
    app.store().tasks.save("t", definition, [TaskExample(**each) for each in examples])


async def serve_with_examples(app: Application, name: str) -> None:
    """Let the task's steps have its examples in the prompt, whatever was measured."""
    await to_thread.run_sync(app.learner.wait)
    version = app.store().tasks.get(name)
    examples = {
        "figures": {"examples": {"right": 3, "asked": 3}},
        "serving": "examples",
        "plan": "examples",
        "examples": len(version.examples),
        "blend": None,
        "calibration": None,
        "probe": None,
    }
    assert app.learner.model is not None
    app.store().tasks.measured(version.digest, {app.learner.model: examples}, anew=True)


def asked(engine: Noting, session: str) -> list[Request]:
    return [request for request in engine.asked if request.session == session]


def assert_sent(prompt: PastPrompt, request: Request) -> None:
    assert (prompt.whole, prompt.same, prompt.changed) == (request.prefix + request.input, True, ())


@pytest.mark.parametrize("mode", ["adapter", "hybrid", "prompted"])
@pytest.mark.parametrize("labels", [None, ["good", "bad"]])
async def test_the_prompt_of_a_step_is_the_very_one_in_each_mode(
    make_app: MakeApp, mode: str, labels: list[str] | None
):
    engine = Noting()
    app = make_app(engine=engine, recent_tokens=200)
    async with connected(app) as call:
        task: dict[str, Any] = {"mode": mode, "examples": EXAMPLES, "labels": labels}
        if labels:
            task["examples"] = [{"input": "fine", "output": "good"}]
        session = await call.begin("Tell what it is.", **task)
        texts = [f"The lease number {n} ends in May." for n in range(4)]
        await call("remember", session_id=session, documents=texts, source="lease.md")
        await call("remember", session_id=session, text="Answer in metres.", pinned=True)
        for text in ("first good thing", "lease", "and the lease of June?"):
            await call("run_step", session_id=session, input=text, documents=[f"A note on {text}."])
        prompts = [prompt(app, session, n) for n in (1, 2, 3)]
    for made, request in zip(prompts, engine.asked, strict=True):
        assert_sent(made, request)
    last = prompts[2]
    names = [each.name for each in last.parts]
    assert names == [
        *(["task"] if mode != "adapter" else []),
        "pinned",
        "retrieved",
        "recent",
        "input",
    ]
    assert [block.step for block in part(last, "recent").blocks] == [1, 2]
    assert part(last, "pinned").blocks[0].text == "Answer in metres."
    found = part(last, "retrieved")
    assert {block.title.partition(",")[0] for block in found.blocks} >= {"lease.md"}
    assert all(block.score is not None and block.item_ids for block in found.blocks)
    assert found.tokens is not None
    assert found.budget is not None
    assert 0 < found.tokens <= found.budget


async def test_neighbours_that_were_pinned_stand_as_one_as_they_did(make_app: MakeApp):
    engine = Noting()
    app = make_app(engine=engine)
    async with connected(app) as call:
        session = await call.begin()
        texts = [
            f"{n} is a number of its own, as all are, and the next one follows" for n in range(5)
        ]
        done = app.store().remember(
            session, [ItemDraft(text, "n.md", order=n) for n, text in enumerate(texts)]
        )
        ids = [done.item_ids[n] for n in (0, 1, 3)]
        await call("pin_memory", session_id=session, item_ids=ids)
        await call("run_step", session_id=session, input="hello")
        made = prompt(app, session, 1)
        await call("pin_memory", session_id=session, item_ids=ids, pinned=False)
        later = prompt(app, session, 1)
    assert_sent(made, engine.asked[0])
    assert [block.item_ids for block in part(made, "pinned").blocks] == [tuple(ids[:2]), (ids[2],)]
    assert later.same
    assert not any(block.pinned for block in part(later, "pinned").blocks)


async def test_a_named_task_shows_the_examples_of_the_version_that_the_step_ran_with(
    make_app: MakeApp,
):
    engine = Noting()
    app = make_app(engine=engine)
    async with connected(app) as call:
        save(app, EXAMPLES)
        session = (await call("set_task", name="t"))["session_id"]
        await serve_with_examples(app, "t")
        await call("run_step", session_id=session, input="one")
        await call("correct_step", session_id=session, step=1, output="two")
        await serve_with_examples(app, "t")
        await call("run_step", session_id=session, input="three")
        prompts = [prompt(app, session, n) for n in (1, 2)]
    for made, request in zip(prompts, asked(engine, session), strict=True):
        assert_sent(made, request)
    assert [text in part(made, "task").text for made in prompts for text in ("case 2", "two")] == [
        True, False, True, True,
    ]  # fmt: skip


async def test_corrections_of_a_task_without_a_name_are_shown_from_then_on(make_app: MakeApp):
    engine = Noting()
    app = make_app(engine=engine)
    async with connected(app) as call:
        session = await call.begin("Tell it.", mode="prompted")
        await call("run_step", session_id=session, input="one")
        await call("correct_step", session_id=session, step=1, output="two")
        await call("run_step", session_id=session, input="three")
        before = [prompt(app, session, n) for n in (1, 2)]
        await call("correct_step", session_id=session, step=2, output="four")
        later = prompt(app, session, 2)
        await call("correct_step", session_id=session, step=1, take_back=True)
        after = [prompt(app, session, n) for n in (1, 2)]
    for made, request in zip(before, engine.asked, strict=True):
        assert_sent(made, request)
    assert later.same
    assert [made.same for made in after] == [True, False]
    assert "examples are not those of then" in " ".join(after[1].changed)


async def test_a_window_that_held_only_the_last_examples_shows_those(make_app: MakeApp):
    engine = Noting(window=120)
    app = make_app(engine=engine)
    examples = [{"input": f"case {n}", "output": "word " * 10} for n in range(9)]
    async with connected(app) as call:
        save(app, examples)
        session = (await call("set_task", name="t"))["session_id"]
        await serve_with_examples(app, "t")
        await call("run_step", session_id=session, input="one", max_tokens=8)
        made = prompt(app, session, 1)
    assert_sent(made, asked(engine, session)[0])
    assert "case 8" in made.whole
    assert "case 0" not in made.whole


async def test_earlier_turns_at_v1_come_back_from_the_steps_that_they_were(make_app: MakeApp):
    engine = Noting()
    app = make_app(engine=engine)
    system = {"role": "system", "content": "Repeat what is said."}
    texts = ["a word of its own", "brought along", "first question"]
    async with client_of(app) as client:
        session = None
        for question in ("second question", "third question", "fourth question"):
            done = await client.chat.completions.create(
                model="auto",
                messages=[system, *said(*texts)],
                extra_headers={"X-Session-Id": session or "new"},
            )
            session = done.model_extra["hypernet"]["session_id"]
            texts += [done.choices[0].message.content, question]
    assert session is not None
    for n, request in enumerate(engine.asked, 1):
        made = prompt(app, session, n)
        assert_sent(made, request)
        turns = [block.text for block in part(made, "turns").blocks]
        assert turns == [text for turn in request.history for text in (turn.user, turn.answer)]
    recorded = [step.result["sent"]["turns"] for step in app.store().steps(session)]
    assert recorded[0] == [{"user": "a word of its own", "answer": "brought along"}]
    assert recorded[2] == [{"step": 1, "turn": 0}, {"step": 1}, {"step": 2}]


async def test_what_an_earlier_turn_quoted_is_cut_out_of_it_too_when_it_is_deleted(
    make_app: MakeApp, database: Path
):
    app = make_app()
    session = app.store().create_session().id
    app.store().remember(session, [ItemDraft(PRIVATE, "notes")])
    async with client_of(app) as client:
        for texts in (["what?", f"He said: {PRIVATE}", "and?"], ["so?", "yes", "and?"]):
            await client.chat.completions.create(
                model="auto", messages=said(*texts), extra_headers={"X-Session-Id": session}
            )
    before = prompt(app, session, 1)
    app.store().deletions.source(session, "notes")
    after = [prompt(app, session, n) for n in (1, 2)]
    assert before.same
    assert (after[0].same, after[1].same) == (False, True)
    assert "turns: text in 1 place was deleted for good" in after[0].changed
    assert b"Quixley" not in b"".join(
        file.read_bytes() for file in database.parent.glob(f"{database.name}*")
    )


async def test_what_was_deleted_or_hidden_since_is_told_where_it_stood(make_app: MakeApp):
    engine = Noting()
    app = make_app(engine=engine, recent_tokens=200)
    async with connected(app) as call:
        session = await call.begin()
        await call("remember", session_id=session, text="The lease ends in June.", source="spam")
        await call("remember", session_id=session, text="The lease is Quixley's alone.", source="p")
        await call(
            "remember",
            session_id=session,
            text="Always be kind to Zebulon.",
            source="z",
            pinned=True,
        )
        await call("run_step", session_id=session, input="lease")
        await call("quarantine_memory", session_id=session, source="spam")
        hidden = prompt(app, session, 1)
        await call("delete_memory", session_id=session, source="p")
        cut = prompt(app, session, 1)
        await call("delete_memory", session_id=session, source="z")
        gone = prompt(app, session, 1)
    assert_sent(hidden, engine.asked[0])
    states = {
        block.title.partition(",")[0]: block.state for block in part(hidden, "retrieved").blocks
    }
    assert states == {"spam": "quarantined", "p": "here"}
    assert (cut.same, "Quixley" in cut.whole) == (False, False)
    assert [b.state for b in part(cut, "retrieved").blocks if b.text == DELETED] == ["deleted"]
    assert "retrieved: text in 1 place was deleted for good" in cut.changed
    assert any("pinned" in reason for reason in gone.changed)


async def test_a_step_that_lost_its_own_text_says_so_and_so_do_those_that_had_it(
    make_app: MakeApp,
):
    app = make_app(recent_tokens=200)
    async with connected(app) as call:
        session = await call.begin()
        await call("remember", session_id=session, text=PRIVATE, source="notes")
        await call("run_step", session_id=session, input=f"Is it so? {PRIVATE}", context_tokens=0)
        await call("run_step", session_id=session, input="and now?", context_tokens=None)
        await call("delete_memory", session_id=session, source="notes")
        prompts = [prompt(app, session, n) for n in (1, 2)]
    assert "text of the input was deleted for good" in prompts[0].changed
    assert any(reason.startswith("recent: text in 1 place") for reason in prompts[1].changed)
    assert all("Quixley" not in made.whole for made in prompts)


async def test_an_answer_that_no_model_gave_says_that_none_read_the_prompt(make_app: MakeApp):
    app = make_app()
    async with connected(app) as call:
        session = await call.begin("Tell it.")
        await call("run_step", session_id=session, input="one")
        await call("correct_step", session_id=session, step=1, output="two")
        await call("run_step", session_id=session, input="one")
        prompts = [prompt(app, session, n) for n in (1, 2)]
    assert [(made.read, made.same) for made in prompts] == [(True, True), (False, True)]


async def test_a_step_of_an_earlier_release_says_what_it_did_not_record(make_app: MakeApp):
    app = make_app()
    excerpt = {"text": "t", "source": "s", "created_at": "2025-01-02", "score": 1.0, "step": None}
    results: list[dict[str, Any]] = [
        {"retrieved": [excerpt]},
        {},
        {"prompt_sha256": "0" * 64, "context": [], "history": {"turns": 2}},
        {"retrieved": ["odd"], "context": {"part": 1}, "tokens": [1], "sent": {"turns": [1, {}]}},
    ]
    session = app.store().create_session().id
    for result in results:
        step = StepDraft("i", "o", {"description": KNOWN}, "prompted", None, result)
        app.store().append_step(session, step)
    prompts = [prompt(app, session, n) for n in (1, 2, 3, 4)]
    assert [made.same for made in prompts] == [None, None, False, None]
    assert all("not recorded by the release" in " ".join(p.changed) for p in prompts)
    assert part(prompts[0], "retrieved").blocks[0].title == "s, 2025-01-02"
    assert all(part(made, "input").text == "i" for made in prompts)
    assert all(KNOWN in part(made, "task").text for made in prompts)


async def test_a_prompt_recorded_before_its_text_was_hashed_apart_is_found_by_the_whole_hash(
    make_app: MakeApp,
):
    app = make_app()
    async with connected(app) as call:
        session = await call.begin("Tell it.", mode="prompted", examples=EXAMPLES)
        await call("run_step", session_id=session, input="one")
        step = app.store().step(session, 1)
        assert step is not None
        assert "case 2" in prompt(app, session, 1).whole
        result = {name: value for name, value in step.result.items() if name != "sent"}
        task = step.task
        app.store().append_step(session, StepDraft("one", "o", task, "prompted", None, result))
        made = prompt(app, session, 2)
    assert made.same


async def test_a_checkpoint_out_of_sight_still_shows_its_prompts(make_app: MakeApp):
    engine = Noting()
    app = make_app(engine=engine, recent_tokens=200)
    async with connected(app) as call:
        session = await call.begin()
        for n in range(1, 4):
            done = await call("run_step", session_id=session, input=f"question {n}")
        point = (await call("checkpoint_memory", session_id=session, label="a"))["checkpoint_id"]
        first = app.store().checkpoint(session, "b")
        await call("run_step", session_id=session, input="more")
        await call("restore_memory", checkpoint_id=first.id, session_id=session)
        made = prompt(app, point, 3)
    assert done["step"] == 3
    assert_sent(made, engine.asked[2])
    assert prompt_of(app.store(), point, 4) is None
