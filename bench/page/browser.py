"""A real Chromium, and what is wrong with a page that it shows.

Playwright drives the system's own browser; axe, which looks for what shuts people out, comes from
npm. Where one of the three is missing, `missing` says which, and how it is had.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Dialog,
        Frame,
        Page,
        Request,
    )

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".node" / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE_WIDTH = 390
DESK = {"width": 1280, "height": 900}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": DESK},
    "dark": {"color_scheme": "dark", "viewport": DESK},
    "phone": {
        "color_scheme": "light",
        "viewport": {"width": PHONE_WIDTH, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}
CONTROLS = (
    "a[href], button, input:not([type=hidden]), select, textarea, summary, "
    "[tabindex]:not([tabindex='-1'])"
)
MOST_TABS = 2_000

_TOO_WIDE = """() => {
  const root = document.documentElement, room = root.clientWidth;
  if (root.scrollWidth <= room) return [];
  const out = [...document.body.querySelectorAll("*")].filter(
    each => each.getBoundingClientRect().right > room + 1 && !each.closest(".scrolls, .unseen"));
  return [`${root.scrollWidth} px wide, of ${room}: ${out.at(-1)?.outerHTML.slice(0, 160)}`];
}"""
# Numbers each control, so that those that the keyboard came to can be told from the others.
_NUMBERED = """controls => {
  const shown = [...document.querySelectorAll(controls)].filter(
    each => !each.disabled && each.checkVisibility({ visibilityProperty: true }));
  window.numbered = window.numbered ?? new Map();
  for (const each of shown)
    if (!window.numbered.has(each)) window.numbered.set(each, window.numbered.size);
  return shown.map(each => [
    window.numbered.get(each),
    each.type === "radio" ? `radio ${each.name}` : "",
    each.outerHTML.slice(0, 120),
  ]);
}"""
_FOCUSED = """controls => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  if (!window.numbered.has(at)) window.numbered.set(at, window.numbered.size);
  const look = getComputedStyle(at);
  return {
    number: window.numbered.get(at),
    closed: at.matches("summary") && !at.parentElement.open,
    seen: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 1,
    html: at.outerHTML.slice(0, 120),
  };
}"""


def missing() -> str | None:
    """What of Playwright, Chromium and axe is not here, and what installs it; None: all is."""
    if find_spec("playwright") is None:
        return "Playwright is missing: `make browser` installs it"
    if executable() is None:
        return "Chromium is missing: `apt-get install chromium` (or CHROMIUM=/path/to/it)"
    if not axe_file().exists():
        return "axe is missing: `make browser` installs it, where npm is"
    return None


def executable() -> str | None:
    """The system's Chromium, or the one that CHROMIUM names."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def axe_file() -> Path:
    """Where axe is, whether or not it is there."""
    return Path(os.environ.get("AXE", AXE))


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable())
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page in a browser, and what happened on it that must not.

    Errors of scripts, what the policy of the content kept out, windows that a script opened,
    requests that failed or went to other servers.
    """

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("dialog", self._asked)
        self.page.on("request", self._requested)

    def _said(self, message: ConsoleMessage) -> None:
        # A page that says that something is not there has its status, which is no fault of it.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _requested(self, request: Request) -> None:
        asked, own = urlsplit(request.url), urlsplit(self.address)
        if asked.scheme in ("http", "https", "ws", "wss") and asked.netloc != own.netloc:
            self.faults.append(f"request to {asked.netloc}")

    def open(self, path: str) -> int:
        """Go to a path of the server's, until its style acts; the answer's status.

        Without scripts a page's content is there before its style is, and reads otherwise then.
        """
        response = self.page.goto(f"{self.address}{path}", wait_until="load")
        return 0 if response is None else response.status


@contextmanager
def opened(
    browser: Browser, address: str, look: str = "light", **options: Any
) -> Iterator[Watched]:
    """A page of a new visitor's; `options` as Playwright's new_context has them."""
    context: BrowserContext = browser.new_context(**{**LOOKS[look], "locale": "en-GB", **options})
    context.set_default_timeout(15_000)
    try:
        yield Watched(context.new_page(), address)
    finally:
        context.close()


def violations(page: Page | Frame) -> list[str]:
    """What axe finds, one line for each rule that a page breaks, with the first places."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']} ({each['impact']}): {each['help']}; {len(each['nodes'])} places, first "
        f"{[node['html'][:160] for node in each['nodes'][:2]]}"
        for each in found["violations"]
    ]


@cache
def _axe() -> str:
    return axe_file().read_text(encoding="utf-8")


def too_wide(page: Page | Frame) -> list[str]:
    """That a page has to be scrolled sideways; empty: it need not."""
    return list(page.evaluate(_TOO_WIDE))


def unreached(page: Page) -> list[str]:
    """Controls that the Tab key does not come to, or that do not look focused there.

    What is folded is opened by the Enter key on the way.
    """
    page.evaluate(_NUMBERED, CONTROLS)
    page.evaluate("document.activeElement?.blur()")
    reached: set[int] = set()
    unseen: list[str] = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = page.evaluate(_FOCUSED, CONTROLS)
        if at is None:  # past the last one; a page may have begun in its middle
            continue
        if at["number"] in reached:
            break
        reached.add(at["number"])
        if not at["seen"]:
            unseen.append(f"focus not seen: {at['html']}")
        if at["closed"]:
            page.keyboard.press("Enter")
    controls = page.evaluate(_NUMBERED, CONTROLS)
    groups = {group for number, group, _ in controls if group and number in reached}
    lost = [
        f"not reached: {html}"
        for number, group, html in controls
        if number not in reached and group not in groups
    ]
    return unseen + lost


def words(page: Page) -> list[str]:
    """The words that a page shows, but for moments, which are put into the reader's zone."""
    text = page.evaluate(
        """() => {
          const copy = [...document.querySelectorAll("time")].map(each => each.innerText);
          let text = document.querySelector("main").innerText;
          for (const each of copy) text = text.replace(each, " ");
          return text;
        }"""
    )
    return sorted(set(str(text).split()))
