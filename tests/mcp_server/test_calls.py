"""Bad input gets a tool error that names field and limit or remedy; nothing is changed."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from support import KNOWN, connected

from checkpoints import Store
from hypernet.engine.echo import EchoEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

BAD_STEPS: list[tuple[dict[str, Any], str]] = [
    ({"input": ""}, "input: must not be empty"),
    ({"input": " \n"}, "input: must not be empty"),
    ({"input": "x" * 400_001}, "input: 400001 characters, the limit is 400000"),
    ({"input": "word " * 9000}, "the model's window is 8192"),
    ({"input": "a\x00b"}, "input: must not hold NUL"),
    ({"input": "x", "labels": ["one"]}, "labels: 1 given, allowed are 2 to 64"),
    ({"input": "x", "labels": [str(n) for n in range(1000)]}, "labels: 1000 given"),
    ({"input": "x", "labels": ["a", " "]}, "labels[1]: must not be empty"),
    ({"input": "x", "labels": ["a", "a"]}, "labels: the same label"),
    ({"input": "x", "labels": ["a", "b" * 300]}, "labels[1]: 300 characters, the limit is 200"),
    ({"input": "x", "task": ""}, "task: must not be empty"),
    ({"input": "x", "task": "t" * 8001}, "task: 8001 characters, the limit is 8000"),
    ({"input": "x", "max_tokens": 0}, "max_tokens: 0 is not between 1 and 2048"),
    ({"input": "x", "max_tokens": 9999}, "max_tokens: 9999 is not between 1 and 2048"),
    ({"input": "x", "temperature": -1.0}, "temperature: -1.0 is not between"),
    ({"input": "x", "temperature": 2.5}, "temperature: 2.5 is not between"),
    ({"input": "x", "seed": -1}, "seed: -1 is not between"),
    ({"input": "x", "context_tokens": 10**6}, "context_tokens: 1000000 is not between"),
    ({"input": "x", "documents": ["d"] * 65}, "documents: 65 entries, the limit is 64"),
    ({"input": "x", "documents": [""]}, "documents[0]: must not be empty"),
    ({"input": "x", "documents": ["d" * 400_001]}, "documents[0]: 400001 characters"),
    ({"input": "x", "step_key": "k" * 500}, "step_key"),
    ({"input": "x", "step_key": ""}, "step_key"),
    ({"input": "x", "labels": ["a", "b"], "output_schema": {}}, "output_schema: give either"),
    ({"input": "x", "labels": ["a", "b"], "copy": True}, "copy: give either labels or copy"),
    ({"input": "x", "output_schema": {}, "copy": True}, "copy: give either output_schema or copy"),
    ({"input": "  ", "copy": True}, "input: must not be empty"),
    ({"input": "x", "documents": ["kept?"], "output_schema": {}}, "output_schema: the echo engine"),
    ({"input": "lone \ud800 surrogate"}, "surrogate"),
]


@pytest.mark.parametrize(("arguments", "expected"), BAD_STEPS)
async def test_a_bad_step_is_refused_by_name_and_leaves_the_session_as_it_was(
    make_app: MakeApp, arguments: dict[str, Any], expected: str
):
    async with connected(make_app()) as call:
        session = await call.begin()
        before = (await call("status", session_id=session))["sessions"]
        message = await call.refused("run_step", session_id=session, **arguments)
        after = (await call("status", session_id=session))["sessions"]
        good = await call("run_step", session_id=session, input="still works")
    assert expected in message
    assert after == before
    assert good["step"] == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"task": ""}, "task: must not be empty"),
        ({"task": "x" * 10_000}, "task: 10000 characters, the limit is 8000"),
        ({"task": "x", "labels": ["a"]}, "labels: 1 given"),
        ({"task": "x", "examples": [{"input": "i", "output": "o"}] * 201}, "examples: 201 entries"),
        ({"task": "x", "examples": [{"input": "", "output": "o"}]}, "examples[0].input: must not"),
        (
            {
                "task": "x",
                "labels": ["a", "b"],
                "examples": [{"input": "i", "output": " a\n"}, {"input": "i", "output": "A"}],
            },
            "examples[1].output: 'A' is none of the labels",
        ),
        ({"task": "x", "mode": "magic"}, "mode"),
        ({"task": "x", "refine": True}, "refine: there are no examples"),
        ({"task": "x", "refine": "often"}, "refine"),
        ({"task": "x", "session_id": "nobody"}, "session_id"),
        ({"task": "x", "session_id": "../../etc"}, "session_id: an id has 1 to 64"),
    ],
)
async def test_a_bad_task_is_refused_by_name_and_begins_no_session(
    make_app: MakeApp, arguments: dict[str, Any], expected: str
):
    async with connected(make_app()) as call:
        message = await call.refused("set_task", **arguments)
        status = await call("status")
    assert expected in message
    assert status["sessions"] == []


HANDLES = ["nobody", "", "../x", "a/b", "x" * 65, "a b", "'; DROP TABLE sessions;--", "\x00", "é"]


@pytest.mark.parametrize("handle", HANDLES)
async def test_an_unknown_or_malformed_handle_is_refused_by_every_tool(
    make_app: MakeApp, handle: str
):
    async with connected(make_app()) as call:
        refusals = [
            await call.refused("run_step", session_id=handle, input="x"),
            await call.refused("run_steps", session_id=handle, inputs=["x", "y"]),
            await call.refused("checkpoint_memory", session_id=handle),
            await call.refused("remember", session_id=handle, text="x"),
            await call.refused("recall", session_id=handle, query="x"),
            await call.refused("pin_memory", session_id=handle, item_ids=[]),
            await call.refused("quarantine_memory", session_id=handle, source="x"),
            await call.refused("status", session_id=handle),
            await call.refused("set_task", session_id=handle, task="x"),
        ]
        unknown = await call.refused("restore_memory", checkpoint_id=handle)
    assert all("session_id" in text or "session" in text for text in refusals), refusals
    assert "checkpoint" in unknown


async def test_a_checkpoint_of_another_session_is_refused(make_app: MakeApp):
    async with connected(make_app()) as call:
        mine, other = await call.begin(), await call.begin()
        point = await call("checkpoint_memory", session_id=other)
        message = await call.refused(
            "restore_memory", checkpoint_id=point["checkpoint_id"], session_id=mine
        )
    assert "checkpoint" in message
    assert "was not made in session" in message


async def test_a_step_before_any_task_is_refused_with_set_task(make_app: MakeApp, database: Path):
    app = make_app()
    session = app.store().create_session().id
    async with connected(app) as call:
        message = await call.refused("run_step", session_id=session, input="x")
    assert "set_task" in message


async def test_an_input_over_a_small_window_stores_none_of_its_documents(make_app: MakeApp):
    app = make_app(engine=EchoEngine(window=20))
    async with connected(app) as call:
        session = await call.begin()
        message = await call.refused(
            "run_step", session_id=session, input="w " * 30, max_tokens=5, documents=["doc"]
        )
        status = await call("status", session_id=session)
    assert "window is 20" in message
    assert status["sessions"][0]["items"] == 0


async def test_a_database_that_is_none_is_refused_and_left_alone(make_app: MakeApp, database: Path):
    database.parent.mkdir()
    database.write_bytes(b"this is a diary, not a database" * 100)
    before = database.read_bytes()
    async with connected(make_app()) as call:
        message = await call.refused("status")
    assert "not an SQLite database; choose another file" in message
    assert database.read_bytes() == before


async def test_a_newer_database_is_refused_with_what_to_do(make_app: MakeApp, database: Path):
    Store.open(database).close()
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    async with connected(make_app()) as call:
        message = await call.refused("set_task", task=KNOWN)
    assert "schema version is 9999" in message
    assert "upgrade the program" in message


async def test_a_read_only_database_is_refused_with_what_to_do(make_app: MakeApp, database: Path):
    Store.open(database).close()
    database.chmod(0o400)
    async with connected(make_app()) as call:
        message = await call.refused("set_task", task=KNOWN)
    assert "read-only" in message or "read only" in message


async def test_a_database_held_by_another_server_is_refused_until_that_one_ends(
    make_app: MakeApp, database: Path
):
    holder = Store.open(database)
    async with connected(make_app()) as call:
        message = await call.refused("set_task", task=KNOWN)
        holder.close()
        task = await call("set_task", task=KNOWN)
    assert f"in use by process {os.getpid()}" in message
    assert task["session_id"]


async def test_errors_show_neither_stacks_nor_paths(make_app: MakeApp, database: Path):
    database.parent.mkdir()
    database.write_bytes(b"x" * 5000)
    async with connected(make_app()) as call:
        message = await call.refused("status")
    assert str(database.parent) not in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "task", [{"strange": 1}, {"task": "text"}, {"task": {"description": 5}, "mode": "auto"}]
)
async def test_a_session_with_a_task_of_another_make_is_listed_and_can_be_given_a_new_one(
    make_app: MakeApp, task: dict[str, Any], database: Path
):
    with Store.open(database) as store:
        handle = store.create_session().id
        store.set_task(handle, task)
    async with connected(make_app()) as call:
        assert (await call("status", session_id=handle))["sessions"][0]["task"] is None
        said = await call.refused("run_step", session_id=handle, input="x")
        assert "call set_task again" in said
        await call("set_task", session_id=handle, task=KNOWN)
        assert (await call("run_step", session_id=handle, input="x"))["step"] == 1
