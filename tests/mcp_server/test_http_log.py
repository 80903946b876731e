"""What an operator reads of refused requests: who, from where, in lines that nothing can forge."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from serving import bearer, counted, requests_to

from mcp_server.http.refusal_log import LINES_PER_ADDRESS, LINES_PER_MINUTE, AtMost, RefusalLog
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.telemetry import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio

CONTROL = "x\x1b[31m\x9b\u202e\u2028"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    add_token(tmp_path / "tokens", "alice")
    return tmp_path / "tokens"


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """The tests' own logging comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    names = (*logs.TALKATIVE, logs.SAID_ALREADY)
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def refusals(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines about refused requests, from a log in JSON."""
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [line for line in lines if line["message"].startswith("refused: ")]


async def test_a_failed_log_in_is_logged_with_the_address_and_never_with_the_token(
    make_app: Callable[..., Application], file: Path, capsys: pytest.CaptureFixture[str]
):
    logs.configure("INFO", as_json=True, text=True)
    async with requests_to(make_app(), Tokens(file)) as client:
        await client.get("/mcp", headers=bearer("a-canary-of-a-token"))
        await client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    one, two = refusals(capsys)
    assert one == one | {
        "level": "warning", "message": "refused: log-in", "address": "127.0.0.1",
        "reason": "unknown token", "path": "/mcp",
    }  # fmt: skip
    assert (two["address"], two["reason"], two["path"]) == ("127.0.0.1", "no token", "/metrics")
    assert "canary" not in str((one, two))


async def test_behind_a_trusted_proxy_the_address_is_the_forwarded_one(
    make_app: Callable[..., Application], file: Path, capsys: pytest.CaptureFixture[str]
):
    logs.configure("INFO", as_json=True)
    app = make_app(trusted_proxies="127.0.0.1, 10.0.0.0/8")
    async with requests_to(app, Tokens(file)) as client:
        for forwarded in ("192.0.2.1", "203.0.113.9, 192.0.2.2, 10.1.1.1", "2001:db8::1"):
            await client.get("/mcp", headers={"X-Forwarded-For": forwarded})
        await client.get("/mcp", headers={"X-Forwarded-For": "192.0.2.3", "Host": "evil.example"})
    assert [line["address"] for line in refusals(capsys)] == [
        "192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.3",
    ]  # fmt: skip


async def test_a_refused_host_or_origin_is_logged_and_counted(
    make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str]
):
    logs.configure("INFO", as_json=True, text=True)
    async with requests_to(make_app()) as client:
        await client.get("/metrics", headers={"Host": "evil.example"})
        await client.get("/mcp", headers={"Origin": "https://evil.example"})
        await client.options("/mcp", headers={"Origin": "null"})
        metrics = (await client.get("/metrics")).text
    lines = refusals(capsys)
    assert [line["message"] for line in lines] == ["refused: host", *["refused: origin"] * 2]
    assert [line.get("host", line.get("origin")) for line in lines] == [
        "evil.example", "https://evil.example", "null",
    ]  # fmt: skip
    assert {line["address"] for line in lines} == {"127.0.0.1"}
    assert 'hypernet_mcp_refused_total{limit="host"} 1.0' in metrics
    assert 'hypernet_mcp_refused_total{limit="origin"} 2.0' in metrics


async def test_a_flood_is_counted_whole_and_logged_in_part(
    make_app: Callable[..., Application], file: Path, capsys: pytest.CaptureFixture[str]
):
    logs.configure("INFO", as_json=True, text=True)
    app = make_app(trusted_proxies="127.0.0.1")
    token = add_token(file, "bob")
    async with requests_to(app, Tokens(file)) as client:
        for place in range(200):
            host = {"Host": "evil.example", "X-Forwarded-For": f"192.0.2.{place}"}
            await client.get("/mcp", headers=host)
        for _ in range(40):
            await client.get("/mcp", headers={"X-Forwarded-For": "192.0.2.1"})
        metrics = await counted(client, **bearer(token))
    # Nothing else of it in the log either, such as the protocol library's own lines. On a slow
    # machine a few more: the flood takes some of the next minute.
    lines = capsys.readouterr().err.splitlines()
    assert LINES_PER_MINUTE <= sum("evil.example" in line for line in lines) < 150
    assert LINES_PER_ADDRESS <= sum("refused: log-in" in line for line in lines) < 20
    assert metrics["hypernet_mcp_refused_total limit=host"] == 200
    by_token, by_rate = (
        metrics[f"hypernet_mcp_refused_total limit={limit}"] for limit in ("token", "log-ins")
    )
    assert by_token + by_rate == 40
    assert by_rate > 0


def test_the_first_line_after_a_flood_says_how_many_were_left_out(
    caplog: pytest.LogCaptureFixture,
):
    now = 0.0
    log = RefusalLog(clock=lambda: now)
    for _ in range(LINES_PER_ADDRESS + 5):
        log.note("host", "192.0.2.1", host="x")
    now = 60.0
    log.note("log-in", "192.0.2.1")
    log.note("host", "192.0.2.2", host="x" * 10_000)
    log.note("host", "192.0.2.2", host="x")
    fields = [vars(record)["fields"] for record in caplog.records][LINES_PER_ADDRESS:]
    assert [each.get("left_out") for each in fields] == [None, 5, None]
    assert len(fields[1]["host"]) == 200


def test_warnings_that_anyone_can_bring_about_are_bounded_and_others_are_not():
    bounded = AtMost()
    same = [logging.makeLogRecord({"msg": "bad request", "levelno": logging.WARNING})] * 100
    other = logging.makeLogRecord({"msg": "started", "levelno": logging.INFO})
    assert [bounded.filter(each) for each in same].count(True) == LINES_PER_MINUTE
    assert all(bounded.filter(other) for _ in range(100))


@pytest.mark.parametrize("form", ["plain", "json"])
@pytest.mark.parametrize("text", [True, False])
def test_nothing_that_is_logged_steers_a_terminal_or_forges_a_line(
    capsys: pytest.CaptureFixture[str], form: str, text: bool
):
    logs.configure("INFO", as_json=form == "json", text=text)
    forged = f"{CONTROL}\n2026-01-01T00:00:00Z warning refused: log-in address=192.0.2.1"
    try:
        raise ValueError(forged)
    except ValueError:
        logging.getLogger("mcp_server.test").exception(
            "said %s", forged, extra={"fields": {"address": forged}}
        )
    written = capsys.readouterr().err
    assert written.isascii() or form == "plain"
    assert all(character.isprintable() for character in written.replace("\n", ""))
    first, *others = written.splitlines()
    assert "\\x1b[31m" in first or "\\u001b[31m" in first
    assert all(line.startswith(" ") for line in others)
    assert bool(others) == (form == "plain")


def test_a_value_cannot_pass_for_several(capsys: pytest.CaptureFixture[str]):
    logs.configure("INFO")
    forged = 'x" refused: log-in address=192.0.2.1'
    fields = {"host": forged, "path": "/mcp", "empty": ""}
    logging.getLogger("mcp_server.test").warning("refused: host", extra={"fields": fields})
    line = capsys.readouterr().err.strip()
    assert line.endswith(f'refused: host host={json.dumps(forged)} path=/mcp empty=""')
