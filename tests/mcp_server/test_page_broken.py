"""The page under requests and records that nobody foresaw: each is shown, or refused in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from httpx2 import AsyncClient
from serving import bearer, listening, requests_to
from support import connected

from checkpoints import ItemDraft, StepDraft
from mcp_server.http.tokens import Tokens, add_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

ABSENT = "A" * 32
HUGE = 10**400
MOST_BYTES = 200_000
TASK: dict[str, Any] = {"description": "Sort tickets.", "labels": ["a", "b"], "examples": []}
RESULTS: list[dict[str, Any]] = [
    {"tokens": {"prefix": HUGE, "prompt": -HUGE, "generated": HUGE}},
    {"tokens": {"prefix": True, "prompt": 3}, "saturation": 5e-324},
    {"tokens": {"prompt": 3}, "saturation": HUGE, "confidence": HUGE, "shares": {"a": HUGE}},
    {"answered_by": ["x"], "stop_reason": {"a": 1}, "review_reason": [1], "needs_review": "x"},
    {"answered_by": {"a": 1}, "fit": ["x" * 300_000], "timings": {"prefill_ms": HUGE}},
    {"stop_reason": "x" * 300_000, "review_reason": "x" * 300_000, "needs_review": True},
    {"context": [{"part": "recent", "steps": [HUGE, -1, True]}]},
    {"sent": {"turns": [{"step": HUGE}]}},
    {"context": [{"part": "pinned", "item_ids": [HUGE], "tokens": HUGE, "left_out": -HUGE}]},
    {"retrieved": [{"item_ids": [HUGE]}], "sent": {"examples": HUGE, "prefix_sha256": 3}},
    {"sent": {"turns": [{"step": 1, "turn": HUGE}, {"step": 1, "turn": -1}]}, "history": [HUGE]},
]  # fmt: skip
TASKS: list[dict[str, Any]] = [
    {**TASK, "labels": [1, None]}, {**TASK, "labels": "ab"}, {**TASK, "labels": {"a": 1}},
    {**TASK, "examples": [{"input": None, "output": 3}]}, {**TASK, "examples": ["x"]},
    {**TASK, "examples": 7}, {"description": ["x"]}, {},
]  # fmt: skip


async def test_whatever_a_step_recorded_is_shown_in_a_small_page(make_app: Maker):
    app = make_app()
    drafts = [draft(result=result) for result in RESULTS] + [draft(task=task) for task in TASKS]
    store = app.store()
    odd, plain = store.create_session().id, store.create_session().id
    for each in drafts:
        store.append_step(odd, each)
        store.append_step(plain, draft())
    numbers = range(1, len(drafts) + 1)
    paths = ["/", f"/jobs/{odd}", f"/compare?a={odd}&b={plain}", f"/jobs/{odd}/memory"]
    paths += [f"/jobs/{odd}/steps/{n}" for n in numbers]
    paths += [f"/jobs/{odd}/steps/{n}?part={part}" for n in numbers for part in ("turns", "recent")]
    paths += [f"/compare?a={odd}&b={plain}&n={n}" for n in numbers]
    async with requests_to(app) as client:
        answers = {path: await client.get(path) for path in paths}
    assert {path: a.status_code for path, a in answers.items() if a.status_code != 200} == {}
    assert {p: len(a.content) for p, a in answers.items() if len(a.content) > MOST_BYTES} == {}


@pytest.mark.parametrize("target", ["*", "localhost:80", "http://localhost/"])
async def test_a_target_that_is_no_path_is_refused(make_app: Maker, target: str):
    async with listening(make_app()) as address:
        port = int(address.rpartition(":")[2])
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            lines = [f"OPTIONS {target} HTTP/1.1", f"Host: localhost:{port}", "Connection: close"]
            await stream.send("\r\n".join([*lines, "", ""]).encode())
            answer = await stream.receive()
    assert re.match(rb"HTTP/1.1 4\d\d ", answer), answer


async def test_the_head_of_a_stream_takes_a_place_of_the_streams(make_app: Maker):
    async with (
        listening(make_app(streams=1)) as address,
        AsyncClient(base_url=address) as client,
        client.stream("GET", "/events") as first,
    ):
        second = await client.head("/sse")
    assert (first.status_code, second.status_code) == (200, 429)


async def test_the_head_of_the_events_ends_at_once(make_app: Maker):
    async with requests_to(make_app()) as client:
        answer = await client.head("/events")
        absent = await client.head(f"/events?job={ABSENT}")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert (answer.status_code, absent.status_code) == (200, 404)


async def test_a_place_behind_the_last_one_is_never_told_as_nothing_there(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    app.store().remember(session, [ItemDraft("Refunds take a week.", "policy.md")])
    async with requests_to(app) as client, connected(app) as call:
        await call("save_task", name="tickets", task="Sort tickets.")
        jobs = await client.get("/?skip=999999999")
        tasks = await client.get("/tasks?skip=999999999")
        sources = await client.get(f"/jobs/{session}/memory?skip=999999999")
        found = await client.get("/?q=refunds&skip=999999999")
    assert f"/jobs/{session}" in jobs.text
    assert "in jobs 1 to 1 of 1" in found.text
    assert (tasks.status_code, sources.status_code) == (404, 404)
    assert "No task yet" not in tasks.text


async def test_who_is_logged_in_is_asked_for_no_token(make_app: Maker, tmp_path: Path):
    file = tmp_path / "tokens"
    token = add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        await client.post("/login", data={"token": token})
        places = []
        for path in ("in?next=/tasks", "in?next=/login", "in?next=/events", "out"):
            places.append((await client.get(f"/log{path}")).headers["Location"])
        still = await client.get("/")
    assert places == ["/tasks", "/", "/", "/"]
    assert still.status_code == 200


async def test_behind_a_proxy_the_pages_own_forms_are_taken_and_no_others(
    make_app: Maker, tmp_path: Path
):
    file, own = tmp_path / "tokens", "https://mcp.example.org"
    token = add_token(file, "alice")
    tries: list[tuple[str, dict[str, str]]] = [
        ("mcp.example.org", {"Origin": own}),
        ("mcp.example.org", {"Origin": f"{own}:8443", "Sec-Fetch-Site": "same-origin"}),
        ("mcp.example.org", {"Origin": "https://evil.example"}),
        ("mcp.example.org", {"Origin": "null"}),
        ("mcp.example.org", {"Origin": own, "Sec-Fetch-Site": "same-site"}),
        ("evil.example", {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}),
    ]
    app = make_app(allowed_hosts=("mcp.example.org",), trusted_proxies=("127.0.0.1",))
    async with requests_to(app, Tokens(file)) as client:
        answers = [
            await client.post(
                f"http://{host}/login",
                data={"token": token},
                headers={"X-Forwarded-Proto": "https", **headers},
            )
            for host, headers in tries
        ]
        tools = await client.post(
            "http://mcp.example.org/mcp", json={}, headers={"Origin": own, **bearer(token)}
        )
    assert [answer.status_code for answer in answers] == [303, 303, 403, 403, 400, 421]
    assert "Secure" in answers[0].headers["Set-Cookie"]
    assert tools.status_code == 403


async def test_a_form_of_one_principal_is_none_of_anothers(make_app: Maker, tmp_path: Path):
    file = tmp_path / "tokens"
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app()
    session = app.store().create_session("alice").id
    async with requests_to(app, Tokens(file)) as client:
        given = await forgery(client, f"/jobs/{session}", alice)
        his = app.store().create_session("bob").id
        path = f"/jobs/{his}/checkpoint"
        refused = await client.post(path, data={"forgery": given}, headers=bearer(bob))
    assert refused.status_code == 403
    assert "somebody else logged in" in refused.text
    assert app.store().checkpoints(his) == []


async def test_what_a_form_did_not_change_never_reads_like_a_success(make_app: Maker):
    app = make_app()
    store = app.store()
    session = store.create_session().id
    store.append_step(session, draft())
    first = store.checkpoint(session, "first").id
    async with requests_to(app) as client:
        checkpoint = f"/jobs/{session}/checkpoint"
        again = await told(client, session, checkpoint, label="first")
        new = await told(client, session, checkpoint, label="second")
        restore = f"/jobs/{session}/restore"
        marks = await told(client, session, restore, checkpoint_id=first)
        stood = await told(client, session, restore, checkpoint_id=first)
        store.append_step(session, draft(input="two"))
        second = store.checkpoint(session).id
        back = await told(client, session, restore, checkpoint_id=first)
        forth = await told(client, session, restore, checkpoint_id=second)
    assert again == "Checkpoint “first” is there already, at step 1; nothing was changed."
    assert new.startswith("Checkpoint “second” is made at step 1.")
    assert marks.startswith("The job stood at that checkpoint, after step 1, already; of its")
    assert stood == "The job stood at that checkpoint, after step 1, already; nothing was changed."
    assert back == "The job is back at step 1: later steps are out of its sight, and are kept."
    assert forth.startswith("The job is at step 2 now")


async def test_no_job_is_forked_at_an_address_where_none_is(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    mark = app.store().checkpoint(session).id
    async with requests_to(app) as client:
        given = await forgery(client, f"/jobs/{session}")
        data = {"forgery": given, "checkpoint_id": mark, "do": "fork"}
        answer = await client.post(f"/jobs/{ABSENT}/restore", data=data)
    assert answer.status_code == 404
    assert len(app.store().sessions()) == 1


def draft(**changes: Any) -> StepDraft:
    fields: dict[str, Any] = {
        "input": "one", "output": "a", "task": TASK, "mode": "adapter",
        "adapter_digest": "ab" * 12, "result": {},
    }  # fmt: skip
    return StepDraft(**{**fields, **changes})


async def forgery(client: AsyncClient, path: str, token: str | None = None) -> str:
    """The token in the forms of a page."""
    text = (await client.get(path, headers=bearer(token))).text
    found = re.search(r'name="forgery" value="([0-9a-f]+)"', text)
    assert found is not None, text
    return found[1]


async def told(client: AsyncClient, session: str, path: str, **fields: Any) -> str:
    """The notice that follows a form."""
    given = await forgery(client, f"/jobs/{session}")
    answer = await client.post(path, data={"forgery": given, "do": "restore", **fields})
    assert answer.status_code == 303, answer.text
    text = (await client.get(answer.headers["Location"])).text
    found = re.search(r'<p class="notice[^>]*>(.*?)</p>', text, re.DOTALL)
    assert found is not None, text
    return found[1]
