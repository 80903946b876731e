"""No view and no action is left out of what is driven in a browser: this needs none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from bench.page.actions import ACTIONS
from bench.page.made import Job
from bench.page.views import VIEWS
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.page.routes import routes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.routing import Route

JOB = Job("session", "fork", "checkpoint", 3, 4, 5, "source", "adapter")
# Driven in tests of their own: what runs, what is learned by a model, who may enter.
ELSEWHERE = {"cancel", "stop"}
NO_VIEWS = ("/events", "/static/", "/login")


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[list[Route]]:
    app = Application(Settings(database=tmp_path / "memory.db", engine="echo"))
    yield routes(app)
    app.close()


def test_every_view_is_in_the_table(paths: list[Route]):
    shown = [unquote(view.of(JOB).partition("?")[0]) for view in VIEWS]
    left_out = [
        route.path
        for route in paths
        if "GET" in (route.methods or ()) and not route.path.startswith(NO_VIEWS)
        if not any(route.path_regex.match(path) for path in shown)
    ]
    assert left_out == []


def test_every_action_is_in_the_table(paths: list[Route]):
    driven = {found[1] for each in ACTIONS if (found := re.search(r"\$='/(\w+)'", each.button))}
    posted = {route.path.rpartition("/")[2] for route in paths if "POST" in (route.methods or ())}
    assert posted - driven - ELSEWHERE == set()
