"""A step that runs, watched and cancelled in a real browser; the engine holds its third word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from held import Held

from bench.page.actions import unfold
from bench.page.browser import opened, too_wide, unreached, violations
from bench.page.serving import tools_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

INPUT = "first second third fourth"
MARKUP = "<b>bold</b> <img src=x onerror=alert(1)> third"


@dataclass(frozen=True)
class Running:
    """A server on which one job can run a step, which is held."""

    held: Held
    address: str
    job: str
    begin: Callable[[str], Future[dict[str, Any]]]


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    held = Held(folder, "generating")
    with (
        held.serving() as (_, address),
        tools_of(address) as call,
        ThreadPoolExecutor(1) as others,
    ):
        job = call("set_task", task="Repeat it.")["session_id"]

        def begin(text: str) -> Future[dict[str, Any]]:
            return others.submit(call, "run_step", session_id=job, input=text)

        try:
            yield Running(held, address, job, begin)
        finally:
            held.go()


def test_a_step_shows_its_text_as_it_comes_and_is_in_the_timeline_at_its_end(
    browser: Browser, tmp_path: Path
):
    with running(tmp_path) as at, opened(browser, at.address) as watched:
        page = watched.page
        watched.open(f"/jobs/{at.job}")
        step = at.begin(INPUT)
        written = page.locator("[data-text]")
        written.get_by_text("first second", exact=True).wait_for()
        found = (violations(page), too_wide(page), unreached(page))
        at.held.go()
        page.locator("#step-1").get_by_text(INPUT).first.wait_for()
        page.locator("[data-runs]").wait_for(state="detached")
        assert step.result()["step"] == 1
    assert found == ([], [], [])
    assert watched.faults == []


def test_what_a_running_step_writes_is_text_and_no_markup(browser: Browser, tmp_path: Path):
    with running(tmp_path) as at, opened(browser, at.address, bypass_csp=True) as watched:
        watched.open(f"/jobs/{at.job}")
        step = at.begin(MARKUP)
        watched.page.locator("[data-text]").get_by_text("<b>bold</b>").wait_for()
        at.held.go()
        watched.page.locator("#step-1").get_by_text("onerror").first.wait_for()
        step.result()
        markup = watched.page.locator("main b, main img").count()
    assert markup == 0
    assert watched.faults == []


def test_a_running_step_is_seen_and_cancelled_without_javascript(browser: Browser, tmp_path: Path):
    with (
        running(tmp_path) as at,
        opened(browser, at.address, java_script_enabled=False) as watched,
    ):
        page = watched.page
        step = at.begin(INPUT)
        while not page.locator("[data-text]").get_by_text("second").count():
            watched.open(f"/jobs/{at.job}")
        cancel = page.get_by_role("button", name="Cancel step 1", include_hidden=True)
        unfold(cancel)
        with page.expect_navigation():
            cancel.click()
        told = page.inner_text(".notice")
        with pytest.raises(RuntimeError, match="cancel"):
            step.result()
        watched.open(f"/jobs/{at.job}")
        left = page.inner_text("main")
    assert "was cancelled" in told
    assert "No step yet" in left
    assert watched.faults == []


def test_the_list_of_jobs_changes_by_itself(browser: Browser, tmp_path: Path):
    with running(tmp_path) as at, opened(browser, at.address) as watched:
        watched.open("/")
        with tools_of(at.address) as call:
            call("set_task", task="Begun while the page is open.")
        watched.page.get_by_text("Begun while the page is open.").wait_for()
    assert watched.faults == []
