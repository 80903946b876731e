"""What HTTP answers besides MCP: health, readiness and the counters."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from anyio import to_thread
from mcp.shared.exceptions import MCPError
from prometheus_client.parser import text_string_to_metric_families
from serving import bearer, connected_to, counted, listening, requests_to
from support import KNOWN

from hypernet.base_model.sources import ModelNotFoundError
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.protocol.middleware import METHODS
from mcp_server.protocol.server import build_server
from mcp_server.telemetry.faults import DatabaseFaults
from mcp_server.telemetry.metrics import MOST_PRINCIPALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import Caller

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio


async def test_health_needs_no_token_and_says_nothing_of_why(
    make_app: Callable[..., Application], database: Path, tmp_path: Path
):
    def broken(*_: object) -> None:
        raise ModelNotFoundError("/secret/place is not there")

    add_token(file := tmp_path / "tokens", "alice")
    app = make_app(load=broken)
    async with requests_to(app, Tokens(file)) as client:
        while app.loader.state == "loading":
            await client.get("/healthz")
        answers = [await client.get(path) for path in ("/healthz", "/readyz")]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.json().keys() == {"status", "model", "store", "version"}
        assert (answer.json()["model"], answer.json()["store"]) == ("failed", "open")


async def test_a_loading_server_is_alive_but_not_ready(make_app: Callable[..., Application]):
    app = make_app()
    async with requests_to(app) as client:
        while app.loader.state != "ready":
            await client.get("/healthz")
        ready = await client.get("/readyz")
        app.loader.state = "loading"
        alive, not_yet = await client.get("/healthz"), await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert (alive.status_code, not_yet.status_code) == (200, 503)


async def test_a_store_that_cannot_be_opened_is_a_failure(
    make_app: Callable[..., Application], database: Path
):
    database.parent.mkdir()
    database.write_text("this is no database, and long enough to be looked at as one")
    async with requests_to(make_app()) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()["store"]) == (503, "failed")


async def test_a_database_that_fails_is_told_in_the_log_by_whatever_meets_it_and_once_a_minute(
    make_app: Callable[..., Application], database: Path, caplog: pytest.LogCaptureFixture
):
    database.parent.mkdir()
    database.write_text("this is no database, and long enough to be looked at as one")
    uri = "memory://sessions/x"
    async with listening(make_app()) as address, connected_to(address) as call:
        answer = await call.refused("set_task", task=KNOWN)
        again = await call.refused("set_task", task=KNOWN)
        with pytest.raises(MCPError) as by_resource:
            await call.client.read_resource(uri)
        async with httpx2.AsyncClient(base_url=address) as client:
            await client.get("/healthz")
    told = [r.getMessage() for r in caplog.records if r.name == "mcp_server.telemetry.faults"]
    assert answer == again == str(by_resource.value) == told[0]
    assert "memory.db" in told[0]
    assert len(told) == 1


async def test_a_database_that_is_moved_away_is_told_in_the_log(
    make_app: Callable[..., Application], database: Path, caplog: pytest.LogCaptureFixture
):
    async with listening(make_app()) as address, connected_to(address) as call:
        await call.begin()
        database.rename(database.with_name("other.db"))
        answer = await call.refused("set_task", task=KNOWN)
        state = (await call("status"))["database"]
        database.with_name("other.db").rename(database)
        again = (await call("status"))["database"]
        await call.begin()
    assert state.startswith("moved, deleted or replaced while it was open")
    assert not again.startswith("moved")
    told = [r.getMessage() for r in caplog.records if r.name == "mcp_server.telemetry.faults"]
    assert told == [answer]


async def test_a_full_database_is_told_in_the_log_once_though_its_size_changes(
    make_app: Callable[..., Application], caplog: pytest.LogCaptureFixture
):
    text = " ".join(str(number) for number in range(60_000))
    async with listening(make_app(database_mb=1)) as address, connected_to(address) as call:
        session = await call.begin()
        answers = [
            await call.refused("remember", session_id=session, text=f"{text} {n}") for n in range(2)
        ]
    told = [r.getMessage() for r in caplog.records if r.name == "mcp_server.telemetry.faults"]
    assert told == answers[:1]
    assert "the limit is 1048576" in told[0]


def test_a_fault_that_stays_is_told_again_after_a_minute(caplog: pytest.LogCaptureFixture):
    now = 0.0
    faults = DatabaseFaults(clock=lambda: now)
    for moment in (0.0, 59.0, 61.0, 62.0):
        now = moment
        faults.note("database m.db: is read-only")
    assert len(caplog.records) == 2


async def test_what_callers_do_wrong_is_no_fault_of_the_database(
    make_app: Callable[..., Application], caplog: pytest.LogCaptureFixture
):
    async with listening(make_app()) as address, connected_to(address) as call:
        await call.refused("run_step", session_id="database memory.db: x", input="x")
        await call.refused("set_task", task=" ")
    assert not [r for r in caplog.records if r.name == "mcp_server.telemetry.faults"]


async def job(call: Caller) -> None:
    session = await call.begin()
    await call.begin()
    for key in ("a", "b", "c", "c"):
        await call("run_step", session_id=session, input="one two three", step_key=key)
    await call("checkpoint_memory", session_id=session, label="mine")
    await call.refused("run_step", session_id="A" * 32, input="x")
    await call.refused("run_step", session_id=session, input=" ")
    await call.refused("no_such_tool_as_this", canary="canary")


async def test_a_job_is_counted_once_and_no_label_comes_from_a_user(
    make_app: Callable[..., Application], tmp_path: Path
):
    token = add_token(file := tmp_path / "tokens", "alice")
    async with listening(app := make_app(), Tokens(file)) as address:
        async with connected_to(address, token) as call:
            await job(call)
        async with httpx2.AsyncClient(base_url=address) as client:
            seen = await counted(client, **bearer(token))
    expected = {
        "hypernet_mcp_steps_total mode=adapter": 3,
        "hypernet_mcp_tokens_total part=generated": 9,
        "hypernet_mcp_adapters_total how=generated": 1,
        # The second set_task, and three steps.
        "hypernet_mcp_adapters_total how=reused": 4,
        "hypernet_mcp_saturation_count": 3,
        # The step's own, and the one asked for.
        "hypernet_mcp_checkpoints_total": 2,
        "hypernet_mcp_calls_total outcome=ok tool=run_step": 4,
        "hypernet_mcp_calls_total outcome=error tool=run_step": 2,
        "hypernet_mcp_calls_total outcome=error tool=unknown": 1,
        "hypernet_mcp_errors_total kind=UnknownSession": 1,
        "hypernet_mcp_errors_total kind=InputError": 1,
        "hypernet_mcp_calls_running": 0,
        "hypernet_mcp_rows_busy": 0,
        "hypernet_mcp_queue_length": 0,
        "hypernet_mcp_model_ready": 1,
    }
    assert {name: seen.get(name) for name in expected} == expected
    assert seen["hypernet_mcp_tokens_total part=prompt"] >= 9
    assert seen["hypernet_mcp_commit_seconds_count"] >= 6
    allowed = {tool.name for tool in await build_server(app).list_tools()} | {*METHODS, "unknown"}
    labels = {
        word.split("=", 1)[1] for name in seen for word in name.split()[1:] if "tool=" in word
    }
    assert labels <= allowed
    assert not any("canary" in name or KNOWN in name for name in seen)


async def test_an_operator_sees_sessions_tasks_fit_confidence_refinements_and_the_database(
    make_app: Callable[..., Application], database: Path, tmp_path: Path
):
    alice, bob = (add_token(tmp_path / "tokens", name) for name in ("alice", "bob"))
    examples = [{"input": f"{n}", "output": f"{n}"} for n in range(8)]
    async with (
        listening(make_app(), Tokens(tmp_path / "tokens")) as address,
        httpx2.AsyncClient(base_url=address, headers=bearer(alice)) as client,
    ):
        before = await counted(client)
        async with connected_to(address, alice) as call:
            session = await call.begin(KNOWN, labels=["good", "bad"])
            await call("run_step", session_id=session, input="it is good")
            await call.begin("Something else.", examples=examples)
            await call.begin("Something else.", examples=examples)
        async with connected_to(address, bob) as call:
            session = await call.begin()
            await call("run_step", session_id=session, input="x")
            await call.refused("run_step", session_id="A" * 32, input="x")
        seen = await counted(client)
    wal = database.with_name(f"{database.name}-wal")
    expected = {
        "hypernet_mcp_sessions": 4,
        "hypernet_mcp_tasks_total fit=known refined=no": 2,
        "hypernet_mcp_tasks_total fit=unknown refined=yes": 2,
        "hypernet_mcp_step_fits_total fit=known": 2,
        "hypernet_mcp_confidence_count form=labels": 1,
        "hypernet_mcp_confidence_sum form=labels": 0.9,
        # The second one was there already.
        "hypernet_mcp_refinement_seconds_count": 1,
        "hypernet_mcp_principal_sessions principal=alice": 3,
        "hypernet_mcp_principal_sessions principal=bob": 1,
        "hypernet_mcp_principal_steps_total principal=alice": 1,
        "hypernet_mcp_principal_calls_total outcome=error principal=bob": 1,
        "hypernet_mcp_principal_calls_total outcome=ok principal=bob": 2,
        "hypernet_mcp_database_bytes part=file": database.stat().st_size,
        "hypernet_mcp_database_bytes part=wal": wal.stat().st_size,
    }
    assert {name: seen.get(name) for name in expected} == expected
    assert (before["hypernet_mcp_sessions"], wal.stat().st_size > 0) == (0, True)


async def taught(call: Caller, app: Application) -> None:
    """A saved task that is learned, asks for review, is corrected, confirmed and taken back."""
    examples = [{"input": f"{'ab'[n % 2]} {n}", "output": "ab"[n % 2]} for n in range(16)]
    await call("save_task", name="letters", task="Sort.", labels=["a", "b"], examples=examples)
    await to_thread.run_sync(app.learner.wait)
    session = (await call("set_task", name="letters"))["session_id"]
    for n in (1, 2):
        await call("run_step", session_id=session, input=f"a of {n}", ask_below=1.0)
    await call("correct_step", session_id=session, step=1, output="b")
    await call("correct_step", session_id=session, step=1, output="b")
    await call("correct_step", session_id=session, step=2)
    await call("correct_step", session_id=session, step=1, take_back=True)
    await to_thread.run_sync(app.learner.wait)


async def test_what_tasks_learn_is_counted_by_whose_it_is(
    make_app: Callable[..., Application], tmp_path: Path
):
    token = add_token(file := tmp_path / "tokens", "alice")
    app = make_app()
    async with listening(app, Tokens(file)) as address:
        async with connected_to(address, token) as call:
            await taught(call, app)
        async with httpx2.AsyncClient(base_url=address, headers=bearer(token)) as client:
            seen = await counted(client)
    expected = {
        "hypernet_mcp_saved_tasks": 1,
        "hypernet_mcp_principal_saved_tasks principal=alice": 1,
        "hypernet_mcp_reviews_asked_total principal=alice": 2,
        "hypernet_mcp_corrections_total kind=corrected principal=alice": 1,
        "hypernet_mcp_corrections_total kind=confirmed principal=alice": 1,
        "hypernet_mcp_corrections_total kind=taken_back principal=alice": 1,
        "hypernet_mcp_learning_seconds_count outcome=learned": 1,
    }
    assert {name: seen.get(name) for name in expected} == expected
    seconds = seen["hypernet_mcp_principal_learning_seconds_total principal=alice"]
    assert seconds == seen["hypernet_mcp_learning_seconds_sum outcome=learned"] > 0


async def test_each_of_several_corrections_that_changed_something_is_counted(
    make_app: Callable[..., Application], tmp_path: Path
):
    token = add_token(file := tmp_path / "tokens", "alice")
    async with listening(make_app(), Tokens(file)) as address:
        async with connected_to(address, token) as call:
            session = await call.begin()
            await call("run_steps", session_id=session, inputs=["one", "two", "three"])
            outputs = {"1": "uno", "2": "dos", "3": "three"}
            for _ in range(2):
                await call("correct_step", session_id=session, outputs=outputs)
        async with httpx2.AsyncClient(base_url=address, headers=bearer(token)) as client:
            seen = await counted(client)
    counts = {name: n for name, n in seen.items() if "corrections_total" in name}
    assert counts == {
        "hypernet_mcp_corrections_total kind=corrected principal=alice": 2,
        "hypernet_mcp_corrections_total kind=confirmed principal=alice": 1,
    }


async def test_only_so_many_principals_have_series_of_their_own(
    make_app: Callable[..., Application],
):
    app = make_app()
    for number in range(MOST_PRINCIPALS + 20):
        for _ in range(1 + (number >= 20)):
            app.store().create_session(f"name {number}")
    app.store().create_session()
    async with requests_to(app) as client:
        seen = await counted(client)
    series = {n: v for n, v in seen.items() if n.startswith("hypernet_mcp_principal_sessions")}
    # Those with the most sessions.
    assert series.pop("hypernet_mcp_principal_sessions principal=(other)") == 20
    assert series.pop("hypernet_mcp_principal_sessions principal=(none)") == 1
    assert set(series.values()) == {2}
    assert len(series) == MOST_PRINCIPALS
    assert seen["hypernet_mcp_sessions"] == 2 * MOST_PRINCIPALS + 21


async def test_the_metrics_can_be_kept_for_some(
    make_app: Callable[..., Application], tmp_path: Path
):
    alice, bob = (add_token(tmp_path / "tokens", name) for name in ("alice", "bob"))
    app = make_app(metrics_readers="carol, bob")
    async with requests_to(app, Tokens(tmp_path / "tokens")) as client:
        codes = [
            (await client.get(path, headers=bearer(token))).status_code
            for path in ("/metrics", "/metrics/")
            for token in (alice, bob)
        ]
        other = await client.get("/nothing", headers=bearer(alice))
    assert codes == [403, 200] * 2
    assert other.status_code == 404


DOCUMENTED = re.compile(r"^\| `(\w+)` \| (counter|gauge|histogram) \|(.*?)\| ", re.MULTILINE)


async def test_every_metric_is_documented_with_its_type_and_labels(
    make_app: Callable[..., Application], tmp_path: Path
):
    token = add_token(file := tmp_path / "tokens", "alice")
    app = make_app()
    async with listening(app, Tokens(file)) as address:
        async with connected_to(address, token) as call:
            await job(call)
            await taught(call, app)
            examples = [{"input": f"{n}", "output": "a"} for n in range(8)]
            session = await call.begin(KNOWN, labels=["a", "b"], examples=examples)
            await call("run_step", session_id=session, input="a")
        async with httpx2.AsyncClient(base_url=address) as client:
            await client.get("/metrics")
            body = {"model": "auto", "input": "x"}
            await client.post("/v1/responses", json=body, headers=bearer(token))
            text = (await client.get("/metrics", headers=bearer(token))).text
    served = {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        if not name.endswith("_created"):
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            served[name] = (family.type, labels)
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    told = {
        name: (kind, set(re.findall(r"(?:^|;) `(\w+)`", labels)))
        for name, kind, labels in DOCUMENTED.findall(page)
    }
    if sys.platform != "linux":
        told = {name: each for name, each in told.items() if not name.startswith("process_")}
    assert told == served
