"""`hypernet-mcp view`: the page on a database, beside the server that has it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest
from click.testing import CliRunner

from checkpoints import Store
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.cli.main import main
from mcp_server.http.application import build_reader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TASK = {"task": {"description": "Sort tickets."}, "mode": "auto", "refined": False}


def invoke(database: Path, *args: str):
    return CliRunner().invoke(main, ["--database", str(database), "view", "--no-browser", *args])


@pytest.mark.slow
def test_it_shows_what_another_process_has_open_and_changes_nothing(database: Path):
    with Store.open(database) as store:
        store.set_task(store.create_session().id, TASK)
        command = [sys.executable, "-m", "mcp_server", "--database", str(database), "view"]
        with subprocess.Popen(
            [*command, "--no-browser"], stdout=subprocess.PIPE, text=True
        ) as shown:
            assert shown.stdout is not None
            line = shown.stdout.readline()
            address = next(word for word in line.split() if word.startswith("http://"))
            page = urllib.request.urlopen(address).read().decode()  # noqa: S310  # of this machine
            events = urllib.request.urlopen(f"{address}events")  # noqa: S310  # the same
            told = [events.readline() for _ in range(2)]
            store.set_task(store.create_session().id, {**TASK, "task": {"description": "Later."}})
            told += [events.readline() for _ in range(2)]
            events.close()
            later = urllib.request.urlopen(address).read().decode()  # noqa: S310  # the same
            shown.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
    assert "read only" in line
    assert "Sort tickets." in page
    assert "read only" in page
    assert "Later." in later
    assert told[2] == b"event: changed\n"


def test_without_a_database_it_says_so(tmp_path: Path):
    done = invoke(tmp_path / "none.db")
    assert done.exit_code == 2
    assert "is not there" in done.output


def test_a_port_that_is_taken_is_named(database: Path):
    Store.open(database).close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = invoke(database, "--port", port)
    assert done.exit_code == 2
    assert f"--port {port}: " in done.output


@pytest.mark.anyio
async def test_it_tells_nothing_of_what_only_a_server_knows(database: Path):
    Store.open(database).close()
    async with reading(database) as client:
        server = (await client.get("/server")).text
    assert "not checked by who only reads it" in server
    assert "No model is loaded here." in server
    for of_servers in ("sound", "Your steps that run", "The first figures come", "data-every"):
        assert of_servers not in server


@pytest.mark.anyio
@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be moved there")
async def test_a_database_that_was_replaced_is_not_shown_as_the_one_that_is_there(
    database: Path, tmp_path: Path
):
    for path, task in ((database, "Sort tickets."), (tmp_path / "other.db", "Name licences.")):
        with Store.open(path) as store:
            store.set_task(store.create_session().id, {**TASK, "task": {"description": task}})
    async with reading(database) as client:
        before = await client.get("/")
        (tmp_path / "other.db").replace(database)
        after = [await client.get(path) for path in ("/", "/tasks", "/server")]
        database.unlink()
        gone = await client.get("/")
    assert "Sort tickets." in before.text
    assert [answer.status_code for answer in (*after[:2], gone)] == [503] * 3
    for answer in (*after, gone):
        assert "was moved, deleted or replaced while it was open; open it again" in answer.text


@asynccontextmanager
async def reading(database: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the page that `view` serves."""
    app = Application(Settings(database=database))
    with Store.open_reader(database) as app.opened:
        transport = httpx2.ASGITransport(build_reader(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client
