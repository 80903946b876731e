"""Payloads in every text that a client or a person can send, and the pages that show them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from anyio.from_thread import start_blocking_portal
from mcp import Client

from bench.http_load import server
from bench.page.actions import unfold
from bench.page.browser import opened
from bench.page.made import caller
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Frame

    from bench.page.browser import Watched
    from bench.page.made import Call

OTHER = "another"
"""What a payload's other label is called."""
SHORT_CHARS = 190
"""Of labels, reasons and keys, which may have 200."""
PER_JOB = 50
SHOWN = 20
"""Faults that are told of."""
_MARKUP = """() => [
  ...document.querySelectorAll("[injected], injected"),
  ...[...document.querySelectorAll("[href], [src], [action], [formaction], [data]")].filter(
    each => ["href", "src", "action", "formaction", "data"].some(name =>
      /^[\\s\\u0000-\\u001f]*(javascript|data:text)/i.test(each.getAttribute(name) ?? ""))),
].map(each => each.outerHTML.slice(0, 200))"""


@dataclass(frozen=True)
class Planted:
    """A job in which every text is a payload, and a saved task for each; two steps for each too."""

    session: str
    texts: tuple[str, ...]
    tasks: tuple[str, ...]


async def planted(call: Call, texts: Sequence[str], first: int = 0) -> Planted:
    """A new job with some payloads, from number `first` on, in every text that a client sends."""
    session = (await call("set_task", task=texts[0]))["session_id"]
    here: dict[str, Any] = {"session_id": session}
    names = []
    for n, text in enumerate(texts, first):
        short = text[:SHORT_CHARS]
        await call("set_task", **here, task=text)
        found = await call("remember", **here, text=text, source=text)
        await call("pin_memory", **here, item_ids=found["item_ids"])
        free = await call("run_step", **here, input=text, step_key=short)
        asked = {"input": short, "task": text, "labels": [short, OTHER], "ask_below": 1.0}
        await call("run_step", **here, **asked, documents=[f"{n} {text}"])
        await call("checkpoint_memory", **here, label=short)
        await call("correct_step", **here, step=free["step"], output=f"{n} {text}")
        bad = await call("remember", **here, text=f"bad {text}", source=f"bad {text}")
        await call("quarantine_memory", **here, item_id=bad["item_ids"][0], reason=short)
        await call("quarantine_memory", **here, source=f"bad {text}", reason=short)
        await call("revoke_adapter", **here, adapter_digest=f"{n} {short}", reason=short)
        name = f"payload {n}"  # of a name letters and digits alone are taken
        kept = {"task": text, "labels": [short, OTHER]}
        await call("save_task", name=name, **kept, examples=[{"input": text, "output": short}])
        names.append(name)
    return Planted(session, tuple(texts), tuple(names))


def all_planted(database: Path, texts: Sequence[str]) -> list[Planted]:
    """A new database with jobs of 50 payloads each."""

    async def plant() -> list[Planted]:
        app = Application(Settings(database=database, engine="echo"))
        try:
            async with Client(build_server(app)) as client:
                call = caller(client)
                return [
                    await planted(call, texts[n : n + PER_JOB], n)
                    for n in range(0, len(texts), PER_JOB)
                ]
        finally:
            app.close()

    with start_blocking_portal() as portal:  # a browser may be driven from this thread
        return portal.call(plant)


def addresses(job: Planted) -> Iterator[str]:
    """Where a job's texts are shown, and where a view reads a text from its address."""
    here = f"/jobs/{job.session}"
    yield from ("/", "/tasks", f"/compare?a={job.session}&b={job.session}")
    for skip in range(0, 2 * len(job.texts), 50):
        yield from (f"{here}?after={skip}", f"{here}/memory?skip={skip}")
    for n in range(1, 2 * len(job.texts) + 1):
        yield f"{here}/steps/{n}"
    yield from (f"/tasks/{quote(name)}" for name in job.tasks)
    for n, text in enumerate(job.texts):  # each text in one place, each place in turn
        said = quote(text, safe="")
        yield (
            f"/?q={said}",
            f"/?skip={said}",
            f"/jobs/{said}",
            f"{here}/memory?source={said}",
            f"/tasks/{said}",
            f"/compare?a={said}&b={said}",
        )[n % 6]


def sent(watched: Watched, job: Planted, n: int) -> list[str]:
    """What is injected on the page that answers to payload `n` of a job, filled into a form."""
    page, text = watched.page, job.texts[n]
    path, action, field, value = (
        (f"/jobs/{job.session}", "/checkpoint", "label", text[:SHORT_CHARS]),
        (f"/tasks/{quote(job.tasks[0])}/~/try", "/try", "input", text),
        (f"/tasks/{quote(job.tasks[0])}/~/test", "/test", "examples", text),
    )[n % 3]
    watched.open(path)
    place = page.locator(f"form[action$='{action}'] [name={field}]").first
    unfold(place)
    place.fill(value)
    with page.expect_navigation():
        place.locator("xpath=ancestor::form").locator("button").first.click()
    return injected(watched)


def injected(watched: Watched, frame: Frame | None = None) -> list[str]:
    """What of a payload became markup on a page, or in a frame of it, or ran; empty: nothing."""
    found = [*(frame or watched.page).evaluate(_MARKUP), *watched.faults]
    watched.faults.clear()
    return found


def measure(browser: Browser, texts: Sequence[str]) -> dict[str, Any]:
    """Every page that shows the payloads, without the policy that would keep scripts from running.

    `injected` counts the pages on which one ran or became markup.
    """
    pages, found = 0, list[str]()
    with tempfile.TemporaryDirectory() as made_in:
        folder = Path(made_in)
        jobs = all_planted(folder / "memory.db", texts)
        with server(folder) as address, opened(browser, address, bypass_csp=True) as watched:
            for job in jobs:
                for path in addresses(job):
                    watched.open(path)
                    pages += 1
                    found += [f"{path}: {each}" for each in injected(watched)[:1]]
                for n, text in enumerate(job.texts):
                    pages += 1
                    found += [f"sent {text!r}: {each}" for each in sent(watched, job, n)[:1]]
    report = {"payloads": len(texts), "pages": pages, "injected": len(found)}
    return {**report, "injected_on": found[:SHOWN]}
