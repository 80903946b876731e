"""What goes to the log: a line for each call, and no text of users unless it is asked for."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from support import connected

from hypernet.engine.echo import EchoEngine
from mcp_server.telemetry import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """The tests' own logging comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in logs.TALKATIVE}
    yield
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def failing(_: int) -> None:
    raise RuntimeError("the canary is in the error")


async def job(app: Application, era: str = "auto") -> str:
    async with connected(app, era) as call:
        session = await call.begin("Find the canary.")
        await call("run_step", session_id=session, input="canary one two")
        await call.refused("run_step", session_id="canary" * 6, input="canary")
        await call.refused("canary_tool")
        await call.refused("run_step", session_id=session, input=7)
    return session


async def test_each_call_is_one_line_of_values(
    make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str], era: str
):
    logs.configure("INFO", as_json=True)
    session = await job(make_app(), era)
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in capsys.readouterr().err.splitlines()
    ]
    calls = [line for line in lines if line["message"] == "call"]
    assert [(c["tool"], c["outcome"], c.get("error")) for c in calls] == [
        ("set_task", "ok", None),
        ("run_step", "ok", None),
        ("run_step", "error", "UnknownSession"),
        ("unknown", "error", "ToolError"),
        ("run_step", "error", "ValidationError"),
    ]
    assert [c.get("session") for c in calls[:2]] == [logs.short(session)] * 2
    assert session not in str(lines)
    assert calls[1]["generated_tokens"] == 3
    assert all(c["ms"] >= 0 and "principal" not in c for c in calls)


@pytest.mark.parametrize("form", ["plain", "json"])
async def test_no_text_of_users_is_logged_not_even_by_errors(
    make_app: Callable[..., Application],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    form: str,
):
    logs.configure("DEBUG", as_json=form == "json")
    await job(make_app())
    await fail(make_app(database=tmp_path / "other.db", engine=EchoEngine(before_token=failing)))
    written = capsys.readouterr().err
    assert "RuntimeError" in written
    assert "failing" in written
    assert "canary" not in written


async def fail(app: Application) -> None:
    async with connected(app) as call:
        session = await call.begin()
        assert "canary" not in await call.refused("run_step", session_id=session, input="canary x")


async def test_text_is_logged_when_it_is_asked_for(
    make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    logs.configure("INFO", as_json=True, text=True)
    await job(make_app(log_text=True))
    async with connected(make_app(database=tmp_path / "third.db", log_text=True)) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="one")
        await call("correct_step", session_id=session, step=1, output="canary")
        await call("correct_step", session_id=session, outputs={"1": "canary"})
    await fail(
        make_app(
            database=tmp_path / "other.db", engine=EchoEngine(before_token=failing), log_text=True
        )
    )
    written = capsys.readouterr().err
    calls = [json.loads(line) for line in written.splitlines()]
    step = next(c for c in calls if c.get("tool") == "run_step")
    assert (step["input"], step["output"]) == ("canary one two", "canary one two")
    told = [c.get("output") for c in calls if c.get("tool") == "correct_step"]
    assert told == ["canary", None]  # of several there is no one output
    assert "the canary is in the error" in written


def test_a_plain_line_stays_one_line_whatever_it_holds(capsys: pytest.CaptureFixture[str]):
    logs.configure("INFO")
    logging.getLogger("x").info("a\nb\x1b[31m", extra={"fields": {"name": "c\r\nd", "none": None}})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(r"info a\nb\x1b[31m name=c\r\nd")


def test_a_level_leaves_out_what_is_under_it(capsys: pytest.CaptureFixture[str]):
    logs.configure("WARNING")
    logging.getLogger("x").info("no")
    logging.getLogger("x").warning("yes")
    assert capsys.readouterr().err.splitlines()[0].endswith("warning yes")
