"""What /v1 shares with the rest: refusals, tokens, limits, sessions, counters, cancellation."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import openai
import pytest
from openai_clients import SCHEMA, TASK, Noting, Writing, client_of, said
from serving import bearer, counted, listening, requests_to
from support import KNOWN, connected

from checkpoints.tasks.values import TaskDefinition
from hypernet.engine.echo import EchoEngine
from hypernet.engine.interface import Capabilities, QueueFullError
from mcp_server.http.tokens import Tokens, add_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hypernet.engine.interface import Request, Ticket
    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"
BODY = {"model": "auto", "messages": [TASK, *said("a b")]}
TOOL = {"type": "function", "function": {"name": "note", "parameters": SCHEMA}}
IMAGE = {"type": "image_url", "image_url": {"url": "https://x.example/i.png"}}

LONG = {"role": "system", "content": "x" * 8_001}

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("several", {"n": 2}, "n"),
    ("bias", {"logit_bias": {"1": 5}}, "logit_bias"),
    ("penalty", {"frequency_penalty": 0.5}, "frequency_penalty"),
    ("nucleus", {"top_p": 0.5, "temperature": 1}, "top_p"),
    ("audio", {"modalities": ["text", "audio"]}, "modalities"),
    ("functions", {"functions": [TOOL["function"]]}, "functions"),
    ("free-choice", {"tools": [TOOL]}, "tool_choice"),
    ("auto-choice", {"tools": [TOOL], "tool_choice": "auto"}, "tool_choice"),
    ("two-tools", {"tools": [TOOL, TOOL], "tool_choice": "required"}, "tool_choice"),
    (
        "no-such-tool",
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}},
        "tool_choice",
    ),
    (
        "choice-without-a-name",
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": "note"}},
        "tool_choice",
    ),
    ("image", {"messages": [{"role": "user", "content": [IMAGE]}]}, "messages[0].content[0]"),
    ("logprobs", {"logprobs": True}, "logprobs"),
    ("top-logprobs", {"top_logprobs": 2}, "top_logprobs"),
    ("format", {"response_format": {"type": "xml"}}, "response_format.type"),
    ("no-schema", {"response_format": {"type": "json_schema"}}, "response_format"),
    (
        "schema-as-text",
        {"response_format": {"type": "json_schema", "json_schema": "year"}},
        "response_format.json_schema",
    ),
    ("schema", {"response_format": {"type": "json_object"}}, "response_format"),
    ("no-messages", {"messages": []}, "messages"),
    ("no-user", {"messages": said("a", "b")}, "messages"),
    ("role", {"messages": [{"role": "critic", "content": "x"}]}, "messages[0].role"),
    ("empty", {"messages": said(" ")}, "messages"),
    ("long-task", {"messages": [LONG, *said("x")]}, "messages"),
    ("temperature", {"temperature": 3}, "temperature"),
    ("seed", {"seed": -1}, "seed"),
    ("stop", {"stop": [""]}, "stop"),
    ("max-tokens", {"max_tokens": 0}, "max_tokens"),
    ("tool-schema", {"tools": [TOOL], "tool_choice": "required"}, "tools"),
    ("sessions", {"metadata": {"session_id": "a"}}, "metadata.session_id"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "param"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
async def test_what_is_not_supported_or_wrong_is_refused_by_its_name(
    make_app: Maker, change: dict[str, Any], param: str
):
    async with requests_to(make_app()) as client:
        headers = {"X-Session-Id": "b"} if "metadata" in change else {}
        answers = [
            await client.post(
                CHAT, content=json.dumps(BODY | change | {"stream": stream}), headers=headers
            )
            for stream in (False, True)
        ]
    for answer in answers:
        error = answer.json()["error"]
        assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
        assert error.keys() == {"message", "type", "param", "code"}
        assert error["param"] == param
        assert error["message"].startswith(param.partition("[")[0].partition(".")[0])


async def test_bodies_that_are_none_and_addresses_that_are_none(make_app: Maker):
    async with requests_to(make_app(body_bytes=2048)) as client:
        answers = [
            await client.post(CHAT, content=b"{"),
            await client.post(CHAT, content=b"[" * 100_000),
            await client.post(CHAT, content=b"[]"),
            await client.post(CHAT, json=BODY | {"user": "x" * 2048}),
            await client.post(CHAT, json=BODY | {"model": "gpt-5"}),
            await client.post(CHAT, json=BODY | {"model": "task:nobody"}),
            await client.post("/v1/embeddings", json={}),
            await client.get(CHAT),
            await client.get("/v1"),
        ]
    found = [(each.status_code, each.json()["error"]["code"]) for each in answers]
    assert found == [
        (400, "invalid_json"),
        (413, "body_too_large"),
        (400, None),
        (413, "body_too_large"),
        (404, "model_not_found"),
        (404, "model_not_found"),
        (404, "unknown_url"),
        (405, "method_not_allowed"),
        (404, "unknown_url"),
    ]


async def test_what_was_not_foreseen_says_nothing_of_the_inside(
    make_app: Maker, caplog: pytest.LogCaptureFixture
):
    def hook(n: int) -> None:
        raise RuntimeError("secret")

    async with client_of(make_app(EchoEngine(before_token=hook))) as client:
        with pytest.raises(openai.InternalServerError) as failed:
            await client.chat.completions.create(**BODY)
    assert failed.value.body["message"].startswith("internal error")
    assert "secret" not in str(failed.value.body)
    assert any("internal error" in record.getMessage() for record in caplog.records)


async def test_an_error_after_the_stream_began_ends_it_as_the_clients_read_it(make_app: Maker):
    heard = threading.Event()

    def hook(n: int) -> None:
        if n == 1:
            heard.wait(30)
            raise RuntimeError("secret")

    async with client_of(make_app(EchoEngine(before_token=hook))) as client:
        chat = await client.chat.completions.create(**BODY, stream=True)
        pieces: list[str | None] = []

        async def read() -> None:
            async for chunk in chat:
                pieces.append(chunk.choices[0].delta.content)
                heard.set()

        with pytest.raises(openai.APIError, match="internal error"):
            await read()
        heard.clear()
        stream = await client.responses.create(model="auto", input="a b", stream=True)
        kinds = []
        async for event in stream:
            kinds.append(event.type)
            heard.set()
    assert pieces == ["", "a"]
    assert kinds[-2:] == ["error", "response.failed"]


async def test_an_engine_that_takes_no_earlier_turns_refuses_them_and_answers_the_rest(
    make_app: Maker,
):
    class Plain(EchoEngine):
        capabilities = Capabilities(prefix_without_adapter=True)

    async with client_of(make_app(Plain())) as client:
        with pytest.raises(openai.BadRequestError, match="capability history") as refused:
            await client.chat.completions.create(model="auto", messages=said("a", "b", "c"))
        alone = await client.chat.completions.create(**BODY)
    assert (refused.value.param, alone.choices[0].message.content) == ("messages", "a b")


async def test_a_full_queue_is_a_rate_limit(make_app: Maker):
    class Full(EchoEngine):
        def submit(self, request: Request) -> Ticket:
            raise QueueFullError("256 requests wait already; try again later")

    async with client_of(make_app(Full())) as client:
        with pytest.raises(openai.RateLimitError) as refused:
            await client.chat.completions.create(**BODY)
    assert refused.value.response.headers["retry-after"] == "1"


async def test_a_structured_answer_that_was_cut_is_an_error_and_not_recorded(make_app: Maker):
    form: Any = {"type": "json_schema", "json_schema": {"name": "y", "schema": SCHEMA}}
    app = make_app(Writing())
    async with connected(app) as call, client_of(app) as client:
        session = await call.begin()
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(
                **BODY, response_format=form, max_tokens=1, metadata={"session_id": session}
            )
        status = await call("status", session_id=session)
    assert refused.value.param == "max_tokens"
    assert status["sessions"][0]["steps"] == 0


# Tokens and limits


async def test_tokens_are_asked_for_and_each_principal_sees_its_own(
    make_app: Maker, tmp_path: Path
):
    alice, bob = (add_token(tmp_path / "tokens", name) for name in ("alice", "bob"))
    tokens = Tokens(tmp_path / "tokens")
    app = make_app()
    app.store().visible_to("alice").tasks.save("hers", TaskDefinition("Sort."))
    app.store().visible_to("alice").tasks.save("shared", TaskDefinition("Sort it."))
    app.store().visible_to("alice").tasks.share("shared")
    app.store().visible_to("bob").tasks.save("shared", TaskDefinition("Sort them."))
    models = {}
    for name, token in (("alice", alice), ("bob", bob)):
        async with client_of(app, tokens, token) as client:
            models[name] = [model.id async for model in client.models.list()]
    async with client_of(app, tokens, bob) as client:
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(model="task:hers", messages=said("x"))
        theirs = await client.chat.completions.create(model="task:alice/shared", messages=said("x"))
    async with client_of(app, tokens) as client:
        with pytest.raises(openai.AuthenticationError) as refused:
            await client.models.list()
    assert set(models["alice"]) == {"auto", "task:hers", "task:shared"}
    assert set(models["bob"]) == {"auto", "task:shared", "task:alice/shared"}
    assert theirs.choices[0].message.content == "x"
    assert refused.value.code == "invalid_api_key"


async def test_refusals_of_the_gate_have_the_form_that_clients_read(
    make_app: Maker, tmp_path: Path
):
    token = add_token(tmp_path / "tokens", "alice")
    app = make_app(requests_per_minute=2)
    async with requests_to(app, Tokens(tmp_path / "tokens")) as client:
        codes = []
        for headers in (bearer(token),) * 3 + (
            {"Host": "evil.example"}, {"Origin": "https://evil.example"},
        ):  # fmt: skip
            answer = await client.get("/v1/models", headers=headers)
            codes.append(answer.status_code)
            if answer.status_code != 200:
                assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert codes == [200, 200, 429, 421, 403]


async def test_a_body_that_does_not_arrive_in_time_is_answered_in_the_same_form(make_app: Maker):
    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep_forever()

    async with requests_to(make_app(body_seconds=0.01)) as client:
        answer = await client.post(CHAT, content=slowly())
    assert (answer.status_code, answer.json()["error"]["code"]) == (408, "body_timeout")


async def test_only_so_many_calls_run_at_once_by_any_door(make_app: Maker):
    reached, go = threading.Event(), threading.Event()

    def hook(n: int) -> None:
        reached.set()
        go.wait(30)

    app = make_app(EchoEngine(before_token=hook), calls=1)
    async with client_of(app) as client, connected(app) as call, anyio.create_task_group() as tasks:
        session = app.store().create_session().id

        async def first() -> None:
            await client.chat.completions.create(**BODY)

        tasks.start_soon(first)
        await anyio.to_thread.run_sync(reached.wait)
        with pytest.raises(openai.RateLimitError, match="calls: 1 of yours are running"):
            await client.chat.completions.create(**BODY)
        refused = await call.refused("run_step", session_id=session, input="x", task=KNOWN)
        go.set()
    assert refused.startswith("calls: 1 of yours")


async def test_calls_and_answers_are_counted_and_logged(
    make_app: Maker, caplog: pytest.LogCaptureFixture
):
    app = make_app()
    caplog.set_level("INFO")
    async with requests_to(app) as client:
        session = app.store().create_session().id
        await client.post(CHAT, json=BODY)
        await client.post(CHAT, json=BODY, headers={"X-Session-Id": session})
        await client.post("/v1/responses", json={"model": "nobody", "input": "x"})
        seen = await counted(client)
    expected = {
        "hypernet_mcp_calls_total outcome=ok tool=chat.completions": 2,
        "hypernet_mcp_calls_total outcome=error tool=responses": 1,
        "hypernet_mcp_answers_total mode=hybrid": 1,
        "hypernet_mcp_steps_total mode=hybrid": 1,
        "hypernet_mcp_errors_total kind=ApiError": 1,
    }
    assert {name: seen.get(name) for name in expected} == expected
    lines = [record.fields for record in caplog.records if record.getMessage() == "call"]
    assert [(line["tool"], line["outcome"]) for line in lines] == [
        ("chat.completions", "ok"), ("chat.completions", "ok"), ("responses", "error"),
    ]  # fmt: skip
    assert (lines[0]["session"], lines[1]["session"] is None) == (None, False)


# Sessions


async def test_without_a_session_nothing_is_stored(make_app: Maker):
    app = make_app()
    async with client_of(app) as client:
        done = await client.chat.completions.create(**BODY)
    assert app.store().sessions() == []
    assert "session_id" not in done.model_extra["hypernet"]


async def test_a_call_with_a_session_is_a_step_of_it(make_app: Maker):
    engine = Noting()
    app = make_app(engine, checkpoint_every=2)
    async with connected(app) as call, client_of(app) as client:
        session = await call.begin(KNOWN)
        await call("remember", session_id=session, text="The river is called Vecht.")
        create = client.chat.completions.create
        own = await create(
            model="auto", messages=said("the river"), metadata={"session_id": session}
        )
        other = await create(**BODY, extra_headers={"X-Session-Id": session})
        steps = app.store().steps(session)
    extensions = [each.model_extra["hypernet"] for each in (own, other)]
    assert [(e["session_id"], e["step"]) for e in extensions] == [(session, 1), (session, 2)]
    assert (extensions[0]["fit"], extensions[0]["retrieved_tokens"] > 0) == ("known", True)
    assert "Vecht" in engine.asked[0].input
    assert extensions[0]["checkpoint_id"] is None
    assert extensions[1]["checkpoint_id"] == app.store().session(session).last_checkpoint
    assert [step.task["description"] for step in steps] == [KNOWN, TASK["content"]]
    assert [step.input for step in steps] == ["the river", "a b"]


async def test_a_new_session_begins_on_request_and_is_told(make_app: Maker):
    app = make_app()
    async with client_of(app) as client:
        create = client.chat.completions.create
        raw = await client.chat.completions.with_raw_response.create(
            **BODY, extra_headers={"X-Session-Id": "new"}
        )
        session, first = raw.headers["x-session-id"], raw.parse()
        stream = await client.responses.create(
            model="auto", input="go on", metadata={"session_id": session}, stream=True
        )
        last = [event async for event in stream][-1].response
        plain = app.store().steps(session)[1]
        with pytest.raises(openai.BadRequestError):
            await create(
                model="auto", messages=said("x"), stop=[""], metadata={"session_id": "new"}
            )
        with pytest.raises(openai.NotFoundError) as unknown:
            await create(**BODY, metadata={"session_id": "A" * 32})
    assert first.model_extra["hypernet"]["session_id"] == session
    assert (last.model_extra["hypernet"]["step"], plain.mode) == (2, "prompted")
    assert [each.id for each in app.store().sessions()] == [session]
    assert unknown.value.code == "session_not_found"


async def test_a_new_session_whose_first_step_fails_is_not_left_behind(make_app: Maker):
    app = make_app(Noting(window=64))
    async with client_of(app) as client:
        with pytest.raises(openai.BadRequestError):
            await client.chat.completions.create(
                model="auto", messages=said("word " * 99), metadata={"session_id": "new"}
            )
    assert app.store().sessions() == []


async def test_an_idempotency_key_runs_a_step_once(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    headers = {"X-Session-Id": session, "Idempotency-Key": "k1"}
    history = said("before", "that")
    async with client_of(app) as client:
        create = client.chat.completions.create
        first = await create(model="auto", messages=[*history, *said("a b")], extra_headers=headers)
        again = await create(model="auto", messages=[*history, *said("a b")], extra_headers=headers)
        stream = await create(
            model="auto", messages=[*history, *said("a b")], extra_headers=headers, stream=True
        )
        pieces = [chunk.choices[0].delta.content async for chunk in stream]
        for other in (said("a b"), [*history, *said("c")]):
            with pytest.raises(openai.BadRequestError) as refused:
                await create(model="auto", messages=other, extra_headers=headers)
            assert refused.value.param == "Idempotency-Key"
    assert first.choices == again.choices
    assert [e.model_extra["hypernet"]["replayed"] for e in (first, again)] == [False, True]
    assert "".join(piece or "" for piece in pieces) == "a b"
    assert app.store().session(session).steps == 1


async def test_a_step_key_in_metadata_is_that_of_the_header(make_app: Maker):
    """For clients that choose no header per call, as n8n's nodes."""
    app = make_app()
    session = app.store().create_session().id
    metadata = {"session_id": session, "step_key": "k1"}
    header = {"X-Session-Id": session, "Idempotency-Key": "k1"}
    async with client_of(app) as client:
        create = client.chat.completions.create
        done = [
            await create(model="auto", messages=said("a b"), metadata=metadata),
            await create(model="auto", messages=said("a b"), extra_headers=header),
            await create(
                model="auto", messages=said("a b"), metadata=metadata, extra_headers=header
            ),
        ]
        with pytest.raises(openai.BadRequestError) as other:
            await create(model="auto", messages=said("c"), metadata=metadata)
        alone = await create(model="auto", messages=said("c"), metadata={"step_key": "k1"})
    assert [each.model_extra["hypernet"]["replayed"] for each in done] == [False, True, True]
    assert app.store().session(session).steps == 1
    assert other.value.param == "metadata.step_key"
    assert str(other.value.body["message"]).startswith("metadata.step_key: 'k1' belongs to step 1")
    assert alone.model_extra["hypernet"]["ignored"] == [
        "metadata.step_key: nothing is recorded without a session"
    ]


@pytest.mark.parametrize(
    ("key", "headers", "message"),
    [
        (5, {}, "metadata.step_key: must be a text"),
        (["k"], {}, "metadata.step_key: must be a text"),
        ("k1", {"Idempotency-Key": "k2"}, "metadata.step_key: is another than that of the header"),
        ("", {}, "metadata.step_key: "),
        ("k" * 201, {}, "metadata.step_key: "),
    ],
    ids=["number", "list", "two-keys", "empty", "long"],
)
@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_step_key_that_is_none_is_refused_by_name(
    make_app: Maker, api: str, key: Any, headers: dict[str, str], message: str
):
    app = make_app()
    session = app.store().create_session().id
    metadata: Any = {"session_id": session, "step_key": key}
    async with client_of(app) as client:
        create: Any = client.responses.create
        what: dict[str, Any] = {"input": "x"}
        if api == "chat":
            create, what = client.chat.completions.create, {"messages": said("x")}
        with pytest.raises(openai.BadRequestError) as refused:
            await create(model="auto", metadata=metadata, extra_headers=headers, **what)
    assert str(refused.value.body["message"]).startswith(message)
    assert refused.value.param == "metadata.step_key"
    assert app.store().session(session).steps == 0


async def test_a_named_task_in_a_session_leaves_the_sessions_own_as_it_is(make_app: Maker):
    app = make_app()
    async with connected(app) as call, client_of(app) as client:
        await call("save_task", name="mood", task="Sort.", labels=["good", "bad"])
        session = await call.begin(KNOWN)
        await client.chat.completions.create(
            model="task:mood", messages=said("it is bad"), metadata={"session_id": session}
        )
        step = app.store().steps(session)[0]
        task = await call("correct_step", session_id=session, step=1, output="good")
        status = await call("status", session_id=session)
        after = await client.chat.completions.create(model="task:mood", messages=said("it is bad"))
    assert (step.output, step.task_version is not None) == ("bad", True)
    assert (task["task"], status["sessions"][0]["task"]) == ("mood", KNOWN)
    assert after.choices[0].message.content == "good"


async def test_a_correction_of_a_step_with_earlier_turns_says_that_the_model_answers_it_again(
    make_app: Maker,
):
    app = make_app()
    async with connected(app) as call, client_of(app) as client:
        session = await call.begin(KNOWN)

        async def ask(*texts: str) -> str | None:
            done = await client.chat.completions.create(
                model="auto", messages=said(*texts), metadata={"session_id": session}
            )
            return done.choices[0].message.content

        await ask("before", "that", "a b")
        await ask("a b")
        notes = [
            (await call("correct_step", session_id=session, step=step, output="c"))["note"]
            for step in (1, 2)
        ]
        answers = [await ask("before", "that", "a b"), await ask("a b")]
    assert ["earlier turns" in note for note in notes] == [True, False]
    assert answers == ["a b", "c"]


async def test_another_principals_session_is_not_there(make_app: Maker, tmp_path: Path):
    alice, bob = (add_token(tmp_path / "tokens", name) for name in ("alice", "bob"))
    app, tokens = make_app(), Tokens(tmp_path / "tokens")
    async with client_of(app, tokens, alice) as client:
        done = await client.chat.completions.create(**BODY, metadata={"session_id": "new"})
        session = done.model_extra["hypernet"]["session_id"]
    async with client_of(app, tokens, bob) as client:
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(**BODY, metadata={"session_id": session})
    assert app.store().session(session).principal == "alice"


# Clients that leave


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_client_that_leaves_frees_its_sequence_and_nothing_is_recorded(
    make_app: Maker, stream: bool
):
    tickets: list[Ticket] = []
    submitted, reached = threading.Event(), threading.Event()

    class Held(EchoEngine):
        def submit(self, request: Request) -> Ticket:
            tickets.append(super().submit(request))
            submitted.set()
            return tickets[-1]

    def hook(n: int) -> None:
        if n == 1:
            submitted.wait(30)
            reached.set()
            tickets[0].cancelled.wait(30)

    app = make_app(Held(before_token=hook))
    session = app.store().create_session().id
    body = BODY | {"stream": stream, "metadata": {"session_id": session}}
    async with listening(app) as address, httpx2.AsyncClient(base_url=address) as client:
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                await client.post(CHAT, json=body)

            tasks.start_soon(ask)
            await anyio.to_thread.run_sync(reached.wait)
            tasks.cancel_scope.cancel()
        result = await anyio.to_thread.run_sync(tickets[0].result)
        while True:
            seen = await counted(client)
            if "hypernet_mcp_calls_total outcome=cancelled tool=chat.completions" in seen:
                break
    assert (result.stop_reason, result.tokens.generated) == ("cancelled", 1)
    assert app.store().session(session).steps == 0
