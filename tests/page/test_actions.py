"""Every action of the page, pressed in a real browser, with JavaScript and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.http_load import server
from bench.page import made
from bench.page.actions import ACTIONS, run
from bench.page.browser import Watched, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from bench.page.actions import Action
    from bench.page.made import Job

    Steered = tuple[Watched, Job, Path]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=[True, False], ids=["scripts", "no scripts"])
def steered(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Steered]:
    folder = tmp_path_factory.mktemp("steered")
    job = made.small(folder / "memory.db")
    with (
        server(folder) as address,
        opened(browser, address, java_script_enabled=request.param) as watched,
    ):
        yield watched, job, folder / "memory.db"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_an_action_does_what_its_tool_does_and_says_so(steered: Steered, action: Action):
    watched, job, database = steered
    assert run(action, watched, job, database) == []
