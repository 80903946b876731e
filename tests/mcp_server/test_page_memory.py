"""A job's memory on the page: sources, items, marks, and who used what."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from serving import requests_to
from support import connected

from checkpoints import ItemDraft

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

SCRIPT = "<script>alert(1)</script>"
QUOTED = '"><img src=x onerror=alert(1)>'


async def test_sources_are_listed_a_page_at_a_time_and_lead_to_their_items(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    for number in range(120):
        app.store().remember(session, [ItemDraft(f"text {number}", f"{number:03}.md")])
    async with requests_to(app) as client:
        where = f"/jobs/{session}/memory"
        pages = [(await client.get(f"{where}?skip={skip}")).text for skip in (0, 50, 100)]
        items = (await client.get(where, params={"source": "007.md"})).text
    assert "120 sources" in pages[0]
    assert [("119.md" in p, "069.md" in p, "000.md" in p) for p in pages] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert [("?skip=50" in pages[0]), ("?skip=100" in pages[1]), ("?skip=50" in pages[2])] == [
        True, True, True,
    ]  # fmt: skip
    assert "text 7" in items


async def test_the_items_of_a_long_source_come_a_page_at_a_time(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    app.store().remember(session, [ItemDraft(f"piece {n:03}", "a & b.md") for n in range(70)])
    async with requests_to(app) as client:
        where = f"/jobs/{session}/memory"
        first = (await client.get(where, params={"source": "a & b.md"})).text
        onward = re.search(r'href="[^"?]*([^"]+)" rel="next"', first)
        assert onward is not None
        second = (await client.get(where + html.unescape(onward[1]))).text
    assert ("piece 024" in first, "piece 025" in first) == (True, False)
    assert ("piece 024" in second, "piece 025" in second) == (False, True)
    assert "piece 049" in second
    assert 'rel="prev"' in second


async def test_an_item_is_shown_whole_with_the_steps_that_used_it(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client, connected(app) as call:
        session = await call.begin()
        text = "Refunds take fourteen days. " + "More of it. " * 25 + "The very end."
        await call("remember", session_id=session, text=text, source="policy.md", pinned=True)
        for _ in range(2):
            await call("run_step", session_id=session, input="a b")
        item = app.store().contents.items(session, "policy.md")[0].item_id
        shown = (await client.get(f"/jobs/{session}/memory?item={item}")).text
    assert "The very end." in shown
    assert f'<a href="/jobs/{session}/steps/1">1</a>, ' in shown
    assert f'<a href="/jobs/{session}/steps/2">2</a>' in shown
    assert "pinned" in shown


async def test_marks_are_shown_with_what_they_hide(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client, connected(app) as call:
        session = await call.begin()
        await call("remember", session_id=session, text="Keep it short.", source="rules.md")
        await call("remember", session_id=session, text="Poison.", source="forum.html")
        item = app.store().contents.items(session, "rules.md")[0].item_id
        await call("pin_memory", session_id=session, item_ids=[item])
        await call("quarantine_memory", session_id=session, source="forum.html", reason="planted")
        shown = (await client.get(f"/jobs/{session}/memory")).text
        found = (await client.get(f"/jobs/{session}/memory?q=poison")).text
        source = (await client.get(f"/jobs/{session}/memory?source=forum.html")).text
    assert "Pinned (1)" in shown
    assert "Keep it short." in shown
    assert "In quarantine (1)" in shown
    assert "planted" in shown
    assert "Nothing like it" in found
    assert "in quarantine" in source
    assert "Poison." in source  # a person has to see what was kept out


async def test_what_users_wrote_is_never_markup_in_a_memory(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client:
        session = app.store().create_session().id
        app.store().set_task(session, {"task": {"description": SCRIPT}, "mode": "auto"})
        drafts = [
            ItemDraft(f"{SCRIPT} alert", f"{SCRIPT}{QUOTED}", place=SCRIPT),
            ItemDraft(f"{QUOTED} alert", QUOTED, place=QUOTED, origin="tool"),
        ]
        ids = app.store().remember(session, drafts).item_ids
        app.store().marks.pin(session, [ids[0]])
        app.store().marks.quarantine(session, item_id=ids[1], reason=QUOTED)
        app.store().marks.quarantine(session, source=QUOTED, reason=SCRIPT)
        app.store().revocations.revoke(session, "a" * 24, SCRIPT)
        where = f"/jobs/{session}/memory"
        pages = [
            (await client.get(where, params=query)).text
            for query in (
                {}, {"q": "alert"}, {"q": QUOTED}, {"item": str(ids[0])}, {"item": str(ids[1])},
                {"source": f"{SCRIPT}{QUOTED}"}, {"source": QUOTED}, {"source": SCRIPT},
            )
        ]  # fmt: skip
    for page in pages:
        assert SCRIPT not in page
        assert "<img" not in page
    assert all("&lt;script&gt;" in page for page in pages)


@pytest.mark.parametrize("kind", ['"', "\U0001f469\u200d\U0001f469\u200d\U0001f467", "&\n"])
async def test_a_memory_of_long_names_and_texts_has_small_pages(make_app: Maker, kind: str):
    app = make_app()
    store = app.store()
    session = store.create_session().id
    long = (kind * 1000)[:900]
    for number in range(60):
        name = f"{number} {long}"
        ids = store.remember(session, [ItemDraft(f"{n} {number} {long}", name) for n in "abc"])
        store.marks.pin(session, ids.item_ids[:1])
        store.marks.quarantine(session, item_id=ids.item_ids[1], reason=long[:190])
        store.revocations.revoke(session, f"{number:024x}", long[:190])
        store.checkpoint(session, long[:190])
    store.remember(session, [ItemDraft(f"{n} {long * 2}", "one", place=long) for n in range(60)])
    for name in ("one", f"7 {long}"):
        store.marks.quarantine(session, source=name, reason=long[:190])
    store.remember(session, [ItemDraft(long * 300, "huge")])
    huge = store.contents.items(session, "huge")[0].item_id
    async with requests_to(app) as client:
        sizes = [
            len((await client.get(f"/jobs/{session}{path}")).content)
            for path in (
                "", "/memory", "/memory?source=one", f"/memory?item={huge}", "/memory?of=1",
                "/memory?q=a", "/memory?skip=50",
            )
        ]  # fmt: skip
    assert max(sizes) <= 200_000, sizes


async def test_places_that_are_none_are_refused_by_name(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    async with requests_to(app) as client:
        answers = [
            await client.get(f"/jobs/{session}/memory?{query}")
            for query in (
                "item=9", "item=x", "item=-1", "skip=x", "of=9", "source=none.md", "source=",
            )
        ]  # fmt: skip
        unknown = [await client.get(f"/jobs/{each}/memory") for each in ("A" * 32, "..", "é")]
    assert [each.status_code for each in answers] == [400, 400, 400, 400, 400, 404, 404]
    assert all(each.status_code == 404 for each in unknown)
