"""`hypernet-mcp view`: the page on a database, beside the server that has it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from checkpoints import Store
from mcp_server.cli.main import main

if TYPE_CHECKING:
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
