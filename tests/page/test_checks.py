"""What the checks of the views find: a page with a mistake is never taken for a good one."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pytest

from bench.page.browser import Watched, opened, too_wide, unreached, violations, words
from bench.page.injection import injected
from bench.page.payloads import ways

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><head><title>A page</title></head><body><main>
<h1>A page</h1>{}</main></body></html>"""


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    with opened(browser, "http://127.0.0.1", "phone") as found:
        yield found


def test_a_good_page_passes_all_of_them(watched: Watched):
    watched.page.set_content(PAGE.format("<p>Well.</p><a href='#a'>a</a>"))
    page = watched.page
    assert (violations(page), too_wide(page), unreached(page), injected(watched)) == ([],) * 4


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<p style='color: #999; background: #aaa'>Hardly to be read.</p>", "color-contrast"),
        ("<input>", "label"),
        ("<h2>One</h2><h4>Three</h4>", "heading-order"),
        ("<img src='data:,'>", "image-alt"),
    ],
)
def test_what_shuts_people_out_is_found(watched: Watched, body: str, rule: str):
    watched.page.set_content(PAGE.format(body))
    assert any(found.startswith(f"{rule} ") for found in violations(watched.page))


def test_a_page_that_is_wider_than_the_phone_is_found(watched: Watched):
    watched.page.set_content(
        PAGE.format("<meta name=viewport content='width=device-width'>" + "wide" * 200)
    )
    assert too_wide(watched.page)


@pytest.mark.parametrize(
    "body",
    [
        "<a href='#a' tabindex='-1'>a</a>",
        "<a href='#a'>a</a><a href='#b' style='outline: none'>b</a>",
        "<details><summary tabindex='-1'>More</summary><button>b</button></details>",
    ],
)
def test_what_the_keyboard_does_not_reach_or_show_is_found(watched: Watched, body: str):
    watched.page.set_content(PAGE.format(body))
    assert unreached(watched.page)


def test_what_is_folded_is_opened_by_the_keyboard_on_the_way(watched: Watched):
    body = "<details><summary>More</summary><button>b</button></details><button>c</button>"
    watched.page.set_content(PAGE.format(body))
    assert unreached(watched.page) == []
    assert watched.page.locator("details").get_attribute("open") is not None


def test_moments_are_no_words_and_everything_else_that_is_shown_is(watched: Watched):
    body = "<p>Seen <time>on 1 May</time> <span hidden>not</span></p>"
    watched.page.set_content(PAGE.format(body))
    assert words(watched.page) == ["A", "Seen", "page"]


def test_every_payload_is_found_where_it_is_not_escaped(watched: Watched):
    missed = []
    for payload in ways():
        watched.page.set_content(PAGE.format(unescaped(payload)), wait_until="commit")
        if not injected(watched):
            missed.append(payload)
    assert missed == []


def test_no_payload_is_found_where_it_is_escaped(watched: Watched):
    found = []
    for payload in ways():
        watched.page.set_content(PAGE.format(unescaped(escape(payload))), wait_until="commit")
        found += injected(watched)
    assert found == []


def unescaped(text: str) -> str:
    """A text in each kind of place that a payload knows a way out of."""
    return (
        f"<p>{text}</p><p title=\"{text}\">x</p><p title='{text}'>x</p><!-- {text} -->"
        f"<textarea>{text}</textarea><select><option>{text}</option></select>"
    )
