"""Opening a database: what is refused at once, and what the check behind the answers finds."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support import KNOWN, connected

from checkpoints import NotADatabase, StepDraft, Store, StoreDamaged
from checkpoints.file import checking
from mcp_server.cli.doctor import examine
from mcp_server.http.application import health_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

PAGE = 4096
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def session(database: Path) -> str:
    """A session of fifty steps in a database of a few hundred pages."""
    with Store.open(database) as store:
        handle = store.create_session().id
        task = {"task": {"description": KNOWN}, "mode": "auto", "refined": False}
        store.set_task(handle, task)
        for number in range(50):
            text = f"{number} " * 5_000
            draft = StepDraft(text, f"answer {number}", task["task"], "adapter", None, {})  # type: ignore[arg-type]  # a mapping, as three lines above
            store.append_step(handle, draft)
    return handle


@pytest.fixture
def damaged(database: Path, session: str) -> str:
    """The same, with a page overwritten that holds nothing but a part of one long input."""
    content = bytearray(database.read_bytes())
    middle = b"25 " * 1_300
    page = content.index(middle) // PAGE * PAGE
    while set(content[page + 4 : page + PAGE]) != set(b"25 "):
        page += PAGE
    content[page : page + PAGE] = b"\xff" * PAGE
    database.write_bytes(content)
    return session


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The check of the whole file waits for this event, and nobody waits for the check."""
    event, first_problem = threading.Event(), checking.first_problem

    def later(connection: sqlite3.Connection) -> str | None:
        assert event.wait(60)
        return first_problem(connection)

    monkeypatch.setattr(checking, "first_problem", later)
    monkeypatch.setattr("mcp_server.app.application.CHECK_SECONDS", 0)
    yield event
    event.set()


@pytest.mark.anyio
async def test_calls_are_answered_while_the_whole_file_is_still_being_checked(
    make_app: MakeApp, session: str, go_on: threading.Event
):
    async with connected(make_app()) as call:
        assert (await call("status"))["database"] == "being checked"
        assert (await call("run_step", session_id=session, input="next"))["step"] == 51
        go_on.set()
        while (state := (await call("status"))["database"]) == "being checked":
            pass
    assert state == "sound"


@pytest.mark.anyio
async def test_damage_that_is_found_behind_the_answers_stops_writes_and_is_told_everywhere(
    make_app: MakeApp, damaged: str, go_on: threading.Event, caplog: pytest.LogCaptureFixture
):
    app = make_app()
    async with connected(app) as call:
        before = await call("run_step", session_id=damaged, input="first")
        go_on.set()
        with caplog.at_level(logging.ERROR):
            while (state := (await call("status"))["database"]) == "being checked":
                pass
        refusals = [
            await call.refused("run_step", session_id=damaged, input="second"),
            await call.refused("remember", session_id=damaged, text="more"),
            await call.refused("delete_memory", session_id=damaged, whole_session=True),
            await call.refused("set_task", task="A new session."),
        ]
        read = await call("status", session_id=damaged)
        assert (await health_of(app))["store"] == "damaged"
        (found,) = [each for each in examine(app.settings) if each.what == "database"]
    assert before["step"] == 51
    assert state.startswith("damaged, nothing is written to it any more")
    for refusal in refusals:
        assert "is damaged" in refusal
        assert "nothing is written to it any more" in refusal
    assert read["sessions"][0]["steps"] == 51
    assert "the database is damaged" in caplog.text
    assert (found.ok, "it is damaged" in found.remedy) == (False, True)
    app.close()
    # The next process waits for the whole check, as this one left word of it.
    async with connected(make_app()) as call:
        assert "is damaged" in await call.refused("status")


def test_damage_that_a_call_meets_stops_writes_too(
    database: Path, damaged: str, go_on: threading.Event
):
    with Store.open(database, check_seconds=0) as store:
        with pytest.raises(NotADatabase, match="damaged"):
            store.steps(damaged)
        with pytest.raises(StoreDamaged, match=r"memory\.db: is damaged"):
            store.create_session()
        assert store.session(damaged).steps == 50
        go_on.set()


def test_a_sound_file_in_the_place_of_a_damaged_one_is_opened(database: Path, session: str):
    sound = database.read_bytes()
    database.write_bytes(sound[: len(sound) // 2] + b"\xff" * (len(sound) - len(sound) // 2))
    for _ in range(2):
        with pytest.raises(NotADatabase, match="damaged"):
            Store.open(database, check_seconds=0)
    database.write_bytes(sound)
    with Store.open(database) as store:
        assert store.maintenance.checked() == ("sound", None)


@pytest.mark.parametrize("part", ["header", "schema", "root of a table", "end"])
def test_evident_damage_is_refused_before_anything_is_answered(
    database: Path, session: str, go_on: threading.Event, part: str
):
    with closing(sqlite3.connect(database)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'texts'").fetchone()
    content = bytearray(database.read_bytes())
    size = len(content)
    first, end = {
        "header": (0, 16),
        "schema": (100, PAGE),
        "root of a table": ((root - 1) * PAGE, root * PAGE),
        "end": (size // 2, size),
    }[part]
    content[first:end] = b"" if part == "end" else b"\xff" * (end - first)
    database.write_bytes(content)
    before = database.read_bytes()
    with pytest.raises(NotADatabase, match="damaged"):
        Store.open(database, check_seconds=0)
    assert database.read_bytes() == before


def test_a_check_makes_room_for_a_prune_and_begins_anew(
    database: Path, session: str, monkeypatch: pytest.MonkeyPatch
):
    first_problem, checks = checking.first_problem, []

    def at_first_endless(connection: sqlite3.Connection) -> str | None:
        checks.append(connection)
        if len(checks) == 1:
            connection.execute(ENDLESS).fetchall()
        return first_problem(connection)

    monkeypatch.setattr(checking, "first_problem", at_first_endless)
    ended = threading.Event()
    with Store.open(
        database, check_seconds=0, checked=lambda problem, seconds: ended.set()
    ) as store:
        store.maintenance.prune()
        assert ended.wait(60)
        assert store.maintenance.checked() == ("sound", None)
        assert database.with_name("memory.db-wal").stat().st_size == 0
    assert len(checks) == 2
