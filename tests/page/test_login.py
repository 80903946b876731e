"""Entering with an access token in a real browser, leaving, and what others' tokens show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.http_load import server
from bench.page.browser import Watched, opened, too_wide, unreached, violations
from bench.page.serving import tools_of
from mcp_server.http.tokens import add_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

ELSEWHERE = "http://127.0.0.1:8999/"  # the same machine, another server's
HTML = "text/html"

Guarded = tuple[str, dict[str, str]]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server with a job of each of two people; its address, and their tokens."""
    folder = tmp_path_factory.mktemp("guarded")
    tokens = {name: add_token(folder / "tokens", name) for name in ("alice", "bob")}
    with server(folder, "echo", "--tokens", str(folder / "tokens")) as address:
        for name, token in tokens.items():
            with tools_of(address, token) as call:
                call("set_task", task=f"Sort the tickets of {name}.")
        yield address, tokens


def enter(watched: Watched, token: str) -> None:
    watched.page.get_by_label("Access token").fill(token)
    with watched.page.expect_navigation():
        watched.page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_one_enters_once_sees_ones_own_and_leaves(
    browser: Browser, guarded: Guarded, scripts: bool
):
    address, tokens = guarded
    with opened(browser, address, java_script_enabled=scripts) as watched:
        page = watched.page
        assert watched.open("/?skip=0") == 401
        enter(watched, tokens["alice"])
        assert page.url == f"{address}/?skip=0"
        inside = page.inner_text("main")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(f"{address}/login")
        status = watched.open("/")
    assert "tickets of alice" in inside
    assert "bob" not in inside
    assert status == 401
    assert watched.faults == []


def test_a_wrong_token_is_told_and_no_script_can_read_a_right_one(
    browser: Browser, guarded: Guarded
):
    address, tokens = guarded
    with opened(browser, address) as watched:
        watched.open("/")
        enter(watched, "no token")
        told = watched.page.get_by_role("alert").inner_text()
        enter(watched, tokens["bob"])
        read = watched.page.evaluate("document.cookie")
        kept = {each["name"]: each for each in watched.page.context.cookies()}
    assert "not known here" in told
    assert read == ""
    assert kept["hypernet_mcp_token"]["httpOnly"]
    assert kept["hypernet_mcp_token"]["sameSite"] == "Strict"


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_the_form_that_asks_for_a_token_is_for_everybody(
    browser: Browser, guarded: Guarded, look: str
):
    address, _ = guarded
    with opened(browser, address, look) as watched:
        watched.open("/")
        assert (too_wide(watched.page), unreached(watched.page)) == ([], [])
        assert violations(watched.page) == []
        assert watched.faults == []


def test_a_form_on_another_site_changes_nothing(browser: Browser, guarded: Guarded):
    address, tokens = guarded
    with opened(browser, address) as watched:
        watched.open("/")
        enter(watched, tokens["alice"])
        form = f"<form method=post action='{address}/logout'><button>Win</button></form>"
        watched.page.route(ELSEWHERE, lambda route: route.fulfill(body=form, content_type=HTML))
        watched.page.goto(ELSEWHERE)
        with watched.page.expect_navigation(url=f"{address}/logout"):
            watched.page.get_by_role("button").click()
        told = watched.page.inner_text("body")
        status = watched.open("/")
    assert "another site" in told
    assert status == 200
