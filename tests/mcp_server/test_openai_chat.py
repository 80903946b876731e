"""Chat Completions with OpenAI's own client: tasks, history, forms of answers, streams."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import openai
import pytest
from anyio import to_thread
from openai_clients import SCHEMA, TASK, Noting, Writing, client_of, said
from serving import listening
from support import KNOWN, connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai.types.chat import ChatCompletionChunk

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio


async def test_the_system_message_is_the_task_and_the_last_message_the_input(make_app: Maker):
    engine = Noting()
    system = {"role": "system", "content": KNOWN}
    async with client_of(make_app(engine)) as client:
        done = await client.chat.completions.create(
            model="auto", messages=[system, *said("it is good")]
        )
    extension = done.model_extra["hypernet"]
    assert (done.choices[0].message.content, done.choices[0].finish_reason) == (
        "it is good",
        "stop",
    )
    assert (done.object, done.model) == ("chat.completion", "auto")
    assert (extension["mode"], extension["fit"]) == ("adapter", "known")
    assert engine.asked[0].adapter.digest == extension["adapter_digest"] == done.system_fingerprint
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (3, 3)


async def test_developer_messages_and_several_parts_are_one_task(make_app: Maker):
    engine = Noting()
    parts = [{"type": "text", "text": "Classify the mood"}, {"type": "text", "text": " of it."}]
    messages = [
        {"role": "developer", "content": parts},
        {"role": "user", "content": [{"type": "text", "text": "hm"}]},
        {"role": "system", "content": "Be short."},
    ]
    async with client_of(make_app(engine)) as client:
        await client.chat.completions.create(model="auto", messages=messages)
    assert engine.asked[0].prefix.startswith("Classify the mood of it. Be short.")


def solved(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Solved examples as OpenAI's cookbook sends them."""
    return [
        {"role": "system", "name": f"example_{whose}", "content": text}
        for pair in pairs
        for whose, text in zip(("user", "assistant"), pair, strict=True)
    ]


async def test_system_messages_named_as_examples_train_the_weights_and_take_no_token(
    make_app: Maker,
):
    engine, shown = Noting(), solved(("it rains", "bad"), ("the sun is out", "good"))
    async with client_of(make_app(engine)) as client:
        for messages in ([TASK, *said("hm")], [TASK, *shown, *said("hm")]):
            await client.chat.completions.create(model="auto", messages=messages)
    plain, trained = engine.asked
    assert "refined" in trained.adapter.digest
    assert "refined" not in plain.adapter.digest
    assert (trained.prefix, trained.history, trained.input) == (plain.prefix, (), "hm")


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([TASK, *solved(("a", "b"))[:1]], "must be followed by one named example_assistant"),
        ([TASK, *solved(("a", "b"))[::-1]], "must be followed by one named example_assistant"),
        (solved(("a", "b")), "examples need a system message without a name"),
        ([TASK, *solved(("a", " "))], "messages: examples[0].output"),
        ([TASK, *solved(*[("a", "b")] * 201)], "messages: 201 solved examples, the limit is 200"),
    ],
)
async def test_examples_that_are_none_are_refused(
    make_app: Maker, messages: list[dict[str, Any]], why: str
):
    async with client_of(make_app(Noting())) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(model="auto", messages=[*messages, *said("hm")])
    assert why in refused.value.message
    assert refused.value.param == "messages"


async def test_a_saved_task_has_its_own_examples_and_says_so(make_app: Maker):
    app = make_app(Noting())
    async with connected(app) as call:
        await call("save_task", name="moods", task=KNOWN)
    async with client_of(app) as client:
        done = await client.chat.completions.create(
            model="task:moods", messages=[*solved(("a", "b")), *said("hm")]
        )
    assert done.model_extra["hypernet"]["ignored"] == [
        "the system message: a saved task brings its own text and examples"
    ]


async def test_without_a_system_message_the_base_answers_as_it_is(make_app: Maker):
    engine = Noting()
    async with client_of(make_app(engine)) as client:
        done = await client.chat.completions.create(model="auto", messages=said("hello there"))
    extension = done.model_extra["hypernet"]
    assert (extension["mode"], extension["adapter_digest"]) == ("prompted", None)
    assert done.system_fingerprint is None
    assert (engine.asked[0].adapter, engine.asked[0].prefix) == (None, "")


async def test_another_task_on_the_same_history_does_not_read_it_again(make_app: Maker):
    engine = Noting()
    history = said("one two three", "four five", "six", "seven")
    cached = []
    async with client_of(make_app(engine)) as client:
        for task in ("Shout.", "Whisper.", "Sing."):
            done = await client.chat.completions.create(
                model="auto",
                messages=[{"role": "system", "content": task}, *history, *said("and now")],
            )
            cached.append(done.usage.prompt_tokens_details.cached_tokens)
    assert cached == [0, 7, 7]
    asked = engine.asked[-1]
    assert [(turn.user, turn.answer) for turn in asked.history] == [
        ("one two three", "four five"),
        ("six", "seven"),
    ]
    assert asked.input == "and now"


async def test_history_that_does_not_fit_is_left_out_oldest_first_and_counted(make_app: Maker):
    engine = Noting(window=200)
    turns = [f"turn {n} of some length" for n in range(60)]
    async with client_of(make_app(engine)) as client:
        done = await client.chat.completions.create(
            model="auto", messages=[TASK, *said(*turns, "now")], max_tokens=20
        )
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(
                model="auto", messages=[TASK, *said("word " * 250)], max_tokens=20
            )
    extension, asked = done.model_extra["hypernet"], engine.asked[0]
    assert extension["history"]["left_out"] == 30 - len(asked.history) > 0
    assert asked.history[-1].answer == "turn 59 of some length"
    assert extension["saturation"] <= 0.7
    assert 0.7 * 180 * 6 / 8 < extension["history"]["tokens"] + 3 <= 0.7 * 180
    assert refused.value.code == "context_length_exceeded"
    assert refused.value.param == "messages"


async def test_the_first_turn_that_stays_is_the_same_for_some_time(make_app: Maker):
    engine = Noting(window=300)
    app, texts = make_app(engine), [f"turn {n} says something" for n in range(120)]
    async with client_of(app) as client:
        for count in range(40, 120, 2):
            await client.chat.completions.create(
                model="auto", messages=[TASK, *said(*texts[:count], "now")], max_tokens=20
            )
    first = [request.history[0].user for request in engine.asked]
    assert 5 < len(set(first)) <= len(first) / 2


async def test_answers_and_tools_outputs_of_a_conversation_become_turns(make_app: Maker):
    engine = Noting()
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    messages = [
        TASK,
        {"role": "assistant", "content": "Welcome."},
        {"role": "assistant", "content": "Ask me."},
        *said("first", "answer"),
        {"role": "user", "content": "do it"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "done"},
        {"role": "user", "content": "well?"},
    ]
    async with client_of(make_app(engine)) as client:
        await client.chat.completions.create(model="auto", messages=messages)
    asked = engine.asked[0]
    assert [(turn.user, turn.answer) for turn in asked.history] == [
        ("", "Welcome.\n\nAsk me."),
        ("first", "answer"),
        ("do it", '{"a": 1}'),
    ]
    assert asked.input == "done\n\nwell?"


async def streamed(client: openai.AsyncOpenAI, **arguments: Any) -> list[ChatCompletionChunk]:
    stream = await client.chat.completions.create(model="auto", stream=True, **arguments)
    return [chunk async for chunk in stream]


async def test_a_stream_has_the_role_the_text_the_reason_and_the_usage(make_app: Maker):
    async with client_of(make_app()) as client:
        chunks = await streamed(
            client,
            messages=[TASK, *said("one two three")],
            stream_options={"include_usage": True},
        )
        plain = await streamed(client, messages=[TASK, *said("one two three")])
        whole = await client.chat.completions.create(
            model="auto", messages=[TASK, *said("one two three")]
        )
    deltas = [chunk.choices[0].delta for chunk in chunks[:-1]]
    assert [delta.role for delta in deltas[:2]] == ["assistant", None]
    assert (deltas[0].content, deltas[-1].content) == ("", None)
    assert "".join(delta.content or "" for delta in deltas) == "one two three"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], whole.usage.total_tokens)
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert plain[-1].model_extra["hypernet"] == whole.model_extra["hypernet"]
    assert chunks[-2].system_fingerprint == whole.system_fingerprint is not None


async def test_the_clients_own_stream_helper_puts_the_answer_together(make_app: Maker):
    async with (
        client_of(make_app()) as client,
        client.chat.completions.stream(model="auto", messages=[TASK, *said("a b c")]) as stream,
    ):
        kinds = [event.type async for event in stream]
        done = await stream.get_final_completion()
    assert "content.delta" in kinds
    assert kinds[-1] == "content.done"
    assert done.choices[0].message.content == "a b c"


async def test_the_synchronous_client_is_served_the_same(make_app: Maker):
    def ask(address: str) -> tuple[str | None, list[str | None]]:
        with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
            whole = client.chat.completions.create(model="auto", messages=[TASK, *said("a b")])
            stream = client.chat.completions.create(
                model="auto", messages=[TASK, *said("a b")], stream=True
            )
            pieces = [chunk.choices[0].delta.content for chunk in stream]
        return whole.choices[0].message.content, pieces

    async with listening(make_app()) as address:
        whole, pieces = await to_thread.run_sync(ask, address)
    assert (whole, "".join(piece or "" for piece in pieces)) == ("a b", "a b")


async def test_sampling_stop_and_limits_reach_the_model(make_app: Maker):
    engine = Noting()
    messages = [TASK, *said("one two STOP three")]
    async with client_of(make_app(engine)) as client:
        create = client.chat.completions.create
        stopped = await create(model="auto", messages=messages, stop="STOP")
        cut = await create(model="auto", messages=messages, max_completion_tokens=2)
        old = await create(model="auto", messages=messages, max_tokens=1)
        await create(model="auto", messages=messages, seed=7, temperature=0.5, max_tokens=99_999)
    found = [(each.choices[0].message.content, each.choices[0].finish_reason) for each in (
        stopped, cut, old,
    )]  # fmt: skip
    assert found == [("one two ", "stop"), ("one two", "length"), ("one", "length")]
    last = engine.asked[-1]
    assert (last.seed, last.temperature, last.max_tokens) == (7, 0.5, 2048)


async def test_an_answer_may_take_half_the_window_at_most(make_app: Maker):
    engine = Noting(window=100)
    async with client_of(make_app(engine)) as client:
        for asked in (20, 90, 10_000):
            await client.chat.completions.create(
                model="auto", messages=said("hello"), max_tokens=asked
            )
    assert [request.max_tokens for request in engine.asked] == [20, 50, 50]


async def test_a_response_format_is_the_schema_of_the_answer(make_app: Maker):
    engine = Writing()
    form = {"type": "json_schema", "json_schema": {"name": "y", "schema": SCHEMA, "strict": True}}
    async with client_of(make_app(engine)) as client:
        create = client.chat.completions.create
        done = await create(model="auto", messages=[TASK, *said("x")], response_format=form)
        await create(
            model="auto", messages=[TASK, *said("x")], response_format={"type": "json_object"}
        )
        await create(model="auto", messages=[TASK, *said("x")], response_format={"type": "text"})
    assert json.loads(done.choices[0].message.content or "") == {"year": 2026}
    assert [request.output_schema for request in engine.asked] == [
        SCHEMA,
        {"type": "object"},
        None,
    ]


@pytest.mark.parametrize(
    ("choice", "reason"),
    [({"type": "function", "function": {"name": "note"}}, "stop"), ("required", "tool_calls")],
    ids=["by-name", "required"],
)
async def test_a_forced_function_is_a_schema_and_the_answer_its_call(
    make_app: Maker, choice: Any, reason: str
):
    engine = Writing()
    tools: Any = [{"type": "function", "function": {"name": "note", "parameters": SCHEMA}}]
    arguments: Any = {"tools": tools, "tool_choice": choice, "messages": [TASK, *said("x")]}
    async with client_of(make_app(engine)) as client:
        done = await client.chat.completions.create(model="auto", **arguments)
        async with client.chat.completions.stream(model="auto", **arguments) as stream:
            await stream.until_done()
            pieced = await stream.get_final_completion()
    for each in (done, pieced):
        call = (each.choices[0].message.tool_calls or [])[0]
        assert (call.function.name, json.loads(call.function.arguments)) == ("note", {"year": 2026})
        assert (each.choices[0].message.content, each.choices[0].finish_reason) == (None, reason)
    assert engine.asked[0].output_schema == SCHEMA


async def test_tools_that_may_not_be_called_do_no_harm(make_app: Maker):
    tools: Any = [{"type": "function", "function": {"name": "note", "parameters": SCHEMA}}]
    async with client_of(make_app()) as client:
        done = await client.chat.completions.create(
            model="auto", messages=[TASK, *said("x")], tools=tools, tool_choice="none"
        )
    assert done.choices[0].message.content == "x"


async def save(app: Application, **arguments: Any) -> None:
    async with connected(app) as call:
        await call("save_task", **arguments)
    await to_thread.run_sync(app.learner.wait)


async def test_a_named_task_answers_with_its_labels_and_each_ones_log_probability(
    make_app: Maker,
):
    app = make_app()
    labels = ["billing", "shipping", "other"]
    await save(app, name="tickets", task="Sort tickets.", labels=labels, ask_below=0.95)
    async with client_of(app) as client:
        done = await client.chat.completions.create(
            model="task:tickets",
            messages=said("about shipping"),
            logprobs=True,
            top_logprobs=3,
        )
        stream = await client.chat.completions.create(
            model="task:tickets", messages=said("about shipping"), logprobs=True, stream=True
        )
        chunks = [chunk async for chunk in stream]
    content = done.choices[0].logprobs.content
    assert (done.choices[0].message.content, [each.token for each in content]) == (
        "shipping",
        ["shipping"],
    )
    shares = {top.token: math.exp(top.logprob) for top in content[0].top_logprobs}
    assert shares == pytest.approx({"shipping": 0.9, "billing": 0.05, "other": 0.05})
    extension = done.model_extra["hypernet"]
    assert extension["needs_review"] is True
    assert "under ask_below 0.95" in extension["review_reason"]
    told = [chunk for chunk in chunks if chunk.choices[0].delta.content]
    assert [chunk.choices[0].delta.content for chunk in told] == ["shipping"]
    assert math.exp(told[0].choices[0].logprobs.content[0].logprob) == pytest.approx(0.9)


async def test_a_named_task_answers_as_it_was_corrected(make_app: Maker):
    app = make_app()
    await save(app, name="letters", task="Sort.", labels=["a", "b"])
    async with client_of(app) as client:
        create = client.chat.completions.create
        before = await create(model="task:letters", messages=said("a of it"))
        async with connected(app) as call:
            session = (await call("set_task", name="letters"))["session_id"]
            await call("run_step", session_id=session, input="a of it")
            await call("correct_step", session_id=session, step=1, output="b")
        after = await create(model="task:letters", messages=[TASK, *said("a of it")])
    assert before.choices[0].message.content == "a"
    assert after.choices[0].message.content == "b"
    assert after.model_extra["hypernet"]["answered_by"] == "example"
    assert "system message" in after.model_extra["hypernet"]["ignored"][0]


async def test_what_has_no_effect_is_accepted_and_strangers_are_named(make_app: Maker):
    async with client_of(make_app()) as client:
        done = await client.chat.completions.create(
            model="auto",
            messages=[TASK, *said("x")],
            n=1,
            top_p=0.9,
            presence_penalty=0,
            user="u",
            store=True,
            extra_body={"session_hint": 1, "chat_id": None},
            extra_headers={"Idempotency-Key": "k"},
        )
    assert done.model_extra["hypernet"]["ignored"] == [
        "chat_id",
        "session_hint",
        "store: nothing is kept to be looked up",
        "Idempotency-Key: nothing is recorded without a session",
    ]


async def test_models_are_auto_and_the_saved_tasks(make_app: Maker):
    app = make_app()
    await save(app, name="tickets", task="Sort tickets.", labels=["a", "b"])
    async with client_of(app) as client:
        listed = [model async for model in client.models.list()]
        one = await client.models.retrieve("task:tickets")
        with pytest.raises(openai.NotFoundError, match="there is no 'gpt-5'") as missing:
            await client.models.retrieve("gpt-5")
    assert [model.id for model in listed] == ["auto", "task:tickets"]
    assert one == listed[1]
    assert one.created > 1_700_000_000
    assert missing.value.code == "model_not_found"


async def test_what_n8ns_older_node_sends_is_accepted(make_app: Maker):
    """As its node OpenAI 1.8 of version 2.41.1 was seen to send it, with every option set."""
    body: Any = {
        "messages": [
            {"content": "Repeat what is said.", "role": "system"},
            {"content": "hello", "role": "user"},
        ],
        "frequency_penalty": 0,
        "n": 1,
        "presence_penalty": 0,
        "temperature": 0,
        "max_completion_tokens": 16,
        "top_p": 1,
        "reasoning_effort": "medium",
    }
    async with client_of(make_app()) as client:
        done = await client.chat.completions.create(model="auto", **body)
    assert done.choices[0].message.content == "hello"
    assert done.model_extra["hypernet"]["ignored"] == []
