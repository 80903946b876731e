"""What HTTP answers besides MCP: health, readiness and the counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import bearer, connected_to, listening, requests_to
from support import KNOWN

from hypernet.base_model.sources import ModelNotFoundError
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.protocol.middleware import METHODS
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import Caller

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio


async def counted(client: httpx2.AsyncClient, **headers: str) -> dict[str, float]:
    """Every sample of /metrics by its name and labels."""
    text = (await client.get("/metrics", headers=headers)).text
    return {
        sample.name
        + "".join(
            f" {label}={value}" for label, value in sorted(sample.labels.items())
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


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
    assert not any("canary" in name or KNOWN in name or "alice" in name for name in seen)
