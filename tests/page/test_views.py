"""Every view in a real browser: light, dark, on a phone, by keyboard, without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.http_load import server
from bench.page import made
from bench.page.browser import LOOKS, opened
from bench.page.serving import tools_of, viewed
from bench.page.views import VIEWS, Found, looked_at, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from bench.page.made import Job
    from bench.page.views import View

    Shown = tuple[str, Job]

pytestmark = pytest.mark.browser

NOTHING = Found([], [])
each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)


@each_view
@pytest.mark.parametrize("look", LOOKS)
def test_a_view_fits_is_reached_by_keyboard_and_shuts_nobody_out(
    browser: Browser, shown: Shown, view: View, look: str
):
    address, job = shown
    assert looked_at(browser, address, view, job, look) == NOTHING


@each_view
def test_a_view_says_the_same_without_javascript(browser: Browser, shown: Shown, view: View):
    address, job = shown
    assert unreadable(browser, address, view, job) == []


def test_moments_are_put_into_the_readers_zone(browser: Browser, shown: Shown):
    address, _ = shown
    texts = []
    for zone in ("Asia/Tokyo", "America/New_York"):
        with opened(browser, address, timezone_id=zone) as watched:
            watched.open("/")
            moment = watched.page.locator("time").first
            texts.append(moment.inner_text())
            assert moment.get_attribute("title").endswith("UTC")
    assert texts[0] != texts[1]


def test_a_reader_shows_every_view_and_offers_no_change(browser: Browser, tmp_path: Path):
    database = tmp_path / "memory.db"
    job = made.small(database)
    wrong = {}
    with viewed(database) as address, opened(browser, address) as watched:
        for view in VIEWS:
            status = watched.open(view.of(job))
            forms = watched.page.locator("form[method=post]").count()
            if status != view.status or forms or watched.faults:
                wrong[view.name] = (status, forms, watched.faults)
    assert wrong == {}


@pytest.mark.model
@pytest.mark.timeout(1200)
def test_with_the_real_model_every_view_is_shown(browser: Browser, tmp_path: Path):
    job = made.small(tmp_path / "memory.db", "torch")
    with server(tmp_path, "torch") as address:
        wrong = {
            view.name: found
            for view in VIEWS
            if (found := looked_at(browser, address, view, job, "light")) != NOTHING
        }
    assert wrong == {}


@pytest.mark.model
@pytest.mark.timeout(600)
def test_learning_shows_how_far_it_is_and_is_stopped_without_javascript(
    browser: Browser, tmp_path: Path
):
    address_of_task = f"/tasks/{made.DAYS}"
    task = {"name": made.DAYS, "task": made.NAMING, "examples": made.DAY_EXAMPLES, "copy": True}
    with (
        server(tmp_path, "torch") as address,
        tools_of(address) as call,
        opened(browser, address, java_script_enabled=False) as watched,
    ):
        page = watched.page
        call("save_task", **task)
        watched.open(address_of_task)
        with page.expect_navigation():
            page.get_by_role("button", name="Learn now").click()
        while not page.get_by_role("progressbar").count():  # the model is loaded first
            watched.open(address_of_task)
        with page.expect_navigation():
            page.get_by_role("button", name="Stop learning").click()
        told = page.inner_text(".notice")
    assert "It stops" in told
    assert watched.faults == []
