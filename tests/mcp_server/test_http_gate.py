"""The gate before HTTP: who is let in, how much of it, and that a refusal has touched nothing."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from serving import bearer, connected_to, listening, requests_to
from support import KNOWN

from hypernet.engine.echo import EchoEngine
from mcp_server.http.rates import KEYS, Rates
from mcp_server.http.tokens import Tokens, add_token, revoke_tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio

CALL = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
JSON = {"Accept": "application/json, text/event-stream"}
HERE = "http://localhost:8000"
PATHS = ("/mcp", "/sse", "/messages/", "/metrics")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "given", [{}, bearer("wrong"), bearer(""), {"Authorization": "Basic YTpi"}]
)
async def test_without_a_known_token_every_path_answers_401(
    make_app: Callable[..., Application], file: Path, path: str, given: dict[str, str]
):
    add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        answer = await client.get(path, headers=given)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert ("invalid_token" in answer.headers["WWW-Authenticate"]) == (given == bearer("wrong"))


async def test_a_token_lets_in_until_it_is_revoked_while_the_server_runs(
    make_app: Callable[..., Application], file: Path
):
    token, other = add_token(file, "alice"), add_token(file, "bob")
    async with requests_to(make_app(), Tokens(file)) as client:
        assert (await client.get("/metrics", headers=bearer(token))).status_code == 200
        revoke_tokens(file, "alice")
        assert (await client.get("/metrics", headers=bearer(token))).status_code == 401
        assert (await client.get("/metrics", headers=bearer(other))).status_code == 200
        file.chmod(0o644)
        file.write_text("broken")
        assert (await client.get("/metrics", headers=bearer(other))).status_code == 401


@pytest.mark.parametrize("path", PATHS)
async def test_a_foreign_host_or_origin_is_refused_before_the_token_is_looked_at(
    make_app: Callable[..., Application], file: Path, path: str
):
    headers = bearer(add_token(file, "alice"))
    async with requests_to(make_app(), Tokens(file)) as client:
        host = await client.get(path, headers={**headers, "Host": "evil.example"})
        origin = await client.get(path, headers={**headers, "Origin": "http://evil.example"})
    assert (host.status_code, origin.status_code) == (421, 403)


async def test_the_hosts_and_origins_of_the_settings_are_answered(
    make_app: Callable[..., Application], file: Path
):
    headers = bearer(add_token(file, "alice"))
    app = make_app(
        host="0.0.0.0",  # noqa: S104  # nothing listens in this test
        tokens=file,
        allowed_hosts="mcp.example.org",
        allowed_origins="https://app.example.org",
    )
    async with requests_to(app, Tokens(file)) as client:
        for host in ("mcp.example.org", "mcp.example.org:8443", "localhost:8000"):
            answer = await client.get("/metrics", headers={**headers, "Host": host})
            assert answer.status_code == 200, host
        for name, value in (
            ("Origin", "https://app.example.org"),
            ("Origin", "http://app.example.org"),
            ("Host", "mcp.example.org.evil.example"),
        ):
            answer = await client.get("/metrics", headers={**headers, name: value})
            assert answer.status_code == (
                200 if "https" in value else 403 if name == "Origin" else 421
            )


PAGE = "https://app.example.org"
ASKED = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, mcp-session-id",
    "Access-Control-Request-Private-Network": "true",
}


@pytest.mark.parametrize("setting", [PAGE, f"{PAGE}/", f"{PAGE}:443", "HTTPS://App.Example.Org"])
@pytest.mark.parametrize("path", [*PATHS, "/mcp/"])
async def test_the_page_of_an_allowed_origin_may_ask_call_and_read_the_answer(
    make_app: Callable[..., Application], file: Path, path: str, setting: str
):
    app = make_app(tokens=file, allowed_origins=setting)
    headers = {**bearer(add_token(file, "alice")), "Origin": PAGE}
    async with requests_to(app, Tokens(file)) as client:
        asked = await client.options(path, headers={"Origin": PAGE, **ASKED})
        answers = [asked, await client.get(path, headers={"Origin": PAGE})]
        if path.startswith("/mcp"):
            answer = await client.post(path, headers={**headers, **JSON}, json=CALL)
            assert "Mcp-Session-Id" in answer.headers["Access-Control-Expose-Headers"]
            answers.append(answer)
    assert [answer.status_code for answer in answers[:2]] == [200, 401]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Origin" in answer.headers["Vary"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"].lower()
    assert asked.headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Access-Control-Allow-Credentials" not in asked.headers


@pytest.mark.parametrize("path", PATHS)
async def test_the_page_of_another_origin_hears_of_no_permission(
    make_app: Callable[..., Application], path: str
):
    async with requests_to(make_app(allowed_origins=f"{PAGE},http://one.example:*")) as client:
        for origin in (f"{PAGE}.evil.example", "http://app.example.org", f"{PAGE}:8443", "null"):
            asked = await client.options(path, headers={"Origin": origin, **ASKED})
            assert asked.status_code == 403, origin
            assert "Access-Control-Allow-Origin" not in asked.headers
        for origin in ("http://one.example:81", "http://localhost:5173", "http://localhost"):
            asked = await client.options(path, headers={"Origin": origin, **ASKED})
            assert asked.headers["Access-Control-Allow-Origin"] == origin


async def test_every_spelling_of_a_path_is_answered_without_a_redirect(
    make_app: Callable[..., Application], file: Path
):
    headers = bearer(add_token(file, "alice"))
    async with requests_to(make_app(), Tokens(file)) as client:
        for path in ("/healthz", "/readyz", "/metrics", "/mcp", "/messages", "/sse", "/nothing"):
            method = "GET" if path in ("/healthz", "/readyz", "/metrics") else "PUT"
            plain, *others = [
                await client.request(method, f"{HERE}{each}", headers=headers)
                for each in (path, f"{path}/", f"/{path}", f"///{path}//", f"{path}////")
            ]
            assert {other.status_code for other in others} == {plain.status_code}, path
            assert not plain.is_redirect
            assert plain.status_code == 404 or path != "/nothing"
        plain, *others = [
            await client.post(f"{HERE}{path}", headers={**headers, **JSON}, json=CALL)
            for path in ("/mcp", "/mcp/", "//mcp", "///mcp//")
        ]
        elsewhere = await client.get(f"{HERE}//evil.example/mcp", headers=headers)
        unknown = [
            await client.request(method, f"{HERE}{path}")
            for method, path in (("POST", "//mcp"), ("GET", "//metrics"), ("GET", "//mcp//"))
        ]
    for other in others:
        assert (plain.status_code, plain.json()) == (other.status_code, other.json())
    assert elsewhere.status_code == 404
    assert "location" not in elsewhere.headers
    assert {each.status_code for each in unknown} == {401}


@pytest.mark.parametrize(
    "host",
    [
        "LOCALHOST:8000",
        "LocalHost",
        "localhost.:8000",
        "mcp.example.org.",
        "MCP.Example.org",
        "mcp.EXAMPLE.org:8443",
        "[0:0:0:0:0:0:0:1]:8000",
        "[0000::0001]",
    ],
)
async def test_host_names_compare_without_case_and_without_a_dot_at_their_end(
    make_app: Callable[..., Application], host: str
):
    async with requests_to(make_app(allowed_hosts="Mcp.example.ORG")) as client:
        for path in ("/metrics", "/mcp"):
            answer = await client.get(path, headers={"Host": host})
            assert answer.status_code != 421
            origin = await client.get(path, headers={"Host": host, "Origin": "HTTP://LocalHost:1"})
            assert origin.status_code != 403


@pytest.mark.parametrize("kind", ["APPLICATION/JSON", "Application/Json; charset=UTF-8"])
async def test_the_case_of_a_media_type_makes_no_difference(
    make_app: Callable[..., Application], kind: str
):
    async with requests_to(make_app()) as client:
        plain = await client.post("/mcp", headers=JSON, json=CALL)
        other = await client.post(
            "/mcp", headers={**JSON, "Content-Type": kind}, content=json.dumps(CALL)
        )
    assert plain.status_code != 415
    assert (other.status_code, other.json()) == (plain.status_code, plain.json())


@pytest.mark.parametrize("told", ["a.example.", "A.Example", "bücher.example", "[2001:db8:0::1]"])
async def test_a_name_that_is_allowed_is_known_as_clients_send_it(
    make_app: Callable[..., Application], told: str
):
    sent = {"bücher.example": "xn--bcher-kva.example", "[2001:db8:0::1]": "[2001:db8::1]"}
    host = sent.get(told, "a.example")
    app = make_app(allowed_hosts=told, allowed_origins=f"https://{told}")
    async with requests_to(app) as client:
        for name in (host, f"{host}:8443"):
            headers = {"Host": name, "Origin": f"https://{host}"}
            answer = await client.post("/mcp", headers={**headers, **JSON}, json=CALL)
            assert answer.status_code not in (403, 421)


@pytest.mark.parametrize(
    "host", ["localhost:1@evil.org", "localhost:abc", "localhost:1, evil", "localhost:999999"]
)
async def test_nothing_but_a_port_may_follow_an_allowed_host(
    make_app: Callable[..., Application], host: str
):
    async with requests_to(make_app()) as client:
        answer = await client.post("/mcp", headers={"Host": host, **JSON}, json=CALL)
    assert answer.status_code == 421


async def test_only_a_configured_proxy_says_whose_request_it_forwards(
    make_app: Callable[..., Application], file: Path
):
    add_token(file, "alice")

    async def codes(**settings: str) -> list[int]:
        async with requests_to(make_app(**settings), Tokens(file)) as client:
            from_one = [
                await client.get("/mcp", headers={"X-Forwarded-For": f"192.0.2.{place}"})
                for place in (*[1] * 31, 2)
            ]
        return [answer.status_code for answer in from_one][-2:]

    assert await codes() == [429, 429]
    assert await codes(trusted_proxies="10.0.0.0/8") == [429, 429]
    assert await codes(trusted_proxies="10.0.0.0/8, 127.0.0.1") == [429, 401]


async def test_a_body_over_the_limit_is_refused_and_the_same_connection_goes_on(
    make_app: Callable[..., Application],
):
    async with listening(make_app(body_bytes=20_000)) as address, connected_to(address) as call:
        session = await call.begin()
        async with httpx2.AsyncClient(headers=JSON) as client:
            answer = await client.post(f"{address}/mcp", json={**CALL, "params": "x" * 30_000})
        assert answer.status_code == 413
        with pytest.raises(MCPError):
            await call("remember", session_id=session, text="x" * 30_000)
        assert (await call("remember", session_id=session, text="y" * 3_000))["stored"] > 0
        assert (await call("recall", session_id=session, query="x"))["excerpts"] == []


async def test_a_body_that_does_not_arrive_in_time_is_answered_408(
    make_app: Callable[..., Application],
):
    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep_forever()

    async with requests_to(make_app(body_seconds=0.01)) as client:
        headers = {**JSON, "Content-Type": "application/json"}
        answer = await client.post("/mcp", content=slowly(), headers=headers)
        metrics = (await client.get("/metrics")).text
    assert answer.status_code == 408
    assert "within 0.01 s" in answer.text
    assert 'hypernet_mcp_refused_total{limit="body"} 1.0' in metrics


async def test_over_its_rate_a_principal_hears_when_to_come_back_and_others_are_not_slowed(
    make_app: Callable[..., Application], file: Path
):
    alice, bob = bearer(add_token(file, "alice")), bearer(add_token(file, "bob"))
    async with requests_to(make_app(requests_per_minute=3), Tokens(file)) as client:
        answers = [await client.get("/metrics", headers=alice) for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
        assert (await client.get("/metrics", headers=bob)).status_code == 200


async def test_failed_log_ins_are_limited_by_address_and_a_known_token_still_enters(
    make_app: Callable[..., Application], file: Path
):
    token = add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        codes = [(await client.get("/mcp", headers=bearer("no"))).status_code for _ in range(31)]
        entered = await client.get("/metrics", headers=bearer(token))
    assert codes == [401] * 30 + [429]
    assert entered.status_code == 200


def test_a_bucket_fills_at_its_rate_and_those_used_last_are_kept():
    now = 0.0
    rates = Rates(60, clock=lambda: now)
    assert [rates.take("a") for _ in range(60)] == [0.0] * 60
    assert rates.take("a") == pytest.approx(1.0)
    now = 2.0
    assert [rates.take("a") for _ in range(3)] == [0.0, 0.0, pytest.approx(1.0)]
    for number in range(KEYS - 1):
        rates.take(f"key {number}")
    assert rates.take("a") == pytest.approx(1.0), "kept among as many as there may be"
    for number in range(KEYS):
        rates.take(f"other {number}")
    assert rates.take("a") == 0.0, "forgotten, so full"


async def test_one_more_event_stream_than_allowed_is_refused_and_the_others_stay(
    make_app: Callable[..., Application],
):
    async with (
        listening(make_app(streams=1)) as address,
        connected_to(address, transport="sse") as call,
    ):
        async with httpx2.AsyncClient() as client:
            answer = await client.get(f"{address}/sse")
        assert answer.status_code == 429
        assert "the limit is 1" in answer.text
        assert (await call("status"))["sessions"] == []


async def test_one_more_call_than_allowed_is_refused_and_the_running_one_ends_well(
    make_app: Callable[..., Application], file: Path
):
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    going = threading.Event()
    engine = EchoEngine(before_token=lambda n: going.wait(10) and None)
    app = make_app(engine=engine, calls=1)
    results: list[Any] = []
    async with listening(app, Tokens(file)) as address, connected_to(address, alice) as call:
        session = await call.begin()

        async def run() -> None:
            results.append(await call("run_step", session_id=session, input="one two"))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            while engine.busy != (0, 1):
                await anyio.lowlevel.checkpoint()
            refusal = await call.refused("recall", session_id=session, query="x")
            assert "1 of yours are running, the limit" in refusal
            assert (await call("status"))["model"] == "ready"
            async with connected_to(address, bob) as other:
                await other.begin()
            going.set()
        found = (await call("recall", session_id=session, query="two"))["excerpts"]
    assert results[0]["output"] == found[0]["text"] == "one two"


async def test_calls_that_wait_for_the_model_leave_threads_for_those_that_do_not(
    make_app: Callable[..., Application],
):
    going = threading.Event()
    engine = EchoEngine(rows=64, before_token=lambda n: going.wait(10) and None)
    async with (
        listening(app := make_app(engine=engine)) as address,
        connected_to(address) as call,
        anyio.create_task_group() as tasks,
    ):
        for session in [app.store().create_session().id for _ in range(45)]:
            step = partial(call, "run_step", session_id=session, task=KNOWN, input="x")
            tasks.start_soon(step)
        with anyio.fail_after(8):
            while engine.busy != (0, 45):
                await anyio.lowlevel.checkpoint()
            assert (await call("status"))["model"] == "ready"
        going.set()


async def test_a_principal_at_its_limit_of_sessions_keeps_them_and_others_begin_theirs(
    make_app: Callable[..., Application], file: Path
):
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app(sessions_per_principal=1)
    async with listening(app, Tokens(file)) as address:
        async with connected_to(address, alice) as call:
            session = await call.begin()
            assert "the limit is 1" in await call.refused("set_task", task="One more.")
            assert (await call("run_step", session_id=session, input="on"))["step"] == 1
        async with connected_to(address, bob) as call:
            await call.begin()


async def test_a_connection_of_the_older_era_is_its_openers_alone(
    make_app: Callable[..., Application], file: Path
):
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    async with listening(make_app(), Tokens(file)) as address:
        seen: list[str] = []

        async def look(response: httpx2.Response) -> None:
            if (found := response.headers.get("mcp-session-id")) is not None:
                seen.append(found)

        async with (
            httpx2.AsyncClient(headers=bearer(alice), event_hooks={"response": [look]}) as http,
            Client(streamable_http_client(f"{address}/mcp", http_client=http), mode="legacy"),
            httpx2.AsyncClient(headers={**JSON, "Mcp-Session-Id": seen[0]}) as stranger,
        ):
            mine = await stranger.post(f"{address}/mcp", json=CALL, headers=bearer(alice))
            theirs = await stranger.post(f"{address}/mcp", json=CALL, headers=bearer(bob))
    assert (mine.status_code, theirs.status_code) == (200, 404)
